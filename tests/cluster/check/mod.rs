//! `check` and the real `kubeadm join phase preflight` say the same of the same cluster, and the cause that is named is what was
//! broken.

mod broken;
mod certificate;
mod component;
mod csr;
mod cure;
mod impostor;
mod middle;
mod started;
mod texts;

use crate::harness::{Cluster, Said, said, trial};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::sync::Arc;

/// The token of these tests.
const TOKEN: &str = "abcdef.0123456789abcdef";

/// What restarts the API server or its controllers, one cluster after the other.
pub(crate) fn of_broken_clusters(cluster: &Arc<Cluster>) -> Vec<Trial> {
    let mut trials = broken::trials(cluster);
    trials.extend(csr::trials(cluster));
    trials
}

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    vec![
        trial("check::waits_for_the_signature", cluster, waits),
        trial("check::a21_lines_as_they_are_pasted", cluster, pasted),
        trial("check::a22_a23_an_id_alone", cluster, id_alone),
        trial("check::as_json", cluster, as_json),
        trial("check::what_cannot_be_told", cluster, untold),
        trial("check::a_kubeconfig_of_another_cluster", cluster, another_cluster),
        trial("check::an_authority_beside_the_pinned_one", cluster, broken::unsigned_bundle),
        trial("check::an_authority_that_is_smuggled_in", cluster, middle::smuggled_authority),
        trial("check::an_ordinary_bundle", cluster, middle::ordinary_bundle),
        trial("check::texts::hashes", cluster, texts::hashes),
        trial("check::texts::endpoints_tokens_and_flags", cluster, texts::endpoints_tokens_and_flags),
        trial("check::cure::a3_a4_a38_harmless_elsewhere", cluster, cure::harmless_elsewhere),
        trial("check::cure::a3_a4_a38_questions", cluster, cure::questions),
        trial("check::create_and_apply_wait", cluster, wait_after),
        trial("check::started::a_machine_of_cluster_api", cluster, started::a_machine),
        trial("check::started::standard_input", cluster, started::standard_input),
    ]
}

/// What stands where an API server is looked for, and which certificate it shows.
pub(crate) fn of_servers(cluster: &Arc<Cluster>) -> Vec<Trial> {
    vec![
        trial("check::impostor::a5_a11_each_is_named_at_once", cluster, impostor::each_is_named_at_once),
        trial("check::impostor::nobody_answers", cluster, impostor::nobody_answers),
        trial("check::impostor::cured_by_a_line", cluster, impostor::cured_by_a_line),
        trial("check::certificate::each_for_its_own_reason", cluster, certificate::each_for_its_own_reason),
        trial("check::certificate::authorities", cluster, certificate::authorities),
        trial("check::certificate::a5_a_server_of_another_cluster", cluster, certificate::another_cluster),
        trial("check::impostor::other_commands", cluster, impostor::other_commands),
    ]
}

/// A cluster that was made ready, and what nodes are told of it.
pub(crate) struct Ready {
    endpoint: String,
    hash: String,
}

impl Ready {
    /// Makes a cluster ready with kubeadm's configuration and a token that is signed.
    fn new(cluster: &Cluster) -> Self {
        Self::of(cluster, TOKEN)
    }

    /// The same with a token of one's own.
    pub(crate) fn of(cluster: &Cluster, token: &str) -> Self {
        let ready = Self::unsigned(cluster, token);
        let signed = check(cluster, &["check", token, "--wait=2m"], Eyes::Administrator);
        assert_eq!(signed.code, 0, "{}\n{}", signed.stdout, signed.stderr);
        ready
    }

    /// As [`Ready::of`], but the signer may not have come yet.
    fn unsigned(cluster: &Cluster, token: &str) -> Self {
        cluster.reset();
        let (config, kubeconfig) = (cluster.dir.join("init.yaml"), cluster.kubeconfig.to_str().unwrap());
        let upload = ["init", "phase", "upload-config", "all", "--config", config.to_str().unwrap(), "--kubeconfig", kubeconfig];
        assert_eq!(cluster.run("kubeadm", &upload).code, 0);
        let stdout = cluster.ours_ok(&["apply", token]).stdout;
        let hash = stdout.split_whitespace().find(|word| word.starts_with("sha256:")).expect("a hash").to_owned();
        Self { endpoint: cluster.endpoint.clone(), hash }
    }

    /// The line that a node is given.
    fn line(&self, token: &str) -> String {
        format!("kubeadm join {} --token {token} --discovery-token-ca-cert-hash {}", self.endpoint, self.hash)
    }
}

/// Who looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Eyes {
    /// Somebody with the kubeconfig.
    Administrator,
    /// A node, which has none.
    Node,
}

fn check(cluster: &Cluster, args: &[&str], eyes: Eyes) -> Said {
    // By a flag, which its cures have to repeat.
    let kubeconfig = ["--kubeconfig", cluster.kubeconfig.to_str().unwrap()];
    let is_named = args.contains(&"--kubeconfig");
    let administrator: &[&str] = if eyes == Eyes::Administrator && !is_named { &kubeconfig } else { &[] };
    let mut command = cluster.our_command(&[&args[..1], administrator, &args[1..]].concat());
    command.env_remove("KUBECONFIG").env("HOME", cluster.dir.join("nowhere"));
    let said = said(command);
    for text in [&said.stdout, &said.stderr] {
        assert!(!text.contains("0123456789"), "a secret is told:\n{text}");
    }
    said
}

/// What the real kubeadm makes of it, as a node: its exit code and what it says.
pub(crate) fn preflight(cluster: &Cluster, ready: &Ready, token: &str) -> Said {
    let discovery = json!({ "apiServerEndpoint": ready.endpoint, "token": token, "caCertHashes": [ready.hash] });
    let join = json!({
        "apiVersion": "kubeadm.k8s.io/v1beta4",
        "kind": "JoinConfiguration",
        "discovery": { "bootstrapToken": discovery, "tlsBootstrapToken": token },
        "timeouts": { "discovery": "2s", "kubernetesAPICall": "2s", "tlsBootstrap": "2s" },
        "nodeRegistration": { "name": "n1", "criSocket": "unix:///nonexistent", "ignorePreflightErrors": ["all"] },
    });
    let file = cluster.file("join.yaml", &join.to_string());
    let mut command = cluster.command("kubeadm", &["join", "phase", "preflight", "--config", file.to_str().unwrap(), "-v1"]);
    command.env_remove("KUBECONFIG");
    said(command)
}

/// Right after `apply` the token is not signed; who waits is told that a node can join.
fn waits(cluster: &Cluster) {
    let ready = Ready::unsigned(cluster, TOKEN);
    let said = check(cluster, &["check", &ready.line(TOKEN), "--wait", "2m"], Eyes::Node);
    assert_eq!(said.code, 0, "{}\n{}", said.stdout, said.stderr);
    assert!(said.stdout.ends_with("\na node can join with this\n"), "{}", said.stdout);
    let bare = check(cluster, &["check", "--wait", TOKEN], Eyes::Administrator);
    assert_eq!(bare.code, 0, "{}\n{}", bare.stdout, bare.stderr);
}

fn pasted(cluster: &Cluster) {
    let ready = Ready::new(cluster);
    let line = ready.line(TOKEN);
    let words: Vec<&str> = line.split(' ').collect();
    let folded = line.replace(" --discovery", " \\\n\t--discovery");
    let sudo = format!("sudo {line} --v=5");
    let expected = check(cluster, &["check", &line], Eyes::Node);
    assert_eq!((expected.code, expected.stderr.as_str()), (0, ""), "{}", expected.stdout);
    let with_separator = [&["check", "--"][..], &words].concat();
    let without = [&["check"][..], &words].concat();
    let with_sudo = [&["check", "sudo"][..], &words, &["--ignore-preflight-errors", "all"]].concat();
    for args in [&with_separator[..], &without, &with_sudo, &["check", &folded], &["check", &sudo], &["check", "--", &folded]] {
        assert_eq!(check(cluster, args, Eyes::Node), expected, "{args:?}");
    }
    for (args, part) in [
        (&["check", "kubeadm", "join", "a:1", "--tokn", TOKEN][..], "the flag --tokn"),
        (&["check", "kubeadm", "join", "a:1", TOKEN], "more than one endpoint"),
        (&["check", "--token", TOKEN], "--token is kubectl's"),
        (&["check", "kubeadm", "join", "a:1", "--config", "join.yaml"], "--config names a file"),
        (&["check", TOKEN], "the address of the API server is not known"),
        (&["check"], "there is nothing to check"),
    ] {
        let said = check(cluster, args, Eyes::Node);
        assert!(said.code == 2 && said.stderr.contains(part), "{args:?}\n{}", said.stderr);
    }
}

fn id_alone(cluster: &Cluster) {
    Ready::new(cluster);
    let said = check(cluster, &["check", "abcdef"], Eyes::Administrator);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""), "{}", said.stdout);
    // No hash was given.
    assert!(said.stdout.contains("the certificate authority in cluster-info is that of the kubeconfig"), "{}", said.stdout);
    let said = check(cluster, &["check", "nobody"], Eyes::Administrator);
    assert!(said.code == 1 && said.stdout.contains("cause: the token nobody does not exist"), "{}", said.stdout);
    let said = check(cluster, &["check", "abcdef"], Eyes::Node);
    assert!(said.code == 2 && said.stderr.contains("the address of the API server is not known"), "{}", said.stderr);
}

fn as_json(cluster: &Cluster) {
    let ready = Ready::new(cluster);
    let said = check(cluster, &["check", &ready.line("nobody.0123456789abcdef"), "-o", "json"], Eyes::Administrator);
    let document: Value = serde_json::from_str(&said.stdout).unwrap();
    let step = |step: &str, result: &str, detail: &str| json!({ "step": step, "result": result, "detail": detail });
    let expected = json!({
        "apiVersion": "bootstrap-token.kubectl/v1alpha1",
        "kind": "JoinCheck",
        "endpoint": cluster.endpoint,
        "tokenId": "nobody",
        "verdict": "does-not-join",
        "kubeconfig": "used",
        "steps": [
            step("endpoint", "ok", &format!("{} answers", cluster.endpoint)),
            step("cluster-info", "ok", "the ConfigMap cluster-info in kube-public can be read without a login"),
            step("kubeconfig", "ok", &format!("it points to https://{}", cluster.endpoint)),
            step("signature", "failed", "cluster-info has no signature for the token ID \"nobody\""),
            step("ca-pin", "ok", "the hash matches the certificate authority in cluster-info"),
            step("verified-cluster-info", "ok", "it is identical over verified TLS"),
            step("login", "failed", "error: You must be logged in to the server (Unauthorized)"),
            step("kubeadm-config", "skipped", "needs login"),
            step("kubelet-config", "skipped", "needs login"),
            step("nodes", "skipped", "needs login"),
            step("csr", "skipped", "needs login"),
            step("approval", "skipped", "needs login"),
        ],
        "causes": [{
            "step": "signature",
            "reason": "token-unknown",
            "cause": "the token nobody does not exist in this cluster: it expired and was removed, it was deleted, or it belongs to another cluster",
            "cure": format!("kubectl bootstrap-token create --print-join-command --kubeconfig {}", cluster.kubeconfig.display()),
        }],
    });
    assert_eq!((said.code, document), (1, expected));
}

/// The network, and questions that were left open.
fn untold(cluster: &Cluster) {
    let ready = Ready::new(cluster);
    let elsewhere = Ready { endpoint: "127.0.0.1:1".to_owned(), hash: ready.hash.clone() };
    let said = check(cluster, &["check", &elsewhere.line(TOKEN)], Eyes::Node);
    assert_eq!(said.code, 2, "{}", said.stdout);
    assert!(said.stdout.contains("\nfailed   endpoint ") || said.stdout.starts_with("failed   endpoint "), "{}", said.stdout);
    assert!(said.stdout.contains("cause: nothing listens at 127.0.0.1:1: "), "{}", said.stdout);
    assert!(said.stdout.ends_with("\ncannot tell whether a node can join with this\n"), "{}", said.stdout);

    // Without a hash the token is sent nowhere.
    let mark = cluster.audit_mark();
    let said = check(cluster, &["check", TOKEN, "--control-plane-endpoint", &ready.endpoint], Eyes::Node);
    assert_eq!(said.code, 2, "{}", said.stdout);
    assert!(cluster.our_requests(mark).iter().all(|request| request.starts_with("get ")), "{}", said.stdout);

    let unpinned = format!("kubeadm join {} --token {TOKEN}", ready.endpoint);
    let said = check(cluster, &["check", &unpinned], Eyes::Node);
    assert!(said.code == 1 && said.stdout.contains("kubeadm requires one of them"), "{}", said.stdout);
    let said = check(cluster, &["check", &format!("{unpinned} --discovery-token-unsafe-skip-ca-verification")], Eyes::Node);
    assert_eq!(said.code, 0, "{}\n{}", said.stdout, said.stderr);
}

/// What `create` and `apply` print is the same with `--wait`; the verdict is on standard error.
fn wait_after(cluster: &Cluster) {
    Ready::unsigned(cluster, TOKEN);
    let said = cluster.ours(&["create", "111111.0123456789abcdef", "--wait=2m"]);
    assert_eq!((said.code, said.stdout.as_str()), (0, "111111.0123456789abcdef\n"), "{}", said.stderr);
    assert!(said.stderr.ends_with("\ntoken 111111: a node can join with this\n"), "{}", said.stderr);
    let said = cluster.ours(&["create", "222222.0123456789abcdef", "--wait=2m", "--print-join-command"]);
    assert_eq!((said.code, said.stdout.lines().count()), (0, 1), "{}", said.stderr);
    let said = cluster.ours(&["apply", "333333.0123456789abcdef", "--wait=2m"]);
    assert!(said.code == 0 && said.stdout.contains("\nkubeadm join "), "{}", said.stderr);
    assert!(said.stderr.ends_with("token 333333: a node can join with this\n"), "{}", said.stderr);

    // All is written, and the answer is no.
    cluster.kubectl(&["delete", "clusterrolebinding", "kubeadm:node-autoapprove-bootstrap"]);
    let said = cluster.ours(&["create", "444444.0123456789abcdef", "--wait=2m"]);
    assert_eq!((said.code, said.stdout.as_str()), (1, "444444.0123456789abcdef\n"), "{}", said.stderr);
    assert!(
        said.stderr.contains("\ncause: the ClusterRoleBinding kubeadm:node-autoapprove-bootstrap is missing"),
        "{}",
        said.stderr
    );
    assert!(said.stderr.ends_with("\ntoken 444444: a node cannot join with this\n"), "{}", said.stderr);
    let said = cluster.ours(&["create", "555555.0123456789abcdef", "--usages", "authentication", "--wait"]);
    assert_eq!((said.code, said.stdout.as_str()), (1, "555555.0123456789abcdef\n"), "{}", said.stderr);

    // Nowhere that is not the cluster of the kubeconfig is the token sent, whatever the command says.
    let mark = cluster.audit_mark();
    let said = cluster.ours(&["create", "666666.0123456789abcdef", "--wait=0", "--control-plane-endpoint", "127.0.0.1:1"]);
    assert_eq!((said.code, said.stdout.as_str()), (1, "666666.0123456789abcdef\n"), "{}", said.stderr);
    assert!(!cluster.our_requests(mark).iter().any(|request| request.contains("selfsubjectreviews")), "{}", said.stderr);
    for args in [&["--dry-run"][..], &["--against", "dir:nowhere"]] {
        let said = cluster.ours(&[&["create", "--wait"], args].concat());
        assert!(said.code == 2 && said.stderr.contains("--wait: needs a real run"), "{}", said.stderr);
    }
}

/// What a kubeconfig of another cluster says is not believed.
fn another_cluster(cluster: &Cluster) {
    let ready = Ready::new(cluster);
    let other = cluster.file("other.conf", "apiVersion: v1\nkind: Config\ncurrent-context: a\nclusters: [{name: a, cluster: {server: \"https://127.0.0.1:1\"}}]\ncontexts: [{name: a, context: {cluster: a, user: a}}]\nusers: [{name: a, user: {}}]\n");
    let args = ["check", &ready.line("nobody.0123456789abcdef"), "--kubeconfig", other.to_str().unwrap()];
    let said = check(cluster, &args, Eyes::Administrator);
    assert_eq!(said.code, 1, "{}", said.stdout);
    assert!(said.stderr.contains("warning: the kubeconfig was not used: "), "{}", said.stderr);
    assert!(said.stdout.contains("is unknown to the cluster or has expired"), "{}", said.stdout);
}
