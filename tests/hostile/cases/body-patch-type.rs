// A patch that makes a token Secret one of another type.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([patch(secret("bootstrap-token-aaaaaa"), json!({ "type": "Opaque" }))]))
    }
}

hostile!(Case);

// exit: 2
// error: The Secret "bootstrap-token-aaaaaa" is invalid: type: field is immutable
