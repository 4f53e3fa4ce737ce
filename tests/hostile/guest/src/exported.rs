//! The exports of every case, which lead to what [`crate::hostile`] defines.

use exports::kubephase::phase::phase::Guest;
use exports::kubephase::phase::types::{Description, Failure, Needs, Plan, Request};

wit_bindgen::generate!({ world: "phase-component", path: "../../../wit/0.2.0" });

unsafe extern "Rust" {
    safe fn hostile_describe() -> Description;
    safe fn hostile_need(request: Request) -> Result<Needs, Failure>;
    safe fn hostile_plan_for(request: Request) -> Result<Plan, Failure>;
}

struct Exported;

impl Guest for Exported {
    fn describe() -> Description {
        hostile_describe()
    }

    fn need(request: Request) -> Result<Needs, Failure> {
        hostile_need(request)
    }

    fn plan_for(request: Request) -> Result<Plan, Failure> {
        hostile_plan_for(request)
    }
}

export!(Exported);
