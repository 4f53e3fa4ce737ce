//! Asks for consent on a terminal.

use super::{Applicant, ConsentError};
use crate::render::terminal::{Printer, words_of_phase};
use kubephase_core::description::TaskDescription;
use kubephase_core::grant::{Allowance, Grant};
use kubephase_core::permission::{MOST_LINES, Permission, Permissions, TooLong};
#[cfg(unix)]
use std::io::IsTerminal as _;
use std::io::{self, Read};

/// The operator's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// Yes, for this run.
    Yes,
    /// No.
    No,
    /// Yes, for this file from now on.
    Always,
}

/// The maximum length of an answer, bytes.
const ANSWER_BYTES: usize = 64;

/// Shows what a phase requests and waits for an answer. `before` is what another file of this name was granted for always: then
/// the additions are shown first, and the complete request afterwards.
pub(super) fn ask(
    applicant: Applicant<'_>,
    task: &TaskDescription,
    before: Option<&Grant>,
    stdin: &mut dyn Read,
    printer: &Printer<'_>,
) -> Result<Answer, ConsentError> {
    let lines = question(applicant, task, before)
        .map_err(|source| ConsentError::TooLong { phase: applicant.description.id.to_string(), source })?;
    lines.iter().try_for_each(|line| printer.whole(line))?;
    loop {
        // Input typed before the question was shown does not answer it.
        drop_typed_ahead()?;
        printer.ask("Allow this? [yes/no/always]")?;
        match answer(stdin)?.to_ascii_lowercase().as_str() {
            "y" | "yes" => return Ok(Answer::Yes),
            "n" | "no" | "" => return Ok(Answer::No),
            "a" | "always" => return Ok(Answer::Always),
            _ => {}
        }
    }
}

/// All lines of a question.
fn question(applicant: Applicant<'_>, task: &TaskDescription, before: Option<&Grant>) -> Result<Vec<String>, TooLong> {
    let description = applicant.description;
    let mut lines = vec![format!("`{}` is not part of this plugin.", description.id)];
    lines.extend(words_of_phase("calls itself version ", &description.version));
    lines.push(format!("  file    {}", applicant.source));
    lines.push(format!("  digest  {}", applicant.digest));
    for (allowance, what) in [
        (applicant.extras.wasi, "uses WASI; the host provides an empty one (no files, network or real clock)"),
        (applicant.extras.nested, "has nested components with code"),
    ] {
        if allowance == Allowance::Allowed {
            lines.push(format!("  it      {what}"));
        }
    }
    task.permissions.can_be_asked()?;
    if let Some(before) = before {
        let digest = before.digest.as_deref().unwrap_or("another file");
        lines.push(format!("You answered `always` for a different file ({digest}) with the same phase id."));
        let new = task.permissions.beyond(&before.permissions(task.name.as_str()));
        if new.is_empty() {
            lines.push("This file asks for nothing new.".to_owned());
        } else {
            lines.push("NEW permissions:".to_owned());
            lines.extend(list(&new));
        }
    }
    if task.permissions.is_empty() {
        lines.push(format!("For the task `{}` this file asks for nothing.", task.name));
    } else {
        let all = if before.is_some() { "in all " } else { "" };
        lines.push(format!("For the task `{}` it asks {all}to:", task.name));
        lines.extend(list(&task.permissions));
    }
    if lines.len() > MOST_LINES { Err(TooLong::Lines(lines.len())) } else { Ok(lines) }
}

/// Each permission in its lines, with the phase's reason marked as its own words.
fn list(permissions: &Permissions) -> Vec<String> {
    let one = |permission: &Permission| {
        let shown = permission.lines().into_iter().enumerate();
        let mut lines: Vec<String> = shown.map(|(at, line)| format!("  {} {line}", if at == 0 { "-" } else { " " })).collect();
        lines.extend(words_of_phase("says: ", &permission.reason));
        lines
    };
    permissions.by_weight().into_iter().flat_map(one).collect()
}

#[cfg(unix)]
fn drop_typed_ahead() -> io::Result<()> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        rustix::termios::tcflush(&stdin, rustix::termios::QueueSelector::IFlush)?;
    }
    Ok(())
}

#[cfg(not(unix))]
const fn drop_typed_ahead() -> io::Result<()> {
    Ok(())
}

/// Reads a line; empty at the end of the input, which means no. A line that is too long is not an answer, and is read to its end:
/// its rest would answer the next question.
fn answer(stdin: &mut dyn Read) -> io::Result<String> {
    let mut line = Vec::new();
    let mut byte = [0_u8];
    while stdin.read(&mut byte)? == 1 && byte != *b"\n" {
        if line.len() <= ANSWER_BYTES {
            line.extend(byte);
        }
    }
    Ok(if line.len() > ANSWER_BYTES { "?".to_owned() } else { String::from_utf8_lossy(&line).trim().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::answer;

    #[test]
    fn the_rest_of_a_long_line_is_no_answer() {
        let typed = format!("{}yes\nno\n", "x".repeat(64));
        let mut stdin = typed.as_bytes();
        assert_eq!([answer(&mut stdin).unwrap(), answer(&mut stdin).unwrap(), answer(&mut stdin).unwrap()], ["?", "no", ""]);
    }
}
