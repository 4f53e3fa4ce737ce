//! From the words of a process to [`Cli`], with the habits of Go's flags that clap does not have, and clap's errors without its guesses.

use super::args::Cli;
use super::check_flags::with_separator;
use super::help::on_a_screen;
use super::switch::switches;
use super::words;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory as _, FromArgMatches as _};
use kubephase_core::join::CureFlags;
use std::ffi::OsString;

/// A parsed command line, and its flags as words for commands that are printed.
pub struct CommandLine {
    /// The command and its flags.
    pub cli: Cli,
    /// The flags that choose phase and cluster.
    pub words: Vec<String>,
    /// Those that choose the cluster, for the commands of a cure.
    pub cure_flags: CureFlags,
}

/// Parses the words of a process.
///
/// # Errors
/// clap's error, which may be a request for help.
pub fn parse(args: impl Iterator<Item = OsString>) -> Result<CommandLine, clap::Error> {
    let matches = command().try_get_matches_from(with_separator(args.collect())).map_err(without_guesses)?;
    let cli = Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command()))?;
    Ok(CommandLine { cli, words: words::typed(&matches), cure_flags: words::for_cures(&matches) })
}

/// The command line, whose switches also take a value, as in Go: `--expired=true`.
#[must_use]
pub fn command() -> Command {
    on_a_screen(switches(Cli::command()))
}

/// What to type in place of a command that kubectl or other plugins have.
const OTHER_COMMANDS: [(&str, &str); 7] = [
    ("describe", "list ID -o yaml"),
    ("edit", "apply TOKEN"),
    ("update", "apply TOKEN"),
    ("extend", "renew ID"),
    ("remove", "delete ID"),
    ("diff", "plan -o diff"),
    ("join", "check -- kubeadm join …"),
];

/// What to type in place of a flag, with the command that it was typed for.
const OTHER_FLAGS: [(&str, &str, &str); 7] = [
    ("plan", "--dry-run", "`plan` never writes; to have the server check it: `apply --dry-run=server`"),
    ("plan", "--plan", "`plan show FILE` shows a saved plan, `apply --plan FILE --dry-run` what it would do now"),
    ("delete", "--all", "name the tokens: `list -o name` prints their names"),
    ("check", "--against", "`check` needs an API server; `audit --against` reads a folder"),
    ("list", "--watch", "`list` does not watch: it prints the tokens once"),
    ("undo", "--all", "`undo` undoes one run at a time, the latest first; `undo list` shows them"),
    ("apply", "--force", "`apply` overwrites what differs, and stops if someone else changes it meanwhile"),
];

/// clap suggests whatever is spelled most alike, such as `--allow-wasi` for `--all`: a suggestion stays if it can only be a slip of the
/// finger, and what is known to be meant is said instead.
fn without_guesses(error: clap::Error) -> clap::Error {
    let mut error = without_taking_it_for_a_command(error);
    let usage = match error.get(ContextKind::Usage) {
        Some(ContextValue::StyledStr(usage)) => usage.to_string(),
        _ => String::new(),
    };
    let text = |error: &clap::Error, kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        _ => String::new(),
    };
    for (typed, suggested) in [
        (ContextKind::InvalidArg, ContextKind::SuggestedArg),
        (ContextKind::InvalidValue, ContextKind::SuggestedValue),
        (ContextKind::InvalidSubcommand, ContextKind::SuggestedSubcommand),
    ] {
        let typed = text(&error, typed);
        let all = match error.get(suggested) {
            Some(ContextValue::String(one)) => vec![one.clone()],
            Some(ContextValue::Strings(all)) => all.clone(),
            _ => continue,
        };
        match all.into_iter().find(|other| is_slip(&typed, other)) {
            Some(slip) if matches!(error.get(suggested), Some(ContextValue::String(_))) => {
                error.insert(suggested, ContextValue::String(slip));
            }
            Some(slip) => drop(error.insert(suggested, ContextValue::Strings(vec![slip]))),
            None => {
                error.remove(suggested);
                // It is about the guess.
                error.remove(ContextKind::Usage);
            }
        }
    }
    // Such as `-- --dry-run` for a flag that another command has.
    error.remove(ContextKind::Suggested);
    error.remove(ContextKind::TrailingArg);
    let known = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let typed = text(&error, ContextKind::InvalidSubcommand);
            OTHER_COMMANDS.iter().find(|(name, _)| *name == typed).map(|(_, meant)| format!("use `{meant}`"))
        }
        ErrorKind::UnknownArgument => {
            let typed = text(&error, ContextKind::InvalidArg);
            let is_of = |command: &str| usage.contains(&format!("kubectl bootstrap-token {command} "));
            let flag = OTHER_FLAGS.iter().find(|(command, flag, _)| *flag == typed && is_of(command));
            flag.map(|(_, _, meant)| (*meant).to_owned())
        }
        _ => None,
    };
    if let Some(known) = known {
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(known)]));
    }
    error
}

/// Where a command takes arguments or commands, clap takes any second argument for a command.
fn without_taking_it_for_a_command(error: clap::Error) -> clap::Error {
    let command = command();
    let is_command =
        |name: &str| command.get_subcommands().flat_map(Command::get_subcommands).any(|below| below.get_name() == name);
    match error.get(ContextKind::InvalidSubcommand) {
        Some(typed @ ContextValue::String(name)) if error.kind() == ErrorKind::ArgumentConflict && !is_command(name) => {
            let mut unexpected = clap::Error::new(ErrorKind::UnknownArgument).with_cmd(&command);
            unexpected.insert(ContextKind::InvalidArg, typed.clone());
            if let Some(usage) = error.get(ContextKind::Usage) {
                unexpected.insert(ContextKind::Usage, usage.clone());
            }
            unexpected
        }
        _ => error,
    }
}

/// Whether a word differs from another one by at most two letters, of which the first is not one.
fn is_slip(typed: &str, meant: &str) -> bool {
    let [typed, meant] = [typed, meant].map(|word| word.trim_start_matches('-'));
    let is_long = typed.chars().count() > 3;
    is_long && typed.chars().next() == meant.chars().next() && strsim::damerau_levenshtein(typed, meant) <= 2
}
