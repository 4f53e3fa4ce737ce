//! From a phase without kubeadm's binding for the API server's kubelet client to one that has it, by a registry: what the new one may newly
//! do, what it would do, and that it does just that.

use crate::bench::{Bench, Said, text};
use crate::cluster::{Cluster, config};
use crate::registry::{Registry, Setup};
use crate::signing::Format;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The difference, without digests.
const DIFFERENCE: &str = "old  kubeadm.bootstrap-token 0.1.0+before.kubelet-client  HOST/team/token:before
     digest …
new  kubeadm.bootstrap-token 0.1.0  HOST/team/token:after
     digest …
permissions
  + clusterrolebindings (ClusterRoleBinding, rbac.authorization.k8s.io/v1)
      named `kubeadm:apiserver-kubelet-client`
      apply: WRITE create, update and delete, read
      fix: WRITE create, update and delete
operations of `apply`
  + create clusterrolebinding.rbac.authorization.k8s.io/kubeadm:apiserver-kubelet-client
    | it says: \"binds `kube-apiserver-kubelet-client` to
    | `system:kubelet-api-admin`\"
";

/// The phase before, the phase after, and between them a yes of somebody.
pub(crate) fn upgrade(bench: &Bench, cluster: &Cluster) {
    cluster.reset();
    let tokens = json!([{ "token": "abcdef.0123456789abcdef", "ttl": "0s" }]);
    let old = cluster.file("upgrade-old.yaml", &config("v1beta3", "v1.22.17", &tokens));
    cluster.kubeadm_ok("kubeadm-1.22", &old);
    let file = bench.file("new.yaml", config("v1beta4", "v1.37.2", &tokens));

    let registry = bench.registry(Setup::plain());
    let [before, after] = ["before", "after"].map(|tag| registry.reference(&format!("team/token:{tag}")));
    let keys = bench.tools().keys();
    bench.trust(&format!(
        "keys: [{{name: release, file: {}}}]\nrules: [{{prefix: {}/team, keys: [release]}}]\n",
        text(&keys.public),
        registry.host(),
    ));
    publish(bench, text(&before_the_change()), &before);
    publish(bench, "embedded", &after);
    let grants = [&before, &after].map(|reference| {
        let grant = bench.ours(&["phase", "inspect", reference, "-o", "grant", "--plain-http"]).ok().stdout;
        bench.file(&format!("grant-{}.yaml", reference.rsplit(':').next().unwrap()), grant)
    });

    let on_cluster = |args: &[&str]| {
        let mut command = bench.command("ours", &[args, &["-f", text(&file), "--plain-http"]].concat());
        Said::by(command.env("KUBECONFIG", &cluster.kubeconfig))
    };
    let [old_grant, new_grant] = [text(&grants[0]), text(&grants[1])];
    let diff = on_cluster(&["phase", "diff", &before, &after, "--against", "live", "--grant", old_grant, "--grant", new_grant]);
    assert_eq!((diff.code, plain(&diff.stdout, &registry)), (1, DIFFERENCE.to_owned()), "{}", diff.stderr);
    assert!(diff.stderr.contains(": signed by release "), "{}", diff.stderr);

    // What was agreed to for the old one is not enough.
    on_cluster(&["apply", "--phase", &after, "--grant", old_grant]).refused("is for `sha256:");
    let mark = cluster.audit_mark();
    let applied = on_cluster(&["apply", "--phase", &after, "--grant", new_grant]).ok();
    let writes = cluster.our_writes(mark);
    assert_eq!(writes.len(), 1, "{writes:?}\n{}", applied.stdout);
    let created = "clusterrolebinding.rbac.authorization.k8s.io/kubeadm:apiserver-kubelet-client created";
    assert!(applied.stdout.contains(created), "{}", applied.stdout);
}

fn publish(bench: &Bench, phase: &str, reference: &str) {
    let pushed = bench.ours(&["phase", "push", phase, reference, "--plain-http"]).ok().stdout;
    bench.sign(bench.tools().keys(), pushed.trim(), Format::Bundle);
}

fn plain(text: &str, registry: &Registry) -> String {
    let line = |line: &str| match line.split_once("digest sha256:") {
        Some((start, _)) => format!("{start}digest …\n"),
        None => line.to_owned(),
    };
    text.split_inclusive('\n').map(line).collect::<String>().replace(&registry.host(), "HOST")
}

/// The phase as it was before the change, built from the same source.
fn before_the_change() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("phase-before");
    let target = "wasm32-wasip2";
    let mut command = Command::new(std::env::var_os("CARGO").unwrap());
    command.args(["build", "--locked", "--package", "bootstrap-token-phase", "--profile", "phase", "--target", target]);
    command.args(["--features", "before-kubelet-client", "--target-dir"]).arg(&folder);
    // As cargo says when it runs us: a path from the time of compilation may be of another checkout.
    command.current_dir(Path::new(&std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join(".."));
    for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_WORKSPACE_WRAPPER"] {
        command.env_remove(name);
    }
    Said::by(&mut command).ok();
    folder.join(target).join("phase/bootstrap_token_phase.wasm")
}
