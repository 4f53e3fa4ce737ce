//! Kubeconfigs, lists of them, and kubectl's flags: a recording server sees of us what it sees of kubectl.
//!
//! The cases are in `kubeconfigs/cases.yaml`. kubectl is the judge: nothing is expected of us that it does not do.

use crate::harness::{Cluster, OURS, cleared, said, trial};
use crate::recorder::{Identity, Log, Request, with_tls, without_tls};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use libtest_mimic::Trial;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

/// What both ask for.
const ASKED: &str = "/api/v1/namespaces/kube-system/secrets?fieldSelector=type%3Dbootstrap.kubernetes.io%2Ftoken";

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// Files in the folder in which both run, which is also their home.
    files: BTreeMap<String, String>,
    /// `KUBECONFIG`; `a` if nothing is said.
    list: Option<String>,
    #[serde(default)]
    flags: Vec<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    /// Why nothing is asked for, if nothing is: words that both say.
    refused: Option<String>,
}

/// What a program did.
#[derive(Debug, PartialEq, Eq)]
struct Done {
    is_successful: bool,
    requests: Vec<Request>,
    plugin: Vec<String>,
}

/// The servers, and what stands for them in a case.
struct World {
    log: Log,
    words: Vec<(&'static str, String)>,
}

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    let cases: Vec<Case> = serde_saphyr::from_str(include_str!("kubeconfigs/cases.yaml")).unwrap();
    assert!(cases.len() >= 40, "{}", cases.len());
    let world = Arc::new(World::start());
    let one = |case: Case| {
        let world = Arc::clone(&world);
        trial(format!("kubeconfigs::{}", case.name.replace(' ', "_")), cluster, move |cluster| check(cluster, &world, &case))
    };
    let trials = cases.into_iter().map(one);
    let (warned, unversioned) = (Arc::clone(&world), Arc::clone(&world));
    let others = [
        trial("kubeconfigs::warnings", cluster, move |cluster| warnings(cluster, &warned)),
        trial("kubeconfigs::nobody_asks_for_the_version_in_vain", cluster, move |cluster| versions(cluster, &unversioned)),
    ];
    trials.chain(others).collect()
}

/// A kubeconfig of server `a` with a token.
fn ordinary(world: &World, folder: &Path, token: &str) -> Case {
    std::fs::create_dir_all(folder).unwrap();
    let text = "clusters: [{name: c, cluster: {server: \"<A>\", certificate-authority-data: <CA>}}]\nusers: [{name: u, user: {token: TOKEN}}]\n\
                contexts: [{name: x, context: {cluster: c, user: u}}]\ncurrent-context: x\n";
    std::fs::write(folder.join("a"), world.filled(text, folder).replace("TOKEN", token)).unwrap();
    Case { name: String::new(), files: BTreeMap::new(), list: None, flags: Vec::new(), env: BTreeMap::new(), refused: None }
}

/// Warnings are shown as kubectl shows them, each once, and are errors if that is asked for.
fn warnings(cluster: &Cluster, world: &World) {
    let folder = cluster.dir.join("kubeconfigs-warnings");
    let case = ordinary(world, &folder, "warn-me");
    for flags in [&[][..], &["--warnings-as-errors"], &["--warnings-as-errors=false"]] {
        let case = Case { flags: flags.iter().map(|flag| (*flag).to_owned()).collect(), ..case.clone() };
        let (theirs, their_words) = world.run("kubectl", &["get", "--raw", ASKED], &case, &folder);
        let (ours, our_words) = world.run(OURS, &["list"], &case, &folder);
        let told = |text: &str| {
            text.lines()
                .filter(|line| line.starts_with("Warning: ") || line.starts_with("error: "))
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(told(&our_words), told(&their_words), "{flags:?}");
        assert!(told(&our_words).len() >= 3, "{our_words}");
        assert_eq!(ours, theirs, "{flags:?}");
    }
}

/// Whoever may read and delete tokens need not be allowed to ask for the version; a phase is told it.
fn versions(cluster: &Cluster, world: &World) {
    let folder = cluster.dir.join("kubeconfigs-versions");
    let case = ordinary(world, &folder, "one");
    for (first, is_asked) in [
        (&["list"][..], false),
        (&["list", "-o", "json"], false),
        (&["list", "--match-server-version"], true),
        (&["delete", "abcdef"], false),
        (&["delete", "abcdef", "--dry-run=server"], false),
        (&["plan"], true),
    ] {
        let (done, words) = world.run(OURS, first, &case, &folder);
        assert!(!done.requests.is_empty(), "{first:?}: {words}");
        assert_eq!(done.requests.iter().any(|request| request.target == "/version"), is_asked, "{first:?}: {words}");
    }
}

impl World {
    fn start() -> Self {
        let log = Log::default();
        let key = || rcgen::KeyPair::generate().unwrap();
        let (authority_key, server_key, client_key) = (key(), key(), key());
        let mut parameters = rcgen::CertificateParams::default();
        parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let authority = parameters.self_signed(&authority_key).unwrap();
        let issuer = rcgen::Issuer::new(parameters, authority_key);
        let names = ["127.0.0.1", "localhost", "api.example.com"].map(str::to_owned);
        let server = rcgen::CertificateParams::new(names).unwrap().signed_by(&server_key, &issuer).unwrap();
        let client = rcgen::CertificateParams::default().signed_by(&client_key, &issuer).unwrap();
        let identity = || Identity { chain: vec![server.der().to_vec()], key: server_key.serialize_der() };
        let base64 = |text: &str| STANDARD.encode(text);
        let (a, b) = (with_tls("a", identity(), &log), with_tls("b", identity(), &log));
        let plain = without_tls("plain", &log);
        let authority_pem = authority.pem().replace("\r\n", "\n");
        let wrapped = |indent: &str| {
            let text = base64(&authority_pem);
            text.as_bytes().chunks(60).map(|line| format!("{indent}{}\n", String::from_utf8_lossy(line))).collect::<String>()
        };
        let words = vec![
            ("<A>", format!("https://{a}")),
            ("<B>", format!("https://{b}")),
            ("<A-PORT>", a.port().to_string()),
            ("<PLAIN>", format!("http://{plain}")),
            ("<PLAIN-HOST>", plain.to_string()),
            ("<CA>", base64(&authority_pem)),
            ("<CA-WRAPPED>", wrapped("            ")),
            ("<CA-TWICE>", base64(&base64(&authority_pem))),
            ("<CA-PEM>", authority_pem.clone()),
            ("<CERTIFICATE>", base64(&client.pem())),
            ("<CERTIFICATE-PEM>", client.pem()),
            ("<KEY>", base64(&client_key.serialize_pem())),
            ("<KEY-PEM>", client_key.serialize_pem()),
        ];
        Self { log, words }
    }

    fn filled(&self, text: &str, folder: &Path) -> String {
        let path = std::env::var("PATH").unwrap();
        let with_folder = text.replace("<DIR>", folder.to_str().unwrap()).replace("<PATH>", &path);
        self.words.iter().fold(with_folder, |text, (word, value)| text.replace(word, value))
    }

    /// Runs a program in the folder of a case, and returns what it did and what it said.
    fn run(&self, program: &str, first: &[&str], case: &Case, folder: &Path) -> (Done, String) {
        let plugin = folder.join("plugin.log");
        let _ = std::fs::remove_file(&plugin);
        self.log.lock().unwrap().clear();
        let mut command = cleared(program);
        command.args(first).args(case.flags.iter().map(|flag| self.filled(flag, folder)));
        let list = case.list.clone().unwrap_or_else(|| "a".to_owned());
        command.current_dir(folder).stdin(Stdio::null()).env("HOME", folder).env("KUBECONFIG", self.filled(&list, folder));
        command.envs(case.env.iter().map(|(name, value)| (name, self.filled(value, folder))));
        let said = said(command);
        let plugin = std::fs::read_to_string(plugin).unwrap_or_default();
        let requests = self.log.lock().unwrap().clone();
        let done = Done {
            is_successful: said.code == 0,
            requests,
            plugin: plugin.lines().filter(|line| !line.is_empty()).map(without_nothing).collect(),
        };
        (done, format!("{}\n{}", said.stdout, said.stderr))
    }
}

/// A line of the plugin; of what it was told, fields without a value are left out.
fn without_nothing(line: &str) -> String {
    let Some(Ok(mut told)) = line.strip_prefix("info=").map(serde_json::from_str::<Value>) else { return line.to_owned() };
    if let Some(cluster) = told["spec"]["cluster"].as_object_mut() {
        cluster.retain(|_, value| !value.is_null());
    }
    format!("info={told}")
}

fn check(cluster: &Cluster, world: &World, case: &Case) {
    let folder = cluster.dir.join("kubeconfigs").join(case.name.replace(' ', "-"));
    let _ = std::fs::remove_dir_all(&folder);
    for (name, text) in &case.files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, world.filled(text, &folder)).unwrap();
        if text.starts_with("#!") {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
    }
    let (theirs, their_words) = world.run("kubectl", &["get", "--raw", ASKED], case, &folder);
    let (ours, our_words) = world.run(OURS, &["list"], case, &folder);
    assert_eq!(ours, theirs, "{}\nwe: {our_words}\nkubectl: {their_words}", case.name);
    assert_eq!(ours.is_successful, case.refused.is_none(), "{}\nwe: {our_words}\nkubectl: {their_words}", case.name);
    if let Some(words) = &case.refused {
        assert!(our_words.contains(words), "{}: {our_words}\nkubectl: {their_words}", case.name);
    }
}
