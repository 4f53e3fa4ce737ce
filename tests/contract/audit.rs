//! `audit` with a small phase of somebody else: what it finds in every format, what is ignored, the cure as a plan.

use crate::consent::{Machine, Said};
use crate::fixed::{component, finding, patch};
use serde_json::Value;

const CLUSTER_INFO: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: cluster-info\n  namespace: kube-public\n";

/// Severities, as the contract numbers them.
const LOW: u8 = 1;
const HIGH: u8 = 3;

/// A machine with a folder, and a phase with a grant of all that it asks for.
struct Place(Machine);

impl Place {
    fn new(tasks: [&str; 2]) -> Self {
        let found = |remedy: &[&str]| vec![finding("open", HIGH, "an open door", remedy), finding("dust", LOW, "some dust", &[])];
        let cure = patch("close", "{\"metadata\":{\"labels\":{\"door\":\"closed\"}}}");
        let machine = Machine::new();
        std::fs::write(machine.path("phase.wasm"), component(tasks, [found(&[]), found(&["close"])], vec![cure])).unwrap();
        std::fs::create_dir(machine.path("manifests")).unwrap();
        std::fs::write(machine.path("manifests/cluster-info.yaml"), CLUSTER_INFO).unwrap();
        let place = Self(machine);
        let granted = place.0.command(&["phase", "inspect", &place.path("phase.wasm"), "-o", "grant"], None);
        std::fs::write(place.path("grant.yaml"), &granted.stdout).unwrap();
        place
    }

    fn path(&self, name: &str) -> String {
        self.0.path(name).to_string_lossy().into_owned()
    }

    /// A command on the folder, with the phase and its grant.
    fn command(&self, args: &[&str]) -> Said {
        let against = format!("dir:{}", self.path("manifests"));
        let (phase, grant) = (self.path("phase.wasm"), self.path("grant.yaml"));
        self.0.command(&[args, &["--against", &against, "--phase", &phase, "--grant", &grant]].concat(), None)
    }

    fn audit(&self, args: &[&str]) -> Said {
        self.command(&[&["audit", "--now", "2030-01-01T00:00:00Z"], args].concat())
    }

    fn manifest(&self) -> String {
        std::fs::read_to_string(self.path("manifests/cluster-info.yaml")).unwrap()
    }
}

#[test]
fn every_format_has_the_same_exit_code() {
    let place = Place::new(["audit", "fix"]);
    for format in ["text", "json", "yaml", "sarif", "junit", "openmetrics"] {
        for (fail_on, code) in [("low", 1), ("high", 1), ("critical", 0), ("never", 0)] {
            let said = place.audit(&["-o", format, "--fail-on", fail_on]);
            assert_eq!((said.code, said.stderr.as_str()), (code, ""), "{format} {fail_on}");
            assert!(said.stdout.contains("an open door") || format == "openmetrics");
        }
        let ignored = place.audit(&["-o", format, "--ignore", "open", "--ignore=other=Secret/x"]);
        assert_eq!(
            (ignored.code, ignored.stderr.as_str()),
            (0, "warning: the ignore rule `other=Secret/x` matches no finding\n")
        );
    }
    let text = place.audit(&[]).stdout.replace(&place.path("manifests"), "FOLDER");
    let expected = "cluster FOLDER  2030-01-01T00:00:00Z by example.audit 1.0.0
checked 1 ConfigMap

high (1)
  open  kube-public/ConfigMap/cluster-info
    an open door
    because
    see https://example.com/rule

low (1)
  dust  kube-public/ConfigMap/cluster-info
    some dust
    because
    see https://example.com/rule

2 findings: 1 high, 1 low; 1 at or above medium
begin with open  kube-public/ConfigMap/cluster-info; `--fix-out FILE` saves a plan that fixes what can be fixed
";
    assert_eq!(text, expected);
}

#[test]
fn reports_go_into_files_too() {
    let place = Place::new(["audit", "fix"]);
    let [sarif, prom] = ["audit.sarif", "audit.prom"].map(|name| place.path(name));
    let files = [format!("--output-file=sarif={sarif}"), format!("--output-file=openmetrics={prom}")];
    let said = place.audit(&[&files[0], &files[1], "-o", "json"]);
    assert_eq!(said.code, 1);
    let json: Value = serde_json::from_str(&said.stdout).unwrap();
    let log: Value = serde_json::from_str(&std::fs::read_to_string(sarif).unwrap()).unwrap();
    let fingerprint = &log["runs"][0]["results"][0]["partialFingerprints"]["ruleAndObject/v1"];
    assert_eq!(*fingerprint, json["clusters"][0]["findings"][0]["fingerprint"]);
    assert!(std::fs::read_to_string(prom).unwrap().ends_with("# EOF\n"));
}

#[test]
fn a_file_of_ignores_says_why_and_until_when() {
    let place = Place::new(["audit", "fix"]);
    let file = |items: &str| {
        let text = format!("apiVersion: bootstrap-token.kubectl/v1alpha1\nkind: Ignores\nitems:\n{items}");
        std::fs::write(place.path("ignores.yaml"), text).unwrap();
        place.audit(&["--ignore-file", &place.path("ignores.yaml"), "-o", "sarif"])
    };
    let said = file("- {rule: open, object: kube-public/ConfigMap/cluster-info, reason: known, expires: 2030-01-01}\n");
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    let log: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(log["runs"][0]["results"][0]["suppressions"][0]["justification"], "known");
    let said = file("- {rule: open, reason: known, expires: 2029-12-31}\n");
    let expected = "warning: the ignore rule `open` expired on 2029-12-31 and has no effect\n";
    assert_eq!((said.code, said.stderr.as_str()), (1, expected));
    let said = file("- {rule: open}\n");
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains("missing field `reason`"), "{}", said.stderr);
}

#[test]
fn the_cure_is_a_plan() {
    let place = Place::new(["audit", "fix"]);
    let fix = place.path("fix.json");
    let said = place.audit(&["--fix-out", &fix]);
    assert_eq!(said.code, 1, "{}", said.stderr);
    assert!(said.stdout.contains("open  kube-public/ConfigMap/cluster-info  (fixable)\n"), "{}", said.stdout);
    let expected = format!("the plan in `{fix}` fixes 1 of 2 findings with 1 operation; nothing was written to the cluster\n");
    assert!(said.stderr.starts_with(&expected), "{}", said.stderr);
    assert!(said.stderr.contains(&format!("kubectl bootstrap-token apply --plan {fix} --against dir:")), "{}", said.stderr);
    assert_eq!(place.manifest(), CLUSTER_INFO, "an audit writes nothing");

    let applied = place.command(&["apply", "--plan", &fix]);
    assert_eq!(applied.code, 0, "{}", applied.stderr);
    assert!(applied.stdout.ends_with("configmap/cluster-info updated\n"), "{}", applied.stdout);
    assert!(place.manifest().contains("door: closed"), "{}", place.manifest());
    let (_, undo) = applied.stderr.split_once("--plan ").unwrap();
    let undo = undo.split_whitespace().next().unwrap();
    // What changed since it was made is not overwritten.
    let again = place.command(&["apply", "--plan", &fix]);
    assert!(again.code == 2 && again.stderr.contains("some objects have changed since"), "{}", again.stderr);
    let undone = place.command(&["apply", "--plan", undo]);
    assert_eq!(undone.code, 0, "{}", undone.stderr);
    assert!(!place.manifest().contains("door"), "{}", place.manifest());
}

/// A token that lives too long, as somebody writes it: what stands under `stringData` would win over what a cure sets under `data`.
const LATE: &str = "apiVersion: v1
kind: Secret
metadata: {name: bootstrap-token-w3x4y5, namespace: kube-system}
type: bootstrap.kubernetes.io/token
stringData:
  token-id: w3x4y5
  token-secret: q8n4bz7yk2u6h1dc
  usage-bootstrap-authentication: 'true'
  auth-extra-groups: system:bootstrappers:kubeadm:default-node-token
  expiration: 2040-01-01T00:00:00Z
";

#[test]
fn the_cure_leaves_out_what_is_ignored() {
    let machine = Machine::new();
    // As cargo says when it runs us: a path from the time of compilation may be of another checkout.
    let from = std::path::PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../tests/clusters/audited");
    std::fs::create_dir(machine.path("manifests")).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), machine.path("manifests").join(entry.file_name())).unwrap();
    }
    std::fs::write(machine.path("manifests/late.yaml"), LATE).unwrap();
    let (against, fix) = (format!("dir:{}", machine.path("manifests").display()), machine.path("fix.json"));
    let fix = fix.to_str().unwrap();
    let audit = |args: &[&str]| {
        let usual = ["audit", "-o", "json", "--against", &against, "--now", "2030-01-01T00:00:00Z"];
        machine.command(&[&usual, args].concat(), None)
    };
    let rules = |said: &Said| -> Vec<String> {
        let report: Value = serde_json::from_str(&said.stdout).unwrap();
        let findings = report["clusters"][0]["findings"].as_array().unwrap().iter();
        findings.map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect()
    };
    // Both rules of kubeadm:get-nodes are cured by the same operations, which stay as long as one of them counts.
    let ignored = ["--ignore=token-expired", "--ignore=token-wrong-type", "--ignore=rbac-cluster-admin"];
    for (ignored, kept) in [(&ignored[..], &["token-expired", "token-wrong-type"][..]), (&[], &[])] {
        let said = audit(&[ignored, &["--fix-out", fix]].concat());
        assert_eq!(said.code, 1, "{}", said.stderr);
        let applied = machine.command(&["apply", "--plan", fix, "--against", &against], None);
        assert_eq!(applied.code, 0, "{}", applied.stderr);
        let again = audit(ignored);
        assert_eq!(again.code, 0, "{} {}", again.stdout, again.stderr);
        // A token that somebody may know ends within the hour, and what has settings is for a person to look at.
        let mut expected = [&["cluster-info-settings", "token-well-known"], kept].concat();
        expected.sort_unstable();
        let mut left = rules(&again);
        left.sort_unstable();
        assert_eq!(left, expected);
    }
}

#[test]
fn a_phase_without_the_task_is_told_of() {
    let place = Place::new(["adieu", "mix"]);
    let said = place.audit(&[]);
    let expected = "error: phase `example.audit` has no task `audit`; it has adieu, mix\n";
    assert_eq!((said.code, said.stderr.as_str()), (2, expected));
    let place = Place::new(["audit", "mix"]);
    let fix = place.path("fix.json");
    let said = place.audit(&["--fix-out", &fix]);
    assert!(said.code == 2 && said.stderr.contains("has no task `fix`") && said.stdout.is_empty(), "{}", said.stderr);
}

#[test]
fn an_audit_is_granted_reads_alone() {
    let place = Place::new(["audit", "fix"]);
    let grant = std::fs::read_to_string(place.path("grant.yaml")).unwrap();
    let (audit, _) = grant.split_once("- task: fix").or_else(|| grant.split_once("- name: fix")).unwrap_or((&grant, ""));
    std::fs::write(place.path("grant.yaml"), audit).unwrap();
    assert_eq!(place.audit(&["--fail-on=never"]).code, 0);
    let fix = place.path("fix.json");
    let said = place.audit(&["--fail-on=never", "--fix-out", &fix]);
    assert!(said.code == 2 && said.stdout.contains("2 findings"), "what was found is told: {}", said.stdout);
    assert!(said.stderr.contains("nothing is granted to the phase"), "{}", said.stderr);
    assert!(!std::path::Path::new(&fix).exists());
}

/// Two clusters at which nobody answers.
const KUBECONFIG: &str = "apiVersion: v1
kind: Config
clusters:
- {name: a, cluster: {server: 'http://127.0.0.1:1'}}
- {name: b, cluster: {server: 'http://127.0.0.1:2'}}
contexts:
- {name: zebra, context: {cluster: a, user: ''}}
- {name: ape, context: {cluster: b, user: ''}}
";

#[test]
fn every_context_is_told_of() {
    let place = Place::new(["audit", "fix"]);
    std::fs::write(place.path("config"), KUBECONFIG).unwrap();
    let (phase, grant, config) = (place.path("phase.wasm"), place.path("grant.yaml"), place.path("config"));
    let audit = |args: &[&str]| {
        let rest = ["--kubeconfig", &config, "--phase", &phase, "--grant", &grant, "--timeout=0"];
        place.0.command(&[&["audit"], args, &rest[..]].concat(), None)
    };
    let said = audit(&["--all-contexts", "-o", "openmetrics"]);
    let refused =
        |port: u8| format!("The connection to the server 127.0.0.1:{port} was refused - did you specify the right host or port?");
    assert_eq!((said.code, said.stderr), (2, format!("zebra: {}\nape: {}\n", refused(1), refused(2))));
    let successes: Vec<&str> = said.stdout.lines().filter(|line| line.starts_with("bootstrap_token_audit_success{")).collect();
    let success = |name: &str| format!("bootstrap_token_audit_success{{cluster=\"{name}\"}} 0");
    assert_eq!(successes, [success("zebra"), success("ape")]);

    let said = audit(&["--contexts=nobody,ape"]);
    assert_eq!(said.code, 2);
    assert!(said.stderr.starts_with("nobody: error: context \"nobody\" does not exist\nape: The connection"), "{}", said.stderr);
    assert!(said.stdout.ends_with("2 clusters: unknown; 2 could not be audited\n"), "{}", said.stdout);

    for args in [
        &["--contexts=ape", "--context=ape"][..],
        &["--contexts=ape", "--server=https://x"],
        &["--contexts=ape", "--against=dir:/"],
    ] {
        let said = audit(args);
        assert!(said.code == 2 && said.stderr.starts_with("error: invalid value"), "{}", said.stderr);
    }
}
