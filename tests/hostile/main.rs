//! Hostile phases: each case in `cases/` is given to the real program, which must refuse it in the expected words, write nothing,
//! show no secret and no escape sequence, and end by itself within bounds. See `README.md`.
#![expect(clippy::unwrap_used, reason = "a broken test environment should fail loudly")]
#![expect(clippy::disallowed_methods, reason = "a test reads its cases and its environment")]

mod case;
mod flips;
mod made;

use case::{Case, SECRETS, here, plain};
use libtest_mimic::{Arguments, Failed, Trial};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

fn main() -> ExitCode {
    let cases = case::all();
    assert!(!cases.is_empty(), "there are cases");
    let mut trials = vec![
        Trial::test("made-bit-flips", flips::check),
        Trial::test("every_file_belongs_to_a_case", every_file_belongs_to_a_case),
    ];
    trials.extend(cases.into_iter().map(|case| Trial::test(case.name.clone(), move || check(&case))));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// The most that a run may say: nobody reads more.
const MOST_BYTES: usize = 16 * 1024;

/// What a run left.
struct Left {
    /// The exit code; none if a signal ended it.
    code: Option<i32>,
    /// Both streams.
    text: String,
    /// The files that are not as they were.
    written: Vec<String>,
}

impl Left {
    /// What must hold for whatever a phase does.
    fn check(&self) -> Result<(), String> {
        if self.code.is_none_or(|code| code > 3) {
            return Err(format!("it did not end by itself: {:?}", self.code));
        }
        if self.code != Some(0) && !self.written.is_empty() {
            return Err(format!("it was refused, and wrote {:?}", self.written));
        }
        if self.code == Some(2) && !self.text.lines().any(|line| line.starts_with("error: ") || line.starts_with("Error from ")) {
            return Err("it does not say why".to_owned());
        }
        if self.text.len() > MOST_BYTES {
            return Err(format!("it says {} bytes", self.text.len()));
        }
        if let Some(secret) = SECRETS.iter().find(|secret| self.text.contains(**secret)) {
            return Err(format!("the secret {secret} is in the output"));
        }
        match self.text.chars().find(|character| is_unseen(*character)) {
            Some(character) => Err(format!("{character:?} is in the output")),
            None => Ok(()),
        }
    }

    /// As an expectation says it.
    fn expectation(&self) -> String {
        let written: String = self.written.iter().map(|name| format!("written: {name}\n")).collect();
        format!("exit: {}\n{}{written}", self.code.unwrap_or(-1), self.text)
    }
}

/// Characters that do something to a terminal or to a reader, but for line ends.
fn is_unseen(character: char) -> bool {
    (character.is_control() && character != '\n')
        || matches!(character, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

fn check(case: &Case) -> Result<(), Failed> {
    let phase = case.phase();
    let left = run(&case.arguments(&phase), &phase, Run::Task);
    left.check().map_err(|problem| format!("{problem}\n{}", left.text.chars().take(300).collect::<String>()))?;
    if left.code != Some(if case.is_harmless { 0 } else { 2 }) {
        return Err(format!("exit code {:?}\n{}", left.code, left.text).into());
    }
    inspect(case, &phase)?;
    let found = left.expectation();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(case.expectation(), found).unwrap();
        return Ok(());
    }
    let expected = std::fs::read_to_string(case.expectation()).unwrap_or_default();
    if found == expected { Ok(()) } else { Err(format!("--- expected\n{expected}+++ found\n{found}").into()) }
}

/// Whoever gets a phase looks at it first. There is nothing hostile to be seen of those that are left out.
fn inspect(case: &Case, phase: &Path) -> Result<(), Failed> {
    let formats: &[&str] = match case.name.split('-').next() {
        Some("declare" | "text") => &["text", "grant"],
        Some("feature" | "file" | "import" | "made") => &["text"],
        _ => &[],
    };
    for format in formats {
        let args = ["phase", "inspect", phase.to_str().unwrap(), "-o", format].map(str::to_owned);
        let left = run(&[&args[..], &bounds(&case.args)].concat(), phase, Run::Inspect);
        left.check().map_err(|problem| format!("phase inspect -o {format}: {problem}\n{}", left.text))?;
    }
    Ok(())
}

/// Those of the arguments that are about what a phase may use.
fn bounds(args: &[String]) -> Vec<String> {
    let limits = args.iter().zip(args.iter().skip(1)).filter(|(flag, _)| *flag == "--limit");
    let limits = limits.map(|(_, limit)| format!("--limit={limit}"));
    limits.chain(args.iter().filter(|flag| *flag == "--allow-wasi").cloned()).collect()
}

/// What the program is run for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Run {
    /// To apply what a phase wants. What was compiled is kept for the next time.
    Task,
    /// The same, but it is not kept.
    TaskOnce,
    /// To look at a phase, for which it is not kept either: it would no longer be slow to compile.
    Inspect,
}

/// Runs the program on a fresh copy of `cluster/`.
fn run(args: &[String], phase: &Path, run: Run) -> Left {
    let work = tempfile::tempdir().unwrap();
    let manifests = work.path().join("manifests");
    std::fs::create_dir(&manifests).unwrap();
    let before = files(&here().join("cluster"));
    before.iter().for_each(|(name, bytes)| std::fs::write(manifests.join(name), bytes).unwrap());
    let against = [format!("--against=dir:{}", manifests.display())];
    let output = Command::new("sh")
        // Two gigabytes and a minute of processor time, or two minutes of any time: whoever needs more is ended by a signal.
        .args(["-c", "ulimit -d 2000000 && ulimit -t 60 && exec timeout 120 \"$@\"", "sh"])
        .arg(env!("CARGO_BIN_EXE_kubectl-bootstrap_token"))
        .args(args)
        .args(if run == Run::Inspect { &[][..] } else { &against })
        .env_clear()
        .env("HOME", work.path())
        .envs((run == Run::Task).then_some(("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"))))
        .stdin(Stdio::null())
        .current_dir(work.path())
        .output()
        .unwrap();
    let after = files(&manifests);
    let names = before.keys().chain(after.keys().filter(|name| !before.contains_key(*name)));
    let written = names.filter(|name| before.get(*name) != after.get(*name)).cloned().collect();
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    Left {
        code: output.status.code(),
        text: plain(&text, &[(phase, "PHASE"), (&manifests, "DIR"), (work.path(), "HOME")]),
        written,
    }
}

/// The files of a folder, by name.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(path).unwrap())).collect()
}

/// No case is left out by a wrong name, and each says what it tries.
fn every_file_belongs_to_a_case() -> Result<(), Failed> {
    let names: Vec<String> = case::all().into_iter().map(|case| case.name).collect();
    let manifest = std::fs::read_to_string(here().join("guest/Cargo.toml")).unwrap();
    let complaint = |(name, bytes): (String, Vec<u8>)| {
        let (stem, extension) = name.split_once('.')?;
        let text = String::from_utf8(bytes).unwrap();
        let is_right = match extension {
            "expected" => names.iter().any(|name| name == stem),
            "rs" => text.starts_with("// ") && manifest.contains(&format!("\"../cases/{name}\"")),
            "wat" => text.starts_with(";; "),
            _ => false,
        };
        (!is_right).then_some(name)
    };
    let complaints: Vec<String> = files(&here().join("cases")).into_iter().filter_map(complaint).collect();
    if complaints.is_empty() { Ok(()) } else { Err(format!("of no case, or without a word on it: {complaints:?}").into()) }
}
