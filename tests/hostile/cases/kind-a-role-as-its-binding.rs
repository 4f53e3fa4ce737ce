// Declares bindings as if they were roles: one would be shown and the other deleted.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let (of, namespace) = (resource("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRole"), None);
        described([permission(vec![Access::Read, Access::Revoke], of, namespace, "hostile-a")])
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: kind `ClusterRole` is not valid: must be the kind that Kubernetes serves under this plural
