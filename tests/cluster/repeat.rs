//! Running again changes as little as it can.

use crate::harness::{Cluster, Said, config, take_expirations, trial};
use libtest_mimic::Trial;
use serde_json::json;
use std::sync::Arc;

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    vec![
        trial("repeat::a_token_without_end_is_left_alone", cluster, no_op),
        trial("repeat::a_token_with_a_ttl_lives_longer", cluster, refreshed),
        trial("repeat::without_a_token_one_more_is_made", cluster, one_more),
        trial("repeat::dry_runs_write_nothing", cluster, dry_runs),
        trial("repeat::plan_says_what_apply_does", cluster, planned),
        trial("repeat::tokens_are_not_printed_if_not_wanted", cluster, skip_token_print),
    ]
}

/// How many objects the phase of 1.37 writes for one token.
const OBJECTS: usize = 10;

fn lines_ending(said: &Said, end: &str) -> usize {
    said.stdout.lines().filter(|line| line.ends_with(end)).count()
}

fn no_op(cluster: &Cluster) {
    cluster.reset();
    let tokens = json!([{ "token": "abcdef.0123456789abcdef", "ttl": "0s" }]);
    let file = cluster.file("no-op.yaml", &config("v1beta4", "v1.37.2", &tokens));
    let args = ["apply", "-f", file.to_str().unwrap()];
    assert_eq!(lines_ending(&cluster.ours_ok(&args), " created"), OBJECTS);
    let mark = cluster.audit_mark();
    let again = cluster.ours_ok(&args);
    assert_eq!(lines_ending(&again, " unchanged"), OBJECTS, "{}", again.stdout);
    // Not even dry runs: one flight of reads and nothing else.
    let requests = cluster.our_requests(mark);
    assert!(requests.iter().all(|request| request.starts_with("get ")), "{requests:?}");
    assert_eq!(requests.len(), OBJECTS + 2, "the objects, kubeadm-config and the version: {requests:?}");

    // The same after kubeadm made them.
    cluster.reset();
    cluster.kubeadm_ok("kubeadm", &file);
    let mark = cluster.audit_mark();
    assert_eq!(lines_ending(&cluster.ours_ok(&args), " unchanged"), OBJECTS);
    assert_eq!(cluster.our_writes(mark), Vec::<String>::new());
}

fn refreshed(cluster: &Cluster) {
    cluster.reset();
    let apply = |now| cluster.ours_ok(&["apply", "abcdef.0123456789abcdef", "--now", now]);
    apply("2040-01-01T00:00:00Z");
    let before = cluster.state();
    let mark = cluster.audit_mark();
    let again = apply("2040-01-01T01:00:00Z");
    assert_eq!((lines_ending(&again, " updated"), lines_ending(&again, " unchanged")), (1, OBJECTS - 1));
    let writes = cluster.our_writes(mark);
    assert_eq!(writes.len(), 1, "{writes:?}");
    assert!(writes[0].contains("/secrets/bootstrap-token-abcdef"), "{writes:?}");

    let (mut before, mut after) = (before, cluster.state());
    let key = "Secret/kube-system/bootstrap-token-abcdef";
    let times = [take_expirations(&mut before)[key], take_expirations(&mut after)[key]];
    assert_eq!(times[1] - times[0], 3_600);
    assert_eq!(before, after, "nothing but the expiration");
}

fn one_more(cluster: &Cluster) {
    cluster.reset();
    let tokens = |cluster: &Cluster| cluster.state().keys().filter(|key| key.starts_with("Secret/")).count();
    for count in 1..=3 {
        let said = cluster.ours_ok(&["apply"]);
        assert_eq!(tokens(cluster), count);
        assert_eq!(lines_ending(&said, " created"), if count == 1 { OBJECTS } else { 1 });
    }
}

fn dry_runs(cluster: &Cluster) {
    cluster.reset();
    let mark = cluster.audit_mark();
    let client = cluster.ours_ok(&["apply", "--dry-run=client"]);
    assert_eq!(lines_ending(&client, " created (dry run)"), OBJECTS);
    assert!(cluster.our_requests(mark).iter().all(|request| request.starts_with("get ")));
    let server = cluster.ours_ok(&["apply", "--dry-run=server"]);
    assert_eq!(lines_ending(&server, " created (server dry run)"), OBJECTS);
    assert_eq!(cluster.our_writes(mark), Vec::<String>::new());
    assert!(cluster.state().is_empty());
    for said in [client, server] {
        assert!(!said.stdout.contains("kubeadm join"), "no command for a token that does not exist");
    }
}

fn planned(cluster: &Cluster) {
    cluster.reset();
    let plan = ["plan", "abcdef.0123456789abcdef", "--now", "2040-01-01T00:00:00Z"];
    let apply = ["apply", "abcdef.0123456789abcdef", "--now", "2040-01-01T00:00:00Z"];
    let exit_code = [&plan[..], &["--exit-code"]].concat();
    let said = cluster.ours(&exit_code);
    assert_eq!(said.code, 1, "{}", said.stderr);
    assert!(said.stdout.ends_with("10 to create, 0 to update, 0 to delete, 0 unchanged\n"), "{}", said.stdout);
    cluster.ours_ok(&apply);
    let said = cluster.ours(&exit_code);
    assert_eq!(said.code, 0, "{}", said.stdout);
    assert!(said.stdout.ends_with("0 to create, 0 to update, 0 to delete, 10 unchanged\n"), "{}", said.stdout);
}

fn skip_token_print(cluster: &Cluster) {
    cluster.reset();
    for format in ["text", "json", "yaml", "name"] {
        let said = cluster.ours_ok(&["apply", "abcdef.0123456789abcdef", "--skip-token-print", "-o", format]);
        assert!(!said.stdout.contains("0123456789abcdef") && !said.stdout.contains("kubeadm join"), "{}", said.stdout);
    }
    let said = cluster.ours_ok(&["apply", "abcdef.0123456789abcdef", "-o", "json"]);
    let report: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    let join = report["outputs"].as_array().unwrap().iter().find(|output| output["name"] == "join-command").unwrap();
    assert!(join["value"].as_str().unwrap().contains("--token abcdef.0123456789abcdef "), "{join}");
}
