// Lists by a label selector that would be another parameter of the URL.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(lists(secrets(), Some("kube-system"), "a=b&watch=true&limit=1#"))
    }
}

hostile!(Case);

// exit: 2
// error: a folder does not support the selector `a=b&watch=true&limit=1#`
