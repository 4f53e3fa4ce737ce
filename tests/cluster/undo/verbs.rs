//! `undo`, `undo list` and `undo show`.

use super::{LATER, TOKEN, begin, drifted, folder, run, run_ok, undo_log};
use crate::harness::{Cluster, plain, trial};
use crate::raw::{Raw, awaited, content, differences, settled};
use libtest_mimic::Trial;
use serde_json::Value;
use std::sync::Arc;

pub(super) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    vec![
        trial("undo::a25_the_latest_and_back_again", cluster, latest),
        trial("undo::a25_of_this_cluster_alone", cluster, other_cluster),
        trial("undo::one_step_after_the_other", cluster, steps),
        trial("undo::not_what_someone_else_made_again", cluster, made_again),
        trial("undo::a27_shown_before_it_is_applied", cluster, shown),
        trial("undo::words_that_name_nothing", cluster, nothing),
        trial("undo::a26_the_rights_that_are_missing", cluster, forbidden),
    ]
}

/// A cluster that has drifted, and no undo plans of earlier trials.
fn fresh(cluster: &Cluster) -> Raw {
    let _ = std::fs::remove_dir_all(folder(cluster));
    begin(cluster, drifted)
}

/// A field of each undo plan, the latest first.
fn listed(cluster: &Cluster, field: &str) -> Vec<String> {
    let list: Value = serde_json::from_str(&run_ok(cluster, &["undo", "list", "-o", "json"]).stdout).unwrap();
    list["items"].as_array().unwrap().iter().map(|item| item[field].as_str().unwrap().to_owned()).collect()
}

fn latest(cluster: &Cluster) {
    let before = fresh(cluster);
    // Ids begin with the time in seconds.
    let at = |second: u32| format!("--now=2040-01-01T00:00:{second:02}Z");
    run_ok(cluster, &["apply", TOKEN, &at(1)]);
    let middle = settled(cluster);
    run_ok(cluster, &["create", "zzzzzz.0123456789abcdef", &at(2)]);
    let after = settled(cluster);
    assert_eq!(listed(cluster, "state"), ["applied", "applied"]);

    let is = |wanted: &_| {
        let found = awaited(cluster, |raw| differences(&content(wanted), &content(raw)).is_empty());
        assert_eq!(differences(&content(wanted), &content(&found)), "");
    };
    let undone = run_ok(cluster, &["undo", &at(3)]);
    assert!(undone.stdout.contains("secret/bootstrap-token-zzzzzz deleted"), "{}", undone.stdout);
    is(&middle);
    assert_eq!(listed(cluster, "state"), ["redo", "undone", "applied"]);

    // The redo is not the latest; it is asked for by its id.
    let redo = listed(cluster, "id")[0].clone();
    run_ok(cluster, &["undo", &redo, &at(4)]);
    is(&after);
    assert_eq!(listed(cluster, "state"), ["applied", "undone", "undone", "applied"]);
    run_ok(cluster, &["undo", &at(5)]);
    is(&middle);

    run_ok(cluster, &["undo", &at(6)]);
    is(&before);
    let mark = cluster.audit_mark();
    let over = run(cluster, &["undo"]);
    assert_eq!((over.code, over.stdout.as_str()), (2, ""), "{}", over.stderr);
    assert!(over.stderr.contains("there is nothing to undo here"), "{}", over.stderr);
    assert_eq!(cluster.our_writes(mark), Vec::<String>::new());
}

/// The same files, and a kubeconfig for another cluster.
fn other_cluster(cluster: &Cluster) {
    fresh(cluster);
    run_ok(cluster, &["apply", TOKEN, LATER]);
    settled(cluster);
    let authority = cluster.dir.join("pki/front-proxy-ca.crt");
    let elsewhere = ["--certificate-authority", authority.to_str().unwrap()];
    for arguments in [&["undo"][..], &["undo", "show"], &["undo", "--dry-run"]] {
        let mark = cluster.audit_mark();
        let said = run(cluster, &[arguments, &elsewhere].concat());
        assert_eq!((said.code, said.stdout.as_str()), (2, ""), "{arguments:?} {}", said.stderr);
        assert!(said.stderr.contains("there is nothing to undo here"), "{arguments:?} {}", said.stderr);
        assert_eq!(cluster.our_requests(mark), Vec::<String>::new());
    }
    // By its id it is refused as ever.
    let id = listed(cluster, "id")[0].clone();
    let said = run(cluster, &[&["undo", id.as_str()][..], &elsewhere].concat());
    assert_eq!((said.code, said.stdout.as_str()), (2, ""), "{}", said.stderr);
}

/// What is shown is what is done, and the file that a run names can be shown as well.
fn shown(cluster: &Cluster) {
    fresh(cluster);
    let file = undo_log(&run_ok(cluster, &["apply", TOKEN, LATER]));
    settled(cluster);
    let listed = run_ok(cluster, &["undo", "list"]).stdout;
    let row = listed.lines().nth(1).unwrap();
    assert!(row.contains(" apply ") && row.contains("/bootstrap-token-abcdef and "), "{listed}");
    let text = run_ok(cluster, &["undo", "show"]).stdout;
    assert_eq!(text, run_ok(cluster, &["undo", "show", &file]).stdout);
    assert_eq!(text, run_ok(cluster, &["plan", "show", &file]).stdout);
    assert!(text.starts_with("undo of `apply` in https://"), "{text}");
    let foreseen: Vec<String> = text.lines().filter(|line| line.contains(": the run ")).map(target).collect();
    let done = run_ok(cluster, &["undo", "-o", "name", LATER]).stdout;
    let done: Vec<String> = done.lines().map(str::to_owned).collect();
    assert!(!foreseen.is_empty());
    for target in &foreseen {
        assert!(done.contains(target), "{target}: {done:?}");
    }
}

/// The object in a line of a plan.
fn target(line: &str) -> String {
    line.split_whitespace().nth(1).unwrap().trim_end_matches(':').to_owned()
}

fn nothing(cluster: &Cluster) {
    let plan = cluster.dir.join("plans/not-undo.json");
    std::fs::create_dir_all(plan.parent().unwrap()).unwrap();
    let plan = plan.to_str().unwrap();
    cluster.reset();
    run_ok(cluster, &["plan", TOKEN, LATER, "--out", plan]);
    for (word, why) in [
        ("20400101T000000Z-00000000-000000000000", "error: there is no undo plan `20400101T000000Z-00000000-000000000000`"),
        ("/nonexistent/undo.json", "No such file or directory"),
        (plan, "it is a plan, not an undo plan: apply it with `apply --plan`"),
    ] {
        for arguments in [&["undo", word][..], &["undo", "show", word]] {
            let said = run(cluster, arguments);
            assert_eq!((said.code, said.stdout.as_str()), (2, ""), "{arguments:?} {}", said.stderr);
            assert!(said.stderr.contains(why), "{arguments:?} {}", said.stderr);
        }
    }
}

/// Each `undo` takes the latest change that is left, also of several in one second, and of one object.
fn steps(cluster: &Cluster) {
    fresh(cluster);
    cluster.reset();
    const OTHER: &str = "zzzzzz.0123456789abcdef";
    // All at the same time, as far as a run says it.
    let runs: [&[&str]; 4] =
        [&["apply", TOKEN], &["create", OTHER], &["delete", "zzzzzz"], &["apply", "abcdef.fedcba9876543210"]];
    let mut states = vec![settled(cluster)];
    for arguments in runs {
        run_ok(cluster, &[arguments, &["--now=2040-01-01T00:00:00Z"]].concat());
        states.push(settled(cluster));
    }
    states.pop();
    for wanted in states.iter().rev() {
        let undone = run_ok(cluster, &["undo", "--now=2030-01-01T00:00:00Z"]);
        let found = awaited(cluster, |raw| differences(&content(wanted), &content(raw)).is_empty());
        assert_eq!(differences(&content(wanted), &content(&found)), "", "{}\n{}", undone.stdout, undone.stderr);
    }
    assert_eq!(run(cluster, &["undo"]).code, 2);
}

fn made_again(cluster: &Cluster) {
    fresh(cluster);
    cluster.reset();
    run_ok(cluster, &["apply", TOKEN, LATER]);
    settled(cluster);
    let (name, file) = ("kubeadm:get-nodes", cluster.dir.join("cases/again.json"));
    let (_, object) = plain(cluster.get("", &format!("clusterrole/{name}")));
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, object.to_string()).unwrap();
    cluster.kubectl(&["delete", "clusterrole", name]);
    cluster.kubectl(&["create", "-f", file.to_str().unwrap()]);
    let mark = cluster.audit_mark();
    let refused = run(cluster, &["undo", LATER]);
    assert_eq!((refused.code, refused.stdout.as_str()), (2, ""), "{}", refused.stderr);
    assert!(refused.stderr.contains("kubeadm:get-nodes was changed since"), "{}", refused.stderr);
    assert_eq!(cluster.our_writes(mark), Vec::<String>::new());
}

/// The command in the hint, run by an administrator, gives them.
fn forbidden(cluster: &Cluster) {
    fresh(cluster);
    run_ok(cluster, &["create", "zzzzzz.0123456789abcdef"]);
    let refused = run(cluster, &["undo", "--as", "jane"]);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    let command = refused.stderr.split('`').find_map(|word| word.strip_prefix("kubectl bootstrap-token ")).unwrap();
    let words = shlex::split(command).unwrap();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let file = cluster.file("rights-of-undo.yaml", &run_ok(cluster, &words).stdout);
    cluster.kubectl(&["apply", "-f", file.to_str().unwrap()]);
    run_ok(cluster, &["undo", "--as", "jane"]);
    cluster.kubectl(&["delete", "-f", file.to_str().unwrap()]);
}
