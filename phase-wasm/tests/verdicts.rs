//! Our half of the verdicts in `tests/cluster/verdicts`, without a cluster: the phase must accept or refuse each file as its
//! folder says. The rung with a control plane has kubeadm's half.
#![expect(clippy::unwrap_used, reason = "a broken test should fail loudly")]
#![expect(clippy::disallowed_methods, reason = "a test reads its cases")]

/// The host's own reader of YAML, so that there is not a second one that must agree with it.
#[path = "../../host/src/yaml.rs"]
#[allow(dead_code, unreachable_pub, reason = "only the host uses all of it")]
mod yaml;

use bootstrap_token_phase::abi::{Answer, Failure, Plan, Problem, RandomValue, Request, ServerInfo};
use bootstrap_token_phase::task;
use kubephase_core::bootstrap_token::Token;
use kubephase_core::digest::Digest;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The folders, and whether we accept their files.
const FOLDERS: [(&str, bool); 7] = [
    ("accepted", true),
    ("refused", false),
    ("accepted-1.22", true),
    ("refused-1.22", false),
    ("different", true),
    ("stricter", false),
    ("not-read", true),
];

/// What kubeadm said of each file: the programs, and a line with the digest of each. `make judges` writes it.
const JUDGED: &str = "judged";

/// The secret half of the tokens in the files.
const HALF: &str = "0123456789abcdef";

/// Why there is no plan for a file.
enum Refusal {
    /// The host cannot read it.
    ByHost(String),
    /// The phase finds these problems before anything is read from a cluster.
    ByPhase(Vec<Problem>),
    /// For another reason than the input.
    NotForInput(String),
}

impl Refusal {
    fn message(&self) -> String {
        match self {
            Self::ByHost(message) | Self::NotForInput(message) => message.clone(),
            Self::ByPhase(problems) => {
                let lines: Vec<String> =
                    problems.iter().map(|problem| format!("{}: {}", problem.path, problem.message)).collect();
                lines.join("; ")
            }
        }
    }
}

/// Set by cargo at run time: a path from compile time may belong to another checkout.
fn here() -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../tests/cluster/verdicts")
}

/// All files below a folder, except those about the folder itself.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else if ![".gitattributes", "README.md", JUDGED].map(Path::new).contains(&Path::new(path.file_name().unwrap())) {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The documents of a file as the phase receives them.
fn documents(path: &Path) -> Result<Vec<Value>, String> {
    let text = String::from_utf8(std::fs::read(path).unwrap()).map_err(|error| error.to_string())?;
    let mut documents = yaml::parse_pieces(&text).map_err(|error| error.to_string())?;
    if documents.is_empty() {
        // An empty file counts as one empty document.
        documents.push(Value::Null);
    }
    documents.iter_mut().for_each(hide);
    Ok(documents)
}

/// Replaces tokens by handles, as the host does. The phase sees the id of a well-formed token in its own field.
fn hide(value: &mut Value) {
    let handle = || json!({ "$secret": "s1" });
    match value {
        Value::Object(fields) => {
            for (name, value) in fields.iter_mut() {
                match (name.to_ascii_lowercase().as_str(), &mut *value) {
                    ("controlplaneendpoint", _) | ("token", Value::Null) => {}
                    ("token", token) => {
                        let id = token.as_str().and_then(Token::parse).map(|token| token.id().to_owned());
                        *token = id.map_or_else(handle, |id| json!({ "id": id, "secret": handle() }));
                    }
                    (_, value) => hide(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(hide),
        Value::String(text) if has_token(text) => *value = handle(),
        _ => {}
    }
}

fn has_token(text: &str) -> bool {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '.');
    words.into_iter().any(|word| Token::parse(word.trim_matches('.')).is_some())
}

/// The plan for a file on an empty cluster.
fn plan(path: &Path) -> Result<Plan, Refusal> {
    let documents = documents(path).map_err(Refusal::ByHost)?;
    let mut request = Request {
        task: "apply".to_owned(),
        parameters: "{}".to_owned(),
        documents: documents.iter().map(Value::to_string).collect(),
        now: "2030-01-01T00:00:00Z".to_owned(),
        server: ServerInfo {
            version: "v1.37.2".to_owned(),
            url: "https://10.0.0.5:6443".to_owned(),
            certificate_authority: String::new(),
            certificate_authority_pins: Vec::new(),
        },
        observed: Vec::new(),
        random: Vec::new(),
    };
    let needs = task::need(&request).map_err(|failure| match failure {
        Failure::InvalidInput(problems) => Refusal::ByPhase(problems),
        other => Refusal::NotForInput(format!("{other:?}")),
    })?;
    let drawn =
        needs.random.into_iter().map(|wanted| RandomValue { value: "k".repeat(wanted.length as usize), name: wanted.name });
    request.random = drawn.collect();
    request.observed = needs.reads.into_iter().map(|to| Answer { to, objects: Vec::new() }).collect();
    task::plan_for(&request).map_err(|failure| Refusal::NotForInput(format!("{failure:?}")))
}

/// What is wrong with the verdict on a file, if anything.
fn complaint(path: &Path, is_accepted: bool) -> Option<String> {
    match plan(path) {
        Ok(plan) if is_accepted => plan.operations.is_empty().then(|| "is accepted, and there is no plan".to_owned()),
        Ok(_) => Some("is accepted".to_owned()),
        Err(refusal) if is_accepted => Some(format!("is refused: {}", refusal.message())),
        Err(refusal) => wrong_refusal(&refusal),
    }
}

/// A refusal must name the field, come before any read, and not contain the secret half of a token, as on the control plane.
fn wrong_refusal(refusal: &Refusal) -> Option<String> {
    let message = refusal.message();
    let names_a_field = |problem: &Problem| !problem.path.is_empty() && !problem.path.contains(char::is_whitespace);
    match refusal {
        _ if message.contains(HALF) => Some(format!("a secret in: {message}")),
        Refusal::ByHost(_) => None,
        Refusal::ByPhase(problems) if !problems.is_empty() && problems.iter().all(names_a_field) => None,
        Refusal::ByPhase(_) => Some(format!("no field in: {message}")),
        Refusal::NotForInput(_) => Some(format!("is refused, and not for what is in it: {message}")),
    }
}

#[test]
fn every_file_has_the_verdict_of_its_folder() {
    let (mut judged, mut complaints) = (0, Vec::new());
    for (folder, is_accepted) in FOLDERS {
        let files = files(&here().join(folder));
        assert!(!files.is_empty(), "{folder} has no cases");
        for path in files {
            judged += 1;
            let name = path.strip_prefix(here()).unwrap().display();
            assert!(path.extension().is_some_and(|extension| extension == "yaml"), "{name} is no case for the control plane");
            complaints.extend(complaint(&path, is_accepted).map(|what| format!("{name}: {what}")));
        }
    }
    assert!(complaints.is_empty(), "{} of {judged}:\n{}", complaints.len(), complaints.join("\n"));
    assert_eq!(judged, files(&here()).len(), "a folder whose verdict is not known");
}

/// What kubeadm said of a file counts as long as neither the file nor kubeadm has changed.
#[test]
fn kubeadm_has_judged_these_files() {
    let record = std::fs::read_to_string(here().join(JUDGED)).unwrap();
    let programs = [("kubeadm", "1.37"), ("kubeadm-1.22", "1.22")].map(|(name, folder)| {
        let module = std::fs::read_to_string(here().join("../../control-plane").join(folder).join("go.mod")).unwrap();
        let version = module.split_whitespace().skip_while(|word| *word != "k8s.io/kubernetes").nth(1).unwrap().to_owned();
        format!("{name} {version}")
    });
    let mut names: Vec<String> =
        files(&here()).iter().map(|path| path.strip_prefix(here()).unwrap().to_str().unwrap().to_owned()).collect();
    names.sort();
    let lines = names.iter().map(|name| format!("{} {name}", Digest::of(&std::fs::read(here().join(name)).unwrap())));
    let expected: Vec<String> = programs.into_iter().chain(lines).collect();
    let missing: Vec<&String> = expected.iter().filter(|line| !record.lines().any(|recorded| recorded == **line)).collect();
    assert!(missing.is_empty(), "not judged yet, run `make judges`: {missing:#?}");
    assert_eq!(record.lines().count(), expected.len(), "files that are gone stand in the record");
}
