//! The whole program on folders of manifests: one case per folder in `tests/cases`.
#![expect(clippy::unwrap_used, reason = "a broken test environment should fail loudly")]
#![expect(clippy::indexing_slicing, reason = "JSON of which the test knows the shape")]
#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "a test reads its cases and its environment")]

mod documents;
mod ids;
mod invocations;
mod live;
mod overlay;
mod upload;
mod wrong;

use documents::Judge;
use ids::without_places;
use libtest_mimic::{Arguments, Failed, Trial};
use overlay::{FROM, Files, base_files, files, overlaid, write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;

fn main() -> ExitCode {
    // As cargo says when it runs us: a path from the time of compilation may be of another checkout.
    let cases = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../tests/cases");
    let folders = std::fs::read_dir(cases).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let mut folders: Vec<PathBuf> = folders.collect();
    folders.sort();
    assert!(!folders.is_empty(), "there are cases");
    let judge = Arc::new(Judge::of_the_repository());
    let trial = |folder: PathBuf| {
        let (name, judge) = (folder.file_name().unwrap().to_string_lossy().into_owned(), Arc::clone(&judge));
        Trial::test(name, move || check(&folder, &judge))
    };
    type About = fn(&Judge) -> Result<(), Failed>;
    let about: [(&str, About); 2] =
        [("documents::are_valid", live::every_kind_is_valid), ("documents::are_refused", wrong::are_refused)];
    let about = about.map(|(name, check)| {
        let judge = Arc::clone(&judge);
        Trial::test(name, move || check(&judge))
    });
    let upload = Trial::test("upload::limits", upload::limits_of_an_upload);
    let root = documents::root();
    let invocations = invocations::files(&root).into_iter().map(|file| {
        let name = format!("invocations::{}", file.file_name().unwrap().to_string_lossy());
        Trial::test(name, move || invocations::are_answered(&file))
    });
    let trials = folders.into_iter().map(trial).chain(about).chain([upload]).chain(invocations).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// What a run left: streams, exit code, manifests.
type Left = Files;

fn check(folder: &Path, judge: &Judge) -> Result<(), Failed> {
    let found = run(folder, judge)?;
    if std::env::var_os("BLESS").is_some() {
        bless(folder, &found);
        return Ok(());
    }
    let expected = expected(folder);
    let differences: Vec<String> = found
        .keys()
        .chain(expected.keys().filter(|name| !found.contains_key(*name)))
        .filter(|name| found.get(*name) != expected.get(*name))
        .map(|name| {
            let text = |result: &Left| result.get(name).cloned().unwrap_or_else(|| "(missing)\n".to_owned());
            format!("--- {name}, expected\n{}+++ {name}, found\n{}", text(&expected), text(&found))
        })
        .collect();
    if differences.is_empty() { Ok(()) } else { Err(differences.join("\n").into()) }
}

fn run(folder: &Path, judge: &Judge) -> Result<Left, Failed> {
    let work = tempfile::tempdir().unwrap();
    let manifests = work.path().join("manifests");
    // The path of a checkout may need quotes in a command that is printed.
    let links = tempfile::tempdir().unwrap();
    let here = links.path().join("case");
    std::os::unix::fs::symlink(folder.canonicalize().unwrap(), &here).unwrap();
    write(&overlaid(&folder.join("cluster")), &manifests);
    let arguments = std::fs::read_to_string(folder.join("cmd")).unwrap();
    let place =
        |word: &str| word.replace("DIR", &manifests.to_string_lossy()).replace("HERE", &here.to_string_lossy()).replace("''", "");
    let output = Command::new(env!("CARGO_BIN_EXE_kubectl-bootstrap_token"))
        .args(arguments.split_whitespace().map(place))
        .env_clear()
        .env("HOME", work.path())
        // Compiled once for all cases.
        .env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"))
        .stdin(std::fs::File::open(folder.join("stdin")).map_or_else(|_| Stdio::null(), Stdio::from))
        .output()
        .unwrap();
    let plain = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let text = text.replace(&*manifests.to_string_lossy(), "DIR");
        let text = text.replace(&*work.path().to_string_lossy(), "HOME").replace(&*here.to_string_lossy(), "HERE");
        without_places(&without_digests(&text))
    };
    let mut found = Left::from([
        ("stdout".to_owned(), plain(&output.stdout)),
        ("stderr".to_owned(), plain(&output.stderr)),
        ("exit".to_owned(), format!("{}\n", output.status.code().unwrap())),
    ]);
    found.extend(after(files(&manifests)));
    live::kinds(judge, &output.stdout, work.path())?;
    Ok(found)
}

/// A report with the digest of the phase left out: that is another one with each change of the phase.
fn without_digests(text: &str) -> String {
    let line = |line: &str| match line.split_once("sha256:") {
        Some((start, _)) if start.trim_start().trim_start_matches('"').starts_with("digest") || start.starts_with("`made ") => {
            format!("{start}…\n")
        }
        _ => line.to_owned(),
    };
    text.split_inclusive('\n').map(line).collect()
}

fn expected(folder: &Path) -> Left {
    let text = |name: &str, default: &str| std::fs::read_to_string(folder.join(name)).unwrap_or_else(|_| default.to_owned());
    let mut expected: Left = [("stdout", ""), ("stderr", ""), ("exit", "0\n")]
        .into_iter()
        .map(|(name, default)| (name.to_owned(), text(name, default)))
        .collect();
    // Without manifests of its own the case says that nothing is written.
    let manifests = if folder.join("after").exists() { folder.join("after") } else { folder.join("cluster") };
    expected.extend(after(overlaid(&manifests)));
    expected
}

fn bless(folder: &Path, found: &Left) {
    let manifests: Left =
        found.iter().filter_map(|(name, text)| Some((name.strip_prefix("after/")?.to_owned(), text.clone()))).collect();
    for (name, text) in found.iter().filter(|(name, _)| !name.starts_with("after/")) {
        let path = folder.join(name);
        if text.is_empty() || (name == "exit" && text == "0\n") {
            let _ = std::fs::remove_file(path);
        } else {
            std::fs::write(path, text).unwrap();
        }
    }
    let after = folder.join("after");
    let base = std::fs::read_to_string(after.join(FROM)).ok();
    let _ = std::fs::remove_dir_all(&after);
    if manifests == overlaid(&folder.join("cluster")) {
        return;
    }
    let below = base.as_deref().map(base_files).unwrap_or_default();
    let gone = below.keys().filter(|name| !manifests.contains_key(*name)).map(|name| (name.clone(), String::new()));
    let changed = manifests.iter().filter(|(name, text)| below.get(*name) != Some(*text));
    let changed = changed.map(|(name, text)| (name.clone(), text.clone()));
    write(&changed.chain(gone).chain(base.map(|base| (FROM.to_owned(), base))).collect(), &after);
}

/// The names that manifests have in what a run left.
fn after(manifests: Left) -> impl Iterator<Item = (String, String)> {
    manifests.into_iter().map(|(name, text)| (format!("after/{name}"), text))
}
