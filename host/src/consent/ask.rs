//! The question on a terminal.

use super::Applicant;
use crate::render::terminal::Printer;
use kubephase_core::description::Task;
use kubephase_core::grant::{Allowance, Grant};
use kubephase_core::permission::Permissions;
use std::io::{self, Read};

/// What a person answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// For this run.
    Yes,
    /// Not at all.
    No,
    /// For this file, from now on.
    Always,
}

/// No answer is longer.
const ANSWER_BYTES: usize = 64;

/// Shows what a phase asks for and waits for an answer. `before` is what another file of this name was allowed for always: then only
/// what goes beyond it is shown.
pub(super) fn ask(
    applicant: Applicant<'_>,
    task: &Task,
    before: Option<&Grant>,
    stdin: &mut dyn Read,
    printer: &Printer<'_>,
) -> io::Result<Answer> {
    let description = applicant.description;
    printer.talk(&format!("`{}` {} is not part of this plugin.", description.id, description.version))?;
    printer.talk(&format!("  file    {}", applicant.source))?;
    printer.talk(&format!("  digest  {}", applicant.digest))?;
    for (allowance, what) in [
        (applicant.extras.wasi, "imports WASI, which has nothing in it"),
        (applicant.extras.nested, "has components with code nested in it"),
    ] {
        if allowance == Allowance::Allowed {
            printer.talk(&format!("  it      {what}"))?;
        }
    }
    let known = before.map(|grant| grant.permissions(task.name.as_str()));
    let asked = known.as_ref().map_or_else(|| task.permissions.clone(), |known| task.permissions.beyond(known));
    if let Some(before) = before {
        let digest = before.digest.as_deref().unwrap_or("another file");
        printer.talk(&format!("You allowed {digest} for always, which gave itself the same name."))?;
    }
    let more = if before.is_some() { " beyond that" } else { "" };
    if asked.is_empty() {
        printer.talk(&format!("For the task `{}` this file asks for nothing{more}.", task.name))?;
    } else {
        printer.talk(&format!("For the task `{}` it asks{more} to:", task.name))?;
        list(&asked, printer)?;
    }
    loop {
        printer.ask("Allow this? [yes/no/always]")?;
        match answer(stdin)?.to_ascii_lowercase().as_str() {
            "y" | "yes" => return Ok(Answer::Yes),
            "n" | "no" | "" => return Ok(Answer::No),
            "a" | "always" => return Ok(Answer::Always),
            _ => {}
        }
    }
}

/// Each permission as a sentence, and the phase's reason for it, marked as its words.
fn list(permissions: &Permissions, printer: &Printer<'_>) -> io::Result<()> {
    permissions.0.iter().try_for_each(|permission| {
        printer.talk(&format!("  - {permission}"))?;
        if permission.reason.is_empty() { Ok(()) } else { printer.talk(&format!("    it says: \"{}\"", permission.reason)) }
    })
}

/// A line; empty at the end of the input, which is a no.
fn answer(stdin: &mut dyn Read) -> io::Result<String> {
    let mut line = Vec::new();
    let mut byte = [0_u8];
    while line.len() < ANSWER_BYTES && stdin.read(&mut byte)? == 1 && byte != *b"\n" {
        line.extend(byte);
    }
    Ok(String::from_utf8_lossy(&line).trim().to_owned())
}
