//! A plan in a file.
//!
//! The file is not what is carried out. It says what the phase was asked, what was found and what the phase proposed; `apply --plan`
//! asks the same phase the same question again and carries out its answer if it is the same. So an edited file can ask for nothing
//! that the phase would not propose, the policy looks at every operation again, and secrets need not be in the file.

use super::document::{self, ObjectDocument, SavedError};
use super::given::{GivenDocument, given};
use crate::digest::Digest;
use crate::grant::API_VERSION;
use crate::operation::{Operation, OperationId, Precondition};
use crate::plan::Content;
use crate::question::{Drawn, Question, RandomValue};
use crate::secret::{SecretOrigin, Secrets, plain_handles};
use crate::selector::Selector;
use crate::snapshot::Snapshot;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use zeroize::Zeroizing;

pub(super) const KIND: &str = "Plan";

/// A plan in a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlanDocument {
    api_version: String,
    kind: String,
    /// Who proposed it.
    pub phase: PhaseDocument,
    /// For which cluster.
    pub cluster: ClusterDocument,
    /// What was asked.
    pub question: QuestionDocument,
    /// The digest of the question.
    pub input_digest: String,
    /// Which secrets of the question were left out.
    pub given: Vec<GivenDocument>,
    /// Random strings, those in clear with their value.
    random: BTreeMap<String, Value>,
    /// What was found.
    observed: Vec<ObservedDocument>,
    /// What was proposed, but for what was left out.
    operations: Vec<Value>,
    /// The ids of operations that were proposed and are not wanted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    left_out: Vec<String>,
    /// What the phase noticed.
    findings: Vec<Value>,
    /// Its lines.
    notes: Vec<String>,
    /// The digest of all else.
    #[serde(default)]
    digest: String,
}

/// Who proposed a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhaseDocument {
    /// The phase's id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// The digest of the component.
    pub digest: String,
}

/// For which cluster a plan was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClusterDocument {
    /// `live` or `folder`.
    pub against: String,
    /// The URL by which it was reached.
    pub server: String,
    /// The version of its API server.
    pub version: String,
    /// The certificate authority that was trusted: `sha256:<hex>` of each public key.
    pub certificate_authority_pins: Vec<String>,
    /// The UID of the namespace `kube-system`, by which clusters are told apart; none for a folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
}

/// What a phase was asked. Secrets are handles.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuestionDocument {
    task: String,
    parameters: Value,
    documents: Vec<Value>,
    now: String,
}

/// What a selector found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ObservedDocument {
    selector: Value,
    found: Vec<FoundDocument>,
}

/// An object that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FoundDocument {
    object: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    uid: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resource_version: Option<String>,
}

/// All that a plan was made from.
pub struct Made<'a> {
    /// The phase.
    pub phase: PhaseDocument,
    /// The cluster.
    pub cluster: ClusterDocument,
    /// What was asked.
    pub question: &'a Question,
    /// What was read.
    pub snapshot: &'a Snapshot,
    /// What was drawn.
    pub random: &'a [RandomValue],
}

impl ClusterDocument {
    /// Whether this is the same cluster.
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
    /// The question.
    #[must_use]
    pub fn question(&self) -> Question {
        let Self { task, parameters, documents, now } = self.clone();
        Question { task, parameters, documents, now }
    }

    /// The time that it reckons with.
    #[must_use]
    pub fn now(&self) -> &str {
        &self.now
    }

    fn digest(&self) -> String {
        Digest::of(serde_json::to_string(self).unwrap_or_default().as_bytes()).to_string()
    }
}

impl PlanDocument {
    /// The document of what was found, and of what was proposed then.
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
        let operations = content.into_iter().flat_map(|content| content.operations.iter().map(operation));
        let findings = content
            .into_iter()
            .flat_map(|content| content.findings.iter().map(|finding| json!({ "rule": finding.rule, "title": finding.title })));
        Self {
            api_version: API_VERSION.to_owned(),
            kind: KIND.to_owned(),
            phase: made.phase,
            cluster: made.cluster,
            input_digest: question.digest(),
            given: given(made.question),
            question,
            random: random.collect(),
            observed: made.snapshot.iter().map(|(selector, objects)| observed(selector, objects)).collect(),
            operations: operations.collect(),
            left_out: Vec::new(),
            findings: findings.collect(),
            notes: content.map(|content| content.notes.clone()).unwrap_or_default(),
            digest: String::new(),
        }
    }

    /// The same without these operations, which are not in the content that it was made of any more.
    #[must_use]
    pub fn leaving_out(self, ids: &BTreeSet<OperationId>) -> Self {
        Self { left_out: ids.iter().map(ToString::to_string).collect(), ..self }
    }

    /// The operations that are not wanted.
    #[must_use]
    pub fn left_out(&self) -> BTreeSet<OperationId> {
        self.left_out.iter().filter_map(|id| OperationId::parse(id)).collect()
    }

    /// The text of its file: the same for the same plan.
    #[must_use]
    pub fn text(&self) -> String {
        document::text(self)
    }

    /// The random strings that stand in it. Secret ones do not; they are drawn when the plan is carried out.
    #[must_use]
    pub fn random(&self) -> Vec<RandomValue> {
        let clear = self.random.iter().filter_map(|(name, value)| {
            Some(RandomValue { name: name.clone(), value: Drawn::Clear(value.as_str()?.to_owned()) })
        });
        clear.collect()
    }

    /// Whether this is the phase and the cluster that the plan was made with.
    ///
    /// # Errors
    /// [`SavedError`] that says what differs.
    pub fn check_origin(&self, phase: &PhaseDocument, cluster: &ClusterDocument) -> Result<(), SavedError> {
        if self.phase.digest != phase.digest {
            return Err(SavedError::OtherPhase { planned: self.phase.digest.clone(), given: phase.digest.clone() });
        }
        self.cluster.check(cluster)
    }

    /// Whether all objects are as the plan found them. `now` is the document of what is found now.
    ///
    /// # Errors
    /// [`SavedError::Stale`] with each object that moved.
    pub fn check_observed(&self, now: &Self) -> Result<(), SavedError> {
        let (then, now) = (self.found(), now.found());
        let moved = then.iter().filter_map(|(object, found)| match now.get(object) {
            Some(present) if present == found => None,
            Some(present) if present.uid != found.uid => Some(format!("{object} was deleted and created again")),
            Some(present) => {
                let version = |found: &FoundDocument| text(found.resource_version.as_ref());
                Some(format!("{object} was changed (resourceVersion {}, now {})", version(found), version(present)))
            }
            None => Some(format!("{object} was deleted")),
        });
        let new = now.keys().filter(|object| !then.contains_key(*object)).map(|object| format!("{object} was created"));
        let moved: Vec<String> = moved.chain(new).collect();
        if moved.is_empty() { Ok(()) } else { Err(SavedError::Stale(moved)) }
    }

    /// Whether the phase proposes now what the plan says.
    ///
    /// # Errors
    /// [`SavedError::Different`].
    pub fn check_proposal(&self, now: &Self) -> Result<(), SavedError> {
        for (what, is_same) in [
            ("questions", self.question == now.question && self.input_digest == now.input_digest && self.given == now.given),
            ("random strings", self.random.keys().eq(now.random.keys())),
            ("observations", self.observed == now.observed),
            ("operations", self.operations == now.operations),
            ("findings and notes", self.findings == now.findings && self.notes == now.notes),
        ] {
            if !is_same {
                return Err(SavedError::Different(what));
            }
        }
        Ok(())
    }

    /// The secrets of the question, of the tokens that are given again by their ids.
    ///
    /// # Errors
    /// [`SavedError`] for a token that is missing, for one that the plan is not about, and if other secrets were left out.
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

    fn found(&self) -> BTreeMap<&str, &FoundDocument> {
        self.observed.iter().flat_map(|observed| &observed.found).map(|found| (found.object.as_str(), found)).collect()
    }
}

fn text(value: Option<&String>) -> String {
    value.map_or_else(|| "none".to_owned(), Clone::clone)
}

fn observed(selector: &Selector, objects: &[crate::object::Object]) -> ObservedDocument {
    let (of, namespace) = match selector {
        Selector::One(object) => (&object.of, object.namespace.as_ref()),
        Selector::Many(list) => (&list.of, list.namespace.as_ref()),
    };
    let mut found: Vec<FoundDocument> = objects
        .iter()
        .map(|object| {
            let place = object.metadata("namespace").or(namespace.map(crate::name::Namespace::as_str));
            let place = place.map(|namespace| format!(" in {namespace}")).unwrap_or_default();
            FoundDocument {
                object: format!("{of}/{}{place}", object.metadata("name").unwrap_or_default()),
                uid: object.uid().map(str::to_owned),
                resource_version: object.resource_version().map(str::to_owned),
            }
        })
        .collect();
    found.sort_by(|a, b| a.object.cmp(&b.object));
    let selector = match selector {
        Selector::One(object) => json!(ObjectDocument::from(object)),
        Selector::Many(list) => json!({
            "apiVersion": list.of.api_version(),
            "kind": list.of.kind(),
            "resource": list.of.plural(),
            "namespace": list.namespace.as_ref().map(ToString::to_string),
            "labelSelector": list.labels,
            "fieldSelector": list.fields,
        }),
    };
    ObservedDocument { selector, found }
}

fn operation(operation: &Operation) -> Value {
    json!({
        "id": operation.id.as_str(),
        "target": ObjectDocument::from(&operation.target),
        "action": operation.action.verb(),
        "when": match operation.when {
            Precondition::Absent => "absent",
            Precondition::AsObserved => "as observed",
            Precondition::Any => "any",
        },
        "after": operation.after.iter().map(crate::operation::OperationId::as_str).collect::<Vec<_>>(),
        "reason": operation.reason,
        "body": operation.action.body().map(|body| plain_handles(&Value::Object(body.clone()))),
    })
}
