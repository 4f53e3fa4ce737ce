//! `audit` of the clusters of an inventory, with the real custom resources of cluster-inventory-api 0.1.2 on the hub, which is the only
//! cluster at the same time.

use crate::harness::{Cluster, Said, here, trial};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    vec![
        trial("fleet::each_inventory_has_its_clusters", cluster, inventories),
        trial("fleet::nothing_is_sent_where_an_entry_is_hostile", cluster, hostile),
        trial("fleet::a_plugin_that_hangs_is_ended", cluster, hanging),
    ]
}

pub(crate) const PROFILES: &str = "/apis/multicluster.x-k8s.io/v1alpha1/namespaces/fleet/clusterprofiles";
const DECISIONS: &str = "/apis/multicluster.x-k8s.io/v1alpha1/namespaces/fleet/placementdecisions";
const SECRETS: &str = "/api/v1/namespaces/fleet/secrets";
/// A hub with a plugin that logs in as the administrator.
pub(crate) struct Hub<'a> {
    cluster: &'a Cluster,
    /// The entry of the administrator's kubeconfig.
    server: Value,
    user: Value,
    folder: tempfile::TempDir,
}

impl<'a> Hub<'a> {
    pub(crate) fn new(cluster: &'a Cluster) -> Self {
        cluster.reset();
        cluster.ours_ok(&["apply", "--no-token"]);
        for file in ["clusterprofiles.yaml", "placementdecisions.yaml"] {
            cluster.kubectl(&["apply", "-f", here().join("fleet").join(file).to_str().unwrap()]);
        }
        let kinds = ["clusterprofiles", "placementdecisions"].map(|kind| format!("crd/{kind}.multicluster.x-k8s.io"));
        cluster.kubectl(&["wait", "--for=condition=established", &kinds[0], &kinds[1]]);
        let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "fleet" } });
        let file = cluster.file("namespace.json", &namespace.to_string());
        cluster.kubectl(&["apply", "-f", file.to_str().unwrap()]);
        for of in ["clusterprofiles.multicluster.x-k8s.io", "placementdecisions.multicluster.x-k8s.io", "secrets"] {
            cluster.kubectl(&["delete", of, "--all", "-n", "fleet"]);
        }
        let kubeconfig: Value =
            serde_json::from_str(&cluster.kubectl(&["config", "view", "--raw", "--minify", "-o", "json"])).unwrap();
        let (server, user) = (kubeconfig["clusters"][0]["cluster"].clone(), kubeconfig["users"][0]["user"].clone());
        let hub = Self { cluster, server, user, folder: tempfile::tempdir().unwrap() };
        hub.plugin();
        hub
    }

    /// Where the files of the hub's administrator are.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A plugin that writes down each run, and the file that names it.
    fn plugin(&self) {
        let pem = |field: &str| String::from_utf8(STANDARD.decode(self.user[field].as_str().unwrap()).unwrap()).unwrap();
        let credential = json!({ "apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {
            "clientCertificateData": pem("client-certificate-data"), "clientKeyData": pem("client-key-data") } });
        std::fs::write(self.path("credential"), credential.to_string()).unwrap();
        let folder = self.folder.path().display();
        let script = format!("#!/bin/sh\necho \"$KUBERNETES_EXEC_INFO\" >>'{folder}/runs'\nexec cat '{folder}/credential'\n");
        std::fs::write(self.path("plugin"), script).unwrap();
        std::fs::set_permissions(self.path("plugin"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let exec = json!({ "apiVersion": "client.authentication.k8s.io/v1", "command": self.path("plugin"), "provideClusterInfo": true });
        let providers = json!({ "providers": [{ "name": "test", "execConfig": exec }] });
        std::fs::write(self.path("providers.json"), providers.to_string()).unwrap();
    }

    /// How often the plugin ran, and for how many clusters.
    pub(crate) fn runs(&self) -> (usize, usize) {
        let text = std::fs::read_to_string(self.path("runs")).unwrap_or_default();
        (text.lines().count(), text.lines().collect::<BTreeSet<_>>().len())
    }

    /// The server of this cluster with what a case adds or replaces.
    pub(crate) fn server(&self, name: &str, more: &Value) -> Value {
        let mut server = self.server.clone();
        server["extensions"] = json!([{ "name": "client.authentication.k8s.io/exec", "extension": { "clusterName": name } }]);
        server.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        server
    }

    pub(crate) fn profiles(&self, all: &[(String, Value)]) {
        let profile = |name: &str| {
            json!({ "apiVersion": "multicluster.x-k8s.io/v1alpha1", "kind": "ClusterProfile",
                "metadata": { "name": name, "labels": { "stage": if name.ends_with('0') { "prod" } else { "test" } } },
                "spec": { "clusterManager": { "name": "test" }, "displayName": "the same" } })
        };
        let created: Vec<(String, Value)> = all.iter().map(|(name, _)| (PROFILES.to_owned(), profile(name))).collect();
        self.cluster.api().create(&created);
        for (name, cluster) in all {
            let status = json!({ "status": { "accessProviders": [{ "name": "test", "cluster": cluster }] } });
            self.cluster.api().patch(&format!("{PROFILES}/{name}/status"), &status);
        }
    }

    pub(crate) fn audit(&self, source: &str, more: &[&str]) -> Said {
        self.run(&["audit"], source, more)
    }

    /// Runs a verb on the clusters of an inventory.
    fn run(&self, verb: &[&str], source: &str, more: &[&str]) -> Said {
        let providers = self.path("providers.json");
        let mut words = [verb, &["--clusters", source]].concat();
        if !more.contains(&"--timeout") {
            words.extend(["--timeout", "20s"]);
        }
        if source.starts_with("clusterprofiles") || source.starts_with("placement") {
            words.extend(["--clusterprofile-provider-file", providers.to_str().unwrap()]);
        }
        self.cluster.ours(&[&words, more].concat())
    }
}

/// The clusters of a report, and those that could not be audited.
pub(crate) fn clusters(said: &Said) -> (Vec<String>, Vec<String>) {
    let report: Value = serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}: {}", said.stderr));
    let (failed, audited): (Vec<&Value>, Vec<&Value>) =
        report["clusters"].as_array().unwrap().iter().partition(|cluster| cluster["verdict"] == "unknown");
    let names = |all: Vec<&Value>| all.iter().map(|cluster| cluster["cluster"].as_str().unwrap().to_owned()).collect();
    (names(audited), names(failed))
}

/// The Secrets of Cluster API and of Argo CD for this cluster, and one that has no kubeconfig.
fn in_secrets(hub: &Hub<'_>, kubeconfig: &str) {
    let tls = json!({ "caData": hub.server["certificate-authority-data"], "certData": hub.user["client-certificate-data"],
        "keyData": hub.user["client-key-data"] });
    let secret = |name: &str, of: &str, labels: Value, data: Value| {
        (
            SECRETS.to_owned(),
            json!({ "apiVersion": "v1", "kind": "Secret", "type": of, "metadata": { "name": name, "labels": labels },
            "stringData": data }),
        )
    };
    let labels = json!({ "cluster.x-k8s.io/cluster-name": "capi1" });
    hub.cluster.api().create(&[
        secret("capi1-kubeconfig", "cluster.x-k8s.io/secret", labels.clone(), json!({ "value": kubeconfig })),
        secret("capi1-ca", "cluster.x-k8s.io/secret", labels.clone(), json!({ "tls.crt": "x" })),
        // The provider for EKS makes a second one, for people.
        secret("capi1-user-kubeconfig", "cluster.x-k8s.io/secret", labels, json!({ "value": kubeconfig.replace("\"user\":{", "\"user\":{\"exec\":{\"command\":\"aws\"},") })),
        secret(
            "in-cluster",
            "Opaque",
            json!({ "argocd.argoproj.io/secret-type": "cluster" }),
            json!({ "name": "argo0", "server": "https://kubernetes.default.svc", "config": "{\"tlsClientConfig\":{\"insecure\":false}}" }),
        ),
        secret(
            "cluster-1",
            "Opaque",
            json!({ "argocd.argoproj.io/secret-type": "cluster" }),
            json!({ "name": "argo1",
            "server": hub.server["server"], "config": json!({ "tlsClientConfig": tls }).to_string() }),
        ),
    ]);
}

fn inventories(cluster: &Cluster) {
    let hub = Hub::new(cluster);
    let names = ["a10", "a11", "a20", "a21"];
    hub.profiles(&names.map(|name| (name.to_owned(), hub.server(name, &json!({})))));
    let slice = |name: &str, index: &str, chosen: &[&str]| {
        let decisions: Vec<Value> = chosen.iter().map(|name| json!({ "clusterProfileRef": { "name": name } })).collect();
        let labels = json!({ "multicluster.x-k8s.io/decision-key": "chosen", "multicluster.x-k8s.io/decision-index": index });
        (
            DECISIONS.to_owned(),
            json!({ "apiVersion": "multicluster.x-k8s.io/v1alpha1", "kind": "PlacementDecision",
            "metadata": { "name": name, "labels": labels }, "decisions": decisions }),
        )
    };
    cluster.api().create(&[slice("s1", "1", &["a11", "away"]), slice("s0", "0", &["a20"])]);
    let kubeconfig = json!({ "apiVersion": "v1", "kind": "Config", "current-context": "c",
        "clusters": [{ "name": "c", "cluster": hub.server }], "users": [{ "name": "c", "user": hub.user }],
        "contexts": [{ "name": "c", "context": { "cluster": "c", "user": "c" } }] })
    .to_string();
    in_secrets(&hub, &kubeconfig);
    std::fs::write(hub.path("a file"), &kubeconfig).unwrap();
    std::fs::write(hub.path("list"), "# two, one of them twice\n'a file'\n\n'a file' c\n'a file'\n").unwrap();
    let (list, file) = (format!("file:{}", hub.path("list").display()), hub.path("a file").display().to_string());
    for (source, more, audited, failed) in [
        ("clusterprofiles", &[][..], vec!["fleet/a10", "fleet/a11", "fleet/a20", "fleet/a21"], vec![]),
        ("clusterprofiles/fleet", &["-l", "stage=prod"], vec!["fleet/a10", "fleet/a20"], vec![]),
        ("placement/fleet/chosen", &[], vec!["fleet/a20", "fleet/a11"], vec!["fleet/away"]),
        ("placement/fleet/s1", &["-l", "stage=prod"], vec!["fleet/a20"], vec![]),
        ("capi", &[], vec!["fleet/capi1"], vec![]),
        ("argocd/fleet", &[], vec!["argo1", "argo0"], vec![]),
        (list.as_str(), &[], vec![file.as_str(), &format!("{file} c")], vec![]),
        ("contexts", &[], vec!["kubernetes-super-admin@kubernetes"], vec![]),
    ] {
        let said = hub.audit(source, &[&["-o", "json"], more].concat());
        assert_eq!(
            clusters(&said),
            (audited.iter().map(ToString::to_string).collect(), failed.iter().map(ToString::to_string).collect()),
            "{source}: {}",
            said.stderr
        );
        assert_eq!(said.code, if failed.is_empty() { 0 } else { 2 }, "{source}: {}", said.stderr);
    }
    slices_of_a_list(&hub, &list);
    // Each plugin ran once for each cluster of each run.
    assert_eq!(hub.runs(), (4 + 2 + 2 + 1, 4));
    other_verbs(&hub, cluster);
    for (source, part) in
        [("clusterprofiles/kube-system", "there is no cluster in"), ("placement/fleet/none", "there is no cluster in")]
    {
        let said = hub.audit(source, &[]);
        assert!(said.code == 2 && said.stderr.contains(part), "{source}: {}", said.stderr);
    }
}

/// Each verb reads the same inventories, and runs each plugin once, however many connections it opens.
fn other_verbs(hub: &Hub<'_>, cluster: &Cluster) {
    cluster.ours_ok(&["create", "abcdef.0123456789abcdef"]);
    let run = |words: &[&str]| {
        let before = hub.runs().0;
        let said = hub.run(words, "clusterprofiles", &["-l", "stage=prod", "-o", "json"]);
        (said, hub.runs().0 - before)
    };
    let (listed, runs) = run(&["list"]);
    let found: Vec<&str> = listed.stdout.lines().filter_map(|line| line.trim().strip_prefix("\"cluster\": ")).collect();
    assert_eq!((listed.code, found, runs), (0, vec!["\"fleet/a10\",", "\"fleet/a20\","], 2), "{}", listed.stderr);
    let (checked, runs) = run(&["check"]);
    let report: Value = serde_json::from_str(&checked.stdout).unwrap();
    let token = &report["clusters"][1]["tokens"][0];
    assert_eq!((token["tokenId"].as_str(), runs), (Some("abcdef"), 2), "{}{}", checked.stdout, checked.stderr);
    let plans = hub.path("plans");
    let (planned, runs) = run(&["plan", "--no-token", "--exit-code", "--out", plans.to_str().unwrap()]);
    assert_eq!((planned.code, runs), (0, 2), "{}{}", planned.stdout, planned.stderr);
    let applied = hub.run(&["apply", "--plan", plans.to_str().unwrap()], "clusterprofiles", &["-l", "stage=prod"]);
    assert!(applied.code == 0 && applied.stdout.matches("unchanged").count() == 2, "{}{}", applied.stdout, applied.stderr);
}

/// Whatever the path to a list is called, each of its two clusters is in one slice.
fn slices_of_a_list(hub: &Hub<'_>, list: &str) {
    let other = format!("file:{}", hub.folder().join("./list").display());
    let of = |source: &str, shard: &str| {
        let folder = hub.path("slices");
        hub.audit(source, &["--shard", shard, "--output-dir", folder.to_str().unwrap()]);
        std::fs::read_dir(folder)
            .unwrap()
            .flatten()
            .filter(|entry| entry.file_name().to_string_lossy().starts_with("file_"))
            .count()
    };
    assert!(of(list, "1/2") <= of(&other, "2/2") && of(&other, "2/2") == 2);
}

/// What whoever may write the inventory tries. None of it reaches a server, not even a connection.
fn hostile(cluster: &Cluster) {
    let hub = Hub::new(cluster);
    let trap = TcpListener::bind("127.0.0.1:0").unwrap();
    trap.set_nonblocking(true).unwrap();
    let at = |scheme: &str| format!("{scheme}{}", trap.local_addr().unwrap());
    let cases = [
        json!({ "server": at("https://"), "insecure-skip-tls-verify": true }),
        json!({ "server": at("http://") }),
        json!({ "server": at("https://user:password@") }),
        json!({ "server": at("https://"), "certificate-authority-data": null }),
        json!({ "server": at("https://"), "certificate-authority-data": STANDARD.encode("nothing") }),
        json!({ "server": at("https://"), "certificate-authority-data": null, "certificate-authority": "/etc/ssl/certs/ca-certificates.crt" }),
        json!({ "server": format!("{}\n", at("https://")) }),
        json!({ "server": at("https://"), "proxy-url": format!("http://{} x", trap.local_addr().unwrap()) }),
    ];
    let cases: Vec<(String, Value)> =
        cases.iter().enumerate().map(|(number, case)| (format!("h{number}"), hub.server("x", case))).collect();
    hub.profiles(&cases);
    let said = hub.audit("clusterprofiles", &["-o", "json"]);
    let (audited, failed) = clusters(&said);
    assert_eq!((said.code, audited.len(), failed.len()), (2, 0, cases.len()), "{}", said.stderr);
    assert_eq!(said.stderr.matches("error: nothing was sent to it: ").count(), cases.len(), "{}", said.stderr);
    assert!(!said.stderr.contains("password"), "{}", said.stderr);
    assert_eq!(trap.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    assert_eq!(hub.runs(), (0, 0), "no plugin ran");
    // Another's authority: the handshake ends before a credential is sent. What was given for the hub is not sent either.
    let other = json!({ "server": format!("https://{}", cluster.endpoint), "certificate-authority-data": STANDARD.encode(crate::pki::of_nobody()) });
    cluster.kubectl(&["delete", "clusterprofiles.multicluster.x-k8s.io", "--all", "-n", "fleet"]);
    hub.profiles(&[("other".to_owned(), hub.server("x", &other))]);
    let said = hub.audit("clusterprofiles", &["-o", "json", "--as", "kubernetes-admin", "--as-group", "system:masters"]);
    assert!(said.code == 2 && said.stderr.contains("certificate"), "{}", said.stderr);
}

/// More plugins hang than may run at once; the cluster after them is audited all the same.
fn hanging(cluster: &Cluster) {
    let hub = Hub::new(cluster);
    let names = ["h0", "h1", "h2", "h3", "h4", "h5", "h6", "h7", "z0"];
    hub.profiles(&names.map(|name| (name.to_owned(), hub.server(name, &json!({})))));
    let script = format!(
        "#!/bin/sh\ncase $KUBERNETES_EXEC_INFO in *'clusterName\":\"h'*) exec sleep 1000;; esac\nexec cat '{}'\n",
        hub.path("credential").display()
    );
    std::fs::write(hub.path("plugin"), script).unwrap();
    let said = hub.audit("clusterprofiles", &["-o", "json", "--timeout", "1s"]);
    let (audited, failed) = clusters(&said);
    assert_eq!((said.code, audited, failed.len()), (2, vec!["fleet/z0".to_owned()], 8), "{}", said.stderr);
    assert_eq!(said.stderr.matches("did not end within 1s").count(), 8, "{}", said.stderr);
}

/// Ten clusters, two of which do not answer.
pub(crate) fn ten(hub: &Hub<'_>) {
    let names: Vec<String> = (0..10).map(|number| format!("c{number}")).collect();
    let of = |name: &String| {
        let more = if name < &"c2".to_owned() { json!({ "server": "https://127.0.0.1:1" }) } else { json!({}) };
        (name.clone(), hub.server(name, &more))
    };
    hub.profiles(&names.iter().map(of).collect::<Vec<_>>());
}
