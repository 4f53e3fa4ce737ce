//! What the mirror is told to answer.

use super::super::dice::Dice;
use super::body;
use super::words::{self, failure, id, needs, object_ref, text};
use serde_json::{Value, json};

/// Both answers. What is needed is mostly what the plan is about.
pub(super) fn script(dice: &mut Dice<'_>) -> Value {
    let plan = if dice.is_one_in(16) { json!({ "Err": failure(dice) }) } else { json!({ "Ok": plan(dice) }) };
    let about: Vec<Value> = targets(&plan).filter(|_| !dice.is_one_in(4)).cloned().collect();
    let need = if dice.is_one_in(16) { json!({ "Err": failure(dice) }) } else { json!({ "Ok": needs(dice, about) }) };
    json!({ "need": need, "plan_for": plan })
}

/// The objects that a plan is about.
pub(super) fn targets(plan: &Value) -> impl Iterator<Item = &Value> {
    operations(plan).filter_map(|operation| operation.get("target"))
}

/// Those of them that it does not create.
pub(super) fn present(plan: &Value) -> impl Iterator<Item = &Value> {
    operations(plan)
        .filter(|operation| operation.pointer("/action/Create").is_none())
        .filter_map(|operation| operation.get("target"))
}

fn operations(plan: &Value) -> impl Iterator<Item = &Value> {
    plan.pointer("/Ok/operations").and_then(Value::as_array).into_iter().flatten()
}

fn plan(dice: &mut Dice<'_>) -> Value {
    let count = dice.pick(&[1, 2, 2, 3, 3, 4, 5, 0]);
    // Now and then all is about one object.
    let story = dice.is_one_in(4).then(|| object_ref(dice));
    let operations: Vec<Value> = (0..count).map(|index| operation(dice, index, story.as_ref())).collect();
    let outputs: Vec<Value> = (0..dice.pick(&[0, 0, 1, 2])).map(|index| output(dice, index)).collect();
    json!({
        "operations": operations,
        "findings": dice.some(1, finding),
        "notes": dice.some(1, text),
        "outputs": outputs,
    })
}

/// The operation of an index, which usually comes after some earlier ones.
fn operation(dice: &mut Dice<'_>, index: usize, story: Option<&Value>) -> Value {
    let target = story.map_or_else(|| object_ref(dice), Value::clone);
    let action = match dice.number(10) {
        0..=2 => json!({ "Create": body::whole(dice, &target) }),
        3 => json!({ "Replace": body::whole(dice, &target) }),
        4 | 5 => json!({ "MergePatch": body::patch(dice, &target) }),
        6 | 7 => json!({ "Apply": body::whole(dice, &target) }),
        8 | 9 => json!("Delete"),
        _ => json!("Keep"),
    };
    let is_create = action.get("Create").is_some();
    let usual = if is_create { ["Absent"; 3] } else { ["Any", "Any", "AsObserved"] };
    let earlier = (0..index).filter(|_| story.is_some() || !dice.is_one_in(3)).map(|before| format!("o{before}")).collect();
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

fn output(dice: &mut Dice<'_>, index: usize) -> Value {
    let part = |dice: &mut Dice<'_>| match dice.number(1) {
        0 => json!({ "Secret": id(dice) }),
        _ => json!({ "Text": words::text(dice) }),
    };
    let name = dice.pick_odd(&[format!("out-{index}")], &["out-0".to_owned(), String::new(), "$secret".to_owned()]);
    json!({ "name": name, "when": dice.pick(&["Before", "After"]), "value": dice.some(2, part) })
}
