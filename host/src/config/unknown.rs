//! Fields that kubeadm does not know: it warns of them and goes on (`app/util/config/strict/strict.go`), and a token under a misspelt name
//! would be another one, made at random.

use kubephase_core::name::shortened;
use serde_json::{Map, Value};

/// A field, and the first and the last version that has it: `v1beta2` is 2.
type Field = (&'static str, u8, u8);

/// The newest version.
const NEWEST: u8 = 4;

/// The fields of an `InitConfiguration` (`app/apis/kubeadm/*/types.go`).
const INIT: &[Field] = &[
    ("bootstrapTokens", 2, NEWEST),
    ("nodeRegistration", 2, NEWEST),
    ("localAPIEndpoint", 2, NEWEST),
    ("certificateKey", 2, NEWEST),
    ("skipPhases", 3, NEWEST),
    ("patches", 3, NEWEST),
    ("dryRun", 4, NEWEST),
    ("timeouts", 4, NEWEST),
];

/// The fields of a `ClusterConfiguration`.
const CLUSTER: &[Field] = &[
    ("etcd", 2, NEWEST),
    ("networking", 2, NEWEST),
    ("kubernetesVersion", 2, NEWEST),
    ("controlPlaneEndpoint", 2, NEWEST),
    ("apiServer", 2, NEWEST),
    ("controllerManager", 2, NEWEST),
    ("scheduler", 2, NEWEST),
    ("dns", 2, NEWEST),
    ("certificatesDir", 2, NEWEST),
    ("imageRepository", 2, NEWEST),
    ("useHyperKubeImage", 2, 2),
    ("featureGates", 2, NEWEST),
    ("clusterName", 2, NEWEST),
    ("proxy", 4, NEWEST),
    ("encryptionAlgorithm", 4, NEWEST),
    ("certificateValidityPeriod", 4, NEWEST),
    ("caCertificateValidityPeriod", 4, NEWEST),
];

/// The fields of an entry of `bootstrapTokens` (`app/apis/bootstraptoken/v1/types.go`).
const TOKEN: &[Field] = &[
    ("token", 2, NEWEST),
    ("description", 2, NEWEST),
    ("ttl", 2, NEWEST),
    ("expires", 2, NEWEST),
    ("usages", 2, NEWEST),
    ("groups", 2, NEWEST),
];

/// How different a name may be for a slip of the finger.
const SLIP: usize = 2;

/// The kinds of a configuration file, each by its group (`app/apis/kubeadm`, `app/componentconfigs`).
const KINDS: [(&str, &[&str]); 3] = [
    (
        "kubeadm.k8s.io",
        &["InitConfiguration", "ClusterConfiguration", "JoinConfiguration", "ResetConfiguration", "UpgradeConfiguration"],
    ),
    ("kubelet.config.k8s.io", &["KubeletConfiguration"]),
    ("kubeproxy.config.k8s.io", &["KubeProxyConfiguration"]),
];

/// That a document is not of a kind that kubeadm knows: it warns of it and goes on (`app/util/config/initconfiguration.go`), and the tokens of
/// an `InitConfig` would be others, made at random. What has no group or no kind is refused by the phase.
pub(super) fn ignored(document: &Value) -> Option<String> {
    let text = |name: &str| document.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let (version, kind) = (text("apiVersion")?, text("kind")?);
    let (group, _) = version.split_once('/')?;
    let kinds = KINDS.iter().find(|(known, _)| *known == group).map_or(&[][..], |(_, kinds)| kinds);
    if kinds.contains(&kind) {
        return None;
    }
    let is_meant = |known: &&&str| known.starts_with(kind) || strsim::damerau_levenshtein(known, kind) <= SLIP;
    let hint = kinds.iter().find(is_meant).map(|known| format!("; did you mean `{known}`?")).unwrap_or_default();
    let (version, kind) = (shortened(version), shortened(kind));
    Some(format!("the document `{version}, {kind}` is not of a kind that kubeadm knows, so it is ignored{hint}"))
}

/// What is wrong with the names of a document's fields: of each that kubeadm does not know one sentence. Other kinds, and versions that are
/// not known here, are left to the phase.
pub(super) fn unknown(document: &Value) -> Vec<String> {
    let text = |name: &str| document.get(name).and_then(Value::as_str).unwrap_or_default();
    let version = match text("apiVersion").strip_prefix("kubeadm.k8s.io/v1beta") {
        Some("2") => 2,
        Some("3") => 3,
        Some("4") => 4,
        _ => return Vec::new(),
    };
    let known = match text("kind") {
        "InitConfiguration" => INIT,
        "ClusterConfiguration" => CLUSTER,
        _ => return Vec::new(),
    };
    let Some(fields) = document.as_object() else { return Vec::new() };
    let head = fields.iter().filter(|(name, _)| !["apiVersion", "kind"].contains(&name.as_str()));
    let mut found: Vec<String> = head.filter_map(|(name, _)| sentence(text("kind"), name, known, version)).collect();
    let tokens = document.get("bootstrapTokens").and_then(Value::as_array).filter(|_| text("kind") == "InitConfiguration");
    for (index, token) in tokens.into_iter().flatten().enumerate() {
        let names = token.as_object().into_iter().flat_map(Map::keys);
        found.extend(names.filter_map(|name| sentence(&format!("bootstrapTokens[{index}]"), name, TOKEN, version)));
    }
    found
}

fn sentence(place: &str, name: &str, known: &[Field], version: u8) -> Option<String> {
    let mut fields = known.iter().filter(|(_, first, last)| (*first..=*last).contains(&version)).map(|(field, ..)| *field);
    if fields.clone().any(|field| field == name) {
        return None;
    }
    let meant = fields.find(|field| strsim::damerau_levenshtein(&field.to_lowercase(), &name.to_lowercase()) <= SLIP);
    let meant = meant.map(|field| format!("; did you mean `{field}`?")).unwrap_or_default();
    // A token in place of a name, as if by an extra colon, is not repeated.
    let name = if name.contains('.') { "…" } else { name };
    Some(format!("{place} does not have the field `{name}` in v1beta{version}, so it is ignored{meant}"))
}

#[cfg(test)]
mod tests {
    use super::{ignored, unknown};
    use serde_json::json;

    #[test]
    fn documents_of_other_kinds_are_named_with_the_nearest_one() {
        for (version, kind, said) in [
            ("kubeadm.k8s.io/v1beta4", "InitConfiguration", None),
            ("kubeadm.k8s.io/v1beta3", "JoinConfiguration", None),
            ("kubelet.config.k8s.io/v1beta1", "KubeletConfiguration", None),
            ("kubeadm.k8s.io/v1beta4", "InitConfig", Some("did you mean `InitConfiguration`?")),
            ("kubeadm.k8s.io/v1beta4", "ClusterConfigurations", Some("did you mean `ClusterConfiguration`?")),
            ("kubeadm.k8s.io/v1beta4", "KubeletConfiguration", Some("so it is ignored")),
            (
                "example.com/v1",
                "InitConfiguration",
                Some("`example.com/v1, InitConfiguration` is not of a kind that kubeadm knows, so it is ignored"),
            ),
            // The phase refuses them.
            ("v1", "Pod", None),
            ("kubeadm.k8s.io/v1beta4", "", None),
        ] {
            let found = ignored(&json!({ "apiVersion": version, "kind": kind }));
            assert_eq!(found.is_some(), said.is_some(), "{version} {kind}: {found:?}");
            assert!(said.is_none_or(|said| found.unwrap_or_default().ends_with(said)), "{version} {kind}");
        }
    }

    #[test]
    fn a14_fields_that_kubeadm_does_not_know_are_named_with_the_nearest_one() {
        let init = |version: u8, field: &str| json!({ "apiVersion": format!("kubeadm.k8s.io/v1beta{version}"), "kind": "InitConfiguration", field: [] });
        let cluster = |version: u8, field: &str| json!({ "apiVersion": format!("kubeadm.k8s.io/v1beta{version}"), "kind": "ClusterConfiguration", field: 1 });
        let token = |field: &str| {
            let token = json!({ field: "x" });
            json!({ "apiVersion": "kubeadm.k8s.io/v1beta4", "kind": "InitConfiguration", "bootstrapTokens": [{}, token] })
        };
        let nothing = "";
        for (document, expected) in [
            (init(4, "bootstrapTokens"), nothing),
            (
                init(4, "bootstrapToken"),
                "InitConfiguration does not have the field `bootstrapToken` in v1beta4, so it is ignored; did you mean `bootstrapTokens`?",
            ),
            (
                init(4, "BootstrapTokens"),
                "InitConfiguration does not have the field `BootstrapTokens` in v1beta4, so it is ignored; did you mean `bootstrapTokens`?",
            ),
            (init(3, "timeouts"), "InitConfiguration does not have the field `timeouts` in v1beta3, so it is ignored"),
            (init(4, "timeouts"), nothing),
            (init(2, "patches"), "InitConfiguration does not have the field `patches` in v1beta2, so it is ignored"),
            (cluster(2, "useHyperKubeImage"), nothing),
            (
                cluster(3, "useHyperKubeImage"),
                "ClusterConfiguration does not have the field `useHyperKubeImage` in v1beta3, so it is ignored",
            ),
            (
                cluster(4, "kubernetesversion"),
                "ClusterConfiguration does not have the field `kubernetesversion` in v1beta4, so it is ignored; did you mean `kubernetesVersion`?",
            ),
            (
                token("descripton"),
                "bootstrapTokens[1] does not have the field `descripton` in v1beta4, so it is ignored; did you mean `description`?",
            ),
            (token("abcdef.0123456789abcdef"), "bootstrapTokens[1] does not have the field `…` in v1beta4, so it is ignored"),
            (json!({ "apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration", "x": 1 }), nothing),
            (json!({ "apiVersion": "kubeadm.k8s.io/v1beta9", "kind": "InitConfiguration", "x": 1 }), nothing),
            (json!(["a"]), nothing),
        ] {
            assert_eq!(unknown(&document).join("\n"), expected, "{document}");
        }
    }
}
