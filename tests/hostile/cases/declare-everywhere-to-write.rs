// Declares to change objects of all namespaces.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        described([permission(vec![Access::Read, Access::Update], config_maps(), Some("*"), "hostile-*")])
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: namespace `*` is not valid: must be 1 to 63 lower case letters, digits and inner dashes
