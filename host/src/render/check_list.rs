//! Whether nodes can join several clusters.

use super::document::Shown;
use super::table::{cluster_name, table};
use super::terminal::Printer;
use kubephase_core::document::{DocumentHead, DocumentKind};
use kubephase_core::join::{Cause, Diagnosis, JoinVerdict};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io;

const COLUMNS: [&str; 4] = ["CLUSTER", "TOKEN", "VERDICT", "CAUSE"];

/// A cluster whose tokens were checked.
#[derive(Debug)]
pub struct CheckedCluster {
    /// What people call it.
    pub name: String,
    /// Whether a node can join with each token, by its id.
    pub tokens: BTreeMap<String, Diagnosis>,
    /// Why that is unknown, one line each.
    pub problems: Vec<String>,
}

impl CheckedCluster {
    /// The worst of its verdicts.
    #[must_use]
    pub fn verdict(&self) -> JoinVerdict {
        let unknown = (!self.problems.is_empty()).then_some(JoinVerdict::Unknown);
        self.tokens.values().map(|diagnosis| diagnosis.verdict).chain(unknown).max().unwrap_or(JoinVerdict::Joins)
    }
}

/// Clusters whose tokens were checked.
#[derive(Debug)]
pub struct CheckedClusters<'a>(pub &'a [CheckedCluster]);

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct CheckListDocument<'a> {
    #[serde(flatten)]
    head: DocumentHead,
    /// The clusters, in the order of where they are listed.
    clusters: Vec<CheckedClusterDocument<'a>>,
}

/// A cluster whose tokens were checked.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct CheckedClusterDocument<'a> {
    /// What people call it.
    name: &'a str,
    /// The worst of the verdicts on its tokens.
    #[cfg_attr(test, schemars(with = "kubephase_core::join::JoinVerdict"))]
    verdict: &'static str,
    /// The tokens with which nodes are meant to join.
    tokens: Vec<CheckedTokenDocument<'a>>,
    /// Why nothing is known of it, one line each.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    problems: &'a [String],
}

/// A token that was checked.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct CheckedTokenDocument<'a> {
    /// The id of the token.
    token_id: &'a str,
    /// Whether a node could join.
    #[cfg_attr(test, schemars(with = "kubephase_core::join::JoinVerdict"))]
    verdict: &'static str,
    /// Why not.
    causes: Vec<ListedCauseDocument<'a>>,
}

/// Why a step fails. Not how that is cured: the commands of a cure do not say which of the clusters they are for.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ListedCauseDocument<'a> {
    /// The first step that fails because of it.
    #[cfg_attr(test, schemars(with = "kubephase_core::join::Step"))]
    step: &'static str,
    /// The name of the cause, which `explain` takes.
    #[cfg_attr(test, schemars(with = "kubephase_core::join::Reason"))]
    reason: &'static str,
    /// The explanation.
    cause: &'a str,
}

impl Shown for CheckedClusters<'_> {
    fn text(&self, printer: &Printer<'_>) -> io::Result<()> {
        let rows = self.0.iter().flat_map(|cluster| {
            let name = cluster_name(&cluster.name);
            let alone = cluster.tokens.is_empty().then(|| {
                let verdict = if cluster.problems.is_empty() { "no token" } else { JoinVerdict::Unknown.name() };
                [name.clone(), "-".to_owned(), verdict.to_owned(), "-".to_owned()]
            });
            let row = move |(id, diagnosis): (&String, &Diagnosis)| {
                let causes: Vec<&str> = diagnosis.causes.iter().map(|cause| cause.reason.name()).collect();
                let causes = if causes.is_empty() { "-".to_owned() } else { causes.join(",") };
                [name.clone(), id.clone(), diagnosis.verdict.name().to_owned(), causes]
            };
            alone.into_iter().chain(cluster.tokens.iter().map(row)).collect::<Vec<_>>()
        });
        table(COLUMNS, rows, printer)?;
        match self.0.iter().flat_map(|cluster| cluster.tokens.values()).find_map(|diagnosis| diagnosis.causes.first()) {
            Some(cause) => {
                printer.message(&format!("hint: `explain {}` says what it means and how it is cured", cause.reason.name()))
            }
            None => Ok(()),
        }
    }

    fn document(&self) -> impl Serialize {
        let clusters = self.0.iter().map(|cluster| CheckedClusterDocument {
            name: &cluster.name,
            verdict: cluster.verdict().name(),
            tokens: cluster.tokens.iter().map(of_token).collect(),
            problems: &cluster.problems,
        });
        CheckListDocument { head: DocumentKind::JoinCheckList.head(), clusters: clusters.collect() }
    }
}

fn of_token<'a>((id, diagnosis): (&'a String, &'a Diagnosis)) -> CheckedTokenDocument<'a> {
    let cause =
        |cause: &'a Cause| ListedCauseDocument { step: cause.step.name(), reason: cause.reason.name(), cause: &cause.text };
    CheckedTokenDocument { token_id: id, verdict: diagnosis.verdict.name(), causes: diagnosis.causes.iter().map(cause).collect() }
}
