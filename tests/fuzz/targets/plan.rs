//! Plans: through a component, the lifting of its answer, and the policy.

mod body;
mod hidden;
mod mirror;
mod rules;
mod scene;
mod script;
mod sorts;
mod words;

use hidden::{Course, Hidden};
use kubectl_bootstrap_token::component::{CallError, Phase};
use kubectl_bootstrap_token::entropy::{self, EntropyError};
use kubectl_bootstrap_token::session::observe::PlanInputs;
use kubephase_core::operation::Operation;
use kubephase_core::permission::Access;
use kubephase_core::plan::{Content, Permitted, Plan};
use kubephase_core::policy::Denial;
use kubephase_core::question::{Needs, Question, RandomRequest, Visibility};
use kubephase_core::secret::Secrets;
use kubephase_core::selector::Selector;
use kubephase_core::write::{Verb, Write};
use rules::{both_allow, check_proposal, is_for_all};
use scene::Scene;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

/// The most operations of a plan.
const OPERATIONS: usize = 4;

/// Draws a plan, permissions and a cluster from the bytes, and lets a component propose the plan. Whatever it is:
///
/// * what is read and written, both sides allow, and so is every key that the phase sees or writes in clear;
/// * a hidden value stands nowhere but in the data of a Secret of a sort that it belongs to, also after what the plan itself
///   does to that Secret; a drawn one goes to one sort;
/// * no message and nothing that the phase is told holds a hidden value;
/// * each body is of its target, and each write comes after those that it waits for;
/// * the grant that is proposed after a refusal allows what was refused, if a grant can, and nothing else.
pub fn plan(data: &[u8]) {
    let scene = Scene::draw(data);
    let mut secrets = scene.secrets();
    let ((known, answer), told) = mirror::ask(|phase| {
        let question =
            Question { task: "fuzz".to_owned(), parameters: scene.script.clone(), documents: Vec::new(), now: String::new() };
        let known = find_out(phase, &scene, &question, &mut secrets);
        let answer = phase.plan(&known.facts(&question), scene.policy(), &mut secrets);
        (known, answer)
    });
    let hidden = Hidden::of(&scene, &known.snapshot, &secrets);
    hidden.check_told(&scene, &told);
    match answer {
        Ok(content) => judge(&scene, &known, &secrets, &hidden, &content),
        Err(error) => check_error(&hidden, &error),
    }
}

fn check_error(hidden: &Hidden, error: &CallError) {
    hidden.check_words(&error.to_string());
    if let CallError::InvalidInput(problems) = error {
        problems.iter().for_each(|problem| [&problem.path, &problem.message].iter().for_each(|text| hidden.check_words(text)));
    }
}

/// Reads and draws what the phase needs, as far as it may.
fn find_out(phase: &Phase<'_>, scene: &Scene, question: &Question, secrets: &mut Secrets) -> PlanInputs {
    let mut known = PlanInputs::default();
    let needs = phase.need(&known.facts(question), scene.policy(), secrets);
    let Needs { reads, random } = match needs {
        Ok(needs) => needs,
        Err(error) => {
            check_error(&Hidden::of(scene, &known.snapshot, secrets), &error);
            return known;
        }
    };
    thread_local! { static SEED: Cell<[u8; 32]> = const { Cell::new([0; 32]) } }
    fn source(buffer: &mut [u8]) -> Result<(), EntropyError> {
        for chunk in buffer.chunks_mut(32) {
            SEED.set(Sha256::digest(SEED.get()).into());
            chunk.iter_mut().zip(SEED.get()).for_each(|(byte, drawn)| *byte = drawn);
        }
        Ok(())
    }
    SEED.set(Sha256::digest(scene.seed()).into());
    for request in random {
        check_random(&request);
        known.random.push(entropy::draw(&request, &source, secrets).unwrap());
    }
    for read in reads.iter().filter(|read| may_read(scene, read)) {
        known.snapshot.insert(read.clone(), scene.answer(read));
    }
    let is_denied = scene.policy().permit_reads(reads.clone()).is_err();
    assert_eq!(is_denied, reads.iter().any(|read| !known.snapshot.has(read)));
    known
}

/// What a phase may not see, nobody can guess.
fn check_random(request: &RandomRequest) {
    let different: BTreeSet<char> = request.alphabet.iter().copied().collect();
    assert!(different.len() == request.alphabet.len() && (2..=256).contains(&different.len()), "{request:?}");
    assert!((1..=256).contains(&request.length), "{request:?}");
    let choices = f64::from(u32::try_from(different.len()).unwrap()).powf(f64::from(u32::try_from(request.length).unwrap()));
    assert!(request.visibility == Visibility::Clear || choices >= 2_f64.powi(64), "{request:?}");
}

fn may_read(scene: &Scene, read: &Selector) -> bool {
    let policy = scene.policy();
    let denials = |policy: kubephase_core::policy::Policy<'_>| policy.permit_reads(vec![read.clone()]).err().unwrap_or_default();
    let denied = denials(policy);
    if !denied.is_empty() {
        check_proposal(policy, &denied, denials);
        return false;
    }
    let is_allowed = match read {
        Selector::One(target) => both_allow(policy, Access::Read, target),
        Selector::Many(list) => [policy.declared, policy.granted].into_iter().all(|side| {
            let is_meant = |permission: &&kubephase_core::permission::Permission| {
                permission.of == list.of
                    && is_for_all(permission, list.namespace.as_ref())
                    && permission.access.contains(&Access::Read)
            };
            side.0.iter().any(|permission| is_meant(&permission))
        }),
    };
    assert!(is_allowed, "{read:?}");
    true
}

fn judge(scene: &Scene, known: &PlanInputs, secrets: &Secrets, hidden: &Hidden, content: &Content) {
    check_lifted(&scene.script, content);
    let propose = || Plan::propose(content.clone(), OPERATIONS);
    let plan = match propose() {
        Ok(plan) => plan,
        Err(error) => return hidden.check_words(&error.to_string()),
    };
    match scene.policy().permit_plan(plan, &known.snapshot, secrets) {
        Ok(plan) => check_permitted(scene, known, secrets, hidden, plan),
        Err(denials) => {
            assert!(!denials.is_empty());
            denials.iter().for_each(|denial| hidden.check_words(&denial.to_string()));
            check_proposal(scene.policy(), &denials, |policy| {
                let again = propose().map(|plan| policy.permit_plan(plan, &known.snapshot, secrets));
                again.map_or_else(|_| Vec::<Denial>::new(), |permitted| permitted.err().unwrap_or_default())
            });
        }
    }
}

/// The host took what the phase said, and nothing else.
fn check_lifted(script: &Value, content: &Content) {
    let said = script.pointer("/plan_for/Ok/operations").and_then(Value::as_array).unwrap();
    let lifted = |operation: &Operation| {
        let of = &operation.target.of;
        let of = json!({ "group": of.group(), "version": of.version(), "plural": of.plural(), "kind": of.kind() });
        let namespace = operation.target.namespace.as_ref().map(ToString::to_string);
        let after: Vec<String> = operation.after.iter().map(ToString::to_string).collect();
        json!({
            "id": operation.id.to_string(), "after": after, "reason": operation.reason, "when": format!("{:?}", operation.when),
            "target": { "of": of, "namespace": namespace, "name": operation.target.name.as_str() },
            "action": operation.action.body().map_or_else(|| json!(format!("{:?}", operation.action)), |_| Value::Null),
        })
    };
    assert_eq!(said.len(), content.operations.len());
    for (said, operation) in said.iter().zip(&content.operations) {
        let mut said = said.clone();
        if let Some((_, text)) = said["action"].clone().as_object().and_then(|action| action.iter().next()) {
            let body: Value = serde_json::from_str(text.as_str().unwrap()).unwrap();
            assert_eq!(body.as_object(), operation.action.body());
            said["action"] = Value::Null;
        }
        assert_eq!(said, lifted(operation));
    }
}

fn check_permitted(scene: &Scene, known: &PlanInputs, secrets: &Secrets, hidden: &Hidden, plan: Plan<Permitted>) {
    let verified = plan.verify(|writes| writes.iter().map(|_| Ok::<(), ()>(())).collect()).unwrap();
    let content = verified.content();
    for output in &content.outputs {
        output.secrets().for_each(|id| hidden.check_shown(id, secrets));
    }
    let mut course = Course::new(hidden, scene.policy(), secrets, &known.snapshot);
    let mut done = BTreeMap::new();
    for wave in verified.waves() {
        for (index, write) in &wave {
            let operation = content.operations.get(*index).unwrap();
            assert!(operation.after.iter().all(|after| done.contains_key(after)), "{operation:?}");
            check_access(scene, operation, *write);
            if let Some(write) = write {
                check_identity(write);
                course.check(operation, write);
            }
        }
        done.extend(wave.iter().filter_map(|(index, _)| Some((&content.operations.get(*index)?.id, *index))));
    }
    assert_eq!(done.len(), content.operations.len());
}

/// Both sides allow what is sent, which is what was proposed.
fn check_access(scene: &Scene, operation: &Operation, write: Option<&Write>) {
    let accesses: &[Access] = match write.map(|write| &write.verb) {
        None => &[Access::Read],
        Some(Verb::Create(_)) => &[Access::Create],
        Some(Verb::Replace(_) | Verb::MergePatch(_)) => &[Access::Update],
        Some(Verb::Apply(_)) => &[Access::Create, Access::Update],
        Some(Verb::Delete) => &[Access::Delete],
    };
    let target = write.map_or(&operation.target, |write| &write.target);
    assert_eq!(*target, operation.target);
    assert!(accesses.iter().all(|access| both_allow(scene.policy(), *access, target)), "{operation:?}");
}

/// A body is of its target; a patch may leave out what it does not change.
fn check_identity(write: &Write) {
    let Some(body) = hidden::body(write) else { return };
    let is_patch = matches!(write.verb, Verb::MergePatch(_));
    let metadata = body.get("metadata");
    assert!(metadata.map_or(is_patch, Value::is_object), "{write:?}");
    let of = |name: &str| metadata.and_then(|metadata| metadata.get(name));
    let target = &write.target;
    let api_version = [target.of.group(), target.of.version()].join("/");
    for (found, expected) in [
        (body.get("apiVersion"), Some(api_version.trim_start_matches('/'))),
        (body.get("kind"), Some(target.of.kind())),
        (of("name"), Some(target.name.as_str())),
        (of("namespace"), target.namespace.as_ref().map(|namespace| namespace.as_str())),
    ] {
        let is_left_out = found.is_none() && (is_patch || expected.is_none());
        assert!(is_left_out || found.is_some_and(|found| found.as_str() == expected && expected.is_some()), "{write:?}");
    }
    // Whatever else is in there is the API server's own, or keeps or deletes the object.
    let is_known = |name: &String| ["name", "namespace", "labels", "annotations"].contains(&name.as_str());
    assert!(metadata.and_then(Value::as_object).is_none_or(|metadata| metadata.keys().all(is_known)), "{write:?}");
}
