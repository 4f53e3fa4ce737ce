// Deletes another object first, so that its creation looks like one anew.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let delete = operation("delete", config_map("hostile-other"), Action::Delete, Precondition::Any);
        let create = create(config_map("hostile-present"), json!({ "data": { "a": "overwritten" } }));
        Ok(plan([delete, after(["delete"], create)]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `create-hostile-present`: it creates an object that already exists
