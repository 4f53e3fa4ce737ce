// A name that is empty: the path of all objects.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([secret("")]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: name `` is not valid: must be 1 to 253 characters allowed in a URL path segment, without `*`, and not `.` or `..`
