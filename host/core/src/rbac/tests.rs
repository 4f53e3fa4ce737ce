//! The rules that plans need. How the API server applies them is tested in `tests/cluster/rbac.rs`.

use super::{Doing, Naming, Needed, Subject};
use crate::name::{Namespace, ObjectName};
use crate::object::{ApiResource, Object, ObjectRef};
use crate::selector::{ListRef, Selector};
use crate::snapshot::Snapshot;
use crate::write::{Expected, Verb, Write};
use serde_json::{Value, json};

fn kind(plural: &str) -> ApiResource {
    let (group, kind) = match plural {
        "configmaps" => ("", "ConfigMap"),
        "secrets" => ("", "Secret"),
        "roles" => ("rbac.authorization.k8s.io", "Role"),
        "rolebindings" => ("rbac.authorization.k8s.io", "RoleBinding"),
        "clusterroles" => ("rbac.authorization.k8s.io", "ClusterRole"),
        _ => ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
    };
    ApiResource::parse(group, "v1", plural, kind).unwrap()
}

/// `plural/name`, or `plural/namespace/name`.
fn reference(text: &str) -> ObjectRef {
    let parts: Vec<&str> = text.split('/').collect();
    let namespace = (parts.len() == 3).then(|| Namespace::parse(parts[1]).unwrap());
    ObjectRef { of: kind(parts[0]), namespace, name: ObjectName::parse(parts[parts.len() - 1]).unwrap() }
}

fn write(text: &str, verb: impl Fn(serde_json::Map<String, Value>) -> Verb, body: &Value) -> Write {
    Write { target: reference(text), verb: verb(body.as_object().unwrap().clone()), expected: Expected::Any }
}

/// Objects that were read, or null for a missing one.
fn snapshot(objects: &[(&str, Value)]) -> Snapshot {
    let mut snapshot = Snapshot::default();
    for (text, object) in objects {
        let found = object.as_object().map(|fields| Object::new(fields.clone())).into_iter().collect();
        snapshot.insert(Selector::One(reference(text)), found);
    }
    snapshot
}

fn needed(snapshot: &Snapshot, writes: &[Write], drawn: &[&str]) -> Needed {
    let reads: Vec<&Selector> = snapshot.iter().map(|(selector, _)| selector).collect();
    let writes: Vec<&Write> = writes.iter().collect();
    Doing { reads: &reads, urls: &[], extra: &[], writes: &writes, snapshot, drawn }.needed()
}

/// One line per rule: `scope: verbs resources [names]`.
fn lines(needed: &Needed) -> Vec<String> {
    let naming = Naming { name: ObjectName::parse("x").unwrap(), subjects: vec![Subject::User("u".to_owned())] };
    let list = |value: &Value| {
        let texts = value.as_array().into_iter().flatten().map(|text| text.as_str().unwrap().to_owned());
        texts.collect::<Vec<_>>().join(",")
    };
    let mut lines = Vec::new();
    for object in needed.objects(&naming) {
        let scope = object["metadata"]["namespace"].as_str().unwrap_or("cluster").to_owned();
        for rule in object["rules"].as_array().into_iter().flatten() {
            let names =
                if rule["resourceNames"].is_null() { String::new() } else { format!(" {}", list(&rule["resourceNames"])) };
            lines.push(format!("{scope}: {} {}{names}", list(&rule["verbs"]), list(&rule["resources"])));
        }
    }
    lines
}

const NODES: &str = r#"[{"apiGroups":[""],"resources":["nodes"],"verbs":["get"]}]"#;

fn role(rules: &str) -> Value {
    json!({ "metadata": { "name": "r" }, "rules": serde_json::from_str::<Value>(rules).unwrap() })
}

fn binding(role: &str) -> Value {
    json!({ "metadata": { "name": "b" }, "roleRef": { "kind": "ClusterRole", "name": role }, "subjects": [] })
}

#[test]
fn reads_and_writes_of_objects() {
    let known = snapshot(&[("configmaps/a/one", json!({})), ("configmaps/a/two", Value::Null), ("secrets/a/one", json!({}))]);
    let writes = [
        write("configmaps/a/one", Verb::MergePatch, &json!({ "data": {} })),
        write("configmaps/a/two", Verb::Create, &json!({})),
        write("configmaps/a/one", Verb::Apply, &json!({})),
        write("configmaps/b/new", Verb::Apply, &json!({})),
        write("configmaps/b/new", Verb::Replace, &json!({})),
        write("secrets/a/one", |_| Verb::Delete, &json!({})),
    ];
    assert_eq!(
        lines(&needed(&known, &writes, &[])),
        [
            "a: create configmaps",
            "a: get,patch configmaps one",
            "a: get configmaps two",
            "a: delete,get secrets one",
            "b: create,patch,update configmaps new",
        ]
    );
}

#[test]
fn a_list_has_a_name_only_by_its_field_selector() {
    for (fields, expected) in [
        ("", "a: list secrets"),
        ("type=x", "a: list secrets"),
        ("metadata.name=x", "a: list secrets x"),
        ("type=y,metadata.name==x", "a: list secrets x"),
        ("metadata.name!=x", "a: list secrets"),
        ("metadata.namespace=x", "a: list secrets"),
    ] {
        let mut known = Snapshot::default();
        let namespace = Some(Namespace::parse("a").unwrap());
        let list = ListRef { of: kind("secrets"), namespace, labels: "a=b".to_owned(), fields: fields.to_owned() };
        known.insert(Selector::Many(list), Vec::new());
        assert_eq!(lines(&needed(&known, &[], &[])), [expected]);
    }
}

#[test]
fn a_role_is_written_by_whoever_holds_its_rules() {
    let write_of = |verb: fn(serde_json::Map<String, Value>) -> Verb, body: &Value| [write("clusterroles/r", verb, body)];
    let aggregated = json!({ "aggregationRule": { "clusterRoleSelectors": [{}] }, "rules": [] });
    let gone = json!({ "aggregationRule": null, "rules": [] });
    let finalizers = json!({ "metadata": { "finalizers": ["a/b"] } });
    let labels = json!({ "metadata": { "labels": { "a": "b" } } });
    for (before, writes, expected) in [
        (Value::Null, write_of(Verb::Create, &role(NODES)), &["get nodes", "create clusterroles", "get clusterroles r"][..]),
        (Value::Null, write_of(Verb::Create, &aggregated), &["create,escalate clusterroles", "get clusterroles r"]),
        (role("[]"), write_of(Verb::MergePatch, &role(NODES)), &["get nodes", "get,patch clusterroles r"]),
        (role(NODES), write_of(Verb::MergePatch, &role("[]")), &["get,patch clusterroles r"]),
        (role(NODES), write_of(Verb::MergePatch, &labels), &["get nodes", "get,patch clusterroles r"]),
        (role(NODES), write_of(Verb::MergePatch, &finalizers), &["get,patch clusterroles r"]),
        (aggregated.clone(), write_of(Verb::MergePatch, &gone), &["escalate,get,patch clusterroles r"]),
        (role(r#""all""#), write_of(Verb::MergePatch, &labels), &["escalate,get,patch clusterroles r"]),
        (role(NODES), write_of(|_| Verb::Delete, &json!({})), &["delete,get clusterroles r"]),
    ] {
        let expected: Vec<String> = expected.iter().map(|line| format!("cluster: {line}")).collect();
        assert_eq!(lines(&needed(&snapshot(&[("clusterroles/r", before)]), &writes, &[])), expected, "{writes:?}");
    }
    let unread = needed(&Snapshot::default(), &write_of(Verb::MergePatch, &labels), &[]);
    assert_eq!(lines(&unread), ["cluster: escalate,patch clusterroles r"]);
    assert_eq!(
        unread.wide().map(ToString::to_string).collect::<Vec<_>>(),
        ["`escalate` is needed on clusterroles named `r`: the rules it will grant are not known, or cannot be held"]
    );
}

/// A role `r` before, a write to it, and a new binding to it: is `bind` needed?
#[test]
fn a_role_is_bound_by_whoever_holds_its_rules_or_may_bind_it() {
    let named = NODES.replace("\"verbs\"", "\"resourceNames\":[\"n\"],\"verbs\"");
    let wider = NODES.replace("\"get\"", "\"get\",\"list\"");
    for (before, after, expected) in [
        // The subject already holds its rules.
        (role(NODES), None, true),
        (role("[]"), None, false),
        // It does not exist during the dry run.
        (Value::Null, Some(role(NODES)), true),
        (role(NODES), Some(role(NODES)), true),
        (role(&named), Some(role(NODES)), false),
        (role(&wider), Some(role(NODES)), true),
    ] {
        let known = snapshot(&[("clusterroles/r", before.clone()), ("clusterrolebindings/b", Value::Null)]);
        let of_role = after.iter().map(|after| {
            let verb = if before.is_null() { Verb::Create } else { Verb::MergePatch };
            write("clusterroles/r", verb, after)
        });
        let of_binding = write("clusterrolebindings/b", Verb::Create, &binding("r"));
        let writes: Vec<Write> = of_role.chain([of_binding]).collect();
        let lines = lines(&needed(&known, &writes, &[]));
        assert_eq!(lines.iter().any(|line| line.contains("bind,")), expected, "{before} {after:?}: {lines:?}");
    }
}

#[test]
fn a_binding_in_a_namespace_binds_there() {
    let mut body = binding("view");
    let known = snapshot(&[("rolebindings/a/b", body.clone())]);
    let label = [write("rolebindings/a/b", Verb::MergePatch, &json!({ "metadata": { "labels": { "a": "b" } } }))];
    assert_eq!(lines(&needed(&known, &label, &[])), ["a: bind clusterroles view", "a: get,patch rolebindings b"]);
    body["roleRef"]["kind"] = json!("Role");
    let created = [write("rolebindings/a/b", Verb::Create, &body)];
    let lines_of = |writes: &[Write]| lines(&needed(&Snapshot::default(), writes, &[]));
    assert_eq!(lines_of(&created), ["a: create rolebindings", "a: bind roles view"]);
    assert_eq!(lines_of(&label), ["a: bind clusterroles,roles", "a: patch rolebindings b"]);
}

#[test]
fn a_name_that_is_drawn_is_not_asked_for() {
    let known =
        snapshot(&[("secrets/a/token-k3", Value::Null), ("secrets/a/other", Value::Null), ("secrets/b/other", Value::Null)]);
    let needed = needed(&known, &[write("secrets/a/token-k3", Verb::Create, &json!({}))], &["k3"]);
    // The right on all names includes `other`.
    assert_eq!(lines(&needed), ["a: create,get secrets", "b: get secrets other"]);
    let wide: Vec<String> = needed.wide().map(ToString::to_string).collect();
    assert_eq!(wide, ["`get` is needed on all secrets in a: its name is random"]);
}

#[test]
fn what_the_cluster_allows_no_namespace_repeats() {
    let known = snapshot(&[("configmaps/a/one", Value::Null)]);
    let rules = r#"[{"apiGroups":[""],"resources":["configmaps"],"verbs":["get"]}]"#;
    let writes = [write("clusterroles/r", Verb::Create, &role(rules))];
    assert_eq!(lines(&needed(&known, &writes, &[])), ["cluster: get configmaps", "cluster: create clusterroles"]);
}

#[test]
fn rules_that_differ_in_one_part_are_one() {
    let known = snapshot(&[("roles/a/x", Value::Null), ("roles/a/y", Value::Null), ("rolebindings/a/x", Value::Null)]);
    assert_eq!(lines(&needed(&known, &[], &[])), ["a: get rolebindings x", "a: get roles x,y"]);
    let known = snapshot(&[("roles/a/x", Value::Null), ("rolebindings/a/x", Value::Null)]);
    assert_eq!(lines(&needed(&known, &[], &[])), ["a: get rolebindings,roles x"]);
    assert!(
        needed(&Snapshot::default(), &[], &[])
            .objects(&Naming { name: ObjectName::parse("x").unwrap(), subjects: Vec::new() })
            .is_empty()
    );
}
