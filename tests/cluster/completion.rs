//! TAB: the real kubectl asks our completer, and a real bash a script of ours.

use crate::harness::{Cluster, OURS, trial};
use libtest_mimic::Trial;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::json;
use std::ffi::OsString;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    vec![
        trial("completion::kubectl_asks_for_tokens_contexts_and_flags", cluster, by_kubectl),
        trial("completion::a_cluster_that_does_not_answer_has_no_tokens", cluster, without_an_answer),
        trial("completion::a_login_plugin_that_hangs_is_ended", cluster, ends_plugins),
        trial("completion::typed_in_bash", cluster, in_bash),
    ]
}

/// A folder with the plugin and its completer, as an operator has them on the path; the path with it.
fn installed(cluster: &Cluster) -> OsString {
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

/// The script of `completion bash`, and two keys.
fn in_bash(cluster: &Cluster) {
    cluster.reset();
    cluster.ours_ok(&["create", "abcdef.0123456789abcdef", "--ttl=0"]);
    let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&person).unwrap();
    unlockpt(&person).unwrap();
    let name = ptsname(&person, Vec::new()).unwrap();
    let terminal = || std::fs::File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    let mut command: Command = cluster.command("bash", &["--noprofile", "--norc", "-i"]);
    command
        .env("PATH", installed(cluster))
        .env("TERM", "dumb")
        .env("PS1", "")
        .stdin(terminal())
        .stdout(terminal())
        .stderr(terminal());
    let mut bash = command.spawn().unwrap();
    drop(command);
    let mut person = std::fs::File::from(person);
    // What the shell has after TAB is a word of the command, which prints it.
    for line in [
        "source <(kubectl-bootstrap_token completion bash)\n",
        "kubectl-bootstrap_token gen\t; echo code $?\n",
        "kubectl-bootstrap_token list ab\t-o name\n",
        "exit\n",
    ] {
        person.write_all(line.as_bytes()).unwrap();
    }
    let mut said = Vec::new();
    // A terminal whose other side is closed is an error on Linux.
    let _ = person.read_to_end(&mut said);
    assert!(bash.wait().unwrap().success());
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(said.contains("kubectl-bootstrap_token generate") && said.contains("code 0"), "{said}");
    assert!(said.contains("list abcdef -o name") && said.contains("secret/bootstrap-token-abcdef"), "{said}");
}
