//! The dry run of all writes before the first one: `dryRun=All` reveals missing rights, admission webhooks, quota, validation
//! errors and changed objects while nothing has changed yet.

use crate::cluster::{Cluster, ClusterError, error::ClusterErrorKind};
use kubephase_core::plan::{Permitted, Plan, Verified};
use kubephase_core::write::WriteMode;

/// Why the dry run failed.
#[derive(Debug)]
pub enum Unverified {
    /// Objects changed since they were read: plan again.
    Stale(Vec<ClusterError>),
    /// The server refuses a write, or cannot be reached.
    Refused(Vec<ClusterError>),
}

/// Sends all writes of a plan as a dry run, at once.
///
/// # Errors
/// [`Unverified`], with every write that would fail.
pub fn verify(plan: Plan<Permitted>, cluster: &dyn Cluster) -> Result<Plan<Verified>, Unverified> {
    plan.verify(|writes| cluster.write(writes, WriteMode::DryRun)).map_err(|failed| {
        let untold = || ClusterError::unavailable("the server did not answer every write");
        let errors: Vec<_> = failed.into_iter().map(|(_, error)| error.unwrap_or_else(untold)).collect();
        if errors.iter().all(|error| error.kind == ClusterErrorKind::Conflict) {
            Unverified::Stale(errors)
        } else {
            Unverified::Refused(errors)
        }
    })
}
