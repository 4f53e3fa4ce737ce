//! The documents that this plugin writes and reads: their kinds, and the version that they all have.

use crate::name::shortened;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The `apiVersion` of every document.
pub(crate) const API_VERSION: &str = "bootstrap-token.kubectl/v1alpha1";

/// The kind of a document. The index of the schemas in `docs/schemas` has these lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema), schemars(inline))]
pub enum DocumentKind {
    /// The complete answer of a phase to a test case: `expected.yaml`, written by `phase test --bless`.
    Answer,
    /// What an artifact says about its phase: written by `phase inspect` of a reference whose component was not read.
    ArtifactInspection,
    /// The findings in one or more clusters: written by `audit`, read by `audit merge` and `--baseline`.
    AuditReport,
    /// The clusters that a run was for: written by `audit --output-dir`, read by `audit merge`.
    AuditRun,
    /// What became of the plan of one of several clusters: written and read by `apply --plan DIR` and `undo DIR`.
    ClusterResult,
    /// The compiled phases on a machine: written by `phase cache list`.
    CompiledPhaseList,
    /// The operator's settings for every run: `config.yaml`, read by every command.
    Config,
    /// What a phase may do: read by `--grant`, written by `phase inspect -o grant`.
    Grant,
    /// The findings that an audit ignores: read by `audit --ignore-file`.
    Ignores,
    /// Whether a node could join with a token, and why not: written by `check`.
    JoinCheck,
    /// Whether nodes could join several clusters with their tokens, and why not: written by `check --clusters`.
    JoinCheckList,
    /// The description of a phase in the config of its artifact: written by `phase push`.
    PhaseClaim,
    /// What another version of a phase may do and would do: written by `phase diff`.
    PhaseDifference,
    /// The structure of a component, and whether it would be run: written by `phase inspect`.
    PhaseInspection,
    /// The phases in the local store: written by `phase list`.
    PhaseList,
    /// The trust decision about a phase: written by `phase verify`.
    PhaseVerification,
    /// A saved plan: written by `plan --out` and `audit --fix-out`, read by `apply --plan`.
    Plan,
    /// The requests to a cluster and its answers: written by `--record`, read by `--replay`.
    Recording,
    /// What a run did, or would do: written by `apply`, `create`, `renew`, `delete` and `plan`.
    Report,
    /// What a phase is asked in a test case: `request.yaml`, read by `phase test`.
    Request,
    /// The plans of several clusters: written by `plan --clusters`, read by `apply --plan DIR` and `undo DIR`.
    Rollout,
    /// The verdicts on the test cases of a phase: written by `phase test`.
    Tests,
    /// Which phases may run: read by every command that takes a phase, and by `--policy`.
    TrustPolicy,
    /// What puts back what a run overwrote: written by `apply`, `create` and `delete`, read by `undo` and `apply --plan`.
    Undo,
    /// The undo plans on a machine: written by `undo list`.
    UndoList,
    /// The overwritten values of Secrets, base64: written beside an undo plan and read with it. It holds secrets.
    UndoValues,
    /// The versions of the plugin and its parts: written by `version`.
    Version,
}

impl fmt::Display for DocumentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// The first two fields of a document that is only written.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct DocumentHead {
    /// The version of the format.
    api_version: &'static str,
    /// What the document is.
    kind: DocumentKind,
}

/// A document of another kind or version than the one that is expected in its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it is `{}`, not `{API_VERSION}, {expected}`", shortened(.found))]
pub struct OtherKind {
    found: String,
    expected: DocumentKind,
}

impl DocumentKind {
    /// The first two fields of a document of this kind.
    #[must_use]
    pub const fn head(self) -> DocumentHead {
        DocumentHead { api_version: API_VERSION, kind: self }
    }

    /// Checks the first two fields of a document that was read.
    ///
    /// # Errors
    /// [`OtherKind`] if they are not those of this kind.
    pub fn check(self, api_version: &str, kind: &str) -> Result<(), OtherKind> {
        if api_version == API_VERSION && kind == self.to_string() {
            return Ok(());
        }
        Err(OtherKind { found: format!("{api_version}, {kind}"), expected: self })
    }
}
