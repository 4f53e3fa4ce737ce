//! The commands of the book are run in their order, and say what the book shows. How a chapter is written: CONTRIBUTING.md.

use crate::harness::{Cluster, here, trial};
use libtest_mimic::Trial;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

/// What stands for any text in a line, or alone for any number of lines.
const ANY: &str = "…";

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    let chapters = chapters().into_iter().filter(|(_, text)| text.contains("\n```console"));
    chapters.map(|(name, text)| trial(format!("book::{name}"), cluster, move |cluster| read(cluster, &name, &text))).collect()
}

/// The chapters that SUMMARY.md names, and their text.
fn chapters() -> Vec<(String, String)> {
    let docs = here().join("../../docs");
    let summary = std::fs::read_to_string(docs.join("SUMMARY.md")).unwrap();
    let named =
        summary.lines().filter_map(|line| line.trim().strip_suffix(".md)")?.rsplit_once("](").map(|(_, name)| name.to_owned()));
    named.map(|name| (name.clone(), std::fs::read_to_string(docs.join(name + ".md")).unwrap())).collect()
}

/// A part of a chapter that does something.
enum Part {
    /// What is prepared and not shown.
    Setup(String),
    /// A file that the reader writes, with its name.
    File(String, String),
    /// A command, the lines that are shown of what it says, and its exit code.
    Command(String, Vec<String>, i32),
}

fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut lines: VecDeque<&str> = text.lines().collect();
    while let Some(line) = lines.pop_front() {
        if line.trim() == "<!-- setup" {
            parts.push(Part::Setup(until(&mut lines, "-->").join("\n")));
        } else if let Some(info) = line.strip_prefix("```") {
            let block = until(&mut lines, "```");
            match info.split_once(" title=") {
                Some((_, name)) => parts.push(Part::File(name.to_owned(), block.join("\n") + "\n")),
                None if info == "console" => commands(&block, &mut parts),
                None => assert!(
                    !["sh", "bash", "shell"].contains(&info),
                    "```{info}: what can be run is `console`, else it is `text`"
                ),
            }
        }
    }
    parts
}

fn until<'a>(lines: &mut VecDeque<&'a str>, end: &str) -> Vec<&'a str> {
    let count = lines.iter().position(|line| line.trim() == end).unwrap_or_else(|| panic!("no end: {end}"));
    let block = lines.drain(..count).collect();
    lines.pop_front();
    block
}

fn commands(block: &[&str], parts: &mut Vec<Part>) {
    let mut lines: VecDeque<&str> = block.iter().copied().collect();
    while let Some(line) = lines.pop_front() {
        let mut command = line.strip_prefix("$ ").unwrap_or_else(|| panic!("no command: {line}")).to_owned();
        while command.ends_with('\\') {
            command = format!("{command}\n{}", lines.pop_front().unwrap());
        }
        let count = lines.iter().position(|line| line.starts_with("$ ")).unwrap_or(lines.len());
        let mut shown: Vec<String> = lines.drain(..count).map(str::to_owned).collect();
        let code = |line: &String| line.strip_prefix("# exit code ").map(|code| code.parse().unwrap());
        let exit = shown.iter().find_map(code).unwrap_or(0);
        shown.retain(|line| code(line).is_none());
        parts.push(Part::Command(command, trimmed(shown), exit));
    }
}

fn trimmed(mut lines: Vec<String>) -> Vec<String> {
    while lines.last().is_some_and(|line| line.trim().is_empty()) {
        lines.pop();
    }
    lines
}

/// Whether lines are those that are shown.
fn is_shown(shown: &[String], said: &[String]) -> bool {
    match (shown.split_first(), said.split_first()) {
        (None, None) => true,
        (Some((any, shown)), _) if any == ANY => (0..=said.len()).any(|left_out| is_shown(shown, &said[left_out..])),
        (Some((line, shown)), Some((found, said))) => fits(line, found) && is_shown(shown, said),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

fn fits(shown: &str, said: &str) -> bool {
    let Some((before, rest)) = shown.split_once(ANY) else { return shown == said };
    let after = said.strip_prefix(before);
    after.is_some_and(|after| after.char_indices().map(|(at, _)| at).chain([after.len()]).any(|at| fits(rest, &after[at..])))
}

fn read(cluster: &Cluster, name: &str, text: &str) {
    cluster.reset();
    let root = tempfile::tempdir().unwrap();
    let folder = |name: &str| {
        let path = root.path().join(name);
        std::fs::create_dir_all(&path).unwrap();
        path
    };
    let (home, work) = (folder("home"), folder("work"));
    let bash = |words: &[&str]| {
        let mut command = cluster.command("bash", words);
        command
            .current_dir(&work)
            .env("PATH", crate::completion::installed(cluster))
            .env("HOME", &home)
            .env_remove("XDG_STATE_HOME")
            .env("KUBECACHEDIR", home.join("kubectl"))
            .env("CLUSTER_INIT_CONFIG", cluster.dir.join("init.yaml"))
            .env("CLUSTER_PKI", cluster.dir.join("pki"))
            .env("REPO", here().join("../..").canonicalize().unwrap())
            .env("LANG", "C.UTF-8");
        command
    };
    let mut number = 0;
    for part in parts(text) {
        match part {
            Part::Setup(script) => {
                let (code, said) = together(bash(&["-e", "-c", &script]));
                assert_eq!(code, 0, "docs/{name}.md: {script}\n{}", said.join("\n"));
            }
            Part::File(file, content) => write(&work.join(file), &content),
            Part::Command(command, shown, exit) => {
                number += 1;
                let (code, said) = together(bash(&["-c", &command]));
                let is_right = code == exit && (shown.is_empty() || is_shown(&shown, &trimmed(said.clone())));
                let [shown, said] = [shown, said].map(|lines| lines.join("\n"));
                assert!(
                    is_right,
                    "docs/{name}.md\n$ {command}\n--- shown, exit code {exit}\n{shown}\n+++ said, exit code {code}\n{said}"
                );
            }
        }
    }
    assert!(number > 0, "there are commands");
}

fn write(file: &Path, content: &str) {
    std::fs::create_dir_all(file.parent().map(PathBuf::from).unwrap()).unwrap();
    std::fs::write(file, content).unwrap();
}

/// Both streams, as they follow each other on a terminal.
fn together(mut command: Command) -> (i32, Vec<String>) {
    let said = tempfile::NamedTempFile::new().unwrap();
    let stream = || std::fs::File::options().append(true).open(said.path()).unwrap();
    let code = command.stdin(Stdio::null()).stdout(stream()).stderr(stream()).status().unwrap().code().unwrap();
    let text = std::fs::read_to_string(said.path()).unwrap();
    (code, text.lines().map(str::to_owned).collect())
}
