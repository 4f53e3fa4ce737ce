// Declares to revoke any binding, and to delete any.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        described([Permission { access: vec![Access::Revoke, Access::Delete], ..revoking() }])
    }
}

hostile!(Case);
