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
    if found == case.expected || std::env::var_os("BLESS").is_some() && bless(case, &found) {
        return Ok(());
    }
    Err(format!("--- expected\n{}+++ found\n{found}", case.expected).into())
}

/// Writes what has come of a case into its source, if it has one.
fn bless(case: &Case, found: &str) -> bool {
    let source = |(extension, comment)| (here().join("cases").join(&case.name).with_extension(extension), comment);
    let Some((path, comment)) = [("rs", "//"), ("wat", ";;")].map(source).into_iter().find(|(path, _)| path.exists()) else {
        return false;
    };
    let line = |line: &str| if line.is_empty() { format!("{comment}\n") } else { format!("{comment} {line}\n") };
    let expected: String = found.lines().map(line).collect();
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, format!("{}\n\n{expected}", case::split(&text).0.trim_end())).unwrap();
    true
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
        // Two gigabytes and a minute of processor time, or two minutes of any time: whoever needs more is ended by a signal. And a
        // session of its own, in which the terminal of whoever runs the tests is none.
        .args(["-c", "ulimit -d 2000000 && ulimit -t 60 && exec timeout 120 setsid \"$@\"", "sh"])
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

/// No case is left out by a wrong name, and each says what it tries and what comes of it.
fn every_file_belongs_to_a_case() -> Result<(), Failed> {
    let is_case = |name: &str, bytes: &[u8]| {
        let text = std::str::from_utf8(bytes).unwrap();
        let comment = match name.rsplit_once('.') {
            Some((_, "rs")) => "//",
            Some((_, "wat")) => ";;",
            _ => return false,
        };
        let (source, expected) = case::split(text);
        source.starts_with(&format!("{comment} "))
            && !expected.is_empty()
            && expected.lines().all(|line| line.starts_with(comment))
    };
    let files = files(&here().join("cases")).into_iter();
    let others: Vec<String> = files.filter(|(name, bytes)| !is_case(name, bytes)).map(|(name, _)| name).collect();
    if others.is_empty() {
        Ok(())
    } else {
        Err(format!("not a case, or without what it tries or what comes of it: {others:?}").into())
    }
}
