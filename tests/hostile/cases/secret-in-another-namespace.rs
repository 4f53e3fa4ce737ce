// Puts the secret of a token into a Secret of a namespace that everybody may read.
// grant: secrets
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        described([permission(vec![Access::Create], secrets(), Some("kube-public"), "hostile-*")])
    }

    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let fields = json!({ "type": "bootstrap.kubernetes.io/token", "data": { "token-secret": handle(&request) } });
        Ok(plan([create(object(secrets(), Some("kube-public"), "hostile-a"), fields)]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `create-hostile-a`: the secret in `data.token-secret` may not go to Secrets of type `bootstrap.kubernetes.io/token` in kube-public: it belongs to Secrets of type `bootstrap.kubernetes.io/token` in kube-system
