//! The component in the sandbox: what it is, what it asks for, and that the limits hold.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a broken test environment should fail loudly")]
#![expect(clippy::disallowed_methods, reason = "a test looks at files and memory")]

mod archive;
mod audit;
mod budget;
mod consent;
mod determinism;
mod fixed;
mod large;
#[cfg(unix)]
mod process;
mod world;

use kubectl_bootstrap_token::component::admit::AdmissionError;
use kubectl_bootstrap_token::component::{Admitted, CallError, CodeCache, ComponentBytes, Facts, Phase, Vouched};
use kubectl_bootstrap_token::config::limits::LIMITS;
use kubephase_core::grant::Extras;
use kubephase_core::join::Step;
use kubephase_core::limits::Limits;
use kubephase_core::log::Silent;
use kubephase_core::permission::Permissions;
use kubephase_core::plan::{InvalidPlan, Plan};
use kubephase_core::policy::Policy;
use kubephase_core::question::{Question, Server};
use kubephase_core::secret::{SecretOrigin, Secrets};
use kubephase_core::snapshot::Snapshot;
use kubephase_core::trust::Trusted;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Where phases are compiled once, for all tests and the next run.
fn compiled() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("kubectl-bootstrap-token/code")
}

fn phase(limits: Limits) -> Phase<'static> {
    Phase::load(&admit(ComponentBytes::Embedded, LIMITS).unwrap(), limits, Some(&CodeCache::at(&compiled()).unwrap()), &Silent)
        .unwrap()
}

fn admit(bytes: ComponentBytes, limits: Limits) -> Result<Admitted, AdmissionError> {
    Admitted::admit(Vouched::new(bytes, Trusted::embedded()), limits, Extras::default())
}

/// A question with a token, so that nothing has to be read or drawn.
fn question(secrets: &mut Secrets) -> Question {
    let secret = secrets.hide(b"0123456789abcdef", SecretOrigin::Drawn);
    Question {
        task: "apply".to_owned(),
        parameters: json!({ "token": { "id": "abcdef", "secret": secrets.handle(&secret) }, "controlPlaneEndpoint": "cp.example" }),
        documents: Vec::new(),
        now: "2030-01-01T00:00:00Z".to_owned(),
    }
}

/// What a phase says to a question on an empty cluster, with nothing declared or granted.
fn ask<T>(change: impl FnOnce(Question) -> Question, say: impl FnOnce(&Facts<'_>, Policy<'_>, &mut Secrets) -> T) -> T {
    let mut secrets = Secrets::default();
    let question = change(question(&mut secrets));
    let permissions = Permissions(Vec::new());
    let policy = Policy { declared: &permissions, granted: &permissions, of_phase: &permissions };
    let (server, snapshot) = (Server::default(), Snapshot::default());
    say(&Facts { question: &question, server: &server, snapshot: &snapshot, random: &[] }, policy, &mut secrets)
}

/// The plan, in a form that can be compared.
fn answer(phase: &Phase<'_>) -> Result<String, CallError> {
    let content = ask(|question| question, |facts, policy, secrets| phase.plan(facts, policy, secrets));
    content.map(|content| format!("{content:?}"))
}

#[test]
fn the_embedded_phase_asks_for_exactly_this() {
    let description = phase(LIMITS).describe().unwrap();
    let mut lines = vec![format!("{} {}", description.id, description.version)];
    for task in &description.tasks {
        for permission in &task.permissions.0 {
            let words = |words: Vec<String>| words.join(",");
            let namespace = permission.place.as_str().map_or_else(String::new, |namespace| format!(" in {namespace}"));
            lines.push(format!(
                "{}: {} {}{namespace} named {} reveal {}",
                task.name,
                words(permission.access.iter().map(ToString::to_string).collect()),
                permission.of,
                words(permission.names.iter().map(ToString::to_string).collect()),
                words(permission.reveal.iter().map(ToString::to_string).collect()),
            ));
        }
    }
    // A change here is a change of what administrators agree to.
    let expected = "\
kubeadm.bootstrap-token 0.1.0
apply: read,create,update secrets in kube-system named bootstrap-token-* reveal token-id,description,expiration,usage-bootstrap-*,auth-extra-groups
apply: read,create,update clusterroles.rbac.authorization.k8s.io named kubeadm:get-nodes reveal 
apply: read,create,update,delete clusterrolebindings.rbac.authorization.k8s.io named kubeadm:get-nodes,kubeadm:kubelet-bootstrap,kubeadm:node-autoapprove-bootstrap,kubeadm:node-autoapprove-certificate-rotation,kubeadm:apiserver-kubelet-client reveal 
apply: read,create,update configmaps in kube-public named cluster-info reveal 
apply: read,create,update roles.rbac.authorization.k8s.io in kube-public named kubeadm:bootstrap-signer-clusterinfo reveal 
apply: read,create,update,delete rolebindings.rbac.authorization.k8s.io in kube-public named kubeadm:bootstrap-signer-clusterinfo reveal 
apply: read configmaps in kube-system named kubeadm-config reveal 
create: read,create secrets in kube-system named bootstrap-token-* reveal token-id,description,expiration,usage-bootstrap-*,auth-extra-groups
create: read configmaps in kube-public named cluster-info reveal 
create: read configmaps in kube-system named kubeadm-config reveal 
renew: read,update secrets in kube-system named bootstrap-token-* reveal expiration
rotate: read,create,update secrets in kube-system named bootstrap-token-* reveal token-id,description,expiration,usage-bootstrap-*,auth-extra-groups
delete: read,delete secrets in kube-system named bootstrap-token-* reveal 
audit: read secrets in kube-system named bootstrap-token-* reveal token-id,description,expiration,usage-bootstrap-*,auth-extra-groups
audit: read configmaps in kube-public named cluster-info reveal 
audit: read configmaps in kube-system named kubeadm-config reveal 
audit: read clusterroles.rbac.authorization.k8s.io named * reveal 
audit: read clusterrolebindings.rbac.authorization.k8s.io named * reveal 
audit: read roles.rbac.authorization.k8s.io in * named * reveal 
audit: read rolebindings.rbac.authorization.k8s.io in * named * reveal 
fix: read secrets in kube-system named bootstrap-token-* reveal token-id,description,expiration,usage-bootstrap-*,auth-extra-groups
fix: read configmaps in kube-public named cluster-info reveal 
fix: read configmaps in kube-system named kubeadm-config reveal 
fix: read clusterroles.rbac.authorization.k8s.io named * reveal 
fix: read clusterrolebindings.rbac.authorization.k8s.io named * reveal 
fix: read roles.rbac.authorization.k8s.io in * named * reveal 
fix: read rolebindings.rbac.authorization.k8s.io in * named * reveal 
fix: update,delete secrets in kube-system named bootstrap-token-* reveal 
fix: create,update configmaps in kube-public named cluster-info reveal 
fix: create,update clusterroles.rbac.authorization.k8s.io named kubeadm:get-nodes reveal 
fix: create,update,delete clusterrolebindings.rbac.authorization.k8s.io named kubeadm:get-nodes,kubeadm:kubelet-bootstrap,kubeadm:node-autoapprove-bootstrap,kubeadm:node-autoapprove-certificate-rotation,kubeadm:apiserver-kubelet-client reveal 
fix: revoke clusterrolebindings.rbac.authorization.k8s.io named * reveal 
fix: create,update roles.rbac.authorization.k8s.io in kube-public named kubeadm:bootstrap-signer-clusterinfo reveal 
fix: create,update,delete rolebindings.rbac.authorization.k8s.io in kube-public named kubeadm:bootstrap-signer-clusterinfo reveal 
fix: revoke rolebindings.rbac.authorization.k8s.io in * named * reveal 
fix: update roles.rbac.authorization.k8s.io in kube-system named kubeadm:*,kube-proxy reveal ";
    assert_eq!(lines.join("\n"), expected);
}

#[test]
fn the_same_question_has_the_same_answer() {
    let phase = phase(LIMITS);
    let first = answer(&phase).unwrap();
    assert!(first.contains("bootstrap-token-abcdef"));
    assert!(!first.contains("0123456789abcdef"), "the secret is in the answer of a phase that cannot know it");
    assert_eq!(answer(&phase).unwrap(), first);
}

#[test]
fn limits_hold() {
    let cases: [(Limits, &str); 4] = [
        (Limits { fuel: 10_000, ..LIMITS }, "the phase did not finish within 10000 units of fuel"),
        (Limits { memory_bytes: 65_536, ..LIMITS }, "the phase wanted more than 65536 bytes of memory"),
        (Limits { result_bytes: 1_000, ..LIMITS }, "the phase returned an answer of more than 1000 bytes"),
        (Limits { table_elements: 1, ..LIMITS }, "the phase wanted tables of more than 1 entries"),
    ];
    for (limits, expected) in cases {
        let error = answer(&phase(limits)).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{limits:?}: {error}");
    }
}

/// `explain` takes both.
#[test]
fn no_rule_has_the_name_of_a_step() {
    let rules = phase(LIMITS).describe().unwrap().rules;
    let steps = Step::ALL.map(Step::name);
    assert!(!rules.is_empty() && rules.iter().all(|rule| !steps.contains(&rule.id.as_str())));
}

#[test]
fn the_phase_needs_little() {
    // More than a hundredth of the fuel, or a sixteenth of the memory, that it may use would be reason to look.
    let limits = Limits { fuel: LIMITS.fuel / 100, memory_bytes: LIMITS.memory_bytes / 16, ..LIMITS };
    answer(&phase(limits)).unwrap();
}

#[test]
fn a_plan_with_too_many_operations_is_refused() {
    let phase = phase(LIMITS);
    let denials = ask(
        |question| question,
        |facts, policy, secrets| {
            let content = phase.plan(facts, policy, secrets).unwrap();
            let plan = Plan::propose(content.clone(), 9);
            assert!(matches!(plan, Err(InvalidPlan::TooMany { found: 10, limit: 9 })), "{plan:?}");
            // Nothing is allowed that was not declared and granted: each of the ten is denied.
            let plan = Plan::propose(content, 10).unwrap();
            policy.permit_plan(plan, facts.snapshot, secrets).unwrap_err()
        },
    );
    assert_eq!(denials.len(), 10, "{denials:?}");
}

#[test]
fn files_that_are_not_such_a_component_are_refused() {
    let bytes = ComponentBytes::Embedded.to_vec();
    let truncated = bytes.get(..bytes.len() / 2).unwrap().to_vec();
    let core_module = b"\0asm\x01\0\0\0".to_vec();
    let nested = [4, 8, 0, b'a', b's', b'm', 0x0d, 0, 1, 0];
    for (name, bytes) in [("empty", Vec::new()), ("text", b"hello".to_vec()), ("truncated", truncated)] {
        let error = admit(ComponentBytes::Foreign(bytes), LIMITS).err();
        assert!(matches!(error, Some(AdmissionError::Invalid(_))), "{name}: {error:?}");
    }
    assert!(matches!(admit(ComponentBytes::Foreign(core_module), LIMITS).err(), Some(AdmissionError::CoreModule)));
    for before in [&[][..], &nested] {
        let error = admit(ComponentBytes::Foreign(component_with_import(before)), LIMITS).err();
        assert!(matches!(&error, Some(AdmissionError::Import { name, others: 0 }) if name == "a"), "{error:?}");
    }
    let small = Limits { file_bytes: bytes.len() as u64 - 1, ..LIMITS };
    assert!(matches!(admit(ComponentBytes::Foreign(bytes), small).err(), Some(AdmissionError::TooLarge(_))));
}

/// The bytes of `(component (type (func)) (import "a" (func (type 0))))`, with another section before.
fn component_with_import(before: &[u8]) -> Vec<u8> {
    let header = b"\0asm\x0d\0\x01\0";
    let type_section = [7, 5, 1, 0x40, 0, 1, 0];
    let import_section = [10, 6, 1, 0, 1, b'a', 1, 0];
    [&header[..], before, &type_section, &import_section].concat()
}

#[test]
fn bad_input_is_refused_in_the_sandbox_as_outside() {
    let phase = phase(LIMITS);
    let documents: Vec<Value> = vec![json!({ "apiVersion": "kubeadm.k8s.io/v1beta4", "kind": "InitConfiguration",
        "bootstrapTokens": [{ "ttl": "soon" }, { "usages": ["nothing"] }] })];
    let change = |question| Question { documents, parameters: json!({}), ..question };
    let needs = ask(change, |facts, policy, secrets| phase.need(facts, policy, secrets));
    let Err(CallError::InvalidInput(problems)) = needs else { panic!("accepted") };
    let paths: Vec<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(paths, ["bootstrapTokens[0].ttl", "bootstrapTokens[1].usages", "bootstrapTokens[1].groups"]);
}

/// The host takes it as valid without another look: this is the look.
#[test]
fn the_embedded_phase_is_admitted_as_any_other() {
    let bytes = ComponentBytes::Embedded.to_vec();
    assert!(admit(ComponentBytes::Foreign(bytes), LIMITS).is_ok());
}
