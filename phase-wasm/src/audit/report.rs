//! What was found so far, and what cures it.

use super::Purpose;
use super::rule::Rule;
use crate::abi::{Finding, ObjectRef, Operation, Plan, Severity};
use alloc::{borrow::ToOwned, collections::BTreeSet, format, string::String, vec::Vec};

/// How many operations a plan has at most; hosts take 10,000.
const MAX_OPERATIONS: usize = 9_000;

/// How many names are written out.
const MAX_NAMES: usize = 5;

/// A finding that may or may not be cured by what is proposed with it.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    /// The rule.
    pub(super) rule: Rule,
    /// How bad.
    pub(super) severity: Severity,
    /// One sentence that names the object.
    pub(super) title: String,
    /// What was seen.
    pub(super) evidence: String,
    /// The object.
    pub(super) target: ObjectRef,
    /// Whether the operations beside it cure it.
    pub(super) cure: Cure,
}

/// Whether the operations beside a finding cure it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cure {
    /// They do.
    Proposed,
    /// A person must look.
    None,
}

impl Draft {
    /// A finding as bad as its rule says, without a cure.
    pub(super) const fn new(rule: Rule, target: ObjectRef, title: String, evidence: String) -> Self {
        Self { rule, severity: rule.severity, title, evidence, target, cure: Cure::None }
    }

    /// The same, cured by the operations beside it.
    pub(super) const fn cured(mut self) -> Self {
        self.cure = Cure::Proposed;
        self
    }

    /// The same, with this severity.
    pub(super) const fn at(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }
}

/// Findings and operations.
pub(super) struct Report {
    purpose: Purpose,
    plan: Plan,
    left_out: usize,
}

impl Report {
    /// Nothing so far.
    pub(super) const fn new(purpose: Purpose) -> Self {
        let plan = Plan { operations: Vec::new(), findings: Vec::new(), notes: Vec::new(), outputs: Vec::new() };
        Self { purpose, plan, left_out: 0 }
    }

    /// What it is for.
    pub(super) const fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// Adds findings about one object, and the operations that cure those of them that say so.
    pub(super) fn add(&mut self, drafts: Vec<Draft>, operations: Vec<Operation>) {
        if self.purpose == Purpose::Audit {
            return self.add_fixable(drafts, operations.first().map_or("", |operation| &operation.reason));
        }
        let is_full = self.plan.operations.len() + operations.len() > MAX_OPERATIONS;
        let mut remedy = Vec::new();
        if is_full {
            self.left_out += operations.len();
        } else {
            remedy.extend(operations.iter().map(|operation| operation.id.clone()));
            self.plan.operations.extend(operations);
        }
        for draft in drafts {
            let remedy = if draft.cure == Cure::Proposed { remedy.clone() } else { Vec::new() };
            self.plan.findings.push(finding(draft, remedy, ""));
        }
    }

    /// Adds findings about one object, of which an audit says what `fix` would do; nothing if that is empty.
    pub(super) fn add_fixable(&mut self, drafts: Vec<Draft>, fix: &str) {
        let fixable = if fix.is_empty() { String::new() } else { format!(" Fixable: {fix}.") };
        for draft in drafts {
            let fixable = if draft.cure == Cure::Proposed { fixable.as_str() } else { "" };
            self.plan.findings.push(finding(draft, Vec::new(), fixable));
        }
    }

    /// The plan. What is to be done first but is not in it is done already.
    pub(super) fn finish(mut self) -> Plan {
        let ids: BTreeSet<String> = self.plan.operations.iter().map(|operation| operation.id.clone()).collect();
        self.plan.operations.iter_mut().for_each(|operation| operation.after.retain(|id| ids.contains(id)));
        if self.left_out > 0 {
            let note = format!("{} more operations are left for the next plan: make it when this one is applied", self.left_out);
            self.plan.notes.push(note);
        }
        self.plan
    }
}

fn finding(draft: Draft, remedy: Vec<String>, fixable: &str) -> Finding {
    Finding {
        rule: draft.rule.id.to_owned(),
        severity: draft.severity,
        title: draft.title,
        detail: format!("{}. {}{fixable}", draft.evidence, draft.rule.description),
        target: Some(draft.target),
        remedy,
        references: draft.rule.references.iter().map(|text| (*text).to_owned()).collect(),
    }
}

/// Names in backticks: the first few, and how many more there are.
pub(super) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut names = names.into_iter();
    let mut text = names.by_ref().take(MAX_NAMES).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let more = names.count();
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}
