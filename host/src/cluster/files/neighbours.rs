//! What else is in a folder that a new file is written to, and what follows from it.

use super::manifest::Manifest;
use crate::yaml;
use kubephase_core::object::ObjectRef;
use regex::Regex;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The names by which Kustomize finds what belongs together (`sigs.k8s.io/kustomize/api/konfig`).
const KUSTOMIZATIONS: [&str; 2] = ["kustomization.yaml", "kustomization.yml"];

/// Where SOPS has its rules.
const SOPS_RULES: &str = ".sops.yaml";

/// What is to be said of a new file.
pub(super) fn notes<'a>(
    file: &Path,
    target: &ObjectRef,
    manifests: impl Iterator<Item = (&'a PathBuf, &'a Manifest)>,
) -> Vec<String> {
    let clear = target.of.is_secret().then(|| rules_for(file)).flatten().map(|rules| {
        let path = file.to_string_lossy();
        let path = shlex::try_quote(&path).unwrap_or_default();
        let (file, rules) = (file.display(), rules.display());
        format!("`{file}` is written in clear, and `{rules}` has a rule to encrypt it: `sops encrypt --in-place {path}`")
    });
    let is_here = |path: &Path| {
        path.parent() == file.parent() && path.file_name().is_some_and(|name| KUSTOMIZATIONS.iter().any(|known| name == *known))
    };
    let unlisted = manifests.filter(|(path, _)| is_here(path)).find_map(|(path, manifest)| {
        let name = file.file_name()?.to_string_lossy().into_owned();
        let resources = manifest.documents().iter().filter_map(|document| document.get("resources")?.as_array()).flatten();
        let is_listed = resources.filter_map(Value::as_str).any(|resource| resource.trim_start_matches("./") == name);
        (!is_listed).then(|| format!("`{}` does not name `{name}`; add it under `resources`", path.display()))
    });
    clear.into_iter().chain(unlisted).collect()
}

/// The rules of SOPS in a folder or one around it, if the first one that is for a file has it encrypted.
fn rules_for(file: &Path) -> Option<PathBuf> {
    let file = std::path::absolute(file).ok()?;
    let rules = file.ancestors().skip(1).map(|folder| folder.join(SOPS_RULES)).find(|path| path.is_file())?;
    let text = super::store::read_text(&rules)?;
    let name = file.strip_prefix(rules.parent()?).ok()?.to_string_lossy().into_owned();
    let document = yaml::parse_document(&text).ok()?;
    let creation = document.get("creation_rules")?.as_array()?;
    let is_for = |rule: &&Value| match rule.get("path_regex").and_then(Value::as_str) {
        // A rule that cannot be understood could be for it.
        Some(pattern) => Regex::new(pattern).map_or(true, |pattern| pattern.is_match(&name)),
        None => true,
    };
    creation.iter().find(is_for).map(|_| rules)
}
