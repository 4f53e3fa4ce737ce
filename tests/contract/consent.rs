//! What an operator is asked, answers, and finds again: by file, on a terminal, for always.

use kubectl_bootstrap_token::component::ComponentBytes;
use kubectl_bootstrap_token::config::env::Env;
use kubectl_bootstrap_token::render::terminal::Paint;
use kubectl_bootstrap_token::{Streams, Terminal, run};
use std::cell::RefCell;
use std::ffi::OsString;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// A stream that can be read afterwards.
#[derive(Clone, Default)]
struct Sink(Rc<RefCell<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Sink {
    fn text(&self) -> String {
        String::from_utf8(self.0.borrow().clone()).unwrap()
    }
}

struct Home(PathBuf);

impl Env for Home {
    fn get(&self, name: &str) -> Option<String> {
        match name {
            "HOME" => Some(self.0.to_string_lossy().into_owned()),
            // Compiled once, for all tests and the next run.
            "XDG_CACHE_HOME" => Some(env!("CARGO_TARGET_TMPDIR").to_owned()),
            _ => None,
        }
    }
}

/// A person's machine, and phases on it.
pub(crate) struct Machine(tempfile::TempDir);

/// How a command ended and what it said to the person.
pub(crate) struct Said {
    pub(crate) code: u8,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Machine {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A phase of somebody else: ours with another text in it, of the same length.
    pub(crate) fn phase(&self, name: &str, from: &str, to: &str) -> PathBuf {
        let mut bytes = ComponentBytes::Embedded.to_vec();
        let places: Vec<usize> = (0..bytes.len()).filter(|at| bytes.get(*at..).unwrap().starts_with(from.as_bytes())).collect();
        assert!(!places.is_empty() && from.len() == to.len());
        for at in places {
            bytes.get_mut(at..at + to.len()).unwrap().copy_from_slice(to.as_bytes());
        }
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// A command line, in front of a person who types `answers`, or in front of nobody.
    pub(crate) fn command(&self, args: &[&str], answers: Option<&str>) -> Said {
        let (stdout, stderr) = (Sink::default(), Sink::default());
        let mut streams = Streams {
            stdin: Box::new(Cursor::new(answers.unwrap_or_default().as_bytes().to_vec())),
            stdout: Box::new(stdout.clone()),
            stderr: Box::new(stderr.clone()),
            env: Box::new(Home(self.0.path().to_owned())),
            paint: Paint::Plain,
            message_paint: Paint::Plain,
            columns: None,
            terminal: if answers.is_some() { Terminal::Present } else { Terminal::Absent },
        };
        let args = ["kubectl-bootstrap_token"].iter().chain(args).map(OsString::from);
        let outcome = run(args, &mut streams);
        Said { code: outcome.exit_code(), stdout: stdout.text(), stderr: stderr.text() }
    }

    /// Plans with a phase.
    fn plan(&self, phase: &Path, more: &[&str], answers: Option<&str>) -> Said {
        let phase = phase.to_string_lossy();
        let args = ["plan", "--against=empty", "--control-plane-endpoint=cp.example", "--phase", &phase];
        self.command(&[&args[..], more].concat(), answers)
    }
}

/// A grant of nothing.
const NOTHING: &str = "apiVersion: bootstrap-token.kubectl/v1alpha1\nkind: Grant\ntasks: []\n";

/// Our phase under another name, and the same a version later, which wants one name more.
pub(crate) const NAME: (&str, &str) = ("kubeadm.bootstrap-token", "example.bootstrap-token");
const MORE: (&str, &str) = ("kubeadm:get-nodes", "kubeadm:get-nodez");

#[test]
fn nobody_there_means_no_and_the_grant_that_is_printed_is_enough() {
    let machine = Machine::new();
    let phase = machine.phase("other.wasm", NAME.0, NAME.1);
    let said = machine.plan(&phase, &[], None);
    assert_eq!(said.code, 2);
    assert!(
        said.stderr.starts_with("error: nothing is granted to the phase `example.bootstrap-token 0.1.0` for the task `apply`")
    );
    let (_, grant) = said.stderr.split_once("--grant FILE:\n").unwrap();
    let file = machine.path("grant.yaml");
    std::fs::write(&file, grant).unwrap();
    let granted = machine.plan(&phase, &["--grant", &file.to_string_lossy()], None);
    assert_eq!(granted.code, 0, "{}", granted.stderr);
    let inspected = machine.command(&["phase", "inspect", &phase.to_string_lossy(), "-o", "grant"], None);
    // What this task asks for stands first in what all of them ask for.
    assert!(inspected.stdout.starts_with(grant), "{}", inspected.stdout);
    // It is for this file alone.
    let other = machine.phase("more.wasm", MORE.0, MORE.1);
    let said = machine.plan(&other, &["--grant", &file.to_string_lossy()], None);
    assert!(said.stderr.contains("is for `example.bootstrap-token`, not for `kubeadm.bootstrap-token`"), "{}", said.stderr);
}

#[test]
fn what_is_missing_in_a_grant_is_printed_as_a_grant() {
    let machine = Machine::new();
    let phase = machine.phase("other.wasm", NAME.0, NAME.1);
    let nothing = machine.path("nothing.yaml");
    std::fs::write(&nothing, NOTHING).unwrap();
    let mut grants = vec!["--grant".to_owned(), nothing.to_string_lossy().into_owned()];
    // Reads first, then writes: what is printed is added until nothing is missing.
    for round in 0..4 {
        let said = machine.plan(&phase, &grants.iter().map(String::as_str).collect::<Vec<_>>(), None);
        if said.code == 0 {
            assert!(round > 1, "nothing was ever denied");
            return;
        }
        assert!(
            said.stderr.starts_with("error: the phase wants to do more than it is allowed to; nothing was sent"),
            "{}",
            said.stderr
        );
        let (_, grant) = said.stderr.split_once("--grant FILE:\n").unwrap();
        let file = machine.path(&format!("grant-{round}.yaml"));
        std::fs::write(&file, grant).unwrap();
        grants.extend(["--grant".to_owned(), file.to_string_lossy().into_owned()]);
    }
    panic!("the printed grants are never enough");
}

#[test]
fn a_person_is_asked_once_or_every_time() {
    let machine = Machine::new();
    let phase = machine.phase("other.wasm", NAME.0, NAME.1);
    for (answers, code, times) in [("no\n", 2, 1), ("", 2, 1), ("what?\nyes\n", 0, 2), ("Y\n", 0, 1), ("always\n", 0, 1)] {
        let said = machine.plan(&phase, &[], Some(answers));
        assert_eq!(said.code, code, "{answers:?}: {}", said.stderr);
        assert_eq!(said.stderr.matches("Allow this? [yes/no/always]").count(), times, "{answers:?}");
        assert!(
            said.stderr.contains(
                "  - WRITE create and update, read clusterroles (ClusterRole, rbac.authorization.k8s.io/v1)\n      named `kubeadm:get-nodes`\n"
            ),
            "{}",
            said.stderr
        );
    }
    // From now on nobody has to be there.
    assert_eq!(machine.plan(&phase, &[], None).code, 0);
    // For another task somebody has, and what the first one was granted stays.
    let folder = machine.path("manifests");
    std::fs::create_dir(&folder).unwrap();
    let against = format!("--against=dir:{}", folder.display());
    let create = ["create", &against, "--phase", &phase.to_string_lossy()];
    for (answers, code) in [(None, 2), (Some("always\n"), 0), (None, 0)] {
        assert_eq!(machine.command(&create, answers).code, code, "{answers:?}");
    }
    assert_eq!(machine.plan(&phase, &[], None).code, 0);
}

#[test]
fn a_new_file_shows_all_and_first_what_is_new() {
    let machine = Machine::new();
    let phase = machine.phase("other.wasm", NAME.0, NAME.1);
    assert_eq!(machine.plan(&phase, &[], Some("always\n")).code, 0);
    let mut bytes = std::fs::read(&phase).unwrap();
    // An empty custom section: another digest, the same phase.
    bytes.extend([0, 2, 1, b'x']);
    let same = machine.path("same.wasm");
    std::fs::write(&same, bytes).unwrap();
    let said = machine.plan(&same, &[], Some("no\n"));
    assert!(
        said.stderr.contains("This file asks for nothing new.\nFor the task `apply` it asks in all to:\n  - "),
        "{}",
        said.stderr
    );
    assert_eq!(machine.plan(&same, &[], None).code, 2);

    let newer = machine.path("newer.wasm");
    let bytes = std::fs::read(machine.phase("more.wasm", MORE.0, MORE.1)).unwrap();
    std::fs::write(&newer, replaced(bytes, NAME.0, NAME.1)).unwrap();
    // A broken file in the folder speaks for no other file.
    let answer = find_yaml(&machine.path("")).unwrap();
    let kept = answer.parent().unwrap();
    for (name, text) in [("a.yaml", "x: ["), ("b.yaml", "kind: Grant\nkind: Grant\n"), ("c.yaml", "")] {
        std::fs::write(kept.join(name), text).unwrap();
    }
    let said = machine.plan(&newer, &[], Some("no\n"));
    assert_eq!(said.stderr.matches("warning: a kept grant is skipped").count(), 3, "{}", said.stderr);
    let (new, all) = said.stderr.split_once("it asks in all to:").unwrap();
    assert!(all.matches("  - ").count() > 2, "{all}");
    let asked: Vec<&str> = new.lines().filter(|line| line.starts_with("  - ")).collect();
    assert_eq!(
        asked,
        [
            "  - WRITE create and update, read clusterroles (ClusterRole, rbac.authorization.k8s.io/v1)",
            "  - WRITE create, update and delete, read clusterrolebindings (ClusterRoleBinding, rbac.authorization.k8s.io/v1)",
        ]
    );
}

/// The kept answer.
fn find_yaml(folder: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?;
    entries.map(|entry| entry.unwrap().path()).find_map(|path| {
        let is_answer = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("sha256-"));
        if path.is_dir() { find_yaml(&path) } else { is_answer.then_some(path) }
    })
}

fn replaced(bytes: Vec<u8>, from: &str, to: &str) -> Vec<u8> {
    let mut bytes = bytes;
    for at in 0..bytes.len() {
        if bytes.get(at..).unwrap().starts_with(from.as_bytes()) {
            bytes.get_mut(at..at + to.len()).unwrap().copy_from_slice(to.as_bytes());
        }
    }
    bytes
}

#[test]
fn the_phase_in_the_plugin_can_be_granted_less() {
    let machine = Machine::new();
    let grant = machine.path("grant.yaml");
    std::fs::write(&grant, NOTHING).unwrap();
    let said = machine.plan(Path::new("embedded"), &["--grant", &grant.to_string_lossy()], Some("yes\n"));
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains(": not granted"), "{}", said.stderr);
}

/// An undo plan comes from a file and not from the phase, and writes no more than the phase may.
#[test]
fn an_undo_plan_is_granted_less_too() {
    let machine = Machine::new();
    let folder = machine.path("cluster");
    std::fs::create_dir(&folder).unwrap();
    let against = format!("--against=dir:{}", folder.display());
    let created = machine.command(&["create", "abcdef.0123456789abcdef", &against], None);
    let undo = created.stderr.split_once("--plan ").and_then(|(_, rest)| rest.split_whitespace().next()).unwrap();
    let grant = machine.path("grant.yaml");
    let tokens = "{access: [ACCESS], group: '', version: v1, resource: secrets, kind: Secret, namespace: kube-system, names: [bootstrap-token-*]}";
    for (access, code, said) in [("read", 2, "which its phase may not write"), ("read, create", 0, "undo with")] {
        let tokens = tokens.replace("ACCESS", access);
        std::fs::write(&grant, NOTHING.replace("[]", &format!("[{{name: create, permissions: [{tokens}]}}]"))).unwrap();
        let undone = machine.command(&["apply", "--plan", undo, &against, "--grant", &grant.to_string_lossy()], None);
        assert!(undone.code == code && undone.stderr.contains(said), "{access}: {}", undone.stderr);
    }
}

#[test]
fn limits_come_from_the_file_and_from_flags() {
    let machine = Machine::new();
    let config = machine.path(".config/kubectl-bootstrap-token/config.yaml");
    std::fs::create_dir_all(config.parent().unwrap()).unwrap();
    let inspect = |more: &[&str]| machine.command(&[&["phase", "inspect", "embedded"], more].concat(), None);
    let file = |limits: &str| format!("apiVersion: bootstrap-token.kubectl/v1alpha1\nkind: Config\nlimits: {limits}\n");
    std::fs::write(&config, file("{memory: 32Mi, fuel: 5000}")).unwrap();
    let shown = inspect(&["--limit", "fuel=2G", "--limit", "call-time=1m"]);
    for line in ["  memory          32Mi ", "  fuel            2G ", "  call-time       60s "] {
        assert!(shown.stdout.contains(line), "{}", shown.stdout);
    }
    let refused = inspect(&[]);
    assert_eq!(refused.code, 1, "a phase that cannot even say who it is would not be run");
    assert!(refused.stdout.contains("the phase did not finish within 5000 units of fuel"), "{}", refused.stdout);
    for limits in ["{memory: 0}", "{x: 1}", "{fuel: -1}", "[]"] {
        std::fs::write(&config, file(limits)).unwrap();
        assert_eq!(inspect(&[]).code, 2, "{limits}");
    }
}
