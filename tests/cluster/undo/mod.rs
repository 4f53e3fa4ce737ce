//! `apply --plan` of what an earlier `apply` left to go back with: everything is as it was, byte for byte, or nothing is touched.

mod starts;
mod verbs;

use crate::harness::{Cluster, Said, config, plain, said, trial};
use crate::raw::{Raw, awaited, content, created_again, differences, settled};
use kubephase_core::digest::Digest;
use libtest_mimic::Trial;
use serde_json::{Value, json};
use starts::{GET_NODES, LATER, NOW, STARTS, Start, TOKEN, bind_other_role, change_token, drifted, ours, patch};
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    let starts = STARTS.into_iter();
    let mut trials: Vec<Trial> = starts
        .map(|start| trial(format!("undo::{}", start.name), cluster, move |cluster| there_and_back(cluster, &start)))
        .collect();
    trials.push(trial("undo::refuses_what_others_changed", cluster, others));
    trials.push(trial("undo::needs_to_know_who_wrote_what", cluster, untracked));
    trials.push(trial("undo::a_run_that_failed", cluster, failed));
    trials.push(trial("undo::nothing_done_leaves_nothing", cluster, nothing));
    trials.push(trial("undo::of_several_runs", cluster, several));
    trials.push(trial("undo::refuses_an_edited_file", cluster, edited));
    trials.extend(verbs::trials(cluster));
    trials
}

// ---- There and back ------------------------------------------------------------------------------------------------

/// The folder that we keep undo plans in.
fn folder(cluster: &Cluster) -> PathBuf {
    cluster.dir.join("undo-state")
}

fn run(cluster: &Cluster, arguments: &[&str]) -> Said {
    let mut command = cluster.our_command(arguments);
    command.env("XDG_STATE_HOME", folder(cluster));
    said(command)
}

fn run_ok(cluster: &Cluster, arguments: &[&str]) -> Said {
    let said = run(cluster, arguments);
    assert_eq!(said.code, 0, "{arguments:?}\n{}\n{}", said.stdout, said.stderr);
    said
}

/// The file that a run says to go back with.
fn undo_log(said: &Said) -> String {
    let told = said.stderr.lines().find_map(|line| line.strip_prefix("undo with: kubectl bootstrap-token apply --plan "));
    told.unwrap_or_else(|| panic!("no undo plan: {}\n{}", said.stdout, said.stderr)).to_owned()
}

fn undo(cluster: &Cluster, file: &str) -> Said {
    run(cluster, &["apply", "--plan", file])
}

/// Files are the user's alone.
fn assert_private(cluster: &Cluster) {
    let folder = folder(cluster).join("kubectl-bootstrap-token");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    for folder in [&folder, &folder.join("undo")] {
        assert_eq!(mode(folder), 0o700, "{}", folder.display());
    }
    let files = std::fs::read_dir(folder.join("undo")).unwrap().map(|entry| entry.unwrap().path());
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

/// As it was: objects that had to be created again are other ones of the same content.
fn assert_as(before: &Raw, after: &Raw, again: &[&str]) {
    let mut expected = before.clone();
    for key in again {
        for name in ["uid", "creationTimestamp"] {
            expected.get_mut(*key).unwrap()["metadata"][name] = after[*key]["metadata"][name].clone();
        }
    }
    assert_eq!(differences(&expected, after), "");
    assert_eq!(created_again(before, after).iter().collect::<Vec<_>>(), again, "other objects");
}

fn begin(cluster: &Cluster, make: fn(&Cluster)) -> Raw {
    cluster.reset();
    make(cluster);
    settled(cluster)
}

fn there_and_back(cluster: &Cluster, start: &Start) {
    let before = begin(cluster, start.make);
    let there = run_ok(cluster, &[&["apply"], start.arguments].concat());
    let applied = settled(cluster);
    assert_ne!(differences(&before, &applied), "", "something was done");
    assert_private(cluster);

    let file = undo_log(&there);
    let back = undo(cluster, &file);
    assert_eq!(back.code, 0, "{}\n{}", back.stdout, back.stderr);
    let is_back = |raw: &Raw| differences(&content(&before), &content(raw)).is_empty();
    assert_as(&before, &awaited(cluster, is_back), start.again);

    // The second time there is nothing to do, or nothing is done.
    let mark = cluster.audit_mark();
    let twice = undo(cluster, &file);
    assert!([0, 2].contains(&twice.code), "{}\n{}", twice.stdout, twice.stderr);
    assert_eq!(cluster.our_writes(mark), Vec::<String>::new(), "{}", twice.stderr);

    let again = undo(cluster, &undo_log(&back));
    assert_eq!(again.code, 0, "{}\n{}", again.stdout, again.stderr);
    let is_there = |raw: &Raw| differences(&content(&applied), &content(raw)).is_empty();
    let forth = awaited(cluster, is_there);
    assert_eq!(differences(&content(&applied), &content(&forth)), "");
    assert_private(cluster);
}

// ---- Not back ------------------------------------------------------------------------------------------------------

/// One change of somebody else after the other, each of which is one more reason.
fn others(cluster: &Cluster) {
    begin(cluster, |cluster| {
        drifted(cluster);
        change_token(cluster);
        cluster.kubectl(&["delete", "configmap", "-n", "kube-public", "cluster-info"]);
    });
    let file = undo_log(&run_ok(cluster, &["apply", TOKEN, LATER]));
    settled(cluster);
    let signer = "rolebinding/kubeadm:bootstrap-signer-clusterinfo";
    let (_, binding) = plain(cluster.get("kube-public", signer));
    let binding = cluster.file("undo.json", &binding.to_string());
    let rules = json!({ "rules": [{ "apiGroups": [""], "resources": ["pods"], "verbs": ["get"] }] });
    let secret = json!({ "data": { "token-secret": "MDAwMDAwMDAwMDAwMDAwMA==" } });
    let label = json!({ "metadata": { "labels": { "team": "b" } } });
    let data = json!({ "data": { "other": "new" } });
    let changes: [(&dyn Fn(), &str); 6] = [
        (&|| patch(cluster, "", "clusterrole/kubeadm:get-nodes", &label), "kubeadm:get-nodes was changed since"),
        (
            &|| patch(cluster, "kube-public", "role/kubeadm:bootstrap-signer-clusterinfo", &rules),
            "/kubeadm:bootstrap-signer-clusterinfo was changed since",
        ),
        (
            &|| patch(cluster, "kube-system", "secret/bootstrap-token-abcdef", &secret),
            "secret/bootstrap-token-abcdef was changed since",
        ),
        (&|| patch(cluster, "kube-public", "configmap/cluster-info", &data), "configmap/cluster-info was changed since"),
        (
            &|| drop(cluster.kubectl(&["delete", "clusterrolebinding", "kubeadm:kubelet-bootstrap"])),
            "kubelet-bootstrap was deleted since",
        ),
        (
            &|| {
                cluster.kubectl(&["delete", "-n", "kube-public", signer]);
                patch_created(cluster, &binding);
            },
            "rolebinding.rbac.authorization.k8s.io/kubeadm:bootstrap-signer-clusterinfo was changed since",
        ),
    ];
    for (count, (change, name)) in changes.iter().enumerate() {
        change();
        let before = settled(cluster);
        let mark = cluster.audit_mark();
        let said = undo(cluster, &file);
        assert_eq!(said.code, 2, "{name}: {}\n{}", said.stdout, said.stderr);
        assert!(said.stdout.is_empty() && said.stderr.contains(name), "{name}: {}", said.stderr);
        assert_eq!(said.stderr.matches(" since\n").count(), count + 1, "{name}: {}", said.stderr);
        assert_eq!(cluster.our_writes(mark), Vec::<String>::new(), "{name}");
        assert_eq!(differences(&before, &settled(cluster)), "", "{name}");
    }
}

/// The API server does not track the fields of an object of which nobody owns one. So a signature may be anybody's, and we refuse.
fn untracked(cluster: &Cluster) {
    begin(cluster, |cluster| {
        ours(cluster);
        patch(cluster, "kube-public", "configmap/cluster-info", &json!({ "data": null }));
    });
    let file = undo_log(&run_ok(cluster, &["apply", TOKEN, LATER]));
    settled(cluster);
    let mark = cluster.audit_mark();
    let said = undo(cluster, &file);
    assert_eq!(said.code, 2, "{}", said.stdout);
    assert!(said.stderr.contains("configmap/cluster-info was changed since"), "{}", said.stderr);
    assert_eq!(cluster.our_writes(mark), Vec::<String>::new());
}

/// Created again, with a label.
fn patch_created(cluster: &Cluster, file: &Path) {
    cluster.kubectl(&["create", "-f", file.to_str().unwrap()]);
    let label = json!({ "metadata": { "labels": { "team": "b" } } });
    patch(cluster, "kube-public", "rolebinding/kubeadm:bootstrap-signer-clusterinfo", &label);
}

const POLICY: &str = "apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: undo}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
    - {apiGroups: [rbac.authorization.k8s.io], apiVersions: [v1], operations: [CREATE], resources: [clusterrolebindings]}
  validations: [{expression: \"object.metadata.name != 'kubeadm:get-nodes'\", message: not wanted}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: undo}
spec: {policyName: undo, validationActions: [Deny]}
";

/// A run ends in the middle: a binding is deleted and cannot be created again.
fn failed(cluster: &Cluster) {
    let before = begin(cluster, |cluster| {
        drifted(cluster);
        bind_other_role(cluster);
        change_token(cluster);
    });
    let policy = cluster.file("undo-policy.yaml", POLICY);
    let policy = policy.to_str().unwrap();
    let tried = cluster.file("undo-tried.json", &content(&before)[GET_NODES].to_string());
    let is_denied = || {
        let said = cluster.run("kubectl", &["create", "--dry-run=server", "-f", tried.to_str().unwrap()]);
        said.stderr.contains("not wanted")
    };
    cluster.kubectl(&["create", "-f", policy]);
    let is_in_force = (0..500).any(|_| is_denied());
    let said = run(cluster, &["apply", TOKEN, LATER, "--precheck=none"]);
    cluster.kubectl(&["delete", "-f", policy]);
    assert!(is_in_force && (0..500).any(|_| !is_denied()), "the policy was in force, and is gone");
    assert_eq!(said.code, 3, "{}\n{}", said.stdout, said.stderr);
    assert!(!settled(cluster).contains_key(GET_NODES), "half done");

    let back = undo(cluster, &undo_log(&said));
    assert_eq!(back.code, 0, "{}\n{}", back.stdout, back.stderr);
    let is_back = |raw: &Raw| differences(&content(&before), &content(raw)).is_empty();
    let after = awaited(cluster, is_back);
    let again: BTreeSet<String> = created_again(&before, &after);
    assert_as(&before, &after, &again.iter().map(String::as_str).collect::<Vec<_>>());
}

/// Without a change there is no undo plan, and none is told of.
fn nothing(cluster: &Cluster) {
    let tokens = json!([{ "token": TOKEN, "ttl": "0s" }]);
    let file = cluster.file("undo.yaml", &config("v1beta4", "v1.37.2", &tokens));
    cluster.reset();
    let files = || std::fs::read_dir(folder(cluster).join("kubectl-bootstrap-token/undo")).unwrap();
    let names = || files().map(|entry| entry.unwrap().file_name()).collect::<std::collections::BTreeSet<_>>();
    let arguments = ["apply", "-f", file.to_str().unwrap()];
    run_ok(cluster, &arguments);
    let count = names();
    for more in [&[][..], &["--dry-run=server"], &["--dry-run=client"]] {
        let said = run_ok(cluster, &[&arguments[..], more].concat());
        assert!(!said.stderr.contains("undo with"), "{}", said.stderr);
    }
    // Whoever may only look is refused at the first write.
    cluster.reset();
    let reader = ["--verb=get,list,watch", "--resource=*.*", "--resource=secrets,configmaps,namespaces"];
    cluster.kubectl(&[&["create", "clusterrole", "undo-reader"][..], &reader].concat());
    cluster.kubectl(&["create", "clusterrolebinding", "undo-reader", "--clusterrole=undo-reader", "--user=undo-reader"]);
    let said = run(cluster, &[&arguments[..], &["--precheck=none", "--as=undo-reader"]].concat());
    assert_eq!((said.code, said.stderr.contains("undo with")), (2, false), "{}\n{}", said.stdout, said.stderr);
    cluster.kubectl(&["delete", "clusterrole,clusterrolebinding", "undo-reader"]);
    assert_eq!(names(), count);
}

/// Two runs, the later one undone first.
fn several(cluster: &Cluster) {
    let empty = begin(cluster, |_| ());
    let first = undo_log(&run_ok(cluster, &["apply", TOKEN, NOW]));
    let between = settled(cluster);
    let second = undo_log(&run_ok(cluster, &["apply", "second.fedcba9876543210", NOW]));
    settled(cluster);
    for (file, expected) in [(second, between), (first, empty)] {
        let said = undo(cluster, &file);
        assert_eq!(said.code, 0, "{}\n{}", said.stdout, said.stderr);
        let after = awaited(cluster, |raw| differences(&expected, raw).is_empty());
        assert_eq!(differences(&expected, &after), "");
    }
}

/// A file with another object, of another cluster, with other input: whoever makes it can make its digest.
fn edited(cluster: &Cluster) {
    begin(cluster, |_| ());
    let file = undo_log(&run_ok(cluster, &["apply", TOKEN, NOW]));
    settled(cluster);
    let text = std::fs::read_to_string(&file).unwrap();
    let edited = |pointer: &str, new: &str, is_new_digest: bool| {
        let mut undo: Value = serde_json::from_str(&text).unwrap();
        *undo.pointer_mut(pointer).unwrap() = json!(new);
        if is_new_digest {
            undo.as_object_mut().unwrap().remove("digest");
            undo["digest"] = json!(Digest::of(undo.to_string().as_bytes()).to_string());
        }
        let name: String = format!("undo-{pointer}-{new}").chars().filter(char::is_ascii_alphanumeric).collect();
        cluster.file(&name, &undo.to_string()).to_str().unwrap().to_owned()
    };
    let mark = cluster.audit_mark();
    for (file, more, why) in [
        (edited("/objects/0/fate", "changed", false), &[][..], "its digest does not match"),
        (edited("/objects/1/object/name", "cluster-admin", true), &[], "cluster-admin, which its phase may not write"),
        (edited("/objects/0/object/namespace", "default", true), &[], "which its phase may not write"),
        (edited("/objects/2/object/name", "../..", true), &[], "it is not a plan: "),
        (edited("/cluster/certificateAuthorityPins/0", "sha256:00", true), &[], "another cluster: its certificate authority is"),
        (edited("/cluster/against", "folder", true), &[], "another cluster: it was made against folder, this is live"),
        (edited("/id", "../../id", true), &[], "it is not a plan: id"),
        (file.clone(), &[TOKEN], "a different configuration"),
    ] {
        let said = run(cluster, &[&["apply", "--plan", &file], more].concat());
        assert_eq!(said.code, 2, "{why}: {}\n{}", said.stdout, said.stderr);
        assert!(said.stdout.is_empty() && said.stderr.contains(why), "{why}: {}", said.stderr);
    }
    assert_eq!(cluster.our_writes(mark), Vec::<String>::new());
}
