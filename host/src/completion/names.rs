//! The names that an argument can have, looked up when they are asked for.

use super::Ask;
use super::child::in_time;
use crate::cli::kube_flags::KubeFlags;
use crate::cli::{parser, words};
use crate::cluster::live::{NameSort, kubeconfig_names};
use crate::config::{connection, env::Env};
use clap::{Arg, FromArgMatches as _};
use clap_complete::CompletionCandidate;
use kubephase_core::connection::Connection;
use kubephase_core::join::{Reason, Step};
use serde_json::{Deserializer, Value};
use std::ffi::OsString;
use std::sync::mpsc;
use std::time::Duration;

/// How long a cluster has for its answer: who presses TAB does not wait longer.
const PATIENCE: Duration = Duration::from_secs(1);

/// Where the values of an argument come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// The contexts, clusters or users of the kubeconfig.
    Kubeconfig(NameSort),
    /// The ids of the tokens in the cluster.
    Tokens,
    /// The phases in the local store, and the embedded one.
    Phases,
    /// The rules of an audit by the embedded phase.
    Rules,
    /// Those, and the steps of a node.
    Explained,
    /// Those, and all of them.
    Fixes,
    /// The formats of `list`, of which one has a template in it.
    ListFormats,
    /// The undo plans of this machine.
    Undos,
    /// The clusters and their substitutes.
    Places,
    /// The inventories of `--clusters`, as far as they have no name.
    Inventories,
}

/// The arguments with names, by what their help calls the value.
const BY_VALUE: [(&str, Source); 14] = [
    ("ID", Source::Tokens),
    ("ID|TOKEN|NAME", Source::Tokens),
    ("TOKEN | -- kubeadm join …", Source::Tokens),
    ("NAME,…", Source::Kubeconfig(NameSort::Contexts)),
    ("PHASE", Source::Phases),
    ("OLD", Source::Phases),
    ("NEW", Source::Phases),
    ("REFERENCE|DIGEST", Source::Phases),
    ("RULE|STEP|CAUSE", Source::Explained),
    ("RULE[=OBJECT]", Source::Rules),
    ("all|RULE[=OBJECT]", Source::Fixes),
    ("ID|FILE", Source::Undos),
    ("WHERE", Source::Places),
    ("SOURCE", Source::Inventories),
];

/// The formats of `list`.
const LIST_FORMATS: [&str; 6] = ["text", "wide", "json", "yaml", "name", "jsonpath="];

/// The arguments whose value is called NAME.
const BY_ID: [(&str, NameSort); 3] =
    [("context", NameSort::Contexts), ("cluster", NameSort::Clusters), ("user", NameSort::Users)];

impl Source {
    /// The source for an argument; `None` if it has no names.
    pub(super) fn of(arg: &Arg) -> Option<Self> {
        let value = arg.get_value_names().and_then(|names| names.first())?.as_str();
        let by_id = BY_ID.iter().find(|(id, _)| arg.get_id() == id && value == "NAME");
        if arg.get_id() == "output" && arg.get_possible_values().is_empty() {
            return Some(Self::ListFormats);
        }
        by_id
            .map(|(_, sort)| Self::Kubeconfig(*sort))
            .or_else(|| BY_VALUE.iter().find(|(name, _)| *name == value).map(|(_, source)| *source))
    }
}

/// What was typed so far, as far as names depend on it.
#[derive(Clone)]
pub(super) struct Names {
    /// The connection that the words choose; `None` if they are not valid.
    connection: Option<Connection>,
    /// The words that choose it.
    cluster: Vec<OsString>,
    ask: Ask,
}

impl Names {
    pub(super) fn new(line: &[OsString], env: &dyn Env, ask: Ask) -> Self {
        // The last word is not finished.
        let finished = line.split_last().map(|(_, finished)| finished).unwrap_or_default();
        let matches = parser::command().ignore_errors(true).try_get_matches_from(finished).ok();
        let kube = matches.as_ref().and_then(|matches| KubeFlags::from_arg_matches(matches).ok());
        let cluster = matches.as_ref().map(words::of_cluster).unwrap_or_default();
        Self {
            connection: kube.and_then(|kube| connection(&kube, env).ok()),
            cluster: cluster.into_iter().map(OsString::from).collect(),
            ask,
        }
    }

    /// The names from a source; none if that takes too long, as from a kubeconfig that is a pipe.
    pub(super) fn of(&self, source: Source) -> Vec<CompletionCandidate> {
        let (names, (done, waiting)) = (self.clone(), mpsc::channel());
        // What it finds later is of no interest any more.
        std::thread::spawn(move || done.send(names.found(source)));
        let found = waiting.recv_timeout(PATIENCE * 2).unwrap_or_default();
        found.into_iter().filter(|(name, _)| is_plain(name)).map(|(name, help)| candidate(&name, &help)).collect()
    }

    fn found(&self, source: Source) -> Vec<(String, String)> {
        match source {
            Source::Kubeconfig(sort) => {
                let names = self.connection.as_ref().and_then(|connection| kubeconfig_names(connection, sort).ok());
                names.unwrap_or_default().into_iter().map(|name| (name, String::new())).collect()
            }
            Source::Tokens => self.tokens(),
            Source::Phases => {
                let own = ("embedded".to_owned(), "The phase in this plugin".to_owned());
                let listed = self.items(&["phase", "list", "-o", "json"], "reference", "digest");
                std::iter::once(own).chain(listed).collect()
            }
            Source::Rules => self.rules(),
            Source::Explained => {
                let steps = Step::ALL.map(|step| (step.name().to_owned(), "a step of `check`".to_owned()));
                let causes = Reason::ALL.iter().map(|reason| (reason.name().to_owned(), "a cause of `check`".to_owned()));
                self.rules().into_iter().chain(steps).chain(causes).collect()
            }
            Source::Undos => self.items(&["undo", "list", "-o", "json"], "id", "task"),
            Source::Places => [("live", "The API server"), ("empty", "An empty cluster"), ("dir:", "A folder of manifests")]
                .map(|(name, help)| (name.to_owned(), help.to_owned()))
                .to_vec(),
            Source::Inventories => [
                ("contexts", "The contexts of the kubeconfig"),
                ("clusterprofiles", "ClusterProfiles of a hub"),
                ("placement/", "What a scheduler chose: placement/NS/NAME"),
                ("capi", "Kubeconfig Secrets of Cluster API"),
                ("argocd", "Cluster Secrets of Argo CD"),
                ("file:", "A file with a line for each kubeconfig"),
            ]
            .map(|(name, help)| (name.to_owned(), help.to_owned()))
            .to_vec(),
            Source::Fixes => {
                let all = ("all".to_owned(), "everything that can be fixed".to_owned());
                std::iter::once(all).chain(self.rules()).collect()
            }
            Source::ListFormats => LIST_FORMATS.map(|name| (name.to_owned(), String::new())).to_vec(),
        }
    }

    fn ask(&self, words: &[&str]) -> Option<String> {
        let words: Vec<OsString> = ["kubectl bootstrap-token"].iter().chain(words).map(OsString::from).collect();
        (self.ask)(&words)
    }

    /// One of the documents with `items`.
    fn items(&self, words: &[&str], name: &str, help: &str) -> Vec<(String, String)> {
        let document: Option<Value> = self.ask(words).and_then(|text| serde_json::from_str(&text).ok());
        pairs(document.as_ref().and_then(|document| document.get("items")), name, help)
    }

    fn rules(&self) -> Vec<(String, String)> {
        let text = self.ask(&["phase", "inspect", "embedded", "-o", "json"]);
        let document: Option<Value> = text.and_then(|text| serde_json::from_str(&text).ok());
        pairs(document.as_ref().and_then(|document| document.get("phase")?.get("rules")), "id", "title")
    }

    /// The tokens, if the cluster answers in time.
    fn tokens(&self) -> Vec<(String, String)> {
        let flags = ["list", "-o", "json", "--timeout", "1s", "--request-timeout", "1s"].map(OsString::from);
        let words: Vec<OsString> = flags.into_iter().chain(self.cluster.iter().cloned()).collect();
        let text = in_time(&words, PATIENCE).unwrap_or_default();
        let documents = Deserializer::from_str(&text).into_iter::<Value>().map_while(Result::ok);
        let told = |document: Value| {
            let text = |name: &str| document.get(name).and_then(Value::as_str).map(str::to_owned);
            let expires = text("expires").map_or_else(|| "never expires".to_owned(), |time| format!("expires {time}"));
            Some((text("id")?, text("description").filter(|text| !text.is_empty()).unwrap_or(expires)))
        };
        documents.filter_map(told).collect()
    }
}

/// The names in a list of objects, each with what explains it.
fn pairs(items: Option<&Value>, name: &str, help: &str) -> Vec<(String, String)> {
    let items = items.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let text = |item: &Value, field: &str| item.get(field).and_then(Value::as_str).map(str::to_owned);
    items.iter().filter_map(|item| Some((text(item, name)?, text(item, help).unwrap_or_default()))).collect()
}

/// Whether a shell takes a name as it is. One that is not may be a program by whoever wrote the kubeconfig, and a shell would run it.
fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('-')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._:@/+=,".contains(&byte))
}

fn candidate(name: &str, help: &str) -> CompletionCandidate {
    let help = crate::render::terminal::clean(help);
    CompletionCandidate::new(name).help((!help.is_empty()).then(|| help.into()))
}
