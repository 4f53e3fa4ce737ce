//! `check` from what a machine is started with: a JoinConfiguration, user data for cloud-init or Ignition, a Machine of Cluster API.

use super::{Eyes, Ready, TOKEN, check};
use crate::harness::{Cluster, Said, here, said};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};
use std::io::Write as _;
use std::process::Stdio;

/// Where the files of a machine are.
const PATH: &str = "/run/kubeadm/kubeadm-join-config.yaml";

fn configuration(version: &str, ready: &Ready, token: &str) -> String {
    let discovery = json!({ "apiServerEndpoint": ready.endpoint, "token": token, "caCertHashes": [ready.hash] });
    json!({ "apiVersion": format!("kubeadm.k8s.io/{version}"), "kind": "JoinConfiguration", "discovery": { "bootstrapToken": discovery },
        "nodeRegistration": { "name": "'{{ ds.meta_data.local_hostname }}'", "kubeletExtraArgs": null } })
    .to_string()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap()
}

/// As Cluster API's kubeadm provider writes it.
fn cloud_init(configuration: &str) -> String {
    let file =
        json!([{ "path": PATH, "owner": "root:root", "permissions": "0640", "content": format!("---\n{configuration}\n") }]);
    format!(
        "## template: jinja\n#cloud-config\n\nwrite_files: {file}\nruncmd:\n  - kubeadm join --config {PATH}  && echo success > \
         /run/cluster-api/bootstrap-success.complete\n"
    )
}

fn ignition(configuration: &str) -> String {
    let source = format!("data:;base64,{}", STANDARD.encode(configuration));
    let unit = format!("[Service]\nExecStart=/usr/bin/env kubeadm join --config {PATH}\n");
    json!({ "ignition": { "version": "3.4.0" }, "storage": { "files": [{ "path": PATH, "contents": { "source": source } }] },
        "systemd": { "units": [{ "name": "kubeadm.service", "enabled": true, "contents": unit }] } })
    .to_string()
}

/// A configuration and user data with the same join; of which version and in which packing, a name decides.
fn inputs(name: &str, ready: &Ready, token: &str) -> [(&'static str, Vec<u8>); 2] {
    let number: usize = name.bytes().map(usize::from).sum();
    let version = ["v1beta2", "v1beta3", "v1beta4"][number % 3];
    let configuration = configuration(version, ready, token);
    let line = ready.line(token);
    let script = format!("#!/bin/sh\nset -e\n{} >/var/log/join.log 2>&1\n", line.replace(" --", " \\\n  --"));
    let data = match number % 6 {
        0 => cloud_init(&configuration).into_bytes(),
        1 => ignition(&configuration).into_bytes(),
        2 => gzip(&cloud_init(&configuration)),
        3 => STANDARD.encode(gzip(&script)).into_bytes(),
        4 => format!(
            "Content-Type: multipart/mixed; boundary=\"B\"\nMIME-Version: 1.0\n\n--B\nContent-Type: text/x-shellscript\n\
             Content-Transfer-Encoding: base64\n\n{}\n--B--\n",
            STANDARD.encode(&script)
        )
        .into_bytes(),
        _ => format!("#cloud-config\nruncmd:\n- {}\n", json!(["sh", "-c", line])).into_bytes(),
    };
    [("--config", configuration.into_bytes()), ("--user-data", data)]
}

/// What is said of a join but for its times: the step that failed, the causes and the cure.
fn verdict(text: &str) -> String {
    let from = text.find("\nfailed ").or_else(|| text.find("\na node can join")).unwrap_or_default();
    text[from..].replace(|c: char| c.is_ascii_digit(), "")
}

/// What a machine is started with is checked as the line with the same join.
pub(super) fn says_the_same(cluster: &Cluster, (name, ready, token): (&str, &Ready, &str), eyes: Eyes, expected: &Said) {
    // One with a kubeconfig, the other without.
    let [configuration, user_data] = inputs(name, ready, token);
    for (flag, text) in if eyes == Eyes::Administrator { [configuration] } else { [user_data] } {
        let file = cluster.file("machine", "");
        std::fs::write(&file, text).unwrap();
        let same = check(cluster, &["check", flag, file.to_str().unwrap()], eyes);
        let (found, expected) = ((same.code, verdict(&same.stdout)), (expected.code, verdict(&expected.stdout)));
        assert_eq!(found, expected, "{flag} {eyes:?}\n{}\n{}", same.stdout, same.stderr);
    }
}

/// From standard input, and from the file that a pasted line names.
pub(super) fn standard_input(cluster: &Cluster) {
    let ready = Ready::new(cluster);
    let text = configuration("v1beta4", &ready, TOKEN);
    let file = cluster.file("join.yaml", &text);
    let line = format!("kubeadm join --config {} --node-name n1", file.display());
    let expected = check(cluster, &["check", &ready.line(TOKEN)], Eyes::Node);
    let pasted = check(cluster, &["check", &line], Eyes::Node);
    assert_eq!((pasted.code, &pasted.stdout), (0, &expected.stdout), "{}", pasted.stderr);
    assert_eq!(pasted.stderr, "not checked: --node-name\n");
    for (flag, text) in [("--config", text.clone()), ("--user-data", cloud_init(&text))] {
        let mut command = cluster.our_command(&["check", flag, "-"]);
        command.env_remove("KUBECONFIG").env("HOME", cluster.dir.join("nowhere"));
        command.stdin(Stdio::from(std::fs::File::open(cluster.file("stdin", &text)).unwrap()));
        let piped = said(command);
        assert_eq!((piped.code, &piped.stdout), (0, &expected.stdout), "{flag}: {}", piped.stderr);
    }
    for (flag, text, part) in [
        ("--config", "", "it has neither `kubeadm join` nor a JoinConfiguration"),
        ("--user-data", "#cloud-config\npackages: [a]\n", "it has neither `kubeadm join` nor a JoinConfiguration"),
        ("--user-data", "#include\nhttp://a\n", "`#include` takes the rest from elsewhere"),
    ] {
        let file = cluster.file("wrong", text);
        let said = check(cluster, &["check", flag, file.to_str().unwrap()], Eyes::Node);
        assert!(said.code == 2 && said.stderr.contains(part), "{}", said.stderr);
    }
}

/// Cluster API's view of a machine: its bootstrap data, and the kubeconfig of the cluster that it joins, which is the same here.
pub(super) fn a_machine(cluster: &Cluster) {
    let ready = Ready::new(cluster);
    cluster.kubectl(&["apply", "-f", here().join("check/machines.yaml").to_str().unwrap()]);
    cluster.kubectl(&["wait", "--for=condition=established", "crd/machines.cluster.x-k8s.io"]);
    let kubeconfig = cluster.kubectl(&["config", "view", "--raw", "--minify", "-o", "json"]);
    let secret = |name: &str, text: &str| {
        json!({ "apiVersion": "v1", "kind": "Secret", "type": "cluster.x-k8s.io/secret", "metadata": { "name": name, "namespace": "default" },
            "stringData": { "value": text } })
    };
    let machine = |name: &str, cluster: &str, data: Value| {
        json!({ "apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "Machine", "metadata": { "name": name, "namespace": "default" },
            "spec": { "clusterName": cluster, "bootstrap": { "dataSecretName": data } } })
    };
    let exec = json!({ "apiVersion": "v1", "kind": "Config", "current-context": "c", "contexts": [{ "name": "c", "context": { "cluster": "c", "user": "c" } }],
        "clusters": [{ "name": "c", "cluster": { "server": "https://a", "certificate-authority-data": STANDARD.encode("-----BEGIN CERTIFICATE-----") } }],
        "users": [{ "name": "c", "user": { "exec": { "command": "/bin/evil" } } }] });
    let items = json!({ "apiVersion": "v1", "kind": "List", "items": [
        secret("w0-data", &cloud_init(&configuration("v1beta4", &ready, TOKEN))),
        secret("gone-data", &ignition(&configuration("v1beta3", &ready, "nobody.0123456789abcdef"))),
        secret("own-kubeconfig", &kubeconfig), secret("refused-kubeconfig", &exec.to_string()), secret("empty-data", "#cloud-config\n"),
        machine("w0", "own", json!("w0-data")), machine("gone", "own", json!("gone-data")), machine("w1", "other", json!("w0-data")),
        machine("w2", "refused", json!("w0-data")), machine("new", "own", Value::Null), machine("lost", "own", json!("none")),
        machine("empty", "own", json!("empty-data")),
        machine("odd", "x; touch PWN #", json!("w0-data")),
    ] });
    let file = cluster.file("machines.json", &items.to_string());
    cluster.kubectl(&["apply", "-f", file.to_str().unwrap()]);
    for (name, code, out, err) in [
        ("w0", 0, "a node can join with this", "the cluster own is looked at with the kubeconfig that Cluster API has of it"),
        ("gone", 1, "the token nobody does not exist", "clusterctl get kubeconfig own -n default > own.kubeconfig"),
        ("gone", 1, "create --print-join-command --kubeconfig own.kubeconfig", ""),
        ("w1", 0, "a node can join with this", "looked at as a node sees it: there is no Secret other-kubeconfig"),
        ("w2", 0, "a node can join with this", "names a program, which only you may do (exec)"),
        ("new", 2, "", "the Machine new has no bootstrap data yet"),
        ("lost", 2, "", "the Secret none, does not exist or is empty"),
        ("empty", 2, "", "nothing in it joins a cluster"),
        ("odd", 2, "", "the spec.clusterName of the Machine odd is not a name"),
        ("none", 2, "", "there is no Machine none in the namespace default"),
    ] {
        let said = check(cluster, &["check", "--machine", &format!("default/{name}")], Eyes::Administrator);
        assert!(
            said.code == code && said.stdout.contains(out) && said.stderr.contains(err),
            "{name}: {}\n{}",
            said.stdout,
            said.stderr
        );
    }
    let said = check(cluster, &["check", "--machine", "default/w0"], Eyes::Node);
    assert!(said.code == 2 && said.stderr.contains("there is no kubeconfig"), "{}", said.stderr);
    cluster.kubectl(&["delete", "-f", file.to_str().unwrap()]);
    cluster.kubectl(&["delete", "crd", "machines.cluster.x-k8s.io"]);
    let said = check(cluster, &["check", "--machine", "default/w0"], Eyes::Administrator);
    assert!(said.code == 2 && said.stderr.contains("there is no Machine w0 in the namespace default"), "{}", said.stderr);
}
