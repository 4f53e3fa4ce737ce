// Says that the input is wrong, with a secret in the text.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Err(Failure::InvalidInput(vec![Problem { path: "a".to_owned(), message: handle(&request).to_string() }]))
    }
}

hostile!(Case);

// exit: 2
// error: a: {"$secret":"s1","classes":["lower","digit"],"distinct":16,"length":16}
