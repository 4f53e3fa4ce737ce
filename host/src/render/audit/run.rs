//! The document of a run, beside the reports of its clusters.

use super::odd;
use kubephase_core::audit::AuditRun;
use kubephase_core::document::{DocumentHead, DocumentKind};
use kubephase_core::inventory::Shard;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct RunDocument<'a> {
    #[serde(flatten, skip_deserializing, default = "head")]
    head: DocumentHead,
    /// Where the clusters were listed, as the command line says it.
    source: Cow<'a, str>,
    /// Which slice of them, `M/N`.
    shard: String,
    /// When the run began.
    time: String,
    /// The names of the clusters that it was for, by what they are where they are listed.
    clusters: Cow<'a, BTreeMap<String, String>>,
}

fn head() -> DocumentHead {
    DocumentKind::AuditRun.head()
}

/// The document.
pub(super) fn document(run: &AuditRun) -> RunDocument<'_> {
    RunDocument {
        head: head(),
        source: Cow::Borrowed(&run.source),
        shard: run.shard.to_string(),
        time: run.time.to_string(),
        clusters: Cow::Borrowed(&run.clusters),
    }
}

/// The run of a document.
pub(super) fn run_of(document: RunDocument<'_>) -> Result<AuditRun, String> {
    let shard = Shard::parse(&document.shard).ok_or_else(|| odd("shard", &document.shard))?;
    let time = document.time.parse().map_err(|_| odd("time", &document.time))?;
    let (source, clusters) = (document.source.into_owned(), document.clusters.into_owned());
    Ok(AuditRun { source, shard, time, clusters })
}
