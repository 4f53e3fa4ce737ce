//! `plan --out` and `apply --plan`: what is applied is what was planned, or nothing.

use crate::harness::{Cluster, Said, config, trial};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use kubephase_core::digest::Digest;
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;

const TOKEN: &str = "abcdef.0123456789abcdef";
const NOW: &str = "--now=2040-01-01T00:00:00Z";

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    vec![
        trial("saved::same_bytes_and_no_secret", cluster, same_bytes),
        trial("saved::carries_out_what_was_planned", cluster, carried_out),
        trial("saved::a_generated_token_gets_its_secret_later", cluster, generated),
        trial("saved::dry_runs_write_nothing", cluster, dry_runs),
        trial("saved::with_an_endpoint_beside_the_file", cluster, endpoint),
        trial("saved::refuses_what_moved", cluster, moved),
        trial("saved::refuses_other_input", cluster, other_input),
        trial("saved::refuses_an_edited_file", cluster, edited),
        trial("saved::refuses_an_edited_file_with_a_new_digest", cluster, forged),
        trial("saved::refuses_what_is_no_plan", cluster, no_plan),
        trial("saved::refuses_another_phase", cluster, other_phase),
    ]
}

fn two_tokens(cluster: &Cluster) -> String {
    let tokens = json!([{ "token": TOKEN, "ttl": "0s" }, { "token": "second.fedcba9876543210", "description": "a" }]);
    path(cluster.file("saved.yaml", &config("v1beta4", "v1.37.2", &tokens)))
}

fn path(path: PathBuf) -> String {
    path.into_os_string().into_string().unwrap()
}

/// Where a plan is saved.
fn out(cluster: &Cluster, name: &str) -> String {
    let folder = cluster.dir.join("plans");
    std::fs::create_dir_all(&folder).unwrap();
    path(folder.join(name))
}

/// Plans for some arguments and returns the file, and what was said.
fn planned(cluster: &Cluster, arguments: &[&str]) -> (String, Said) {
    let file = out(cluster, "plan.json");
    let said = cluster.ours_ok(&[&["plan", NOW, "--out", &file], arguments].concat());
    (file, said)
}

/// Refused for this reason, before the first write.
fn assert_refused(cluster: &Cluster, arguments: &[&str], why: &str) {
    let mark = cluster.audit_mark();
    let said = cluster.ours(&[&["apply"], arguments].concat());
    assert_eq!(said.code, 2, "{why}: {}\n{}", said.stdout, said.stderr);
    assert!(said.stdout.is_empty() && said.stderr.contains(why), "{why}: {}\n{}", said.stdout, said.stderr);
    assert_eq!(cluster.our_writes(mark), Vec::<String>::new(), "{why}");
}

fn same_bytes(cluster: &Cluster) {
    cluster.reset();
    let other = "MDAwMDAwMDAwMDAwMDAwMA==";
    let file = two_tokens(cluster);
    for is_stored in [false, true] {
        if is_stored {
            cluster.ours_ok(&["apply", "abcdef.fedcba9876543210", NOW]);
            let patch = json!({ "data": { "token-secret": other } }).to_string();
            cluster.kubectl(&["patch", "-n", "kube-system", "secret/bootstrap-token-abcdef", "-p", &patch]);
            crate::raw::settled(cluster);
        }
        for arguments in [&[TOKEN][..], &["-f", &file], &[]] {
            let [one, two] = ["one.json", "two.json"].map(|name| {
                let file = out(cluster, name);
                let _ = std::fs::remove_file(&file);
                cluster.ours_ok(&[&["plan", NOW, "--out", &file], arguments].concat());
                assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o7777, 0o600);
                std::fs::read_to_string(file).unwrap()
            });
            assert_eq!(one, two, "{arguments:?}");
            for secret in ["0123456789abcdef", "fedcba9876543210", "0000000000000000"] {
                assert!(!one.contains(secret) && !one.contains(&STANDARD.encode(secret)), "{arguments:?}: {secret}");
            }
        }
    }
}

fn carried_out(cluster: &Cluster) {
    let file = two_tokens(cluster);
    for (arguments, more) in [(&[TOKEN][..], &[][..]), (&["-f", &file], &["--precheck=none"])] {
        cluster.reset();
        // As if nobody had planned.
        cluster.ours_ok(&[&["apply", NOW], arguments].concat());
        let expected = cluster.state();
        cluster.reset();
        let (plan, said) = planned(cluster, &[arguments, &["-o", "name"]].concat());
        let mark = cluster.audit_mark();
        let applied = cluster.ours_ok(&[&["apply", "--plan", &plan, "-o", "name"], arguments, more].concat());
        assert_eq!(applied.stdout, said.stdout, "as planned");
        assert_eq!(cluster.our_writes(mark).len(), expected.len());
        assert_eq!(cluster.state(), expected, "the time is that of the plan");
        // Once only.
        assert_refused(cluster, &[&["--plan", &plan], arguments].concat(), "was created");
    }
}

fn generated(cluster: &Cluster) {
    cluster.reset();
    let (plan, _) = planned(cluster, &[]);
    let text = std::fs::read_to_string(&plan).unwrap();
    let mut secrets = Vec::new();
    for _ in 0..2 {
        cluster.reset();
        let said = cluster.ours_ok(&["apply", "--plan", &plan]);
        let token = said.stdout.split_whitespace().skip_while(|word| *word != "--token").nth(1).unwrap().to_owned();
        let (id, secret) = token.split_once('.').unwrap();
        assert!(
            text.contains(&format!("/bootstrap-token-{id}\"")) || text.contains(&format!("\"bootstrap-token-{id}\"")),
            "{id}"
        );
        assert!(!text.contains(secret));
        let stored = cluster.get("kube-system", &format!("secret/bootstrap-token-{id}"));
        assert_eq!(stored["data"]["token-secret"], STANDARD.encode(secret));
        secrets.push(token);
    }
    assert_eq!(secrets[0].split_once('.').unwrap().0, secrets[1].split_once('.').unwrap().0, "the id of the plan");
    assert_ne!(secrets[0], secrets[1], "a secret of its own each time");
}

fn dry_runs(cluster: &Cluster) {
    cluster.reset();
    let (plan, _) = planned(cluster, &[TOKEN]);
    let mark = cluster.audit_mark();
    for dry_run in ["--dry-run=client", "--dry-run=server"] {
        let said = cluster.ours_ok(&["apply", TOKEN, "--plan", &plan, dry_run]);
        assert!(said.stdout.contains("bootstrap-token-abcdef created ("), "{}", said.stdout);
    }
    assert_eq!(cluster.our_writes(mark), Vec::<String>::new());
    assert!(cluster.state().is_empty());
}

/// Where nodes are sent is said again when a plan is applied, by the flag or the configuration file.
fn endpoint(cluster: &Cluster) {
    cluster.reset();
    let file = two_tokens(cluster);
    let (plan, _) = planned(cluster, &["-f", &file, "--control-plane-endpoint", "cp.example:6443"]);
    // Whoever can write a plan could send the nodes elsewhere: the endpoint is said again.
    assert_refused(cluster, &["-f", &file, "--plan", &plan], "it sends nodes to `cp.example:6443`, but no endpoint is given");
    let other = ["-f", &file, "--plan", &plan, "--control-plane-endpoint", "cp.example"];
    assert_refused(cluster, &other, "it sends nodes to `cp.example:6443`, but `cp.example` is given");
    let said = cluster.ours_ok(&["apply", "-f", &file, "--plan", &plan, "--control-plane-endpoint", "cp.example:6443"]);
    assert!(said.stdout.contains("kubeadm join cp.example:6443 "), "{}", said.stdout);

    cluster.reset();
    let (plan, _) = planned(cluster, &["--control-plane-endpoint", "evil.example"]);
    assert_refused(cluster, &["--plan", &plan], "it sends nodes to `evil.example`, but no endpoint is given");
    assert_refused(cluster, &["--plan", &plan, "-f", &file], "it sends nodes to `evil.example`, but no endpoint is given");
    let (plan, _) = planned(cluster, &[]);
    let given = ["--plan", &plan, "--control-plane-endpoint", "cp.example"];
    assert_refused(cluster, &given, "it was made without an endpoint for nodes, but `cp.example` is given");

    // What the file says is said by the file, or by the flag.
    let text = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\ncontrolPlaneEndpoint: lb.example:6443\n";
    let lb = path(cluster.file("saved-endpoint.yaml", text));
    let (plan, _) = planned(cluster, &["-f", &lb]);
    assert_refused(cluster, &["--plan", &plan], "it sends nodes to `lb.example:6443`, but no endpoint is given");
    for more in [&["-f", &lb][..], &["--control-plane-endpoint", "lb.example:6443"]] {
        let said = cluster.ours_ok(&[&["apply", "--plan", &plan, "--dry-run=client"], more].concat());
        assert!(said.stdout.contains("configmap/cluster-info created ("), "{}", said.stdout);
    }
}

fn moved(cluster: &Cluster) {
    cluster.reset();
    cluster.ours_ok(&["apply", "abcdef.fedcba9876543210", NOW]);
    cluster.kubectl(&["delete", "clusterrolebinding", "kubeadm:apiserver-kubelet-client"]);
    crate::raw::settled(cluster);
    let (plan, _) = planned(cluster, &[TOKEN]);
    let arguments = ["--plan", &plan, TOKEN];
    let label = |object: &str| drop(cluster.kubectl(&["label", "-n", "kube-public", object, "team=a"]));
    let delete = |object: &str| drop(cluster.kubectl(&["delete", "-n", "kube-public", object]));
    let role = cluster.get("kube-public", "role/kubeadm:bootstrap-signer-clusterinfo");
    let (_, role) = crate::harness::plain(role);
    let role = path(cluster.file("saved-role.json", &role.to_string()));
    let kubelet = "clusterrolebinding/kubeadm:apiserver-kubelet-client";
    let changes: [(&dyn Fn(), &str); 4] = [
        (
            &|| label("clusterrole/kubeadm:get-nodes"),
            "clusterroles.rbac.authorization.k8s.io/kubeadm:get-nodes was changed (resource",
        ),
        (&|| delete("clusterrolebinding/kubeadm:kubelet-bootstrap"), "/kubeadm:kubelet-bootstrap was deleted\n"),
        (
            &|| {
                delete("role/kubeadm:bootstrap-signer-clusterinfo");
                cluster.kubectl(&["create", "-f", &role]);
            },
            "/kubeadm:bootstrap-signer-clusterinfo in kube-public was deleted and created again\n",
        ),
        (
            &|| {
                let role = ["--clusterrole=view", "--user=eve"];
                cluster.kubectl(&[&["create", "clusterrolebinding", kubelet.split_once('/').unwrap().1][..], &role].concat());
            },
            "/kubeadm:apiserver-kubelet-client was created\n",
        ),
    ];
    for (change, why) in changes {
        change();
        assert_refused(cluster, &arguments, why);
        assert_refused(cluster, &[&arguments[..], &["--precheck=none"]].concat(), why);
    }
}

fn other_input(cluster: &Cluster) {
    cluster.reset();
    let file = two_tokens(cluster);
    let tokens = json!([{ "token": TOKEN, "ttl": "0s" }, { "token": "second.fedcba9876543210", "description": "b" }]);
    let other = path(cluster.file("saved-other.yaml", &config("v1beta4", "v1.37.2", &tokens)));
    let (plan, _) = planned(cluster, &["-f", &file]);
    assert_refused(cluster, &["--plan", &plan, "-f", &other], "from a different configuration");
    assert_refused(cluster, &["--plan", &plan], "needs the token abcdef again and the token second again");
    let (plan, _) = planned(cluster, &[TOKEN]);
    assert_refused(cluster, &["--plan", &plan], "needs the token abcdef again, whose secrets are not in the file");
    assert_refused(cluster, &["--plan", &plan, "second.fedcba9876543210"], "does not use the given token second");
    assert_refused(cluster, &["--plan", &plan, "-f", &file], "from a different configuration");
    // Another secret half shows where the cluster has one to compare it with.
    cluster.ours_ok(&["apply", TOKEN, NOW]);
    crate::raw::settled(cluster);
    let (plan, _) = planned(cluster, &[TOKEN]);
    assert_refused(cluster, &["--plan", &plan, "abcdef.fedcba9876543210"], "the phase no longer proposes this plan");
}

// ---- Files -----------------------------------------------------------------------------------------------------------

/// A plan that somebody changed: by a pointer into the JSON and a new value.
const EDITS: [(&str, &str, &str); 19] = [
    ("/operations/0/body/metadata/name", r#""bootstrap-token-eveeve""#, "operations differ"),
    ("/operations/1/body/rules/0/verbs/0", r#""*""#, "operations differ"),
    ("/operations/1/target/name", r#""kubeadm:other""#, "operations differ"),
    ("/operations/1/target/resource", r#""clusterrolebindings""#, "operations differ"),
    ("/operations/0/when", r#""any""#, "operations differ"),
    ("/operations", "[]", "operations differ"),
    ("/changes", "[]", "changes differ"),
    ("/changes/0/diff", "[]", "changes differ"),
    ("/changes/0/object/name", r#""other""#, "changes differ"),
    ("/notes", r#"["\u001b[2J"]"#, "findings and notes differ"),
    ("/findings", r#"[{"rule": "a", "title": "b"}]"#, "findings and notes differ"),
    ("/inputDigest", r#""sha256:00""#, "questions differ"),
    ("/question/now", r#""2050-01-01T00:00:00Z""#, "differ"),
    ("/question/task", r#""other""#, ""),
    ("/question/parameters/controlPlaneEndpoint", r#""evil.example:6443""#, "it sends nodes to `evil.example:6443`"),
    ("/observed/0/found", r#"[{"object": "secrets/a in b", "resourceVersion": "1", "uid": "2"}]"#, "secrets/a in b was deleted"),
    ("/given/0/tokenId", r#""eveeve""#, "does not use the given token abcdef"),
    ("/cluster/uid", r#""00000000-0000-0000-0000-000000000000""#, "another cluster: the namespace kube-system has UID"),
    ("/cluster/certificateAuthorityPins/0", r#""sha256:00""#, "another cluster: its certificate authority is"),
];

/// A plan with a change, and with a new digest if one is wanted.
fn changed(plan: &str, pointer: &str, value: &str, is_new_digest: bool) -> String {
    let mut plan: Value = serde_json::from_str(plan).unwrap();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match plan.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer}")) {
        Value::Array(items) => items[name.parse::<usize>().unwrap()] = serde_json::from_str(value).unwrap(),
        parent => parent[name] = serde_json::from_str(value).unwrap(),
    }
    if is_new_digest {
        plan.as_object_mut().unwrap().remove("digest");
        plan["digest"] = json!(Digest::of(plan.to_string().as_bytes()).to_string());
    }
    plan.to_string()
}

fn fresh_plan(cluster: &Cluster) -> String {
    cluster.reset();
    let (plan, _) = planned(cluster, &[TOKEN]);
    std::fs::read_to_string(plan).unwrap()
}

fn edited(cluster: &Cluster) {
    let plan = fresh_plan(cluster);
    for (pointer, value, _) in EDITS {
        let file = path(cluster.file("edited.json", &changed(&plan, pointer, value, false)));
        assert_refused(cluster, &["--plan", &file, TOKEN], "it was changed after it was written: its digest does not match");
    }
}

fn forged(cluster: &Cluster) {
    let plan = fresh_plan(cluster);
    for (pointer, value, why) in EDITS {
        let file = path(cluster.file("edited.json", &changed(&plan, pointer, value, true)));
        assert_refused(cluster, &["--plan", &file, TOKEN], why);
    }
    // What is only reported, and not applied.
    let file = path(cluster.file("edited.json", &changed(&plan, "/cluster/server", r#""https://cp.example""#, true)));
    cluster.ours_ok(&["apply", "--plan", &file, TOKEN, "--dry-run=client"]);
    // A secret of the attacker's, in place of one that is drawn later.
    let (plan, _) = planned(cluster, &[]);
    let plan: Value = serde_json::from_str(&std::fs::read_to_string(plan).unwrap()).unwrap();
    let drawn = plan["random"].as_object().unwrap().iter().find(|(_, value)| value.is_object()).unwrap().0.clone();
    let forged = changed(&plan.to_string(), &format!("/random/{drawn}"), r#""0000000000000000""#, true);
    let known = "MDAwMDAwMDAwMDAwMDAwMA==";
    let file = path(cluster.file("edited.json", &forged));
    assert_refused(cluster, &["--plan", &file], "");
    // The same with the operations that the phase would propose then.
    let mut forged: Value = serde_json::from_str(&forged).unwrap();
    let body = forged["operations"].as_array_mut().unwrap().iter_mut().find(|operation| operation["target"]["kind"] == "Secret");
    body.unwrap()["body"]["data"]["token-secret"] = json!(known);
    let forged = changed(&forged.to_string(), "/random", &forged["random"].to_string(), true);
    let file = path(cluster.file("edited.json", &forged));
    assert_refused(cluster, &["--plan", &file], "");
    assert!(cluster.state().is_empty());
}

fn no_plan(cluster: &Cluster) {
    let plan = fresh_plan(cluster);
    let half = plan.get(..plan.len() / 2).unwrap().to_owned();
    let huge = format!("{{\"a\":\"{}\"}}", "a".repeat(17 << 20));
    let member = |name: &str, value: &str, is_new| changed(&plan, name, value, is_new);
    for (text, why) in [
        (half, "it is not a plan: EOF while parsing"),
        (String::new(), "it is empty"),
        (huge, "larger than 16 MiB"),
        ("kind: Plan\n".to_owned(), "it is not a plan: expected value"),
        ("[]".to_owned(), "it is not a plan: "),
        (r#"{"kind": "Plan"}"#.to_owned(), "it is not a plan: missing field `apiVersion`"),
        (member("/kind", r#""Grant""#, true), "it is `bootstrap-token.kubectl/v1alpha1, Grant`, which this plugin cannot apply"),
        (member("/apiVersion", r#""bootstrap-token.kubectl/v9""#, true), "it is `bootstrap-token.kubectl/v9, Plan`, which"),
        (r#"{"apiVersion": "v1", "kind": "ConfigMap"}"#.to_owned(), "it is `v1, ConfigMap`, which this plugin cannot"),
        (r#"{"apiVersion": "v1", "kind": "\u001b[2J"}"#.to_owned(), "it is `v1, "),
        (member("/more", "1", true), "it is not a plan: unknown field `more`"),
        (member("/phase/more", "1", true), "it is not a plan: unknown field `more`"),
        (member("/operations", "{}", true), "it is not a plan: invalid type: map"),
        ("[".repeat(100_000), "it is not a plan: recursion limit exceeded"),
        (format!("{}{}", r#"{"a":"#.repeat(100_000), "1"), "it is not a plan: recursion limit exceeded"),
    ] {
        let file = path(cluster.file("no-plan.json", &text));
        assert_refused(cluster, &["--plan", &file, TOKEN], why);
    }
    let missing = path(cluster.dir.join("there-is-no-such-file.json"));
    assert_refused(cluster, &["--plan", &missing, TOKEN], "No such file");
}

/// The phase of the plugin as a file, with a custom section more: its digest is another.
fn other_phase(cluster: &Cluster) {
    cluster.reset();
    let (plan, _) = planned(cluster, &[TOKEN]);
    let mut phase = kubectl_bootstrap_token::component::ComponentBytes::Embedded.to_vec();
    phase.extend([0, 3, 1, b'a', 1]);
    let folder = cluster.dir.join("cases");
    std::fs::create_dir_all(&folder).unwrap();
    let file = path(folder.join("other-phase.wasm"));
    std::fs::write(&file, phase).unwrap();
    let grant = path(cluster.file("other-phase.yaml", &cluster.ours_ok(&["phase", "inspect", &file, "-o", "grant"]).stdout));
    let arguments = ["--plan", &plan, TOKEN, "--phase", &file, "--grant", &grant];
    assert_refused(cluster, &arguments, "it was made by the phase sha256:");
}
