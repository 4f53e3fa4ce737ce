// Reads a Secret that it declared; nobody granted it.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        described([permission(vec![Access::Read], secrets(), Some("kube-system"), "opaque")])
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
//     reason: a test
