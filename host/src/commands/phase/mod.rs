//! The commands below `phase`.

mod archive;
mod cache;
mod diff;
mod export;
mod inspect;
mod list;
mod new;
mod pull;
mod push;
mod remove;
mod test;
mod verify;

use crate::config::PhaseOrder;
use crate::consent::Person;
use crate::errors::Error;
use crate::render::terminal::Printer;
use kubephase_core::outcome::Outcome;

/// Runs a `phase` command.
///
/// # Errors
/// [`Error`] as documented by each command.
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
