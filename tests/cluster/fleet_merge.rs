//! The reports of a fleet's runs: put together, cut off, left out, and for the cluster.

use crate::fleet::{Hub, clusters, ten};
use crate::harness::{Cluster, here, trial};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    vec![
        trial("fleet::four_shards_are_one", cluster, shards),
        trial("fleet::killed_and_resumed", cluster, resumed),
        trial("fleet::what_nobody_audited_is_told", cluster, uncovered),
        trial("fleet::an_old_report_stays_old", cluster, ages),
        trial("fleet::reports_are_what_openreports_takes", cluster, openreports),
    ]
}

/// The same for every run, as a job passes it to all shards.
const NOW: [&str; 2] = ["--now", "2030-01-01T00:00:00Z"];
const FORMATS: [&str; 8] = ["text", "json", "yaml", "sarif", "junit", "openmetrics", "html", "openreports"];

fn merged(cluster: &Cluster, folders: &[&Path], format: &str) -> String {
    let folders: Vec<&str> = folders.iter().map(|folder| folder.to_str().unwrap()).collect();
    let said = cluster.ours(&[&["audit", "merge", "-o", format], folders.as_slice()].concat());
    assert_eq!(said.code, 2, "{}", said.stderr);
    said.stdout
}

fn shards(cluster: &Cluster) {
    let hub = Hub::new(cluster);
    ten(&hub);
    let folder = |name: &str| hub.path(name);
    let run = |name: &str, shard: &str| {
        let folder = folder(name);
        let said = hub.audit(
            "clusterprofiles",
            &[&["--shard", shard, "--output-dir", folder.to_str().unwrap(), "-o", "sarif"], &NOW[..]].concat(),
        );
        (said.code, std::fs::read_dir(folder).map_or(0, Iterator::count))
    };
    // A report in two formats for each, and what the run was for.
    assert_eq!(run("one", "1/1"), (2, 21));
    let four: Vec<usize> = (1..=4).map(|number| run("four", &format!("{number}/4")).1).collect();
    assert_eq!(four[3], 24, "{four:?}");
    assert!(four.windows(2).any(|two| two[0] + 1 < two[1]), "{four:?}");
    for format in FORMATS {
        let one = merged(cluster, &[&folder("one")], format);
        assert_eq!(one, merged(cluster, &[&folder("four")], format), "{format}");
        // The same report twice is one.
        assert_eq!(one, merged(cluster, &[&folder("four"), &folder("one")], format), "{format}");
        // What one run of all clusters says; JSON has the rights only where something shows them.
        if !["json", "yaml"].contains(&format) {
            let all = hub.audit("clusterprofiles", &[&["-o", format], &NOW[..]].concat());
            assert_eq!((all.code, &all.stdout), (2, &one), "{format}: {}", all.stderr);
        }
    }
    let (sarif, last) = (folder("fleet.sarif"), format!("sarif={}", folder("fleet.sarif").display()));
    let said = cluster.ours(&["audit", "merge", folder("one").to_str().unwrap(), "--output-file", &last]);
    assert!(said.code == 2 && sarif.exists(), "{}", said.stderr);
    for (text, part) in [
        ("{}", "it is `, `"),
        ("x", "expected value"),
        ("{\"kind\":\"Plan\",\"apiVersion\":\"bootstrap-token.kubectl/v1alpha1\"}", "Plan"),
    ] {
        std::fs::write(folder("one").join("odd.json"), text).unwrap();
        let said = cluster.ours(&["audit", "merge", folder("one").to_str().unwrap()]);
        assert!(said.code == 2 && said.stderr.contains("odd.json") && said.stderr.contains(part), "{part}: {}", said.stderr);
    }
}

/// Killed as soon as a report is there, and run again: the same as if it had not been.
fn resumed(cluster: &Cluster) {
    let hub = Hub::new(cluster);
    ten(&hub);
    let (whole, cut, providers) = (hub.path("whole"), hub.path("cut"), hub.path("providers.json"));
    let words = |folder: &Path| -> Vec<String> {
        let all = [
            "audit",
            "--clusters",
            "clusterprofiles",
            "--clusterprofile-provider-file",
            providers.to_str().unwrap(),
            "--timeout",
            "20s",
            NOW[0],
            NOW[1],
            "--output-dir",
            folder.to_str().unwrap(),
        ];
        all.map(str::to_owned).to_vec()
    };
    let run = |folder: &Path, more: &[&str]| {
        let words = words(folder);
        let words: Vec<&str> = words.iter().map(String::as_str).chain(more.iter().copied()).collect();
        cluster.ours(&words)
    };
    assert_eq!(run(&whole, &[]).code, 2);
    let words = words(&cut);
    let mut child = cluster
        .our_command(&words.iter().map(String::as_str).collect::<Vec<_>>())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let reports = || {
        std::fs::read_dir(&cut).map_or(0, |entries| {
            entries.flatten().filter(|entry| entry.path().extension().is_some_and(|ending| ending == "json")).count()
        })
    };
    while reports() == 0 && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let (before, runs) = (reports(), hub.runs().0);
    let said = run(&cut, &["--resume", "1h"]);
    assert_eq!(said.code, 2, "{}", said.stderr);
    // What was there and was no failure is not asked again.
    let asked = hub.runs().0 - runs;
    assert!(asked <= 10 && (before <= 2 || asked < 10), "{before} reports, {asked} asked");
    for format in FORMATS {
        assert_eq!(merged(cluster, &[&whole], format), merged(cluster, &[&cut], format), "{format}");
    }
    // Older than that, of another threshold: asked again.
    let runs = hub.runs().0;
    run(&cut, &["--resume", "1h", "--fail-on", "high"]);
    assert_eq!(hub.runs().0 - runs, 10);
    let runs = hub.runs().0;
    run(&cut, &["--resume", "1h", "--fail-on", "high", "--shard", "1/1"]);
    assert_eq!(hub.runs().0 - runs, 2, "those that could not be audited");
}

/// A slice that was not run and a cluster without a report look like no clean ones; one that is listed no more is left out.
fn uncovered(cluster: &Cluster) {
    let hub = Hub::new(cluster);
    let names: Vec<String> = (0..8).map(|number| format!("c{number}")).collect();
    hub.profiles(&names.iter().map(|name| (name.clone(), hub.server(name, &json!({})))).collect::<Vec<_>>());
    let folder = hub.path("reports");
    let run = |shard: &str| {
        let words = ["--shard", shard, "--output-dir", folder.to_str().unwrap()];
        let said = hub.audit("clusterprofiles/fleet", &[&words, &NOW[..]].concat());
        assert_eq!(said.code, 0, "{}", said.stderr);
    };
    let merge = || {
        let said = cluster.ours(&["audit", "merge", folder.to_str().unwrap(), "-o", "json"]);
        let (audited, failed) = clusters(&said);
        (said.code, audited.len(), failed, said.stderr)
    };
    run("1/3");
    run("3/3");
    let (code, _, failed, stderr) = merge();
    assert_eq!((code, failed), (2, vec!["missing shards of clusterprofiles/fleet".to_owned()]), "{stderr}");
    assert!(stderr.contains("no run of these shards is here, so their clusters are not known: 2/3"), "{stderr}");
    run("2/3");
    let (code, audited, failed, stderr) = merge();
    assert_eq!((code, audited, failed), (0, 8, vec![]), "{stderr}");
    let report =
        std::fs::read_dir(&folder).unwrap().flatten().find(|entry| entry.file_name().to_string_lossy().contains("_c3-")).unwrap();
    std::fs::remove_file(report.path()).unwrap();
    let (code, audited, failed, stderr) = merge();
    assert_eq!((code, audited, failed), (2, 7, vec!["fleet/c3".to_owned()]), "{stderr}");
    // Another number of slices begins anew, and a cluster that is gone has a report that nobody lists.
    cluster.kubectl(&["delete", "clusterprofiles.multicluster.x-k8s.io", "c5", "-n", "fleet"]);
    let words = ["--output-dir", folder.to_str().unwrap(), "--now", "2030-01-02T00:00:00Z"];
    assert_eq!(hub.audit("clusterprofiles/fleet", &words).code, 0);
    let (code, audited, failed, stderr) = merge();
    assert_eq!((code, audited, failed), (0, 7, vec![]), "{stderr}");
    assert!(stderr.contains("1 report is left out: the latest run does not list its cluster"), "{stderr}");
}

/// Each cluster keeps its time through merges, also of what was merged before; and what was asked otherwise is asked again.
fn ages(cluster: &Cluster) {
    let hub = Hub::new(cluster);
    hub.profiles(&[("c0".to_owned(), hub.server("c0", &json!({})))]);
    let (old, new, both) = (hub.path("old"), hub.path("new"), hub.path("both"));
    let run = |source: &str, folder: &Path, now: &str, more: &[&str]| {
        let runs = hub.runs().0;
        let said = hub.audit(source, &[&["--output-dir", folder.to_str().unwrap(), "--now", now], more].concat());
        assert_eq!(said.code, 0, "{}", said.stderr);
        hub.runs().0 - runs
    };
    run("clusterprofiles", &old, "2030-01-01T00:00:00Z", &[]);
    run("contexts", &new, "2030-02-01T00:00:00Z", &[]);
    let merge = |folders: &[&Path], format: &str| {
        let folders: Vec<&str> = folders.iter().map(|folder| folder.to_str().unwrap()).collect();
        let said = cluster.ours(&[&["audit", "merge", "-o", format], folders.as_slice()].concat());
        assert_eq!(said.code, 0, "{}", said.stderr);
        said
    };
    let said = merge(&[&old, &new], "openmetrics");
    let time =
        |cluster: &str, seconds: u64| format!("bootstrap_token_audit_timestamp_seconds{{cluster=\"{cluster}\"}} {seconds}\n");
    assert!(said.stdout.contains(&time("fleet/c0", 1_893_456_000)), "{}", said.stdout);
    assert!(said.stdout.contains(&time("kubernetes-super-admin@kubernetes", 1_896_134_400)), "{}", said.stdout);
    assert!(
        said.stderr.contains("the report of fleet/c0 is of 2030-01-01T00:00:00Z, more than a day before the latest"),
        "{}",
        said.stderr
    );
    std::fs::create_dir(&both).unwrap();
    std::fs::write(both.join("both.json"), merge(&[&old, &new], "json").stdout).unwrap();
    assert_eq!(merge(&[&both], "openmetrics").stdout, said.stdout);
    let resume = |now, more: &[&str]| run("clusterprofiles", &old, now, &[&["--resume", "1h"], more].concat());
    assert_eq!(resume("2030-01-01T00:30:00Z", &[]), 0);
    assert_eq!(resume("2030-01-01T00:30:00Z", &["--max-lifetime", "1h"]), 1, "another question");
    assert_eq!(resume("2030-01-01T00:30:00Z", &["-o", "sarif", "--max-lifetime", "1h"]), 1, "there is no such file");
    assert_eq!(resume("2030-01-01T00:00:00Z", &["--max-lifetime", "1h"]), 1, "it is of the future");
    assert_eq!(resume("2030-01-01T01:00:01Z", &["--max-lifetime", "1h"]), 1, "it is too old");
}

/// The reports are what the real definition of the kind takes, for a cluster and for several.
fn openreports(cluster: &Cluster) {
    let hub = Hub::new(cluster);
    ten(&hub);
    cluster.kubectl(&["apply", "-f", here().join("fleet/clusterreports.yaml").to_str().unwrap()]);
    cluster.kubectl(&["wait", "--for=condition=established", "crd/clusterreports.openreports.io"]);
    cluster.kubectl(&["delete", "clusterreports.openreports.io", "--all"]);
    cluster.ours_ok(&["create", "fleet1.0123456789abcdef", "--ttl", "0"]);
    for (source, count) in [("contexts", 1), ("clusterprofiles", 11)] {
        let said = hub.audit(source, &["-o", "openreports"]);
        let file = cluster.file("reports.json", &said.stdout);
        // A member that the definition does not know would be dropped without a word.
        cluster.kubectl(&["apply", "--server-side", "--validate=strict", "-f", file.to_str().unwrap()]);
        let stored: Value =
            serde_json::from_str(&cluster.kubectl(&["get", "clusterreports.openreports.io", "-o", "json"])).unwrap();
        let stored = stored["items"].as_array().unwrap();
        assert_eq!(stored.len(), count, "{source}");
        let sent: Value = serde_json::from_str(&said.stdout).unwrap();
        for report in sent["items"].as_array().unwrap() {
            let same = stored.iter().find(|stored| stored["metadata"]["name"] == report["metadata"]["name"]).unwrap();
            assert_eq!((&same["summary"], &same["results"]), (&report["summary"], &report["results"]));
        }
    }
    let text = cluster.kubectl(&["get", "clusterreports.openreports.io"]);
    assert!(text.contains("bootstrap-token-audit-fleet-c9-"), "{text}");
    stored(&hub, cluster);
}

/// `--report` writes the same objects, with two rights and no more; and says so where there is no definition.
fn stored(hub: &Hub<'_>, cluster: &Cluster) {
    let reports = |verb: &str| cluster.kubectl(&[verb, "clusterreports.openreports.io", "--all"]);
    let count = || cluster.kubectl(&["get", "clusterreports.openreports.io", "-o", "name"]).lines().count();
    reports("delete");
    let said = cluster.ours(&["audit", "--report", "--fail-on", "never"]);
    assert!(said.code == 0 && said.stderr.contains("1 report was written to the cluster"), "{}", said.stderr);
    assert_eq!(count(), 1);
    let said = hub.audit("clusterprofiles", &["--report", "--fail-on", "never", "-o", "openreports"]);
    assert_eq!((said.code, count()), (2, 11), "two clusters are away: {}", said.stderr);
    let sent: Value = serde_json::from_str(&said.stdout).unwrap();
    let name = sent["items"][0]["metadata"]["name"].as_str().unwrap();
    let stored = cluster.get("default", &format!("clusterreport.openreports.io/{name}"));
    assert_eq!((&stored["summary"], &stored["results"]), (&sent["items"][0]["summary"], &sent["items"][0]["results"]));

    reports("delete");
    let folder = hub.path("stored");
    hub.audit("clusterprofiles", &["--fail-on", "never", "--output-dir", folder.to_str().unwrap()]);
    let role = ["create", "clusterrole", "reporter", "--verb=create,patch", "--resource=clusterreports.openreports.io"];
    cluster.kubectl(&role);
    cluster.kubectl(&["create", "clusterrolebinding", "reporter", "--clusterrole=reporter", "--user=reporter"]);
    let merge = ["audit", "merge", folder.to_str().unwrap(), "--report"];
    let said = cluster.ours(&[&merge[..], &["--as", "reporter"]].concat());
    assert_eq!((said.code, count()), (2, 10), "two clusters are away: {}", said.stderr);
    for kind in ["clusterrole", "clusterrolebinding"] {
        cluster.kubectl(&["delete", kind, "reporter"]);
    }
    let said = cluster.ours(&[&merge[..], &["--as", "reporter"]].concat());
    assert!(said.stderr.contains("error: 10 of 10 reports could not be written"), "{}", said.stderr);
    cluster.kubectl(&["delete", "crd", "clusterreports.openreports.io"]);
    let said = cluster.ours(&["audit", "--report", "--fail-on", "never"]);
    assert!(said.code == 2 && said.stderr.contains("hint: they are ClusterReports of openreports.io"), "{}", said.stderr);
}
