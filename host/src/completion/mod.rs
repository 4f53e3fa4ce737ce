//! What TAB offers. Commands, flags, fixed values and files are clap's; names are those that the command would find.
//!
//! kubectl asks a program `kubectl_complete-bootstrap_token` on the path (`kubectl/pkg/cmd/plugin/plugin_completion.go`) in the words of
//! cobra (`cobra/completions.go`): one candidate in a line, a tab and its description, and last a number that says what the shell does with
//! them. That program is this one by another name, or a script of `completion kubectl`. The scripts for a shell ask in clap's way.

mod child;
mod names;

use crate::cli::parser;
use crate::config::env::Env;
use clap::Command;
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate, complete};
use clap_complete::env::{Bash, EnvCompleter, Fish, Powershell, Zsh};
use kubephase_core::shell::Shell;
use names::{Names, Source};
use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::Path;

/// The name under which kubectl asks, without the ending of programs on Windows.
const COMPLETER: &str = "kubectl_complete-bootstrap_token";
/// cobra's word for the same question.
const COMPLETE: &str = "__complete";
/// The name of the program.
const PROGRAM: &str = "kubectl-bootstrap_token";
/// The variable in which a script names its shell.
pub const VARIABLE: &str = "KUBECTL_BOOTSTRAP_TOKEN_COMPLETE";

/// cobra's directives: no space after the candidate, and no files beside the candidates.
const NO_SPACE: u8 = 2;
const NO_FILES: u8 = 4;

/// Runs a command and returns its data; `None` if it fails.
pub type Ask = fn(&[OsString]) -> Option<String>;

/// A question for candidates.
pub enum Completion {
    /// By kubectl: the words after the plugin's name, of which the last one is completed.
    Kubectl(Vec<OsString>),
    /// By a script for a shell: the words of the process.
    Script(&'static dyn EnvCompleter, Vec<OsString>),
}

impl Completion {
    /// What a process was started for; `None` if it is not to complete.
    #[must_use]
    pub fn of(args: &[OsString], env: &dyn Env) -> Option<Self> {
        let (program, words) = args.split_first()?;
        if Path::new(program).file_stem() == Some(OsStr::new(COMPLETER)) {
            return Some(Self::Kubectl(words.to_vec()));
        }
        if let Some((first, words)) = words.split_first()
            && first == COMPLETE
        {
            return Some(Self::Kubectl(words.to_vec()));
        }
        let shell = env.get(VARIABLE)?;
        let script = Shell::ALL.into_iter().filter_map(|(.., shell)| script(shell)).find(|script| script.is(&shell))?;
        Some(Self::Script(script, args.to_vec()))
    }

    /// Writes the candidates.
    ///
    /// # Errors
    /// An [`io::Error`] if they cannot be written.
    pub fn answer(self, env: &dyn Env, ask: Ask, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Kubectl(words) => {
                let word = words.last().map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
                let line: Vec<OsString> = [OsString::from(PROGRAM)].into_iter().chain(words).collect();
                let last = line.len().saturating_sub(1);
                let mut command = command(&line, env, ask);
                // Without a candidate clap says so, as an error.
                let candidates = complete(&mut command, line, last, Some(Path::new("."))).unwrap_or_default();
                for_kubectl(&word, &candidates, out)
            }
            Self::Script(script, args) => {
                let line: Vec<OsString> = args.into_iter().skip_while(|word| word != "--").skip(1).collect();
                script.write_complete(&mut command(&line, env, ask), line, Some(Path::new(".")), &mut { out })
            }
        }
    }
}

/// The command line, with the names that its arguments can have.
fn command(line: &[OsString], env: &dyn Env, ask: Ask) -> Command {
    let names = Names::new(line, env, ask);
    with_names(parser::command(), &names)
}

fn with_names(command: Command, names: &Names) -> Command {
    let named = command.mut_args(|arg| match Source::of(&arg) {
        Some(source) => {
            let names = names.clone();
            arg.add(ArgValueCandidates::new(move || names.of(source)))
        }
        None => arg,
    });
    named.mut_subcommands(|below| with_names(below, names))
}

/// Like cobra, offers flags only for a dash; and files where a path begins that is no candidate's.
fn for_kubectl(word: &str, candidates: &[CompletionCandidate], out: &mut dyn Write) -> io::Result<()> {
    let value = |candidate: &CompletionCandidate| candidate.get_value().to_string_lossy().into_owned();
    let is_meant = |candidate: &&CompletionCandidate| word.starts_with('-') || !value(candidate).starts_with('-');
    let shown: Vec<_> = candidates.iter().filter(|candidate| !candidate.is_hide_set()).filter(is_meant).collect();
    for candidate in &shown {
        let help = candidate.get_help().map(|help| help.to_string().lines().next().unwrap_or_default().to_owned());
        let end = help.filter(|help| !help.is_empty()).map(|help| format!("\t{help}")).unwrap_or_default();
        writeln!(out, "{}{end}", value(candidate))?;
    }
    let goes_on = shown.iter().any(|candidate| value(candidate).ends_with(['/', '=', ':']));
    let files = if shown.is_empty() && word.contains(['/', '.']) { 0 } else { NO_FILES };
    writeln!(out, ":{}", files | if goes_on { NO_SPACE } else { 0 })
}

/// The script by which a shell asks this program.
///
/// # Errors
/// An [`io::Error`] if it cannot be made, which does not happen.
pub fn registration(shell: Shell) -> io::Result<String> {
    let Some(script) = script(shell) else { return Ok(FOR_KUBECTL.to_owned()) };
    let mut text = Vec::new();
    script.write_registration(VARIABLE, PROGRAM, PROGRAM, PROGRAM, &mut text)?;
    let more = if shell == Shell::Bash { BASH_WORDS } else { "" };
    String::from_utf8(text).map(|text| text + more).map_err(io::Error::other)
}

/// What clap's script for bash lacks: values after `=` and `:`.
const BASH_WORDS: &str = include_str!("words.bash");

const FOR_KUBECTL: &str = "#!/bin/sh
# Completion of `kubectl bootstrap-token`, by kubectl's own: put this on your PATH as kubectl_complete-bootstrap_token, executable.
exec kubectl-bootstrap_token __complete \"$@\"
";

fn script(shell: Shell) -> Option<&'static dyn EnvCompleter> {
    Some(match shell {
        Shell::Bash => &Bash,
        Shell::Zsh => &Zsh,
        Shell::Fish => &Fish,
        Shell::Powershell => &Powershell,
        Shell::Kubectl => return None,
    })
}
