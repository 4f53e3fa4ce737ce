// Declares roles as if they were bindings.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let (of, namespace) = (resource("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRoleBinding"), None);
        described([permission(vec![Access::Read, Access::Revoke], of, namespace, "hostile-a")])
    }
}

hostile!(Case);
