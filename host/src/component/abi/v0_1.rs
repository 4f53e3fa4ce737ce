//! `kubephase:phase@0.1.0`: the generated types, and the way between them and core types. Nobody else names them.

#[allow(missing_docs, reason = "generated; the documentation is in wit/")]
#[allow(clippy::allow_attributes_without_reason, reason = "generated")]
#[allow(unreachable_pub, reason = "generated")]
mod generated {
    wasmtime::component::bindgen!({ world: "phase-component", path: "../wit" });
}

use super::{CallError, Facts, Problem, Stop, shown_objects};
use crate::component::engine::store_limits;
use generated::exports::kubephase::phase::types as wit;
use generated::{PhaseComponent, PhaseComponentPre};
use kubephase_core::description::{Description, Task};
use kubephase_core::finding::{Finding, Severity};
use kubephase_core::limits::Limits;
use kubephase_core::name::{InvalidName, Namespace, ObjectName};
use kubephase_core::object::{ApiResource, ObjectRef};
use kubephase_core::operation::{Action, Operation, OperationId, Precondition};
use kubephase_core::output::{Moment, Output, Part};
use kubephase_core::permission::{Access, Pattern, Permission, Permissions};
use kubephase_core::plan::Content;
use kubephase_core::policy::Policy;
use kubephase_core::question::{Drawn, Needs, RandomRequest, Visibility};
use kubephase_core::secret::{SecretId, Secrets};
use kubephase_core::selector::{ListRef, Selector};
use serde_json::{Map, Value};
use wasmtime::component::InstancePre;
use wasmtime::{Engine, Store, StoreLimits, Trap};

/// Makes instances of one component.
pub(super) struct Instances(PhaseComponentPre<StoreLimits>);

/// The longest text that names or explains something.
const TEXT_BYTES: usize = 16 * 1024;
/// The most random strings of a request, and the longest one.
const RANDOM_STRINGS: usize = 256;

impl Instances {
    pub(super) fn new(instance: InstancePre<StoreLimits>) -> wasmtime::Result<Self> {
        PhaseComponentPre::new(instance).map(Self)
    }

    pub(super) fn describe(&self, engine: &Engine, limits: Limits) -> Result<Description, CallError> {
        let answer = self.call(engine, limits, |phase, store| phase.kubephase_phase_phase().call_describe(store))?;
        description(answer)
    }

    pub(super) fn need(
        &self,
        engine: &Engine,
        limits: Limits,
        facts: &Facts<'_>,
        policy: Policy<'_>,
        secrets: &mut Secrets,
    ) -> Result<Needs, CallError> {
        let request = request(facts, policy, secrets);
        let answer = self.call(engine, limits, |phase, store| phase.kubephase_phase_phase().call_need(store, &request))?;
        needs(answer.map_err(failure)?)
    }

    pub(super) fn plan(
        &self,
        engine: &Engine,
        limits: Limits,
        facts: &Facts<'_>,
        policy: Policy<'_>,
        secrets: &mut Secrets,
    ) -> Result<Content, CallError> {
        let request = request(facts, policy, secrets);
        let answer = self.call(engine, limits, |phase, store| phase.kubephase_phase_phase().call_plan_for(store, &request))?;
        plan(answer.map_err(failure)?)
    }

    /// One call in a fresh instance, so that no state survives and fuel is comparable.
    fn call<T>(
        &self,
        engine: &Engine,
        limits: Limits,
        ask: impl FnOnce(&PhaseComponent, &mut Store<StoreLimits>) -> wasmtime::Result<T>,
    ) -> Result<T, CallError> {
        let stopped = |error: wasmtime::Error| CallError::Stopped(stop(&error, limits));
        let mut store = Store::new(engine, store_limits(limits));
        store.limiter(|limits| limits);
        store.set_fuel(limits.fuel).map_err(stopped)?;
        store.set_hostcall_fuel(limits.result_bytes);
        let phase = self.0.instantiate(&mut store).map_err(stopped)?;
        ask(&phase, &mut store).map_err(stopped)
    }
}

fn stop(error: &wasmtime::Error, limits: Limits) -> Stop {
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => Stop::Fuel(limits.fuel),
        Some(Trap::StackOverflow) => Stop::Stack,
        Some(trap) => Stop::Trap(trap.to_string()),
        None => {
            let text = error.root_cause().to_string();
            // wasmtime has no type for these two.
            if text.contains("growing memory") || text.contains("growing table") || text.contains("exceeds memory limits") {
                Stop::Memory(limits.memory_bytes)
            } else if text.contains("fuel allocated for hostcalls") {
                Stop::Result(limits.result_bytes)
            } else {
                Stop::Trap(text)
            }
        }
    }
}

fn failure(failure: wit::Failure) -> CallError {
    match failure {
        wit::Failure::InvalidInput(problems) => {
            let problem = |problem: wit::Problem| Problem { path: problem.path, message: problem.message };
            CallError::InvalidInput(problems.into_iter().map(problem).collect())
        }
        wit::Failure::Unsupported(text) => CallError::Unsupported(text),
        wit::Failure::Other(text) => CallError::Failed(text),
    }
}

// To the phase.

fn request(facts: &Facts<'_>, policy: Policy<'_>, secrets: &mut Secrets) -> wit::Request {
    let observed = facts.snapshot.iter().map(|(selector, objects)| wit::Answer {
        to: to_selector(selector),
        objects: shown_objects(selector, objects, policy, secrets),
    });
    let observed = observed.collect();
    let random = facts.random.iter().map(|value| wit::RandomValue {
        name: value.name.clone(),
        value: match &value.value {
            Drawn::Clear(text) => text.clone(),
            Drawn::Hidden(id) => id.as_str().to_owned(),
        },
    });
    wit::Request {
        task: facts.question.task.clone(),
        parameters: facts.question.parameters.to_string(),
        documents: facts.question.documents.iter().map(Value::to_string).collect(),
        now: facts.question.now.clone(),
        server: wit::ServerInfo {
            version: facts.server.version.clone(),
            url: facts.server.url.clone(),
            certificate_authority: facts.server.certificate_authority.clone(),
            certificate_authority_pins: facts.server.certificate_authority_pins.clone(),
        },
        observed,
        random: random.collect(),
    }
}

fn to_selector(selector: &Selector) -> wit::Selector {
    match selector {
        Selector::One(object) => wit::Selector::One(wit::ObjectRef {
            of: to_resource(&object.of),
            namespace: object.namespace.as_ref().map(ToString::to_string),
            name: object.name.to_string(),
        }),
        Selector::Many(list) => wit::Selector::Many(wit::ListRef {
            of: to_resource(&list.of),
            namespace: list.namespace.as_ref().map(ToString::to_string),
            label_selector: list.labels.clone(),
            field_selector: list.fields.clone(),
        }),
    }
}

fn to_resource(of: &ApiResource) -> wit::ApiResource {
    wit::ApiResource {
        group: of.group().to_owned(),
        version: of.version().to_owned(),
        plural: of.plural().to_owned(),
        kind: of.kind().to_owned(),
    }
}

// From the phase.

fn invalid(problem: impl ToString) -> CallError {
    CallError::Invalid(problem.to_string())
}

/// A text for people or a selector, of bearable length.
fn text(text: String) -> Result<String, CallError> {
    if text.len() > TEXT_BYTES {
        return Err(invalid(format!("a text of {} bytes, the limit is {TEXT_BYTES}", text.len())));
    }
    Ok(text)
}

fn resource(of: &wit::ApiResource) -> Result<ApiResource, CallError> {
    ApiResource::parse(&of.group, &of.version, &of.plural, &of.kind).map_err(invalid)
}

fn namespace(namespace: Option<&String>) -> Result<Option<Namespace>, CallError> {
    namespace.map(|namespace| Namespace::parse(namespace)).transpose().map_err(invalid)
}

fn object_ref(object: &wit::ObjectRef) -> Result<ObjectRef, CallError> {
    let name = ObjectName::parse(&object.name).map_err(|error: InvalidName| invalid(error))?;
    Ok(ObjectRef { of: resource(&object.of)?, namespace: namespace(object.namespace.as_ref())?, name })
}

fn description(description: wit::Description) -> Result<Description, CallError> {
    let tasks = description.tasks.into_iter().map(|task| {
        let permissions = task.permissions.into_iter().map(permission).collect::<Result<Vec<_>, _>>()?;
        Ok(Task {
            name: text(task.name)?,
            summary: text(task.summary)?,
            parameters: task.parameters,
            permissions: Permissions(permissions),
        })
    });
    let tasks = tasks.collect::<Result<Vec<_>, CallError>>()?;
    Ok(Description { id: text(description.id)?, version: text(description.version)?, summary: text(description.summary)?, tasks })
}

fn permission(permission: wit::Permission) -> Result<Permission, CallError> {
    let patterns = |texts: Vec<String>| -> Result<Vec<Pattern>, CallError> {
        texts.iter().map(|text| Pattern::parse(text).map_err(invalid)).collect()
    };
    let access = permission.access.into_iter().map(|access| match access {
        wit::Access::Read => Access::Read,
        wit::Access::Create => Access::Create,
        wit::Access::Update => Access::Update,
        wit::Access::Delete => Access::Delete,
    });
    Ok(Permission {
        access: access.collect(),
        of: resource(&permission.of)?,
        namespace: namespace(permission.namespace.as_ref())?,
        names: patterns(permission.names)?,
        reveal: patterns(permission.reveal)?,
        reason: text(permission.reason)?,
    })
}

fn needs(needs: wit::Needs) -> Result<Needs, CallError> {
    if needs.random.len() > RANDOM_STRINGS {
        return Err(invalid(format!("it asks for {} random strings, the limit is {RANDOM_STRINGS}", needs.random.len())));
    }
    let reads = needs.reads.into_iter().map(selector).collect::<Result<_, _>>()?;
    let random = needs.random.into_iter().map(random_request).collect::<Result<_, _>>()?;
    Ok(Needs { reads, random })
}

fn selector(selector: wit::Selector) -> Result<Selector, CallError> {
    match selector {
        wit::Selector::One(object) => object_ref(&object).map(Selector::One),
        wit::Selector::Many(list) => Ok(Selector::Many(ListRef {
            of: resource(&list.of)?,
            namespace: namespace(list.namespace.as_ref())?,
            labels: text(list.label_selector)?,
            fields: text(list.field_selector)?,
        })),
    }
}

fn random_request(request: wit::RandomRequest) -> Result<RandomRequest, CallError> {
    let alphabet: Vec<char> = request.alphabet.chars().collect();
    let different: std::collections::BTreeSet<_> = alphabet.iter().collect();
    let length = usize::try_from(request.length).unwrap_or(usize::MAX);
    if different.len() != alphabet.len() || !(2..=256).contains(&alphabet.len()) || !(1..=256).contains(&length) {
        return Err(invalid("a random string needs 2 to 256 different characters and a length of 1 to 256"));
    }
    let visibility = if request.secret { Visibility::Hidden } else { Visibility::Clear };
    Ok(RandomRequest { name: text(request.name)?, alphabet, length, visibility })
}

fn plan(plan: wit::Plan) -> Result<Content, CallError> {
    Ok(Content {
        operations: plan.operations.into_iter().map(operation).collect::<Result<_, _>>()?,
        findings: plan.findings.into_iter().map(finding).collect::<Result<_, _>>()?,
        notes: plan.notes.into_iter().map(text).collect::<Result<_, _>>()?,
        outputs: plan.outputs.into_iter().map(output).collect::<Result<_, _>>()?,
    })
}

fn operation(operation: wit::Operation) -> Result<Operation, CallError> {
    let id = |text: &str| OperationId::parse(text).ok_or_else(|| invalid("an operation id must be 1 to 300 visible characters"));
    let action = match operation.action {
        wit::Action::Create(json) => Action::Create(body(&json)?),
        wit::Action::Replace(json) => Action::Replace(body(&json)?),
        wit::Action::MergePatch(json) => Action::MergePatch(body(&json)?),
        wit::Action::Apply(json) => Action::Apply(body(&json)?),
        wit::Action::Delete => Action::Delete,
        wit::Action::Keep => Action::Keep,
    };
    Ok(Operation {
        id: id(&operation.id)?,
        target: object_ref(&operation.target)?,
        action,
        when: match operation.when {
            wit::Precondition::Absent => Precondition::Absent,
            wit::Precondition::AsObserved => Precondition::AsObserved,
            wit::Precondition::Any => Precondition::Any,
        },
        after: operation.after.iter().map(|after| id(after)).collect::<Result<_, _>>()?,
        reason: text(operation.reason)?,
    })
}

fn body(json: &str) -> Result<Map<String, Value>, CallError> {
    serde_json::from_str(json).map_err(|error| invalid(format!("a body that is not a JSON object: {error}")))
}

fn finding(finding: wit::Finding) -> Result<Finding, CallError> {
    Ok(Finding {
        rule: text(finding.rule)?,
        severity: match finding.severity {
            wit::Severity::Info => Severity::Info,
            wit::Severity::Low => Severity::Low,
            wit::Severity::Medium => Severity::Medium,
            wit::Severity::High => Severity::High,
            wit::Severity::Critical => Severity::Critical,
        },
        title: text(finding.title)?,
        detail: text(finding.detail)?,
        target: finding.target.as_ref().map(object_ref).transpose()?,
    })
}

fn output(output: wit::Output) -> Result<Output, CallError> {
    let part = |part| match part {
        wit::Part::Text(value) => text(value).map(Part::Text),
        wit::Part::Secret(id) => Ok(Part::Secret(SecretId::named(&id))),
    };
    Ok(Output {
        name: text(output.name)?,
        when: match output.when {
            wit::Moment::Before => Moment::Before,
            wit::Moment::After => Moment::After,
        },
        value: output.value.into_iter().map(part).collect::<Result<_, _>>()?,
    })
}
