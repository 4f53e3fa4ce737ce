//! Switches: flags that are there or not, and that also take a value, as in Go: `--expired=true`.

use clap::builder::{NonEmptyStringValueParser, TypedValueParser as _};
use clap::{Arg, ArgAction, Command};

/// The same command with its switches.
pub(super) fn switches(command: Command) -> Command {
    command.mut_args(switch).mut_subcommands(switches)
}

fn switch(arg: Arg) -> Arg {
    if !matches!(arg.get_action(), ArgAction::SetTrue) {
        return arg;
    }
    let is_true = NonEmptyStringValueParser::new().try_map(|text| go_bool(&text));
    arg.action(ArgAction::Set)
        .num_args(0..=1)
        .require_equals(true)
        .default_missing_value("true")
        .default_value("false")
        .hide_default_value(true)
        .value_name("BOOL")
        .value_parser(is_true)
}

/// A boolean as Go's `strconv.ParseBool` reads it.
///
/// # Errors
/// Go's words for anything else.
pub(super) fn go_bool(text: &str) -> Result<bool, String> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Ok(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Ok(false),
        _ => Err("invalid syntax: must be true or false".to_owned()),
    }
}
