//! The rules about tokens.

use super::Purpose;
use super::report::{Cure, Draft, Report, Terms, listed};
use super::rule::{self, AuditRule};
use super::token::{EXPIRATION, End, GROUPS, Half, StoredId, Token, Type, USAGE_PREFIX};
use crate::abi::{Action, ObjectRef, Operation, Precondition, Severity};
use crate::input::{AUTHENTICATION, AuditInput, Deadline, NODE_TOKEN_GROUP, SIGNING, is_bootstrap_group};
use crate::kind::{KUBE_SYSTEM, Kind};
use alloc::{borrow::ToOwned, collections::BTreeMap, format, string::String, string::ToString, vec, vec::Vec};
use core::cmp::Reverse;
use serde_json::{Map, Value, json};

/// Seconds after its end before a token counts as left behind: the controller's clock may differ from ours.
const GRACE: i64 = 60;
/// The length of a secret half.
const HALF_LENGTH: u64 = 16;
/// Less than one in a million random secrets has so few different characters.
const FEW_CHARACTERS: u64 = 6;
/// Ids of tokens in the documentation of Kubernetes and kubeadm, each with the number of different characters of its secret half.
const WELL_KNOWN: [(&str, u64); 4] = [("abcdef", 16), ("07401b", 11), ("9a08jv", 12), ("783bde", 9)];

/// What the living tokens can be used for.
#[derive(Default)]
pub(super) struct Living<'a> {
    /// The ids of those that sign, sorted, each with the time of its creation.
    pub(super) signing: Vec<(&'a str, Option<i64>)>,
    /// The number of those with which a node can log in and have the rights that kubeadm grants.
    pub(super) joining: usize,
}

pub(super) fn living(tokens: &[Token], now: i64) -> Living<'_> {
    let mut living = Living::default();
    for token in tokens {
        let (Some(id), Ok(())) = (token.id(), counts(token, now)) else { continue };
        if token.signs() {
            living.signing.push((id, token.created));
        }
        let is_in_group = token.groups().any(|group| group == NODE_TOKEN_GROUP);
        if token.logs_in() && is_in_group && refused_group(token).is_none() {
            living.joining += 1;
        }
    }
    living.signing.sort_unstable();
    living
}

/// Adds what is wrong with each token, and with several that share a secret half.
pub(super) fn judge(tokens: &[Token], context: &AuditInput, report: &mut Report<'_>) {
    let sharing = sharing(tokens, context.now);
    for token in tokens {
        match counts(token, context.now) {
            Err(None) => {}
            Err(Some((rule, evidence))) => remove(token, rule, evidence, report),
            Ok(()) => judge_living(token, sharing.get(token.name.as_str()).copied(), context, report),
        }
    }
}

/// Whether a token is alive and usable. If not, the error says why, where that is a finding.
fn counts(token: &Token, now: i64) -> Result<(), Option<(AuditRule, String)>> {
    let fault = |rule, evidence: &str| Err(Some((rule, evidence.to_owned())));
    if token.id().is_none() {
        return if token.of_type == Type::Other {
            Err(None)
        } else {
            fault(rule::TOKEN_MISNAMED, "its name does not contain a token id")
        };
    };
    if token.of_type == Type::Other {
        return fault(rule::TOKEN_WRONG_TYPE, "it has the keys of a token, but another type");
    }
    match (token.stored_id, &token.half, token.end) {
        (StoredId::Missing, ..) => fault(rule::TOKEN_MALFORMED, "its `token-id` is missing"),
        (StoredId::Other, ..) => fault(rule::TOKEN_MISNAMED, "its `token-id` does not match its name"),
        (_, None, _) => fault(rule::TOKEN_MALFORMED, "its `token-secret` is missing"),
        (.., End::Unreadable) => fault(rule::TOKEN_MALFORMED, "its `expiration` is not a time, so it counts as expired"),
        (.., End::At(end)) if end <= now - GRACE => fault(rule::TOKEN_EXPIRED, &format!("it expired {}", ago(now - end))),
        (.., End::At(end)) if end <= now => Err(None),
        (_, Some(half), _) => half_fault(token, half).map_or(Ok(()), |fault| Err(Some(fault))),
    }
}

/// Why the API server cannot accept this secret half: it wants 16 lower case letters and digits.
fn half_fault(token: &Token, half: &Half) -> Option<(AuditRule, String)> {
    if half.length != HALF_LENGTH {
        let evidence = format!("its secret half has {} characters instead of {HALF_LENGTH}", half.length);
        // It cannot log in, but cluster-info shows a signature that was made with it.
        return Some((if token.signs() { rule::TOKEN_WEAK_SECRET } else { rule::TOKEN_MALFORMED }, evidence));
    }
    half.classes
        .others
        .then(|| (rule::TOKEN_MALFORMED, "its secret half has characters other than lower case letters and digits".to_owned()))
}

/// A group for which the API server refuses the whole token.
fn refused_group(token: &Token) -> Option<&str> {
    token.groups().find(|group| !is_bootstrap_group(group))
}

fn ago(seconds: i64) -> String {
    match seconds / 60 {
        minutes @ ..60 => format!("{minutes} min ago"),
        minutes @ ..2880 => format!("{} h ago", minutes / 60),
        minutes => format!("{} d ago", minutes / 1440),
    }
}

/// Adds a token that no one can use, and that can therefore be deleted.
fn remove(token: &Token, rule: AuditRule, evidence: String, report: &mut Report<'_>) {
    let draft = draft(token, rule, evidence).cured();
    let reason = "deletes a Secret that cannot be used as a token";
    match report.purpose() {
        Purpose::Audit => report.add_fixable(vec![draft], reason),
        Purpose::Fix => {
            report.add(vec![draft], vec![operation(token, Action::Delete, reason)]);
        }
    }
}

fn draft(token: &Token, rule: AuditRule, evidence: String) -> Draft {
    let words = [("token", token.id().unwrap_or(&token.name)), ("secret", token.name.as_str())];
    Draft::new(rule, target(token), &words, evidence)
}

fn target(token: &Token) -> ObjectRef {
    Kind::Secret.object(KUBE_SYSTEM, &token.name)
}

fn operation(token: &Token, action: Action, reason: &str) -> Operation {
    let target = target(token);
    let (when, after, reason) = (Precondition::AsObserved, Vec::new(), reason.to_owned());
    Operation { id: super::operation_id(&target), target, action, when, after, reason }
}

/// A key to set in `stringData`, or to remove from `data` by `null`.
type Change = (&'static str, String, Value);

fn removed<'k>(keys: impl IntoIterator<Item = &'k str>) -> Vec<Change> {
    keys.into_iter().map(|key| ("data", key.to_owned(), Value::Null)).collect()
}

/// What is wrong with one token, and the patch that fixes it.
struct Judged<'a> {
    token: &'a Token,
    context: &'a AuditInput,
    terms: Terms<'a>,
    /// Each with what its fix would do, if it has one.
    drafts: Vec<(Draft, String)>,
    patch: Vec<Change>,
    reasons: Vec<String>,
}

impl Judged<'_> {
    fn draft(&self, rule: AuditRule, evidence: String) -> Draft {
        draft(self.token, rule, evidence)
    }

    /// Adds a finding that has no fix, or whose fix is planned already.
    fn find(&mut self, draft: Draft) {
        self.drafts.push((self.terms.settle(draft), String::new()));
    }

    /// Adds a finding, and its changes to the patch if its fix is proposed.
    fn find_cured(&mut self, draft: Draft, changes: impl IntoIterator<Item = Change>, reason: &str) {
        let draft = self.terms.settle(draft);
        if draft.is_planned() {
            self.patch.extend(changes);
            self.reasons.push(reason.to_owned());
        }
        self.drafts.push((draft, reason.to_owned()));
    }

    /// Adds an unwanted token. Its fix is to expire it soon instead of now, since someone may be using it.
    fn find_for_soon(&mut self, rule: AuditRule, evidence: &str) {
        let evidence = format!("{evidence}; replace the token");
        if matches!(self.token.end, End::At(end) if end <= self.context.soon.seconds) {
            let draft = self.draft(rule, format!("{evidence}; it expires within the hour"));
            return self.find(draft.at(Severity::Low));
        }
        self.find_ending(self.draft(rule, evidence).cured(), &self.context.soon);
    }

    /// Adds a finding whose fix is to expire the token by then, unless the patch does so already.
    fn find_ending(&mut self, draft: Draft, end: &Deadline) {
        let Some(text) = &end.text else { return self.find(draft.cured_as(Cure::None)) };
        if self.patch.iter().any(|(_, key, _)| key == EXPIRATION) {
            return self.find(draft);
        }
        let change = ("stringData", EXPIRATION.to_owned(), json!(text));
        self.find_cured(draft, [change], &format!("makes the token expire at {text}"));
    }

    /// An audit proposes nothing. With thousands of tokens, building the patches would be half of the work.
    fn report(self, report: &mut Report<'_>) {
        let planned = self.reasons.join(", ");
        if report.purpose() == Purpose::Audit || self.patch.is_empty() {
            for (draft, reason) in self.drafts {
                let fix = if draft.is_planned() { &planned } else { &reason };
                report.add_fixable(vec![draft], fix);
            }
            return;
        }
        let drafts = self.drafts.into_iter().map(|(draft, _)| draft).collect();
        let mut patch = Map::new();
        for (part, key, value) in self.patch {
            if let Some(entries) = patch.entry(part).or_insert_with(|| json!({})).as_object_mut() {
                entries.insert(key, value);
            }
        }
        let action = Action::MergePatch(Value::Object(patch).to_string());
        report.add(drafts, vec![operation(self.token, action, &planned)]);
    }
}

/// `shared` is the name of a token that has the same secret half and outlives this one.
fn judge_living(token: &Token, shared: Option<&str>, context: &AuditInput, report: &mut Report<'_>) {
    let mut judged = Judged { token, context, terms: report.terms(), drafts: Vec::new(), patch: Vec::new(), reasons: Vec::new() };
    judge_half(&mut judged);
    if let Some(other) = shared {
        judged.find_for_soon(rule::TOKEN_SHARED_SECRET, &format!("Secret `{other}` has it too"));
    }
    if judge_groups(&mut judged, report).is_err() {
        return;
    }
    judge_end(&mut judged);
    judge_usages(&mut judged);
    judged.report(report);
}

/// Usages without effect. One with a name that Kubernetes does not have belongs to another program, such as k0s, which needs it.
fn judge_usages(judged: &mut Judged<'_>) {
    let token = judged.token;
    let is_ours = |key: &&str| [SIGNING, AUTHENTICATION].iter().any(|usage| key.strip_prefix(USAGE_PREFIX) == Some(*usage));
    let (ours, others): (Vec<&str>, Vec<&str>) = token.odd_usages.iter().map(String::as_str).partition(is_ours);
    for (keys, cure, severity) in [(ours, Cure::Usual, Severity::Low), (others, Cure::Wide, Severity::Info)] {
        if !keys.is_empty() {
            let evidence = format!("it has {}", listed(keys.iter().copied()));
            let draft = judged.draft(rule::TOKEN_USAGE_UNKNOWN, evidence).at(severity).cured_as(cure);
            judged.find_cured(draft, removed(keys), "removes usages that Kubernetes does not know");
        }
    }
    if token.signs() && !token.logs_in() {
        judged.find(judged.draft(rule::TOKEN_SIGNING_ALONE, "it only has the usage `signing`".to_owned()));
    }
}

/// A token that never expires, or expires too late. Its new end is the limit, counted from now, so that what works goes on
/// working.
fn judge_end(judged: &mut Judged<'_>) {
    let context = judged.context;
    let (rule, evidence) = match judged.token.end {
        End::Never => (rule::TOKEN_NO_EXPIRY, "it has no `expiration`".to_owned()),
        End::At(end) if end > context.latest.seconds => {
            let days = (end - context.now) / 86_400;
            (rule::TOKEN_LIFETIME, format!("it is valid for {days} more days, the limit is {}", context.limit))
        }
        End::At(_) | End::Unreadable => return,
    };
    let draft = judged.draft(rule, evidence).cured();
    // Products have their own ways to end their tokens.
    let others = judged.token.groups().filter(|group| *group != NODE_TOKEN_GROUP);
    let owner = others.filter_map(|group| judged.terms.maker.owner("", "", group)).next();
    let draft = if owner.is_some() { draft.at(Severity::Info).cured_as(Cure::Wide) } else { draft };
    judged.find_ending(draft, &context.latest);
}

/// Groups that kubeadm does not give. They are removed only on request, and only if kubeadm's own group is left, by which nodes
/// join.
///
/// An error means that the token is reported already as one that neither logs in nor signs.
fn judge_groups(judged: &mut Judged<'_>, report: &mut Report<'_>) -> Result<(), ()> {
    let token = judged.token;
    if !token.logs_in() {
        return Ok(());
    }
    if let Some(refused) = refused_group(token) {
        let evidence = format!("`{refused}` in its `{GROUPS}` is not a group for bootstrap tokens, so the token cannot log in");
        if !token.signs() {
            remove(token, rule::TOKEN_MALFORMED, evidence, report);
            return Err(());
        }
        let usage = format!("{USAGE_PREFIX}{AUTHENTICATION}");
        let draft = judged.draft(rule::TOKEN_MALFORMED, evidence).cured();
        judged.find_cured(draft, removed([usage.as_str(), GROUPS]), "makes it a token that only signs, which is all it can do");
        return Ok(());
    }
    let surplus: Vec<&str> = token.groups().filter(|group| *group != NODE_TOKEN_GROUP).collect();
    if !surplus.is_empty() {
        let has_ours = token.groups().any(|group| group == NODE_TOKEN_GROUP);
        let evidence = format!("it is in {}", listed(surplus));
        if has_ours {
            let change = ("stringData", GROUPS.to_owned(), json!(NODE_TOKEN_GROUP));
            let draft = judged.draft(rule::TOKEN_GROUPS, evidence).cured_as(Cure::Wide);
            judged.find_cured(draft, [change], "leaves the token only in kubeadm's group");
        } else {
            // Nodes may join by that group, which someone made for them. Its further rights are found where they are granted.
            let evidence = format!("{evidence}, but not in kubeadm's");
            judged.find(judged.draft(rule::TOKEN_GROUPS, evidence));
        }
    }
    Ok(())
}

/// A secret half that can be guessed, judged by the facts about it.
fn judge_half(judged: &mut Judged<'_>) {
    let Some(half) = &judged.token.half else { return };
    let is_known = |(id, distinct): &(&str, u64)| {
        judged.token.id() == Some(*id) && half.distinct == Some(*distinct) && half.classes.lower && half.classes.digit
    };
    let evidence = if WELL_KNOWN.iter().any(is_known) {
        return judged.find_for_soon(rule::TOKEN_WELL_KNOWN, "its length and character count match the documented token");
    } else if half.distinct.is_some_and(|distinct| distinct <= FEW_CHARACTERS) {
        match half.distinct.unwrap_or_default() {
            1 => "its secret half is one character, repeated".to_owned(),
            few => format!("its secret half has only {few} different characters"),
        }
    } else if half.classes.digit && !half.classes.lower {
        "its secret half has only digits".to_owned()
    } else {
        return;
    };
    judged.find_for_soon(rule::TOKEN_WEAK_SECRET, &evidence);
}

/// The living tokens that share a secret half with another, except the one that ends last; each with the name of that one.
fn sharing(tokens: &[Token], now: i64) -> BTreeMap<&str, &str> {
    let living = tokens.iter().filter(|token| counts(token, now).is_ok());
    let mut by_half: Vec<(&str, &Token)> =
        living.filter_map(|token| Some((token.half.as_ref()?.handle.as_str(), token))).collect();
    let end = |token: &Token| match token.end {
        End::At(end) => end,
        End::Never | End::Unreadable => i64::MAX,
    };
    by_half.sort_unstable_by_key(|(handle, token)| (*handle, Reverse(end(token)), &token.name));
    let groups = by_half.chunk_by(|(handle, _), (other, _)| handle == other);
    let others = groups
        .filter_map(|tokens| tokens.split_first())
        .flat_map(|((_, last), others)| others.iter().map(|(_, token)| (token.name.as_str(), last.name.as_str())));
    others.collect()
}
