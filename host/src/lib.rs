//! `kubectl bootstrap-token`: the host. See `ARCHITECTURE.md` for the path of a plan through these modules.
//!
//! Reading order: [`cli`] (the command line), [`config`] (its resolved meaning), [`artifact`] (where phases come from), [`trust`]
//! (who signed them), [`component`] (the sandbox), [`cluster`] (the API server or a folder), [`render`] (the output); [`phase`]
//! (from a name to a phase that answers), [`consent`] (what it may do), [`session`] (the stages of a plan), [`check`] (the view
//! of a joining node), and [`commands`].

#![cfg_attr(
    not(feature = "foreign"),
    allow(dead_code, reason = "the sealed build leaves out what needs another phase, at its entrances")
)]

pub mod artifact;
pub mod check;
pub mod cli;
pub mod cluster;
pub mod commands;
pub mod completion;
pub mod component;
pub mod config;
pub mod consent;
pub mod entropy;
pub mod errors;
pub mod interrupt;
pub mod phase;
pub mod render;
#[cfg(test)]
mod schemas;
pub mod session;
pub mod store;
pub mod trust;
pub mod yaml;

use cli::args::ColorArg;
use cli::parser::{CommandLine, parse};
use completion::Completion;
use config::Given;
use config::env::{Env, ProcessEnv, has_colours};
use consent::Person;
use errors::Error;
use kubephase_core::outcome::Outcome;
use render::terminal::{Paint, Printer};
use std::cell::RefCell;
use std::ffi::OsString;
use std::io::{IsTerminal as _, Read, Write};
use std::rc::Rc;

/// The inputs and outputs of a process.
pub struct Streams {
    /// Standard input.
    pub stdin: Box<dyn Read>,
    /// Standard output: data.
    pub stdout: Box<dyn Write>,
    /// Standard error: messages.
    pub stderr: Box<dyn Write>,
    /// The environment.
    pub env: Box<dyn Env>,
    /// Whether an operator reads standard error and answers on standard input.
    pub terminal: Terminal,
    /// Whether standard output is a terminal with colours.
    pub paint: Paint,
    /// Whether standard error is a terminal with colours.
    pub message_paint: Paint,
    /// How many columns the terminal of standard output has; `None` if it is no terminal.
    pub columns: Option<usize>,
}

/// Whether there is an interactive terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terminal {
    /// There is one.
    Present,
    /// There is none.
    Absent,
}

impl Streams {
    /// The streams of the current process.
    #[must_use]
    pub fn of_process() -> Self {
        let is_there = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        let paint = |is_terminal: bool| if is_terminal && has_colours(&ProcessEnv) { Paint::Colours } else { Paint::Plain };
        Self {
            paint: paint(std::io::stdout().is_terminal()),
            message_paint: paint(std::io::stderr().is_terminal()),
            columns: terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| usize::from(width.0)),
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
    let args: Vec<OsString> = args.collect();
    let is_alone = args.len() < 2;
    let CommandLine { cli, words, cure_flags } = match parse(args.into_iter()) {
        Ok(parsed) => parsed,
        Err(error) => return usage(&error, is_alone, streams),
    };
    let paint = |of_stream: Paint| match cli.color {
        ColorArg::Auto => of_stream,
        ColorArg::Always => Paint::Colours,
        ColorArg::Never => Paint::Plain,
    };
    let printer = Printer::new(&mut streams.stdout, &mut streams.stderr, cli.verbosity)
        .painted(paint(streams.paint))
        .painted_messages(paint(streams.message_paint))
        .in_columns(streams.columns);
    let mut given = Given { env: streams.env.as_ref(), stdin: &mut streams.stdin, kube: &cli.kube, words, cure_flags };
    let order = config::resolve(cli.command, &mut given);
    let person = person(streams.terminal, &mut streams.stdin);
    let result = order.map_err(Error::from).and_then(|order| commands::run(order, person, &printer));
    match result {
        Ok(Outcome::Done) if cli.kube.warnings_as_errors && printer.warnings() > 0 => {
            let several = if printer.warnings() == 1 { "warning" } else { "warnings" };
            // Like in kubectl: everything is done, but the exit code says no.
            let _ = printer.message(&format!("error: {} {several} received", printer.warnings()));
            Outcome::No
        }
        Ok(outcome) => outcome,
        Err(error) => {
            for line in error.lines() {
                // There is no other place to report it.
                let _ = printer.message(&line);
            }
            Outcome::Failed
        }
    }
}

/// Writes what completes a command line, in a process that was started for that; `None` in any other.
pub fn complete(args: &[OsString], streams: &mut Streams) -> Option<Outcome> {
    let env = streams.env.as_ref();
    let answered = Completion::of(args, env)?.answer(env, asked, &mut streams.stdout);
    // A shell shows no errors.
    Some(if answered.is_ok() { Outcome::Done } else { Outcome::Failed })
}

/// The data of a command, for which nobody waits at a terminal; `None` if it fails.
fn asked(args: &[OsString]) -> Option<String> {
    let data = Kept::default();
    let mut streams = Streams {
        stdin: Box::new(std::io::empty()),
        stdout: Box::new(data.clone()),
        stderr: Box::new(std::io::sink()),
        terminal: Terminal::Absent,
        paint: Paint::Plain,
        message_paint: Paint::Plain,
        columns: None,
        env: Box::new(ProcessEnv),
    };
    let outcome = run(args.iter().cloned(), &mut streams);
    (outcome == Outcome::Done).then(|| String::from_utf8_lossy(&data.0.borrow()).into_owned())
}

/// Keeps what is written.
#[derive(Clone, Default)]
struct Kept(Rc<RefCell<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The operator who can be asked.
fn person(terminal: Terminal, stdin: &mut dyn Read) -> Person<'_> {
    match terminal {
        Terminal::Present => Person::There(stdin),
        Terminal::Absent => Person::Absent,
    }
}

/// What is said to who types the name alone: what this is for, and what to begin with. None of it writes to a cluster.
const FIRST: &str = "Bootstrap tokens, their RBAC and cluster-info, as kubeadm makes them

  # Why does my node not join? Paste its command
  kubectl bootstrap-token check -- kubeadm join …

  # Is there anything wrong with the tokens of this cluster, or with what they may do?
  kubectl bootstrap-token audit

  # What would be created for a new node? `apply` then creates it, and prints the join command
  kubectl bootstrap-token plan

All commands: kubectl bootstrap-token --help
";

/// Prints the help or the error in the command line. Both are clap's own text, but for the name alone.
fn usage(error: &clap::Error, is_alone: bool, streams: &mut Streams) -> Outcome {
    let text = if is_alone { FIRST.to_owned() } else { error.render().to_string() };
    let (stream, outcome) = if error.use_stderr() && !is_alone {
        (&mut streams.stderr, Outcome::Failed)
    } else {
        (&mut streams.stdout, Outcome::Done)
    };
    match write!(stream, "{text}") {
        Ok(()) => outcome,
        Err(_) => Outcome::Failed,
    }
}
