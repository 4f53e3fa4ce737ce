//! `create`, `list`, `delete` and `generate` beside the real `kubeadm token`: a script that swaps the command sees no difference but
//! those of docs/differences.md.

use crate::harness::{Cluster, Said, assert_same, config, said, trial};
use libtest_mimic::Trial;
use serde_json::json;
use std::sync::Arc;
use std::time::Instant;

/// One command line for both.
struct Line {
    name: &'static str,
    /// What both are given.
    args: &'static [&'static str],
    /// What we are given besides.
    ours_besides: &'static [&'static str],
    /// What must be the same.
    same: Same,
}

/// What must be the same.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Same {
    /// Success, what is printed, and what is in the cluster afterwards.
    All,
    /// That it is refused, and nothing is written; kubeadm may have written something.
    Refusal,
}

/// The tokens that are there before: made by kubeadm and by us in turn.
const PRESENT: [&[&str]; 4] = [
    &["aaaaaa.0123456789abcdef", "--ttl", "2h", "--description", "the <first> & \"only\""],
    &["bbbbbb.0123456789abcdef", "--usages", "authentication"],
    &["cccccc.0123456789abcdef", "--groups", "system:bootstrappers:a,system:bootstrappers:b", "--ttl", "300h"],
    &["dddddd.0123456789abcdef", "--description", "für Rechner"],
];

const NEW: &str = "abcdef.0123456789abcdef";

const fn line(name: &'static str, args: &'static [&'static str], same: Same) -> Line {
    Line { name, args, ours_besides: &[], same }
}

const fn list(name: &'static str, args: &'static [&'static str], same: Same) -> Line {
    Line { name, args, ours_besides: &["--show-secrets"], same }
}

const LINES: [Line; 41] = [
    line("create", &["create", NEW], Same::All),
    line("create_for_ever", &["create", NEW, "--ttl", "0"], Same::All),
    line("create_for_less_than_nothing", &["create", NEW, "--ttl", "-1h"], Same::All),
    line("create_for_a_while", &["create", NEW, "--ttl=1h30m", "--description", "my token"], Same::All),
    line("create_without_a_description", &["create", NEW, "--description", ""], Same::All),
    line("create_for_login_alone", &["create", NEW, "--usages", "authentication"], Same::All),
    line("create_for_no_usage", &["create", NEW, "--usages", ""], Same::All),
    line("create_for_usages_in_turn", &["create", NEW, "--usages", "signing", "--usages", "authentication"], Same::All),
    line("create_with_groups", &["create", NEW, "--groups", "system:bootstrappers:a,system:bootstrappers:b:c"], Same::All),
    line("create_with_no_group", &["create", NEW, "--groups", ""], Same::All),
    line("create_and_print_the_command", &["create", NEW, "--print-join-command"], Same::All),
    line(
        "create_and_print_the_command_of_a_control_plane",
        &["create", NEW, "--print-join-command", "--certificate-key", "0123"],
        Same::All,
    ),
    line("create_from_a_file", &["create", "--config", "CONFIG"], Same::All),
    line("create_from_a_file_and_print", &["create", "--config", "CONFIG", "--print-join-command"], Same::All),
    line("create_what_is_there", &["create", "aaaaaa.fedcba9876543210"], Same::Refusal),
    line("create_a_malformed_one", &["create", "ABC"], Same::Refusal),
    line("create_one_in_capitals", &["create", "ABCDEF.0123456789ABCDEF"], Same::Refusal),
    line("create_one_that_is_too_long", &["create", "abcdef.0123456789abcdefg"], Same::Refusal),
    line("create_for_signing_alone", &["create", NEW, "--usages", "signing"], Same::Refusal),
    line("create_for_nonsense", &["create", NEW, "--usages", "signing,foo"], Same::Refusal),
    line("create_with_a_blank", &["create", NEW, "--usages", "signing, authentication"], Same::Refusal),
    line("create_with_a_strange_group", &["create", NEW, "--groups", "system:masters"], Same::Refusal),
    line("create_for_days", &["create", NEW, "--ttl", "1d"], Same::Refusal),
    line("create_for_a_number", &["create", NEW, "--ttl", "60"], Same::Refusal),
    line("create_with_a_key_alone", &["create", NEW, "--certificate-key", "0123"], Same::Refusal),
    line("create_from_a_file_and_flags", &["create", "--config", "CONFIG", "--ttl", "1h"], Same::Refusal),
    line("create_from_a_file_and_a_key", &["create", "--config", "CONFIG", "--certificate-key", "0123"], Same::Refusal),
    line("create_from_a_missing_file", &["create", "--config", "/nonexistent"], Same::Refusal),
    list("list", &["list"], Same::All),
    list("list_as_json", &["list", "-o", "json"], Same::All),
    list("list_as_yaml", &["list", "-o", "yaml"], Same::All),
    list("list_by_a_template", &["list", "-o", "jsonpath={.token}{\"\\t\"}{.groups} {.expires}{.no}{\"\\n\"}"], Same::All),
    line("list_something", &["list", "something"], Same::Refusal),
    line("list_as_nonsense", &["list", "-o", "nonsense"], Same::Refusal),
    line("delete_by_id", &["delete", "aaaaaa"], Same::All),
    line("delete_by_token", &["delete", "aaaaaa.0123456789abcdef", "cccccc"], Same::All),
    line("delete_by_another_secret_half", &["delete", "aaaaaa.ffffffffffffffff"], Same::All),
    line("delete_what_is_not_there", &["delete", "zzzzzz"], Same::Refusal),
    line("delete_a_malformed_one", &["delete", "aaaaa"], Same::Refusal),
    line("delete_nothing", &["delete"], Same::Refusal),
    line("generate_something", &["generate", "x"], Same::Refusal),
];

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    let swaps =
        LINES.iter().map(|line| trial(format!("token::swap::{}", line.name), cluster, move |cluster| swap(cluster, line)));
    let others = vec![
        trial("token::swap::list_tokens_without_an_end", cluster, without_an_end),
        trial("token::swap::generate", cluster, generate),
        trial("token::secret_halves_are_masked", cluster, masked),
        trial("token::broken_secrets_are_told", cluster, broken),
        trial("token::sorted_and_expired", cluster, sorted_and_expired),
        trial("token::all_of_a_deletion_or_nothing", cluster, all_or_nothing),
        trial("token::the_way_back", cluster, undo_log),
        trial("token::the_endpoint_by_its_order", cluster, endpoint),
        trial("token::several_of_a_file", cluster, several),
        trial("token::least_rights", cluster, least_rights),
    ];
    swaps.chain(others).collect()
}

/// For what changes nothing: the tokens of an earlier trial do, too.
fn prepared(cluster: &Cluster) {
    let ids =
        PRESENT.iter().filter_map(|args| args.first()?.get(..6)).map(|id| format!("Secret/kube-system/bootstrap-token-{id}"));
    if cluster.state().into_keys().ne(ids) {
        prepare(cluster);
    }
}

fn prepare(cluster: &Cluster) {
    cluster.reset();
    for (number, args) in PRESENT.iter().enumerate() {
        let args = [&["create"], *args].concat();
        let made = if number % 2 == 0 { kubeadm(cluster, &args) } else { cluster.ours(&args) };
        assert_eq!(made.code, 0, "{args:?}: {}", made.stderr);
    }
}

fn kubeadm(cluster: &Cluster, args: &[&str]) -> Said {
    let kubeconfig = cluster.kubeconfig.to_str().unwrap();
    cluster.run("kubeadm", &[&["token"], args, &["--kubeconfig", kubeconfig]].concat())
}

fn swap(cluster: &Cluster, line: &Line) {
    let tokens = json!([{ "token": "123abc.0123456789abcdef", "ttl": "5h", "description": "of a file" }]);
    let file = cluster.file("token.yaml", &config("v1beta4", "v1.37.0", &tokens));
    let file = file.to_str().unwrap().to_owned();
    let args: Vec<&str> = line.args.iter().map(|arg| if *arg == "CONFIG" { file.as_str() } else { *arg }).collect();

    // The tokens that are there are made twice, too.
    let since = Instant::now();
    match line.same {
        Same::All => prepare(cluster),
        Same::Refusal => prepared(cluster),
    }
    let before = cluster.state();
    let theirs = kubeadm(cluster, &args);
    let their_state = cluster.state();
    if before != their_state {
        prepare(cluster);
    }
    let mark = cluster.audit_mark();
    let ours = cluster.ours(&[args.as_slice(), line.ours_besides].concat());

    match line.same {
        Same::All => {
            assert_eq!((theirs.code, ours.code), (0, 0), "{}{}", theirs.stderr, ours.stderr);
            assert_eq!(ours.stdout, theirs.stdout);
            assert_same(&their_state, &cluster.state(), since);
        }
        Same::Refusal => {
            assert!(theirs.code != 0 && ours.code == 2, "{}: {}\n{}: {}", theirs.code, theirs.stderr, ours.code, ours.stderr);
            assert_eq!(ours.stdout, "");
            assert!(!ours.stderr.contains("0123456789"), "{}", ours.stderr);
            assert_eq!(cluster.our_writes(mark), Vec::<String>::new());
        }
    }
}

/// kubeadm's columns are crooked then; ours are straight.
fn without_an_end(cluster: &Cluster) {
    prepare(cluster);
    cluster.ours_ok(&["create", NEW, "--ttl", "0"]);
    let words = |said: Said| {
        let cells = |line: &str| line.split("  ").map(|cell| cell.trim().to_owned()).filter(|cell| !cell.is_empty()).collect();
        said.stdout.lines().map(cells).collect::<Vec<Vec<String>>>()
    };
    let ours = cluster.ours_ok(&["list", "--show-secrets"]);
    let is_straight = |line: &str| line.get(37..38) == Some(" ") && line.get(38..39) != Some(" ");
    assert!(ours.stdout.lines().all(is_straight), "{}", ours.stdout);
    assert_eq!(words(ours), words(kubeadm(cluster, &["list"])));
}

fn generate(cluster: &Cluster) {
    let mark = cluster.audit_mark();
    let tokens: Vec<String> = (0..3).map(|_| cluster.ours_ok(&["generate"]).stdout).collect();
    assert!(tokens[0] != tokens[1] && tokens[1] != tokens[2], "{tokens:?}");
    cluster.reset();
    for token in &tokens {
        // The judge of the form.
        assert_eq!(kubeadm(cluster, &["create", token.trim_end()]).stdout, *token);
    }
    assert_eq!(cluster.our_requests(mark), Vec::<String>::new());
}

fn masked(cluster: &Cluster) {
    prepare(cluster);
    for (format, token) in [
        ("text", "aaaaaa.****************"),
        ("wide", "aaaaaa.****************"),
        ("json", "\"id\": \"aaaaaa\""),
        ("yaml", "id: aaaaaa"),
        ("jsonpath={.id} ", "aaaaaa "),
    ] {
        let said = cluster.ours_ok(&["list", "-o", format]);
        assert!(said.stdout.contains(token), "{}", said.stdout);
        assert!(!said.stdout.contains("0123456789"), "{}", said.stdout);
        assert_eq!(said.stderr, "the secret halves are not shown; --show-secrets shows them\n");
    }
    // A program would take a masked token for a token.
    let said = cluster.ours(&["list", "-o", "jsonpath={.token}"]);
    assert!(said.code == 2 && said.stdout.is_empty() && said.stderr.contains("--show-secrets"), "{}", said.stderr);
    let names = cluster.ours_ok(&["list", "-o", "name"]);
    assert_eq!(names.stderr, "");
    let of_type = "--field-selector=type=bootstrap.kubernetes.io/token";
    let same = cluster.kubectl(&["get", "secrets", "-n", "kube-system", of_type, "-o", "name"]);
    assert_eq!(names.stdout, same);
    // Nothing of it in the loudest log either.
    let loud = cluster.ours_ok(&["list", "-v", "9"]);
    assert!(!loud.stderr.contains("0123456789") && !loud.stderr.contains("MDEyMzQ1Njc4OWFiY2RlZg"), "{}", loud.stderr);
}

/// What kubeadm does not list, for the same reasons; it repeats a malformed secret half, we do not.
fn broken(cluster: &Cluster) {
    prepare(cluster);
    for (name, data) in [
        ("bootstrap-token-eeeeee", &["token-id=eeeeee"][..]),
        ("bootstrap-token-ffffff", &["token-id=other0", "token-secret=0123456789abcdef"]),
        ("bootstrap-token-gggggg", &["token-id=gggggg", "token-secret=SHORT"]),
        ("bootstrap-token-hhhhhh", &["token-secret=0123456789abcdef"]),
    ] {
        let mut args = vec!["create", "secret", "generic", "-n", "kube-system", name, "--type", "bootstrap.kubernetes.io/token"];
        let literals: Vec<String> = data.iter().map(|literal| format!("--from-literal={literal}")).collect();
        args.extend(literals.iter().map(String::as_str));
        cluster.kubectl(&args);
    }
    let (ours, theirs) = (cluster.ours_ok(&["list", "--show-secrets"]), kubeadm(cluster, &["list"]));
    assert_eq!((theirs.code, theirs.stdout), (0, ours.stdout));
    assert_eq!(ours.stderr.lines().count(), 4, "{}", ours.stderr);
    for (line, words) in
        ours.stderr.lines().zip(["token-secret data", "Expected: ", "gggggg does not contain a token", "no token-id"])
    {
        assert!(line.contains(words), "{line}");
    }
    assert!(theirs.stderr.contains("SHORT") && !ours.stderr.contains("SHORT"), "{}{}", theirs.stderr, ours.stderr);
}

fn sorted_and_expired(cluster: &Cluster) {
    prepare(cluster);
    let template = "jsonpath={.token}{\" \"}";
    let list = |args: &[&str]| cluster.ours_ok(&[&["list", "--show-secrets", "-o", template], args].concat()).stdout;
    let ids = |printed: String| printed.split_whitespace().map(|token| token[..1].to_owned()).collect::<String>();
    assert_eq!(ids(list(&["--sort-by", ".expires"])), "abdc");
    assert_eq!(ids(list(&["--sort-by", "{.description}"])), "dabc");
    assert_eq!(ids(list(&["--expired"])), "");
    // The signer's own clock cannot be turned; ours can.
    assert_eq!(ids(list(&["--expired", "--now", "2999-01-01T00:00:00Z"])), "abcd");
    let wide = cluster.ours_ok(&["list", "-o", "wide", "--now", "2999-01-01T00:00:00Z"]).stdout;
    assert!(wide.lines().skip(1).all(|line| line.contains("<invalid>") && line.contains("expired")), "{wide}");
}

/// kubeadm deletes up to the first that is not there; we look first.
fn all_or_nothing(cluster: &Cluster) {
    prepare(cluster);
    let said = cluster.ours(&["delete", "aaaaaa", "zzzzzz", "bbbbbb", "yyyyyy"]);
    assert_eq!((said.code, said.stdout.as_str()), (2, ""));
    for id in ["zzzzzz", "yyyyyy"] {
        let line = format!("failed to delete bootstrap token \"{id}\": secrets \"bootstrap-token-{id}\" not found");
        assert!(said.stderr.contains(&line), "{}", said.stderr);
    }
    let said = cluster.ours_ok(&["delete", "aaaaaa", "zzzzzz", "--ignore-not-found"]);
    assert_eq!(said.stdout, "bootstrap token \"aaaaaa\" deleted\n");
    assert_eq!(cluster.ours_ok(&["list", "-o", "name"]).stdout.lines().count(), 3);
    for dry_run in ["--dry-run", "--dry-run=server"] {
        let said = cluster.ours_ok(&["delete", "bbbbbb", dry_run]);
        assert!(said.stdout.starts_with("secret/bootstrap-token-bbbbbb deleted ("), "{}", said.stdout);
        let said = cluster.ours_ok(&["create", NEW, dry_run]);
        assert!(said.stdout.starts_with("secret/bootstrap-token-abcdef created ("), "{}", said.stdout);
    }
    assert_eq!(cluster.ours_ok(&["list", "-o", "name"]).stdout.lines().count(), 3);
}

fn undo_log(cluster: &Cluster) {
    prepare(cluster);
    let before = cluster.state();
    let undo = cluster.dir.join("undo-token.json");
    let undo = undo.to_str().unwrap();
    cluster.ours_ok(&["delete", "aaaaaa", "cccccc", "--undo-out", undo]);
    assert_eq!(cluster.state().len(), before.len() - 2);
    let text = std::fs::read_to_string(undo).unwrap();
    assert!(!text.contains("0123456789") && !text.contains("MDEyMzQ1Njc4OWFiY2RlZg"), "{text}");
    cluster.ours_ok(&["apply", "--plan", undo]);
    assert_eq!(cluster.state(), before, "the undo plan from a deletion");
    cluster.ours_ok(&["create", NEW, "--undo-out", undo]);
    cluster.ours_ok(&["apply", "--plan", undo]);
    assert_eq!(cluster.state(), before, "the undo plan from a creation");
}

/// Flag, configuration, kubeadm-config, cluster-info, kubeconfig; and what is said of an address that no node can reach.
fn endpoint(cluster: &Cluster) {
    cluster.reset();
    let create = |args: &[&str]| {
        let said = cluster.ours_ok(&[&["create", "--print-join-command"], args].concat());
        let endpoint = said.stdout.split_whitespace().nth(2).unwrap().to_owned();
        (endpoint, said.stderr)
    };
    let (by_kubeconfig, warning) = create(&[]);
    assert_eq!(by_kubeconfig, cluster.endpoint);
    let expected =
        format!("warning: the join command points to `https://{}`, which other machines cannot reach\n", cluster.endpoint);
    assert!(warning.starts_with(&expected), "{warning}");

    cluster.ours_ok(&["apply", "--control-plane-endpoint", "info.example.com"]);
    assert_eq!(create(&[]).0, "info.example.com:6443");
    let kubeadm_config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kubeadm-config, namespace: kube-system}\n\
        data: {ClusterConfiguration: 'controlPlaneEndpoint: config.example.com:8443'}\n";
    let file = cluster.file("kubeadm-config.yaml", kubeadm_config);
    cluster.kubectl(&["apply", "-f", file.to_str().unwrap()]);
    assert_eq!(create(&[]).0, "config.example.com:8443");
    let text = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\ncontrolPlaneEndpoint: file.example.com\n";
    let file = cluster.file("endpoint.yaml", text);
    assert_eq!(create(&["-f", file.to_str().unwrap()]).0, "file.example.com:6443");
    let (by_flag, warning) = create(&["--control-plane-endpoint", "flag.example.com:443"]);
    assert_eq!(by_flag, "flag.example.com:443");
    assert!(!warning.contains("cannot reach"), "{warning}");
}

/// kubeadm prints the first of several tokens only, and the others are lost if they were generated.
fn several(cluster: &Cluster) {
    cluster.reset();
    let file =
        cluster.file("several.yaml", &config("v1beta4", "v1.37.0", &json!([{ "ttl": "1h" }, { "ttl": "2h" }, { "token": NEW }])));
    let printed = cluster.ours_ok(&["create", "-f", file.to_str().unwrap()]).stdout;
    let listed = kubeadm(cluster, &["list", "-o", "jsonpath={.token}{\"\\n\"}"]).stdout;
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&printed), sorted(&listed));
    let again = cluster.ours(&["create", "-f", file.to_str().unwrap()]);
    assert_eq!((again.code, again.stderr.as_str()), (2, "error: a token with id \"abcdef\" already exists\n"));
}

/// Who may write tokens and nothing else needs nothing else.
fn least_rights(cluster: &Cluster) {
    cluster.reset();
    let role = ["create", "role", "-n", "kube-system", "token-writer", "--verb=get,create,delete,list", "--resource=secrets"];
    cluster.kubectl(&role);
    let binding = ["create", "rolebinding", "-n", "kube-system", "token-writer", "--role=token-writer", "--user=jane"];
    cluster.kubectl(&binding);
    let jane = |args: &[&str]| cluster.ours(&[args, &["--as", "jane"]].concat());
    for args in [&["create", NEW][..], &["list"], &["delete", "abcdef"]] {
        let said = jane(args);
        assert_eq!(said.code, 0, "{args:?}: {}", said.stderr);
    }
    let denied = jane(&["create", NEW, "--print-join-command"]);
    assert!(denied.code == 2 && denied.stderr.contains("configmaps \"cluster-info\" is forbidden"), "{}", denied.stderr);
    cluster.kubectl(&["delete", "role,rolebinding", "-n", "kube-system", "token-writer"]);
    let list = jane(&["list"]);
    let mut kubectl = cluster.command("kubectl", &["get", "secrets", "-n", "kube-system", "--as", "jane"]);
    kubectl.env("KUBECONFIG", &cluster.kubeconfig);
    let kubectl = said(kubectl);
    assert!(list.code == 2 && list.stderr == kubectl.stderr, "{}", list.stderr);
}
