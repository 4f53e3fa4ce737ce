//! The pages of the book that the program says itself: `BLESS=1` writes them.

use super::words::assert_blessed;
use kubectl_bootstrap_token::cli::{help, parser};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::{Command, Stdio};

/// The columns of a page.
const COLUMNS: usize = 100;

#[test]
fn commands() {
    let mut program = parser::command().term_width(COLUMNS);
    program.build();
    let mut page =
        "# Commands and flags\n\nWhat `--help` prints. [What the commands and flags mean](flags.md) says more.\n".to_owned();
    add(&program, &mut page);
    write!(page, "\n## options\n\n```text\n{}```\n", trimmed(&help::options().to_string())).unwrap();
    assert_blessed("docs/reference/commands.md", &page);
}

fn add(command: &clap::Command, page: &mut String) {
    let path = command.get_bin_name().unwrap_or_default();
    let name = path.strip_prefix("kubectl bootstrap-token").unwrap_or(path).trim();
    let heading = if name.is_empty() { path } else { name };
    let help = command.clone().render_help().to_string();
    write!(page, "\n## {heading}\n\n```text\n{}```\n", trimmed(&help)).unwrap();
    // `token` has the commands of kubeadm that are here anyway.
    let below =
        command.get_subcommands().filter(|below| !["help", "options"].contains(&below.get_name()) && !below.is_hide_set());
    below.for_each(|below| add(below, page));
}

fn trimmed(text: &str) -> String {
    text.trim().lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

#[test]
fn rules() {
    let list = said(&["explain"]);
    let mut page =
        "# Rules of `audit`, steps and causes of `check`\n\nWhat `explain` prints. [Read a finding, a step or a cause](explain.md) says how to \
                    use it.\n\n```text\n"
            .to_owned();
    page += &trimmed(&list);
    page += "```\n";
    let tables: Vec<&str> = list.split("\n\n").collect();
    let mut told = BTreeSet::new();
    let first_words = |table: &str| -> Vec<String> {
        table.lines().skip(1).filter_map(|line| line.split_whitespace().next().map(str::to_owned)).collect()
    };
    for (heading, names) in ["Rules", "Steps", "Causes"].into_iter().zip(tables.into_iter().map(first_words)) {
        assert!(names.len() > 5, "{names:?}");
        write!(page, "\n## {heading}\n").unwrap();
        // What is said of one name is all that has it.
        for name in names.into_iter().filter(|name| told.insert(name.clone())) {
            write!(page, "\n### {name}\n\n```text\n{}```\n", trimmed(&said(&["explain", &name]))).unwrap();
        }
    }
    assert_blessed("docs/reference/rules.md", &page);
}

fn said(words: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kubectl-bootstrap_token"));
    let output = command.args(words).env_clear().stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
