//! `kubectl bootstrap-token`: the host. See `ARCHITECTURE.md` for the way of a plan through these modules.
//!
//! Reading order: [`cli`] (what was typed), [`config`] (what is meant), [`component`] (the sandbox), [`cluster`] (the world),
//! [`observe`], [`verify`] and [`execute`] (the way of a plan), [`render`] (what is shown), [`commands`].

pub mod cli;
pub mod cluster;
pub mod commands;
pub mod component;
pub mod config;
pub mod entropy;
pub mod errors;
pub mod execute;
pub mod observe;
pub mod render;
pub mod verify;
pub mod yaml;

use clap::Parser as _;
use cli::args::{Cli, Command};
use config::env::{Env, ProcessEnv};
use errors::Error;
use kubephase_core::outcome::Outcome;
use render::terminal::Printer;
use std::ffi::OsString;
use std::io::{Read, Write};

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
}

impl Streams {
    /// The process's own.
    #[must_use]
    pub fn of_process() -> Self {
        Self {
            stdin: Box::new(std::io::stdin()),
            stdout: Box::new(std::io::stdout()),
            stderr: Box::new(std::io::stderr()),
            env: Box::new(ProcessEnv),
        }
    }
}

/// Runs a command line.
pub fn run(args: impl Iterator<Item = OsString>, streams: &mut Streams) -> Outcome {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => return usage(&error, streams),
    };
    let mut printer = Printer::new(&mut streams.stdout, &mut streams.stderr);
    let result = dispatch(cli, streams.env.as_ref(), &mut streams.stdin, &mut printer);
    match result {
        Ok(outcome) => outcome,
        // Whoever reads us has had enough, as with `| head`.
        Err(Error::Output(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => Outcome::Done,
        Err(error) => {
            for line in error.lines() {
                // There is no other place to complain.
                let _ = printer.talk(&line);
            }
            Outcome::Failed
        }
    }
}

fn dispatch(cli: Cli, env: &dyn Env, stdin: &mut dyn Read, printer: &mut Printer<'_>) -> Result<Outcome, Error> {
    match cli.command {
        Command::Apply(args) => commands::run::run(config::Run::apply(args, cli.kube, env, stdin)?, printer),
        Command::Plan(args) => commands::run::run(config::Run::plan(args, cli.kube, env, stdin)?, printer),
        Command::Version(args) => {
            commands::version::version(args.output, config::code_cache(env).as_deref(), printer).map(|()| Outcome::Done)
        }
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
