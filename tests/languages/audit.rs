//! An audit, by transcripts. The cases of a rule are in a folder of its name: what it finds is called `found-…`, what looks alike and is
//! as it should be `not-…`.

use crate::{Answers, Phase, host::host, root};
use libtest_mimic::Trial;
use std::collections::BTreeSet;
use std::path::Path;

/// It reads times as the token cleaner does.
pub(crate) const PHASE: Phase =
    Phase { name: "audit-uploaded-certs", flags: &[], sources: &["examples/phases/token-cleaner-rust/src"] };

/// What is run for a case without a file `cmd`: the audit, and if it must find something the fix, too. PHASE is the folder of the phase,
/// DIR a copy of the case's `cluster`, HERE the case.
const AUDIT: &str = "audit --grant PHASE/grant.yaml --now 2026-11-24T12:00:00Z";
const CURE: [&str; 3] = [
    "audit --grant PHASE/grant.yaml --grant PHASE/grant-fix.yaml --now 2026-11-24T12:00:00Z --fix-out PLAN",
    "apply --plan PLAN --grant PHASE/grant-fix.yaml --undo-out UNDO",
    AUDIT,
];

/// What the plugin says, command by command.
pub(crate) fn answers(case: &Path, phase: Phase, component: &Path) -> Result<Answers, String> {
    let name = case.file_name().unwrap().to_string_lossy();
    let given = std::fs::read_to_string(case.join("cmd"));
    let commands: Vec<&str> = match &given {
        Ok(text) => text.lines().collect(),
        Err(_) if name.starts_with("found-") => CURE.to_vec(),
        Err(_) => vec![AUDIT],
    };
    let work = tempfile::tempdir().unwrap();
    copy(&case.join("cluster"), &work.path().join("DIR"));
    // By links, since the path of the repository may have a blank in it, and what is printed would be quoted.
    for (name, folder) in [("PHASE", root().join("examples/phases").join(phase.name)), ("HERE", case.to_owned())] {
        std::os::unix::fs::symlink(folder.canonicalize().unwrap(), work.path().join(name)).unwrap();
    }
    let said: Vec<String> = commands.iter().map(|command| transcript(command, phase, component, work.path())).collect();
    if given.is_err() {
        judge(&case.parent().unwrap().file_name().unwrap().to_string_lossy(), &name, &said)?;
    }
    Ok(vec![("expected.txt", said.concat())])
}

/// A rule finds what it must find and nothing else, and nothing after the fix.
fn judge(rule: &str, case: &str, said: &[String]) -> Result<(), String> {
    let says = |said: &String| said.lines().find(|line| line.starts_with(&format!("  {rule}  "))).map(str::to_owned);
    let (first, last) = (said.first().and_then(says), said.last().and_then(says));
    match (&first, case.starts_with("found-")) {
        (None, true) => Err(format!("`{rule}` does not find it: {said:?}")),
        (Some(line), false) => Err(format!("`{rule}` finds it: {line}")),
        (Some(line), true) if line.ends_with("(fixable)") == last.is_some() => {
            Err(format!("the cure is not as it says: {said:?}"))
        }
        _ => Ok(()),
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).into_iter().flatten() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

/// A command and what came of it.
fn transcript(command: &str, phase: Phase, component: &Path, work: &Path) -> String {
    let places = ["PHASE", "HERE", "DIR", "PLAN", "UNDO"].map(|name| (name, work.join(name).to_string_lossy().into_owned()));
    let placed = |text: &str| places.iter().fold(text.to_owned(), |text, (name, path)| text.replace(name, path));
    let arguments: Vec<String> = command.split_whitespace().chain(["--against", "dir:DIR"]).map(placed).collect();
    let output = host(phase, component, &arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    let text = text.replace(&*component.to_string_lossy(), "PHASE.wasm");
    let text = places.iter().fold(text, |text, (name, path)| text.replace(path, name));
    let lines: String = text.split_inclusive('\n').map(without_digest).collect();
    format!("$ {command}\n{lines}exit {}\n\n", output.status.code().unwrap())
}

/// A line without the digest of the phase, which is another one with each change of it.
fn without_digest(line: &str) -> String {
    match line.split_once("sha256:") {
        Some((start, _)) if start.contains("digest") => format!("{start}…\n"),
        _ => line.to_owned(),
    }
}

/// Each rule has a case that it finds and one that it does not, and is in the README.
pub(crate) fn rules() -> Trial {
    Trial::test(format!("{}/every-rule-has-cases", PHASE.name), || {
        let source = root().join("examples/phases").join(PHASE.name);
        let [rules, readme] = ["src/rule.rs", "README.md"].map(|name| std::fs::read_to_string(source.join(name)).unwrap());
        let cells = |text: &str, before: &str, end: char| -> BTreeSet<String> {
            let cells = text.lines().filter_map(|line| line.trim().strip_prefix(before)?.split_once(end));
            cells.map(|(rule, _)| rule.to_owned()).collect()
        };
        let rules = cells(&rules, "id: \"", '"');
        assert!(rules.len() >= 5, "the rules are there");
        assert_eq!(cells(&readme, "| `", '`'), rules, "the table of the README");
        for rule in rules {
            let entries = std::fs::read_dir(root().join("tests/languages/audits").join(&rule)).unwrap();
            let names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
            for start in ["found-", "not-"] {
                assert!(names.iter().any(|name| name.starts_with(start)), "`{rule}` has no case `{start}…`");
            }
        }
        Ok(())
    })
}
