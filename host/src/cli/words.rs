//! The flags that choose phase and cluster, as they were typed: a command that we print repeats them, so that it cannot drift from the one
//! that ran.

use super::kube_flags::KubeFlags;
use super::phase_flags::PhaseFlags;
use super::switch::{go_bool, switches};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args, Command};
use kubephase_core::address::Address;
use kubephase_core::join::CureFlags;

/// What is not repeated: secrets; how long to wait and how much to tell, which are of one run; and what has no effect.
const NOT_REPEATED: [&str; 13] = [
    "token",
    "password",
    "request_timeout",
    "timeout",
    "warnings_as_errors",
    "match_server_version",
    "disable_compression",
    "namespace",
    "cache_dir",
    "log_flush_frequency",
    "profile",
    "profile_output",
    "vmodule",
];

/// Where a login may be in the value: it is repeated without.
const ADDRESSES: [&str; 2] = ["server", "proxy_url"];

/// Flags of ours that kubectl does not have.
const NOT_OF_KUBECTL: &str = "proxy_url";

fn repeatable(command: &Command) -> Vec<Arg> {
    command.get_arguments().filter(|arg| !NOT_REPEATED.contains(&arg.get_id().as_str())).cloned().collect()
}

/// The flags that choose the cluster.
fn choosing_cluster() -> Vec<Arg> {
    repeatable(&switches(KubeFlags::augment_args(Command::new("words"))))
}

/// The flags that choose phase and cluster.
fn choosing() -> Vec<Arg> {
    repeatable(&switches(PhaseFlags::augment_args(KubeFlags::augment_args(Command::new("words")))))
}

/// The words of those that were typed.
#[must_use]
pub fn typed(matches: &ArgMatches) -> Vec<String> {
    choosing().iter().flat_map(|arg| words(arg, deepest(matches))).collect()
}

/// The words of those that chose the cluster, for the commands of a cure.
#[must_use]
pub fn for_cures(matches: &ArgMatches) -> CureFlags {
    let deepest = deepest(matches);
    let flags = |is_known: fn(&Arg) -> bool| {
        let words: Vec<String> =
            choosing_cluster().iter().filter(|arg| is_known(arg)).flat_map(|arg| words(arg, deepest)).collect();
        // An argument cannot contain NUL.
        shlex::try_join(words.iter().map(String::as_str)).unwrap_or_default()
    };
    CureFlags { plugin: flags(|_| true), kubectl: flags(|arg| arg.get_id() != NOT_OF_KUBECTL) }
}

/// The words of those that say how to reach the cluster, secrets among them: for a process of ours, not to be printed.
#[must_use]
pub fn of_cluster(matches: &ArgMatches) -> Vec<String> {
    let flags = switches(KubeFlags::augment_args(Command::new("words")));
    let is_wait = |arg: &&Arg| ["request_timeout", "timeout"].contains(&arg.get_id().as_str());
    flags.get_arguments().filter(|arg| !is_wait(arg)).flat_map(|arg| words(arg, deepest(matches))).collect()
}

fn deepest(matches: &ArgMatches) -> &ArgMatches {
    let mut deepest = matches;
    while let Some((_, below)) = deepest.subcommand() {
        deepest = below;
    }
    deepest
}

/// The words of a flag; none if it was not typed, or the command does not have it.
fn words(arg: &Arg, matches: &ArgMatches) -> Vec<String> {
    let id = arg.get_id().as_str();
    let is_typed = matches.try_contains_id(id).is_ok() && matches.value_source(id) == Some(ValueSource::CommandLine);
    let (true, Some(long)) = (is_typed, arg.get_long()) else { return Vec::new() };
    let flag = format!("--{long}");
    let values = matches.get_raw(id).into_iter().flatten().map(|value| value.to_string_lossy().into_owned());
    match (arg.is_require_equals_set(), arg.get_action().takes_values()) {
        // A switch; what is declined is its default.
        (true, _) => values.filter(|value| go_bool(value) == Ok(true)).map(|_| flag.clone()).collect(),
        (false, false) => vec![flag],
        (false, true) => values.flat_map(|value| [flag.clone(), repeated(id, value)]).collect(),
    }
}

fn repeated(id: &str, value: String) -> String {
    if ADDRESSES.contains(&id) { Address::of(&value).url().to_owned() } else { value }
}

#[cfg(test)]
mod tests {
    use super::{ADDRESSES, NOT_REPEATED, choosing, for_cures, typed};
    use crate::cli::parser::command;
    use std::collections::BTreeSet;

    /// Every flag of both groups, once.
    #[test]
    fn each_flag_that_was_typed_is_repeated() {
        let ids: BTreeSet<String> = choosing().iter().map(|arg| arg.get_id().to_string()).collect();
        assert!(ADDRESSES.iter().all(|id| ids.contains(*id)));
        let mut line: Vec<String> = ["k", "apply"].map(str::to_owned).to_vec();
        for arg in choosing() {
            let flag = format!("--{}", arg.get_long().unwrap());
            let value = arg.get_possible_values().last().map_or_else(|| "a=b".to_owned(), |value| value.get_name().to_owned());
            let has_value = arg.get_action().takes_values() && !arg.is_require_equals_set();
            line.extend(std::iter::once(flag).chain(has_value.then_some(value)));
        }
        let matches = command().try_get_matches_from(&line).unwrap();
        let expected: Vec<String> = line.into_iter().skip(2).collect();
        assert_eq!(typed(&matches), expected);
    }

    #[test]
    fn a_cure_is_for_the_same_cluster() {
        let line = ["k", "check", "--context", "the prod", "abcdef", "--as", "x", "--token", "a", "--proxy-url", "http://h"];
        let flags = for_cures(&command().try_get_matches_from(line).unwrap());
        assert_eq!(flags.kubectl, "--context 'the prod' --as x");
        assert_eq!(flags.plugin, "--context 'the prod' --as x --proxy-url http://h");
    }

    #[test]
    fn secrets_are_not_repeated() {
        let line = ["k", "--token", "a", "apply", "--password", "b", "--server", "https://c:d@e", "--proxy-url", "http://f:g@h"];
        let words = typed(&command().try_get_matches_from(line).unwrap());
        assert_eq!(words, ["--server", "https://e", "--proxy-url", "http://h"]);
    }

    #[test]
    fn a_flag_that_is_declined_is_not_repeated() {
        for (typed_as, repeated) in [
            ("=true", &["--insecure-skip-tls-verify"][..]),
            ("=1", &["--insecure-skip-tls-verify"]),
            ("", &["--insecure-skip-tls-verify"]),
            ("=false", &[]),
        ] {
            let flag = format!("--insecure-skip-tls-verify{typed_as}");
            assert_eq!(typed(&command().try_get_matches_from(["k", &flag, "apply"]).unwrap()), repeated, "{flag}");
        }
    }

    #[test]
    fn what_is_not_repeated_exists() {
        let command = command();
        let ids: BTreeSet<String> = command.get_arguments().map(|arg| arg.get_id().to_string()).collect();
        assert!(NOT_REPEATED.iter().all(|id| ids.contains(*id)), "{ids:?}");
    }
}
