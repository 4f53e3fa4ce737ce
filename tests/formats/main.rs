//! Reports of `audit` as other programs read them: the published schema of SARIF and sarif-tools, a parser of `JUnit`, those of
//! Prometheus, `PyYAML`. What they count is what the report in JSON says. And the manifest that runs audits on a schedule.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a broken test environment should fail loudly")]
#![expect(clippy::disallowed_methods, reason = "a test reads its cases and its environment")]
#![expect(clippy::print_stderr, reason = "no result of a test says why it was ignored")]

mod counts;
mod deploy;
#[path = "../contract/fixed.rs"]
mod fixed;
#[path = "../cli/overlay.rs"]
mod overlay;
mod reports;
mod spoilt;

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;

/// With this code `prepare` says that there is no Python or no Go.
const NO_TOOLCHAIN: i32 = 77;

/// What became of the judges.
enum Judges {
    Ready(PathBuf),
    NoToolchain(String),
    Failed(String),
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials = deploy::trials();
    if arguments.list {
        trials.extend(judged(&Judges::NoToolchain(String::new())));
        return libtest_mimic::run(&arguments, trials).exit_code();
    }
    let judges = prepare();
    if let Judges::NoToolchain(reason) = &judges {
        if std::env::var_os("CI").is_some() {
            eprintln!("error: CI lacks what judges the formats: {reason}");
            return ExitCode::FAILURE;
        }
        notice(reason);
    }
    trials.extend(judged(&judges));
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// The repository, as cargo says when it runs us: a path from the time of compilation may be of another checkout.
fn root() -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("..").canonicalize().unwrap()
}

/// Where the judges and the plugin's cache are kept.
const fn kept() -> &'static str {
    env!("CARGO_TARGET_TMPDIR")
}

fn prepare() -> Judges {
    let folder = Path::new(kept()).join("formats");
    let mut command = Command::new(root().join("tests/formats/prepare"));
    let output = command.arg(&folder).stdin(Stdio::null()).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    match output.status.code() {
        Some(0) => Judges::Ready(folder),
        Some(NO_TOOLCHAIN) => Judges::NoToolchain(stderr),
        _ => Judges::Failed(format!("the judges cannot be had ({}):\n{stderr}", output.status)),
    }
}

fn notice(reason: &str) {
    let line = "*".repeat(100);
    eprintln!("{line}\n*\n*  THE FORMATS OF `audit` ARE NOT TESTED\n*  {}\n*\n{line}", reason.trim_end());
}

/// A trial for each report: all are written first, and judged at once.
fn judged(judges: &Judges) -> Vec<Trial> {
    let names: Vec<String> = reports::names().into_iter().chain(spoilt::names()).collect();
    let answers = match judges {
        Judges::Ready(folder) => answers(folder),
        Judges::NoToolchain(reason) | Judges::Failed(reason) => Err(reason.clone()),
    };
    let answers = Arc::new(answers);
    let is_ignored = matches!(judges, Judges::NoToolchain(_));
    let trial = |name: String| {
        let answers = answers.clone();
        Trial::test(name.clone(), move || check(&name, (*answers).as_ref()?)).with_ignored_flag(is_ignored)
    };
    names.into_iter().map(trial).collect()
}

/// What is expected of each report, and what the judges say.
struct Answers {
    reports: tempfile::TempDir,
    said: Value,
}

fn answers(judges: &Path) -> Result<Answers, String> {
    let reports = tempfile::tempdir().unwrap();
    reports::write_all(reports.path());
    spoilt::write_all(reports.path());
    let folders = reports::names().into_iter().chain(spoilt::names()).map(|name| reports.path().join(name));
    let output = Command::new(judges.join("venv/bin/python"))
        // It would write __pycache__.
        .args(["-B".as_ref(), root().join("tests/formats/judge.py").as_os_str(), judges.as_os_str()])
        .args(folders)
        .env("MPLCONFIGDIR", judges)
        .env("PYTHONUTF8", "1")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = serde_json::from_slice(&output.stdout);
    said.map(|said| Answers { reports, said }).map_err(|_| String::from_utf8_lossy(&output.stderr).into_owned())
}

fn check(name: &str, answers: &Answers) -> Result<(), Failed> {
    let said = &answers.said[name];
    if let Some(spoilt) = spoilt::of(name) {
        return spoilt.check(said);
    }
    let report = std::fs::read_to_string(answers.reports.path().join(name).join("audit.json"))?;
    let mut expected = counts::expected(&serde_json::from_str(&report)?);
    if answers.reports.path().join(name).join("plan.md").exists() {
        expected["markdown"] = serde_json::json!({ "rows": reports::ROWS, "markup": [], "details": 1 });
    }
    if *said == expected {
        return Ok(());
    }
    Err(format!("--- the report in JSON\n{expected:#}\n+++ the judges\n{said:#}").into())
}
