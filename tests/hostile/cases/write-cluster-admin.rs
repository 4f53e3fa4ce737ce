// Makes everybody an administrator, without having declared it.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let role = json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin" });
        let everybody = json!([{ "apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "system:anonymous" }]);
        Ok(plan([create(cluster_role_binding("hostile-admin"), json!({ "roleRef": role, "subjects": everybody }))]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   create clusterrolebindings.rbac.authorization.k8s.io (ClusterRoleBinding) named `hostile-admin`: the phase does not declare it
