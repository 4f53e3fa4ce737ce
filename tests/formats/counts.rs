//! What the judges must count, as the report in JSON says it.

use kubectl_bootstrap_token::render::terminal::clean;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

type Counts = BTreeMap<String, usize>;

/// The answer of `judge.py` for an audit.
pub(crate) fn expected(audit: &Value) -> Value {
    let clusters = audit["clusters"].as_array().unwrap();
    let findings: Vec<&Value> = clusters.iter().flat_map(findings).collect();
    let levels = count(findings.iter().map(|finding| level(finding).to_owned()));
    let time: jiff::Timestamp = audit["time"].as_str().unwrap().parse().unwrap();
    let mut verdicts: Vec<&str> = clusters.iter().filter_map(|cluster| cluster["verdict"].as_str()).collect();
    verdicts.sort_unstable();
    let success = clusters.iter().map(|cluster| (name(cluster), json!(u8::from(is_heard(cluster)))));
    json!({
        "document": audit["verdict"],
        "sarif": clusters.iter().map(run).collect::<Vec<_>>(),
        "tools": { "summary": levels, "csv": levels, "html": findings.len(), "markup": [] },
        "junit": clusters.iter().map(suite).collect::<Vec<_>>(),
        "validator": "nothing",
        "markdown": null,
        "page": {
            "findings": count(findings.iter().filter(|finding| !is_ignored(finding)).map(|finding| severity(finding).to_owned())),
            "more": [],
            "verdicts": verdicts,
            "ignored": findings.iter().filter(|finding| is_ignored(finding)).count(),
            "active": 0,
            "links": [],
            "closed": 0,
            "headings": clusters.len() + usize::from(clusters.len() > 1),
            "paper": true,
        },
        "metrics": {
            "findings": clusters.iter().flat_map(samples).collect::<Counts>(),
            "success": success.collect::<Map<_, _>>(),
            "time": [time.as_second()],
        },
    })
}

fn findings(cluster: &Value) -> &Vec<Value> {
    cluster["findings"].as_array().unwrap()
}

/// As it stands where no escapes are known.
fn name(cluster: &Value) -> String {
    clean(cluster["cluster"].as_str().unwrap())
}

fn is_heard(cluster: &Value) -> bool {
    cluster["error"].is_null()
}

fn is_ignored(finding: &Value) -> bool {
    !finding["ignored"].is_null()
}

fn severity(finding: &Value) -> &str {
    finding["severity"].as_str().unwrap()
}

fn count(words: impl Iterator<Item = String>) -> Counts {
    words.fold(Counts::new(), |mut counts, word| {
        *counts.entry(word).or_default() += 1;
        counts
    })
}

/// The levels of SARIF.
fn level(finding: &Value) -> &'static str {
    match severity(finding) {
        "critical" | "high" => "error",
        "medium" => "warning",
        _ => "note",
    }
}

fn run(cluster: &Value) -> Value {
    let findings = findings(cluster);
    let rules: BTreeSet<String> = findings.iter().filter_map(|finding| finding["rule"].as_str().map(clean)).collect();
    json!({
        "id": format!("bootstrap-token-audit/{}/", name(cluster)),
        "successful": is_heard(cluster),
        "rules": rules,
        "described": true,
        "levels": count(findings.iter().map(|finding| level(finding).to_owned())),
        "suppressed": findings.iter().filter(|finding| is_ignored(finding)).count(),
        "fingerprints": findings.len(),
    })
}

fn suite(cluster: &Value) -> Value {
    let case = |finding: &Value| match finding["counts"].as_bool().unwrap() {
        _ if is_ignored(finding) => "skipped".to_owned(),
        true => format!("failure {}", severity(finding)),
        false => "passed".to_owned(),
    };
    let mut cases = count(findings(cluster).iter().map(case));
    // A suite has one case at least.
    if cases.is_empty() {
        cases.insert(if is_heard(cluster) { "passed" } else { "error" }.to_owned(), 1);
    }
    json!({ "name": name(cluster), "cases": cases })
}

/// Nobody is called for what is ignored.
fn samples(cluster: &Value) -> Counts {
    let findings = findings(cluster).iter().filter(|finding| !is_ignored(finding));
    count(findings.map(|finding| format!("{} {}", name(cluster), severity(finding))))
}
