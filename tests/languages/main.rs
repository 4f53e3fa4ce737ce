//! The phases of `examples/phases` are built, and judged by folders of cases: one phase in four languages, which all say the same, and
//! an audit. Phases that have cases of their own are asked by `phase test`, and so is what `phase new` writes.
#![expect(clippy::unwrap_used, reason = "a broken test environment should fail loudly")]
#![expect(clippy::disallowed_methods, reason = "a test reads its cases and its environment")]
#![expect(clippy::print_stderr, reason = "no result of a test says why it was ignored")]

mod audit;
mod author;
mod built;
mod cleaner;
mod host;

use built::{Built, build};
use libtest_mimic::{Arguments, Failed, Trial};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// A phase of `examples/phases`.
#[derive(Clone, Copy)]
struct Phase {
    /// Its folder.
    name: &'static str,
    /// What its component has to be allowed.
    flags: &'static [&'static str],
    /// Folders beside its own that it is built from, in the repository.
    sources: &'static [&'static str],
}

/// Files of a case by name, and what they should say.
type Answers = Vec<(&'static str, String)>;

/// Phases, and the cases that judge them.
struct Set {
    /// The first one is what `BLESS=1` asks.
    phases: &'static [Phase],
    /// The folder of the cases; one that has folders alone is a group of cases.
    cases: &'static str,
    /// What a phase answers to a case, or what is wrong whatever is expected.
    answers: fn(&Path, Phase, &Path) -> Result<Answers, String>,
}

const SETS: [Set; 2] = [
    Set { phases: &cleaner::LANGUAGES, cases: "cases", answers: cleaner::answers },
    Set { phases: &[audit::PHASE], cases: "audits", answers: audit::answers },
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials = vec![audit::rules()];
    trials.extend(author::trials(&arguments));
    let mut missing = Vec::new();
    for set in &SETS {
        let cases = cases(&root().join("tests/languages").join(set.cases));
        assert!(cases.len() >= 8, "the cases are there");
        for (number, phase) in set.phases.iter().enumerate() {
            let is_asked = !arguments.list && cases.iter().any(|case| is_asked(&arguments, &name(set, *phase, case)));
            // One after the other: each of them uses all processors.
            let built = if is_asked { build(*phase) } else { Built::NoToolchain(String::new()) };
            if let (0, Some(_), Built::Ready(component)) = (number, std::env::var_os("BLESS"), &built) {
                cases.iter().for_each(|case| bless(set, *phase, case, component));
            }
            missing.extend(matches!(built, Built::NoToolchain(_)).then_some(phase.name));
            trials.extend(self::trials(set, *phase, built, &cases));
        }
    }
    let is_ci = std::env::var_os("CI").is_some() && !arguments.list && arguments.filter.is_none();
    if is_ci && cleaner::LANGUAGES.iter().skip(1).all(|language| missing.contains(&language.name)) {
        eprintln!("error: CI has the toolchain of no language but Rust, so nothing would be compared");
        return ExitCode::FAILURE;
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// The repository, as cargo says when it runs us: a path from the time of compilation may be of another checkout.
fn root() -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("..")
}

/// The cases below a folder.
fn cases(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    let is_case = |folder: &Path| {
        std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .any(|path| path.is_file() || path.ends_with("cluster"))
    };
    entries.into_iter().flat_map(|entry| if is_case(&entry) { vec![entry] } else { cases(&entry) }).collect()
}

/// The name of a trial.
fn name(set: &Set, phase: Phase, case: &Path) -> String {
    let case = case.strip_prefix(root().join("tests/languages").join(set.cases)).unwrap();
    format!("{}/{}", phase.name, case.display())
}

/// Whether a trial of this name will be run, as far as the filter says.
fn is_asked(arguments: &Arguments, name: &str) -> bool {
    arguments.filter.as_ref().is_none_or(|filter| if arguments.exact { name == filter } else { name.contains(filter) })
}

/// One trial for each case; those of a phase that could not be built are ignored, or fail.
fn trials(set: &'static Set, phase: Phase, built: Built, cases: &[PathBuf]) -> Vec<Trial> {
    let built = Arc::new(built);
    let trial = |case: &PathBuf| {
        let is_ignored = matches!(*built, Built::NoToolchain(_));
        let (name, case, built) = (name(set, phase, case), case.clone(), built.clone());
        Trial::test(name, move || check(set, phase, &case, &built)).with_ignored_flag(is_ignored)
    };
    cases.iter().map(trial).collect()
}

fn check(set: &Set, phase: Phase, case: &Path, built: &Built) -> Result<(), Failed> {
    let component = match built {
        Built::Ready(component) => component,
        Built::NoToolchain(reason) | Built::Failed(reason) => return Err(reason.into()),
    };
    let differences = (set.answers)(case, phase, component)?.into_iter().filter_map(|(name, found)| {
        let expected = std::fs::read_to_string(case.join(name)).unwrap_or_default();
        (found != expected).then(|| format!("--- {name}\n{expected}+++ found\n{found}"))
    });
    let differences: Vec<String> = differences.collect();
    if differences.is_empty() { Ok(()) } else { Err(differences.join("\n").into()) }
}

fn bless(set: &Set, phase: Phase, case: &Path, component: &Path) {
    // What is wrong whatever is expected fails in its trial.
    for (name, text) in (set.answers)(case, phase, component).into_iter().flatten() {
        std::fs::write(case.join(name), text).unwrap();
    }
}
