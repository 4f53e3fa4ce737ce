//! What the operator grants a phase: by file, by a kept grant, or by an answer now. Without a terminal to ask on there is no
//! consent.

mod ask;
mod kept;

use crate::component::Digest;
use crate::render::terminal::Printer;
use ask::Answer;
use kubephase_core::description::{Description, TaskDescription};
use kubephase_core::grant::{Extras, Grant};
use kubephase_core::permission::{Permissions, TooLong};
use kubephase_core::source::PhaseSource;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

pub use kept::KeptError;

/// Why a phase may not run.
#[derive(Debug, thiserror::Error)]
pub enum ConsentError {
    /// Its request was not granted, or the grant files cover other tasks only.
    #[error("nothing is granted to the phase `{}` for the task `{}`", .0.phase, .0.task)]
    NotGranted(Box<NotGranted>),
    /// The operator was asked and declined.
    #[error("`{0}` was not allowed to run")]
    Declined(String),
    /// It requests more than a question can show.
    #[error("`{phase}` asks for more than can be shown at once, and you can only allow what is shown")]
    TooLong {
        /// The id of the phase.
        phase: String,
        /// The part that is too long.
        source: TooLong,
    },
    /// A grant is for another phase.
    #[error("the grant in `{}` is for `{meant}`, not for `{is}`", .path.display())]
    OtherPhase {
        /// The path of the grant file.
        path: PathBuf,
        /// The id or digest that the grant is for.
        meant: String,
        /// The id or digest of the phase.
        is: String,
    },
    /// Kept grants cannot be used.
    #[error(transparent)]
    Kept(#[from] KeptError),
    /// The terminal cannot be read or written.
    #[error("cannot ask for consent")]
    Terminal(#[from] std::io::Error),
}

/// Whether an operator can be asked.
pub enum Person<'a> {
    /// An operator reads standard error and types into this.
    There(&'a mut dyn Read),
    /// There is no terminal.
    Absent,
}

impl Person<'_> {
    /// The same operator, to be asked again.
    pub fn again(&mut self) -> Person<'_> {
        match self {
            Self::There(stdin) => Person::There(&mut **stdin),
            Self::Absent => Person::Absent,
        }
    }
}

/// A phase that requests a grant.
#[derive(Clone, Copy)]
pub struct Applicant<'a> {
    /// Where the phase comes from.
    pub source: &'a PhaseSource,
    /// The digest of its component.
    pub digest: &'a Digest,
    /// Its description of itself.
    pub description: &'a Description,
    /// Its extras beyond a plain component.
    pub extras: Extras,
}

/// What the operator granted before this run.
#[derive(Clone, Copy)]
pub struct StandingConsent<'a> {
    /// The files of `--grant`.
    pub grants: &'a [(PathBuf, Grant)],
    /// The folder of the grants given for always, if there is one.
    pub kept: Option<&'a Path>,
}

/// A phase without a sufficient grant, and a grant that would suffice.
#[derive(Debug)]
pub struct NotGranted {
    /// The id and version of the phase.
    pub phase: String,
    /// The task.
    pub task: String,
    /// The permissions that the phase requests.
    pub asked: Permissions,
    /// A grant of these permissions.
    pub grant: Grant,
}

/// The extras that the component is granted, decided before the phase can describe itself.
///
/// # Errors
/// [`ConsentError`] if kept grants cannot be read.
pub fn extras(digest: &Digest, said: StandingConsent<'_>) -> Result<Extras, ConsentError> {
    let kept = said.kept.map(|folder| kept::of_digest(folder, digest)).transpose()?.flatten();
    let grants = said
        .grants
        .iter()
        .map(|(_, grant)| grant)
        .filter(|grant| grant.digest.as_ref().is_none_or(|of| *of == digest.to_string()));
    Ok(grants.chain(&kept).fold(Extras::default(), |extras, grant| extras.or(grant.extras)))
}

/// What the operator grants a phase for a task. The embedded phase is granted what it declares, unless a file says otherwise.
///
/// # Errors
/// [`ConsentError::NotGranted`] if there is no consent, or the grant files cover other tasks only; another [`ConsentError`] if a
/// grant is for another phase, or kept grants cannot be used.
pub fn granted(
    applicant: Applicant<'_>,
    task: &TaskDescription,
    said: StandingConsent<'_>,
    person: Person<'_>,
    printer: &Printer<'_>,
) -> Result<Permissions, ConsentError> {
    let declared = &task.permissions;
    if !said.grants.is_empty() {
        return by_file(applicant, task, said.grants);
    }
    if *applicant.source == PhaseSource::Embedded || declared.is_empty() {
        return Ok(declared.clone());
    }
    let kept = said.kept.map(|folder| kept::of_digest(folder, applicant.digest)).transpose()?.flatten();
    if let Some(granted) = kept.as_ref().and_then(|grant| grant.tasks.get(task.name.as_str())) {
        return Ok(granted.clone());
    }
    let Person::There(stdin) = person else { return Err(ConsentError::NotGranted(Box::new(not_granted(applicant, task)))) };
    let before = said.kept.map(|folder| kept::of_phase(folder, &applicant.description.id, printer)).transpose()?.flatten();
    match ask::ask(applicant, task, before.as_ref(), stdin, printer)? {
        Answer::No => Err(ConsentError::Declined(applicant.description.id.to_string())),
        Answer::Yes => Ok(declared.clone()),
        Answer::Always => {
            let folder = said.kept.ok_or(KeptError::NoHome)?;
            let mut grant = grant_of(applicant, task, declared.clone());
            grant.tasks.extend(kept.into_iter().flat_map(|kept| kept.tasks));
            kept::keep(folder, applicant.digest, &grant)?;
            Ok(declared.clone())
        }
    }
}

/// The union of the grant files.
fn by_file(applicant: Applicant<'_>, task: &TaskDescription, grants: &[(PathBuf, Grant)]) -> Result<Permissions, ConsentError> {
    let (id, digest) = (applicant.description.id.to_string(), applicant.digest.to_string());
    let mut permissions = Permissions::default();
    for (path, grant) in grants {
        for (meant, is) in [(&grant.phase, &id), (&grant.digest, &digest)] {
            if let Some(meant) = meant.as_ref().filter(|meant| *meant != is) {
                let (path, meant, is) = (path.clone(), meant.clone(), is.clone());
                return Err(ConsentError::OtherPhase { path, meant, is });
            }
        }
        permissions.0.extend(grant.permissions(task.name.as_str()).0);
    }
    // Otherwise each missing read would be reported, although the operator granted other tasks and not this one.
    let mut tasks = grants.iter().flat_map(|(_, grant)| grant.tasks.keys()).peekable();
    if tasks.peek().is_some() && tasks.all(|name| *name != task.name.as_str()) {
        return Err(ConsentError::NotGranted(Box::new(not_granted(applicant, task))));
    }
    Ok(permissions)
}

fn not_granted(applicant: Applicant<'_>, task: &TaskDescription) -> NotGranted {
    NotGranted {
        phase: format!("{} {}", applicant.description.id, applicant.description.version),
        task: task.name.to_string(),
        asked: task.permissions.clone(),
        grant: grant_of(applicant, task, task.permissions.clone()),
    }
}

/// A grant for exactly this file.
#[must_use]
pub fn grant_of(applicant: Applicant<'_>, task: &TaskDescription, permissions: Permissions) -> Grant {
    Grant {
        phase: Some(applicant.description.id.to_string()),
        digest: Some(applicant.digest.to_string()),
        extras: applicant.extras,
        tasks: BTreeMap::from([(task.name.to_string(), permissions)]),
    }
}
