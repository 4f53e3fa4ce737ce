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
// error: the phase gave an answer that is not valid: pattern `*` is not valid: it must be a name, or the start of names and a `*`
