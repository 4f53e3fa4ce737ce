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
pub(super) const NAMES: [&str; 4] = ["s-1", "s-2", "t", "s-*"];
const ODD_NAMES: [&str; 6] = ["s-*b", "", "..", "a/b", "s-1\u{202e}", "s%2f"];
/// Names, or the start of names.
pub(super) const PATTERNS: [&str; 7] = ["s-*", "s-1", "s*", "t", "t*", "s-2", "u"];
/// Keys of the data of Secrets.
pub(super) const KEYS: [&str; 5] = ["key", "id", "x-1", "other", "data"];
/// Keys that may be shown, or the start of them.
pub(super) const REVEALS: [&str; 4] = ["id", "x-*", "key", "i*"];
/// Types of Secrets.
pub(super) const TYPES: [&str; 3] = ["A", "B", "Opaque"];
/// Ids of hidden values, and what might be taken for one.
const IDS: [&str; 8] = ["s1", "s2", "s3", "s4", "s5", "s6", "s01", "s+2"];
const ODD_IDS: [&str; 6] = ["s0", "s99", "s-1", "s18446744073709551616", "", "s 1"];
const TEXTS: [&str; 3] = ["", "why", "a longer text"];
const ODD_TEXTS: [&str; 5] = ["$secret", "{\"$secret\": \"s1\"}", "\u{1b}]0;title\u{7}", "\u{202e}", "\0"];

/// The id of a hidden value, if there is one.
pub(super) fn id(dice: &mut Dice<'_>) -> &'static str {
    dice.pick_odd(&IDS, &ODD_IDS)
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

fn kind(dice: &mut Dice<'_>) -> Kind {
    dice.pick_odd(&KINDS, &ODD_KINDS)
}

/// An object.
pub(super) fn object_ref(dice: &mut Dice<'_>) -> Value {
    let namespace = dice.pick_odd(&NAMESPACES, &[Some(""), Some("../b"), Some("*"), Some("A")]);
    json!({ "of": resource(kind(dice)), "namespace": namespace, "name": dice.pick_odd(&NAMES, &ODD_NAMES) })
}

fn selector(dice: &mut Dice<'_>) -> Value {
    if !dice.is_one_in(4) {
        return json!({ "One": object_ref(dice) });
    }
    let selectors = [dice.pick_odd(&["", "a=b"], &["a\n", "\u{1b}"]), dice.pick_odd(&["", "metadata.name=s-1"], &["\0"])];
    let [labels, fields] = selectors;
    json!({ "Many": {
        "of": resource(kind(dice)), "namespace": dice.pick(&NAMESPACES), "label_selector": labels, "field_selector": fields,
    } })
}

fn random_request(dice: &mut Dice<'_>) -> Value {
    let alphabets = ["abcdefghijklmnop", "0123456789abcdefghijklmnopqrstuvwxyz", "ab"];
    json!({
        "name": dice.pick(&["r1", "r2", "r3"]),
        "alphabet": dice.pick_odd(&alphabets, &["", "a", "aa", "äöü\u{1f511}", "$secret"]),
        "length": dice.pick_odd(&[16, 64, 256], &[0_u32, 1, 15, 257, u32::MAX]),
        "secret": !dice.is_one_in(3),
    })
}

/// What a phase says that it needs.
pub(super) fn needs(dice: &mut Dice<'_>) -> Value {
    json!({ "reads": dice.some(6, selector), "random": dice.some(2, random_request) })
}

/// Why a phase gives no answer.
pub(super) fn failure(dice: &mut Dice<'_>) -> Value {
    match dice.number(2) {
        0 => json!({ "Other": text(dice) }),
        1 => json!({ "Unsupported": text(dice) }),
        _ => json!({ "InvalidInput": dice.some(3, |dice| json!({ "path": text(dice), "message": text(dice) })) }),
    }
}
