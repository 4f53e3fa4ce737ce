// Makes a secret the name of an object.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Ok(plan([create(config_map(&handle(&request).to_string()), json!({}))]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: name `{"$secret":"s1","classes":["lower","digit"],"distinct":16,"length":16}` is not valid: must be 1 to 253 characters allowed in a URL path segment, without `*`, and not `.` or `..`
