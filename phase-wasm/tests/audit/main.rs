//! For each rule of the audit: a fault that it finds, something similar that is fine, and a fix that works without breaking a
//! join.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a broken test should fail loudly")]
#![expect(clippy::disallowed_methods, reason = "a test of the documentation reads it, where cargo says it is")]

mod about_cluster_info;
mod about_makers;
mod about_rights;
mod about_tokens;
mod clusters;
mod distributions;
mod joining;
mod scale;
mod world;

use bootstrap_token_phase::abi::{Failure, Finding, Severity};
use bootstrap_token_phase::audit::rule::{RULES, VARIANTS};
use bootstrap_token_phase::task;
use joining::joining;
use serde_json::json;
use std::collections::BTreeSet;
use world::World;

/// A fault, and something similar that is fine.
struct Case {
    rule: &'static str,
    severity: Severity,
    faulty: World,
    alike: World,
    cure: Cure,
}

/// What is done about a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cure {
    /// The plan fixes it.
    Planned,
    /// The plan expires the token within the hour; until then it is found with low severity.
    Soon,
    /// The plan fixes it on request.
    Asked,
    /// A person must look.
    ByHand,
}

fn cases() -> Vec<Case> {
    [
        about_tokens::cases(),
        about_cluster_info::cases(),
        about_rights::cases(),
        about_rights::cases_of_kubeadm(),
        about_makers::cases(),
    ]
    .concat()
}

impl Case {
    fn parameters_are_none(&self) -> bool {
        self.faulty.parameters == json!({})
    }
}

impl Clone for Case {
    fn clone(&self) -> Self {
        Self { faulty: self.faulty.clone(), alike: self.alike.clone(), ..*self }
    }
}

/// Whether a title is a sentence with some text in place of each word in braces.
fn is_said(title: &str, sentence: &str) -> bool {
    let Some((before, rest)) = sentence.split_once('{') else { return title == sentence };
    let after = rest.split_once('}').unwrap().1;
    let Some(title) = title.strip_prefix(before) else { return false };
    (1..=title.len()).any(|end| title.is_char_boundary(end) && is_said(&title[end..], after))
}

/// The one sentence that a finding has as its title.
fn sentence_of(finding: &Finding) -> (&'static str, &'static str) {
    let rules = RULES.iter().chain(VARIANTS).filter(|rule| rule.id == finding.rule && is_said(&finding.title, rule.sentence));
    let said: Vec<_> = rules.map(|rule| (rule.id, rule.sentence)).collect();
    let [sentence] = said.as_slice() else { panic!("{}: `{}` is {said:?}", finding.rule, finding.title) };
    assert!(!finding.title.contains(['{', '}']), "{}", finding.title);
    *sentence
}

#[test]
fn every_rule_finds_its_fault_and_not_what_looks_alike() {
    let mut said = BTreeSet::new();
    for (index, case) in cases().into_iter().enumerate() {
        let name = format!("{} ({index})", case.rule);
        let findings = case.faulty.findings();
        let found: Vec<_> = findings.iter().filter(|finding| finding.rule == case.rule).collect();
        assert!(found.iter().any(|finding| finding.severity == case.severity), "{name}: {findings:#?}");
        for finding in &findings {
            assert!(finding.remedy.is_empty(), "{name}: an audit proposes nothing");
            assert!(!finding.title.is_empty() && !finding.detail.is_empty() && !finding.references.is_empty(), "{name}");
            let rule =
                RULES.iter().find(|rule| rule.id == finding.rule).unwrap_or_else(|| panic!("{} has no rule", finding.rule));
            assert!(finding.detail.contains(rule.description), "{name}");
            said.insert(sentence_of(finding));
        }
        assert!(case.faulty.plan("audit").operations.is_empty(), "{name}");
        assert!(!case.alike.rules().contains(case.rule), "{name}: {:#?}", case.alike.findings());
    }
    let all = RULES.iter().chain(VARIANTS).map(|rule| (rule.id, rule.sentence));
    assert_eq!(said, all.collect(), "a sentence that no case says");
}

#[test]
fn the_cure_cures_and_breaks_no_join() {
    for (index, case) in cases().into_iter().enumerate() {
        let name = format!("{} ({index})", case.rule);
        let mut case = case;
        if case.cure == Cure::Asked {
            let plan = case.faulty.plan("fix");
            assert!(plan.operations.is_empty(), "{name}: {plan:#?}");
            let with = format!("Fixable with --fix={}: ", case.rule);
            assert!(case.faulty.findings().iter().any(|finding| finding.detail.contains(&with)), "{name}");
            case.faulty.parameters = json!({ "fix": [case.rule] });
        }
        let plan = case.faulty.plan("fix");
        let is_fixable =
            case.faulty.findings().iter().any(|finding| finding.rule == case.rule && finding.detail.contains("Fixable: "));
        let mut cured = plan.findings.iter().filter(|finding| finding.rule == case.rule && !finding.remedy.is_empty());
        assert_eq!(cured.next().is_some(), case.cure != Cure::ByHand, "{name}: {plan:#?}");
        assert_eq!(is_fixable, case.cure != Cure::ByHand, "{name}");
        let promised: Vec<_> = case.faulty.findings().into_iter().map(|finding| (finding.title, finding.fixable)).collect();
        let kept = plan.findings.iter().map(|finding| (finding.title.clone(), !finding.remedy.is_empty()));
        assert_eq!(promised, kept.collect::<Vec<_>>(), "{name}: what an audit calls fixable is what `fix` fixes");
        let ids: BTreeSet<&String> = plan.operations.iter().map(|operation| &operation.id).collect();
        let remedies: BTreeSet<&String> = plan.findings.iter().flat_map(|finding| &finding.remedy).collect();
        assert_eq!(ids, remedies, "{name}: each operation cures something");
        let (before, could_join) = (case.faulty.rules(), joining(&case.faulty));
        let after = case.faulty.apply(&plan).signed_after(&plan);
        let left = after.findings().into_iter().find(|finding| finding.rule == case.rule).map(|finding| finding.severity);
        let expected = match case.cure {
            Cure::Planned | Cure::Asked => None,
            Cure::Soon => Some(Severity::Low),
            Cure::ByHand => Some(case.severity),
        };
        assert_eq!(left, expected, "{name}: {:#?}", after.findings());
        let new: Vec<String> = after.rules().difference(&before).cloned().collect();
        assert!(
            new.iter().all(|rule| rule == "token-signing-alone" || rule == "rbac-anonymous-unused"),
            "{name}: {new:?} is new"
        );
        assert!(joining(&after).is_superset(&could_join), "{name}: {could_join:?} could join before");
        assert!(after.plan("fix").operations.is_empty(), "{name}: {:#?}", after.plan("fix"));
    }
}

#[test]
fn every_rule_has_a_case() {
    let tested: BTreeSet<&str> = cases().iter().map(|case| case.rule).collect();
    let rules: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(tested, rules);
    assert_eq!(rules.len(), RULES.len());
}

#[test]
fn the_documentation_has_every_rule_and_no_other() {
    // Set by cargo at run time: a path from compile time may belong to another checkout.
    let folder = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let text = std::fs::read_to_string(format!("{folder}/../docs/audit.md")).unwrap();
    for rule in RULES {
        let severity = format!("{:?}", rule.severity).rsplit(':').next().unwrap().to_lowercase();
        let line = format!("| `{}` | {severity} | {} |", rule.id, rule.title);
        assert!(text.contains(&line), "docs/audit.md lacks {line}");
    }
    let severities = ["info", "low", "medium", "high", "critical"].map(|severity| format!("` | {severity} | "));
    let rows = text.lines().filter(|line| line.starts_with("| `") && severities.iter().any(|severity| line.contains(severity)));
    assert_eq!(rows.count(), RULES.len());
}

#[test]
fn faults_do_not_hide_each_other() {
    // All faulty tokens in one cluster, each under an id of its own.
    let mut world = clusters::kubeadm("v1.37.2");
    let mut rules = BTreeSet::new();
    for (index, case) in
        cases().into_iter().enumerate().filter(|(_, case)| case.rule.starts_with("token-") && case.parameters_are_none())
    {
        let is_new = |object: &&serde_json::Value| object["kind"] == "Secret" && !object.to_string().contains("k7m2p9");
        let renamed = case
            .faulty
            .objects
            .iter()
            .filter(is_new)
            .map(|object| serde_json::from_str(&object.to_string().replace("b4c9d2", &format!("x{index:05}"))).unwrap());
        world = world.with(renamed);
        rules.insert(case.rule.to_owned());
    }
    world = world.change("ClusterRoleBinding", "cluster-admin", |found| {
        found["subjects"].as_array_mut().unwrap().push(clusters::subject_of("User:system:anonymous"));
    });
    rules.insert("rbac-cluster-admin".to_owned());
    assert!(world.rules().is_superset(&rules), "{:?}", rules.difference(&world.rules()));
}

#[test]
fn a_limit_that_is_none_is_refused() {
    for limit in [json!("soon"), json!("0"), json!("-1h"), json!(24), json!("")] {
        let world = World { parameters: json!({ "maxLifetime": limit }), ..World::empty() };
        let answer = task::need(&world.request_without_reads("audit"));
        assert!(
            matches!(&answer, Err(Failure::InvalidInput(problems)) if problems[0].path == "maxLifetime"),
            "{limit}: {answer:?}"
        );
    }
}

#[test]
fn no_secret_half_is_in_an_answer() {
    for case in cases() {
        for task in ["audit", "fix"] {
            let answer = format!("{:?}", case.faulty.plan(task));
            let halves = case.faulty.objects.iter().filter_map(|object| object["stringData"]["token-secret"].as_str());
            for half in halves.filter(|half| half.len() > 8) {
                assert!(!answer.contains(half), "{}", case.rule);
            }
            assert!(!answer.contains("$secret"), "{}", case.rule);
        }
    }
}
