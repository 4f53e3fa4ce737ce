//! `check`: can a node join with this, and if not, why? The checks are those of a joining node, which has no kubeconfig; if there
//! is a kubeconfig, it is used as well, to name the cause.

mod administrator;
mod asked;
mod certificate;
mod client;
mod first;
mod known;
mod login;
mod machine;
mod node;
mod reach;
mod seen;
mod steps;

pub(crate) use asked::join;
pub(crate) use client::Setting;
pub(crate) use known::{known, known_to_cluster};
pub(crate) use machine::of_machine;
pub(crate) use reach::Reach;

use crate::cluster::live::Target;
use crate::config::check::{CertificateRequest, Options};
use crate::errors::Error;
use crate::render::check::Examined;
use administrator::Kubeconfig;
use kubephase_core::connection::{Connection, KubeconfigSource};
use kubephase_core::join::{ClusterView, Diagnosis, Evidence, JoinCommand, JoinVerdict, KubeconfigUse, diagnose};

/// Runs all steps for all commands, one command after another, reports them, and returns the worst verdict. The only write is the
/// certificate signing request, if one is requested, which is deleted again; from then on the interrupt of the setting is active.
///
/// # Errors
/// [`Error`] if the kubeconfig that the connection names cannot be read, or the report cannot be written.
pub(crate) fn examine_all(
    joins: &[JoinCommand],
    options: Options,
    setting: Setting<'_>,
    tell: impl Fn(&[Examined<'_>]) -> std::io::Result<()>,
) -> Result<JoinVerdict, Error> {
    let examinations = joins.iter().map(|join| examine(join, options, setting)).collect::<Result<Vec<_>, _>>()?;
    let examined: Vec<Examined<'_>> = examinations.iter().zip(joins).map(|(found, join)| found.examined(join)).collect();
    tell(&examined)?;
    let verdicts = examinations.iter().map(|examination| examination.diagnosis.verdict);
    Ok(verdicts.max().unwrap_or(JoinVerdict::Joins))
}

/// Runs all steps for one command; nothing is reported.
///
/// # Errors
/// [`Error`] if the kubeconfig that the connection names cannot be read.
pub(crate) fn diagnosed(join: &JoinCommand, options: Options, setting: Setting<'_>) -> Result<Diagnosis, Error> {
    examine(join, options, setting).map(|examination| examination.diagnosis)
}

/// The result for one command.
struct Examination {
    evidence: Evidence,
    diagnosis: Diagnosis,
    kubeconfig: KubeconfigUse,
}

impl Examination {
    const fn examined<'a>(&'a self, join: &'a JoinCommand) -> Examined<'a> {
        Examined { join, evidence: &self.evidence, diagnosis: &self.diagnosis, kubeconfig: &self.kubeconfig }
    }
}

/// Runs all steps, and looks for the cause if one fails.
fn examine(join: &JoinCommand, options: Options, setting: Setting<'_>) -> Result<Examination, Error> {
    let mut found = node::discovered(join, options.wait, setting);
    let kubeconfig = administrator::opened(join, &found, setting)?;
    let mut steps = std::mem::take(&mut found.steps);
    let trusted = node::trusted(join, &found, &mut steps, setting);
    let administrator = match &kubeconfig {
        Kubeconfig::Used(administrator) => Some(&**administrator),
        Kubeconfig::Absent | Kubeconfig::NotUsed(_) => None,
    };
    let (login, elsewhere) = login::settled(join, (&found, trusted.may_send), (administrator, options.wait), &mut steps, setting);
    let groups = login.as_ref().map(|login| login.groups.clone()).unwrap_or_default();
    login::rights(join, login.as_ref(), administrator, &mut steps);
    if let CertificateRequest::Made(wait) = options.request {
        certificate::asked_for(login.as_ref(), administrator, wait, &mut steps, setting)?;
    }
    let evidence = Evidence {
        steps: steps.taken,
        groups,
        server: found.cluster().map(|cluster| cluster.server.clone()),
        pins: found.pins(),
        vouches: trusted.vouches,
        distrust: trusted.distrust.or(elsewhere),
        obstacle: found.met.obstacle,
        anonymous: found.met.anonymous,
    };
    let is_well = evidence.steps.iter().all(|taken| taken.result == kubephase_core::join::Result::Ok);
    let view = match administrator {
        Some(administrator) if !is_well => seen::view(join, administrator),
        _ => ClusterView::default(),
    };
    let diagnosis = diagnose(join, &evidence, &view, setting.cure_flags);
    Ok(Examination { evidence, diagnosis, kubeconfig: kubeconfig.used() })
}

/// The kubeconfig in use; `None` if there is none.
///
/// # Errors
/// [`crate::cluster::ClusterError`] if it cannot be read.
fn target(connection: &Connection) -> Result<Option<Target>, crate::cluster::ClusterError> {
    Target::resolve(connection).map(|target| target.is_configured().then_some(target))
}

/// Whether the user named the kubeconfig, so that an unreadable one is an error.
const fn is_named(connection: &Connection) -> bool {
    matches!(connection.kubeconfig, KubeconfigSource::File(_))
}
