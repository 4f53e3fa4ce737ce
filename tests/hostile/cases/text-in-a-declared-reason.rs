// Gives a reason that would be more permissions in the grant that the host proposes.
#![no_main]
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

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   read secrets (Secret) in kube-system named `opaque`: not granted
//   hint: if that is right, write this grant to a file and pass it with --grant FILE:
// apiVersion: bootstrap-token.kubectl/v1alpha1
// kind: Grant
// tasks:
// - name: apply
//   permissions:
//   - access:
//     - read
//     group: ""
//     version: v1
//     resource: secrets
//     kind: Secret
//     namespace: kube-system
//     names:
//     - opaque
//     reason: "a\n    names: [\"*\"]\n  - access: [delete]\e[2J\r# "
