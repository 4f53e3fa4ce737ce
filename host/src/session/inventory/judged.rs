//! Secrets that Cluster API and Argo CD made by their own Go types, and what they read in these (`tests/inventory/secrets`).

use crate::yaml;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use kubephase_core::inventory::secrets::{KubeconfigSecret, of_argo_cd};
use kubephase_core::inventory::{Member, MemberAccess, Reach, Refusal};
use kubephase_core::object::Object;
use serde_json::{Value, json};

/// Where we refuse what they read, although it asks for nothing that an inventory may not: the case, and a part of what is said. Of two
/// fields with one name they take the last, or the one that is spelled as theirs.
const STRICTER: [(&str, &str); 5] = [
    ("token and certificate without key", "has a client certificate without its key"),
    ("a token twice", "with each field once"),
    ("a token twice the other way round", "with each field once"),
    ("a token twice in one spelling", "with each field once"),
    ("certificate that is none", "is not PEM in base64"),
];

fn cases(text: &str) -> Vec<Value> {
    let cases: Vec<Value> = serde_json::from_str(text).unwrap();
    assert!(cases.len() > 35);
    cases
}

fn secret(case: &Value) -> Object {
    Object::new(case["secret"].as_object().unwrap().clone())
}

/// What must be refused, whatever they do with it.
fn is_refused(read: &Value) -> bool {
    let has = |field: &str| read.get(field).is_some();
    let is_server = read["server"].as_str().unwrap().starts_with("https://") && !read["server"].as_str().unwrap().contains('\n');
    let has_credentials = has("token") || (has("certificate") && has("key"));
    let token = read["token"].as_str().unwrap_or_default();
    ["insecure", "program", "actsAs", "files"].into_iter().any(has)
        || !has("authority")
        || !is_server
        || !has_credentials
        || token.contains('\n')
}

/// Our kubeconfig in their words. A login beside a certificate is not sent, and says nothing.
fn ours(access: &MemberAccess) -> Value {
    let kubeconfig: Value = serde_json::from_str(&access.kubeconfig()).unwrap();
    let (cluster, user) = (&kubeconfig["clusters"][0]["cluster"], &kubeconfig["users"][0]["user"]);
    let fields = [
        ("server", &cluster["server"]),
        ("authority", &cluster["certificate-authority-data"]),
        ("serverName", &cluster["tls-server-name"]),
        ("proxy", &cluster["proxy-url"]),
        ("certificate", &user["client-certificate-data"]),
        ("key", &user["client-key-data"]),
        ("token", &user["token"]),
    ];
    fields.into_iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.to_owned(), value.clone())).collect()
}

fn judge(case: &Value, access: Result<Reach, Refusal>) {
    let name = case["case"].as_str().unwrap();
    if let Some((_, part)) = STRICTER.iter().find(|(stricter, _)| *stricter == name) {
        let refusal = access.unwrap_err().to_string();
        return assert!(refusal.contains(part), "{name}: {refusal}");
    }
    if case["hub"] == true {
        // With a token of its own Argo CD takes address and authority of its pod, and we those of the entry.
        let has_token = name == "itself with a token";
        return assert_eq!(access == Ok(Reach::Hub), !has_token, "{name}");
    }
    let access = access.map(|reach| match reach {
        Reach::Entry(access) => access,
        Reach::Hub => panic!("{name}: the hub"),
    });
    match case.get("read") {
        Some(read) if !is_refused(read) => {
            let mut read = read.clone();
            let fields = read.as_object_mut().unwrap();
            fields.remove("login");
            // Nothing is done with a key alone.
            if !fields.contains_key("certificate") {
                fields.remove("key");
            }
            assert_eq!(ours(&access.unwrap_or_else(|refusal| panic!("{name}: {refusal}"))), read, "{name}");
        }
        _ => assert!(access.is_err(), "{name}: {case}"),
    }
}

#[test]
fn cluster_api_reads_the_same() {
    let parse = |text: &str| yaml::parse_without_repetition(text).ok();
    let cases = cases(include_str!("../../../../tests/inventory/secrets/capi.json"));
    for case in &cases {
        let found = KubeconfigSecret::of(&secret(case), parse).map(|secret| KubeconfigSecret::members(vec![secret]).remove(0));
        assert_eq!(found.as_ref().map(|member| json!(member.name)).as_ref(), case.get("cluster"), "{case}");
        if let Some(Member { access, .. }) = found {
            judge(case, access);
        }
    }
    // What is there beside a cluster's own kubeconfig.
    let named = |name: &str| cases.iter().find(|case| case["case"] == name).unwrap();
    let mut further = named("longer name").clone();
    let kubeconfigs = |further: &Value| {
        let secrets = [named("certificate"), further].into_iter().filter_map(|case| KubeconfigSecret::of(&secret(case), parse));
        KubeconfigSecret::members(secrets.collect()).into_iter().map(|member| member.name).collect::<Vec<_>>()
    };
    assert_eq!(kubeconfigs(&further), ["fleet/a", "fleet/a-user"]);
    further["secret"]["metadata"]["labels"]["cluster.x-k8s.io/cluster-name"] = json!("a");
    assert_eq!(kubeconfigs(&further), ["fleet/a"]);
    further["secret"]["metadata"]["labels"]["cluster.x-k8s.io/cluster-name"] = json!("b");
    assert_eq!(kubeconfigs(&further), ["fleet/a", "fleet/a-user"]);
}

#[test]
fn argo_cd_reads_the_same() {
    let cases = cases(include_str!("../../../../tests/inventory/secrets/argocd.json"));
    for case in &cases {
        let secret = secret(case);
        let member = of_argo_cd(&secret);
        let named = secret.fields()["data"].get("name").map(|name| STANDARD.decode(name.as_str().unwrap()).unwrap());
        assert_eq!(member.name.as_bytes(), named.as_deref().unwrap_or(b"fleet/cluster-a"));
        judge(case, member.access);
    }
}
