//! `rbac`: the smallest roles that can run `apply`.

use super::run::print_warnings;
use crate::config::{Against, Run};
use crate::consent::Person;
use crate::errors::Error;
use crate::render::document::write;
use crate::render::terminal::Printer;
use crate::session::observe::PlanInputs;
use crate::session::{Attempt, with_session};
use crate::yaml;
use kubephase_core::connection::VersionUse;
use kubephase_core::format::Syntax;
use kubephase_core::object::{ObjectRef, kube_system};
use kubephase_core::outcome::Outcome;
use kubephase_core::plan::{Permitted, Plan};
use kubephase_core::question::Drawn;
use kubephase_core::rbac::{Doing, Naming, Needed};
use kubephase_core::saved::Saved;
use kubephase_core::write::Write;
use serde_json::{Value, json};

/// Plans like `plan`, as the current user, and prints the roles which that plan needs. Nothing is written.
///
/// # Errors
/// [`Error`] like for a plan, or if the output cannot be written.
pub(super) fn rbac(
    run: Run,
    naming: &Naming,
    format: Syntax,
    person: Person<'_>,
    printer: &Printer<'_>,
) -> Result<Outcome, Error> {
    with_session(run, person, printer, |session| {
        let Attempt { plan, known } = session.plan(&[])?;
        print_warnings(plan.content(), printer)?;
        let needed = needed(&plan, &known, session.run);
        needed.wide().try_for_each(|wide| printer.message(&format!("warning: {wide}")))?;
        print(needed.objects(naming), format, printer)?;
        Ok(Outcome::Done)
    })
}

/// The access that a plan needs, and the inputs it was made from.
fn needed(plan: &Plan<Permitted>, known: &PlanInputs, run: &Run) -> Needed {
    let reads: Vec<_> = known.snapshot.iter().map(|(selector, _)| selector).collect();
    let writes: Vec<&Write> = plan.writes().filter_map(|(_, write)| write).collect();
    let drawn = known.random.iter().filter_map(|random| match &random.value {
        Drawn::Clear(text) => Some(text.as_str()),
        // A hidden value cannot be part of an object's name.
        Drawn::Hidden(_) => None,
    });
    // A saved plan keeps its generated names, and applying it reads an object to check that this is the same cluster.
    let (drawn, extra): (Vec<&str>, Vec<ObjectRef>) = match &run.saved {
        Some((_, Saved::Plan(_))) if run.against == Against::Live => (Vec::new(), vec![kube_system()]),
        Some(_) => (Vec::new(), Vec::new()),
        None => (drawn.collect(), Vec::new()),
    };
    let urls: &[&str] = if run.connection.version == VersionUse::None { &[] } else { &["/version"] };
    Doing { reads: &reads, urls, extra: &extra, writes: &writes, snapshot: &known.snapshot, drawn: &drawn }.needed()
}

/// Prints several objects as kubectl does, and as `apply -f -` accepts them.
fn print(objects: Vec<Value>, format: Syntax, printer: &Printer<'_>) -> Result<(), Error> {
    match format {
        Syntax::Yaml => printer.document(&yaml::write_documents(&objects))?,
        Syntax::Json => {
            write(&json!({ "apiVersion": "v1", "kind": "List", "items": objects }), Syntax::Json, printer)?;
        }
    }
    Ok(())
}
