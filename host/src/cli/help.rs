//! The help of a command: examples first, and its own flags, on one screen. The flags that many commands have are in `options`, as
//! kubectl has it (`kubectl/pkg/util/templates/templater.go`).

use super::args::Cli;
use super::headings::{CONNECTION, EVERY_COMMAND, FLEET, PHASE, RECORDINGS, REGISTRY, SAFETY};
use clap::builder::StyledStr;
use clap::{Arg, ArgAction, Command, CommandFactory as _};
use std::collections::BTreeSet;

/// How many columns help has at most, as clap lays it out without a terminal.
const COLUMNS: usize = 100;
/// Where the examples stand, and what else there is to read.
const TEMPLATE: &str = "{about-with-newline}
{usage-heading} {usage}{after-help}

{all-args}

`kubectl bootstrap-token options` lists more flags: connection, phase, registry, dry run, many clusters, recordings.
";
const TEMPLATE_OF_THE_NAME: &str = "{about-with-newline}
{usage-heading} {usage}

{all-args}

`kubectl bootstrap-token COMMAND --help` shows the flags of a command, with examples.
";
/// The headings of the flags that are in `options`.
const SHARED: [&str; 7] = [CONNECTION, PHASE, REGISTRY, SAFETY, FLEET, RECORDINGS, EVERY_COMMAND];
/// Where flags of a phase and of its registry are among the command's own.
const ABOUT_PHASES: &str = "phase";

/// The command with its help on one screen.
pub(super) fn on_a_screen(command: Command) -> Command {
    short(command, &SHARED).help_template(TEMPLATE_OF_THE_NAME).mut_subcommands(|below| {
        let is_own = |heading: &&&str| below.get_name() == ABOUT_PHASES && [PHASE, REGISTRY].contains(heading);
        let shared: Vec<&str> = SHARED.iter().filter(|heading| !is_own(heading)).copied().collect();
        all_short(below, &shared)
    })
}

fn all_short(command: Command, shared: &[&str]) -> Command {
    // clap folds what stands after the help at the width of the terminal, and an example that was folded cannot be pasted.
    let examples = command.get_after_help().map(|examples| format!("\n\n{examples}")).unwrap_or_default();
    let template = TEMPLATE.replace("{after-help}", &examples);
    let command = short(command, shared).help_template(template).disable_help_subcommand(true);
    command.mut_subcommands(|below| all_short(below, shared))
}

fn short(command: Command, shared: &[&str]) -> Command {
    let is_shared = |arg: &Arg| arg.get_help_heading().is_some_and(|heading| shared.contains(&heading));
    let command = command.mut_args(|arg| if is_shared(&arg) { arg.hide_short_help(true) } else { arg });
    let help = Arg::new("help").short('h').long("help").action(ArgAction::HelpShort).help("Print help").hide_short_help(true);
    command.disable_help_flag(true).arg(help).next_line_help(false).max_term_width(COLUMNS)
}

/// What `options` prints.
#[must_use]
pub fn options() -> StyledStr {
    let all = Cli::command();
    let of = |name: &'static str| {
        all.get_subcommands().filter(move |command| command.get_name() == name).flat_map(Command::get_arguments)
    };
    let is_fleet = |arg: &&Arg| arg.get_help_heading() == Some(FLEET);
    let of_commands = of("apply").chain(of("audit").chain(of("undo")).filter(is_fleet));
    let is_shared = |arg: &&Arg| arg.get_help_heading().is_some_and(|heading| SHARED.contains(&heading));
    let mut seen = BTreeSet::new();
    let flags = all.get_arguments().chain(of_commands).filter(is_shared).filter(|arg| seen.insert(arg.get_id().clone())).cloned();
    Command::new("options")
        .disable_help_flag(true)
        .args(flags)
        .next_line_help(false)
        .max_term_width(COLUMNS)
        .help_template("The flags that many commands share, where they apply:\n\n{all-args}\n")
        .render_help()
}
