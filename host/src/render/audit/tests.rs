//! One audit in every format, compared with golden files. `BLESS=1` rewrites them.

use super::{audit_of, print, written};
use crate::render::terminal::{Paint, Printer};
use kubephase_core::audit::{
    Audit, AuditScope, Baseline, Counting, FilePlace, Fixes, Heard, Ignore, Terms, Threshold, TokenBinding, TokenRights,
    TokensOfGroups,
};
use kubephase_core::finding::{Finding, Severity};
use kubephase_core::format::{AuditFormat, Format, Syntax};
use kubephase_core::name::{Namespace, ObjectName};
use kubephase_core::object::{ApiResource, ObjectRef, secrets};
use kubephase_core::operation::OperationId;
use kubephase_core::saved::{ChangedDocument, ObjectDocument, PhaseDocument};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

const FORMATS: [(&str, Format<AuditFormat>); 8] = [
    ("txt", Format::Text),
    ("json", Format::Document(Syntax::Json)),
    ("yaml", Format::Document(Syntax::Yaml)),
    ("sarif", Format::Own(AuditFormat::Sarif)),
    ("xml", Format::Own(AuditFormat::Junit)),
    ("prom", Format::Own(AuditFormat::OpenMetrics)),
    ("html", Format::Own(AuditFormat::Html)),
    ("openreports.json", Format::Own(AuditFormat::OpenReports)),
];

fn object(of: ApiResource, namespace: Option<&str>, name: &str) -> Option<ObjectRef> {
    let namespace = namespace.map(|namespace| Namespace::parse(namespace).unwrap());
    Some(ObjectRef { of, namespace, name: ObjectName::parse(name).unwrap() })
}

fn finding(rule: &str, severity: Severity, title: &str, target: Option<ObjectRef>) -> Finding {
    let [rule, title] = [rule, title].map(str::to_owned);
    Finding { rule, severity, title, detail: String::new(), target, fixable: None, remedy: Vec::new(), references: Vec::new() }
}

/// Findings of each severity, an ignored one, and one from a malicious phase.
fn found() -> Vec<Finding> {
    let token = |id: &str| object(secrets(), Some("kube-system"), &format!("bootstrap-token-{id}"));
    let binding = ApiResource::parse("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding").unwrap();
    vec![
        finding("token-expired", Severity::Low, "the token abcdef has expired and is still there", token("abcdef")),
        Finding {
            detail: "Whoever has it can join nodes for ever.\nTokens should live for hours.".to_owned(),
            remedy: vec![OperationId::parse("delete-abcdef").unwrap()],
            references: vec![
                "https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/".to_owned(),
                "CIS 3.1.3".to_owned(),
            ],
            ..finding("token-without-expiry", Severity::High, "the token 0a1b2c never expires", token("0a1b2c"))
        },
        finding("token-without-expiry", Severity::High, "the token known1 never expires", token("known1")),
        finding("binding-widened", Severity::Critical, "everybody is cluster-admin", object(binding, None, "kubeadm:get-nodes")),
        finding("odd \"rule\"\\", Severity::Medium, "\u{1b}[31mred\u{202e} <b>&\"]]>\nwarning: not ours", None),
        finding("note", Severity::Info, "all is well", None),
    ]
}

/// What the plan for prod changes.
fn changes() -> BTreeMap<OperationId, ChangedDocument> {
    let object = ObjectDocument::from(&object(secrets(), Some("kube-system"), "bootstrap-token-0a1b2c").unwrap());
    let lines =
        ["diff -u -N LIVE/a MERGED/a", "--- LIVE/a", "+++ MERGED/a", "@@ -1,2 +1,2 @@", " data:", "-  expiration: <b>never</b>"];
    let diff = lines.into_iter().chain(["+  expiration: \u{1b}[31m'***'"]).map(str::to_owned).collect();
    let change = ChangedDocument { object, fields: vec!["data.expiration".to_owned()], diff };
    BTreeMap::from([(OperationId::parse("delete-abcdef").unwrap(), change)])
}

/// What bootstrap tokens may do there.
fn rights() -> TokenRights {
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    let own = "system:bootstrappers:kubeadm:default-node-token";
    let binding = |name: &str, role: &str, subjects: &[&str], allows: Option<&[&str]>| TokenBinding {
        kind: "ClusterRoleBinding".to_owned(),
        namespace: String::new(),
        name: name.to_owned(),
        role: format!("ClusterRole/{role}"),
        subjects: set(subjects),
        allows: allows.map(|lines| lines.iter().map(|line| (*line).to_owned()).collect()),
    };
    let request = "create, get, list, watch certificatesigningrequests of certificates.k8s.io";
    let many = ["get a", "get b", "get c", "get d", "get <script>alert(1)</script>"];
    let tokens = |count: usize, subjects: &[&str]| TokensOfGroups {
        ids: (0..count.min(2)).map(|number| format!("abcde{number}")).collect(),
        count,
        subjects: set(subjects),
    };
    TokenRights {
        tokens: vec![
            tokens(9, &["system:authenticated", "system:bootstrappers", own]),
            tokens(1, &["system:authenticated", "system:bootstrappers"]),
        ],
        without_login: 2,
        bindings: vec![
            binding("kubeadm:get-nodes", "cluster-admin", &[own, "system:authenticated"], Some(&["* * of *"])),
            binding("kubeadm:kubelet-bootstrap", "system:node-bootstrapper", &[own], Some(&[request])),
            binding("\u{1b}odd<b>", "away", &["system:bootstrap:abcdef"], None),
            binding("many", "many", &["system:bootstrappers"], Some(&many)),
        ],
    }
}

fn audit(heard: Vec<Heard>) -> Audit {
    let ignores = ["token-without-expiry=Secret/bootstrap-token-known1"].map(|text| Ignore::parse(text).unwrap()).to_vec();
    let terms = Terms {
        threshold: Threshold::At(Severity::Medium),
        ignores,
        now: "2030-01-01T00:00:00Z".parse().unwrap(),
        baseline: None,
    };
    let [id, version, digest] = ["kubeadm.bootstrap-token", "0.1.0", "sha256:00"].map(str::to_owned);
    Audit::judge(PhaseDocument { id, version, digest }, terms, heard)
}

fn heard(cluster: &str, result: Result<Vec<Finding>, Vec<String>>) -> Heard {
    let objects = [("ClusterRole", 63), ("Secret", 2)].map(|(kind, count)| (kind.to_owned(), count));
    let fixes = if cluster == "prod" { Fixes::Planned } else { Fixes::NotAsked };
    let file = FilePlace { path: "manifests/a token.yaml".to_owned(), line: 7 };
    let files = result.iter().flatten().take(1).filter_map(|finding| Some((finding.target.clone()?, file.clone()))).collect();
    let ended = "2030-01-01T00:00:02Z".parse().ok();
    let (uid, user) = (Some(format!("uid of {cluster}")), Some("kubernetes-admin".to_owned()));
    let (changes, rights) = if cluster == "prod" { (changes(), rights()) } else { Default::default() };
    let scope = AuditScope {
        uid,
        user,
        objects: objects.into_iter().collect(),
        files,
        fixes,
        changes,
        rights,
        ended,
        begun: None,
        listed: None,
    };
    Heard { cluster: cluster.to_owned(), identity: format!("uid of {cluster}"), scope, result }
}

fn audits() -> [(&'static str, Audit); 3] {
    let failed = vec!["Error from server (Forbidden): secrets is forbidden".to_owned(), "error: \u{1b}]0;x\u{7}".to_owned()];
    let clean = || heard("clean", Ok(Vec::new()));
    [
        ("one", audit(vec![heard("prod", Ok(found()))])),
        ("clean", audit(vec![clean()])),
        ("several", audit(vec![heard("prod", Ok(found())), heard("away \"x\"", Err(failed)), clean()])),
    ]
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test reads its expectations and its environment")]
fn every_format_is_as_it_was_read() {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("src/render/audit/golden");
    for (name, audit) in audits() {
        for (ending, format) in FORMATS {
            let path = root.join(format!("{name}.{ending}"));
            let text = written(&audit, format).unwrap();
            if std::env::var_os("BLESS").is_some() {
                std::fs::write(&path, &text).unwrap();
            }
            assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), text, "{}", path.display());
            assert_eq!(written(&audit, format).unwrap(), text, "the same each time");
            let is_seen = |character: char| character == '\n' || !character.is_control() && character != '\u{202e}';
            assert!(text.chars().all(is_seen), "{}", path.display());
        }
    }
}

#[test]
fn colours_are_only_for_a_terminal() {
    let [(_, one), ..] = audits();
    let text = |paint| {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        print(&one, &Printer::new(&mut out, &mut err, 0).painted(paint)).unwrap();
        String::from_utf8(out).unwrap()
    };
    assert_eq!(text(Paint::Plain), written(&one, Format::Text).unwrap());
    let coloured = text(Paint::Colours);
    assert!(coloured.contains("\u{1b}[1m\u{1b}[31mcritical\u{1b}[0m (1)"), "{coloured:?}");
    assert!(!coloured.contains("\u{1b}[31mred"), "those of a phase are not ours");
}

#[test]
fn only_people_are_spared_the_rest() {
    let token = |number: u32| object(secrets(), Some("kube-system"), &format!("bootstrap-token-{number}"));
    let many: Vec<Finding> = (0..1_000).map(|number| finding("r", Severity::High, "t", token(number))).collect();
    let audit = audit(vec![heard("prod", Ok(many))]);
    let text = written(&audit, Format::Text).unwrap();
    assert!(text.contains("  and 900 more; -o json has all\n") && text.contains("1000 findings: 1000 high"), "{text}");
    let sarif: Value = serde_json::from_str(&written(&audit, Format::Own(AuditFormat::Sarif)).unwrap()).unwrap();
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 1_000);
    let json: Value = serde_json::from_str(&written(&audit, Format::Document(Syntax::Json)).unwrap()).unwrap();
    assert_eq!(json["clusters"][0]["findings"].as_array().unwrap().len(), 1_000);
}

/// A report of each finding in a cluster would be more than an object may be: the worst are in it, and the summary has all.
#[test]
fn a_report_for_the_cluster_has_bounds() {
    let token = |number: u32| object(secrets(), Some("kube-system"), &format!("bootstrap-token-{number}"));
    let long = |severity, number| Finding { detail: "\u{10348}".repeat(5_000), ..finding("r", severity, "t", token(number)) };
    let mut many: Vec<Finding> = (0..2_000).map(|number| long(Severity::Low, number)).collect();
    many.push(long(Severity::Critical, 2_000));
    let text = written(&audit(vec![heard("A b/c", Ok(many)), heard("away", Err(vec!["e".to_owned()]))]), FORMATS[7].1).unwrap();
    let list: Value = serde_json::from_str(&text).unwrap();
    let (report, away) = (&list["items"][0], &list["items"][1]);
    let results = report["results"].as_array().unwrap();
    assert!(report.to_string().len() < 600_000 && results.len() > 50, "{}", results.len());
    assert_eq!((&report["summary"]["fail"], &report["summary"]["warn"]), (&Value::from(1), &Value::from(2_000)));
    assert_eq!((&results[0]["severity"], &results[0]["result"]), (&Value::from("critical"), &Value::from("fail")));
    assert_eq!(report["configuration"]["limits"]["maxResults"], results.len());
    assert!(report["metadata"]["name"].as_str().unwrap().starts_with("bootstrap-token-audit-a-b-c-"));
    assert_eq!((&away["summary"]["error"], &away["results"][0]["message"]), (&Value::from(1), &Value::from("e")));
}

#[test]
fn what_was_known_is_told_from_what_is_new() {
    let first = audit(vec![heard("prod", Ok(found()))]);
    let known = first.clusters[0].findings().iter().map(|judged| judged.fingerprint.clone());
    let fingerprints = BTreeMap::from([("prod".to_owned(), known.collect::<BTreeSet<String>>())]);
    let more = || found().into_iter().chain([finding("fresh", Severity::High, "t", None)]).collect();
    for (counting, counts) in [(Counting::All, 4), (Counting::New, 1)] {
        let terms = Terms { baseline: Some(Baseline { fingerprints: fingerprints.clone(), counting }), ..first.terms.clone() };
        let later = Audit::judge(first.phase.clone(), terms, vec![heard("prod", Ok(more()))]);
        assert_eq!(later.clusters[0].counts().counting, counts);
        let value = |format| serde_json::from_str::<Value>(&written(&later, format).unwrap()).unwrap();
        let sarif = value(Format::Own(AuditFormat::Sarif));
        let state = |result: &Value| ["ruleId", "baselineState"].map(|field| result[field].as_str().unwrap().to_owned());
        let states: BTreeSet<[String; 2]> = sarif["runs"][0]["results"].as_array().unwrap().iter().map(state).collect();
        let new: Vec<&[String; 2]> = states.iter().filter(|[_, state]| state == "new").collect();
        assert!(new.len() == 1 && new[0][0] == "fresh" && states.len() > 3, "{states:?}");
        assert_eq!(written(&later, Format::Text).unwrap().matches("  (new)\n").count(), 1);
        assert_eq!(written(&later, Format::Own(AuditFormat::Html)).unwrap().matches(">new</span>").count(), 1);
        // What was written is what is read again.
        let json = written(&later, Format::Document(Syntax::Json)).unwrap();
        assert_eq!(written(&audit_of(&json).unwrap(), Format::Document(Syntax::Json)).unwrap(), json);
    }
}

/// A page of many clusters with many findings each opens in a browser: the worst have the room, and each is in the matrix.
#[test]
fn a_page_has_bounds() {
    let token = |number: u32| object(secrets(), Some("kube-system"), &format!("bootstrap-token-{number}"));
    let many: Vec<Finding> = (0..150).map(|number| finding("r", Severity::High, "t", token(number))).collect();
    let worst = finding("worst", Severity::Critical, "the worst of all", None);
    let mut clusters: Vec<Heard> = (0..80).map(|number| heard(&format!("c{number:02}"), Ok(many.clone()))).collect();
    clusters.push(heard("z", Ok(vec![worst])));
    for cluster in &mut clusters {
        cluster.scope.rights = rights();
    }
    let page = written(&audit(clusters), Format::Own(AuditFormat::Html)).unwrap();
    let count = |part: &str| page.matches(part).count();
    assert_eq!((count("<th scope=\"row\">"), count("<article "), count("<svg ")), (81, 2_000, 50));
    assert!(page.contains("the worst of all") && page.len() < 3_000_000, "{}", page.len());
    // 13 clusters have all of theirs, one has 49, and the others are counted.
    assert_eq!((count("101 more; "), count("150 more; ")), (1, 66));
}

#[test]
fn samples_and_cases_add_up() {
    let [.., (_, several)] = audits();
    let prom = written(&several, Format::Own(AuditFormat::OpenMetrics)).unwrap();
    let samples = prom.lines().filter(|line| line.starts_with("bootstrap_token_findings{"));
    let sum: usize = samples.map(|line| line.rsplit_once(' ').unwrap().1.parse::<usize>().unwrap()).sum();
    assert_eq!(sum, several.clusters.iter().map(|cluster| cluster.counts().total()).sum::<usize>());
    assert!(prom.ends_with("# EOF\n"));
    let xml = written(&several, Format::Own(AuditFormat::Junit)).unwrap();
    // A case for each finding, one for the failed cluster and one for the cluster without findings.
    assert_eq!(xml.matches("<testcase ").count(), found().len() + 2);
    assert_eq!((xml.matches("<failure ").count(), xml.matches("<skipped ").count(), xml.matches("<error ").count()), (3, 1, 1));
}

#[test]
fn words_of_others_make_no_link_and_no_address() {
    for (reference, is_address) in [
        ("https://example.com/a-b_c~d?e=f&g=%20#h", true),
        ("http://example.com:8080/", true),
        ("http://user@example.com:8080/", false),
        ("https://example.com:99999/", false),
        ("CIS 5.1.1", false),
        ("ftp://example.com/", false),
        ("https://example.com/a b", false),
        ("https://example.com/ä", false),
        ("https://example.com/{a}", false),
        ("https://example.com/%zz", false),
        ("https://example.com/%2", false),
        ("https://example.com/#a#b", false),
        ("https://", false),
    ] {
        let references = vec!["CVE-2019-11253".to_owned(), reference.to_owned()];
        let found = Finding { references, ..finding("r\u{202e}", Severity::High, "\u{1b}[x](https://example.com)", None) };
        let sarif = written(&audit(vec![heard("a\0", Ok(vec![found]))]), Format::Own(AuditFormat::Sarif)).unwrap();
        let sarif: Value = serde_json::from_str(&sarif).unwrap();
        let (run, rule) = (&sarif["runs"][0], &sarif["runs"][0]["tool"]["driver"]["rules"][0]);
        assert_eq!(rule["helpUri"], if is_address { Value::from(reference) } else { Value::Null }, "{reference}");
        assert_eq!([&rule["id"], &run["results"][0]["ruleId"]], ["r\\u{202e}"; 2]);
        assert_eq!(run["results"][0]["message"]["text"], "\\u{1b}[x] (https://example.com)");
        assert_eq!(run["automationDetails"]["id"], "bootstrap-token-audit/a\\u{0}/");
    }
}

#[test]
fn a_path_is_a_reference_without_detours() {
    for (path, expected) in [
        ("manifests/a token.yaml", "manifests/a%20token.yaml"),
        ("./manifests//a.yaml", "manifests/a.yaml"),
        ("a/b/../../c/./d.yaml", "c/d.yaml"),
        ("../../a/../b.yaml", "../../b.yaml"),
        ("/a/../../b.yaml", "file:///b.yaml"),
        ("cluster/ClusterRole/kubeadm:get-nodes", "cluster/ClusterRole/kubeadm%3Aget-nodes"),
    ] {
        assert_eq!(super::sarif::uri(path), expected);
    }
}
