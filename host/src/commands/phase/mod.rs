//! The commands about phases.

mod archive;
mod diff;
mod export;
mod inspect;
mod list;
pub mod new;
mod pull;
mod push;
mod remove;
pub mod test;
mod verify;

pub use diff::diff;

use crate::cli::phase_args::ArtifactCommand;
use crate::config::PhaseConfig;
use crate::config::env::Env;
use crate::config::phase::{StoreConfig, meant};
use crate::errors::Error;
use crate::render::terminal::Printer;
use kubephase_core::outcome::Outcome;

/// Runs a command about phases.
///
/// # Errors
/// [`Error`] as each of them has it.
pub fn run(command: ArtifactCommand, env: &dyn Env, printer: &Printer<'_>) -> Result<Outcome, Error> {
    match command {
        ArtifactCommand::Inspect(args) => inspect::inspect(
            &PhaseConfig::named(&args.phase, &args.bounds, &args.supply, env)?.trusting(&args.trust)?,
            args.output,
            printer,
        ),
        ArtifactCommand::Verify(args) => verify::verify(&PhaseConfig::to_verify(&args, env)?, args.output, printer),
        ArtifactCommand::Pull(args) => {
            let (reference, config) = PhaseConfig::pull(args, env)?;
            pull::pull(&reference, &config, printer)
        }
        ArtifactCommand::Push(args) => {
            let (config, reference) = PhaseConfig::push(args, env)?;
            push::push(&config, &reference, printer)
        }
        ArtifactCommand::List(args) => list::list(&StoreConfig::local(env), args.output, printer),
        ArtifactCommand::Remove(args) => remove::remove(&StoreConfig::local(env), &meant(&args)?, printer),
        ArtifactCommand::Save(args) => {
            let (reference, config) = PhaseConfig::save(&args, env)?;
            archive::save(&reference, &config, &args.file, printer)
        }
        ArtifactCommand::Load(args) => {
            let (name, config) = PhaseConfig::load(&args, env)?;
            archive::load(&args.file, name.as_ref(), &config, printer)
        }
        ArtifactCommand::Export(args) => export::export(&PhaseConfig::export(&args, env)?, &args.file, printer),
    }
}
