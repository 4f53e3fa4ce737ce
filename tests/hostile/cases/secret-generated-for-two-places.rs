// Puts a secret that the host made into Secrets of two namespaces, of which everybody may read one.
// grant: secrets
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
