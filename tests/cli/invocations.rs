//! What is typed wrong, or typed as for kubectl or kubeadm, and what is said to it: `tests/words/invocations` has the command lines with
//! exit code and words. `BLESS` writes the answers; the command lines are written by hand. The number in a name is that of a complaint of
//! somebody who used the plugin at night.

use crate::overlay;
use libtest_mimic::Failed;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Files that the command lines name, in the folder that they are typed in.
const FILES: [(&str, &[u8]); 11] = [
    ("binary.yaml", b"\xff\xfe\xfd"),
    ("empty.yaml", b""),
    ("pod.yaml", b"apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n"),
    ("tab.yaml", b"apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\nbootstrapTokens:\n- token: x\n\tttl: 1h\n"),
    (
        "kubeadm.yaml",
        b"apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\nbootstrapTokens:\n- token: abcdef.0123456789abcdef\n",
    ),
    ("typo.yaml", b"apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\nbootstrapTokens:\n- token: abcdef.0123456789abcdef\n  descripton: mine\n"),
    ("field.yaml", b"apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\nbootstrapToken:\n- token: abcdef.0123456789abcdef\n"),
    ("kind.yaml", b"apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfig\nbootstrapTokens: []\n---\napiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n"),
    (
        "other.conf",
        b"apiVersion: v1\nkind: Config\ncurrent-context: other\ncontexts: [{name: other, context: {cluster: other, user: ''}}]\nclusters: [{name: other, cluster: {server: 'https://127.0.0.1:1'}}]\n",
    ),
    (
        "odd.conf",
        b"apiVersion: v1\nkind: Config\ncontexts: [{name: $(touch x), context: {}}, {name: --token, context: {}}, {name: a b, context: {}}, {name: \"x\\ty\", context: {}}, {name: 'arn:aws:eks:eu:1:cluster/a', context: {}}]\n",
    ),
    ("folder/a.yaml", b"apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\ncontrolPlaneEndpoint: cp:6443\n"),
];

/// The files with command lines, each by its name.
pub(crate) fn files(root: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root.join("tests/words/invocations")).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

/// Runs the command lines of one file, and compares.
pub(crate) fn are_answered(file: &Path) -> Result<(), Failed> {
    let before = std::fs::read_to_string(file).unwrap();
    let mut after = String::new();
    for block in before.split_inclusive('\n').filter(|line| line.starts_with("# ") || line.starts_with("$ ")) {
        after.push_str(block);
        if let Some(line) = block.strip_prefix("$ ") {
            after.push_str(&answer(line.trim_end()));
        }
    }
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(file, &after).unwrap();
        return Ok(());
    }
    let difference = before.lines().zip(after.lines()).find(|(old, new)| old != new);
    match difference {
        None if before == after => Ok(()),
        difference => Err(format!("{}: {difference:?}; BLESS=1 writes it", file.display()).into()),
    }
}

fn answer(line: &str) -> String {
    let work = tempfile::tempdir().unwrap();
    for (name, bytes) in FILES {
        let path: PathBuf = work.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    for folder in ["kubeadm", "tokens"] {
        overlay::write(&overlay::base_files(folder), &work.path().join(folder));
    }
    let output = Command::new(env!("CARGO_BIN_EXE_kubectl-bootstrap_token"))
        .args(shlex::split(line).unwrap())
        .current_dir(work.path())
        .env_clear()
        .env("HOME", work.path())
        // Compiled once for all cases.
        .env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    let text = text.replace(&*work.path().to_string_lossy(), "HOME");
    let lines: String = text.lines().take(24).map(|line| format!("{}\n", format!("  {line}").trim_end())).collect();
    format!("exit {}\n{lines}", output.status.code().unwrap())
}
