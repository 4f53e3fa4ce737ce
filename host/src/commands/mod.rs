//! One module for each command.

mod audit;
mod check;
mod completion;
mod explain;
mod generate;
mod list;
mod phase;
mod rbac;
mod rollout;
mod rotate;
mod run;
mod several;
mod undo;
mod version;
mod view;

use crate::config::Order;
use crate::consent::Person;
use crate::errors::Error;
use crate::render::terminal::Printer;
use kubephase_core::outcome::Outcome;

/// Runs a resolved command.
///
/// # Errors
/// [`Error`] as documented by each command.
pub fn run(order: Order, person: Person<'_>, printer: &Printer<'_>) -> Result<Outcome, Error> {
    if order.takes_stdout() {
        printer.leave_out();
    }
    match order {
        Order::Run(run) => run::run(*run, person, printer),
        Order::Rollout(order) => rollout::rollout(*order, person, printer),
        Order::Rotate(order) => rotate::rotate(*order, person, printer),
        Order::Rbac(run, naming, syntax) => rbac::rbac(*run, &naming, syntax, person, printer),
        Order::Undo(order) => undo::undo(order, person, printer),
        Order::List(list) => list::list(&list, printer),
        Order::Generate => generate::generate(printer),
        Order::Check(check) => check::run(*check, printer),
        Order::CheckClusters(order) => check::of_clusters(&order, printer),
        Order::Audit(audit) => audit::audit(*audit, person, printer),
        Order::Merge(order) => audit::merge(&order, printer),
        Order::Phase(order) => phase::run(order, person, printer),
        Order::Explain(config, name) => explain::explain(&config, name.as_deref(), printer),
        Order::Completion(shell) => completion::completion(shell, printer),
        Order::Options(text) => printer.document(&text).map(|()| Outcome::Done).map_err(Error::from),
        Order::Version(config, format) => version::version(format, &config, printer),
    }
}
