//! A plan in a file.
//!
//! The file itself is not executed. It records what the phase was asked, what was found and what the phase proposed. `apply
//! --plan` asks the same phase the same question again and applies its answer only if it is the same. An edited file can
//! therefore request nothing that the phase would not propose, the policy checks every operation again, and secrets need not be
//! in the file.

use super::changed::ChangedDocument;
use super::document::{self, SavedError};
use super::given::{GivenDocument, given};
use super::observed::{self, ObservedDocument};
use super::operation::ProposedDocument;
use crate::digest::Digest;
use crate::document::{API_VERSION, DocumentKind};
use crate::operation::OperationId;
use crate::plan::Content;
use crate::question::{Drawn, Question, RandomValue};
use crate::report::{Mode, Report};
use crate::secret::{SecretOrigin, Secrets};
use crate::snapshot::Snapshot;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use zeroize::Zeroizing;

/// The plan file: question, observed objects and proposed operations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlanDocument {
    /// The version of the format.
    api_version: String,
    /// What the document is.
    kind: String,
    /// The phase that proposed it.
    pub phase: PhaseDocument,
    /// The cluster it was made for.
    pub cluster: ClusterDocument,
    /// The question put to the phase.
    pub question: QuestionDocument,
    /// The digest of the question.
    pub input_digest: String,
    /// The secrets of the question, which are not in the file.
    pub given: Vec<GivenDocument>,
    /// Random strings; the visible ones with their value.
    random: BTreeMap<String, Value>,
    /// The objects that were found.
    observed: Vec<ObservedDocument>,
    /// The proposed operations, except those omitted.
    operations: Vec<ProposedDocument>,
    /// The ids of proposed operations that were omitted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    left_out: Vec<String>,
    /// What the operations change of each object, for those who review them.
    pub changes: Vec<ChangedDocument>,
    /// The findings of the phase.
    findings: Vec<Value>,
    /// The notes of the phase, one line each.
    notes: Vec<String>,
    /// The digest of everything else in the file.
    #[serde(default)]
    digest: String,
}

/// The phase that proposed a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PhaseDocument {
    /// The phase's id.
    pub id: String,
    /// The phase's version.
    pub version: String,
    /// The digest of the component.
    pub digest: String,
}

/// The cluster a plan was made for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClusterDocument {
    /// `live` or `folder`.
    pub against: String,
    /// The URL the API server was reached at.
    pub server: String,
    /// The version of its API server.
    pub version: String,
    /// The trusted certificate authority: `sha256:<hex>` of each public key.
    pub certificate_authority_pins: Vec<String>,
    /// The UID of the namespace `kube-system`, which identifies a cluster; missing for a folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
}

/// The question put to a phase. Secrets are handles.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct QuestionDocument {
    /// The task.
    task: String,
    /// The parameters of the task.
    parameters: Value,
    /// The configuration files, as far as a phase sees them.
    documents: Vec<Value>,
    /// The time of the question.
    now: String,
}

/// Everything a plan was made from.
pub struct Made<'a> {
    /// The phase.
    pub phase: PhaseDocument,
    /// The cluster.
    pub cluster: ClusterDocument,
    /// The question put to the phase.
    pub question: &'a Question,
    /// The objects that were read.
    pub snapshot: &'a Snapshot,
    /// The random values that were generated.
    pub random: &'a [RandomValue],
    /// What the plan changes of each object.
    pub changes: Vec<ChangedDocument>,
}

impl ClusterDocument {
    /// Checks that this is the same cluster.
    ///
    /// # Errors
    /// [`SavedError::OtherCluster`].
    pub fn check(&self, cluster: &Self) -> Result<(), SavedError> {
        let differences = [
            ("it was made against", &self.against, "this is", &cluster.against),
            ("the namespace kube-system has UID", &text(self.uid.as_ref()), "here it is", &text(cluster.uid.as_ref())),
            (
                "its certificate authority is",
                &self.certificate_authority_pins.join(", "),
                "here it is",
                &cluster.certificate_authority_pins.join(", "),
            ),
        ];
        match differences.into_iter().find(|(_, planned, _, here)| planned != here) {
            Some((what, planned, so, here)) => Err(SavedError::OtherCluster(format!("{what} {planned}, {so} {here}"))),
            None => Ok(()),
        }
    }
}

impl From<&Question> for QuestionDocument {
    fn from(question: &Question) -> Self {
        let Question { task, parameters, documents, now } = question.clone();
        Self { task, parameters, documents, now }
    }
}

impl QuestionDocument {
    /// The question as it is put to a phase.
    #[must_use]
    pub fn question(&self) -> Question {
        let Self { task, parameters, documents, now } = self.clone();
        Question { task, parameters, documents, now }
    }

    /// The task.
    #[must_use]
    pub fn task(&self) -> &str {
        &self.task
    }

    /// The time that the question assumes, RFC 3339.
    #[must_use]
    pub fn now(&self) -> &str {
        &self.now
    }

    fn digest(&self) -> String {
        Digest::of(serde_json::to_string(self).unwrap_or_default().as_bytes()).to_string()
    }
}

impl PlanDocument {
    /// Records what was found and what was proposed.
    #[must_use]
    pub fn new(made: Made<'_>, content: Option<&Content>) -> Self {
        let question = QuestionDocument::from(made.question);
        let random = made.random.iter().map(|drawn| {
            let value = match &drawn.value {
                Drawn::Clear(text) => json!(text),
                Drawn::Hidden(id) => json!({ "$secret": id.as_str() }),
            };
            (drawn.name.clone(), value)
        });
        let operations = content.into_iter().flat_map(|content| content.operations.iter().map(ProposedDocument::from));
        let findings = content
            .into_iter()
            .flat_map(|content| content.findings.iter().map(|finding| json!({ "rule": finding.rule, "title": finding.title })));
        Self {
            api_version: API_VERSION.to_owned(),
            kind: DocumentKind::Plan.to_string(),
            phase: made.phase,
            cluster: made.cluster,
            input_digest: question.digest(),
            given: given(made.question),
            question,
            random: random.collect(),
            observed: made.snapshot.iter().map(|(selector, objects)| ObservedDocument::new(selector, objects)).collect(),
            operations: operations.collect(),
            left_out: Vec::new(),
            changes: made.changes,
            findings: findings.collect(),
            notes: content.map(|content| content.notes.clone()).unwrap_or_default(),
            digest: String::new(),
        }
    }

    /// The same document with these operations listed as omitted; the content it was made from must no longer hold them.
    #[must_use]
    pub fn leaving_out(self, ids: &BTreeSet<OperationId>) -> Self {
        Self { left_out: ids.iter().map(ToString::to_string).collect(), ..self }
    }

    /// The operations that were omitted.
    #[must_use]
    pub fn left_out(&self) -> BTreeSet<OperationId> {
        self.left_out.iter().filter_map(|id| OperationId::parse(id)).collect()
    }

    /// What the operations would do, and the titles of the findings. The notes are about a plan that was applied.
    ///
    /// # Errors
    /// [`SavedError::Unreadable`] for invalid names.
    pub fn foreseen(&self) -> Result<(Report, Vec<String>), SavedError> {
        let entries = self.operations.iter().map(ProposedDocument::foreseen).collect::<Result<_, _>>()?;
        let titles = self.findings.iter().filter_map(|finding| finding.get("title")?.as_str());
        Ok((Report { mode: Mode::Client, entries }, titles.map(|title| format!("warning: {title}")).collect()))
    }

    /// The text of the file: identical plans give identical text.
    #[must_use]
    pub fn text(&self) -> String {
        document::text(self)
    }

    /// The random strings in the file. Secret ones are not in it; they are generated when the plan is applied.
    #[must_use]
    pub fn random(&self) -> Vec<RandomValue> {
        let clear = self.random.iter().filter_map(|(name, value)| {
            Some(RandomValue { name: name.clone(), value: Drawn::Clear(value.as_str()?.to_owned()) })
        });
        clear.collect()
    }

    /// Checks that the plan was made with this phase and for this cluster.
    ///
    /// # Errors
    /// [`SavedError`], naming what differs.
    pub fn check_origin(&self, phase: &PhaseDocument, cluster: &ClusterDocument) -> Result<(), SavedError> {
        if self.phase.digest != phase.digest {
            return Err(SavedError::OtherPhase { planned: self.phase.digest.clone(), given: phase.digest.clone() });
        }
        self.cluster.check(cluster)
    }

    /// Checks that all objects are still as the plan found them. `now` is the document of what is found now.
    ///
    /// # Errors
    /// [`SavedError::Stale`] with each object that changed.
    pub fn check_observed(&self, now: &Self) -> Result<(), SavedError> {
        observed::check(&self.observed, &now.observed)
    }

    /// Checks that the phase still proposes what the plan says.
    ///
    /// # Errors
    /// [`SavedError::Different`].
    pub fn check_proposal(&self, now: &Self) -> Result<(), SavedError> {
        for (what, is_same) in [
            ("questions", self.question == now.question && self.input_digest == now.input_digest && self.given == now.given),
            ("random strings", self.random.keys().eq(now.random.keys())),
            ("observations", are_as_before(&self.observed, &now.observed)),
            ("operations", self.operations == now.operations),
            ("changes", self.changes == now.changes),
            ("findings and notes", self.findings == now.findings && self.notes == now.notes),
        ] {
            if !is_same {
                return Err(SavedError::Different(what));
            }
        }
        Ok(())
    }

    /// The secrets of the question, taken from tokens that are given again, by their ids.
    ///
    /// # Errors
    /// [`SavedError`] for a missing token, for a token that the plan does not use, and if other secrets were omitted.
    pub fn secrets(&self, tokens: &BTreeMap<String, Zeroizing<Vec<u8>>>, origin: &SecretOrigin) -> Result<Secrets, SavedError> {
        if self.given.iter().any(|given| given.token_id.is_none()) {
            return Err(SavedError::MissingInput);
        }
        let ids = || self.given.iter().filter_map(|given| given.token_id.as_ref());
        if let Some(other) = tokens.keys().find(|id| !ids().any(|known| known == *id)) {
            return Err(SavedError::OtherToken(other.clone()));
        }
        let missing: Vec<String> = ids().filter(|id| !tokens.contains_key(*id)).cloned().collect();
        if !missing.is_empty() {
            return Err(SavedError::MissingTokens(missing));
        }
        let mut secrets = Secrets::default();
        for value in ids().filter_map(|id| tokens.get(id)) {
            secrets.hide(value, origin.clone());
        }
        Ok(secrets)
    }
}

pub(super) fn text(value: Option<&String>) -> String {
    value.map_or_else(|| "none".to_owned(), Clone::clone)
}

fn are_as_before(before: &[ObservedDocument], now: &[ObservedDocument]) -> bool {
    before.len() == now.len() && now.iter().zip(before).all(|(now, then)| now.is_as(then))
}
