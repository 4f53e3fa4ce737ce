//! A phase that answers as its question says: the parameters hold the answers.

use exports::kubephase::phase::phase::Guest;
use exports::kubephase::phase::types::{Description, Failure, Needs, Plan, Request};
use serde::Deserialize;

wit_bindgen::generate!({ world: "phase-component", path: "../../../wit/0.1.0", additional_derives: [serde::Deserialize] });

/// The parameters.
#[derive(Deserialize)]
struct Script {
    need: Result<Needs, Failure>,
    plan_for: Result<Plan, Failure>,
}

impl Script {
    fn of(request: &Request) -> Result<Self, Failure> {
        serde_json::from_str(&request.parameters).map_err(|error| Failure::Other(format!("no script: {error}")))
    }
}

struct Mirror;

impl Guest for Mirror {
    fn describe() -> Description {
        let [id, version, summary] = ["fuzz.mirror", "0.0.0", "Answers what it is asked to answer"].map(str::to_owned);
        Description { id, version, summary, tasks: Vec::new() }
    }

    fn need(request: Request) -> Result<Needs, Failure> {
        Script::of(&request)?.need
    }

    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Script::of(&request)?.plan_for
    }
}

export!(Mirror);
