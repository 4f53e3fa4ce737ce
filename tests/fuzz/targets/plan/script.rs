//! What the mirror is told to answer.

use super::super::dice::Dice;
use super::body;
use super::words::{self, failure, id, needs, object_ref, text};
use serde_json::{Value, json};

/// Both answers.
pub(super) fn script(dice: &mut Dice<'_>) -> Value {
    let need = if dice.is_one_in(16) { json!({ "Err": failure(dice) }) } else { json!({ "Ok": needs(dice) }) };
    let plan = if dice.is_one_in(16) { json!({ "Err": failure(dice) }) } else { json!({ "Ok": plan(dice) }) };
    json!({ "need": need, "plan_for": plan })
}

fn plan(dice: &mut Dice<'_>) -> Value {
    let count = dice.number(5);
    let operations: Vec<Value> = (0..count).map(|index| operation(dice, index)).collect();
    json!({
        "operations": operations,
        "findings": dice.some(1, finding),
        "notes": dice.some(1, text),
        "outputs": dice.some(2, output),
    })
}

/// The operation of an index, which usually comes after some earlier ones.
fn operation(dice: &mut Dice<'_>, index: usize) -> Value {
    let target = object_ref(dice);
    let action = match dice.number(9) {
        0..=2 => json!({ "Create": body::whole(dice, &target) }),
        3 => json!({ "Replace": body::whole(dice, &target) }),
        4 | 5 => json!({ "MergePatch": body::patch(dice, &target) }),
        6 => json!({ "Apply": body::whole(dice, &target) }),
        7 | 8 => json!("Delete"),
        _ => json!("Keep"),
    };
    let is_create = action.get("Create").is_some();
    let usual = if is_create { ["Absent", "Absent"] } else { ["Any", "AsObserved"] };
    let earlier = (0..index).filter(|_| !dice.is_one_in(3)).map(|before| format!("o{before}")).collect();
    let after = dice.pick_odd(&[earlier], &[vec!["o9".to_owned()], vec!["o0".to_owned()], vec![String::new()]]);
    json!({
        "id": dice.pick_odd(&[format!("o{index}")], &["o0".to_owned(), String::new(), "ä".to_owned(), "o".repeat(301)]),
        "target": target,
        "action": action,
        "when": dice.pick_odd(&usual, &["Absent", "AsObserved", "Any"]),
        "after": after,
        "reason": text(dice),
    })
}

fn finding(dice: &mut Dice<'_>) -> Value {
    let target = if dice.is_one_in(2) { object_ref(dice) } else { Value::Null };
    json!({
        "rule": text(dice), "severity": dice.pick(&["Info", "Low", "Medium", "High", "Critical"]), "title": text(dice),
        "detail": text(dice), "target": target, "remedy": [], "references": [],
    })
}

fn output(dice: &mut Dice<'_>) -> Value {
    let part = |dice: &mut Dice<'_>| match dice.number(1) {
        0 => json!({ "Secret": id(dice) }),
        _ => json!({ "Text": words::text(dice) }),
    };
    json!({ "name": text(dice), "when": dice.pick(&["Before", "After"]), "value": dice.some(3, part) })
}
