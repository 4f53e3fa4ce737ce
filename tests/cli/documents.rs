//! The schemas in `docs/schemas` are true: every document of ours in the repository, and every one that a run writes, is valid.

use libtest_mimic::Failed;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The `apiVersion` of all documents.
pub(crate) const API_VERSION: &str = "bootstrap-token.kubectl/v1alpha1";

/// Files of the repository that the plugin refuses for a reason that a schema can tell.
const REFUSED: [&str; 5] = [
    "tests/cases/audit-ignores-with-an-unknown-key/ignores.yaml",
    "tests/cases/audit-ignores-without-a-reason/ignores.yaml",
    "tests/cases/phase-test-with-an-unknown-field/cases/a/request.yaml",
    "tests/cases/phase-test-of-another-kind/cases/a/request.yaml",
    "tests/cases/verify-by-a-policy-with-an-unknown-key/policy.yaml",
];

/// A validator for each kind.
pub(crate) struct Judge(BTreeMap<String, jsonschema::Validator>);

impl Judge {
    pub(crate) fn of_the_repository() -> Self {
        let schemas = files_below(&root().join("docs/schemas")).into_iter().filter(|path| is_named(path, ".json"));
        let validator = |path: PathBuf| {
            let schema = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            jsonschema::meta::validate(&schema).unwrap();
            (path.file_stem().unwrap().to_str().unwrap().to_owned(), jsonschema::draft202012::new(&schema).unwrap())
        };
        Self(schemas.map(validator).collect())
    }

    /// The kind of a document, or why it is not valid.
    pub(crate) fn kind(&self, document: &Value) -> Result<String, String> {
        let kind = document["kind"].as_str().unwrap_or_default();
        let validator = self.0.get(kind).ok_or_else(|| format!("there is no schema for `{kind}`"))?;
        let errors: Vec<String> =
            validator.iter_errors(document).map(|error| format!("{kind}{}: {error}", error.instance_path)).collect();
        if errors.is_empty() { Ok(kind.to_owned()) } else { Err(errors.join("\n")) }
    }

    pub(crate) fn every_kind(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Judges all that is a document of ours in a text, and gives their kinds.
    pub(crate) fn kinds(&self, text: &str) -> Result<Vec<String>, String> {
        documents(text).iter().map(|document| self.kind(document)).collect()
    }
}

pub(crate) fn root() -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("..")
}

fn is_named(path: &Path, end: &str) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(end))
}

/// All files below a folder but those that a build leaves there.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let below = |path: PathBuf| match path.is_dir() {
        true if is_named(&path, "target") || is_named(&path, "node_modules") => Vec::new(),
        true => files_below(&path),
        false => vec![path],
    };
    paths.into_iter().flat_map(below).collect()
}

/// All documents of ours in a text of JSON or YAML, also those in others and in their strings.
pub(crate) fn documents(text: &str) -> Vec<Value> {
    if !text.contains(API_VERSION) {
        return Vec::new();
    }
    let json = serde_json::from_str(text).map(|value: Value| vec![value]);
    let values = json.or_else(|_| serde_saphyr::from_multiple::<Value>(text)).unwrap_or_default();
    let mut found = Vec::new();
    values.into_iter().for_each(|value| collect(value, &mut found));
    found
}

fn collect(value: Value, found: &mut Vec<Value>) {
    match &value {
        Value::Object(fields) => fields.values().for_each(|value| collect(value.clone(), found)),
        Value::Array(items) => items.iter().for_each(|value| collect(value.clone(), found)),
        Value::String(text) if text.contains('\n') => found.extend(documents(text)),
        _ => {}
    }
    if value.get("apiVersion").is_some_and(|version| version == API_VERSION) {
        found.push(value);
    }
}

/// The parts of a file that are JSON or YAML: of Markdown the code blocks.
fn texts(path: &Path) -> Vec<String> {
    let ends = [".json", ".yaml", "stdout", ".md"];
    if !ends.iter().any(|end| is_named(path, end)) {
        return Vec::new();
    }
    let Ok(text) = std::fs::read_to_string(path) else { return Vec::new() };
    if is_named(path, ".md") { text.split("```").skip(1).step_by(2).map(without_language).collect() } else { vec![text] }
}

fn without_language(block: &str) -> String {
    block.split_once('\n').map_or("", |(_, text)| text).to_owned()
}

/// The kinds that files of the repository have.
pub(crate) fn in_the_repository(judge: &Judge) -> Result<Vec<String>, Failed> {
    let (root, mut kinds, mut complaints) = (root(), Vec::new(), Vec::new());
    let folders = ["docs", "examples", "deploy", "tests", "host"].into_iter().flat_map(|name| files_below(&root.join(name)));
    for path in folders.chain([root.join("README.md")]) {
        let name = path.strip_prefix(&root).unwrap().to_str().unwrap();
        for found in texts(&path).iter().map(|text| judge.kinds(text)) {
            match (found, REFUSED.contains(&name)) {
                (Ok(found), false) => kinds.extend(found),
                (Err(_), true) => {}
                (Ok(_), true) => complaints.push(format!("{name}: is valid by its schema")),
                (Err(error), false) => complaints.push(format!("{name}: {error}")),
            }
        }
    }
    if complaints.is_empty() { Ok(kinds) } else { Err(complaints.join("\n").into()) }
}
