//! TAB: the real kubectl asks our completer, and a real bash, zsh and fish our scripts.

use crate::harness::{Cluster, OURS, trial};
use libtest_mimic::Trial;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::json;
use std::ffi::OsString;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    vec![
        trial("completion::kubectl_asks_for_tokens_contexts_and_flags", cluster, by_kubectl),
        trial("completion::a_cluster_that_does_not_answer_has_no_tokens", cluster, without_an_answer),
        trial("completion::a_login_plugin_that_hangs_is_ended", cluster, ends_plugins),
        trial("completion::typed_in_bash", cluster, |cluster| typed(cluster, BASH)),
        trial("completion::typed_in_zsh", cluster, |cluster| typed(cluster, ZSH)),
        trial("completion::typed_in_fish", cluster, |cluster| typed(cluster, FISH)),
    ]
}

/// A folder with the plugin and its completer, as an operator has them on the path; the path with it.
pub(crate) fn installed(cluster: &Cluster) -> OsString {
    let folder = cluster.dir.join("installed");
    std::fs::create_dir_all(&folder).unwrap();
    for name in ["kubectl-bootstrap_token", "kubectl_complete-bootstrap_token"] {
        let link = folder.join(name);
        if !link.exists() {
            symlink(OURS, link).unwrap();
        }
    }
    let path = std::env::var_os("PATH").unwrap();
    std::env::join_paths(std::iter::once(folder).chain(std::env::split_paths(&path))).unwrap()
}

/// What kubectl offers for the last of these words.
fn offered(cluster: &Cluster, words: &[&str]) -> Vec<String> {
    let mut command = cluster.command("kubectl", &[&["__complete", "bootstrap-token"], words].concat());
    let output = command.env("PATH", installed(cluster)).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{words:?}: {text}");
    text.lines().map(str::to_owned).collect()
}

fn by_kubectl(cluster: &Cluster) {
    cluster.reset();
    cluster.ours_ok(&["create", "abcdef.0123456789abcdef", "--ttl=0"]);
    cluster.ours_ok(&["create", "qwerty.0123456789abcdef", "--description=for rack 7"]);
    let context = cluster.kubectl(&["config", "current-context"]);
    for (words, expected) in [
        (&["delete", ""][..], vec!["abcdef\tnever expires", "qwerty\tfor rack 7", ":4"]),
        (&["list", "q"], vec!["qwerty\tfor rack 7", ":4"]),
        (&["check", "--csr", "ab"], vec!["abcdef\tnever expires", ":4"]),
        (&["token", "delete", "--ignore-not-found", "ab"], vec!["abcdef\tnever expires", ":4"]),
        (&["gen"], vec!["generate\tPrint a new bootstrap token without storing it, like `kubeadm token generate`", ":4"]),
        (&["list", "--context", ""], vec![context.trim(), ":4"]),
        (&["list", "--context", context.trim(), "q"], vec!["qwerty\tfor rack 7", ":4"]),
        (&["list", "--context", "none", ""], vec![":4"]),
        (&["list", "--kubeconfig", "/nowhere", ""], vec![":4"]),
    ] {
        assert_eq!(offered(cluster, words), expected, "{words:?}");
    }
}

/// One that refuses, and one that says nothing.
fn without_an_answer(cluster: &Cluster) {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    for server in ["https://127.0.0.1:1".to_owned(), format!("https://{}", silent.local_addr().unwrap())] {
        assert_eq!(offered(cluster, &["delete", "--server", &server, ""]), [":4"]);
    }
}

/// It is not there any more when the shell has its answer, and says nothing in between.
fn ends_plugins(cluster: &Cluster) {
    let noted = cluster.dir.join("plugin.pid");
    let script = format!("echo password: >&2; echo $$ >{}; exec tail -f /dev/null", noted.display());
    let exec = json!({
        "apiVersion": "client.authentication.k8s.io/v1", "interactiveMode": "IfAvailable", "command": "sh", "args": ["-c", script],
    });
    let config = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "a",
        "contexts": [{ "name": "a", "context": { "cluster": "a", "user": "a" } }],
        "clusters": [{ "name": "a", "cluster": { "server": format!("https://{}", cluster.endpoint), "insecure-skip-tls-verify": true } }],
        "users": [{ "name": "a", "user": { "exec": exec } }],
    });
    let file = cluster.file("plugin.conf", &config.to_string());
    let output = cluster.our_command(&["__complete", "delete", "--kubeconfig", file.to_str().unwrap(), ""]).output().unwrap();
    assert_eq!((output.stdout.as_slice(), output.stderr.as_slice()), (&b":4\n"[..], &b""[..]));
    let stat = PathBuf::from("/proc").join(std::fs::read_to_string(&noted).unwrap().trim()).join("stat");
    // What was killed may take its time to go.
    let end = Instant::now() + Duration::from_secs(60);
    while std::fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z ")) {
        assert!(Instant::now() < end, "it runs on");
        std::thread::yield_now();
    }
}

/// What is typed before TAB, and the words that the shell then has. A name that is not the only one, as `-f k`, stays as it is.
const TYPED: [(&str, &[&str]); 40] = [
    ("gen", &["generate"]),
    ("ap", &["apply"]),
    ("undo li", &["undo", "list"]),
    ("phase ins", &["phase", "inspect"]),
    ("token del", &["token", "delete"]),
    ("--conte", &["--context"]),
    ("apply --prec", &["apply", "--precheck"]),
    ("check --wai", &["check", "--wait"]),
    ("rbac --subj", &["rbac", "--subject"]),
    ("-v=6 lis", &["-v=6", "list"]),
    ("apply --dry-run=cl", &["apply", "--dry-run=client"]),
    ("apply --precheck no", &["apply", "--precheck", "none"]),
    ("audit --fail-on cr", &["audit", "--fail-on", "critical"]),
    ("audit --fail-on=cr", &["audit", "--fail-on=critical"]),
    ("audit -o sa", &["audit", "-o", "sarif"]),
    ("audit -o h", &["audit", "-o", "html"]),
    ("list -o wi", &["list", "-o", "wide"]),
    ("list --output=wi", &["list", "--output=wide"]),
    ("version -o y", &["version", "-o", "yaml"]),
    ("completion po", &["completion", "powershell"]),
    ("plan --against em", &["plan", "--against", "empty"]),
    ("plan --against=em", &["plan", "--against=empty"]),
    ("plan --color=al", &["plan", "--color=always"]),
    ("list --context there:", &["list", "--context", "there:1"]),
    ("list --context=there:", &["list", "--context=there:1"]),
    ("audit --contexts ther", &["audit", "--contexts", "there:1"]),
    ("list --user ow", &["list", "--user", "owner"]),
    ("list --cluster ho", &["list", "--cluster", "home"]),
    ("delete ab", &["delete", "abcdef"]),
    ("check --csr qw", &["check", "--csr", "qwerty"]),
    ("phase inspect emb", &["phase", "inspect", "embedded"]),
    ("explain token-no-e", &["explain", "token-no-expiry"]),
    ("audit --clusters cl", &["audit", "--clusters", "clusterprofiles"]),
    ("explain tls-t", &["explain", "tls-terminated"]),
    ("explain approv", &["explain", "approval"]),
    ("audit --ignore rbac-node", &["audit", "--ignore", "rbac-node-approval"]),
    ("audit --fix=al", &["audit", "--fix=all"]),
    ("plan -f ./kubea", &["plan", "-f", "./kubeadm.yaml"]),
    ("apply --plan x", &["apply", "--plan", "x;touch PWNED"]),
    ("apply --plan=y", &["apply", "--plan=y '*' $(touch PWNED)"]),
];

/// How a shell is started without the files of its user, and what it reads first.
const BASH: (&str, &[&str], &[&str]) =
    ("bash", &["--noprofile", "--norc", "-i"], &["source <(kubectl-bootstrap_token completion bash)"]);
const ZSH: (&str, &[&str], &[&str]) =
    ("zsh", &["-f", "-i"], &["autoload -U compinit; compinit -D -u", "source <(kubectl-bootstrap_token completion zsh)"]);
const FISH: (&str, &[&str], &[&str]) = ("fish", &["--no-config", "-i"], &["kubectl-bootstrap_token completion fish | source"]);

/// In front of the plugin: what TAB asks goes to it, and of a command that was typed its words are shown.
const SHOWS_WORDS: &str = r#"#!/bin/sh
if [ -n "$KUBECTL_BOOTSTRAP_TOKEN_COMPLETE" ] || [ "$2" = "$SHELL_NAME" ]; then exec "$PLUGIN" "$@"; fi
printf '<%s>' "$@"
echo
"#;

fn typed(cluster: &Cluster, (shell, args, first): (&str, &[&str], &[&str])) {
    cluster.reset();
    cluster.ours_ok(&["create", "abcdef.0123456789abcdef", "--ttl=0"]);
    cluster.ours_ok(&["create", "qwerty.0123456789abcdef", "--ttl=0"]);
    let folder = cluster.dir.join(format!("typed-in-{shell}"));
    std::fs::create_dir_all(&folder).unwrap();
    let shim = folder.join("kubectl-bootstrap_token");
    std::fs::write(&shim, SHOWS_WORDS).unwrap();
    std::fs::set_permissions(&shim, std::fs::Permissions::from_mode(0o755)).unwrap();
    for name in ["kubeadm.yaml", "x;touch PWNED", "y '*' $(touch PWNED)"] {
        std::fs::write(folder.join(name), "").unwrap();
    }
    let config = json!({
        "apiVersion": "v1", "kind": "Config",
        "contexts": [{ "name": "there:1", "context": { "cluster": "home", "user": "owner" } }],
        "clusters": [{ "name": "home", "cluster": { "server": "https://127.0.0.1:1" } }],
        "users": [{ "name": "owner", "user": {} }],
    });
    let more = cluster.file("more.conf", &config.to_string());
    let known = std::env::join_paths([cluster.dir.join("kubeconfig"), more]).unwrap();
    let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&person).unwrap();
    unlockpt(&person).unwrap();
    let name = ptsname(&person, Vec::new()).unwrap();
    let terminal = || std::fs::File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    // fish wants a terminal of its own.
    let mut command: Command = cluster.command("setsid", &[&["--ctty", "--wait", shell], args].concat());
    let path = std::env::var_os("PATH").unwrap();
    command
        .env("PATH", std::env::join_paths(std::iter::once(folder.clone()).chain(std::env::split_paths(&path))).unwrap())
        .env("KUBECONFIG", known)
        .env("PLUGIN", OURS)
        .env("SHELL_NAME", shell)
        .env("HOME", &folder)
        .env("TERM", "dumb")
        .env("PS1", "")
        .current_dir(&folder)
        .stdin(terminal())
        .stdout(terminal())
        .stderr(terminal());
    let mut running = command.spawn().unwrap_or_else(|error| panic!("{shell}: {error}; .ci/debian installs it"));
    drop(command);
    let mut person = std::fs::File::from(person);
    let lines = TYPED.iter().map(|(words, _)| format!("kubectl-bootstrap_token {words}\t\n"));
    for line in first.iter().map(|line| format!("{line}\n")).chain(lines).chain(["exit 0\n".to_owned()]) {
        person.write_all(line.as_bytes()).unwrap();
    }
    let mut said = Vec::new();
    // A terminal whose other side is closed is an error on Linux.
    let _ = person.read_to_end(&mut said);
    assert!(running.wait().unwrap().success(), "{}", String::from_utf8_lossy(&said));
    let said = String::from_utf8_lossy(&said).into_owned();
    let found: Vec<&str> = said.split(['\r', '\n']).filter(|line| line.starts_with('<')).collect();
    let expected: Vec<String> =
        TYPED.iter().map(|(_, words)| words.iter().map(|word| format!("<{word}>")).collect::<String>()).collect();
    assert_eq!(found, expected, "{said}");
    assert!(!folder.join("PWNED").exists(), "a name of a file was run");
}
