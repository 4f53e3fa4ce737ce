//! What files say of a session: the plan, and the cluster it is for.

use super::Session;
use crate::errors::Error;
use crate::render::diff::changed;
use crate::session::observe::PlanInputs;
use kubephase_core::plan::{Permitted, Plan};
use kubephase_core::saved::{ClusterDocument, Made, PlanDocument};

impl Session<'_> {
    /// The document of a plan, or of what is known before there is a plan.
    pub(crate) fn document(&self, known: &PlanInputs, plan: Option<&Plan<Permitted>>) -> Result<PlanDocument, Error> {
        Ok(self.document_for(known, plan, self.cluster_document()?))
    }

    /// The same for this cluster, without a request.
    pub(crate) fn document_for(
        &self,
        known: &PlanInputs,
        plan: Option<&Plan<Permitted>>,
        cluster: ClusterDocument,
    ) -> PlanDocument {
        let made = Made {
            phase: self.phase_document.clone(),
            cluster: ClusterDocument { version: known.server.version.clone(), ..cluster },
            question: &self.run.question,
            snapshot: &known.snapshot,
            random: &known.random,
            changes: plan.map(|plan| changed(&plan.changes(&known.snapshot))).unwrap_or_default(),
        };
        PlanDocument::new(made, plan.map(Plan::content))
    }

    /// The cluster as plans describe it, without its version.
    pub(super) fn cluster_document(&self) -> Result<ClusterDocument, Error> {
        let uid = match self.uid.get() {
            Some(uid) => uid.clone(),
            None => self.cluster.uid().map_err(Error::Cluster)?,
        };
        let uid = self.uid.get_or_init(|| uid).clone();
        Ok(ClusterDocument { uid, ..self.cluster_here() })
    }

    /// The cluster as described by the local configuration, without a request.
    pub(crate) fn cluster_here(&self) -> ClusterDocument {
        let server = self.cluster.server();
        ClusterDocument {
            against: self.run.against.sort().to_owned(),
            server: server.url.clone(),
            version: String::new(),
            certificate_authority_pins: server.certificate_authority_pins.clone(),
            uid: None,
        }
    }
}
