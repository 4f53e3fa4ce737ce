//! Somebody else's audit on a real cluster: `examples/phases/audit-uploaded-certs` beside the real `kubeadm init phase upload-certs` and
//! the real garbage collector.

use crate::harness::{Cluster, Said, said, trial};
use libtest_mimic::Trial;
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    vec![trial("audit_other::uploaded_certificates", cluster, uploaded)]
}

/// The phase, and what it is granted.
struct Phase {
    file: String,
    grant: String,
    grant_fix: String,
}

impl Phase {
    fn built(cluster: &Cluster) -> Self {
        let source =
            PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../examples/phases/audit-uploaded-certs");
        let text = |path: PathBuf| path.to_string_lossy().into_owned();
        let phase = Self {
            file: text(cluster.dir.join("audit-uploaded-certs.wasm")),
            grant: text(source.join("grant.yaml")),
            grant_fix: text(source.join("grant-fix.yaml")),
        };
        let mut build = Command::new(source.join("build"));
        build.arg(&phase.file);
        let built = said(build);
        assert_eq!(built.code, 0, "{}", built.stderr);
        phase
    }

    fn audit(&self, cluster: &Cluster, more: &[&str]) -> (Said, Vec<String>) {
        let said = cluster.ours(&[&["audit", "-o", "json", "--phase", &self.file, "--grant", &self.grant], more].concat());
        let found = found(&said);
        (said, found)
    }

    /// Saves the cure and carries it out; what the report says of it.
    fn cure(&self, cluster: &Cluster, more: &[&str]) -> String {
        let plan = cluster.dir.join("certs.json");
        let plan = plan.to_str().unwrap();
        let (said, _) = self.audit(cluster, &[&["--grant", &self.grant_fix, "--fix-out", plan], more].concat());
        assert!(said.stderr.contains("the plan in"), "{}", said.stderr);
        cluster.ours_ok(&["apply", "--plan", plan, "--phase", &self.file, "--grant", &self.grant_fix]).stdout
    }
}

/// What was found, as `severity rule kind`, sorted.
fn found(said: &Said) -> Vec<String> {
    let report: Value =
        serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", said.stdout, said.stderr));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let findings = report["clusters"][0]["findings"].as_array().unwrap().iter();
    let words = |finding: &Value| [&finding["severity"], &finding["rule"], &finding["object"]["kind"]].map(text).join(" ");
    let mut found: Vec<String> = findings.map(words).collect();
    found.sort();
    found
}

/// Runs kubeadm's phase, and returns the name of the token that owns the certificates.
fn upload(cluster: &Cluster) -> String {
    let config = cluster.dir.join("init.yaml");
    let kubeconfig = cluster.kubeconfig.to_str().unwrap();
    let args = ["init", "phase", "upload-certs", "--upload-certs", "--skip-certificate-key-print"];
    let more = ["--config", config.to_str().unwrap(), "--kubeconfig", kubeconfig];
    let uploaded = cluster.run("kubeadm", &[&args[..], &more].concat());
    assert_eq!(uploaded.code, 0, "{}", uploaded.stderr);
    let owners = &cluster.get("kube-system", "secret/kubeadm-certs")["metadata"]["ownerReferences"];
    owners[0]["name"].as_str().unwrap().to_owned()
}

fn uploaded(cluster: &Cluster) {
    cluster.reset();
    let phase = Phase::built(cluster);
    let token = upload(cluster);
    let (as_left, nothing) = phase.audit(cluster, &["--fail-on=info"]);
    assert_eq!((as_left.code, nothing), (0, vec![]), "as kubeadm leaves it: {}", as_left.stderr);
    least_rights(cluster, &phase, &token);

    // Nothing removes it any more.
    let orphan = r#"[{"op": "remove", "path": "/metadata/ownerReferences"}]"#;
    cluster.kubectl(&["patch", "secret", "-nkube-system", "kubeadm-certs", "--type=json", "-p", orphan]);
    cluster.kubectl(&["delete", "secret", "-nkube-system", &token]);
    let (orphaned, findings) = phase.audit(cluster, &[]);
    assert_eq!((orphaned.code, findings), (1, vec!["high certs-unowned Secret".to_owned()]), "{}", orphaned.stderr);
    assert_eq!(phase.cure(cluster, &[]), "", "somebody may be about to join");
    cured_when_it_is_old(cluster, &phase);

    // kubeadm makes all of it again, and the garbage collector leaves the rights.
    let token = upload(cluster);
    let (again, nothing) = phase.audit(cluster, &["--fail-on=info"]);
    assert_eq!((again.code, nothing), (0, vec![]), "after the cure: {}", again.stderr);
    cluster.kubectl(&["delete", "secret", "-nkube-system", &token]);
    cluster.kubectl(&["wait", "--for=delete", "secret/kubeadm-certs", "-nkube-system", "--timeout=2m"]);
    let unused = ["info certs-rights-unused Role".to_owned(), "info certs-rights-unused RoleBinding".to_owned()];
    let (collected, findings) = phase.audit(cluster, &[]);
    assert_eq!((collected.code, findings), (0, unused.to_vec()), "{}", collected.stderr);
    assert_eq!(phase.cure(cluster, &[]), RIGHTS_DELETED);
    assert_eq!(phase.audit(cluster, &["--fail-on=info"]).0.code, 0);
    cluster.reset();
}

const RIGHTS_DELETED: &str = "rolebinding.rbac.authorization.k8s.io/kubeadm:kubeadm-certs deleted
role.rbac.authorization.k8s.io/kubeadm:kubeadm-certs deleted
";

/// The same three hours later.
fn cured_when_it_is_old(cluster: &Cluster, phase: &Phase) {
    let secret = cluster.get("kube-system", "secret/kubeadm-certs");
    let made: jiff::Timestamp = secret["metadata"]["creationTimestamp"].as_str().unwrap().parse().unwrap();
    let later = (made + jiff::SignedDuration::from_hours(3)).to_string();
    let (_, findings) = phase.audit(cluster, &["--now", &later]);
    assert_eq!(findings, ["high certs-unowned Secret", "medium certs-outlived Secret"]);
    assert_eq!(phase.cure(cluster, &["--now", &later]), format!("{RIGHTS_DELETED}secret/kubeadm-certs deleted\n"));
    let (cured, nothing) = phase.audit(cluster, &["--now", &later, "--fail-on=info"]);
    assert_eq!((cured.code, nothing), (0, vec![]), "{}", cured.stderr);
    let left = ["secret/kubeadm-certs", "role/kubeadm:kubeadm-certs", "rolebinding/kubeadm:kubeadm-certs"];
    assert_eq!(cluster.kubectl(&[&["get", "-nkube-system", "--ignore-not-found", "-oname"][..], &left].concat()), "");
}

/// The audit needs what `rbac` prints and no more: four objects by name, no list of Secrets.
fn least_rights(cluster: &Cluster, phase: &Phase, token: &str) {
    let Phase { file, grant, .. } = phase;
    let rbac = ["rbac", "--task", "audit", "--subject", "user:other", "--name", "other", "--phase", file, "--grant", grant];
    let roles = cluster.file("other.yaml", &cluster.ours_ok(&rbac).stdout);
    cluster.kubectl(&["apply", "-f", roles.to_str().unwrap()]);
    let mark = cluster.audit_mark();
    let (said, _) = phase.audit(cluster, &["--as", "other"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    let mut requests = cluster.our_requests(mark);
    requests.retain(|request| !request.starts_with("get /version"));
    requests.sort();
    let rights = "/apis/rbac.authorization.k8s.io/v1/namespaces/kube-system";
    let expected = [
        format!("get /api/v1/namespaces/kube-system/secrets/{token}"),
        "get /api/v1/namespaces/kube-system/secrets/kubeadm-certs".to_owned(),
        format!("get {rights}/rolebindings/kubeadm:kubeadm-certs"),
        format!("get {rights}/roles/kubeadm:kubeadm-certs"),
    ];
    assert_eq!(requests, expected);
    cluster.kubectl(&["delete", "-f", roles.to_str().unwrap()]);
}
