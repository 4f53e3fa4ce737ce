//! `kubectl bootstrap-token`: the host. See `ARCHITECTURE.md` for the way of a plan through these modules.
//!
//! Reading order: [`cli`] (what was typed), [`config`] (what is meant), [`artifact`] (where phases come from), [`trust`] (who signed them),
//! [`component`] (the sandbox), [`cluster`] (the world), [`render`] (what is shown); [`phase`] (from a name to a phase that answers),
//! [`consent`] (what it may do), [`session`] (the stages of a plan), [`check`] (the eyes of a joining node), and [`commands`] (the verbs).

pub mod artifact;
pub mod check;
pub mod cli;
pub mod cluster;
pub mod commands;
pub mod component;
pub mod config;
pub mod consent;
pub mod entropy;
pub mod errors;
pub mod interrupt;
pub mod phase;
pub mod render;
pub mod session;
pub mod store;
pub mod trust;
pub mod yaml;

use clap::Parser as _;
use cli::args::{Cli, Command};
use cli::check_flags::with_separator;
use cli::phase_args::PhaseCommand;
use config::PhaseConfig;
use config::env::{Env, ProcessEnv, has_colours};
use consent::Person;
use errors::Error;
use kubephase_core::outcome::Outcome;
use render::terminal::{Paint, Printer};
use std::ffi::OsString;
use std::io::{IsTerminal as _, Read, Write};

/// What a process is given.
pub struct Streams {
    /// Standard input.
    pub stdin: Box<dyn Read>,
    /// Standard output: data.
    pub stdout: Box<dyn Write>,
    /// Standard error: talk.
    pub stderr: Box<dyn Write>,
    /// The environment.
    pub env: Box<dyn Env>,
    /// Whether a person reads standard error and answers on standard input.
    pub terminal: Terminal,
    /// Whether a person sees standard output, and colours in it.
    pub paint: Paint,
    /// Whether a person sees standard error, and colours in it.
    pub talk_paint: Paint,
}

/// Whether there is a terminal with a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terminal {
    /// There is.
    Present,
    /// There is none.
    Absent,
}

impl Streams {
    /// The process's own.
    #[must_use]
    pub fn of_process() -> Self {
        let is_there = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        let paint = |is_terminal: bool| if is_terminal && has_colours(&ProcessEnv) { Paint::Colours } else { Paint::Plain };
        Self {
            paint: paint(std::io::stdout().is_terminal()),
            talk_paint: paint(std::io::stderr().is_terminal()),
            terminal: if is_there { Terminal::Present } else { Terminal::Absent },
            stdin: Box::new(std::io::stdin()),
            stdout: Box::new(std::io::stdout()),
            stderr: Box::new(std::io::stderr()),
            env: Box::new(ProcessEnv),
        }
    }
}

/// Runs a command line.
pub fn run(args: impl Iterator<Item = OsString>, streams: &mut Streams) -> Outcome {
    let cli = match Cli::try_parse_from(with_separator(args.collect())) {
        Ok(cli) => cli,
        Err(error) => return usage(&error, streams),
    };
    let printer = Printer::new(&mut streams.stdout, &mut streams.stderr, cli.verbosity)
        .painted(streams.paint)
        .painted_talk(streams.talk_paint);
    let are_errors = cli.kube.warnings_as_errors;
    let result = dispatch(cli, streams.env.as_ref(), &mut streams.stdin, streams.terminal, &printer);
    match result {
        Ok(Outcome::Done) if are_errors && printer.warnings() > 0 => {
            let several = if printer.warnings() == 1 { "warning" } else { "warnings" };
            // As kubectl: what was done is done, and the answer is no.
            let _ = printer.talk(&format!("error: {} {several} received", printer.warnings()));
            Outcome::No
        }
        Ok(outcome) => outcome,
        Err(error) => {
            for line in error.lines() {
                // There is no other place to complain.
                let _ = printer.talk(&line);
            }
            Outcome::Failed
        }
    }
}

fn dispatch(cli: Cli, env: &dyn Env, stdin: &mut dyn Read, terminal: Terminal, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let run = match cli.command {
        Command::Apply(args) => config::Run::apply(args, cli.kube, env, stdin)?,
        Command::Plan(args) => config::Run::plan(args, cli.kube, env, stdin)?,
        Command::Create(args) => config::Run::create(args, cli.kube, env, stdin)?,
        Command::Delete(args) => config::Run::delete(args, cli.kube, env, stdin)?,
        Command::List(args) => {
            let list = config::token::List::of(args, cli.kube, env)?;
            return commands::list::list(&list, printer);
        }
        Command::Generate => return commands::generate::generate(printer),
        Command::Rbac(args) => {
            let (naming, format) = (config::rbac::naming(&args)?, args.output);
            let run = config::Run::rbac(args, cli.kube, env, stdin)?;
            return commands::rbac::rbac(run, &naming, format, person(terminal, stdin), printer);
        }
        Command::Check(args) => {
            let check = config::check::Check::of(args, cli.kube, env)?;
            return commands::check::run(check, printer);
        }
        Command::Audit(args) => {
            let audit = config::audit::Audit::of(args, cli.kube, env)?;
            return commands::audit::audit(audit, person(terminal, stdin), printer);
        }
        Command::Phase(PhaseCommand::Artifact(command)) => return commands::phase::run(command, env, printer),
        Command::Phase(PhaseCommand::Diff(args)) => {
            let comparison = config::difference::Comparison::of(args, cli.kube, env, stdin)?;
            return commands::phase::diff(comparison, person(terminal, stdin), printer);
        }
        Command::Phase(PhaseCommand::New(args)) => {
            let scaffold = config::scaffold::Scaffold::of(args)?;
            return commands::phase::new::new(&scaffold, printer);
        }
        Command::Phase(PhaseCommand::Test(args)) => {
            let cases = config::cases::Cases::of(args, cli.kube, env)?;
            return commands::phase::test::test(&cases, printer);
        }
        Command::Version(args) => {
            let config = PhaseConfig::embedded(env)?;
            return commands::version::version(args.output, &config, printer).map(|()| Outcome::Done);
        }
    };
    commands::run::run(run, person(terminal, stdin), printer)
}

/// Who can be asked.
fn person(terminal: Terminal, stdin: &mut dyn Read) -> Person<'_> {
    match terminal {
        Terminal::Present => Person::There(stdin),
        Terminal::Absent => Person::Absent,
    }
}

/// Help, or what is wrong with the command line. Both are clap's own text.
fn usage(error: &clap::Error, streams: &mut Streams) -> Outcome {
    let text = error.render().to_string();
    let (stream, outcome) =
        if error.use_stderr() { (&mut streams.stderr, Outcome::Failed) } else { (&mut streams.stdout, Outcome::Done) };
    match write!(stream, "{text}") {
        Ok(()) => outcome,
        Err(_) => Outcome::Failed,
    }
}
