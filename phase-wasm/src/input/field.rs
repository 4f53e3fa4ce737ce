//! A place in a JSON document that knows its path.

use crate::abi::Problem;
use crate::handle::HANDLE;
use alloc::{borrow::ToOwned, format, string::String, vec::Vec};
use serde_json::Value;

/// What stands for a missing member.
static MISSING: Value = Value::Null;

/// A value and the path to it. As in Go's decoding, `null` counts as missing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field<'a> {
    value: &'a Value,
    parent: Option<&'a Value>,
    path: Path<'a>,
}

/// The path in parts, joined only to report a problem.
#[derive(Debug, Clone, Copy)]
struct Path<'a>([Step<'a>; 4]);

#[derive(Debug, Clone, Copy)]
enum Step<'a> {
    None,
    Member(&'a str),
    Item(usize),
}

impl<'a> Field<'a> {
    pub(crate) const fn root(value: &'a Value) -> Self {
        Self { value, parent: None, path: Path([Step::None; 4]) }
    }

    /// Stands for a document that is missing.
    pub(crate) const fn missing() -> Self {
        Self::root(&MISSING)
    }

    pub(crate) const fn value(&self) -> &'a Value {
        self.value
    }

    pub(crate) fn is_present(&self) -> bool {
        !self.value.is_null()
    }

    /// Whether it is an object. A handle is not: it stands for a string.
    pub(crate) fn is_object(&self) -> bool {
        self.value.as_object().is_some_and(|fields| !fields.contains_key(HANDLE))
    }

    pub(crate) fn member(&self, name: &'a str) -> Self {
        Self {
            value: self.value.get(name).unwrap_or(&MISSING),
            parent: Some(self.value),
            path: self.path.then(Step::Member(name)),
        }
    }

    /// The items of a list; none if it is missing, and a problem if it has another type.
    pub(crate) fn items(&self, problems: &mut Vec<Problem>) -> Vec<Self> {
        self.check_parent(problems);
        match self.value {
            Value::Array(items) => items
                .iter()
                .enumerate()
                .map(|(index, value)| Self { value, parent: None, path: self.path.then(Step::Item(index)) })
                .collect(),
            Value::Null => Vec::new(),
            _ => {
                problems.push(self.problem("must be a list"));
                Vec::new()
            }
        }
    }

    /// The string; none if it is missing, and a problem if it has another type.
    pub(crate) fn string(&self, problems: &mut Vec<Problem>) -> Option<&'a str> {
        self.check_parent(problems);
        if self.value.get(HANDLE).is_some() {
            problems.push(self.problem("must not contain a bootstrap token, because it is not secret"));
        } else if self.is_present() && !self.value.is_string() {
            problems.push(self.problem("must be a string; quote it if it looks like a number, a boolean or a date"));
        }
        self.value.as_str()
    }

    /// The number; none if it is missing, and a problem if it has another type.
    pub(crate) fn number(&self, problems: &mut Vec<Problem>) -> Option<f64> {
        self.check_parent(problems);
        if self.is_present() && !self.value.is_number() {
            problems.push(self.problem("must be a number"));
        }
        self.value.as_f64()
    }

    /// A list of strings. As in Go's decoding, a `null` item is the empty string.
    pub(crate) fn strings(&self, problems: &mut Vec<Problem>) -> Vec<String> {
        let items = self.items(problems);
        items.iter().map(|item| item.string(problems).unwrap_or_default().to_owned()).collect()
    }

    pub(crate) fn problem(&self, message: &str) -> Problem {
        Problem { path: self.path.join(), message: message.to_owned() }
    }

    /// Looking for a member finds nothing in a parent that is not an object, so the parent is checked here.
    fn check_parent(&self, problems: &mut Vec<Problem>) {
        if self.parent.is_some_and(|parent| !parent.is_object() && !parent.is_null()) {
            let path = self.path.parent().join();
            if !problems.iter().any(|problem| problem.path == path) {
                problems.push(Problem { path, message: "must be an object".to_owned() });
            }
        }
    }
}

impl<'a> Path<'a> {
    fn then(mut self, step: Step<'a>) -> Self {
        if let Some(free) = self.0.iter_mut().find(|step| matches!(step, Step::None)) {
            *free = step;
        }
        self
    }

    fn parent(mut self) -> Self {
        if let Some(last) = self.0.iter_mut().rev().find(|step| !matches!(step, Step::None)) {
            *last = Step::None;
        }
        self
    }

    fn join(&self) -> String {
        let mut text = String::new();
        for step in &self.0 {
            match step {
                Step::None => {}
                Step::Member(name) if text.is_empty() => text.push_str(name),
                Step::Member(name) => text.push_str(&format!(".{name}")),
                Step::Item(index) => text.push_str(&format!("[{index}]")),
            }
        }
        text
    }
}
