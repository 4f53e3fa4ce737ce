//! The commands below `phase`.

#[cfg(feature = "foreign")]
mod archive;
#[cfg(feature = "foreign")]
mod cache;
#[cfg(feature = "foreign")]
mod diff;
#[cfg(feature = "foreign")]
mod export;
mod inspect;
#[cfg(feature = "foreign")]
mod list;
#[cfg(feature = "foreign")]
mod new;
#[cfg(feature = "foreign")]
mod pull;
#[cfg(feature = "foreign")]
mod push;
#[cfg(feature = "foreign")]
mod remove;
#[cfg(feature = "foreign")]
mod test;
#[cfg(feature = "foreign")]
mod verify;

use crate::config::PhaseOrder;
use crate::consent::Person;
use crate::errors::Error;
use crate::render::terminal::Printer;
use kubephase_core::outcome::Outcome;

/// Runs a `phase` command. In the sealed build there is one phase, and one command to look at it.
///
/// # Errors
/// [`Error`] as documented by each command.
#[cfg(not(feature = "foreign"))]
pub(super) fn run(order: PhaseOrder, _: Person<'_>, printer: &Printer<'_>) -> Result<Outcome, Error> {
    match order {
        PhaseOrder::Inspect(config, format) => inspect::inspect(&config, format, printer),
        _ => Err(crate::component::engine::EngineError::Sealed.into()),
    }
}

/// Runs a `phase` command.
///
/// # Errors
/// [`Error`] as documented by each command.
#[cfg(feature = "foreign")]
pub(super) fn run(order: PhaseOrder, person: Person<'_>, printer: &Printer<'_>) -> Result<Outcome, Error> {
    match order {
        PhaseOrder::Inspect(config, format) => inspect::inspect(&config, format, printer),
        PhaseOrder::Verify(config, format) => verify::verify(&config, format, printer),
        PhaseOrder::Pull(config, reference) => pull::pull(&reference, &config, printer),
        PhaseOrder::Push(config, reference) => push::push(&config, &reference, printer),
        PhaseOrder::List(store, format) => list::list(&store, format, printer),
        PhaseOrder::Remove(store, meant) => remove::remove(&store, &meant, printer),
        PhaseOrder::Save(config, reference, file) => archive::save(&reference, &config, &file, printer),
        PhaseOrder::Load(config, name, file) => archive::load(&file, name.as_ref(), &config, printer),
        PhaseOrder::Export(config, file) => export::export(&config, &file, printer),
        PhaseOrder::CacheList(folder, now, format) => cache::list(folder.as_deref(), now, format, printer),
        PhaseOrder::CacheClean(folder) => cache::clean(folder.as_deref(), printer),
        PhaseOrder::Diff(comparison) => diff::diff(*comparison, person, printer),
        PhaseOrder::New(scaffold) => new::new(&scaffold, printer),
        PhaseOrder::Test(cases) => test::test(&cases, printer),
    }
}
