//! Which findings count or are ignored, and the resulting verdict.

use super::{Audit, AuditScope, AuditVerdict, Counts, Heard, Ignore, IgnoresDocument, InvalidIgnore, Terms, Threshold, Weight};
use crate::finding::{Finding, Severity};
use crate::name::{Namespace, ObjectName};
use crate::object::{ObjectRef, secrets};
use crate::operation::OperationId;
use crate::outcome::Outcome;
use crate::saved::PhaseDocument;
use serde_json::{Value, json};

fn finding(rule: &str, severity: Severity, token: Option<&str>) -> Finding {
    let target = token.map(|token| ObjectRef {
        of: secrets(),
        namespace: Namespace::parse("kube-system").ok(),
        name: ObjectName::parse(&format!("bootstrap-token-{token}")).unwrap(),
    });
    let (title, detail) = (format!("{rule} at 12:00"), String::new());
    Finding { rule: rule.to_owned(), severity, title, detail, target, fixable: None, remedy: Vec::new(), references: Vec::new() }
}

fn heard(cluster: &str, findings: Vec<Finding>) -> Heard {
    Heard { cluster: cluster.to_owned(), identity: cluster.to_owned(), scope: AuditScope::default(), result: Ok(findings) }
}

fn failed(cluster: &str) -> Heard {
    Heard { result: Err(vec!["no".to_owned()]), ..heard(cluster, Vec::new()) }
}

fn judge(threshold: Threshold, ignores: &[Ignore], heard: Vec<Heard>) -> Audit {
    let [id, version, digest] = ["phase", "1.0.0", "sha256:00"].map(str::to_owned);
    let now = "2030-01-31T12:00:00Z".parse().unwrap();
    Audit::judge(
        PhaseDocument { id, version, digest },
        Terms { threshold, ignores: ignores.to_vec(), now, baseline: None },
        heard,
    )
}

fn ignores(items: Value) -> Result<Vec<Ignore>, String> {
    let document = json!({ "apiVersion": "bootstrap-token.kubectl/v1alpha1", "kind": "Ignores", "items": items });
    let document: IgnoresDocument = serde_json::from_value(document).map_err(|error| error.to_string())?;
    document.ignores().map_err(|error| error.to_string())
}

#[test]
fn one_cluster_that_cannot_be_looked_at_hides_no_other() {
    let clean = || heard("a", vec![finding("r", Severity::Low, None)]);
    let bad = || heard("b", vec![finding("r", Severity::High, None)]);
    for (clusters, expected) in [
        (vec![clean()], AuditVerdict::Clean),
        (vec![clean(), bad()], AuditVerdict::Findings),
        (vec![clean(), failed("c")], AuditVerdict::Unknown),
        (vec![failed("c"), bad(), clean()], AuditVerdict::Findings),
        (vec![], AuditVerdict::Clean),
    ] {
        assert_eq!(judge(Threshold::At(Severity::Medium), &[], clusters).verdict(), expected);
    }
    let outcomes = [AuditVerdict::Clean, AuditVerdict::Findings, AuditVerdict::Unknown].map(AuditVerdict::outcome);
    assert_eq!(outcomes, [Outcome::Done, Outcome::No, Outcome::Failed]);
}

#[test]
fn what_cures_only_what_is_ignored_is_needless() {
    let id = |text: &str| OperationId::parse(text).unwrap();
    let cured = |rule: &str, remedy: &[&str]| Finding {
        remedy: remedy.iter().map(|text| id(text)).collect(),
        ..finding(rule, Severity::High, None)
    };
    let findings = [cured("a", &["1", "2"]), cured("b", &["2", "3"]), cured("c", &[])];
    let now = "2030-01-31T12:00:00Z".parse().unwrap();
    for (ignored, needless) in
        [(&[][..], &[][..]), (&["a"], &["1"]), (&["a", "b"], &["1", "2", "3"]), (&["c"], &[]), (&["b=Secret/x"], &[])]
    {
        let ignores = ignored.iter().map(|text| Ignore::parse(text).unwrap()).collect();
        let terms = Terms { threshold: Threshold::Never, ignores, now, baseline: None };
        assert_eq!(terms.needless(&findings), needless.iter().map(|text| id(text)).collect(), "{ignored:?}");
    }
}

#[test]
fn a_threshold_decides_what_counts() {
    for threshold in Severity::ALL {
        for severity in Severity::ALL {
            let audit = judge(Threshold::At(threshold), &[], vec![heard("a", vec![finding("r", severity, None)])]);
            assert_eq!(audit.verdict() == AuditVerdict::Findings, severity >= threshold, "{severity:?} at {threshold:?}");
        }
    }
    let audit = judge(Threshold::Never, &[], vec![heard("a", vec![finding("r", Severity::Critical, None)])]);
    assert_eq!(audit.verdict(), AuditVerdict::Clean);
}

#[test]
fn what_is_ignored_does_not_count_and_is_still_told() {
    use Severity::{Critical, High, Info};
    let found = vec![
        finding("info", Info, None),
        finding("weak", High, Some("aaaaaa")),
        finding("weak", High, Some("bbbbbb")),
        finding("open", Critical, None),
    ];
    let by_flag = ["weak=secret/bootstrap-token-bbbbbb", "open", "never=Secret/x"].map(|text| Ignore::parse(text).unwrap());
    let audit = judge(Threshold::At(High), &by_flag, vec![heard("a", found)]);
    let cluster = audit.clusters.first().unwrap();
    let ignored = || Weight::Ignored("ignored on the command line".to_owned());
    let weights: Vec<_> = cluster.findings().iter().map(|judged| (judged.finding.rule.as_str(), judged.weight.clone())).collect();
    // Worst first, then by rule and object.
    assert_eq!(weights, [("open", ignored()), ("weak", Weight::Counts), ("weak", ignored()), ("info", Weight::Below)]);
    assert_eq!(cluster.counts(), Counts { of: [0, 1, 0, 0, 1], counting: 1, ignored: 2 });
    let unused: Vec<String> = audit.unused().map(ToString::to_string).collect();
    assert_eq!(unused, ["never=Secret/x"]);
    // A cluster that could not be audited may have it.
    assert_eq!(judge(Threshold::Never, &by_flag, vec![failed("a")]).unused().count(), 0);
}

#[test]
fn an_ignore_is_of_one_object() {
    let found = finding("r", Severity::High, Some("abcdef"));
    for (text, expected) in [
        ("r", true),
        ("r=Secret/bootstrap-token-abcdef", true),
        ("r=secret/bootstrap-token-abcdef", true),
        ("r=kube-system/Secret/bootstrap-token-abcdef", true),
        ("r=kube-public/Secret/bootstrap-token-abcdef", false),
        ("r=ConfigMap/bootstrap-token-abcdef", false),
        ("r=Secret/bootstrap-token-abc", false),
        ("other", false),
    ] {
        let ignore = Ignore::parse(text).unwrap();
        assert_eq!(ignore.fits(&found), expected, "{text}");
        assert_eq!(ignore.to_string(), text);
    }
    assert!(!Ignore::parse("r=Secret/a").unwrap().fits(&finding("r", Severity::High, None)));
    assert_eq!(Ignore::parse("=Secret/a"), Err(InvalidIgnore::Rule));
    for object in ["", "a", "a/", "/a", "a/b/c/d", "/a/b"] {
        assert_eq!(Ignore::parse(&format!("r={object}")), Err(InvalidIgnore::Object(object.to_owned())));
    }
}

#[test]
fn an_ignore_that_is_over_does_not_count() {
    for (expires, is_over) in [
        ("2030-01-30", true),
        ("2030-01-31", false),
        ("2030-02-01", false),
        ("2030-01-31T12:00:00Z", true),
        ("2030-01-31T12:00:01Z", false),
        ("2030-01-31T14:00:00+02:00", true),
    ] {
        let ignores = ignores(json!([{ "rule": "r", "reason": "known", "expires": expires }])).unwrap();
        let audit = judge(Threshold::At(Severity::Low), &ignores, vec![heard("a", vec![finding("r", Severity::High, None)])]);
        assert_eq!((audit.expired().count() == 1, audit.verdict() == AuditVerdict::Findings), (is_over, is_over), "{expires}");
        assert_eq!(audit.unused().count(), 0, "{expires}");
    }
}

#[test]
fn a_file_says_why() {
    for (items, expected) in [
        (json!([{ "rule": "r" }]), "missing field `reason`"),
        (json!([{ "rule": "r", "reason": " " }]), "the ignore rule for `r` needs a reason"),
        (json!([{ "rule": "", "reason": "why" }]), "the rule id is missing"),
        (json!([{ "rule": "r", "reason": "why", "until": "x" }]), "unknown field `until`"),
        (json!([{ "rule": "r", "reason": "why", "expires": "soon" }]), "`soon` is not a date"),
        (json!([{ "rule": "r", "reason": "why", "expires": "20300131" }]), "`20300131` is not a date"),
        (json!([{ "rule": "r", "reason": "why", "object": "x" }]), "`x` is not an object"),
    ] {
        let error = ignores(items.clone()).unwrap_err();
        assert!(error.starts_with(expected), "{items}: {error}");
    }
    let other = json!({ "apiVersion": "v1", "kind": "List", "items": [] });
    let other: IgnoresDocument = serde_json::from_value(other).unwrap();
    assert!(matches!(other.ignores(), Err(InvalidIgnore::OtherKind(_))));
}

#[test]
fn fingerprints_are_of_what_stays() {
    let of = |cluster: &str, findings: Vec<Finding>| {
        let audit = judge(Threshold::Never, &[], vec![heard(cluster, findings)]);
        let judged = audit.clusters.first().unwrap().findings().iter();
        judged.map(|judged| judged.fingerprint.clone()).collect::<Vec<_>>()
    };
    let (a, b) = (finding("r", Severity::High, Some("aaaaaa")), finding("r", Severity::High, Some("bbbbbb")));
    let later = Finding { title: "r at 13:00".to_owned(), severity: Severity::Low, ..a.clone() };
    let first = of("x", vec![a.clone(), b.clone()]);
    assert_eq!(of("x", vec![b.clone(), later.clone()]), [first[1].clone(), first[0].clone()]);
    assert_ne!(of("y", vec![a.clone(), b]), first);
    let twice = of("x", vec![a.clone(), Finding { severity: Severity::High, ..later }]);
    assert!(twice[0] == first[0] && twice[1] != twice[0], "several for one object are told apart");
}
