//! What an entry of an inventory may say, and what of it is used.

use super::access::Refusal;
use super::secrets::{KubeconfigSecret, of_argo_cd};
use super::{ChosenClusters, ClusterSource, Member, MemberAccess, Providers, Reach, Shard};
use crate::object::Object;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

fn fields(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn object(value: &Value) -> Object {
    Object::new(fields(value))
}

fn authority() -> String {
    STANDARD.encode("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n")
}

/// A server with what a case adds or replaces.
fn server(more: &Value) -> Value {
    let mut server = fields(&json!({ "server": "https://a.example:6443", "certificate-authority-data": authority() }));
    server.extend(fields(more));
    Value::Object(server)
}

fn providers() -> Providers {
    let exec = |command: &str| {
        json!({ "apiVersion": "client.authentication.k8s.io/v1", "command": command, "args": ["a"],
        "env": [{ "name": "OWN", "value": "1" }, { "name": "MORE", "value": "1" }], "provideClusterInfo": true })
    };
    serde_json::from_value(json!({ "providers": [
        { "name": "first", "execConfig": exec("first-plugin") },
        { "name": "second", "execConfig": exec("second-plugin"), "profileSourcedCLIArgsPolicy": "Append",
          "profileSourcedEnvVarsPolicy": "AppendIfNotExists" },
        { "name": "third", "execConfig": exec("third-plugin"), "profileSourcedCLIArgsPolicy": "Ignore",
          "profileSourcedEnvVarsPolicy": "Replace" },
    ] }))
    .unwrap()
}

fn profile(name: &str, offered: &Value) -> Object {
    object(&json!({ "metadata": { "name": name, "namespace": "fleet" }, "spec": { "clusterManager": { "name": "m" } },
        "status": offered }))
}

fn entry(member: Member) -> Result<MemberAccess, Refusal> {
    member.access.map(|reach| match reach {
        Reach::Entry(access) => access,
        Reach::Hub => panic!("{} is the hub", member.name),
    })
}

fn document(access: &MemberAccess) -> Value {
    serde_json::from_str(&access.kubeconfig()).unwrap()
}

#[test]
fn the_first_provider_of_the_file_decides() {
    let at = |server: &str| json!({ "server": server, "certificate-authority-data": authority() });
    let offer = |name: &str, at: &Value| json!({ "name": name, "cluster": at });
    for (offered, command, expected) in [
        (
            json!({ "accessProviders": [offer("second", &at("https://2")), offer("first", &at("https://1"))] }),
            "first-plugin",
            "https://1",
        ),
        (
            json!({ "accessProviders": [offer("none", &at("https://0")), offer("third", &at("https://3"))] }),
            "third-plugin",
            "https://3",
        ),
        (json!({ "credentialProviders": [offer("first", &at("https://old"))] }), "first-plugin", "https://old"),
        (
            json!({ "credentialProviders": [offer("first", &at("https://old"))], "accessProviders": [offer("first", &at("https://new"))] }),
            "first-plugin",
            "https://new",
        ),
        (
            json!({ "accessProviders": [offer("first", &at("https://1")), offer("first", &at("https://2"))] }),
            "first-plugin",
            "https://2",
        ),
    ] {
        let member = providers().member(&profile("a", &offered));
        assert_eq!((member.name.as_str(), member.identity.as_str()), ("fleet/a", "m/fleet/a"));
        let access = entry(member).unwrap();
        let made = document(&access);
        assert_eq!(access.server(), expected);
        assert_eq!(made["users"][0]["user"]["exec"]["command"], command);
        assert_eq!(made["users"][0]["user"]["exec"]["interactiveMode"], "Never");
    }
    let nothing = json!({ "accessProviders": [offer("none", &at("https://0"))] });
    assert_eq!(providers().member(&profile("a", &nothing)).access, Err(Refusal::NoProvider(vec!["none".to_owned()])));
}

/// What the SIG's own library made of fifty profiles: `tests/inventory/main.go`, v0.1.2.
#[test]
fn the_sigs_library_picks_the_same() {
    let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let providers: Providers = serde_json::from_str(include_str!("../../../../tests/inventory/providers.json")).unwrap();
    let profiles = read(include_str!("../../../../tests/inventory/profiles.json"));
    let expected = read(include_str!("../../../../tests/inventory/expected.json"));
    let (profiles, expected) = (profiles.as_array().unwrap(), expected.as_array().unwrap());
    assert_eq!((profiles.len(), expected.len()), (50, 50));
    assert!(expected.iter().filter(|made| made.get("server").is_some()).count() > 25);
    for (profile, expected) in profiles.iter().zip(expected) {
        let mut made = json!({ "name": profile["metadata"]["name"] });
        if let Ok(access) = entry(providers.member(&object(profile))) {
            let document = document(&access);
            let exec = &document["users"][0]["user"]["exec"];
            let variable = |item: &Value| format!("{}={}", item["name"].as_str().unwrap(), item["value"].as_str().unwrap());
            let mut env: Vec<String> = exec["env"].as_array().unwrap().iter().map(variable).collect();
            env.sort();
            let more = json!({ "server": access.server(), "command": exec["command"], "args": exec["args"], "env": env });
            made.as_object_mut().unwrap().extend(fields(&more));
        }
        assert_eq!(made, *expected);
    }
}

#[test]
fn a_profile_adds_to_a_plugin_what_the_file_allows() {
    let args = json!({ "name": "clusterprofiles.multicluster.x-k8s.io/exec/additional-args", "extension": ["--x"] });
    let env =
        json!({ "name": "clusterprofiles.multicluster.x-k8s.io/exec/additional-envs", "extension": { "OWN": "2", "MORE": "3" } });
    let config = json!({ "name": "client.authentication.k8s.io/exec", "extension": { "clusterName": "a" } });
    let other = json!({ "name": "x", "extension": 1 });
    for (provider, expected_args, expected_env) in [
        ("first", json!(["a"]), json!([{ "name": "OWN", "value": "1" }, { "name": "MORE", "value": "1" }])),
        ("second", json!(["a", "--x"]), json!([{ "name": "OWN", "value": "1" }, { "name": "MORE", "value": "1" }])),
        ("third", json!(["a"]), json!([{ "name": "OWN", "value": "2" }, { "name": "MORE", "value": "3" }])),
    ] {
        let cluster = server(&json!({ "extensions": [args, env, config, other] }));
        let offered = json!({ "accessProviders": [{ "name": provider, "cluster": cluster }] });
        let made = document(&entry(providers().member(&profile("a", &offered))).unwrap());
        let exec = &made["users"][0]["user"]["exec"];
        assert_eq!((&exec["args"], &exec["env"]), (&expected_args, &expected_env), "{provider}");
        assert_eq!(made["clusters"][0]["cluster"]["extensions"], json!([config]));
    }
}

/// What whoever writes a profile might try.
#[test]
fn hostile_profiles_are_refused() {
    let env = |name: &str| {
        json!({ "extensions": [{ "name": "clusterprofiles.multicluster.x-k8s.io/exec/additional-envs",
        "extension": { name: "x" } }] })
    };
    let args =
        json!({ "extensions": [{ "name": "clusterprofiles.multicluster.x-k8s.io/exec/additional-args", "extension": "--x" }] });
    let long = "a".repeat(10 << 20);
    for (more, part) in [
        (json!({ "insecure-skip-tls-verify": true }), "turns off the verification"),
        (json!({ "insecure-skip-tls-verify": "true" }), "turns off the verification"),
        (json!({ "certificate-authority-data": "" }), "has no certificate-authority-data"),
        (json!({ "certificate-authority-data": null }), "has no certificate-authority-data"),
        (json!({ "certificate-authority-data": "!" }), "is not PEM in base64"),
        (json!({ "certificate-authority-data": STANDARD.encode("none") }), "is not PEM in base64"),
        (json!({ "certificate-authority-data": long }), "shorter than 256 KiB"),
        (json!({ "certificate-authority": "/etc/kubernetes/pki/ca.crt" }), "names a file of this machine"),
        (json!({ "server": "" }), "has no server"),
        (json!({ "server": 1 }), "is not a text"),
        (json!({ "server": "http://a.example:80" }), "is not an address like https://"),
        (json!({ "server": "https://" }), "is not an address like https://"),
        (json!({ "server": "https:///a" }), "is not an address like https://"),
        (json!({ "server": "https://user:PW@a.example" }), "is not an address like https://"),
        (json!({ "server": "https://a.example\n:6443" }), "is not an address like https://"),
        (json!({ "server": "https://a.example/\u{1b}[31m" }), "is not an address like https://"),
        (json!({ "server": "https:\\\\a.example" }), "is not an address like https://"),
        (json!({ "server": "file:///etc/passwd" }), "is not an address like https://"),
        (json!({ "tls-server-name": "a\u{0}b" }), "is not a DNS name"),
        (json!({ "proxy-url": "http://a b" }), "is not a URL"),
        (json!({ "proxy-url": "ftp://a" }), "is not a URL"),
        (env("LD_PRELOAD"), "sets the variable `LD_PRELOAD`"),
        (env("path"), "sets the variable `path`"),
        (env("PYTHONPATH=/tmp/evil:"), "sets the variable `PYTHONPATH=/tmp/evil:`"),
        (env("OWN=x"), "sets the variable `OWN=x`"),
        (env("BROWSER"), "sets the variable `BROWSER`"),
        (env(""), "sets the variable ``"),
        (args, "is not a list of texts"),
    ] {
        let offered = json!({ "accessProviders": [{ "name": "second", "cluster": server(&more) }] });
        let refusal = providers().member(&profile("a", &offered)).access.unwrap_err().to_string();
        assert!(refusal.contains(part) && !refusal.contains("PW"), "{part}: {refusal}");
    }
    // A profile has no credentials, and no plugin of its own.
    let own =
        json!({ "accessProviders": [{ "name": "first", "cluster": server(&json!({})), "exec": { "command": "/bin/evil" } }] });
    let made = document(&entry(providers().member(&profile("a", &own))).unwrap());
    assert!(!made.to_string().contains("evil"));
}

fn secret(name: &str, data: &[(&str, &str)]) -> Object {
    let data = data.iter().map(|(key, text)| ((*key).to_owned(), json!(STANDARD.encode(text))));
    object(&json!({ "metadata": { "name": name, "namespace": "fleet", "labels": { "cluster.x-k8s.io/cluster-name": "a" } },
        "data": data.collect::<Map<_, _>>() }))
}

fn kubeconfig(user: &Value) -> String {
    json!({ "current-context": "c", "contexts": [{ "name": "c", "context": { "cluster": "k", "user": "u" } }],
        "clusters": [{ "name": "k", "cluster": server(&json!({})) }], "users": [{ "name": "u", "user": user }] })
    .to_string()
}

fn parse(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

fn of_cluster_api(secret: &Object) -> Member {
    KubeconfigSecret::members(vec![KubeconfigSecret::of(secret, parse).unwrap()]).remove(0)
}

#[test]
fn a_secret_has_credentials_and_nothing_else() {
    let key = STANDARD.encode("-----BEGIN PRIVATE KEY-----\n");
    let pair = json!({ "client-certificate-data": authority(), "client-key-data": key });
    for (user, expected) in [
        (json!({ "token": "t" }), None),
        (pair, None),
        (json!({}), Some("has no credentials")),
        (json!({ "client-key-data": key }), Some("has no credentials")),
        (json!({ "token": "t", "client-certificate-data": authority() }), Some("has a client certificate without its key")),
        (json!({ "token": "t", "username": "u", "password": "p" }), Some("has a token and a login (username)")),
        (json!({ "username": "u", "password": "p" }), Some("has no credentials")),
        (json!({ "token": "a\nb" }), Some("is not one line without blanks")),
        (json!({ "exec": { "command": "/bin/evil" } }), Some("names a program, which only you may do (exec)")),
        (json!({ "token": "t", "auth-provider": { "name": "gcp" } }), Some("(auth-provider)")),
        (json!({ "tokenFile": "/etc/token" }), Some("names a file of this machine (tokenFile)")),
        (json!({ "client-certificate": "a" }), Some("names a file of this machine (client-certificate)")),
        (json!({ "token": "t", "as": "admin" }), Some("acts as another user (as)")),
        (json!({ "token": "t", "as-groups": ["system:masters"] }), Some("acts as another user (as-groups)")),
    ] {
        let member = of_cluster_api(&secret("a-kubeconfig", &[("value", &kubeconfig(&user))]));
        assert_eq!((member.name.as_str(), member.identity.as_str()), ("fleet/a", "capi/fleet/a-kubeconfig"));
        match expected {
            None => drop(member.access.unwrap()),
            Some(part) => assert!(member.access.clone().unwrap_err().to_string().contains(part), "{:?}", member.access),
        }
    }
    assert!(KubeconfigSecret::of(&secret("a-ca", &[("tls.crt", "x")]), parse).is_none());
    let twice =
        kubeconfig(&json!({ "token": "t" })).replace("\"users\":[", "\"users\":[{\"name\":\"u\",\"user\":{\"token\":\"x\"}},");
    for text in ["", "1", "{}", twice.as_str()] {
        let member = of_cluster_api(&secret("a-kubeconfig", &[("value", text)]));
        assert!(matches!(member.access, Err(Refusal::Malformed(..))), "{text}: {:?}", member.access);
    }
}

#[test]
fn argo_cd_says_it_in_its_own_words() {
    let config = |more: &Value| {
        let mut config = fields(&json!({ "bearerToken": "t", "tlsClientConfig": { "caData": authority(), "serverName": "a" } }));
        config.extend(fields(more));
        Value::Object(config).to_string()
    };
    for (more, expected) in [
        (json!({}), None),
        (json!({ "execProviderConfig": { "command": "x" } }), Some("(execProviderConfig)")),
        (json!({ "EXECProviderConfig": { "command": "x" } }), Some("(execProviderConfig)")),
        (json!({ "tlsClientConfig": { "in\u{17f}ecure": true, "caData": authority() } }), Some("tlsClientConfig.insecure")),
        (json!({ "bearertoken": "x" }), Some("a JSON object with each field once")),
        (json!({ "awsAuthConfig": { "clusterName": "x" } }), Some("(awsAuthConfig)")),
        (json!({ "tlsClientConfig": { "insecure": true } }), Some("tlsClientConfig.insecure")),
        (json!({ "tlsClientConfig": {} }), Some("has no certificate-authority-data")),
        (json!({ "bearerToken": null, "username": "a", "password": "b" }), Some("has no credentials")),
    ] {
        let secret = secret("cluster-a", &[("name", "prod"), ("server", "https://a.example"), ("config", &config(&more))]);
        let member = of_argo_cd(&secret);
        assert_eq!(member.identity, "argocd/fleet/cluster-a");
        assert_eq!(member.name, "prod");
        match (entry(member), expected) {
            (Ok(access), None) => {
                let made = document(&access);
                assert_eq!((access.server(), &made["users"][0]["user"]["token"]), ("https://a.example", &json!("t")));
                assert_eq!(made["clusters"][0]["cluster"]["tls-server-name"], "a");
            }
            (Err(refusal), Some(part)) => assert!(refusal.to_string().contains(part), "{refusal}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn slices_of_a_decision_are_joined_in_their_order() {
    let slice = |name: &str, index: &str, chosen: &[&str]| {
        let decisions: Vec<Value> = chosen.iter().map(|name| json!({ "clusterProfileRef": { "name": name } })).collect();
        object(&json!({ "metadata": { "name": name, "namespace": "fleet", "labels": {
            "multicluster.x-k8s.io/decision-key": "key", "multicluster.x-k8s.io/decision-index": index } }, "decisions": decisions }))
    };
    let other = object(&json!({ "metadata": { "name": "other", "namespace": "fleet" },
        "decisions": [{ "clusterProfileRef": { "name": "z", "namespace": "away" } }] }));
    let all = [slice("s-10", "10", &["c", "a"]), slice("s-2", "2", &["a", "b"]), other];
    let offered = json!({ "accessProviders": [{ "name": "first", "cluster": server(&json!({})) }] });
    let profiles = ["a", "b"].map(|name| profile(name, &offered));
    for name in ["s-2", "s-10", "key"] {
        let placement = ChosenClusters::named(name, &all);
        let members = placement.members(&profiles, &providers());
        let said: Vec<(&str, bool)> = members.iter().map(|member| (member.name.as_str(), member.access.is_ok())).collect();
        assert_eq!(said, [("fleet/a", true), ("fleet/b", true), ("fleet/c", false)], "{name}");
    }
    assert_eq!(ChosenClusters::named("other", &all).namespaces().into_iter().collect::<Vec<_>>(), ["away"]);
    assert!(ChosenClusters::named("none", &all).is_empty());
}

#[test]
fn no_two_clusters_have_one_name() {
    let names = |clusters: &[(&str, &str)]| super::distinct(clusters.iter().copied());
    assert_eq!(names(&[("a", "1"), ("b", "2")]), ["a", "b"]);
    assert_eq!(names(&[("a", "1"), ("a", "2"), ("b", "3")]), ["a (1)", "a (2)", "b"]);
    // Somebody takes the longer name of another one.
    assert_eq!(names(&[("a", "1"), ("a", "2"), ("a (1)", "3")]), ["1", "a (2)", "3"]);
}

#[test]
fn each_cluster_is_in_one_shard_and_stays_there() {
    let names: Vec<String> = (0..1_000).map(|number| format!("m/fleet/c{number}")).collect();
    let shards: Vec<Shard> = (1..=4).map(|number| Shard::parse(&format!("{number}/4")).unwrap()).collect();
    let mut sizes = [0; 4];
    for name in &names {
        let of: Vec<usize> = (0..4).filter(|place| shards[*place].has(name)).collect();
        assert_eq!(of.len(), 1, "{name}");
        sizes[of[0]] += 1;
    }
    assert!(sizes.iter().all(|size| (200..300).contains(size)), "{sizes:?}");
    // Not changed by a later version: jobs of two versions may run beside each other.
    let place = |name: &String| shards.iter().position(|shard| shard.has(name)).unwrap() + 1;
    assert_eq!(names.iter().take(8).map(place).collect::<Vec<_>>(), [4, 3, 2, 3, 4, 4, 3, 2]);
    for (index, expected) in
        [("0", Shard::parse("1/4")), ("3", Shard::parse("4/4")), ("4", None), ("", None), ("-1", None), ("+1", None)]
    {
        assert_eq!(Shard::of_job(index, 4), expected, "{index}");
    }
    for text in ["0/4", "5/4", "1/0", "1", "a/b", "+1/2", "1/2/3", "1/100001", ""] {
        assert_eq!(Shard::parse(text), None, "{text}");
    }
}

#[test]
fn sources_are_read_as_they_are_written() {
    for (text, is_one) in [
        ("contexts", true),
        ("clusterprofiles", true),
        ("clusterprofiles/fleet", true),
        ("placement/fleet/all", true),
        ("capi", true),
        ("argocd/argocd", true),
        ("file:list", true),
        ("placement/fleet", false),
        ("placement/fleet/", false),
        ("clusterprofiles/A", false),
        ("clusterprofiles/a/b", false),
        ("file:", false),
        ("", false),
        ("kubeconfig", false),
    ] {
        let source = ClusterSource::parse(text).map(|source| source.to_string());
        assert_eq!(source.as_deref(), is_one.then_some(text));
    }
}
