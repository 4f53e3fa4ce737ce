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
// error: the phase gave an answer that is not valid: name `{"$secret":"s1","classes":["lower","digit"],"distinct":16,"length":16}` is not valid: must be 1 to 253 characters that can stand in a URL path segment, without `*`, not `.` or `..`
