//! The task `rotate`: two tokens of one name take turns, so that whoever is given the newer one always has one that is good for a while.
//! kubeadm has nothing like it.
//!
//! Each call does what is due by the cluster alone, so that it goes on after a crash, and two at once do the same. The ids of the tokens are
//! the name with `0` and `1`: there are never more than two, and of two that create the next one the API server takes the first.

use super::Task;
use crate::abi::{
    Access, Action, Failure, Moment, Needs, ObjectRef, Operation, Output, Part, Permission, Plan, Precondition, Problem, Request,
    Selector,
};
use crate::handle::Text;
use crate::input::{Field, GivenToken, TokenSpec, after, parameters, parse_time, read_lifetime, read_token};
use crate::observed::Observed;
use crate::permission::{SHOWN, tokens};
use crate::token::{self, SECRET_TYPE};
use alloc::{borrow::ToOwned, format, string::String, string::ToString, vec, vec::Vec};
use chrono::{DateTime, FixedOffset};
use serde_json::{Value, json};

pub(super) const TASK: Task = Task {
    name: "rotate",
    summary: "make the next token of a name when half the life of this one is over",
    parameters: PARAMETERS,
    permissions,
    need,
    plan_for,
};

/// Read by [`Rotation::read`].
const PARAMETERS: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "required": ["name", "ttl", "overlap"],
  "properties": {
    "name": { "type": "string", "description": "5 lower case letters and digits; the ids of its tokens are these with 0 and 1" },
    "ttl": { "type": "string", "description": "how long a token lives, a Go duration above 0" },
    "overlap": { "type": "string", "description": "how long the older token lives once the newer one is handed out, at most half of ttl" },
    "handedOut": { "type": "string", "description": "the id of the token that machines are given now" },
    "groups": { "type": "array", "items": { "type": "string" }, "description": "of a token that is created" },
    "description": { "type": "string", "description": "of a token that is created" }
  }
}"#;

/// The label of a token's Secret with the name of its rotation: any other token is left alone.
const LABEL: &str = "bootstrap-token.kubectl/rotation";
/// The key of the end.
const EXPIRATION: &str = "expiration";
/// The name of the random string.
const SECRET_HALF: &str = "secret";

type Time = DateTime<FixedOffset>;

/// What is asked for.
struct Rotation {
    /// The ids of its two tokens.
    ids: [String; 2],
    /// The name.
    name: String,
    now: Time,
    /// Nanoseconds.
    ttl: i64,
    /// Nanoseconds.
    overlap: i64,
    /// The token that machines are given now.
    handed_out: Option<String>,
    /// A token that is created, but for its halves and its end.
    token: TokenSpec,
}

/// One of the two tokens.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// It does not exist, or has expired.
    Over,
    /// It is good until then; for ever if somebody took its end away.
    Living(Option<Time>),
}

impl Rotation {
    /// Fails with [`Failure::InvalidInput`] for a name of which no ids can be made, and for times that could need a third token.
    fn read(request: &Request) -> Result<Self, Failure> {
        let mut problems = Vec::new();
        let parameters = parameters(request)?;
        let parameters = Field::root(&parameters);
        let name = parameters.member("name").string(&mut problems).unwrap_or_default().to_owned();
        if name.len() != 5 || !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
            problems.push(
                parameters
                    .member("name")
                    .problem("must be 5 lower case letters and digits: the ids of its tokens end with 0 and 1"),
            );
        }
        let ttl = read_lifetime(parameters.member("ttl"), &mut problems);
        let overlap = read_lifetime(parameters.member("overlap"), &mut problems);
        if problems.is_empty() && ttl <= 0 {
            problems.push(parameters.member("ttl").problem("must be above 0: a token that is never over is never rotated"));
        }
        if problems.is_empty() && !(0..=ttl / 2).contains(&overlap) {
            problems.push(parameters.member("overlap").problem("must be 0 to half of the lifetime: then the next token is made"));
        }
        let handed_out = parameters.member("handedOut").string(&mut problems).map(ToOwned::to_owned);
        let token = read_token(parameters, &request.now, &mut problems);
        let now = parse_time(&request.now).ok_or_else(|| Failure::Other("the time of the request is none".to_owned()))?;
        let ids = [format!("{name}0"), format!("{name}1")];
        if problems.is_empty() {
            Ok(Self { ids, name, now, ttl, overlap, handed_out, token })
        } else {
            Err(Failure::InvalidInput(problems))
        }
    }

    fn secrets(&self) -> [ObjectRef; 2] {
        [&self.ids[0], &self.ids[1]].map(|id| token::secret_of(id))
    }

    /// Fails with [`Failure::InvalidInput`] for a token that is not of this rotation.
    fn turn(&self, target: &ObjectRef, observed: &Observed) -> Result<Turn, Failure> {
        let Some(secret) = observed.get(target) else { return Ok(Turn::Over) };
        let label = secret.get("metadata").and_then(|metadata| metadata.get("labels")?.get(LABEL)?.as_str());
        if label != Some(self.name.as_str()) || secret.get("type").and_then(Value::as_str) != Some(SECRET_TYPE) {
            let message =
                format!("secrets \"{}\" exists, and was not made by `rotate {}`: choose another name", target.name, self.name);
            return Err(Failure::InvalidInput(vec![Problem { path: String::new(), message }]));
        }
        let end = secret.get("stringData").and_then(|data| data.get(EXPIRATION)?.as_str());
        Ok(match end {
            None => Turn::Living(None),
            // What is no time is over for the API server.
            Some(text) => match parse_time(text).filter(|end| *end > self.now) {
                Some(end) => Turn::Living(Some(end)),
                None => Turn::Over,
            },
        })
    }

    /// The time after this many nanoseconds.
    fn later(&self, nanoseconds: i64) -> String {
        after(self.now, nanoseconds).unwrap_or_default()
    }

    fn is_fresh(&self, end: Time) -> bool {
        (end - self.now).num_nanoseconds().is_none_or(|left| left >= self.ttl / 2)
    }
}

fn permissions() -> Vec<Permission> {
    use Access::{Create, Read, Update};
    vec![tokens(&[Read, Create, Update], &SHOWN)]
}

/// The Secrets of both tokens, and a secret half.
///
/// # Errors
/// Those of [`Rotation::read`].
fn need(request: &Request) -> Result<Needs, Failure> {
    let rotation = Rotation::read(request)?;
    let reads = rotation.secrets().into_iter().map(Selector::One).collect();
    Ok(Needs { reads, random: vec![token::secret_half(SECRET_HALF)] })
}

/// What is due, and which token machines should be given.
///
/// # Errors
/// Those of [`need`] and of [`Rotation::turn`]; [`Failure::Other`] if the secret half was not drawn.
fn plan_for(request: &Request) -> Result<Plan, Failure> {
    let rotation = Rotation::read(request)?;
    let observed = Observed::of(request);
    let secrets = rotation.secrets();
    let turns = [rotation.turn(&secrets[0], &observed)?, rotation.turn(&secrets[1], &observed)?];
    let mut operations = Vec::new();
    let current = match newest(&turns) {
        None => {
            operations.extend(next(&rotation, 0, request, &observed)?);
            0
        }
        Some((newer, end)) => {
            let older = 1 - newer;
            let is_handed_out = rotation.handed_out.as_ref() == rotation.ids.get(newer);
            let is_older_there = turns.get(older).is_some_and(|turn| *turn != Turn::Over);
            if is_handed_out {
                operations.extend(shortened(&rotation, older, turns.get(older).copied()));
            }
            match end {
                Some(end) if rotation.is_fresh(end) => newer,
                // Nobody has it yet, or a third would be needed.
                _ if end.is_none() || !is_handed_out || is_older_there => {
                    operations.push(ends(&rotation, newer, rotation.later(rotation.ttl)));
                    newer
                }
                _ => {
                    operations.extend(next(&rotation, older, request, &observed)?);
                    older
                }
            }
        }
    };
    let current = rotation.ids.get(current).cloned().unwrap_or_default();
    let outputs = vec![Output { name: "current".to_owned(), when: Moment::After, value: vec![Part::Text(current)] }];
    Ok(Plan { operations, findings: Vec::new(), notes: Vec::new(), outputs })
}

/// The living token that ends last, and when.
fn newest(turns: &[Turn; 2]) -> Option<(usize, Option<Time>)> {
    match turns {
        [Turn::Over, Turn::Over] => None,
        [Turn::Living(end), Turn::Over] => Some((0, *end)),
        [Turn::Over, Turn::Living(end)] => Some((1, *end)),
        [Turn::Living(first), Turn::Living(second)] => {
            let is_second = second.is_none() || first.is_some_and(|first| second.is_some_and(|second| second > first));
            Some(if is_second { (1, *second) } else { (0, *first) })
        }
    }
}

/// The next token in this place, with another secret half.
fn next(rotation: &Rotation, place: usize, request: &Request, observed: &Observed) -> Result<Vec<Operation>, Failure> {
    let half = request.random.iter().find(|value| value.name == SECRET_HALF);
    let half = half.ok_or_else(|| Failure::Other("the random string for the token is missing".to_owned()))?;
    let id = rotation.ids.get(place).cloned().unwrap_or_default();
    let halves = GivenToken { id, secret: Text::Hidden(half.value.clone()) };
    let token = TokenSpec { expiration: Some(rotation.later(rotation.ttl)), ..rotation.token.clone() };
    let mut desired = token::desired_secret(&token, &halves, observed);
    desired.labels = vec![(LABEL, rotation.name.clone())];
    Ok(desired.operations(observed))
}

/// Ends the older token after the overlap, unless it ends before that anyway.
fn shortened(rotation: &Rotation, older: usize, turn: Option<Turn>) -> Option<Operation> {
    let limit = rotation.later(rotation.overlap);
    let is_longer = match turn? {
        Turn::Over => false,
        Turn::Living(None) => true,
        Turn::Living(Some(end)) => parse_time(&limit).is_some_and(|limit| end > limit),
    };
    is_longer.then(|| ends(rotation, older, limit))
}

/// Another end for one of the tokens.
fn ends(rotation: &Rotation, place: usize, end: String) -> Operation {
    let id = rotation.ids.get(place).cloned().unwrap_or_default();
    let target = token::secret_of(&id);
    Operation {
        id: format!("secrets/{}", target.name),
        target,
        action: Action::MergePatch(json!({ "stringData": { EXPIRATION: end } }).to_string()),
        when: Precondition::AsObserved,
        after: Vec::new(),
        reason: format!("bootstrap token `{id}`"),
    }
}
