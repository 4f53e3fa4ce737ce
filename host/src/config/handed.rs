//! The part of a configuration file that a phase receives, and that therefore appears in plans and recordings: the fields that
//! say which tokens are wanted, for which release and at which address. The same files also hold certificate keys, flags of
//! components and documents of other programs.

use serde_json::{Map, Value, json};

/// The API group of kubeadm's documents.
const GROUP: &str = "kubeadm.k8s.io/";

/// What is passed on of a value. For a value of the wrong type its type remains, so that the phase can report the error.
enum Handed {
    /// A string.
    Text,
    /// A number.
    Number,
    /// A token, of any type: it is hidden later.
    Token,
    /// A list of such values.
    List(&'static Self),
    /// An object with only these fields.
    Object(&'static [(&'static str, Self)]),
}

/// An entry of `bootstrapTokens` (kubeadm's `app/apis/bootstraptoken/v1`).
const TOKEN: Handed = Handed::Object(&[
    ("token", Handed::Token),
    ("description", Handed::Text),
    ("ttl", Handed::Text),
    ("expires", Handed::Text),
    ("usages", Handed::List(&Handed::Text)),
    ("groups", Handed::List(&Handed::Text)),
]);

/// What is passed on for each kind of kubeadm (`app/apis/kubeadm`). For all other documents it is only the type.
const KINDS: [(&str, Handed); 2] = [
    (
        "InitConfiguration",
        Handed::Object(&[
            ("bootstrapTokens", Handed::List(&TOKEN)),
            ("localAPIEndpoint", Handed::Object(&[("bindPort", Handed::Number)])),
        ]),
    ),
    ("ClusterConfiguration", Handed::Object(&[("controlPlaneEndpoint", Handed::Text), ("kubernetesVersion", Handed::Text)])),
];

/// The fields with the type of a document. kubeadm ignores the case of their names, and reads numbers and booleans as strings.
const TYPE: [&str; 2] = ["apiVersion", "kind"];

/// The part of a document that a phase needs.
pub(super) fn handed(document: Value) -> Value {
    let Value::Object(mut fields) = document else { return blank(&document) };
    let is_type = |name: &str| TYPE.iter().any(|of| name.eq_ignore_ascii_case(of));
    let named: Map<String, Value> =
        fields.iter().filter(|(name, _)| is_type(name)).map(|(name, value)| (name.clone(), scalar(value))).collect();
    let text = |name: &str| {
        let any_case = || named.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        named.get(name).or_else(any_case).and_then(Value::as_str).unwrap_or_default()
    };
    let kind = KINDS.iter().find(|(kind, _)| text("apiVersion").starts_with(GROUP) && text("kind") == *kind);
    let mut kept = Map::new();
    if let Some((_, Handed::Object(members))) = kind {
        kept.extend(members.iter().filter_map(|(name, of)| Some(((*name).to_owned(), of.of(fields.remove(*name)?)))));
    }
    kept.extend(named);
    Value::Object(kept)
}

impl Handed {
    fn of(&self, value: Value) -> Value {
        match (self, value) {
            (Self::Token, value) | (Self::Text, value @ Value::String(_)) | (Self::Number, value @ Value::Number(_)) => value,
            (Self::List(of), Value::Array(items)) => items.into_iter().map(|item| of.of(item)).collect(),
            (Self::Object(members), Value::Object(mut fields)) => {
                members.iter().filter_map(|(name, of)| Some(((*name).to_owned(), of.of(fields.remove(*name)?)))).collect()
            }
            (_, value) => blank(&value),
        }
    }
}

/// An empty value of the same type.
fn blank(value: &Value) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::Bool(_) => json!(false),
        Value::Number(_) => json!(0),
        Value::String(_) => json!(""),
        Value::Array(_) => json!([]),
        Value::Object(_) => json!({}),
    }
}

fn scalar(value: &Value) -> Value {
    match value {
        Value::Array(_) | Value::Object(_) => blank(value),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::handed;
    use serde_json::json;

    #[test]
    fn only_what_a_phase_needs_is_handed_on() {
        let secret = "s3cr3t";
        let init = json!({ "apiVersion": "kubeadm.k8s.io/v1beta4", "kind": "InitConfiguration" });
        let mut with = init.clone();
        with["certificateKey"] = json!(secret);
        with["nodeRegistration"] = json!({ "kubeletExtraArgs": [{ "name": "a", "value": secret }] });
        with["localAPIEndpoint"] = json!({ "bindPort": 6443, "advertiseAddress": secret });
        with["bootstrapTokens"] =
            json!([{ "ttl": "1h", "groups": ["a", 7, { "b": secret }], "note": secret, "description": [secret] }, secret]);
        let mut expected = init;
        expected["localAPIEndpoint"] = json!({ "bindPort": 6443 });
        expected["bootstrapTokens"] = json!([{ "ttl": "1h", "groups": ["a", 0, {}], "description": [] }, ""]);
        assert_eq!(handed(with), expected);
        let cluster = |group: &str| {
            json!({
                "apiVersion": format!("{group}/v1beta4"), "kind": "ClusterConfiguration", "kubernetesVersion": "v1.37.2",
                "apiServer": { "extraArgs": { "service-account-key": secret } }, "etcd": { "external": { "keyFile": secret } },
            })
        };
        let name = |group: &str| json!({ "apiVersion": format!("{group}/v1beta4"), "kind": "ClusterConfiguration" });
        let mut expected = name("kubeadm.k8s.io");
        expected["kubernetesVersion"] = json!("v1.37.2");
        assert_eq!(handed(cluster("kubeadm.k8s.io")), expected);
        // A group with only the same prefix is a different group.
        assert_eq!(handed(cluster("kubeadm.k8s.io.example")), name("kubeadm.k8s.io.example"));
        for (document, expected) in [
            (
                json!({ "apiVersion": "v1", "kind": "Secret", "data": { "a": secret } }),
                json!({ "apiVersion": "v1", "kind": "Secret" }),
            ),
            (json!({ "APIVERSION": "a/v1", "Kind": 7, "resources": [secret] }), json!({ "APIVERSION": "a/v1", "Kind": 7 })),
            (json!({ "apiVersion": { "a": secret }, "kind": [secret] }), json!({ "apiVersion": {}, "kind": [] })),
            (json!([secret]), json!([])),
            (json!(secret), json!("")),
            (json!(null), json!(null)),
        ] {
            assert_eq!(handed(document), expected);
        }
    }
}
