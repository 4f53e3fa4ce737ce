// Deletes all bindings that it was granted to revoke.
// grant: revoke
// harmless: it says which ones, and they can be put back
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        described([revoking()])
    }

    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(lists(viewers().of, None, ""))
    }

    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let objects = request.observed.iter().flat_map(|answer| &answer.objects);
        let names = objects.map(|json| serde_json::from_str::<Value>(json).expect("JSON")["metadata"]["name"].clone());
        let names: Vec<String> = names.filter_map(|name| name.as_str().map(str::to_owned)).collect();
        let ours = names.iter().filter(|name| name.starts_with("hostile-"));
        Ok(plan(ours.map(|name| operation(name, cluster_role_binding(name), Action::Delete, Precondition::AsObserved))))
    }
}

hostile!(Case);

// exit: 0
// clusterrolebinding.rbac.authorization.k8s.io/hostile-viewers deleted
// the folder `DIR`: no cluster is changed
// the folder `DIR`: no cluster is changed
// undo with: kubectl bootstrap-token apply --plan HOME/.local/state/kubectl-bootstrap-token/undo/20300101T000000Z-PLACE-7c9564c0faf1.json --against dir:DIR --phase PHASE --grant HERE/grants/revoke.yaml
// written: binding.yaml
