//! The words of a phase, few of each, so that they meet: as JSON that the mirror reads into the types of the contract.

use super::super::dice::Dice;
use serde_json::{Value, json};

/// Group, version, plural and kind.
pub(super) type Kind = [&'static str; 4];

/// Kinds that there are.
pub(super) const KINDS: [Kind; 4] = [
    ["", "v1", "secrets", "Secret"],
    ["", "v1", "configmaps", "ConfigMap"],
    ["rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole"],
    ["rbac.authorization.k8s.io", "v1", "roles", "Role"],
];
/// Kinds that there are not, or that are no kinds.
const ODD_KINDS: [Kind; 8] = [
    ["", "v2", "secrets", "Secret"],
    ["x", "v1", "secrets", "Secret"],
    ["", "v1", "secrets", "ConfigMap"],
    ["", "v1", "configmaps", "Secret"],
    ["", "v1", "pods/exec", "Pod"],
    ["../x", "v1", "a", "A"],
    ["", "v1/..", "a", "A"],
    ["", "v1", "a", "\u{1b}[2J"],
];
/// Namespaces; the last is none.
pub(super) const NAMESPACES: [Option<&str>; 3] = [Some("a"), Some("b"), None];
/// Names that patterns in [`PATTERNS`] match, or not.
const NAMES: [&str; 3] = ["s-1", "s-2", "t"];
const ODD_NAMES: [&str; 7] = ["s-*", "s-*b", "", "..", "a/b", "s-1\u{202e}", "s%2f"];
/// Names, or the start of names.
pub(super) const PATTERNS: [&str; 7] = ["s-*", "s-1", "s*", "t", "t*", "s-2", "u"];
/// Keys of the data of Secrets.
pub(super) const KEYS: [&str; 5] = ["key", "id", "x-1", "other", "data"];
/// Keys that may be shown, or the start of them.
pub(super) const REVEALS: [&str; 4] = ["id", "x-*", "key", "i*"];
/// Types of Secrets.
pub(super) const TYPES: [&str; 3] = ["A", "B", "Opaque"];
/// What might be taken for the id of a hidden value.
const ODD_IDS: [&str; 6] = ["s0", "s99", "s-1", "s18446744073709551616", "", "s 1"];
const TEXTS: [&str; 3] = ["", "why", "a longer text"];
const ODD_TEXTS: [&str; 5] = ["$secret", "{\"$secret\": \"s1\"}", "\u{1b}]0;title\u{7}", "\u{202e}", "\0"];

/// The id of a hidden value, if there is one: given, drawn, or read. Now and then in another spelling.
pub(super) fn id(dice: &mut Dice<'_>) -> String {
    let number = dice.pick(&[1, 2, 2, 2, 3, 3, 4, 5]);
    match dice.number(11) {
        10 => format!("s0{number}"),
        11 => format!("s+{number}"),
        _ => dice.pick_odd(&[format!("s{number}")], &ODD_IDS.map(str::to_owned)),
    }
}

/// What stands for a hidden value.
pub(super) fn handle(dice: &mut Dice<'_>) -> Value {
    json!({ "$secret": id(dice) })
}

/// A text for people, sometimes of the fuzzer's own choice or too long.
pub(super) fn text(dice: &mut Dice<'_>) -> String {
    match dice.number(9) {
        0 => String::from_utf8_lossy(&dice.bytes(24)).into_owned(),
        1 => dice.pick_odd(&TEXTS, &ODD_TEXTS).repeat(dice.pick_odd(&[1, 20], &[5_000])),
        _ => dice.pick_odd(&TEXTS, &ODD_TEXTS).to_owned(),
    }
}

fn resource([group, version, plural, kind]: Kind) -> Value {
    json!({ "group": group, "version": version, "plural": plural, "kind": kind })
}

/// A kind, mostly Secrets.
pub(super) fn kind(dice: &mut Dice<'_>) -> Kind {
    let [secret, config_map, cluster_role, role] = KINDS;
    dice.pick_odd(&[secret, secret, secret, secret, config_map, cluster_role, role], &ODD_KINDS)
}

/// A namespace, mostly the same.
pub(super) fn namespace(dice: &mut Dice<'_>) -> Option<&'static str> {
    let usual = [Some("a"), Some("a"), Some("a"), Some("b"), None];
    dice.pick_odd(&usual, &[Some(""), Some("../b"), Some("*"), Some("A")])
}

/// A namespace, or none for a kind that has none; seldom the other way round.
fn namespace_of([.., plural, _]: Kind, dice: &mut Dice<'_>) -> Option<&'static str> {
    match (plural == "clusterroles", namespace(dice)) {
        (is_cluster, _) if dice.is_one_in(32) => Some("a").filter(|_| is_cluster),
        (true, _) => None,
        (false, namespace) => namespace.or(Some("a")),
    }
}

/// A name.
pub(super) fn name(dice: &mut Dice<'_>) -> &'static str {
    dice.pick_odd(&NAMES, &ODD_NAMES)
}

/// An object. There are so few that operations meet.
pub(super) fn object_ref(dice: &mut Dice<'_>) -> Value {
    let kind = kind(dice);
    json!({ "of": resource(kind), "namespace": namespace_of(kind, dice), "name": name(dice) })
}

fn selector(dice: &mut Dice<'_>) -> Value {
    if !dice.is_one_in(4) {
        return json!({ "One": object_ref(dice) });
    }
    let selectors =
        [dice.pick_odd(&["", "a=b"], &["a\n", "\u{1b}"]), dice.pick_odd(&["", "metadata.name=s-1"], &["\0", "data.key=s-1"])];
    let [labels, fields] = selectors;
    let kind = kind(dice);
    json!({ "Many": {
        "of": resource(kind), "namespace": namespace_of(kind, dice), "label_selector": labels, "field_selector": fields,
    } })
}

fn random_request(dice: &mut Dice<'_>, index: usize) -> Value {
    let alphabets = ["0123456789abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnop"];
    json!({
        "name": dice.pick_odd(&[format!("r{index}")], &["r0".to_owned(), String::new(), "ä".to_owned()]),
        "alphabet": dice.pick_odd(&alphabets, &["", "a", "aa", "ab", "äöü\u{1f511}", "$secret"]),
        "length": dice.pick_odd(&[16, 64, 256], &[0_u32, 1, 15, 257, u32::MAX]),
        "secret": !dice.is_one_in(3),
    })
}

/// What a phase says that it needs: these objects and others.
pub(super) fn needs(dice: &mut Dice<'_>, about: Vec<Value>) -> Value {
    let mut reads: Vec<Value> = about.into_iter().map(|target| json!({ "One": target })).collect();
    reads.extend(dice.some(3, selector));
    let random: Vec<Value> = (0..dice.number(2)).map(|index| random_request(dice, index)).collect();
    json!({ "reads": reads, "random": random })
}

/// Why a phase gives no answer.
pub(super) fn failure(dice: &mut Dice<'_>) -> Value {
    match dice.number(2) {
        0 => json!({ "Other": text(dice) }),
        1 => json!({ "Unsupported": text(dice) }),
        _ => json!({ "InvalidInput": dice.some(3, |dice| json!({ "path": text(dice), "message": text(dice) })) }),
    }
}
