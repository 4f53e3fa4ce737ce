//! Collects findings, and the operations that fix them.

use super::Purpose;
use super::maker::Maker;
use super::rule::AuditRule;
use crate::abi::{Finding, ObjectRef, Operation, Plan, Severity};
use crate::input::Wider;
use alloc::{borrow::ToOwned, collections::BTreeSet, format, string::String, vec::Vec};

/// The most operations of a plan; hosts accept 10,000.
const MAX_OPERATIONS: usize = 9_000;

/// The most names that are written out.
const MAX_NAMES: usize = 5;

/// A finding before it is known whether its fix is proposed.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) rule: AuditRule,
    pub(super) severity: Severity,
    /// The sentence of the rule with its words filled in.
    pub(super) title: String,
    /// What was seen; the start of the detail.
    pub(super) evidence: String,
    pub(super) target: ObjectRef,
    pub(super) cure: Cure,
}

/// Whether the operations that come with a finding fix it, and whether they are proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cure {
    /// They do, and are proposed no matter who made the cluster.
    Sure,
    /// They do, and are proposed on a cluster of kubeadm. On another cluster someone may need what they take away.
    Usual,
    /// They do, but may take away what someone needs: they are proposed only on request.
    Wide,
    /// They do, and are proposed: [`Terms::settle`] decides so for the three above.
    Planned,
    /// They do not: a person must look.
    None,
}

impl Draft {
    /// A finding with the severity of its rule, and without a fix. `words` has the texts for the sentence of the rule; `{object}`
    /// is the target.
    pub(super) fn new(rule: AuditRule, target: ObjectRef, words: &[(&str, &str)], evidence: String) -> Self {
        let title = rule.says(|word| match word {
            "object" => Some(named(&target)),
            word => words.iter().find(|(name, _)| *name == word).map(|(_, text)| (*text).to_owned()),
        });
        Self { rule, severity: rule.severity, title, evidence, target, cure: Cure::None }
    }

    /// The same, fixed as [`Cure::Usual`] by the operations that come with it.
    pub(super) const fn cured(self) -> Self {
        self.cured_as(Cure::Usual)
    }

    pub(super) const fn cured_as(mut self, cure: Cure) -> Self {
        self.cure = cure;
        self
    }

    pub(super) const fn at(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Whether its fix is proposed.
    pub(super) fn is_planned(&self) -> bool {
        self.cure == Cure::Planned
    }
}

/// What decides on the severity of a finding, and whether its fix is proposed.
#[derive(Clone, Copy)]
pub(super) struct Terms<'a> {
    pub(super) maker: &'a Maker,
    pub(super) wider: &'a Wider,
}

impl Terms<'_> {
    /// Gives a finding its severity on a cluster of this maker, and decides whether its fix is proposed. All findings pass here.
    pub(super) fn settle(self, draft: Draft) -> Draft {
        let Draft { rule, severity, title, mut evidence, target, cure } = draft;
        let settled = self.maker.severity(rule.id, severity);
        let reason = self.maker.reason();
        let (cure, is_withheld) = match cure {
            // No request can name it.
            _ if !is_nameable(&target.name) => (Cure::None, false),
            Cure::Usual if reason.is_none() => (Cure::Planned, false),
            Cure::Usual | Cure::Wide if self.wider.takes(rule.id, &target) => (Cure::Planned, false),
            Cure::Usual => (Cure::Wide, true),
            Cure::Sure => (Cure::Planned, false),
            Cure::Wide | Cure::Planned | Cure::None => (cure, false),
        };
        if let Some(reason) = reason.filter(|_| is_withheld || settled != severity) {
            evidence = format!("{evidence}; {reason}");
        }
        Draft { rule, severity: settled, title, evidence, target, cure }
    }
}

pub(super) struct Report<'a> {
    purpose: Purpose,
    terms: Terms<'a>,
    plan: Plan,
    left_out: usize,
}

impl<'a> Report<'a> {
    pub(super) const fn new(purpose: Purpose, terms: Terms<'a>) -> Self {
        let plan = Plan { operations: Vec::new(), findings: Vec::new(), notes: Vec::new(), outputs: Vec::new() };
        Self { purpose, terms, plan, left_out: 0 }
    }

    pub(super) const fn terms(&self) -> Terms<'a> {
        self.terms
    }

    pub(super) const fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// Adds findings about one object, and the operations that fix those that say so. Returns the ids of the operations that are
    /// proposed, or that `fix` would propose.
    pub(super) fn add(&mut self, drafts: Vec<Draft>, operations: Vec<Operation>) -> Vec<String> {
        let drafts: Vec<Draft> = drafts.into_iter().map(|draft| self.terms.settle(draft)).collect();
        let is_planned = drafts.iter().any(Draft::is_planned);
        let mut remedy: Vec<String> = operations.iter().filter(|_| is_planned).map(|operation| operation.id.clone()).collect();
        if self.purpose == Purpose::Audit {
            self.add_fixable(drafts, operations.first().map_or("", |operation| &operation.reason));
            return remedy;
        }
        if self.plan.operations.len() + remedy.len() > MAX_OPERATIONS {
            self.left_out += remedy.len();
            remedy.clear();
        } else if is_planned {
            self.plan.operations.extend(operations);
        }
        for draft in drafts {
            let remedy = if draft.is_planned() { remedy.clone() } else { Vec::new() };
            self.plan.findings.push(Finding { fixable: !remedy.is_empty(), remedy, ..finding(draft, "") });
        }
        remedy
    }

    /// Adds findings about one object. `fix` says in an audit what the task `fix` would do; it may be empty.
    pub(super) fn add_fixable(&mut self, drafts: Vec<Draft>, fix: &str) {
        for draft in drafts {
            let draft = self.terms.settle(draft);
            let fixable = draft.is_planned() && !fix.is_empty();
            let how = match draft.cure {
                _ if fix.is_empty() => String::new(),
                Cure::Planned => format!("Fixable: {fix}.\n"),
                Cure::Wide => format!("Fixable with --fix={}: {fix}.\n", draft.rule.id),
                Cure::Sure | Cure::Usual | Cure::None => String::new(),
            };
            self.plan.findings.push(Finding { fixable, ..finding(draft, &how) });
        }
    }

    /// The plan. An operation that must come first but is not in it is done already.
    pub(super) fn finish(mut self) -> Plan {
        let ids: BTreeSet<String> = self.plan.operations.iter().map(|operation| operation.id.clone()).collect();
        self.plan.operations.iter_mut().for_each(|operation| operation.after.retain(|id| ids.contains(id)));
        if self.left_out > 0 {
            let note =
                format!("{} more operations are left for the next plan: plan again after applying this one", self.left_out);
            self.plan.notes.push(note);
        }
        self.plan
    }
}

/// A finding that nothing fixes yet. `how` is the first line of its detail: what would fix it.
fn finding(draft: Draft, how: &str) -> Finding {
    Finding {
        rule: draft.rule.id.to_owned(),
        severity: draft.severity,
        title: draft.title,
        detail: format!("{how}{}. {}", draft.evidence, draft.rule.description),
        // A host takes no other name. The title has it.
        target: Some(draft.target).filter(|target| is_nameable(&target.name)),
        remedy: Vec::new(),
        fixable: false,
        references: draft.rule.references.iter().map(|text| (*text).to_owned()).collect(),
    }
}

/// Whether a host takes a text as the name of an object: 1 to 253 of the characters that stand for themselves in a path (RFC 3986), but
/// `*`. The API server takes any name for a role or a binding that is without `/` and `%` (`ValidatePathSegmentName`).
fn is_nameable(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:@!$&'()+,;=".contains(&byte);
    (1..=253).contains(&name.len()) && name.bytes().all(is_plain) && name != "." && name != ".."
}

/// An object, the way a sentence names it.
fn named(target: &ObjectRef) -> String {
    let place = target.namespace.as_ref().map_or_else(String::new, |namespace| format!(" in {namespace}"));
    format!("{} `{}`{place}", target.of.kind, target.name)
}

/// The first few names in backticks, and how many more there are.
pub(super) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut names = names.into_iter();
    let mut text = names.by_ref().take(MAX_NAMES).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let more = names.count();
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}
