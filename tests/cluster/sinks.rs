//! Output that cannot be written, for each verb that writes: whatever becomes of it, the exit code says what was done. The API server's
//! audit log is the judge.

use crate::harness::{Cluster, OURS, Said, cleared, trial};
use libtest_mimic::Trial;
use std::process::{Command, Stdio};
use std::sync::Arc;

const TOKEN: &str = "abcdef.0123456789abcdef";
const OTHER: &str = "zzzzzz.0123456789abcdef";

/// A verb: what it finds, and its arguments.
type Verb = (&'static str, fn(&Cluster) -> Vec<String>);

const VERBS: [Verb; 7] = [
    ("apply", |cluster| empty(cluster, &["apply", TOKEN])),
    ("apply_as_json", |cluster| empty(cluster, &["apply", TOKEN, "-o", "json"])),
    ("apply_a_plan", |cluster| {
        empty(cluster, &[]);
        let plan = cluster.file("sinks.json", "").into_os_string().into_string().unwrap();
        cluster.ours_ok(&["plan", TOKEN, "--out", &plan]);
        words(&["apply", TOKEN, "--plan", &plan])
    }),
    ("create", |cluster| applied(cluster, &["create", OTHER])),
    ("create_a_join_command", |cluster| applied(cluster, &["create", OTHER, "--print-join-command"])),
    ("delete", |cluster| applied(cluster, &["delete", "abcdef"])),
    ("undo", |cluster| applied(cluster, &["undo"])),
];

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn empty(cluster: &Cluster, arguments: &[&str]) -> Vec<String> {
    cluster.reset();
    // `undo` takes the latest.
    let _ = std::fs::remove_dir_all(cluster.dir.join("state"));
    words(arguments)
}

fn applied(cluster: &Cluster, arguments: &[&str]) -> Vec<String> {
    let arguments = empty(cluster, arguments);
    cluster.ours_ok(&["apply", TOKEN]);
    arguments
}

/// Where the output goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sink {
    /// Somewhere whole: the run that the others are compared with.
    Whole,
    /// By this redirection of a shell; standard error is read unless it is in it.
    Shell(&'static str),
    /// To a pipe that nobody reads.
    ReaderGone,
    /// To a process that is killed meanwhile.
    ReaderKilled,
    /// Output is whole, but the undo plan cannot be written.
    NoUndo,
}

const SINKS: [Sink; 9] = [
    Sink::Shell(">/dev/full"),
    Sink::Shell(">&-"),
    Sink::Shell("2>/dev/full"),
    Sink::Shell("2>&-"),
    Sink::Shell(">/dev/full 2>/dev/full"),
    Sink::Shell(">&- 2>&-"),
    Sink::ReaderGone,
    Sink::ReaderKilled,
    Sink::NoUndo,
];

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    let one = |verb: Verb| trial(format!("sinks::a6_{}", verb.0), cluster, move |cluster| check(cluster, verb.1));
    VERBS.into_iter().map(one).collect()
}

fn run(cluster: &Cluster, arguments: &[String], sink: Sink) -> Said {
    let plain: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let by_shell = |script: String| {
        let mut command = cluster.command("sh", &["-c", &script, "sh", OURS]);
        command.args(&plain);
        command
    };
    match sink {
        Sink::Whole => crate::harness::said(cluster.our_command(&plain)),
        Sink::Shell(redirection) => crate::harness::said(by_shell(format!("exec \"$@\" {redirection}"))),
        Sink::NoUndo => {
            let mut command = cluster.our_command(&plain);
            command.env("XDG_STATE_HOME", "/proc");
            crate::harness::said(command)
        }
        Sink::ReaderGone => {
            let (reader, writer) = std::io::pipe().unwrap();
            drop(reader);
            into(cluster.our_command(&plain), writer, || {})
        }
        Sink::ReaderKilled => {
            let (reader, writer) = std::io::pipe().unwrap();
            let mut killed = cleared("sleep").arg("1000").stdin(reader).spawn().unwrap();
            into(cluster.our_command(&plain), writer, || {
                killed.kill().unwrap();
                killed.wait().unwrap();
            })
        }
    }
}

/// Runs with a pipe as standard output, and does something meanwhile.
fn into(mut command: Command, writer: std::io::PipeWriter, meanwhile: impl FnOnce()) -> Said {
    let child = command.stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
    // Its end of the pipe would keep it open.
    drop(command);
    meanwhile();
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    Said { code: output.status.code().unwrap_or(-1), stdout: String::new(), stderr }
}

fn check(cluster: &Cluster, verb: fn(&Cluster) -> Vec<String>) {
    let written = |sink| {
        let arguments = verb(cluster);
        let mark = cluster.audit_mark();
        let said = run(cluster, &arguments, sink);
        (said, cluster.our_writes(mark).len())
    };
    let (calm, all) = written(Sink::Whole);
    assert!(calm.code == 0 && all > 0, "{}", calm.stderr);
    for sink in SINKS {
        let (said, writes) = written(sink);
        match said.code {
            0 => assert_eq!(writes, all, "{sink:?}: 0 says that all is done\n{}", said.stderr),
            2 => assert_eq!(writes, 0, "{sink:?}: 2 says that nothing was written\n{}", said.stderr),
            3 => assert!(writes > 0, "{sink:?}: 3 says that something was written\n{}", said.stderr),
            other => panic!("{sink:?}: {other}\n{}", said.stderr),
        }
        let is_read = !matches!(sink, Sink::Shell(redirection) if redirection.contains("2>"));
        let has = |words: &str| said.stderr.contains(words);
        match sink {
            // `undo` itself has nothing to undo then.
            Sink::NoUndo if said.code == 2 => assert!(has("there is nothing to undo here"), "{}", said.stderr),
            Sink::NoUndo => {
                assert!(said.code == 0 && has("warning: this cannot be undone: ") && !has("undo with: "), "{}", said.stderr);
            }
            _ if is_read && writes > 0 => assert!(has("undo with: "), "{sink:?}\n{}", said.stderr),
            _ => {}
        }
        if said.code == 3 && is_read {
            assert!(has("error: cannot write the output") && has("all changes were made before that"), "{}", said.stderr);
        }
        // Who does not read is not who has no room.
        if matches!(sink, Sink::ReaderGone | Sink::ReaderKilled) {
            assert_eq!(said.code, 0, "{sink:?}\n{}", said.stderr);
        }
    }
}
