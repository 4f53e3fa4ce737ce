//! An audit as one document in the plugin's own format, which is stable and versioned; and back, for `audit merge`.

use super::odd;
use super::run::{RunDocument, run_of};
use kubephase_core::audit::{
    Audit, AuditRun, AuditScope, Audited, Judged, ListedAs, Novelty, Terms, Threshold, TokenBinding, TokenRights, TokensOfGroups,
    Weight,
};
use kubephase_core::document::{DocumentHead, DocumentKind};
use kubephase_core::finding::{Finding, Severity};
use kubephase_core::object::ObjectRef;
use kubephase_core::saved::{ObjectDocument, PhaseDocument};
use kubephase_core::unique;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuditDocument<'a> {
    #[serde(flatten, skip_deserializing, default = "head")]
    head: DocumentHead,
    /// The phase that audited.
    phase: Cow<'a, PhaseDocument>,
    /// The time of the audit.
    time: String,
    /// The severity from which a finding counts, or `never`.
    fail_on: Cow<'a, str>,
    /// The verdict on all clusters.
    #[cfg_attr(test, schemars(with = "kubephase_core::audit::AuditVerdict"))]
    verdict: Cow<'a, str>,
    /// The clusters.
    clusters: Vec<ClusterDocument<'a>>,
}

/// The findings in one cluster.
#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct ClusterDocument<'a> {
    /// The user's name for the cluster.
    cluster: Cow<'a, str>,
    /// The verdict on this cluster.
    #[cfg_attr(test, schemars(with = "kubephase_core::audit::AuditVerdict"))]
    verdict: Cow<'a, str>,
    /// Why it could not be audited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// The UID of the cluster; missing if it was not read, as in a folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    uid: Option<Cow<'a, str>>,
    /// The user that read it, as the kubeconfig or `--as` names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user: Option<Cow<'a, str>>,
    /// When it was audited, if not at the time of the report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    /// What it is where it is listed; in a report of `--output-dir`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    identity: Option<Cow<'a, str>>,
    /// The digest of what was asked, which `--resume` compares; in a report of `--output-dir`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    question: Option<Cow<'a, str>>,
    /// When its audit ended; missing if the time was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended: Option<String>,
    /// How many objects of each kind were looked at.
    objects: Cow<'a, BTreeMap<String, usize>>,
    /// The number of findings of each severity, and of those that are ignored.
    #[serde(skip_deserializing)]
    summary: BTreeMap<&'static str, usize>,
    /// The findings.
    findings: Vec<FindingDocument<'a>>,
    /// What bootstrap tokens may do; in a report by `--output-dir`, or beside a page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rights: Option<RightsDocument<'a>>,
}

/// A finding.
#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct FindingDocument<'a> {
    /// The id of the rule.
    rule: Cow<'a, str>,
    /// How severe it is.
    #[cfg_attr(test, schemars(with = "kubephase_core::finding::Severity"))]
    severity: Cow<'a, str>,
    /// What was found, in one line.
    title: Cow<'a, str>,
    /// Why it matters.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    detail: Cow<'a, str>,
    /// The object concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    object: Option<ObjectDocument>,
    /// Further reading.
    references: Cow<'a, [String]>,
    /// Whether the plan of `--fix-out` fixes it, or would; missing if the phase cannot say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fixable: Option<bool>,
    /// The same for the same finding in another audit.
    fingerprint: Cow<'a, str>,
    /// Whether the finding reaches the threshold, is not ignored, and with --fail-on-new is new.
    counts: bool,
    /// Whether the audit of --baseline did not have it; missing without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    new: Option<bool>,
    /// Why it is ignored; missing if it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ignored: Option<IgnoredDocument<'a>>,
}

/// Why a finding is ignored.
#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct IgnoredDocument<'a> {
    /// The reason given by the operator.
    reason: Cow<'a, str>,
}

/// What bootstrap tokens may do.
#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct RightsDocument<'a> {
    /// The tokens that can log in, by their groups.
    tokens: Vec<TokensDocument<'a>>,
    /// How many tokens cannot log in: they have expired, only sign, or have a group that tokens may not have.
    without_login: usize,
    /// The bindings that name a group or the user of a bootstrap token.
    bindings: Vec<BindingDocument<'a>>,
}

/// Tokens with the same groups.
#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct TokensDocument<'a> {
    /// The first ids.
    ids: Cow<'a, [String]>,
    /// How many tokens there are.
    count: usize,
    /// Their groups, and the users that a binding names.
    subjects: Cow<'a, BTreeSet<String>>,
}

/// A binding that gives rights to bootstrap tokens.
#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct BindingDocument<'a> {
    /// `ClusterRoleBinding` or `RoleBinding`.
    kind: Cow<'a, str>,
    /// Its namespace; empty for a `ClusterRoleBinding`.
    namespace: Cow<'a, str>,
    /// Its name.
    name: Cow<'a, str>,
    /// Its role, with the kind.
    role: Cow<'a, str>,
    /// The groups and users of bootstrap tokens among its subjects.
    subjects: Cow<'a, BTreeSet<String>>,
    /// What the role allows, a line for each rule; missing if the role was not found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    allows: Option<Cow<'a, [String]>>,
}

fn head() -> DocumentHead {
    DocumentKind::AuditReport.head()
}

/// The document.
pub(super) fn document(audit: &Audit) -> AuditDocument<'_> {
    AuditDocument {
        head: head(),
        phase: Cow::Borrowed(&audit.phase),
        time: audit.terms.now.to_string(),
        fail_on: audit.terms.threshold.as_str().into(),
        verdict: audit.verdict().as_str().into(),
        clusters: audit.clusters.iter().map(cluster).collect(),
    }
}

fn cluster(cluster: &Audited) -> ClusterDocument<'_> {
    let counts = cluster.counts();
    let summary = counts.by_severity().map(|(severity, count)| (severity.as_str(), count));
    ClusterDocument {
        cluster: Cow::Borrowed(&cluster.cluster),
        verdict: cluster.verdict().as_str().into(),
        error: cluster.result.as_ref().err().map(|lines| lines.join("\n")),
        uid: cluster.scope.uid.as_deref().map(Cow::Borrowed),
        user: cluster.scope.user.as_deref().map(Cow::Borrowed),
        time: cluster.scope.begun.map(|time| time.to_string()),
        identity: cluster.scope.listed.as_ref().map(|listed| Cow::Borrowed(listed.identity.as_str())),
        question: cluster.scope.listed.as_ref().map(|listed| Cow::Borrowed(listed.question.as_str())),
        ended: cluster.scope.ended.map(|ended| ended.to_string()),
        objects: Cow::Borrowed(&cluster.scope.objects),
        summary: summary.chain([("ignored", counts.ignored)]).collect(),
        findings: cluster.findings().iter().map(|judged| finding(cluster, judged)).collect(),
        rights: Some(&cluster.scope.rights).filter(|rights| !rights.is_empty()).map(rights),
    }
}

fn finding<'a>(cluster: &Audited, judged: &'a Judged) -> FindingDocument<'a> {
    let Finding { rule, severity, title, detail, target, references, .. } = &judged.finding;
    FindingDocument {
        rule: rule.into(),
        severity: severity.as_str().into(),
        title: title.into(),
        detail: detail.into(),
        object: target.as_ref().map(ObjectDocument::from),
        references: references.into(),
        fixable: cluster.is_fixable(judged),
        fingerprint: Cow::Borrowed(&judged.fingerprint),
        counts: judged.weight == Weight::Counts,
        new: judged.novelty.map(|novelty| novelty == Novelty::New),
        ignored: match &judged.weight {
            Weight::Ignored(reason) => Some(IgnoredDocument { reason: reason.into() }),
            Weight::Counts | Weight::Below => None,
        },
    }
}

fn rights(rights: &TokenRights) -> RightsDocument<'_> {
    let tokens = |tokens: &'_ TokensOfGroups| TokensDocument {
        ids: tokens.ids.clone().into(),
        count: tokens.count,
        subjects: Cow::Owned(tokens.subjects.clone()),
    };
    let binding = |binding: &'_ TokenBinding| BindingDocument {
        kind: binding.kind.clone().into(),
        namespace: binding.namespace.clone().into(),
        name: binding.name.clone().into(),
        role: binding.role.clone().into(),
        subjects: Cow::Owned(binding.subjects.clone()),
        allows: binding.allows.clone().map(Cow::Owned),
    };
    RightsDocument {
        tokens: rights.tokens.iter().map(tokens).collect(),
        without_login: rights.without_login,
        bindings: rights.bindings.iter().map(binding).collect(),
    }
}

/// What a file in a folder of reports is.
pub enum AuditFile {
    /// A report.
    Report(Audit),
    /// What a run set out to do.
    Run(AuditRun),
}

/// What a text is that was written before.
///
/// # Errors
/// What is wrong with it: it is neither, or one of its values is none that is written.
pub fn found(text: &str) -> Result<AuditFile, String> {
    let value: Value = unique::parse(text.as_bytes()).map_err(|error| error.to_string())?;
    let field = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
    if DocumentKind::AuditRun.check(field("apiVersion"), field("kind")).is_ok() {
        let document: RunDocument<'_> = serde_json::from_value(value).map_err(|error| error.to_string())?;
        return run_of(document).map(AuditFile::Run);
    }
    DocumentKind::AuditReport.check(field("apiVersion"), field("kind")).map_err(|error| error.to_string())?;
    audit(value).map(AuditFile::Report)
}

/// The audit of a document that was written before.
///
/// # Errors
/// What is wrong with the text: it is no such document, or one of its values is none that is written.
pub fn audit_of(text: &str) -> Result<Audit, String> {
    match found(text)? {
        AuditFile::Report(audit) => Ok(audit),
        AuditFile::Run(_) => Err("it is `AuditRun`, not `AuditReport`".to_owned()),
    }
}

fn audit(value: Value) -> Result<Audit, String> {
    let document: AuditDocument<'_> = serde_json::from_value(value).map_err(|error| error.to_string())?;
    let threshold = Threshold::named(&document.fail_on).ok_or_else(|| odd("failOn", &document.fail_on))?;
    let now = document.time.parse().map_err(|_| odd("time", &document.time))?;
    let clusters = document.clusters.into_iter().map(audited).collect::<Result<Vec<Audited>, _>>()?;
    let all = clusters.iter().flat_map(Audited::findings);
    let may_count = |judged: &Judged| threshold.is_reached(judged.finding.severity);
    if let Some(judged) = all.clone().find(|judged| !may_count(judged) && judged.weight == Weight::Counts) {
        return Err(format!(
            "its finding `{}` counts, although it is below the threshold",
            kubephase_core::name::shortened(&judged.finding.rule)
        ));
    }
    let is_open = |judged: &&Judged| judged.weight == Weight::Below && judged.novelty != Some(Novelty::Known);
    if let Some(judged) = all.clone().filter(is_open).find(|judged| may_count(judged)) {
        return Err(format!(
            "its finding `{}` does not count, and nothing says why",
            kubephase_core::name::shortened(&judged.finding.rule)
        ));
    }
    if clusters.is_empty() {
        return Err("it has no cluster".to_owned());
    }
    Ok(Audit::of_parts(document.phase.into_owned(), Terms { threshold, ignores: Vec::new(), now, baseline: None }, clusters))
}

fn audited(document: ClusterDocument<'_>) -> Result<Audited, String> {
    let time = |field, text: Option<String>| text.map(|text| text.parse().map_err(|_| odd(field, &text))).transpose();
    let (ended, begun) = (time("ended", document.ended)?, time("time", document.time)?);
    let listed = document.identity.zip(document.question);
    let listed = listed.map(|(identity, question)| ListedAs { identity: identity.into_owned(), question: question.into_owned() });
    let scope = AuditScope {
        uid: document.uid.map(Cow::into_owned),
        user: document.user.map(Cow::into_owned),
        objects: document.objects.into_owned(),
        rights: document.rights.map(token_rights).unwrap_or_default(),
        ended,
        begun,
        listed,
        ..AuditScope::default()
    };
    let result = match document.error {
        Some(error) => Err(error.lines().map(str::to_owned).collect()),
        None => Ok(document.findings.into_iter().map(judged).collect::<Result<_, String>>()?),
    };
    let audited = Audited { cluster: document.cluster.into_owned(), scope, result };
    // Whoever wrote something else did not get it from an audit.
    if audited.verdict().as_str() != document.verdict {
        return Err(format!(
            "the verdict on `{}` is not that of its findings",
            kubephase_core::name::shortened(&audited.cluster)
        ));
    }
    Ok(audited)
}

fn judged(document: FindingDocument<'_>) -> Result<Judged, String> {
    let severity = Severity::named(&document.severity).ok_or_else(|| odd("severity", &document.severity))?;
    let target = document.object.as_ref().map(ObjectRef::try_from).transpose().map_err(|error| error.to_string())?;
    let finding = Finding {
        rule: document.rule.into_owned(),
        severity,
        title: document.title.into_owned(),
        detail: document.detail.into_owned(),
        target,
        fixable: document.fixable,
        remedy: Vec::new(),
        references: document.references.into_owned(),
    };
    let weight = match document.ignored {
        Some(ignored) => Weight::Ignored(ignored.reason.into_owned()),
        None if document.counts => Weight::Counts,
        None => Weight::Below,
    };
    let novelty = document.new.map(|new| if new { Novelty::New } else { Novelty::Known });
    Ok(Judged { finding, fingerprint: document.fingerprint.into_owned(), weight, novelty })
}

fn token_rights(document: RightsDocument<'_>) -> TokenRights {
    let tokens = |tokens: TokensDocument<'_>| TokensOfGroups {
        ids: tokens.ids.into_owned(),
        count: tokens.count,
        subjects: tokens.subjects.into_owned(),
    };
    let binding = |binding: BindingDocument<'_>| TokenBinding {
        kind: binding.kind.into_owned(),
        namespace: binding.namespace.into_owned(),
        name: binding.name.into_owned(),
        role: binding.role.into_owned(),
        subjects: binding.subjects.into_owned(),
        allows: binding.allows.map(Cow::into_owned),
    };
    TokenRights {
        tokens: document.tokens.into_iter().map(tokens).collect(),
        without_login: document.without_login,
        bindings: document.bindings.into_iter().map(binding).collect(),
    }
}
