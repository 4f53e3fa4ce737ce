//! A real certificate from the real controller manager, and nothing left behind.

use super::component::Restarted;
use super::cure::{printed, started};
use super::{Eyes, Ready, TOKEN, check};
use crate::harness::{Cluster, OURS, said, trial};
use libtest_mimic::Trial;
use std::process::{Command, Stdio};
use std::sync::Arc;

pub(super) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    vec![
        trial("check::csr::issued", cluster, issued),
        trial("check::csr::not_without_somebody_to_delete_it", cluster, nobody_to_delete),
        trial("check::csr::nobody_approves", cluster, |cluster| without(cluster, "csrapproving", "the controller csrapproving")),
        trial("check::csr::nobody_signs", cluster, |cluster| without(cluster, "csrsigning", "the controller csrsigning")),
        trial("check::csr::signed_by_another_authority", cluster, another_authority),
        trial("check::csr::interrupted", cluster, interrupted),
        trial("check::csr::a6_nothing_is_left_behind_without_output", cluster, without_output),
    ]
}

fn requests(cluster: &Cluster) -> String {
    cluster.kubectl(&["get", "csr", "-o", "name"])
}

fn issued(cluster: &Cluster) {
    let ready = Ready::new(cluster);
    let mark = cluster.audit_mark();
    let said = check(cluster, &["check", &ready.line(TOKEN), "--csr", "-v", "8"], Eyes::Administrator);
    assert_eq!(said.code, 0, "{}\n{}", said.stdout, said.stderr);
    assert!(
        said.stdout.contains("certificate           issued, and accepted as system:node:bootstrap_token_check_"),
        "{}",
        said.stdout
    );
    assert_eq!(requests(cluster), "");
    let is_review = |request: &String| request.contains("/selfsubject");
    let writes: Vec<String> = cluster.our_writes(mark).into_iter().filter(|request| !is_review(request)).collect();
    let verbs: Vec<&str> = writes.iter().filter_map(|request| request.split(' ').next()).collect();
    assert_eq!(verbs, ["create", "delete"], "{writes:?}");
}

fn nobody_to_delete(cluster: &Cluster) {
    let ready = Ready::new(cluster);
    let said = check(cluster, &["check", &ready.line(TOKEN), "--csr"], Eyes::Node);
    assert_eq!(said.code, 2, "{}\n{}", said.stdout, said.stderr);
    assert!(said.stdout.contains("skipped  certificate           needs a kubeconfig"), "{}", said.stdout);
    assert_eq!(requests(cluster), "");
}

/// A controller is missing: it is named, and the request is deleted.
fn without(cluster: &Cluster, controller: &str, cause: &str) {
    let ready = Ready::new(cluster);
    let controllers = format!("bootstrapsigner,tokencleaner,-{controller}");
    let restarted = Restarted::new(cluster, "controller-manager", "bootstrapsigner,tokencleaner", &controllers);
    let said = check(cluster, &["check", &ready.line(TOKEN), "--csr", "--wait=5s"], Eyes::Administrator);
    assert_eq!(said.code, 1, "{}\n{}", said.stdout, said.stderr);
    assert!(said.stdout.contains(cause) && said.stdout.contains("\nfailed   certificate "), "{}", said.stdout);
    assert_eq!(requests(cluster), "");
    let cured = started(cluster, "kube-controller-manager", &printed(&said));
    let said = check(cluster, &["check", &ready.line(TOKEN), "--csr", "--wait=1m"], Eyes::Administrator);
    assert_eq!(said.code, 0, "{}\n{}", said.stdout, said.stderr);
    drop((restarted, cured));
}

/// The certificate is issued, and no API server takes it.
fn another_authority(cluster: &Cluster) {
    let ready = Ready::new(cluster);
    let pki = cluster.dir.join("pki");
    let [ours, theirs] = ["ca", "front-proxy-ca"].map(|name| {
        let [certificate, key] = ["crt", "key"].map(|end| pki.join(format!("{name}.{end}")).to_str().unwrap().to_owned());
        format!("--cluster-signing-cert-file={certificate} --cluster-signing-key-file={key}")
    });
    let restarted = Restarted::new(cluster, "controller-manager", &ours, &theirs);
    let said = check(cluster, &["check", &ready.line(TOKEN), "--csr", "--wait=5s"], Eyes::Administrator);
    assert_eq!(said.code, 1, "{}\n{}", said.stdout, said.stderr);
    assert!(said.stdout.contains("signs with an authority that kube-apiserver does not trust"), "{}", said.stdout);
    assert_eq!(requests(cluster), "");
    let cured = started(cluster, "kube-controller-manager", &printed(&said));
    let said = check(cluster, &["check", &ready.line(TOKEN), "--csr", "--wait=1m"], Eyes::Administrator);
    assert_eq!(said.code, 0, "{}\n{}", said.stdout, said.stderr);
    drop((restarted, cured));
}

/// Ctrl-C while it waits.
fn interrupted(cluster: &Cluster) {
    let ready = Ready::new(cluster);
    let controllers = "bootstrapsigner,tokencleaner,-csrapproving";
    let _restarted = Restarted::new(cluster, "controller-manager", "bootstrapsigner,tokencleaner", controllers);
    // As in the foreground of a shell, wherever the tests run.
    let mut command = cluster.command("env", &["--default-signal=INT", OURS, "check", &ready.line(TOKEN), "--csr", "--wait=10m"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    assert!((0..1_000).any(|_| !requests(cluster).is_empty()), "the request is there");
    assert!(Command::new("kill").args(["-s", "INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(2), "{stdout}");
    assert!(stdout.contains("interrupted"), "{stdout}");
    assert_eq!(requests(cluster), "");
}

/// Whatever becomes of its output, the request is deleted.
fn without_output(cluster: &Cluster) {
    let ready = Ready::new(cluster);
    for (redirection, code) in [("", 0), (">/dev/full", 2), (">&-", 0), ("2>/dev/full", 0), (">/dev/full 2>&-", 2), ("| true", 0)]
    {
        let mark = cluster.audit_mark();
        let script = format!("\"$@\" {redirection}");
        let said = said(cluster.command("sh", &["-c", &script, "sh", OURS, "check", &ready.line(TOKEN), "--csr"]));
        assert_eq!(said.code, code, "{redirection}: {}", said.stderr);
        let asked = cluster.our_writes(mark).into_iter().filter(|request| request.contains("certificatesigningrequests"));
        let verbs: Vec<String> = asked.map(|request| request.split(' ').next().unwrap().to_owned()).collect();
        assert_eq!(verbs, ["create", "delete"], "{redirection}");
        assert_eq!(requests(cluster), "", "{redirection}");
    }
}
