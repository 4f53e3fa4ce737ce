//! Calls into a phase: one adapter per version of the contract, and core types on this side of it.

mod bounds;
mod v0_1;

use super::admit::Admitted;
use super::engine::{self, EngineError};
use super::sandbox::{Guest, Sandbox, Stop};
use super::wasi;
use kubephase_core::description::Description;
use kubephase_core::grant::Allowance;
use kubephase_core::limits::Limits;
use kubephase_core::log::Log;
use kubephase_core::object::Object;
use kubephase_core::plan::Content;
use kubephase_core::policy::Policy;
use kubephase_core::question::{Needs, Question, RandomValue, Server};
use kubephase_core::secret::Secrets;
use kubephase_core::snapshot::Snapshot;
use std::path::Path;
use wasmtime::component::{InstancePre, Linker};

/// Makes instances of a component that speaks one version of the contract, and takes its answers as core types.
trait Adapter {
    fn describe(&self, sandbox: &Sandbox<'_>) -> Result<Description, CallError>;

    fn need(
        &self,
        sandbox: &Sandbox<'_>,
        facts: &Facts<'_>,
        policy: Policy<'_>,
        secrets: &mut Secrets,
    ) -> Result<Needs, CallError>;

    fn plan(
        &self,
        sandbox: &Sandbox<'_>,
        facts: &Facts<'_>,
        policy: Policy<'_>,
        secrets: &mut Secrets,
    ) -> Result<Content, CallError>;
}

/// A version of the contract, and how its adapter is made.
type Contract = (&'static str, fn(InstancePre<Guest>) -> wasmtime::Result<Box<dyn Adapter>>);

/// Every version that this host speaks, the newest first: of a component that exports several, the first one here is asked.
const ADAPTERS: [Contract; 1] = [(v0_1::VERSION, v0_1::adapter)];

/// The versions of the contract that this host has an adapter for.
pub const CONTRACTS: [&str; ADAPTERS.len()] = {
    let mut versions = [""; ADAPTERS.len()];
    let mut index = 0;
    while index < ADAPTERS.len() {
        versions[index] = ADAPTERS[index].0;
        index += 1;
    }
    versions
};

/// A component that can be asked.
pub struct Phase<'a> {
    sandbox: Sandbox<'a>,
    adapter: Box<dyn Adapter>,
}

/// A phase that did not answer, or not sensibly.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// It says that the user's input is wrong.
    #[error("the configuration is not valid")]
    InvalidInput(Vec<InputProblem>),
    /// It says that it does not do this.
    #[error("{0}")]
    Unsupported(String),
    /// It failed in its own words.
    #[error("the phase failed: {0}")]
    Failed(String),
    /// It used more than it may, or crashed.
    #[error("the phase {0}")]
    Stopped(Stop),
    /// It asked for more than can be handed to it.
    #[error("the phase asked for objects of more than {} KiB together", .0 >> 10)]
    TooMuchRead(u64),
    /// It describes itself in another way each time.
    #[error("the phase describes itself differently each time it is asked")]
    Changing,
    /// It answered something that the contract does not allow.
    #[error("the phase gave an answer that is not valid: {0}")]
    Invalid(String),
}

/// Something wrong with the user's input, in the phase's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputProblem {
    /// The path of the field.
    pub path: String,
    /// What is wrong with it.
    pub message: String,
}

/// What is known when a phase is asked.
pub struct Facts<'a> {
    /// What the user asked.
    pub question: &'a Question,
    /// The API server.
    pub server: &'a Server,
    /// What was read.
    pub snapshot: &'a Snapshot,
    /// What was drawn.
    pub random: &'a [RandomValue],
}

impl<'a> Phase<'a> {
    /// Compiles an admitted component and prepares instances. The linker is empty: nothing is there that could be imported, but for
    /// a component that was admitted with WASI. `cache` is a folder for compiled code, if there shall be one.
    ///
    /// # Errors
    /// [`EngineError`] if the engine does not take it, or it is not a phase of a known contract.
    pub fn load(admitted: &Admitted, limits: Limits, cache: Option<&Path>, log: &'a dyn Log) -> Result<Self, EngineError> {
        let (engine, component) = engine::compile(admitted, limits, cache)?;
        let mut linker = Linker::new(&engine);
        if admitted.wasi() == Allowance::Allowed {
            wasi::add_to_linker(&mut linker).map_err(engine::compile_error)?;
        }
        let instance = linker.instantiate_pre(&component).map_err(engine::compile_error)?;
        let not_a_phase = |error: wasmtime::Error| EngineError::NotAPhase(error.root_cause().to_string());
        let spoken = ADAPTERS.iter().find(|(version, _)| admitted.speaks(version));
        let (_, adapter) = spoken.ok_or_else(|| EngineError::NotAPhase("no contract that this plugin knows".to_owned()))?;
        let adapter = adapter(instance).map_err(not_a_phase)?;
        Ok(Self { sandbox: Sandbox { engine, limits, log }, adapter })
    }

    /// Asks who it is.
    ///
    /// # Errors
    /// [`CallError`] if it is stopped or answers nonsense.
    pub fn describe(&self) -> Result<Description, CallError> {
        self.adapter.describe(&self.sandbox)
    }

    /// Asks what it needs to know.
    ///
    /// # Errors
    /// [`CallError`], which may be the phase's own.
    pub fn need(&self, facts: &Facts<'_>, policy: Policy<'_>, secrets: &mut Secrets) -> Result<Needs, CallError> {
        self.adapter.need(&self.sandbox, facts, policy, secrets)
    }

    /// Asks what should be done.
    ///
    /// # Errors
    /// [`CallError`], which may be the phase's own.
    pub fn plan(&self, facts: &Facts<'_>, policy: Policy<'_>, secrets: &mut Secrets) -> Result<Content, CallError> {
        self.adapter.plan(&self.sandbox, facts, policy, secrets)
    }
}

/// What the objects of an answer look like to a phase: sorted, secrets hidden, and only those that it may see. None if they have more
/// than the bytes that are `left`.
fn shown_objects(
    selector: &kubephase_core::selector::Selector,
    objects: &[Object],
    policy: Policy<'_>,
    secrets: &mut Secrets,
    left: &mut u64,
) -> Option<Vec<String>> {
    use kubephase_core::object::ObjectRef;
    let mut shown: Vec<(ObjectRef, &Object)> = objects
        .iter()
        .filter_map(|object| Some((selector.target_of(object)?, object)))
        .filter(|(name, _)| policy.may_show(name))
        .collect();
    shown.sort_by(|(a, _), (b, _)| a.cmp(b));
    let texts = shown.iter().map(|(name, object)| {
        let text = secrets.shown(name, object, |key| policy.reveals(name, key)).to_string();
        *left = left.checked_sub(text.len() as u64)?;
        Some(text)
    });
    texts.collect()
}
