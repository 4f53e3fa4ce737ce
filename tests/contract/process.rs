//! What only a process of its own can show: a terminal, and what its children inherit.
#![expect(clippy::disallowed_types, reason = "a terminal is a file")]

use crate::consent::{Machine, NAME};
use kubephase_core::digest::Digest;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::fs::{File, Permissions};
use std::io::{BufRead as _, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

const OURS: &str = env!("CARGO_BIN_EXE_kubectl-bootstrap_token");

fn ours(machine: &Machine, args: &[&str]) -> Command {
    let mut command = Command::new(OURS);
    command.args(args).env_clear().env("HOME", machine.path("home")).env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"));
    command.stdout(Stdio::null());
    command
}

/// A terminal: the side of the person, and the side of the process.
fn terminal() -> (File, File) {
    let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&person).unwrap();
    unlockpt(&person).unwrap();
    let name = ptsname(&person, Vec::new()).unwrap().into_string().unwrap();
    let process = File::options().read(true).write(true).open(name).unwrap();
    (File::from(person), process)
}

#[test]
fn what_was_typed_before_the_question_is_no_answer() {
    let machine = Machine::new();
    let phase = machine.phase("other.wasm", NAME.0, NAME.1);
    let args = ["plan", "--against=empty", "--control-plane-endpoint=cp.example", "--phase", phase.to_str().unwrap()];
    // The first answer stands for whoever types while the phase is compiled; the second is typed at the question.
    for (ahead, answer, code) in [("yes\n", "no\n", 2), ("always\nyes\nyes\n", "\n", 2), ("no\n", "yes\n", 0)] {
        let (mut person, process) = terminal();
        person.write_all(ahead.as_bytes()).unwrap();
        let mut child = ours(&machine, &args).stdin(process.try_clone().unwrap()).stderr(process).spawn().unwrap();
        let (mut said, mut byte) = (Vec::new(), [0]);
        // A terminal that no process has open any more is an error.
        while matches!(person.read(&mut byte), Ok(1)) {
            said.extend(byte);
            if said.ends_with(b"Allow this? [yes/no/always] ") {
                person.write_all(answer.as_bytes()).unwrap();
            }
        }
        let code_found = child.wait().unwrap().code();
        assert_eq!(code_found, Some(code), "{ahead:?}, then {answer:?}: {}", String::from_utf8_lossy(&said));
    }
}

/// Who reads what is printed may go, as `head` does: what was begun is done, and the exit code tells how it ended.
#[test]
fn a_reader_that_goes_changes_nothing_but_what_is_read() {
    let machine = Machine::new();
    let folder = machine.path("manifests");
    std::fs::create_dir(&folder).unwrap();
    let against = format!("dir:{}", folder.display());
    let apply = ["apply", "abcdef.0123456789abcdef", "--against", &against, "--control-plane-endpoint=cp.example"];
    for (args, code, files) in [
        (&["plan", "--exit-code", "--against", &against, "--control-plane-endpoint=cp.example"][..], 1, 0),
        (&apply[..], 0, 10),
        (&["check", "--", "kubeadm", "join", "127.0.0.1:1", "--token", "abcdef.0123456789abcdef"][..], 1, 10),
    ] {
        // A pipe without a reader, for data, and as with `2>&1` for talk.
        let (_, writer) = std::io::pipe().unwrap();
        let both = ours(&machine, args).stdout(writer.try_clone().unwrap()).stderr(writer.try_clone().unwrap()).status().unwrap();
        assert_eq!(both.code(), Some(code), "{args:?} with 2>&1");
        let output = ours(&machine, args).stdout(writer).output().unwrap();
        let found = std::fs::read_dir(&folder).unwrap().count();
        assert_eq!((output.status.code(), found), (Some(code), files), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Whatever the files of the user are like: compiled code, the undo plan and its values, and manifests, which may be Secrets.
#[test]
fn what_is_written_is_private_whatever_the_umask() {
    for umask in ["000", "022", "077"] {
        let machine = Machine::new();
        let (folder, home) = (machine.path("manifests"), machine.path("home"));
        std::fs::create_dir(&folder).unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "umask $0 && exec \"$@\"", umask, OURS, "apply", "abcdef.0123456789abcdef"]);
        command.args(["--against", &format!("dir:{}", folder.display()), "--control-plane-endpoint=cp.example"]);
        let output = command.env_clear().env("HOME", &home).output().unwrap();
        assert!(output.status.success(), "{umask}: {}", String::from_utf8_lossy(&output.stderr));
        // Compiles it.
        let inspect = "umask $0 && \"$1\" phase export embedded \"$2\" && \"$1\" phase inspect \"$2\"";
        let copy = machine.path("copy.wasm");
        let mut command = Command::new("sh");
        command.args(["-c", inspect, umask, OURS]).arg(copy);
        assert!(command.env_clear().env("HOME", &home).output().unwrap().status.success(), "{umask}");
        let mode = |path: &Path| std::fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777;
        let ours = [".cache", ".local/state"].map(|place| home.join(place).join("kubectl-bootstrap-token"));
        for place in [&ours[0], &ours[1], &ours[1].join("undo")] {
            assert_eq!(mode(place), 0o700, "{umask}: {}", place.display());
        }
        let mut files = 0;
        for entry in [ours[1].join("undo"), folder].iter().flat_map(|folder| std::fs::read_dir(folder).unwrap()) {
            let path = entry.unwrap().path();
            assert_eq!(mode(&path), 0o600, "{umask}: {}", path.display());
            files += 1;
        }
        assert!(files > 10, "{files} files");
    }
}

/// What is written to standard output as a file has nothing else in it.
#[test]
fn a_file_on_standard_output_is_whole() {
    let machine = Machine::new();
    let folder = machine.path("manifests");
    std::fs::create_dir(&folder).unwrap();
    let against = format!("dir:{}", folder.display());
    let flags = ["--against", &against, "--control-plane-endpoint=cp.example"];
    for args in [
        &["plan", "abcdef.0123456789abcdef", "--out", "-"][..],
        &["apply", "abcdef.0123456789abcdef", "--undo-out", "-"],
        &["audit", "--against", &against, "--fix-out", "-"],
    ] {
        let audits = args.contains(&"audit");
        let output = ours(&machine, &[args, if audits { &[] } else { &flags }].concat()).stdout(Stdio::piped()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        let file: serde_json::Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{args:?}: {error}\n{said}"));
        assert!(file["digest"].is_string(), "{args:?}");
        assert!(said.contains(if audits { "high (" } else { "secret/bootstrap-token-abcdef" }), "{args:?}: {said}");
    }
}

/// A phase from outside is compiled once, and what is kept of it can be looked at and removed.
#[test]
fn compiled_phases_are_listed_and_removed() {
    let machine = Machine::new();
    let phase = machine.phase("other.wasm", NAME.0, NAME.1);
    let said = |args: &[&str]| {
        let output = ours(&machine, args).env_remove("XDG_CACHE_HOME").stdout(Stdio::piped()).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap())
    };
    let nothing = [String::new(), "no compiled phases\n".to_owned()];
    assert_eq!(said(&["phase", "cache", "list"]), nothing);
    assert!(!machine.path("home/.cache").exists(), "looking makes no folder");
    said(&["phase", "inspect", phase.to_str().unwrap()]);
    let [listed, _] = said(&["phase", "cache", "list", "-o", "json"]);
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    let digest = Digest::of(&std::fs::read(&phase).unwrap()).to_string();
    assert_eq!((listed["items"].as_array().unwrap().len(), &listed["items"][0]["digest"]), (1, &digest.as_str().into()));
    let kept = machine.path("home/.cache/kubectl-bootstrap-token/code");
    std::fs::write(kept.join("mine.txt"), "").unwrap();
    assert_eq!(said(&["phase", "cache", "clean"]), [format!("{digest} removed\n"), String::new()]);
    assert_eq!(said(&["phase", "cache", "clean"]), nothing);
    let left: Vec<_> = std::fs::read_dir(kept).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["mine.txt"], "what is not the plugin's stays");
}

/// As a login helper that reads the limits of the process that started it.
#[test]
#[cfg(target_os = "linux")]
fn a_crash_leaves_no_core_file() {
    let machine = Machine::new();
    let (helper, limits) = (machine.path("login"), machine.path("limits"));
    let script = format!("#!/bin/sh\ncat /proc/self/limits /proc/$PPID/limits >'{}'\nexit 1\n", limits.display());
    std::fs::write(&helper, script).unwrap();
    std::fs::set_permissions(&helper, Permissions::from_mode(0o755)).unwrap();
    let kubeconfig = machine.path("kubeconfig");
    std::fs::write(&kubeconfig, logs_in_by(&helper)).unwrap();
    let kubeconfig = kubeconfig.to_str().unwrap().to_owned();
    // Whoever runs us may have them on, as far as this is allowed.
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -S -c $(ulimit -H -c); exec \"$@\"", "sh", OURS, "list", "--kubeconfig", &kubeconfig]);
    let path = std::env::var_os("PATH").unwrap();
    let output = command.env_clear().env("PATH", path).env("HOME", machine.path("home")).output().unwrap();
    let seen = std::fs::read(&limits).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let cores: Vec<String> = seen.lines().map(Result::unwrap).filter(|line| line.starts_with("Max core file size")).collect();
    let none = |line: &String| line.split_whitespace().skip(4).take(2).eq(["0", "0"]);
    assert!(cores.len() == 2 && cores.iter().all(none), "{cores:?}");
}

fn logs_in_by(helper: &Path) -> String {
    serde_json::json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "a",
        "clusters": [{ "name": "a", "cluster": { "server": "https://127.0.0.1:1" } }],
        "contexts": [{ "name": "a", "context": { "cluster": "a", "user": "a" } }],
        "users": [{ "name": "a", "user": { "exec": {
            "apiVersion": "client.authentication.k8s.io/v1", "command": helper, "interactiveMode": "Never",
        } } }],
    })
    .to_string()
}
