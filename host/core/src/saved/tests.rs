//! Tables of decisions for each object.

use super::body::Values;
use super::undo::{UndoDocument, UndoObstacle, UndoPlaceId, Undoable};
use super::{ClusterDocument, PhaseDocument, Saved, SavedError};
use crate::change::{Change, Fate, WasRead};
use crate::name::{Namespace, ObjectName};
use crate::object::{ApiResource, Object, ObjectRef};
use crate::plan::{Permitted, Plan};
use crate::request::FIELD_MANAGER;
use crate::selector::Selector;
use crate::snapshot::Snapshot;
use crate::write::{Verb, Write};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const THING: &str = "ConfigMap";
const SECRET: &str = "Secret";

fn target(kind: &str, name: &str) -> ObjectRef {
    let plural = format!("{}s", kind.to_lowercase());
    let of = ApiResource::parse("", "v1", &plural, kind).unwrap();
    ObjectRef { of, namespace: Some(Namespace::parse("a").unwrap()), name: ObjectName::parse(name).unwrap() }
}

/// An object in a version, written by a manager.
fn object(kind: &str, version: &str, manager: &str, data: &Value) -> Object {
    let (uid, version) = version.split_once('.').unwrap();
    let owned = json!([{ "manager": manager, "fieldsV1": { "f:data": {} } }]);
    let metadata = json!({ "name": "b", "uid": uid, "resourceVersion": version, "managedFields": owned });
    let object = json!({ "apiVersion": "v1", "kind": kind, "metadata": metadata, "data": data });
    Object::new(object.as_object().unwrap().clone())
}

fn cluster(pin: &str, uid: Option<&str>) -> ClusterDocument {
    ClusterDocument {
        against: "live".to_owned(),
        server: "https://a".to_owned(),
        version: "v1.37.2".to_owned(),
        certificate_authority_pins: vec![pin.to_owned()],
        uid: uid.map(str::to_owned),
    }
}

/// An undo plan; only the key `shown` of Secrets may be seen.
fn undo_log(changes: &[Change<'_>]) -> Option<(UndoDocument, Values)> {
    let phase = PhaseDocument { id: "p".to_owned(), version: "1".to_owned(), digest: "sha256:00".to_owned() };
    let (cluster, now, place) = (cluster("x", None), "2040-01-01T00:00:00Z", UndoPlaceId::of("https://a", &[]));
    let run = Undoable { phase, task: "apply", cluster, now, place, undone: None };
    UndoDocument::new(run, changes, &|_, key| key == "shown")
}

fn change<'a>(target: &'a ObjectRef, before: Option<&Object>, after: Option<&Object>, fate: Fate) -> Change<'a> {
    Change { target, before: before.cloned(), observed: WasRead::Yes, after: after.cloned(), fate }
}

fn plan(undo: &UndoDocument, target: &ObjectRef, now: Option<&Object>, values: &Values) -> Result<Plan<Permitted>, UndoObstacle> {
    let mut snapshot = Snapshot::default();
    snapshot.insert(Selector::One(target.clone()), now.cloned().into_iter().collect());
    undo.plan(&snapshot, values, &|_, key| key == "shown")
}

/// The writes of a plan in order, or why there is none.
fn told(result: Result<Plan<Permitted>, UndoObstacle>) -> String {
    let plan = match result {
        Ok(plan) => plan.unchecked(),
        Err(UndoObstacle::Saved(SavedError::Stale(moved))) => {
            return moved[0].rsplit_once('/').unwrap().1.trim_start_matches("b ").to_owned();
        }
        Err(UndoObstacle::Saved(error)) => return error.to_string(),
        Err(other) => panic!("{other}"),
    };
    let told = |write: &Write| match &write.verb {
        Verb::Delete => "delete".to_owned(),
        Verb::Create(body) => format!("create {}", body["data"]),
        Verb::MergePatch(body) => format!("patch {}", Value::Object(body.clone())),
        Verb::Replace(_) | Verb::Apply(_) => "other".to_owned(),
    };
    let waves = plan.waves();
    waves.iter().flatten().filter_map(|(_, write)| *write).map(told).collect::<Vec<_>>().join(", ")
}

/// Every fate, and every state the object can be in later. The second column is for a completed run, the third for one that ended
/// before it could record the result of its write, if that differs.
#[test]
fn each_fate_and_what_is_there_now() {
    let ours = |version: &str, data: &Value| Some(object(THING, version, FIELD_MANAGER, data));
    let theirs = |version: &str, data: &Value| Some(object(THING, version, "kubectl", data));
    let (old, new, other) = (json!({ "x": "old" }), json!({ "x": "new", "y": "1" }), json!({ "x": "other" }));
    let before = || ours("u.1", &old);
    let patch = r#"patch {"data":{"x":"old","y":null}}"#;
    let create = r#"create {"x":"old"}"#;
    let again = r#"delete, create {"x":"old"}"#;
    type Row<'a> = (Option<Object>, &'a str, &'a str);
    let created: [Row<'_>; 4] = [
        (None, "", ""),
        (ours("u.2", &new), "delete", "delete"),
        (theirs("u.3", &new), "delete", "was changed since"),
        (theirs("u.3", &other), "was changed since", "was changed since"),
    ];
    let changed: [Row<'_>; 6] = [
        (None, "was deleted since", "was deleted since"),
        (before(), "", ""),
        (ours("u.2", &new), patch, patch),
        (theirs("u.3", &new), patch, "was changed since"),
        (theirs("u.3", &old), "", ""),
        (theirs("u.3", &other), "was changed since", "was changed since"),
    ];
    let recreated: [Row<'_>; 5] = [
        (None, "was deleted since", create),
        (before(), "", ""),
        (ours("v.2", &new), again, again),
        (ours("w.3", &old), "", ""),
        (theirs("v.3", &other), "was changed since", "was changed since"),
    ];
    let deleted: [Row<'_>; 4] = [
        (None, create, create),
        (before(), "", ""),
        (theirs("v.3", &old), "", ""),
        (theirs("v.3", &other), "was created again since", "was created again since"),
    ];
    let (first, second, third) = (ours("u.1", &old), ours("u.1", &new), ours("v.2", &new));
    for (fate, is_there, left, rows) in [
        (Fate::Written, false, second.clone(), &created[..]),
        (Fate::Written, true, second, &changed[..]),
        (Fate::Recreated, true, third, &recreated[..]),
        (Fate::Deleted, true, None, &deleted[..]),
    ] {
        let thing = target(THING, "b");
        let before = first.as_ref().filter(|_| is_there);
        let (killed, values) = undo_log(&[change(&thing, before, left.as_ref(), fate)]).unwrap();
        let mut done = killed.clone();
        let left = left.map(|_| ours(if fate == Fate::Recreated { "v.2" } else { "u.2" }, &new).unwrap());
        done.wrote(&thing, left.as_ref(), &|_, _| false);
        for (now, if_done, if_killed) in rows {
            assert_eq!(told(plan(&done, &thing, now.as_ref(), &values)), *if_done, "{fate:?} {is_there} {now:?}");
            assert_eq!(told(plan(&killed, &thing, now.as_ref(), &values)), *if_killed, "killed: {fate:?} {is_there} {now:?}");
        }
    }
}

#[test]
fn hidden_values_are_beside_the_file() {
    let secret = target(SECRET, "b");
    let old = json!({ "hidden": "b2xk", "shown": "MQ==", "same": "cw==" });
    let new = json!({ "hidden": "bmV3", "shown": "Mg==", "same": "cw==" });
    let [before, after] = [("u.1", &old), ("u.1", &new)].map(|(version, data)| object(SECRET, version, FIELD_MANAGER, data));
    let (mut undo, values) = undo_log(&[change(&secret, Some(&before), Some(&after), Fate::Written)]).unwrap();
    undo.wrote(&secret, Some(&object(SECRET, "u.2", FIELD_MANAGER, &new)), &|_, key| key == "shown");
    let text = undo.text();
    assert!(!text.contains("b2xk") && !text.contains("bmV3") && !text.contains("cw==") && text.contains("MQ=="), "{text}");
    assert_eq!(values.values().map(|value| value.as_str()).collect::<Vec<_>>(), ["b2xk"]);
    assert_eq!(Saved::parse(&text), Ok(Saved::Undo(Box::new(read_again(&text)))));
    for (now, values, expected) in [
        (object(SECRET, "u.2", "a", &new), values.clone(), r#"patch {"data":{"hidden":"b2xk","shown":"MQ=="}}"#),
        (object(SECRET, "u.2", "a", &new), Values::new(), "the values of the Secrets it restores are no longer on this machine"),
        // Hidden values cannot be compared: another version means another value.
        (object(SECRET, "u.3", FIELD_MANAGER, &new), values.clone(), "was changed since"),
        (object(SECRET, "u.3", FIELD_MANAGER, &old), values.clone(), ""),
        (object(SECRET, "u.1", FIELD_MANAGER, &old), Values::new(), ""),
    ] {
        assert_eq!(told(plan(&read_again(&text), &secret, Some(&now), &values)), expected);
    }
}

/// Controllers react to a Secret, and would write at the same moment.
#[test]
fn secrets_are_last() {
    let targets = [target(SECRET, "b"), target(THING, "b")];
    let [old, new] = [json!({ "shown": "MQ==" }), json!({ "shown": "Mg==" })];
    let of = |kind, version, data| object(kind, version, FIELD_MANAGER, data);
    let [secret, thing] = [SECRET, THING].map(|kind| (of(kind, "u.1", &old), of(kind, "u.2", &new)));
    let change = |at: usize, (before, after)| change(&targets[at], Some(before), Some(after), Fate::Written);
    let (undo, values) = undo_log(&[change(0, (&secret.0, &secret.1)), change(1, (&thing.0, &thing.1))]).unwrap();
    let mut snapshot = Snapshot::default();
    snapshot.insert(Selector::One(targets[0].clone()), vec![secret.1]);
    snapshot.insert(Selector::One(targets[1].clone()), vec![thing.1]);
    let plan = undo.plan(&snapshot, &values, &|_, key| key == "shown").unwrap();
    let kinds: Vec<&str> = plan.writes_in_turn().map(|(operation, _)| operation.target.of.kind()).collect();
    assert_eq!(kinds, [THING, SECRET]);
}

fn read_again(text: &str) -> UndoDocument {
    match Saved::parse(text).unwrap() {
        Saved::Undo(undo) => *undo,
        Saved::Plan(_) => panic!("a plan"),
    }
}

/// Two Secrets, the second one changed by another writer in between; an object that was deleted and is created by the next
/// attempt; and one that no longer needed a change.
#[test]
fn attempts_are_one_way_back() {
    let [first, second] = ["first", "second"].map(|name| target(SECRET, name));
    let [gone, kept] = ["gone", "kept"].map(|name| target(THING, name));
    let secret = |version: &str, value: &str| object(SECRET, version, FIELD_MANAGER, &json!({ "hidden": value }));
    let thing = |version: &str, value: &str| object(THING, version, FIELD_MANAGER, &json!({ "x": value }));
    let (mut undo, mut values) = undo_log(&[
        change(&first, Some(&secret("a.1", "Zmlyc3Q=")), Some(&secret("a.1", "bmV3")), Fate::Written),
        change(&second, Some(&secret("b.1", "c3RhbGU=")), Some(&secret("b.1", "bmV3")), Fate::Written),
        change(&gone, Some(&thing("c.1", "old")), Some(&thing("c.1", "new")), Fate::Recreated),
        change(&kept, Some(&thing("d.1", "old")), Some(&thing("d.1", "new")), Fate::Written),
    ])
    .unwrap();
    undo.wrote(&first, Some(&secret("a.2", "bmV3")), &|_, _| false);
    // A status is not an object.
    undo.wrote(&gone, Some(&Object::new(json!({ "kind": "Status", "metadata": {} }).as_object().unwrap().clone())), &|_, _| {
        false
    });
    let next = undo_log(&[
        change(&second, Some(&secret("b.2", "c2Vjb25k")), Some(&secret("b.2", "bmV3")), Fate::Written),
        change(&gone, None, Some(&thing("e.1", "new")), Fate::Written),
    ]);
    undo.extend(&mut values, next.unwrap());
    undo.wrote(&second, Some(&secret("b.3", "bmV3")), &|_, _| false);
    undo.wrote(&gone, Some(&thing("e.5", "new")), &|_, _| false);
    assert_eq!(values.values().map(|value| value.as_str()).collect::<Vec<_>>(), ["Zmlyc3Q=", "c2Vjb25k"]);

    let mut snapshot = Snapshot::default();
    for (target, object) in [(&first, secret("a.2", "bmV3")), (&second, secret("b.3", "bmV3")), (&gone, thing("e.5", "new"))] {
        snapshot.insert(Selector::One(target.clone()), vec![object]);
    }
    let expected = r#"delete, create {"x":"old"}, patch {"data":{"hidden":"Zmlyc3Q="}}, patch {"data":{"hidden":"c2Vjb25k"}}"#;
    let told = told(undo.plan(&snapshot, &values, &|_, _| false));
    assert_eq!(told, expected, "Secrets last; `kept` is not its business");

    undo.keep_written(&mut values, &BTreeSet::new());
    assert_eq!(values.len(), 2);
}

#[test]
fn a_cluster_is_told_by_what_it_is() {
    let here = cluster("x", Some("1"));
    for (planned, expected) in [
        (cluster("x", Some("1")), None),
        (ClusterDocument { server: "https://b".to_owned(), version: String::new(), ..here.clone() }, None),
        (cluster("y", Some("1")), Some("its certificate authority is y, here it is x")),
        (cluster("x", Some("2")), Some("the namespace kube-system has UID 2, here it is 1")),
        (cluster("x", None), Some("the namespace kube-system has UID none, here it is 1")),
        (ClusterDocument { against: "folder".to_owned(), ..here.clone() }, Some("it was made against folder, this is live")),
    ] {
        assert_eq!(planned.check(&here).err(), expected.map(|text| SavedError::OtherCluster(text.to_owned())));
    }
}

/// A matching digest proves nothing more: anyone can make one.
#[test]
fn a_hidden_value_goes_nowhere_but_home() {
    let secret = target(SECRET, "b");
    let place = |key: &str| json!({ "$value": format!("{}/{key}", secret.path()) });
    let [before, after] = ["b2xk", "bmV3"].map(|text| object(SECRET, "u.1", FIELD_MANAGER, &json!({ "hidden": text })));
    let (undo, _) = undo_log(&[change(&secret, Some(&before), Some(&after), Fate::Written)]).unwrap();
    let forged = |kind: &str, name: &str, restore: &Value| {
        let mut document = serde_json::to_value(&undo).unwrap();
        document["objects"][0]["object"]["kind"] = json!(kind);
        document["objects"][0]["object"]["resource"] = json!(format!("{}s", kind.to_lowercase()));
        document["objects"][0]["object"]["name"] = json!(name);
        document["objects"][0]["restore"] = restore.clone();
        Saved::parse(&super::document::text(&document))
    };
    let last = crate::secret::LAST_APPLIED;
    for restore in
        [json!({ "data": { "hidden": place("hidden") } }), json!({ "metadata": { "annotations": { last: place(last) } } })]
    {
        assert!(forged(SECRET, "b", &restore).is_ok(), "{restore}");
        assert!(matches!(forged(SECRET, "other", &restore), Err(SavedError::Misplaced { .. })), "{restore}");
        assert!(matches!(forged("ConfigMap", "b", &restore), Err(SavedError::Misplaced { .. })), "{restore}");
    }
    for restore in [
        json!({ "data": { "other": place("hidden") } }),
        json!({ "data": place("hidden") }),
        json!({ "data": { "hidden": { "a": place("hidden") } } }),
        json!({ "data": { "hidden": [place("hidden")] } }),
        json!({ "data": { "hidden": { "$value": 7 } } }),
        json!({ "data": { "hidden": { "$value": place("hidden")["$value"], "a": "b" } } }),
        json!({ "stringData": { "hidden": place("hidden") } }),
        json!({ "metadata": { "annotations": { "a": place("hidden") } } }),
        json!({ "metadata": { "annotations": { last: place("hidden") } } }),
        json!({ "metadata": { "labels": place("hidden") } }),
        json!({ "list": [{ "a": [place("hidden")] }] }),
        place("hidden"),
    ] {
        assert!(matches!(forged(SECRET, "b", &restore), Err(SavedError::Misplaced { .. })), "{restore}");
    }
}
