//! What the operator allows a phase: by file, by an answer that was kept, or by an answer now. Whoever is not there to be asked has
//! not agreed.

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
    /// Nobody agreed to what it asks for, or the files speak of other tasks alone.
    #[error("nothing is granted to the phase `{}` for the task `{}`", .0.phase, .0.task)]
    NotGranted(Box<NotGranted>),
    /// Somebody was asked and did not agree.
    #[error("`{0}` was not allowed to run")]
    Declined(String),
    /// It asks for more than a question can show.
    #[error("`{phase}` asks for too much to be shown as a whole, and nobody can agree to what is not shown")]
    TooLong {
        /// Its id.
        phase: String,
        /// What is too long.
        source: TooLong,
    },
    /// A grant of another phase.
    #[error("the grant in `{}` is for `{meant}`, and this phase is `{is}`", .path.display())]
    OtherPhase {
        /// The file.
        path: PathBuf,
        /// The id or digest that it is for.
        meant: String,
        /// That of the phase.
        is: String,
    },
    /// Answers that were kept.
    #[error(transparent)]
    Kept(#[from] KeptError),
    /// The person cannot be asked.
    #[error("cannot ask")]
    Terminal(#[from] std::io::Error),
}

/// Whether there is somebody to ask.
pub enum Person<'a> {
    /// Somebody who reads our standard error and types into this.
    There(&'a mut dyn Read),
    /// Nobody.
    Absent,
}

impl Person<'_> {
    /// The same person, to be asked more than once.
    pub fn again(&mut self) -> Person<'_> {
        match self {
            Self::There(stdin) => Person::There(&mut **stdin),
            Self::Absent => Person::Absent,
        }
    }
}

/// A phase that wants to do something.
#[derive(Clone, Copy)]
pub struct Applicant<'a> {
    /// Where it comes from.
    pub source: &'a PhaseSource,
    /// The digest of its file.
    pub digest: &'a Digest,
    /// What it says of itself.
    pub description: &'a Description,
    /// What its component is beyond a plain one.
    pub extras: Extras,
}

/// What an operator said before this run.
#[derive(Clone, Copy)]
pub struct StandingConsent<'a> {
    /// The files of `--grant`.
    pub grants: &'a [(PathBuf, Grant)],
    /// Where answers for always are kept, if anywhere.
    pub kept: Option<&'a Path>,
}

/// A phase that was allowed nothing, with the grant that would allow what it asks for.
#[derive(Debug)]
pub struct NotGranted {
    /// The phase's id and version.
    pub phase: String,
    /// The task.
    pub task: String,
    /// What it asks for.
    pub asked: Permissions,
    /// A grant of that.
    pub grant: Grant,
}

/// What the component may be beyond a plain one, by what was said before it could be asked who it is.
///
/// # Errors
/// [`ConsentError`] if kept answers cannot be read.
pub fn extras(digest: &Digest, said: StandingConsent<'_>) -> Result<Extras, ConsentError> {
    let kept = said.kept.map(|folder| kept::of_digest(folder, digest)).transpose()?.flatten();
    let grants = said
        .grants
        .iter()
        .map(|(_, grant)| grant)
        .filter(|grant| grant.digest.as_ref().is_none_or(|of| *of == digest.to_string()));
    Ok(grants.chain(&kept).fold(Extras::default(), |extras, grant| extras.or(grant.extras)))
}

/// What the operator allows a phase for a task. The phase in this binary is granted what it declares, if no file says otherwise.
///
/// # Errors
/// [`ConsentError::NotGranted`] if nobody agreed, or the files speak of other tasks alone; and [`ConsentError`] if a grant is for another
/// phase, or kept answers cannot be used.
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

/// What the files allow, all together.
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
    // What is missing would be told read by read, and whoever granted other tasks has not thought of this one.
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
