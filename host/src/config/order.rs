//! A resolved command line as data: one [`Order`], complete before anything runs.

use super::audit::{AuditOrder, MergeOrder};
use super::cases::Cases;
use super::check::{Check, ClustersCheck};
use super::difference::Comparison;
use super::env::code_cache_folder;
use super::error::ConfigError;
use super::fleet::{Named, Whom};
use super::given::Given;
use super::phase::{Meant, PhaseConfig, StoreConfig, meant};
use super::question::clock;
use super::rbac::naming;
use super::rollout::RolloutOrder;
use super::rotate::RotateOrder;
use super::run::Run;
use super::scaffold::Scaffold;
use super::token::List;
use super::undo::UndoOrder;
use crate::cli::args::{Command, PlanArgs, TokenCommand};
use crate::cli::audit_flags::{AuditArgs, AuditCommand};
use crate::cli::help;
use crate::cli::phase_args::{ArtifactCommand, CacheCommand, PhaseCommand};
use crate::cli::undo_flags::{PlanCommand, UndoArgs};
use crate::store::is_stdout;
use jiff::Timestamp;
use kubephase_core::format::{Format, GrantFormat, Names, Syntax};
use kubephase_core::rbac::Naming;
use kubephase_core::reference::Reference;
use kubephase_core::shell::Shell;
use std::path::PathBuf;

/// A resolved command.
pub enum Order {
    /// `apply`, `plan`, `create`, `renew` and `delete`: runs a task of a phase.
    Run(Box<Run>),
    /// `plan`, `apply` and `undo` for several clusters.
    Rollout(Box<RolloutOrder>),
    /// `rotate`.
    Rotate(Box<RotateOrder>),
    /// `rbac`: prints the roles that a run needs.
    Rbac(Box<Run>, Naming, Syntax),
    /// `undo` and `plan show`.
    Undo(UndoOrder),
    /// `list`.
    List(Box<List>),
    /// `generate`.
    Generate,
    /// `check`.
    Check(Box<Check>),
    /// `check` of several clusters.
    CheckClusters(Box<ClustersCheck>),
    /// `audit`.
    Audit(Box<AuditOrder>),
    /// `audit merge`.
    Merge(Box<MergeOrder>),
    /// A command below `phase`.
    Phase(PhaseOrder),
    /// `explain`: the embedded phase, and what one name means; `None` lists all.
    Explain(Box<PhaseConfig>, Option<String>),
    /// `completion`.
    Completion(Shell),
    /// `options`: what it prints.
    Options(String),
    /// `version`.
    Version(Box<PhaseConfig>, Format),
}

/// A resolved command below `phase`.
pub enum PhaseOrder {
    /// `phase inspect`.
    Inspect(Box<PhaseConfig>, Format<GrantFormat>),
    /// `phase verify`.
    Verify(Box<PhaseConfig>, Format),
    /// `phase pull`: the reference to pull.
    Pull(Box<PhaseConfig>, Reference),
    /// `phase push`: the reference to push to.
    Push(Box<PhaseConfig>, Reference),
    /// `phase list`.
    List(StoreConfig, Format<Names>),
    /// `phase remove`.
    Remove(StoreConfig, Vec<Meant>),
    /// `phase save`: the reference, and the archive to write.
    Save(Box<PhaseConfig>, Reference, PathBuf),
    /// `phase load`: the archive, and the name for a phase whose own name is not a full reference.
    Load(Box<PhaseConfig>, Option<Reference>, PathBuf),
    /// `phase export`: the file to write.
    Export(Box<PhaseConfig>, PathBuf),
    /// `phase cache list`: the folder of the cache, and the current time.
    CacheList(Option<PathBuf>, Timestamp, Format),
    /// `phase cache clean`: the folder of the cache.
    CacheClean(Option<PathBuf>),
    /// `phase diff`.
    Diff(Box<Comparison>),
    /// `phase new`.
    New(Scaffold),
    /// `phase test`.
    Test(Box<Cases>),
}

impl Order {
    /// Whether a file that is written is standard output.
    #[must_use]
    pub fn takes_stdout(&self) -> bool {
        let is_stdout = |path: &Option<PathBuf>| path.as_deref().is_some_and(is_stdout);
        match self {
            Self::Run(run) => is_stdout(&run.out) || is_stdout(&run.undo.file),
            Self::Audit(audit) => is_stdout(&audit.fix_out),
            _ => false,
        }
    }
}

/// Resolves a command.
///
/// # Errors
/// [`ConfigError`] for flags and files that cannot be used.
pub fn resolve(command: Command, given: &mut Given<'_>) -> Result<Order, ConfigError> {
    Ok(match command {
        Command::Apply(args) => match Whom::of_setting(&args.fleet, &args.question.setting, given)? {
            Whom::One => Order::Run(Box::new(Run::apply(args, given)?)),
            Whom::Several(fleet) => Order::Rollout(Box::new(RolloutOrder::apply(fleet, args, given)?)),
        },
        Command::Plan(PlanArgs { command: Some(PlanCommand::Show(args)), .. }) => Order::Undo(UndoOrder::show(args, given)?),
        Command::Plan(args) => match Whom::of_setting(&args.fleet, &args.question.setting, given)? {
            Whom::One => Order::Run(Box::new(Run::plan(args, given)?)),
            Whom::Several(fleet) => Order::Rollout(Box::new(RolloutOrder::plan(fleet, args, given)?)),
        },
        Command::Undo(UndoArgs { command: Some(command), .. }) => Order::Undo(UndoOrder::below(command, given)?),
        Command::Undo(args) => match Whom::of_setting(&args.fleet, &args.setting, given)? {
            Whom::One => Order::Undo(UndoOrder::apply(args.undo.as_deref(), args.write, args.setting, given)?),
            Whom::Several(fleet) => Order::Rollout(Box::new(RolloutOrder::undo(fleet, args, given)?)),
        },
        Command::Create(args) | Command::Token(TokenCommand::Create(args)) => Order::Run(Box::new(Run::create(args, given)?)),
        Command::Delete(args) | Command::Token(TokenCommand::Delete(args)) => Order::Run(Box::new(Run::delete(args, given)?)),
        Command::Rotate(args) => Order::Rotate(Box::new(RotateOrder::of(*args, given)?)),
        Command::Renew(args) => Order::Run(Box::new(Run::renew(args, given)?)),
        Command::Rbac(args) => {
            let (naming, syntax) = (naming(&args)?, args.output);
            Order::Rbac(Box::new(Run::rbac(args, given)?), naming, syntax)
        }
        Command::List(args) | Command::Token(TokenCommand::List(args)) => Order::List(Box::new(List::of(args, given)?)),
        Command::Generate | Command::Token(TokenCommand::Generate) => Order::Generate,
        Command::Check(args) => match Whom::of(&args.fleet, &Named::None, given)? {
            Whom::One => Order::Check(Box::new(Check::of(args, given)?)),
            Whom::Several(fleet) => Order::CheckClusters(Box::new(ClustersCheck::of(fleet, args, given)?)),
        },
        Command::Audit(AuditArgs { command: Some(AuditCommand::Merge(args)), .. }) => {
            Order::Merge(Box::new(MergeOrder::of(args, given)?))
        }
        Command::Audit(args) => Order::Audit(Box::new(AuditOrder::of(args, given)?)),
        Command::Phase(command) => Order::Phase(resolve_phase(command, given)?),
        Command::Explain(args) => Order::Explain(Box::new(PhaseConfig::embedded(given.env)?), args.name),
        Command::Completion(args) => Order::Completion(args.shell),
        Command::Options => Order::Options(help::options().to_string()),
        Command::Version(args) => Order::Version(Box::new(PhaseConfig::embedded(given.env)?), args.output),
    })
}

fn resolve_phase(command: PhaseCommand, given: &mut Given<'_>) -> Result<PhaseOrder, ConfigError> {
    Ok(match command {
        PhaseCommand::Artifact(command) => resolve_artifact(command, given)?,
        PhaseCommand::Diff(args) => PhaseOrder::Diff(Box::new(Comparison::of(args, given)?)),
        PhaseCommand::New(args) => PhaseOrder::New(Scaffold::of(args)?),
        PhaseCommand::Test(args) => PhaseOrder::Test(Box::new(Cases::of(args, given)?)),
    })
}

fn resolve_artifact(command: ArtifactCommand, given: &Given<'_>) -> Result<PhaseOrder, ConfigError> {
    let env = given.env;
    Ok(match command {
        ArtifactCommand::Inspect(args) => {
            let config = PhaseConfig::named(&args.phase, &args.bounds, &args.supply, env)?.trusting(&args.trust)?;
            PhaseOrder::Inspect(Box::new(config), args.output)
        }
        ArtifactCommand::Verify(args) => PhaseOrder::Verify(Box::new(PhaseConfig::to_verify(&args, env)?), args.output),
        ArtifactCommand::Pull(args) => {
            let (reference, config) = PhaseConfig::pull(&args, env)?;
            PhaseOrder::Pull(Box::new(config), reference)
        }
        ArtifactCommand::Push(args) => {
            let (config, reference) = PhaseConfig::push(args, env)?;
            PhaseOrder::Push(Box::new(config), reference)
        }
        ArtifactCommand::List(args) => PhaseOrder::List(StoreConfig::local(env), args.output),
        ArtifactCommand::Remove(args) => PhaseOrder::Remove(StoreConfig::local(env), meant(&args)?),
        ArtifactCommand::Save(args) => {
            let (reference, config) = PhaseConfig::save(&args, env)?;
            PhaseOrder::Save(Box::new(config), reference, args.file)
        }
        ArtifactCommand::Load(args) => {
            let (name, config) = PhaseConfig::load(&args, env)?;
            PhaseOrder::Load(Box::new(config), name, args.file)
        }
        ArtifactCommand::Cache(CacheCommand::List(args)) => PhaseOrder::CacheList(code_cache_folder(env), clock(), args.output),
        ArtifactCommand::Cache(CacheCommand::Clean) => PhaseOrder::CacheClean(code_cache_folder(env)),
        ArtifactCommand::Export(args) => PhaseOrder::Export(Box::new(PhaseConfig::export(&args, env)?), args.file),
    })
}

#[cfg(test)]
mod tests {
    use super::{Order, resolve};
    use crate::cli::args::Cli;
    use crate::config::Given;
    use crate::config::env::Env;
    use clap::Parser as _;
    use kubephase_core::connection::VersionUse;

    struct Nothing;

    impl Env for Nothing {
        fn get(&self, _: &str) -> Option<String> {
            None
        }
    }

    /// Who may only list or delete tokens need not be allowed to read `/version`.
    #[test]
    fn the_version_is_asked_for_where_it_decides() {
        for (line, expected) in [
            ("apply", VersionUse::Told),
            ("plan", VersionUse::Told),
            ("create", VersionUse::Told),
            ("delete abcdef", VersionUse::None),
            ("list", VersionUse::None),
            ("delete abcdef --match-server-version", VersionUse::Matched),
        ] {
            let cli = Cli::try_parse_from(["k"].into_iter().chain(line.split(' '))).unwrap();
            let (words, cure_flags) = Default::default();
            let mut given = Given { env: &Nothing, stdin: &mut std::io::empty(), kube: &cli.kube, words, cure_flags };
            let version = match resolve(cli.command, &mut given).unwrap() {
                Order::Run(run) => run.connection.version,
                Order::List(list) => list.connection.version,
                _ => panic!("{line}"),
            };
            assert_eq!(version, expected, "{line}");
        }
    }
}
