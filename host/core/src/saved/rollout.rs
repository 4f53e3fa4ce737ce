//! A folder with a saved plan for each of several clusters, and what became of them: in waves, so that what is wrong with a plan shows on
//! few clusters.
//!
//! `plan --clusters … --out DIR` writes the plans and, last, the [`Rollout`] that lists them. `apply --plan DIR` writes a [`ClusterResult`]
//! before a cluster is changed and another one after it, so that a run that was killed can be continued.

use super::document::{self, SavedError};
use crate::document::{API_VERSION, DocumentKind};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::num::NonZero;

/// The plans of several clusters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rollout {
    /// The version of the format.
    api_version: String,
    /// What the document is.
    kind: String,
    /// Where the clusters were listed, as the command line says it.
    pub source: String,
    /// The clusters, in the order in which they are changed.
    pub clusters: Vec<RolloutCluster>,
    /// The digest of everything else in the file.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    digest: String,
}

/// The plan of one of several clusters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RolloutCluster {
    /// What people call it.
    pub name: String,
    /// What it is where it is listed.
    pub identity: String,
    /// How the names of its files begin.
    pub file: String,
    /// The digest of its plan; missing if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// How many objects its plan changes.
    pub changes: usize,
    /// Why there is no plan, one line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
    /// What became of it. Not in the file of the rollout: it has a file of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<ClusterResult>,
}

/// What became of the plan of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClusterResult {
    /// The version of the format.
    api_version: String,
    /// What the document is.
    kind: String,
    /// The digest of the plan.
    pub plan: String,
    /// The wave that it was in, from 1.
    pub wave: usize,
    /// What became of it.
    pub state: ClusterState,
    /// What failed, one line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
    /// The digest of everything else in the file.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    digest: String,
}

/// How far a cluster is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ClusterState {
    /// Its plan was being applied: if nothing else is known, the run was killed.
    Begun,
    /// Its plan is applied, and nodes can join as before.
    Done,
    /// Its plan is applied, but a node cannot join.
    Rejected,
    /// Its plan is not applied, or not wholly.
    Failed,
}

impl ClusterState {
    /// The state, in one word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Done => "done",
            Self::Rejected => "rejected",
            Self::Failed => "failed",
        }
    }
}

impl Rollout {
    /// The plans of these clusters.
    #[must_use]
    pub fn new(source: String, clusters: Vec<RolloutCluster>) -> Self {
        Self {
            api_version: API_VERSION.to_owned(),
            kind: DocumentKind::Rollout.to_string(),
            source,
            clusters,
            digest: String::new(),
        }
    }

    /// Parses the file of a rollout.
    ///
    /// # Errors
    /// [`SavedError`] if it is something else, was edited, or has names of files that lead elsewhere.
    pub fn parse(text: &str) -> Result<Self, SavedError> {
        let rollout: Self = parse(text, DocumentKind::Rollout)?;
        let mut files = BTreeSet::new();
        match rollout.clusters.iter().find(|cluster| !is_file_name(&cluster.file) || !files.insert(&cluster.file)) {
            Some(cluster) => Err(SavedError::Unreadable(format!("file `{}`", cluster.file))),
            None => Ok(rollout),
        }
    }

    /// The text of the file.
    #[must_use]
    pub fn text(&self) -> String {
        document::text(self)
    }
}

impl ClusterResult {
    /// What became of a plan.
    #[must_use]
    pub fn new(plan: String, wave: usize, state: ClusterState, problems: Vec<String>) -> Self {
        let (api_version, kind) = (API_VERSION.to_owned(), DocumentKind::ClusterResult.to_string());
        Self { api_version, kind, plan, wave, state, problems, digest: String::new() }
    }

    /// Parses the file of a result.
    ///
    /// # Errors
    /// [`SavedError`] if it is something else, or was edited.
    pub fn parse(text: &str) -> Result<Self, SavedError> {
        parse(text, DocumentKind::ClusterResult)
    }

    /// The text of the file.
    #[must_use]
    pub fn text(&self) -> String {
        document::text(self)
    }
}

fn parse<T: DeserializeOwned>(text: &str, kind: DocumentKind) -> Result<T, SavedError> {
    let (_, value) = document::parsed(text, &[kind])?;
    serde_json::from_value(value).map_err(document::unreadable)
}

/// Whether a text is the name of a file, and of none that is hidden or in another folder.
fn is_file_name(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_%.".contains(&byte);
    !text.is_empty() && text.len() <= 200 && !text.starts_with('.') && text.bytes().all(is_plain)
}

/// How many clusters are changed at once, by the number of the wave; the last one counts for all that follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waves(Vec<NonZero<usize>>);

impl Waves {
    /// What is said of the syntax.
    pub const SYNTAX: &'static str = "one or more numbers of clusters, like 1,10,50";

    /// The sizes of `SIZE,…`; `None` for anything but numbers from 1.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.split(',').map(|size| size.parse().ok()).collect::<Option<Vec<_>>>().map(Self)
    }

    /// How many clusters the wave of this number has at most, from 1.
    #[must_use]
    pub fn size(&self, number: usize) -> usize {
        self.0.get(number.saturating_sub(1)).or(self.0.last()).map_or(1, |size| size.get())
    }
}

#[cfg(test)]
mod tests {
    use super::{ClusterResult, ClusterState, Rollout, RolloutCluster, SavedError, Waves};

    fn cluster(file: &str) -> RolloutCluster {
        let (name, identity, file) = ("a".to_owned(), "capi/fleet/a".to_owned(), file.to_owned());
        RolloutCluster { name, identity, file, plan: Some("d".to_owned()), changes: 1, problems: Vec::new(), result: None }
    }

    #[test]
    fn what_is_written_is_read_and_nothing_else() {
        let rollout = |files: &[&str]| Rollout::new("capi".to_owned(), files.iter().map(|file| cluster(file)).collect());
        let text = rollout(&["capi_fleet_a-0123", "b%2F"]).text();
        assert_eq!(Rollout::parse(&text).unwrap().text(), text);
        for file in ["", "../a", "a/b", ".a", "a\\b", "a b", &"a".repeat(201)] {
            assert!(matches!(Rollout::parse(&rollout(&[file]).text()), Err(SavedError::Unreadable(_))), "{file}");
        }
        assert!(Rollout::parse(&rollout(&["a", "a"]).text()).is_err(), "two clusters never share a file");
        assert_eq!(Rollout::parse(&text.replace("\"changes\": 1", "\"changes\": 2")), Err(SavedError::Edited));
        let result = ClusterResult::new("d".to_owned(), 3, ClusterState::Rejected, vec!["why".to_owned()]);
        assert_eq!(ClusterResult::parse(&result.text()).unwrap().text(), result.text());
        assert!(matches!(ClusterResult::parse(&text), Err(SavedError::Kind { .. })));
        assert_eq!(Rollout::parse(" \n"), Err(SavedError::Empty));
    }

    #[test]
    fn the_last_size_counts_for_all_that_follow() {
        let waves = Waves::parse("1,10,50").unwrap();
        assert_eq!([1, 2, 3, 4, 99].map(|number| waves.size(number)), [1, 10, 50, 50, 50]);
        for odd in ["", "0", "1,", "-1", "1, 2", "x", "99999999999999999999999"] {
            assert_eq!(Waves::parse(odd), None, "{odd}");
        }
    }
}
