//! The token cleaner: one phase in four languages, and their equal plans.

use crate::{Answers, Phase, host::host, root};
use std::path::Path;

/// Each of them is judged by what Rust answers.
pub(crate) const LANGUAGES: [Phase; 4] = [
    Phase { name: "token-cleaner-rust", flags: &[], sources: &[] },
    Phase { name: "token-cleaner-javascript", flags: &["--allow-nested"], sources: &[] },
    Phase { name: "token-cleaner-python", flags: &["--limit", "compile-time=10m"], sources: &[] },
    Phase { name: "token-cleaner-go", flags: &["--allow-wasi"], sources: &[] },
];

/// The plan as JSON, and as a person sees it, with the phase's notes.
pub(crate) fn answers(case: &Path, language: Phase, component: &Path) -> Result<Answers, String> {
    // A case without manifests is an empty folder, which git does not keep.
    let empty = tempfile::tempdir().unwrap();
    let manifests = Some(case.join("cluster")).filter(|folder| folder.exists()).unwrap_or_else(|| empty.path().to_owned());
    let now = std::fs::read_to_string(case.join("now")).unwrap();
    let against = format!("dir:{}", manifests.display());
    let grant = root().join("examples/phases/grant.yaml");
    let setting = ["--against", &against, "--now", now.trim_end(), "--grant", &grant.to_string_lossy()];
    let answer = |command: &[&str]| said(language, component, &[command, &setting].concat());
    Ok(vec![("expected.json", answer(&["plan", "-o", "json"])), ("expected.txt", answer(&["apply", "--dry-run=client"]))])
}

/// What the plugin prints; what it complains about too, if it fails.
fn said(language: Phase, component: &Path, arguments: &[&str]) -> String {
    let output = host(language, component, arguments);
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return stdout;
    }
    format!("{stdout}{}\n{}", output.status, String::from_utf8_lossy(&output.stderr))
}
