//! Calls into a phase: one adapter per version of the contract, and core types on the host's side.

mod bounds;
mod v0_1;
mod v0_2;

use super::admit::Admitted;
use super::code_cache::CodeCache;
use super::compile::compile;
use super::contract::{CONTRACTS, V0_1, V0_2};
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
use kubephase_core::secret::{Secrets, unmanaged};
use kubephase_core::snapshot::Snapshot;
use serde_json::Value;
use std::sync::Arc;
use wasmtime::Engine;
use wasmtime::component::{InstancePre, Linker};

/// Instantiates a component of one version of the contract, and converts its answers to core types.
trait Adapter: Send + Sync {
    fn describe(&self, sandbox: &Sandbox<'_>) -> Result<Description, CallError>;

    fn tell(
        &self,
        facts: &Facts<'_>,
        policy: Policy<'_>,
        secrets: &mut Secrets,
        most_bytes: u64,
    ) -> Result<Box<dyn Told>, CallError>;
}

/// A request in the types of one version of the contract.
trait Told {
    fn need(&self, sandbox: &Sandbox<'_>) -> Result<Needs, CallError>;

    fn plan(&self, sandbox: &Sandbox<'_>) -> Result<Content, CallError>;
}

/// A question and all that is known, ready to be put to a phase. It is made once for all calls with the same facts: with ten thousand
/// objects it takes as long as the calls.
pub struct PhaseRequest<'a> {
    phase: &'a Phase<'a>,
    told: Box<dyn Told>,
}

impl PhaseRequest<'_> {
    /// Asks the phase what it needs to know.
    ///
    /// # Errors
    /// [`CallError`], which may be the phase's own.
    pub fn need(&self) -> Result<Needs, CallError> {
        self.told.need(&self.phase.sandbox)
    }

    /// Asks the phase for its plan.
    ///
    /// # Errors
    /// [`CallError`], which may be the phase's own.
    pub fn plan(&self) -> Result<Content, CallError> {
        self.told.plan(&self.phase.sandbox)
    }
}

/// A version of the contract, and the constructor of its adapter.
type Contract = (&'static str, fn(InstancePre<Guest>) -> wasmtime::Result<Arc<dyn Adapter>>);

/// All versions that this host supports, newest first: of a component that exports several, the first in this list is used.
const ADAPTERS: [Contract; CONTRACTS.len()] = [(V0_2, v0_2::adapter), (V0_1, v0_1::adapter)];

/// A compiled component. Threads share it: each call has an instance of its own.
pub struct CompiledPhase {
    engine: Engine,
    limits: Limits,
    wasi: Allowance,
    adapter: Arc<dyn Adapter>,
}

/// A compiled component that can be called, and the log of its calls.
pub struct Phase<'a> {
    sandbox: Sandbox<'a>,
    adapter: Arc<dyn Adapter>,
}

/// Why a phase gave no valid answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// It reports that the user's input is wrong.
    #[error("the configuration is not valid")]
    InvalidInput(Vec<InputProblem>),
    /// It reports that it does not support the task.
    #[error("{0}")]
    Unsupported(String),
    /// It failed with its own message.
    #[error("the phase failed: {0}")]
    Failed(String),
    /// It exceeded a limit or crashed.
    #[error("the phase {0}")]
    Stopped(Stop),
    /// It requested more bytes than can be passed to it.
    #[error("the phase asked for objects larger than {} KiB in total", .0 >> 10)]
    TooMuchRead(u64),
    /// Its description differs from call to call.
    #[error("the phase describes itself differently each time it is asked")]
    Changing,
    /// Its answer violates the contract.
    #[error("the phase returned an invalid answer: {0}")]
    Invalid(String),
}

/// A problem in the user's input, as reported by the phase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputProblem {
    /// The path of the field.
    pub path: String,
    /// What is wrong with the field.
    pub message: String,
}

/// The input of a call.
pub struct Facts<'a> {
    /// The user's question.
    pub question: &'a Question,
    /// The API server.
    pub server: &'a Server,
    /// The objects and lists that were read.
    pub snapshot: &'a Snapshot,
    /// The random strings that were generated.
    pub random: &'a [RandomValue],
}

impl CompiledPhase {
    /// Compiles an admitted component and prepares instances. The linker is empty: there is nothing to import, except for a
    /// component that was admitted with WASI. `cache` keeps compiled code.
    ///
    /// # Errors
    /// [`EngineError`] if the engine rejects it, or it is not a phase of a known contract.
    pub fn load(admitted: &Admitted, limits: Limits, cache: Option<&CodeCache>) -> Result<Self, EngineError> {
        let (engine, component) = compile(admitted, limits, cache)?;
        let mut linker = Linker::new(&engine);
        if admitted.wasi() == Allowance::Allowed {
            wasi::add_to_linker(&mut linker).map_err(engine::compile_error)?;
        }
        let instance = linker.instantiate_pre(&component).map_err(engine::compile_error)?;
        let not_a_phase = |error: wasmtime::Error| EngineError::NotAPhase(error.root_cause().to_string());
        let spoken = ADAPTERS.iter().find(|(version, _)| admitted.speaks(version));
        let (_, adapter) = spoken.ok_or_else(|| EngineError::NotAPhase("no contract that this plugin supports".to_owned()))?;
        let adapter = adapter(instance).map_err(not_a_phase)?;
        Ok(Self { engine, limits, wasi: admitted.wasi(), adapter })
    }

    /// The same with a log, which receives what its calls use and say.
    #[must_use]
    pub fn logged<'a>(&self, log: &'a dyn Log) -> Phase<'a> {
        let Self { engine, limits, wasi, adapter } = self;
        Phase { sandbox: Sandbox { engine: engine.clone(), limits: *limits, wasi: *wasi, log }, adapter: adapter.clone() }
    }
}

impl<'a> Phase<'a> {
    /// Like [`CompiledPhase::load`], with a log.
    ///
    /// # Errors
    /// Those of [`CompiledPhase::load`].
    pub fn load(admitted: &Admitted, limits: Limits, cache: Option<&CodeCache>, log: &'a dyn Log) -> Result<Self, EngineError> {
        Ok(CompiledPhase::load(admitted, limits, cache)?.logged(log))
    }

    /// Asks the phase to describe itself.
    ///
    /// # Errors
    /// [`CallError`] if it is stopped or its answer is invalid.
    pub fn describe(&self) -> Result<Description, CallError> {
        self.adapter.describe(&self.sandbox)
    }

    /// A request with these facts: objects are sorted, secrets hidden, and only what the phase may see is in it.
    ///
    /// # Errors
    /// [`CallError::TooMuchRead`] if it has too many bytes.
    pub fn tell(&self, facts: &Facts<'_>, policy: Policy<'_>, secrets: &mut Secrets) -> Result<PhaseRequest<'_>, CallError> {
        let told = self.adapter.tell(facts, policy, secrets, self.sandbox.limits.read_bytes)?;
        Ok(PhaseRequest { phase: self, told })
    }

    /// Like [`PhaseRequest::need`], for a single call.
    ///
    /// # Errors
    /// Those of [`Phase::tell`] and [`PhaseRequest::need`].
    pub fn need(&self, facts: &Facts<'_>, policy: Policy<'_>, secrets: &mut Secrets) -> Result<Needs, CallError> {
        self.tell(facts, policy, secrets)?.need()
    }

    /// Like [`PhaseRequest::plan`], for a single call.
    ///
    /// # Errors
    /// Those of [`Phase::tell`] and [`PhaseRequest::plan`].
    pub fn plan(&self, facts: &Facts<'_>, policy: Policy<'_>, secrets: &mut Secrets) -> Result<Content, CallError> {
        self.tell(facts, policy, secrets)?.plan()
    }
}

/// The objects of an answer as a phase sees them: sorted, with secrets hidden, and only those that it may see. `None` if they
/// exceed the bytes that are `left`.
fn shown_objects(
    selector: &kubephase_core::selector::Selector,
    objects: &[Object],
    policy: Policy<'_>,
    secrets: &mut Secrets,
    left: &mut u64,
) -> Option<Vec<String>> {
    use kubephase_core::object::ObjectRef;
    let permitted = objects.iter().filter(|object| policy.may_show_found(selector, object));
    let mut shown: Vec<(Option<ObjectRef>, &Object)> = permitted.map(|object| (selector.target_of(object), object)).collect();
    let raw = |object: &Object| ["namespace", "name"].map(|field| object.metadata(field).unwrap_or_default().to_owned());
    shown.sort_by(|(a, one), (b, other)| a.cmp(b).then_with(|| raw(one).cmp(&raw(other))));
    let texts = shown.iter().map(|(name, object)| {
        let text = match name {
            Some(name) => secrets.shown(name, object, |key| policy.reveals(name, key)).to_string(),
            // No Secret has a name that cannot be used in a request.
            None => Value::Object(unmanaged(object)).to_string(),
        };
        *left = left.checked_sub(text.len() as u64)?;
        Some(text)
    });
    texts.collect()
}
