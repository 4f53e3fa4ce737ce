//! `deploy/audit-cronjob.yaml`: it is what Kubernetes takes it for (as `rotate-cronjob.yaml` is, which tests/cluster/rotate.rs runs), allows what an audit needs and no more, and its command line works.

use crate::reports::{FILES, run};
use crate::root;
use k8s_openapi::api::batch::v1::CronJob;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, PersistentVolumeClaim, ServiceAccount};
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding, Role, RoleBinding};
use kubectl_bootstrap_token::yaml::parse_documents;
use libtest_mimic::{Failed, Trial};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

/// All trials.
pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("deploy-is-of-kubernetes-types", types),
        Trial::test("deploy-allows-what-an-audit-needs", rights),
        Trial::test("deploy-has-a-command-line-that-works", command_line),
    ]
}

fn documents() -> Vec<Value> {
    of_file("audit-cronjob.yaml")
}

fn of_file(name: &str) -> Vec<Value> {
    parse_documents(&std::fs::read_to_string(root().join("deploy").join(name)).unwrap()).unwrap()
}

/// What is read as a type says nothing else: a member that the type does not know would be lost.
fn types() -> Result<(), Failed> {
    for document in documents().into_iter().chain(of_file("rotate-cronjob.yaml")) {
        let again = match document["kind"].as_str().unwrap() {
            "Namespace" => again::<Namespace>(&document),
            "ServiceAccount" => again::<ServiceAccount>(&document),
            "Role" => again::<Role>(&document),
            "RoleBinding" => again::<RoleBinding>(&document),
            "ClusterRole" => again::<ClusterRole>(&document),
            "ClusterRoleBinding" => again::<ClusterRoleBinding>(&document),
            "PersistentVolumeClaim" => again::<PersistentVolumeClaim>(&document),
            "ConfigMap" => again::<ConfigMap>(&document),
            "CronJob" => again::<CronJob>(&document),
            other => return Err(format!("say in this test what a {other} is").into()),
        }?;
        if again != document {
            return Err(format!("--- in the file\n{document:#}\n+++ as its type\n{again:#}").into());
        }
    }
    Ok(())
}

fn again<T: DeserializeOwned + Serialize>(document: &Value) -> serde_json::Result<Value> {
    serde_json::to_value(serde_json::from_value::<T>(document.clone())?)
}

/// Each right, and who has it, as one line.
fn rights() -> Result<(), Failed> {
    let found = lines(&documents());
    let folder = format!("dir:{}", root().join("tests/clusters/audited").display());
    for against in ["empty", &folder] {
        let words = ["rbac", "--task=audit", "--name=bootstrap-token-audit", "-o=json", "--against", against];
        let output = run(&[&words[..], &["--subject=serviceaccount:bootstrap-token-audit:audit"]].concat());
        let list: Value = serde_json::from_slice(&output.stdout)?;
        let expected = lines(list["items"].as_array().unwrap());
        if found != expected {
            let more: Vec<_> = found.difference(&expected).collect();
            let less: Vec<_> = expected.difference(&found).collect();
            return Err(format!("more than `rbac` says: {more:#?}\nless: {less:#?}").into());
        }
    }
    Ok(())
}

fn lines(documents: &[Value]) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for document in documents {
        let place = json!([document["kind"], document["metadata"]["namespace"], document["metadata"]["name"]]);
        for rule in items(&document["rules"]) {
            lines.extend(rights_of(&rule).map(|right| format!("{place} allows {right}")));
        }
        lines.extend(items(&document["subjects"]).map(|subject| format!("{place} gives {} to {subject}", document["roleRef"])));
    }
    lines
}

fn items(list: &Value) -> impl Iterator<Item = Value> {
    list.as_array().cloned().unwrap_or_default().into_iter()
}

/// All that a rule multiplies to: group, resource, name and verb. A rule without names is for all.
fn rights_of(rule: &Value) -> impl Iterator<Item = Value> {
    let names = if rule["resourceNames"].is_null() { json!([null]) } else { rule["resourceNames"].clone() };
    let mut rights = vec![Vec::new()];
    for list in [&rule["apiGroups"], &rule["resources"], &names, &rule["verbs"]] {
        rights = rights.iter().flat_map(|right: &Vec<Value>| items(list).map(|item| [&right[..], &[item]].concat())).collect();
    }
    rights.into_iter().map(Value::from)
}

/// The arguments of the container, its volumes in a folder, on manifests in place of the cluster; as there without a home.
fn command_line() -> Result<(), Failed> {
    let documents = documents();
    let of = |kind: &str| documents.iter().find(|document| document["kind"] == kind).unwrap();
    let pod = &of("CronJob")["spec"]["jobTemplate"]["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    let volumes = tempfile::tempdir()?;
    for mount in items(&container["volumeMounts"]) {
        let folder = volumes.path().join(mount["mountPath"].as_str().unwrap().trim_start_matches('/'));
        std::fs::create_dir_all(&folder)?;
        let volume = items(&pod["volumes"]).find(|volume| volume["name"] == mount["name"]).unwrap();
        if volume["configMap"].is_object() {
            assert_eq!(volume["configMap"]["name"], of("ConfigMap")["metadata"]["name"]);
            for (name, text) in of("ConfigMap")["data"].as_object().unwrap() {
                std::fs::write(folder.join(name), text.as_str().unwrap())?;
            }
        }
    }
    let paths = volumes.path().display();
    let arguments = items(&container["args"]).map(|word| word.as_str().unwrap().replace("=/", &format!("={paths}/")));
    let arguments: Vec<String> = arguments.collect();
    for (cluster, code) in [("tests/clusters/audited", 0), ("no-such-folder", 2)] {
        let against = format!("--against=dir:{}", root().join(cluster).display());
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).chain([against.as_str()]).collect();
        let output = run(&arguments);
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.code() != Some(code) || (code == 0 && !stderr.is_empty()) {
            return Err(format!("{}: {stderr}", output.status).into());
        }
        take_reports(volumes.path(), &arguments)?;
    }
    Ok(())
}

/// Each report that the arguments name is there, and none is left for the next run to be mistaken for its own.
fn take_reports(volumes: &Path, arguments: &[&str]) -> Result<(), Failed> {
    let named = arguments.iter().filter_map(|word| word.strip_prefix("--output-file="));
    let mut formats = BTreeSet::new();
    for (format, path) in named.filter_map(|word| word.split_once('=')) {
        assert!(path.starts_with(&*volumes.to_string_lossy()), "{path} is on a volume");
        assert!(!std::fs::read_to_string(path)?.is_empty(), "{path} has something in it");
        std::fs::remove_file(path)?;
        formats.insert(format);
    }
    assert!(formats.len() >= 3 && FILES.iter().filter(|(format, _)| formats.contains(format)).count() == formats.len());
    Ok(())
}
