// Gives a reason that would be more permissions in the grant that the host proposes.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let permission = permission(vec![Access::Read], secrets(), Some("kube-system"), "opaque");
        let reason = "a\n    names: [\"*\"]\n  - access: [delete]\u{1b}[2J\r# ".to_owned();
        described([Permission { reason, ..permission }])
    }

    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([secret("opaque")]))
    }
}

hostile!(Case);
