//! One phase in four languages: `examples/phases` is built, and all say the same of every folder in `tests/languages/cases`.
#![expect(clippy::unwrap_used, reason = "a broken test environment should fail loudly")]
#![expect(clippy::disallowed_methods, reason = "a test reads its cases and its environment")]
#![expect(clippy::print_stderr, reason = "no result of a test says why it was ignored")]

use libtest_mimic::{Arguments, Failed, Trial};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;

/// A language, and what its components have to be allowed.
#[derive(Clone, Copy)]
struct Language {
    name: &'static str,
    flags: &'static [&'static str],
}

/// Rust is what `BLESS=1` asks.
const LANGUAGES: [Language; 4] = [
    Language { name: "rust", flags: &[] },
    Language { name: "javascript", flags: &["--allow-nested"] },
    Language { name: "python", flags: &[] },
    Language { name: "go", flags: &["--allow-wasi"] },
];

/// With this code a build script says that its toolchain is not there.
const NO_TOOLCHAIN: i32 = 77;

/// What became of a build.
enum Built {
    Ready(PathBuf),
    NoToolchain(String),
    Failed(String),
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let cases = cases();
    assert!(cases.len() >= 8, "the cases are there");
    if arguments.list {
        let trials = LANGUAGES.into_iter().flat_map(|language| trials(language, Built::NoToolchain(String::new()), &cases));
        return libtest_mimic::run(&arguments, trials.collect()).exit_code();
    }
    // One after the other: each of them uses all processors.
    let built = LANGUAGES.map(build);
    if let (Some(_), [Built::Ready(phase), ..]) = (std::env::var_os("BLESS"), &built) {
        cases.iter().for_each(|case| bless(case, phase));
    }
    let is_ci = std::env::var_os("CI").is_some();
    if is_ci && built.iter().skip(1).all(|built| matches!(built, Built::NoToolchain(_))) {
        eprintln!("error: CI has the toolchain of no language but Rust, so nothing would be compared");
        return ExitCode::FAILURE;
    }
    let trials = LANGUAGES.into_iter().zip(built).flat_map(|(language, built)| trials(language, built, &cases));
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

/// The repository, as cargo says when it runs us: a path from the time of compilation may be of another checkout.
fn root() -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("..")
}

fn cases() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join("tests/languages/cases")).unwrap();
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    cases
}

/// One trial for each case; those of a language that could not be built are ignored, or fail.
fn trials(language: Language, built: Built, cases: &[PathBuf]) -> Vec<Trial> {
    let built = Arc::new(built);
    let trial = |case: &PathBuf| {
        let name = format!("{}/{}", language.name, case.file_name().unwrap().to_string_lossy());
        let is_ignored = matches!(*built, Built::NoToolchain(_));
        let (case, built) = (case.clone(), built.clone());
        Trial::test(name, move || check(&case, language, &built)).with_ignored_flag(is_ignored)
    };
    cases.iter().map(trial).collect()
}

fn build(language: Language) -> Built {
    let built = if is_current(language) { Built::Ready(component(language)) } else { build_anew(language) };
    match &built {
        // Compiled once, and not by all trials at the same time.
        Built::Ready(phase) => drop(host(language, phase, &["plan", "--against", "empty"])),
        Built::NoToolchain(reason) => notice(language, reason),
        Built::Failed(_) => {}
    }
    built
}

fn build_anew(language: Language) -> Built {
    eprintln!("building the {} phase", language.name);
    let _ = std::fs::remove_file(stamp(language));
    let output = Command::new(source(language).join("build")).arg(component(language)).stdin(Stdio::null()).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    match output.status.code() {
        Some(0) => {
            std::fs::write(stamp(language), inputs(language)).unwrap();
            Built::Ready(component(language))
        }
        Some(NO_TOOLCHAIN) => Built::NoToolchain(stderr),
        _ => Built::Failed(format!("the phase does not build ({}):\n{stderr}", output.status)),
    }
}

fn notice(language: Language, reason: &str) {
    let line = "*".repeat(100);
    eprintln!("{line}\n*\n*  THE {} PHASE IS NOT TESTED", language.name.to_uppercase());
    reason.lines().for_each(|reason| eprintln!("*  {reason}"));
    eprintln!("*\n{line}");
}

fn source(language: Language) -> PathBuf {
    root().join("examples/phases").join(format!("token-cleaner-{}", language.name))
}

fn component(language: Language) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("token-cleaner-{}.wasm", language.name))
}

/// The file with what the component was built from.
fn stamp(language: Language) -> PathBuf {
    component(language).with_extension("inputs")
}

fn is_current(language: Language) -> bool {
    component(language).exists() && std::fs::read(stamp(language)).is_ok_and(|stamp| stamp == inputs(language))
}

/// All that a component is built from, one file after the other.
fn inputs(language: Language) -> Vec<u8> {
    let mut files = Vec::new();
    collect(&source(language), &mut files);
    collect(&root().join("wit"), &mut files);
    files.sort();
    files.iter().flat_map(|path| [path.to_string_lossy().as_bytes(), &std::fs::read(path).unwrap()].concat()).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
}

fn check(case: &Path, language: Language, built: &Built) -> Result<(), Failed> {
    let phase = match built {
        Built::Ready(phase) => phase,
        Built::NoToolchain(reason) | Built::Failed(reason) => return Err(reason.into()),
    };
    let differences: Vec<String> = ["expected.json", "expected.txt"]
        .into_iter()
        .filter_map(|name| {
            let expected = std::fs::read_to_string(case.join(name)).unwrap_or_default();
            let found = answer(case, language, phase, name);
            (found != expected).then(|| format!("--- {name}\n{expected}+++ found\n{found}"))
        })
        .collect();
    if differences.is_empty() { Ok(()) } else { Err(differences.join("\n").into()) }
}

fn bless(case: &Path, phase: &Path) {
    let [rust, ..] = LANGUAGES;
    for name in ["expected.json", "expected.txt"] {
        std::fs::write(case.join(name), answer(case, rust, phase, name)).unwrap();
    }
}

/// What the file of this name should say: the plan as JSON, or as a person sees it, with the phase's notes.
fn answer(case: &Path, language: Language, phase: &Path, name: &str) -> String {
    // A case without manifests is an empty folder, which git does not keep.
    let empty = tempfile::tempdir().unwrap();
    let manifests = Some(case.join("cluster")).filter(|folder| folder.exists()).unwrap_or_else(|| empty.path().to_owned());
    let now = std::fs::read_to_string(case.join("now")).unwrap();
    let against = format!("dir:{}", manifests.display());
    let command: &[&str] = if name == "expected.json" { &["plan", "-o", "json"] } else { &["apply", "--dry-run=client"] };
    host(language, phase, &[command, &["--against", &against, "--now", now.trim_end()]].concat())
}

/// What the plugin prints; what it complains about too, if it fails.
fn host(language: Language, phase: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_kubectl-bootstrap_token"))
        .args(arguments)
        .arg("--phase")
        .arg(phase)
        .arg("--grant")
        .arg(root().join("examples/phases/grant.yaml"))
        .args(language.flags)
        .env_clear()
        .env("HOME", env!("CARGO_TARGET_TMPDIR"))
        // Compiled once for all cases.
        .env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return stdout;
    }
    format!("{stdout}{}\n{}", output.status, String::from_utf8_lossy(&output.stderr))
}
