//! The documents that commands write: each kind comes from at least one command or file of the repository, and is valid.

use crate::documents::{Judge, files_below, in_the_repository, root};
use libtest_mimic::Failed;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// Commands that are about documents only: what they print is different on each machine. They share a home.
const COMMANDS: [&str; 19] = [
    "version -o json",
    "phase inspect embedded -o json",
    "phase inspect embedded -o yaml",
    "phase inspect embedded -o grant",
    "phase diff embedded embedded -o yaml --against empty --kubeconfig CASES/kubeconfig",
    "phase test CASES/phase-test-as-text/cases --phase embedded -o json",
    "create abcdef.0123456789abcdef --against dir:HOME/cluster",
    // Overwrites a value, which is kept for the undo.
    "apply abcdef.fedcba9876543210 --against dir:HOME/cluster --control-plane-endpoint cp.example",
    "undo list -o json",
    "undo show -o yaml --against dir:HOME/cluster",
    "plan --server https://127.0.0.1:1 --record HOME/recording.json",
    "phase load CASES/phase-load/phase.tar --policy CASES/phase-load/policy.yaml",
    "phase list -o json",
    "phase cache list -o json",
    "phase inspect h.io/phases/empty:1 -o json --policy CASES/phase-load/policy.yaml",
    // The only cluster is in the other slice.
    "audit --contexts a --shard 2/2 --output-dir HOME/reports --kubeconfig CASES/kubeconfig",
    "plan --clusters contexts --shard 2/2 -o json --kubeconfig CASES/kubeconfig",
    "check --clusters contexts --shard 2/2 -o json --kubeconfig CASES/kubeconfig",
    "check -o json -- kubeadm join 127.0.0.1:1 --token abcdef.0123456789abcdef --discovery-token-unsafe-skip-ca-verification",
];

/// The kinds of the documents that a run printed and left in its folder; all of them are valid.
pub(crate) fn kinds(judge: &Judge, stdout: &[u8], folder: &Path) -> Result<Vec<String>, Failed> {
    let files = files_below(folder).into_iter().map(std::fs::read).map(Result::unwrap);
    let texts = files.chain([stdout.to_vec()]).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let kinds: Result<Vec<Vec<String>>, String> = texts.map(|text| judge.kinds(&text)).collect();
    Ok(kinds?.concat())
}

pub(crate) fn every_kind_is_valid(judge: &Judge) -> Result<(), Failed> {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join("cluster"))?;
    let home_name = home.path().to_str().unwrap();
    let cases = root().join("tests/cases");
    let mut found: BTreeSet<String> = in_the_repository(judge)?.into_iter().collect();
    let mut said = String::new();
    for command in COMMANDS {
        let place = |word: &str| word.replace("CASES", cases.to_str().unwrap()).replace("HOME", home_name);
        let output = Command::new(env!("CARGO_BIN_EXE_kubectl-bootstrap_token"))
            .args(command.split_whitespace().map(place))
            .env_clear()
            .env("HOME", home.path())
            .env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"))
            .output()
            .unwrap();
        let kinds = kinds(judge, &output.stdout, home.path())?;
        said += &format!("{command}: {:?} {kinds:?} {}", output.status.code(), String::from_utf8_lossy(&output.stderr));
        found.extend(kinds);
    }
    let missing: Vec<&str> = judge.every_kind().filter(|kind| !found.contains(*kind)).collect();
    if missing.is_empty() { Ok(()) } else { Err(format!("not seen: {missing:?}\n{said}").into()) }
}
