//! SARIF of a thousand clusters, as what GitHub publishes of its uploads has it ("SARIF support for code scanning"): runs, results and rules
//! of a file, tags of a rule, and how large it is when it is compressed.

use crate::documents::root;
use libtest_mimic::Failed;
use serde_json::{Value, json};
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a file may have.
const RUNS: usize = 20;
const RESULTS: usize = 25_000;
const RULES: usize = 25_000;
const TAGS: usize = 20;
const BYTES: usize = 10 << 20;

fn ours(arguments: &[&str], home: &Path) -> std::process::Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kubectl-bootstrap_token"));
    command.args(arguments).env_clear().env("HOME", home).env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"));
    command.stdin(Stdio::null()).output().unwrap()
}

/// A report for each cluster: its findings so many times over. One cluster has more than fits into a file beside the others of its group.
fn reports(folder: &Path, report: &Value) {
    let findings = report["clusters"][0]["findings"].as_array().unwrap();
    for number in 0..1_000 {
        let count = if number == 250 { 24_990 } else { 5 };
        let of_finding = |place: usize| {
            let mut finding = findings[place % findings.len()].clone();
            finding["fingerprint"] = json!(format!("{number}-{place}"));
            finding
        };
        let mut one = report.clone();
        one["clusters"][0]["cluster"] = json!(format!("cluster-{number:04}"));
        one["clusters"][0]["findings"] = (0..count).map(of_finding).collect();
        serde_json::to_writer(File::create(folder.join(format!("{number}.json"))).unwrap(), &one).unwrap();
    }
}

pub(crate) fn limits_of_an_upload() -> Result<(), Failed> {
    let home = tempfile::tempdir()?;
    let folder = home.path().join("reports");
    std::fs::create_dir(&folder)?;
    let audited = format!("dir:{}", root().join("tests/clusters/audited").display());
    let said = ours(&["audit", "--against", &audited, "-o", "json", "--now", "2030-01-01T00:00:00Z"], home.path());
    reports(&folder, &serde_json::from_slice(&said.stdout)?);
    let file = format!("sarif={}", home.path().join("fleet.sarif").display());
    let merged = ours(&["audit", "merge", folder.to_str().unwrap(), "--output-file", &file], home.path());
    let stderr = String::from_utf8_lossy(&merged.stderr);
    let (mut clusters, mut results, mut files) = (0, 0, 0);
    while let Ok(text) = std::fs::read(home.path().join(format!("fleet-{}.sarif", files + 1))) {
        files += 1;
        let log: Value = serde_json::from_slice(&text)?;
        let runs = log["runs"].as_array().unwrap();
        let of_run = |run: &Value| run["results"].as_array().unwrap().len();
        let rules = |run: &Value| run["tool"]["driver"]["rules"].as_array().unwrap().clone();
        let tags = |rule: &Value| rule["properties"]["tags"].as_array().map_or(0, Vec::len);
        let sum: usize = runs.iter().map(of_run).sum();
        assert!(runs.len() <= RUNS && sum <= RESULTS, "{files}: {} runs, {sum} results", runs.len());
        assert!(runs.iter().all(|run| rules(run).len() <= RULES && rules(run).iter().all(|rule| tags(rule) <= TAGS)));
        let file = File::open(home.path().join(format!("fleet-{files}.sarif")))?;
        let compressed =
            Command::new("gzip").env_clear().env("PATH", "/usr/bin:/bin").arg("-c").stdin(file).output()?.stdout.len();
        assert!(compressed <= BYTES, "{files}: {compressed} bytes");
        clusters += runs.len();
        results += sum;
    }
    assert_eq!((clusters, results), (1_000, 999 * 5 + 24_990), "{files}: {stderr}");
    assert!(files > 50, "{files}");
    Ok(())
}
