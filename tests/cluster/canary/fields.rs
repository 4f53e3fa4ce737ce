//! Every string of the contract that a phase fills, and how it can be filled with a name. `tests/tidy` compares it with `wit/`.
//!
//! In a text `{word}` is a name that only this field says, `{host}` the name of a host with it, and `{=…}` the id of a handle that
//! nobody gave.

/// How a field can be filled with a name, so that it is taken if anything like it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// Together with all others of these: none of them keeps another from being used.
    Together(&'static str),
    /// By itself: it is refused, or changes what becomes of the others.
    Alone(&'static str),
}

use Taken::{Alone, Together};

/// A text for people, with all that a text could be taken for.
const TALK: &str = "{word} {host}:6443 https://{word}@{host}/";

/// Every string that a phase fills, by its path in the contract: from what a function returns to the field.
pub(crate) const FIELDS: &[(&str, Taken)] = &[
    ("description.id", Together("{word}")),
    ("description.version", Together("1.0.0-{word}")),
    ("description.summary", Together(TALK)),
    ("description.tasks.name", Together("{word}")),
    ("description.tasks.summary", Together(TALK)),
    ("description.tasks.parameters", Together(r#"{"title": "{word} {host}"}"#)),
    ("description.tasks.permissions.of.group", Alone("{host}")),
    ("description.tasks.permissions.of.version", Alone("{word}")),
    ("description.tasks.permissions.of.plural", Alone("{word}")),
    ("description.tasks.permissions.of.kind", Alone("{word}")),
    ("description.tasks.permissions.namespace", Alone("{word}")),
    ("description.tasks.permissions.names", Together("{word}")),
    ("description.tasks.permissions.reveal", Alone("{word}")),
    ("description.tasks.permissions.reason", Together(TALK)),
    ("description.rules.id", Together("{word}")),
    ("description.rules.title", Together(TALK)),
    ("description.rules.description", Together(TALK)),
    ("description.rules.references", Together(TALK)),
    ("needs.reads.one.of.group", Alone("{host}")),
    ("needs.reads.one.of.version", Alone("{word}")),
    ("needs.reads.one.of.plural", Alone("{word}")),
    ("needs.reads.one.of.kind", Alone("{word}")),
    ("needs.reads.one.namespace", Alone("{word}")),
    ("needs.reads.one.name", Together("{word}")),
    ("needs.reads.many.of.group", Alone("{host}")),
    ("needs.reads.many.of.version", Alone("{word}")),
    ("needs.reads.many.of.plural", Alone("{word}")),
    ("needs.reads.many.of.kind", Alone("{word}")),
    ("needs.reads.many.namespace", Alone("{word}")),
    ("needs.reads.many.label-selector", Together("walk={word}")),
    ("needs.reads.many.field-selector", Together("metadata.name={word}")),
    ("needs.random.name", Together("{word}")),
    ("needs.random.alphabet", Alone("{word}")),
    ("plan.operations.id", Together("{word}")),
    ("plan.operations.target.of.group", Alone("{host}")),
    ("plan.operations.target.of.version", Alone("{word}")),
    ("plan.operations.target.of.plural", Alone("{word}")),
    ("plan.operations.target.of.kind", Alone("{word}")),
    ("plan.operations.target.namespace", Alone("{word}")),
    ("plan.operations.target.name", Together("{word}")),
    ("plan.operations.action.create", Together(BODY)),
    ("plan.operations.action.replace", Together(BODY)),
    ("plan.operations.action.merge-patch", Together(BODY)),
    ("plan.operations.action.apply", Together(BODY)),
    ("plan.operations.after", Alone("{word}")),
    ("plan.operations.reason", Together(TALK)),
    ("plan.findings.rule", Together("{word}")),
    ("plan.findings.title", Together(TALK)),
    ("plan.findings.detail", Together(TALK)),
    ("plan.findings.target.of.group", Alone("{host}")),
    ("plan.findings.target.of.version", Alone("{word}")),
    ("plan.findings.target.of.plural", Alone("{word}")),
    ("plan.findings.target.of.kind", Alone("{word}")),
    ("plan.findings.target.namespace", Alone("{word}")),
    ("plan.findings.target.name", Together("{word}")),
    ("plan.findings.remedy", Alone("{word}")),
    ("plan.findings.references", Together("https://{host}/")),
    ("plan.notes", Together(TALK)),
    ("plan.outputs.name", Together("{word}")),
    ("plan.outputs.value.text", Together(TALK)),
    ("plan.outputs.value.secret", Alone("{={word}}")),
    ("failure.invalid-input.path", Alone("{word}")),
    ("failure.invalid-input.message", Alone(TALK)),
    ("failure.unsupported", Alone(TALK)),
    ("failure.other", Alone(TALK)),
];

/// Fields of a body.
const BODY: &str =
    r#"{"metadata": {"labels": {"{word}": "{word}"}, "annotations": {"{word}": "{host}"}}, "data": {"{word}": "{host}"}}"#;
