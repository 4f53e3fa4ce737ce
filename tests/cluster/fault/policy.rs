//! The API server refuses exactly what would be written last.

use super::bench::{Bench, Ended};
use super::{Test, named};
use serde_json::json;

/// It is deleted and created again, and so is written last.
const LAST: &str = "ClusterRoleBinding//kubeadm:get-nodes";
const LAST_LINE: &str = "clusterrolebinding.rbac.authorization.k8s.io/kubeadm:get-nodes";
const MESSAGE: &str = "this binding is not wanted here";
const PATH: &str = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolic";
/// How often we ask whether the policy is in force: the API server compiles it in the background.
const TRIES: usize = 5_000;

pub(super) fn tests() -> Vec<Test> {
    vec![
        named("policy::with_the_dry_run_nothing_is_written", |bench| denied(bench, with_precheck)),
        named("policy::without_the_report_says_what_was", |bench| denied(bench, without_precheck)),
    ]
}

fn denied(bench: &Bench, test: fn(&Bench)) {
    let api = "admissionregistration.k8s.io/v1";
    let rule = json!({
        "apiGroups": ["rbac.authorization.k8s.io"], "apiVersions": ["v1"], "operations": ["CREATE"],
        "resources": ["clusterrolebindings"],
    });
    let policy = json!({
        "apiVersion": api, "kind": "ValidatingAdmissionPolicy", "metadata": { "name": "no-binding" },
        "spec": {
            "failurePolicy": "Fail", "matchConstraints": { "resourceRules": [rule] },
            "validations": [{ "expression": "object.metadata.name != 'kubeadm:get-nodes'", "message": MESSAGE }],
        },
    });
    let binding = json!({
        "apiVersion": api, "kind": "ValidatingAdmissionPolicyBinding", "metadata": { "name": "no-binding" },
        "spec": { "policyName": "no-binding", "validationActions": ["Deny"] },
    });
    bench.restore();
    let made =
        bench.ask_all(vec![("POST", format!("{PATH}ies"), Some(&policy)), ("POST", format!("{PATH}ybindings"), Some(&binding))]);
    assert!(made.iter().all(|(status, _)| *status == 201), "{made:?}");
    assert!((0..TRIES).any(|_| is_denied(bench)), "the policy is in force");
    let run = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| test(bench)));
    bench.ask_all(["ies", "ybindings"].map(|end| ("DELETE", format!("{PATH}{end}/no-binding"), None)).to_vec());
    assert!((0..TRIES).any(|_| !is_denied(bench)), "the policy is gone");
    if let Err(panic) = run {
        std::panic::resume_unwind(panic);
    }
    bench.direct();
    assert_eq!(bench.state(), bench.golden);
}

fn is_denied(bench: &Bench) -> bool {
    let path = format!("{}?dryRun=All", crate::api::path(LAST, false));
    let (_, answer) = bench.ask_all(vec![("POST", path, Some(&bench.bare[LAST]))]).remove(0);
    answer["message"].as_str().is_some_and(|message| message.contains(MESSAGE))
}

fn with_precheck(bench: &Bench) {
    let mark = bench.cluster.audit_mark();
    let run = bench.run(&[], Vec::new());
    assert_eq!(run.ended, Ended::Code(2), "{}", run.stdout);
    assert!(run.stdout.is_empty() && run.stderr.contains(MESSAGE), "{}\n{}", run.stdout, run.stderr);
    assert_eq!(bench.cluster.our_writes(mark), Vec::<String>::new());
    assert_eq!(bench.state(), bench.start);
}

fn without_precheck(bench: &Bench) {
    let run = bench.run(&["--precheck=none"], Vec::new());
    assert_eq!(run.ended, Ended::Code(3), "{}", run.stderr);
    assert!(!run.seen.iter().any(super::script::Seen::is_dry_run));
    // As if all had gone well, but for the last write.
    let mut expected = bench.calm.report();
    for (object, result) in &mut expected {
        if (*object, *result) == (LAST_LINE, "created") {
            *result = "failed";
        }
    }
    assert_eq!(run.report(), expected, "{}", run.stderr);
    assert!(run.stderr.contains(MESSAGE) && !run.stdout.contains("kubeadm join"), "{}", run.stderr);
    let mut left = bench.golden.clone();
    left.remove(LAST);
    assert_eq!(bench.state(), left);
}
