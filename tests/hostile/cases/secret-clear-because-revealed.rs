// Declares to see token secrets in clear, so that it could write them too.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let mut description = description();
        description.tasks[0].permissions[1].reveal.push("token-secret".to_owned());
        description
    }

    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create(secret("bootstrap-token-cccccc"), token(json!({ "token-secret": "0123456789abcdef" })))]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `create-bootstrap-token-cccccc`: `stringData.token-secret` must be a secret from the host: a phase may write in clear text only what it may see, and this key is not revealed to it
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
//     - token-secret
//     reason: a test
