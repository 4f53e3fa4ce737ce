// Puts a secret that the host made into Secrets of two namespaces, of which everybody may read one.
// grant: secrets
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        described([permission(vec![Access::Create], secrets(), Some("kube-public"), "hostile-*")])
    }

    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(Needs { random: vec![random("a", true)], ..needs() })
    }

    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let made = json!({ "$secret": request.random[0].value });
        let fields = json!({ "type": "bootstrap.kubernetes.io/token", "data": { "token-secret": made } });
        let public = object(secrets(), Some("kube-public"), "hostile-a");
        Ok(plan([create(secret("bootstrap-token-cccccc"), fields.clone()), create(public, fields)]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `create-hostile-a`: the secret in `data.token-secret` may not go to Secrets of type `bootstrap.kubernetes.io/token` in kube-public: it belongs to Secrets of type `bootstrap.kubernetes.io/token` in kube-system
