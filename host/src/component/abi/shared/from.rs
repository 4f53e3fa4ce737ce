//! From the phase: converts its answers to core types. Answers are untrusted: too long, too many or an invalid name is refused
//! here.

use super::super::bounds::{
    DESCRIPTION_ITEMS, DESCRIPTION_TEXT_BYTES, FINDINGS, LINE_BYTES, LINES, RANDOM_STRINGS, READS, REFERENCES, SECRET_BITS, body,
    bounded, check_unique, invalid, list, operation_id, text, version, visible, word,
};
use super::super::{CallError, InputProblem};
use super::wit;
use kubephase_core::description::{Description, TaskDescription};
use kubephase_core::finding::{Finding, Severity};
use kubephase_core::name::{Identifier, InvalidName, Namespace, ObjectName};
use kubephase_core::object::{ApiResource, ObjectRef};
use kubephase_core::operation::{Action, Operation, Precondition};
use kubephase_core::output::{Moment, Output, OutputPart};
use kubephase_core::permission::{Access, AccessSort, Pattern, Permission, PermissionScope, Permissions};
use kubephase_core::plan::Content;
use kubephase_core::question::{Needs, RandomRequest, Visibility};
use kubephase_core::secret::SecretId;
use kubephase_core::selector::{ListRef, Selector};

fn resource(of: &wit::ApiResource) -> Result<ApiResource, CallError> {
    ApiResource::parse(&of.group, &of.version, &of.plural, &of.kind).map_err(invalid)
}

fn namespace(namespace: Option<&String>) -> Result<Option<Namespace>, CallError> {
    namespace.map(|namespace| Namespace::parse(namespace)).transpose().map_err(invalid)
}

fn object_ref(object: &wit::ObjectRef) -> Result<ObjectRef, CallError> {
    let name = ObjectName::parse(&object.name).map_err(|error: InvalidName| invalid(error))?;
    ObjectRef::new(resource(&object.of)?, namespace(object.namespace.as_ref())?, name).map_err(invalid)
}

pub(super) fn description(description: wit::Description) -> Result<Description, CallError> {
    let tasks = list("tasks", DESCRIPTION_ITEMS, description.tasks, task)?;
    check_unique(tasks.iter().map(|task| task.name.as_str()))?;
    Ok(Description {
        id: Identifier::parse("phase id", &description.id).map_err(invalid)?,
        version: version(description.version)?,
        summary: bounded(description.summary, DESCRIPTION_TEXT_BYTES)?,
        tasks,
        rules: Vec::new(),
    })
}

fn task(task: wit::Task) -> Result<TaskDescription, CallError> {
    Ok(TaskDescription {
        name: Identifier::parse("task", &task.name).map_err(invalid)?,
        summary: bounded(task.summary, DESCRIPTION_TEXT_BYTES)?,
        parameters: text(task.parameters)?,
        permissions: Permissions(list("permissions", DESCRIPTION_ITEMS, task.permissions, permission)?),
    })
}

fn permission(permission: wit::Permission) -> Result<Permission, CallError> {
    let patterns =
        |what: &str, texts: Vec<String>| list(what, DESCRIPTION_ITEMS, texts, |text| Pattern::parse(&text).map_err(invalid));
    let access = list("accesses", DESCRIPTION_ITEMS, permission.access, |access| {
        Ok(match access {
            wit::Access::Read => Access::Read,
            wit::Access::Create => Access::Create,
            wit::Access::Update => Access::Update,
            wit::Access::Delete => Access::Delete,
            wit::Access::Revoke => Access::Revoke,
        })
    });
    let mut access = access?;
    access.sort_unstable();
    access.dedup();
    let of = resource(&permission.of)?;
    let sort = AccessSort::of(&access, &of);
    let name = |text: String| Pattern::parse_name(&text, sort).map_err(invalid);
    Ok(Permission {
        access,
        place: PermissionScope::parse(permission.namespace.as_deref(), sort, &of).map_err(invalid)?,
        names: list("names", DESCRIPTION_ITEMS, permission.names, name)?,
        of,
        reveal: patterns("keys", permission.reveal)?,
        reason: bounded(permission.reason, DESCRIPTION_TEXT_BYTES)?,
    })
}

pub(super) fn needs(needs: wit::Needs) -> Result<Needs, CallError> {
    let random = list("random strings", RANDOM_STRINGS, needs.random, random_request)?;
    check_unique(random.iter().map(|request| request.name.as_str()))?;
    Ok(Needs { reads: list("reads", READS, needs.reads, selector)?, random })
}

fn selector(selector: wit::Selector) -> Result<Selector, CallError> {
    match selector {
        wit::Selector::One(object) => object_ref(&object).map(Selector::One),
        wit::Selector::Many(many) => Ok(Selector::Many(ListRef {
            of: resource(&many.of)?,
            namespace: namespace(many.namespace.as_ref())?,
            labels: visible(many.label_selector)?,
            fields: visible(many.field_selector)?,
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
    let bits = f64::from(request.length) * f64::from(u16::try_from(alphabet.len()).unwrap_or(u16::MAX)).log2();
    if request.secret && bits < SECRET_BITS {
        return Err(invalid(format!("a secret of {bits:.0} bits, which can be guessed; it needs at least {SECRET_BITS}")));
    }
    if !request.alphabet.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(invalid("a random string with characters other than visible ASCII"));
    }
    let visibility = if request.secret { Visibility::Hidden } else { Visibility::Clear };
    Ok(RandomRequest { name: word(request.name)?, alphabet, length, visibility })
}

pub(super) fn plan(plan: wit::Plan) -> Result<Content, CallError> {
    Ok(Content {
        // The number of operations is limited by the plan itself.
        operations: plan.operations.into_iter().map(operation).collect::<Result<_, _>>()?,
        findings: list("findings", FINDINGS, plan.findings, finding)?,
        notes: list("notes", LINES, plan.notes, |note| bounded(note, LINE_BYTES))?,
        outputs: list("outputs", LINES, plan.outputs, output)?,
    })
}

/// Why there is no answer, in the phase's words.
pub(super) fn failure(failure: wit::Failure) -> CallError {
    let problem = |problem: wit::Problem| Ok(InputProblem { path: text(problem.path)?, message: text(problem.message)? });
    let lifted = match failure {
        wit::Failure::InvalidInput(problems) => list("problems", FINDINGS, problems, problem).map(CallError::InvalidInput),
        wit::Failure::Unsupported(words) => text(words).map(CallError::Unsupported),
        wit::Failure::Other(words) => text(words).map(CallError::Failed),
    };
    lifted.unwrap_or_else(|too_long| too_long)
}

fn operation(operation: wit::Operation) -> Result<Operation, CallError> {
    let action = match operation.action {
        wit::Action::Create(json) => Action::Create(body(&json)?),
        wit::Action::Replace(json) => Action::Replace(body(&json)?),
        wit::Action::MergePatch(json) => Action::MergePatch(body(&json)?),
        wit::Action::Apply(json) => Action::Apply(body(&json)?),
        wit::Action::Delete => Action::Delete,
        wit::Action::Keep => Action::Keep,
    };
    Ok(Operation {
        id: operation_id(&operation.id)?,
        target: object_ref(&operation.target)?,
        action,
        when: match operation.when {
            wit::Precondition::Absent => Precondition::Absent,
            wit::Precondition::AsObserved => Precondition::AsObserved,
            wit::Precondition::Any => Precondition::Any,
        },
        after: operation.after.iter().map(|after| operation_id(after)).collect::<Result<_, _>>()?,
        reason: text(operation.reason)?,
    })
}

pub(super) const fn severity(severity: wit::Severity) -> Severity {
    match severity {
        wit::Severity::Info => Severity::Info,
        wit::Severity::Low => Severity::Low,
        wit::Severity::Medium => Severity::Medium,
        wit::Severity::High => Severity::High,
        wit::Severity::Critical => Severity::Critical,
    }
}

fn finding(finding: wit::Finding) -> Result<Finding, CallError> {
    Ok(Finding {
        fixable: super::fixable(&finding),
        rule: text(finding.rule)?,
        severity: severity(finding.severity),
        title: text(finding.title)?,
        detail: text(finding.detail)?,
        target: finding.target.as_ref().map(object_ref).transpose()?,
        remedy: list("remedies of a finding", FINDINGS, finding.remedy, |id| operation_id(&id))?,
        references: list("references of a finding", REFERENCES, finding.references, |reference| bounded(reference, LINE_BYTES))?,
    })
}

fn output(output: wit::Output) -> Result<Output, CallError> {
    let part = |part| match part {
        wit::Part::Text(value) => OutputPart::Text(value),
        wit::Part::Secret(id) => OutputPart::Secret(SecretId::named(&id)),
    };
    let value: Vec<OutputPart> = output.value.into_iter().map(part).collect();
    let bytes: usize = value.iter().map(OutputPart::len).sum();
    if bytes > LINE_BYTES {
        return Err(invalid(format!("a line of {bytes} bytes, the limit is {LINE_BYTES}")));
    }
    Ok(Output {
        name: word(output.name)?,
        when: match output.when {
            wit::Moment::Before => Moment::Before,
            wit::Moment::After => Moment::After,
        },
        value,
    })
}
