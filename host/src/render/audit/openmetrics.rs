//! An audit as `OpenMetrics` text, for Prometheus and its textfile collector. Ignored findings are left out, so that they raise
//! no alerts.

use crate::render::terminal::clean;
use kubephase_core::audit::{Audit, Audited, Weight};
use kubephase_core::finding::Severity;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::{Registry, Unit};
use std::collections::BTreeMap;
use std::{fmt, io};

/// The labels of a sample.
type Labels = Vec<(&'static str, String)>;

/// A metric and its samples, in a stable order.
#[derive(Debug)]
struct Metric {
    name: &'static str,
    help: &'static str,
    unit: Option<Unit>,
    samples: Vec<(Labels, i64)>,
}

impl Collector for Metric {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut encoder = encoder.encode_descriptor(self.name, self.help, self.unit.as_ref(), MetricType::Gauge)?;
        for (labels, value) in &self.samples {
            ConstGauge::new(*value).encode(encoder.encode_family(labels)?)?;
        }
        Ok(())
    }
}

/// The complete exposition.
pub(super) fn exposition(audit: &Audit) -> io::Result<String> {
    let clusters = &audit.clusters;
    let of_cluster = |cluster: &Audited| vec![("cluster", clean(&cluster.cluster))];
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Metric {
        name: "bootstrap_token_findings",
        help: "Findings that are not ignored",
        unit: None,
        samples: clusters.iter().flat_map(findings).collect(),
    }));
    registry.register_collector(Box::new(Metric {
        name: "bootstrap_token_cluster_findings",
        help: "Findings that are not ignored, of each severity, zero too",
        unit: None,
        samples: clusters.iter().flat_map(totals).collect(),
    }));
    registry.register_collector(Box::new(Metric {
        name: "bootstrap_token_audit_success",
        help: "Whether the cluster could be audited",
        unit: None,
        samples: clusters.iter().map(|cluster| (of_cluster(cluster), i64::from(cluster.result.is_ok()))).collect(),
    }));
    registry.register_collector(Box::new(Metric {
        name: "bootstrap_token_audit_timestamp",
        help: "When the audit was run",
        unit: Some(Unit::Seconds),
        samples: clusters.iter().map(|cluster| (of_cluster(cluster), cluster.time(audit).as_second())).collect(),
    }));
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &registry).map_err(io::Error::other)?;
    Ok(text)
}

/// The number of findings per severity; nothing for a cluster that could not be audited.
fn totals(cluster: &Audited) -> Vec<(Labels, i64)> {
    let labels = |severity: Severity| vec![("severity", severity.as_str().to_owned()), ("cluster", clean(&cluster.cluster))];
    let counts = cluster.counts();
    let known = counts.by_severity().filter(|_| cluster.result.is_ok());
    known.map(|(severity, count)| (labels(severity), i64::try_from(count).unwrap_or(i64::MAX))).collect()
}

/// The number of findings per rule and severity. Rules with the same cleaned name are merged: a series must appear only once.
fn findings(cluster: &Audited) -> Vec<(Labels, i64)> {
    let mut counts: BTreeMap<(String, Severity), i64> = BTreeMap::new();
    for judged in cluster.findings().iter().filter(|judged| !matches!(judged.weight, Weight::Ignored(_))) {
        *counts.entry((clean(&judged.finding.rule), judged.finding.severity)).or_default() += 1;
    }
    let labels = |rule: String, severity: Severity| {
        vec![("rule", rule), ("severity", severity.as_str().to_owned()), ("cluster", clean(&cluster.cluster))]
    };
    counts.into_iter().map(|((rule, severity), count)| (labels(rule, severity), count)).collect()
}
