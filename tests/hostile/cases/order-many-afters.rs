// An operation waits for a million others.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let wait = operation("b", config_map("hostile-a"), Action::Delete, Precondition::Any);
        Ok(plan([
            create(config_map("hostile-a"), json!({})),
            Operation { after: vec!["create-hostile-a".to_owned(); 1_000_000], ..wait },
        ]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an answer of more than 16777216 bytes
//   hint: allow more with --limit result=64Mi
