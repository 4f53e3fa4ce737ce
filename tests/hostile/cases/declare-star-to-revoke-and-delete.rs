// Declares to revoke any binding, and to delete any.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        described([Permission { access: vec![Access::Revoke, Access::Delete], ..revoking() }])
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: pattern `*` is not valid: must be a name, or a prefix followed by `*`
