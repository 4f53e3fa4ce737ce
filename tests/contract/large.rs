//! The audit of large clusters, within the limits that hold for everything.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use kubectl_bootstrap_token::component::{CallError, Facts, Phase};
use kubectl_bootstrap_token::config::limits::LIMITS;
use kubephase_core::finding::Finding;
use kubephase_core::limits::Limits;
use kubephase_core::log::{Level, Log};
use kubephase_core::object::Object;
use kubephase_core::plan::{Content, Plan};
use kubephase_core::policy::Policy;
use kubephase_core::question::{Question, Server};
use kubephase_core::secret::Secrets;
use kubephase_core::selector::Selector;
use kubephase_core::snapshot::Snapshot;
use serde_json::{Map, Value, json};
use std::cell::RefCell;

/// What else is proposed: all that kubeadm would have made, since the tokens need it.
const MISSING: usize = 8;

/// What the calls used.
#[derive(Default)]
struct Used(RefCell<Vec<String>>);

impl Log for Used {
    fn line(&self, level: Level, text: &dyn Fn() -> String) {
        if level == Level::Calls {
            self.0.borrow_mut().push(text());
        }
    }
}

impl Used {
    /// The first number in the last line.
    fn fuel(&self) -> u64 {
        let line = self.0.borrow().last().unwrap().clone();
        line.split(|c: char| !c.is_ascii_digit()).find_map(|number| number.parse().ok()).unwrap()
    }
}

fn object(value: Value) -> Object {
    Object::new(serde_json::from_value(value).unwrap())
}

/// A token without an end, as kubeadm makes it.
fn token(index: usize) -> Object {
    let group = "system:bootstrappers:kubeadm:default-node-token";
    let (id, half) = (format!("t{index:05}"), format!("q3xk09vzt1m{index:05}"));
    let data = [
        ("token-id", id.as_str()),
        ("token-secret", &half),
        ("usage-bootstrap-signing", "true"),
        ("usage-bootstrap-authentication", "true"),
        ("auth-extra-groups", group),
    ];
    let data: Map<_, _> = data.iter().map(|(key, text)| ((*key).to_owned(), json!(STANDARD.encode(text)))).collect();
    object(json!({
        "metadata": { "name": format!("bootstrap-token-{id}"), "namespace": "kube-system", "uid": "3b0b8fd2-4f5e-4a52-9a3c-0c6d5f0f4a11",
            "resourceVersion": "123456", "creationTimestamp": "2029-12-31T12:00:00Z" },
        "type": "bootstrap.kubernetes.io/token", "data": data,
    }))
}

fn cluster_info(count: usize) -> Object {
    let signature = format!("eyJhbGciOiJIUzI1NiIsImtpZCI6Ims3bTJwOSJ9..{}", "A".repeat(43));
    let mut data: Map<_, _> = (0..count).map(|index| (format!("jws-kubeconfig-t{index:05}"), json!(signature))).collect();
    let kubeconfig =
        "clusters:\n- cluster:\n    certificate-authority-data: YQ==\n    server: https://cp.example:6443\n  name: \"\"\n";
    data.insert("kubeconfig".to_owned(), json!(kubeconfig));
    object(json!({ "metadata": { "name": "cluster-info", "namespace": "kube-public" }, "data": data }))
}

/// A binding of somebody, of which large clusters have thousands.
fn binding(index: usize) -> Object {
    object(json!({
        "metadata": { "name": format!("b{index}"), "namespace": format!("n{}", index % 100) },
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": format!("r{index}") },
        "subjects": [{ "kind": "ServiceAccount", "name": "default", "namespace": format!("n{}", index % 100) }],
    }))
}

/// Whether what is proposed is put through the policy, which looks for each object among all of them.
#[derive(PartialEq, Eq)]
pub(crate) enum Permit {
    Tried,
    NotTried,
}

/// What is found in a cluster with so many tokens and bindings, and the fuel that it took.
pub(crate) fn audit(task: &str, count: usize, permit: Permit, limits: Limits) -> Result<(Content, u64), CallError> {
    let used = Used::default();
    let admitted = super::admit(kubectl_bootstrap_token::component::ComponentBytes::Embedded, LIMITS).unwrap();
    let phase = Phase::load(
        &admitted,
        limits,
        Some(&kubectl_bootstrap_token::component::CodeCache::at(&super::compiled()).unwrap()),
        &used,
    )
    .unwrap();
    let question =
        Question { task: task.to_owned(), parameters: json!({}), documents: Vec::new(), now: "2030-01-01T00:00:00Z".to_owned() };
    let permissions = &phase.describe()?.tasks.into_iter().find(|other| other.name.as_str() == task).unwrap().permissions;
    let policy = Policy { declared: permissions, granted: permissions, of_phase: permissions };
    let (server, mut snapshot) = (Server { version: "v1.37.2".to_owned(), ..Server::default() }, Snapshot::default());
    let mut secrets = Secrets::default();
    let nothing = Facts { question: &question, server: &server, snapshot: &Snapshot::default(), random: &[] };
    let needs = phase.need(&nothing, policy, &mut secrets)?;
    for read in policy.permit_reads(needs.reads).unwrap().selectors() {
        let found = match read {
            Selector::One(target) if target.name.as_str() == "cluster-info" => vec![cluster_info(count)],
            Selector::Many(list) if list.fields.contains("bootstrap") => (0..count).map(token).collect(),
            Selector::Many(list) if list.of.kind() == "RoleBinding" => (0..count).map(binding).collect(),
            _ => Vec::new(),
        };
        snapshot.insert(read.clone(), found);
    }
    let all = Facts { snapshot: &snapshot, ..nothing };
    let content = phase.plan(&all, policy, &mut secrets)?;
    if permit == Permit::Tried {
        let plan = Plan::propose(content.clone(), usize::try_from(LIMITS.operations).unwrap()).unwrap();
        policy.permit_plan(plan, &snapshot, &secrets).unwrap();
    }
    Ok((content, used.fuel()))
}

#[test]
fn ten_thousand_tokens_fit_and_take_ten_times_the_fuel_of_a_thousand() {
    for task in ["audit", "fix"] {
        let (small, thousand) = audit(task, 1_000, Permit::Tried, LIMITS).unwrap();
        let (content, ten_thousand) = audit(task, 10_000, Permit::NotTried, LIMITS).unwrap();
        assert_eq!(small.operations.len(), if task == "fix" { 1_000 + MISSING } else { 0 });
        let of = |rule: &str| content.findings.iter().filter(|finding: &&Finding| finding.rule == rule).count();
        assert_eq!([of("token-no-expiry"), of("cluster-info-nearly-full"), of("cluster-info-stale")], [10_000, 1, 0]);
        assert!(ten_thousand < thousand * 12, "{task}: {ten_thousand} units of fuel after {thousand}");
    }
}

/// All calls of a process share an engine: the end of the time of one call ends no other.
#[test]
fn a_call_whose_time_is_over_ends_no_other() {
    std::thread::scope(|scope| {
        let patient = scope.spawn(|| audit("audit", 2_000, Permit::NotTried, LIMITS).map(|_| ()));
        let hurried = Limits { call_millis: 2, ..LIMITS };
        while !patient.is_finished() {
            let said = audit("audit", 2_000, Permit::NotTried, hurried).map(|_| ()).unwrap_err().to_string();
            assert!(said.ends_with("within 2 ms"), "{said}");
        }
        patient.join().unwrap().unwrap();
    });
}
