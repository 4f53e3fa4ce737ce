//! Other files in folders of manifests: each is used, or refused by name.
#![expect(clippy::disallowed_methods, reason = "a test makes its folders")]

use super::{Files, Folder};
use crate::cluster::Cluster as _;
use kubephase_core::log::Listener;
use kubephase_core::name::{Namespace, ObjectName};
use kubephase_core::object::{ObjectRef, kube_system, secrets};
use kubephase_core::question::Server;
use kubephase_core::write::{Expected, Verb, Write, WriteMode};
use serde_json::{Map, Value, json};
use std::cell::RefCell;
use std::fs;
use std::path::Path;

#[derive(Default)]
struct Heard(RefCell<Vec<String>>);

impl Listener for Heard {
    fn hear(&self, line: &str) {
        self.0.borrow_mut().push(line.to_owned());
    }
}

fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        fs::create_dir_all(root.path().join(name).parent().unwrap()).unwrap();
        fs::write(root.path().join(name), bytes).unwrap();
    }
    root
}

fn opened(root: &Path) -> Result<Folder, String> {
    Folder::open(root, 1 << 20).map_err(|error| error.to_string())
}

fn token(name: &str) -> ObjectRef {
    let namespace = Namespace::parse(kube_system().name.as_str()).unwrap();
    ObjectRef { of: secrets(), namespace: Some(namespace), name: ObjectName::parse(name).unwrap() }
}

fn map(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

/// The result of a write and the messages about it.
fn written(root: &Path, target: &ObjectRef, verb: Verb) -> (Result<(), String>, Vec<String>) {
    let heard = Heard::default();
    let cluster = Files::telling(opened(root).unwrap(), Server::default(), &heard);
    let write = Write { target: target.clone(), verb, expected: Expected::Any };
    let results = cluster.write(&[&write], WriteMode::Real);
    let result = results.into_iter().next().unwrap().map(drop).map_err(|error| error.to_string());
    (result, heard.0.into_inner())
}

#[test]
fn a_file_that_is_no_manifest_is_refused_by_name() {
    let chart = ("Chart.yaml", &b"apiVersion: v2\nname: x\n"[..]);
    let manifest = b"kind: ConfigMap\nmetadata: {name: '{{ .Release.Name }}'}\n";
    let cases: [(&str, &[u8], &str); 17] = [
        ("x.yaml", b"\0GITCRYPT\0\x01\xff\xfe", "`git-crypt unlock`"),
        ("x.yml", b"$ANSIBLE_VAULT;1.1;AES256\n6438\n", "`ansible-vault decrypt`"),
        ("x.yaml", b"age-encryption.org/v1\n-> X25519 abc\n", "encrypted by age"),
        ("x.json", b"-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n", "encrypted by age"),
        ("x.yaml", b"-----BEGIN PGP MESSAGE-----\n\nhQ\n", "encrypted by GnuPG"),
        ("x.yaml", b"Salted__\x00\x01", "encrypted by OpenSSL"),
        ("x.yaml", b"U2FsdGVkX1+abc=\n", "encrypted by transcrypt"),
        ("x.yaml", b"# STRONGBOX ENCRYPTED RESOURCE ; See https://\nabc\n", "encrypted by strongbox"),
        (
            "x.enc.yaml",
            b"kind: ENC[AES256_GCM,data:AA,type:str]\nsops: {mac: x}\n",
            "encrypted by SOPS: run `sops decrypt --in-place`",
        ),
        ("x.json", b"{\"data\": \"ENC[AES256_GCM,data:AA,type:str]\", \"sops\": {\"version\": \"3\"}}", "encrypted by SOPS"),
        ("values.yaml", b"password: ENC[AES256_GCM,data:AA,type:str]\nsops: {mac: x}\n", "read"),
        ("x.yaml", b"\xff\xfea\0:\0", "it is not text in UTF-8"),
        ("x.yaml", b"kind: {{ .Values.kind }}\n  a: b: c\n", "it is a template, not a manifest"),
        ("x.yaml", b"{% for x in y %}\nkind: x\n{% endfor %}\n", "it is a template, not a manifest"),
        ("templates/x.yaml", manifest, "it is a Helm template, not a manifest: run `helm template`"),
        ("x.yaml", manifest, "read"),
        ("templates/x.yaml", b"kind: ConfigMap\n", "read"),
    ];
    for (name, bytes, expected) in cases {
        let root = folder(&[(name, bytes), chart]);
        let said = opened(root.path()).map_or_else(|error| error, |_| "read".to_owned());
        assert!(said.contains(expected) && (said == "read" || said.contains(name)), "{said}");
    }
}

const ENC: &str = "ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]";

/// Objects that are or will become the Secret `bootstrap-token-abcdef`, each with its message.
fn unreadable() -> Vec<(String, &'static str)> {
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: bootstrap-token-abcdef, namespace: kube-system}\n";
    let resource = |version: &str, kind: &str, rest: &str| {
        format!("apiVersion: {version}\nkind: {kind}\nmetadata: {{name: bootstrap-token-abcdef, namespace: kube-system}}\n{rest}")
    };
    let other = |version: &str, kind: &str, spec: &str| {
        format!("apiVersion: {version}\nkind: {kind}\nmetadata: {{name: other, namespace: kube-system}}\nspec: {spec}\n")
    };
    let sops = "sops: {mac: x, version: 3.8.1}\n";
    vec![
        (format!("{secret}stringData: {{token-id: '{ENC}'}}\n{sops}"), "encrypted by SOPS"),
        (format!("{secret}stringData: {{token-id: '{ENC}'}}\n"), "encrypted by SOPS"),
        (format!("{secret}stringData: {{token-id: abcdef}}\n{sops}"), "encrypted by SOPS"),
        (
            format!(
                "{{\"apiVersion\": \"v1\", \"kind\": \"Secret\", \"metadata\": {{\"name\": \"bootstrap-token-abcdef\", \
                 \"namespace\": \"kube-system\"}}, \"data\": {{\"a\": \"{ENC}\"}}, \"sops\": {{\"mac\": \"{ENC}\"}}}}"
            ),
            "encrypted by SOPS",
        ),
        (
            format!("apiVersion: v1\nkind: List\nitems:\n- {}data: {{a: '{ENC}'}}\n{sops}", secret.replace('\n', "\n  ")),
            "encrypted by SOPS",
        ),
        (
            resource("bitnami.com/v1alpha1", "SealedSecret", "spec: {encryptedData: {token-id: AgB}}\n"),
            "generated by the SealedSecret",
        ),
        (
            other("bitnami.com/v1alpha1", "SealedSecret", "{template: {metadata: {name: bootstrap-token-abcdef}}}"),
            "generated by the SealedSecret",
        ),
        (
            other("external-secrets.io/v1", "ExternalSecret", "{target: {name: bootstrap-token-abcdef}}"),
            "generated by the ExternalSecret",
        ),
        (resource("external-secrets.io/v1beta1", "ExternalSecret", "spec: {}\n"), "generated by the ExternalSecret"),
        (
            other("isindir.github.com/v1alpha3", "SopsSecret", "{secretTemplates: [{name: a}, {name: bootstrap-token-abcdef}]}"),
            "generated by the SopsSecret",
        ),
        (
            other("secrets.hashicorp.com/v1beta1", "VaultStaticSecret", "{destination: {name: bootstrap-token-abcdef}}"),
            "generated by the VaultStaticSecret",
        ),
        (resource("onepassword.com/v1", "OnePasswordItem", "spec: {}\n"), "generated by the OnePasswordItem"),
        (format!("{secret}$patch: delete\n"), "is a patch, not an object"),
    ]
}

/// It is left out of a list, is not read or written by name, and is not created a second time.
#[test]
fn what_cannot_be_read_is_named_and_never_written() {
    let target = token("bootstrap-token-abcdef");
    for (text, expected) in unreadable() {
        let root = folder(&[("x.yaml", text.as_bytes())]);
        let opened = opened(root.path()).unwrap();
        let said = opened.check_usable(&target).unwrap_err().to_string();
        assert!(said.contains(expected) && said.contains("x.yaml") && !said.contains("ENC["), "{text}: {said}");
        let notes = opened.left_out(&secrets(), target.namespace.as_ref(), |_| true).unwrap();
        assert!(notes.len() == 1 || text.contains("name: a}"), "{notes:?}");
        assert!(notes.iter().any(|note| note.contains(expected)), "{notes:?}");
        let body = || {
            map(
                &json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": target.name.as_str(), "namespace": "kube-system" } }),
            )
        };
        for verb in [Verb::Create(body()), Verb::MergePatch(body()), Verb::Apply(body()), Verb::Replace(body()), Verb::Delete] {
            let (result, _) = written(root.path(), &target, verb);
            assert!(result.unwrap_err().contains(expected), "{text}");
        }
        assert_eq!(fs::read_to_string(root.path().join("x.yaml")).unwrap(), text);
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
    }
}

/// Other objects of the same folder remain usable.
#[test]
fn an_encrypted_neighbour_stops_nobody() {
    let target = token("bootstrap-token-123456");
    let body =
        json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": target.name.as_str(), "namespace": "kube-system" } });
    for (text, _) in unreadable() {
        let root = folder(&[("x.yaml", text.as_bytes())]);
        let (result, _) = written(root.path(), &target, Verb::Create(map(&body)));
        assert_eq!(result, Ok(()), "{text}");
        assert_eq!(fs::read_to_string(root.path().join("x.yaml")).unwrap(), text);
    }
}

#[test]
fn what_must_be_text_is_named_with_its_line() {
    let secret = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: bootstrap-token-abcdef\n  namespace: kube-system\n";
    let cases = [
        (
            "stringData:\n  token-id: abcdef\n  usage-bootstrap-signing: true\n",
            "line 8: `stringData.usage-bootstrap-signing` is a boolean",
        ),
        ("stringData:\n  # a\n  token-id: 123456\n", "line 8: `stringData.token-id` is a number"),
        ("stringData: {token-id: 1e3}\n", "line 6: `stringData.token-id` is a number"),
        ("stringData: {token-id: 0x1F}\n", "`stringData.token-id` is a number"),
        (
            "stringData:\n  auth-extra-groups: [a]\n",
            "line 7: `stringData.auth-extra-groups` is a list and must be a string; write one value",
        ),
        ("stringData:\n  description: {a: b}\n", "line 7: `stringData.description` is a map"),
        ("stringData:\n  usage-bootstrap-signing: yes\n", "`stringData.usage-bootstrap-signing` is a boolean"),
        ("data:\n  usage-bootstrap-signing: on\n", "line 7: `data.usage-bootstrap-signing` is a boolean"),
        ("data: [a]\n", "`data` is a list"),
        ("stringData: {a: ~, b:, c: '1', d: 2030-01-01, e: \"true\", f: abc}\n", "read"),
        ("stringData:\n", "read"),
    ];
    for (rest, expected) in cases {
        let root = folder(&[("x.yaml", format!("{secret}{rest}").as_bytes())]);
        let opened = opened(root.path()).unwrap();
        let said =
            opened.check_usable(&token("bootstrap-token-abcdef")).map_or_else(|error| error.to_string(), |()| "read".to_owned());
        assert!(said.contains(expected), "{rest}: {said}");
        let listed = opened.left_out(&secrets(), None, |_| true);
        assert_eq!(listed.is_err(), expected != "read", "{rest}");
    }
}

/// A value keeps its field and its spelling in the manifest.
#[test]
fn a_secret_in_clear_stays_so() {
    let head = "apiVersion: v1\nkind: Secret\nmetadata: {name: bootstrap-token-abcdef, namespace: kube-system}\n";
    let cases = [
        ("stringData:\n  a: b # kept\n  c: d\n", json!({ "a": "eA==" }), "stringData:\n  a: x # kept\n  c: d\n"),
        ("stringData: {a: 'b'}\n", json!({ "a": "eA==" }), "stringData: {a: 'x'}\n"),
        ("stringData: {a: b}\n", json!({ "a": "Yg==" }), "stringData: {a: b}\n"),
        ("stringData: {a: b, c: d}\n", json!({ "a": null }), "stringData: {c: d}\n"),
        ("data: {a: Yg==}\n", json!({ "a": "eA==" }), "data: {a: eA==}\n"),
        (
            "data:\n  a: |\n    Yg\n    ==\n  c: ZA==\n",
            json!({ "a": "Yg==", "c": "eA==" }),
            "data:\n  a: |\n    Yg\n    ==\n  c: eA==\n",
        ),
    ];
    for (before, data, after) in cases {
        let root = folder(&[("x.yaml", format!("{head}{before}").as_bytes())]);
        let (result, _) = written(root.path(), &token("bootstrap-token-abcdef"), Verb::MergePatch(map(&json!({ "data": data }))));
        assert_eq!(result, Ok(()));
        assert_eq!(fs::read_to_string(root.path().join("x.yaml")).unwrap(), format!("{head}{after}"));
    }
}

/// A change that cannot be made in place rewrites its document and no other one; duplicate keys are refused.
#[test]
fn what_cannot_be_edited_is_written_anew_and_said() {
    let head = "# kept\n---\n# of the first\napiVersion: v1\nkind: Secret\nmetadata: {name: bootstrap-token-abcdef, namespace: kube-system}\n";
    let tail = "---\n# of the last\na: 0x1F\n";
    let cases = [
        ("data:\n  1: Yg==\n  c: ZA==\n", json!({ "data": { "1": null } }), Ok("is rewritten without its comments")),
        ("data:\n  1: Yg== # gone\n  c: ZA==\n", json!({ "data": { "1": "eA==" } }), Ok("is rewritten")),
        ("base: &x {a: Yg==}\ndata: *x\n", json!({ "data": { "a": "eA==" } }), Ok("is rewritten")),
        ("data: {a: Yg==, a: Yw==}\n", json!({ "data": { "a": "eA==" } }), Err("the key `a` appears twice in the same map")),
    ];
    for (before, patch, expected) in cases {
        let text = format!("{head}{before}{tail}");
        let root = folder(&[("x.yaml", text.as_bytes())]);
        let (result, heard) = written(root.path(), &token("bootstrap-token-abcdef"), Verb::MergePatch(map(&patch)));
        let after = fs::read_to_string(root.path().join("x.yaml")).unwrap();
        match expected {
            Ok(said) => {
                assert_eq!(result, Ok(()));
                assert!(heard.iter().any(|line| line.contains(said) && line.contains("x.yaml")), "{heard:?}");
                assert!(after.starts_with("# kept\n---\n# of the first\n") && after.ends_with(tail), "{after}");
            }
            Err(said) => {
                assert!(result.clone().unwrap_err().contains(said), "{result:?}");
                assert_eq!(after, text);
            }
        }
    }
}

#[test]
fn a_new_file_says_what_follows() {
    let rules = |regex: &str| format!("creation_rules:\n- path_regex: {regex}\n  age: age1x\n");
    let kustomization = |resources: &str| format!("resources: {resources}\n");
    let name = "kube-system.secret.bootstrap-token-abcdef.yaml";
    let cases = [
        (".sops.yaml", rules("secret"), "has a rule to encrypt it: `sops encrypt --in-place"),
        (".sops.yaml", rules(r"\.ya?ml$"), "has a rule to encrypt it"),
        (".sops.yaml", rules("'('"), "has a rule to encrypt it"),
        (".sops.yaml", "creation_rules: [{age: age1x}]".to_owned(), "has a rule to encrypt it"),
        (".sops.yaml", rules("^other/"), ""),
        (".sops.yaml", "stores: {}\n".to_owned(), ""),
        ("kustomization.yaml", kustomization("[a.yaml]"), "add it under `resources`"),
        (
            "kustomization.yml",
            "kind: Kustomization\napiVersion: kustomize.config.k8s.io/v1beta1\n".to_owned(),
            "add it under `resources`",
        ),
        ("kustomization.yaml", kustomization(&format!("[./{name}]")), ""),
        ("deep/kustomization.yaml", kustomization("[]"), ""),
    ];
    for (file, text, expected) in cases {
        let root = folder(&[(file, text.as_bytes())]);
        let body = json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "bootstrap-token-abcdef", "namespace": "kube-system" } });
        let (result, heard) = written(root.path(), &token("bootstrap-token-abcdef"), Verb::Create(map(&body)));
        assert_eq!(result, Ok(()));
        let is_said = if expected.is_empty() { heard.is_empty() } else { heard.len() == 1 && heard[0].contains(expected) };
        assert!(is_said, "{file} {text}: {heard:?}");
    }
}
