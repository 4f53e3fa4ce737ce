//! The resources of Kubernetes itself: plural, kind and scope.
//!
//! The groups of 1.22 to 1.37 as API servers list them (`/api/v1`, `/apis/GROUP/VERSION`); `tests/cluster` compares them with a
//! real API server. If a plural could be combined with the wrong kind, the user would be shown one kind while the request goes to
//! the other; and `watch` and `proxy`, which stand in paths where plurals do, are not plurals.

use super::Scope::{self, Cluster, Namespaced};

/// A resource in a group of Kubernetes.
pub struct KnownKind {
    /// The API group; empty for the core group.
    pub group: &'static str,
    /// The plural name, as in URLs.
    pub plural: &'static str,
    /// The kind, as in `kind:`.
    pub kind: &'static str,
    /// Whether its objects are namespaced.
    pub scope: Scope,
}

/// The resource with this plural; `None` if its group has no such plural.
pub(super) fn known(group: &str, plural: &str) -> Option<&'static KnownKind> {
    KNOWN.iter().find(|known| known.group == group && known.plural == plural)
}

/// Whether a group belongs to Kubernetes.
pub(super) fn is_known_group(group: &str) -> bool {
    KNOWN.iter().any(|known| known.group == group)
}

const fn row(group: &'static str, plural: &'static str, kind: &'static str, scope: Scope) -> KnownKind {
    KnownKind { group, plural, kind, scope }
}

/// All resources, by group and plural.
#[rustfmt::skip]
pub const KNOWN: &[KnownKind] = &[
    row("", "bindings", "Binding", Namespaced),
    row("", "componentstatuses", "ComponentStatus", Cluster),
    row("", "configmaps", "ConfigMap", Namespaced),
    row("", "endpoints", "Endpoints", Namespaced),
    row("", "events", "Event", Namespaced),
    row("", "limitranges", "LimitRange", Namespaced),
    row("", "namespaces", "Namespace", Cluster),
    row("", "nodes", "Node", Cluster),
    row("", "persistentvolumeclaims", "PersistentVolumeClaim", Namespaced),
    row("", "persistentvolumes", "PersistentVolume", Cluster),
    row("", "pods", "Pod", Namespaced),
    row("", "podtemplates", "PodTemplate", Namespaced),
    row("", "replicationcontrollers", "ReplicationController", Namespaced),
    row("", "resourcequotas", "ResourceQuota", Namespaced),
    row("", "secrets", "Secret", Namespaced),
    row("", "serviceaccounts", "ServiceAccount", Namespaced),
    row("", "services", "Service", Namespaced),
    row("admissionregistration.k8s.io", "mutatingadmissionpolicies", "MutatingAdmissionPolicy", Cluster),
    row("admissionregistration.k8s.io", "mutatingadmissionpolicybindings", "MutatingAdmissionPolicyBinding", Cluster),
    row("admissionregistration.k8s.io", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration", Cluster),
    row("admissionregistration.k8s.io", "validatingadmissionpolicies", "ValidatingAdmissionPolicy", Cluster),
    row("admissionregistration.k8s.io", "validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding", Cluster),
    row("admissionregistration.k8s.io", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration", Cluster),
    row("apiextensions.k8s.io", "customresourcedefinitions", "CustomResourceDefinition", Cluster),
    row("apiregistration.k8s.io", "apiservices", "APIService", Cluster),
    row("apps", "controllerrevisions", "ControllerRevision", Namespaced),
    row("apps", "daemonsets", "DaemonSet", Namespaced),
    row("apps", "deployments", "Deployment", Namespaced),
    row("apps", "replicasets", "ReplicaSet", Namespaced),
    row("apps", "statefulsets", "StatefulSet", Namespaced),
    row("authentication.k8s.io", "selfsubjectreviews", "SelfSubjectReview", Cluster),
    row("authentication.k8s.io", "tokenreviews", "TokenReview", Cluster),
    row("authorization.k8s.io", "localsubjectaccessreviews", "LocalSubjectAccessReview", Namespaced),
    row("authorization.k8s.io", "selfsubjectaccessreviews", "SelfSubjectAccessReview", Cluster),
    row("authorization.k8s.io", "selfsubjectrulesreviews", "SelfSubjectRulesReview", Cluster),
    row("authorization.k8s.io", "subjectaccessreviews", "SubjectAccessReview", Cluster),
    row("autoscaling", "horizontalpodautoscalers", "HorizontalPodAutoscaler", Namespaced),
    row("batch", "cronjobs", "CronJob", Namespaced),
    row("batch", "jobs", "Job", Namespaced),
    row("certificates.k8s.io", "certificatesigningrequests", "CertificateSigningRequest", Cluster),
    row("certificates.k8s.io", "clustertrustbundles", "ClusterTrustBundle", Cluster),
    row("certificates.k8s.io", "podcertificaterequests", "PodCertificateRequest", Namespaced),
    row("coordination.k8s.io", "leasecandidates", "LeaseCandidate", Namespaced),
    row("coordination.k8s.io", "leases", "Lease", Namespaced),
    row("discovery.k8s.io", "endpointslices", "EndpointSlice", Namespaced),
    row("events.k8s.io", "events", "Event", Namespaced),
    row("extensions", "ingresses", "Ingress", Namespaced),
    row("flowcontrol.apiserver.k8s.io", "flowschemas", "FlowSchema", Cluster),
    row("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations", "PriorityLevelConfiguration", Cluster),
    row("internal.apiserver.k8s.io", "storageversions", "StorageVersion", Cluster),
    row("lifecycle.k8s.io", "evictionrequests", "EvictionRequest", Namespaced),
    row("lifecycle.k8s.io", "evictions", "Eviction", Namespaced),
    row("networking.k8s.io", "clustercidrs", "ClusterCIDR", Cluster),
    row("networking.k8s.io", "ingressclasses", "IngressClass", Cluster),
    row("networking.k8s.io", "ingresses", "Ingress", Namespaced),
    row("networking.k8s.io", "ipaddresses", "IPAddress", Cluster),
    row("networking.k8s.io", "networkpolicies", "NetworkPolicy", Namespaced),
    row("networking.k8s.io", "servicecidrs", "ServiceCIDR", Cluster),
    row("node.k8s.io", "runtimeclasses", "RuntimeClass", Cluster),
    row("policy", "poddisruptionbudgets", "PodDisruptionBudget", Namespaced),
    row("policy", "podsecuritypolicies", "PodSecurityPolicy", Cluster),
    row("rbac.authorization.k8s.io", "clusterrolebindings", "ClusterRoleBinding", Cluster),
    row("rbac.authorization.k8s.io", "clusterroles", "ClusterRole", Cluster),
    row("rbac.authorization.k8s.io", "rolebindings", "RoleBinding", Namespaced),
    row("rbac.authorization.k8s.io", "roles", "Role", Namespaced),
    row("resource.k8s.io", "deviceclasses", "DeviceClass", Cluster),
    row("resource.k8s.io", "devicetaintrules", "DeviceTaintRule", Cluster),
    row("resource.k8s.io", "podschedulingcontexts", "PodSchedulingContext", Namespaced),
    row("resource.k8s.io", "podschedulings", "PodScheduling", Namespaced),
    row("resource.k8s.io", "resourceclaimparameters", "ResourceClaimParameters", Namespaced),
    row("resource.k8s.io", "resourceclaims", "ResourceClaim", Namespaced),
    row("resource.k8s.io", "resourceclaimtemplates", "ResourceClaimTemplate", Namespaced),
    row("resource.k8s.io", "resourceclasses", "ResourceClass", Cluster),
    row("resource.k8s.io", "resourceclassparameters", "ResourceClassParameters", Namespaced),
    row("resource.k8s.io", "resourcepoolstatusrequests", "ResourcePoolStatusRequest", Cluster),
    row("resource.k8s.io", "resourceslices", "ResourceSlice", Cluster),
    row("scheduling.k8s.io", "compositepodgroups", "CompositePodGroup", Namespaced),
    row("scheduling.k8s.io", "podgroups", "PodGroup", Namespaced),
    row("scheduling.k8s.io", "priorityclasses", "PriorityClass", Cluster),
    row("scheduling.k8s.io", "workloads", "Workload", Namespaced),
    row("storage.k8s.io", "csidrivers", "CSIDriver", Cluster),
    row("storage.k8s.io", "csinodes", "CSINode", Cluster),
    row("storage.k8s.io", "csistoragecapacities", "CSIStorageCapacity", Namespaced),
    row("storage.k8s.io", "storageclasses", "StorageClass", Cluster),
    row("storage.k8s.io", "volumeattachments", "VolumeAttachment", Cluster),
    row("storage.k8s.io", "volumeattributesclasses", "VolumeAttributesClass", Cluster),
    row("storagemigration.k8s.io", "storageversionmigrations", "StorageVersionMigration", Cluster),
];
