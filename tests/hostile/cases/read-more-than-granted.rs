// Reads a token that it declared, of which another one was granted.
// grant: narrow
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([secret("bootstrap-token-bbbbbb")]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   read secrets (Secret) in kube-system named `bootstrap-token-bbbbbb`: not granted
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
//     - bootstrap-token-*
//     reveal:
//     - token-id
//     - description
//     - expiration
//     - usage-bootstrap-*
//     - auth-extra-groups
//     reason: a test
