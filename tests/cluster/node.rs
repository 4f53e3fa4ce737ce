//! What `create -o` prints starts a node: the kubelet's own code gets a certificate with it from the real controllers and registers a Node,
//! and the real kubeadm takes each of its files.

use crate::harness::{Cluster, said, trial};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use libtest_mimic::Trial;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    vec![
        trial("node::a_kubelet_starts_with_it", cluster, kubelet),
        trial("node::kubeadm_takes_each_file", cluster, files),
        trial("node::handed_out_in_a_secret", cluster, in_a_secret),
        trial("node::what_cannot_be_said_leaves_no_token", cluster, refused),
    ]
}

fn begin(cluster: &Cluster) -> tempfile::TempDir {
    cluster.reset();
    let (config, kubeconfig) = (cluster.dir.join("init.yaml"), cluster.kubeconfig.to_str().unwrap());
    let upload = ["init", "phase", "upload-config", "all", "--config", config.to_str().unwrap(), "--kubeconfig", kubeconfig];
    let uploaded = cluster.run("kubeadm", &upload);
    assert_eq!(uploaded.code, 0, "{}", uploaded.stderr);
    cluster.ours_ok(&["apply", "--no-token"]);
    tempfile::tempdir().unwrap()
}

/// Creates a token and writes what a node is given, once it can join.
fn created(cluster: &Cluster, folder: &Path, form: &str, more: &[&str]) -> PathBuf {
    let file = folder.join(form);
    let words = ["create", "--ttl", "10m", "--wait", "-o", form, "--to", &format!("file:{}", file.display())];
    let said = cluster.ours_ok(&[&words, more].concat());
    assert_eq!(said.stdout, "", "{form}");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "{form}");
    file
}

fn kubelet(cluster: &Cluster) {
    let folder = begin(cluster);
    let file = created(cluster, folder.path(), "bootstrap-kubeconfig", &[]);
    let mut start = cluster.command("kubelet-bootstrap", &[file.to_str().unwrap(), folder.path().to_str().unwrap(), "w1"]);
    // A node has no kubeconfig.
    start.env_remove("KUBECONFIG");
    let started = said(start);
    assert_eq!(started.code, 0, "{}", started.stderr);
    let node = cluster.get("default", "node/w1");
    assert_eq!(node["metadata"]["name"], "w1");
    let requests = cluster.kubectl(&["get", "csr", "-o", "jsonpath={.items[*].spec.username}"]);
    assert!(requests.contains("system:bootstrap:"), "{requests}");
    cluster.kubectl(&["delete", "node", "w1"]);
    cluster.kubectl(&["delete", "csr", "--all"]);
}

fn files(cluster: &Cluster) {
    let folder = begin(cluster);
    let preflight = |more: &[&str]| {
        let words = ["join", "phase", "preflight", "--ignore-preflight-errors=all", "-v1"];
        let mut command = cluster.command("kubeadm", &[&words, more].concat());
        command.env_remove("KUBECONFIG");
        said(command)
    };
    let token = "abcdef.0123456789abcdef";
    for form in ["join-config", "cloud-init", "ignition", "discovery-file"] {
        cluster.ours(&["delete", "abcdef", "--ignore-not-found"]);
        let file = created(cluster, folder.path(), form, &[token]);
        let text = std::fs::read_to_string(&file).unwrap();
        let said = match form {
            "discovery-file" => {
                assert!(!text.contains("0123456789abcdef"), "{text}");
                let flags = ["--cri-socket", "unix:///nonexistent", "--node-name", "n1"];
                preflight(&[&["--discovery-file", file.to_str().unwrap(), "--tls-bootstrap-token", token], &flags[..]].concat())
            }
            _ => {
                let config = folder.path().join("config.yaml");
                std::fs::write(&config, configuration(cluster, form, &file)).unwrap();
                let validated = cluster.run("kubeadm", &["config", "validate", "--config", config.to_str().unwrap()]);
                assert_eq!(validated.code, 0, "{form}: {}", validated.stderr);
                preflight(&["--config", config.to_str().unwrap()])
            }
        };
        assert_eq!(said.code, 0, "{form}\n{}\n{}", said.stdout, said.stderr);
        let proof =
            if form == "discovery-file" { "Using provided TLSBootstrapToken" } else { "signature and contents are valid" };
        assert!(said.stderr.contains(proof), "{form}: {}", said.stderr);
    }
}

/// The JoinConfiguration in a file, as the program that reads the file finds it.
fn configuration(cluster: &Cluster, form: &str, file: &Path) -> String {
    let text = std::fs::read_to_string(file).unwrap();
    match form {
        "cloud-init" => {
            assert!(text.starts_with("#cloud-config\n"), "{text}");
            // The YAML parser of kubectl: of an object that no server has seen.
            let object = format!("{text}\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: x}}\n");
            let object = cluster.file("cloud-init.yaml", &object);
            let read = cluster.kubectl(&[
                "create",
                "-f",
                object.to_str().unwrap(),
                "--dry-run=client",
                "--validate=false",
                "-o",
                "json",
            ]);
            let data: Value = serde_json::from_str(&read).unwrap();
            let (file, run) = (&data["write_files"][0], data["runcmd"][0].as_str().unwrap());
            assert!(file["permissions"] == "0600" && run.ends_with(file["path"].as_str().unwrap()), "{data}");
            file["content"].as_str().unwrap().to_owned()
        }
        "ignition" => {
            let data: Value = serde_json::from_str(&text).unwrap();
            let file = &data["storage"]["files"][0];
            let unit = data["systemd"]["units"][0]["contents"].as_str().unwrap();
            assert!(file["mode"] == 0o600 && unit.contains(file["path"].as_str().unwrap()), "{data}");
            let source = file["contents"]["source"].as_str().unwrap().strip_prefix("data:;base64,").unwrap();
            String::from_utf8(STANDARD.decode(source).unwrap()).unwrap()
        }
        _ => text,
    }
}

/// In a Secret, beside what others have in it. What was handed out there in another form goes: nobody would renew it.
fn in_a_secret(cluster: &Cluster) {
    let _folder = begin(cluster);
    cluster.kubectl(&["create", "secret", "generic", "join", "--from-literal=other=1"]);
    for form in ["bootstrap-kubeconfig", "cloud-init"] {
        let said = cluster.ours_ok(&["create", "--ttl", "10m", "--wait", "-o", form, "--to", "secret/default/join"]);
        assert_eq!(said.stdout, "", "{form}");
    }
    let secret = cluster.get("default", "secret/join");
    let keys: Vec<&String> = secret["data"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["cloud-init", "other"]);
    let data = String::from_utf8(STANDARD.decode(secret["data"]["cloud-init"].as_str().unwrap()).unwrap()).unwrap();
    let file = cluster.file("user-data", &data);
    cluster.ours_ok(&["check", "--user-data", file.to_str().unwrap()]);
    cluster.kubectl(&["delete", "secret", "join"]);
}

fn refused(cluster: &Cluster) {
    let folder = begin(cluster);
    let two = folder.path().join("two.yaml");
    let tokens = serde_json::json!([{ "token": "aaaaaa.0123456789abcdef" }, { "token": "bbbbbb.0123456789abcdef" }]);
    std::fs::write(&two, crate::harness::config("v1beta4", "v1.37.0", &tokens)).unwrap();
    for (words, why) in [
        (&["-o", "join-config", "-f", two.to_str().unwrap()][..], "this form is for one token, and 2 join commands were made"),
        (&["-o", "ignition", "--skip-token-print"], "what a node is given has the token in it"),
        (&["--to", "file:x"], "is for what a node is given"),
    ] {
        let said = cluster.ours(&[&["create"], words].concat());
        assert!(said.code == 2 && said.stderr.contains(why) && said.stdout.is_empty(), "{words:?}: {}", said.stderr);
    }
    assert!(cluster.state().keys().all(|key| !key.contains("bootstrap-token-")), "{:?}", cluster.state().keys());
    // What could not be handed out is not created.
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(folder.path().join("nothing"), &link).unwrap();
    let secret = serde_json::json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "fixed" }, "immutable": true });
    cluster.kubectl(&["apply", "-f", cluster.file("fixed.json", &secret.to_string()).to_str().unwrap()]);
    for (place, why) in [
        (format!("file:{}", link.display()), "it is a link to a file that does not exist"),
        (format!("file:{}", folder.path().display()), "is a directory"),
        ("file:/nonexistent/x".to_owned(), "No such file or directory"),
        ("secret/default/fixed".to_owned(), "field is immutable"),
        ("secret/nowhere/x".to_owned(), "namespaces \"nowhere\" not found"),
    ] {
        let said = cluster.ours(&["create", "-o", "join-config", "--to", &place]);
        assert!(said.code == 2 && said.stderr.contains(why), "{place}: {}", said.stderr);
    }
    assert!(cluster.state().keys().all(|key| !key.contains("bootstrap-token-")), "{:?}", cluster.state().keys());
    cluster.kubectl(&["delete", "secret", "fixed"]);
    // A dry run makes nothing that could be used.
    let dry = cluster.ours_ok(&["create", "-o", "join-config", "--dry-run=server"]);
    assert!(!dry.stdout.contains("JoinConfiguration"), "{}", dry.stdout);
}
