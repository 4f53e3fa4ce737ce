//! Calls a component of one version of the contract.

use super::super::super::sandbox::{Asked, Guest, Sandbox};
use super::super::{Adapter, CallError, Facts, Told};
use super::generated::{PhaseComponent, PhaseComponentPre};
use super::{from, to, wit};
use kubephase_core::description::Description;
use kubephase_core::grant::Allowance;
use kubephase_core::log::Level;
use kubephase_core::plan::Content;
use kubephase_core::policy::Policy;
use kubephase_core::question::Needs;
use kubephase_core::secret::Secrets;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use wasmtime::Store;
use wasmtime::component::InstancePre;

/// The adapter for a component.
///
/// # Errors
/// The engine's error, for a component that does not export the complete contract.
pub(in crate::component::abi) fn adapter(instance: InstancePre<Guest>) -> wasmtime::Result<Arc<dyn Adapter>> {
    Ok(Arc::new(Instances(PhaseComponentPre::new(instance)?)))
}

/// Instantiates one component.
#[derive(Clone)]
struct Instances(PhaseComponentPre<Guest>);

/// A request, and the component that is asked.
struct ToldRequest {
    instances: Instances,
    request: wit::Request,
}

impl Adapter for Instances {
    fn describe(&self, sandbox: &Sandbox<'_>) -> Result<Description, CallError> {
        let asked = Asked { function: "describe", now: "", seed: [0; 32] };
        let answer = self.call(sandbox, &asked, |phase, store| phase.kubephase_phase_phase().call_describe(store))?;
        super::description(answer)
    }

    fn tell(
        &self,
        facts: &Facts<'_>,
        policy: Policy<'_>,
        secrets: &mut Secrets,
        most_bytes: u64,
    ) -> Result<Box<dyn Told>, CallError> {
        Ok(Box::new(ToldRequest { instances: self.clone(), request: to::request(facts, policy, secrets, most_bytes)? }))
    }
}

impl ToldRequest {
    fn asked(&self, function: &'static str, sandbox: &Sandbox<'_>) -> Asked<'_> {
        Asked { function, now: &self.request.now, seed: seed(sandbox, &self.request) }
    }
}

impl Told for ToldRequest {
    fn need(&self, sandbox: &Sandbox<'_>) -> Result<Needs, CallError> {
        let (request, asked) = (&self.request, self.asked("need", sandbox));
        let ask = |phase: &PhaseComponent, store: &mut Store<Guest>| phase.kubephase_phase_phase().call_need(store, request);
        let answer = self.instances.call(sandbox, &asked, ask)?;
        Instances::log(sandbox, &asked, request, &answer);
        from::needs(answer.map_err(from::failure)?)
    }

    fn plan(&self, sandbox: &Sandbox<'_>) -> Result<Content, CallError> {
        let (request, asked) = (&self.request, self.asked("plan-for", sandbox));
        let ask = |phase: &PhaseComponent, store: &mut Store<Guest>| phase.kubephase_phase_phase().call_plan_for(store, request);
        let answer = self.instances.call(sandbox, &asked, ask)?;
        Instances::log(sandbox, &asked, request, &answer);
        from::plan(answer.map_err(from::failure)?)
    }
}

impl Instances {
    /// Logs the request and the answer of a phase as they are: secrets are handles in both.
    fn log(sandbox: &Sandbox<'_>, asked: &Asked<'_>, request: &wit::Request, answer: &impl std::fmt::Debug) {
        sandbox.log.line(Level::Answers, &|| format!("{} was told {request:?}", asked.function));
        sandbox.log.line(Level::Answers, &|| format!("{} answered {answer:?}", asked.function));
    }

    /// Makes one call in a fresh instance, so that no state survives and fuel is comparable.
    fn call<T>(
        &self,
        sandbox: &Sandbox<'_>,
        asked: &Asked<'_>,
        ask: impl FnOnce(&PhaseComponent, &mut Store<Guest>) -> wasmtime::Result<T>,
    ) -> Result<T, CallError> {
        let answer = sandbox.call(asked, |store| {
            let phase = self.0.instantiate(&mut *store)?;
            ask(&phase, store)
        });
        answer.map_err(CallError::Stopped)
    }
}

/// The seed of the random numbers that a phase gets from WASI: it depends on the request only.
fn seed(sandbox: &Sandbox<'_>, request: &wit::Request) -> [u8; 32] {
    match sandbox.wasi {
        Allowance::Allowed => Sha256::digest(format!("{request:?}")).into(),
        // A request may have megabytes.
        Allowance::Refused => [0; 32],
    }
}
