//! The other files in the folder of a new file, and the messages that follow from them.

use super::manifest::Manifest;
use crate::yaml;
use kubephase_core::object::ObjectRef;
use regex::Regex;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The file names of Kustomize (`sigs.k8s.io/kustomize/api/konfig`).
const KUSTOMIZATIONS: [&str; 2] = ["kustomization.yaml", "kustomization.yml"];

/// The file with the rules of SOPS.
const SOPS_RULES: &str = ".sops.yaml";

/// The messages about a new file.
pub(super) fn notes<'a>(
    file: &Path,
    target: &ObjectRef,
    manifests: impl Iterator<Item = (&'a PathBuf, &'a Manifest)>,
) -> Vec<String> {
    let clear = target.of.is_secret().then(|| rules_for(file)).flatten().map(|rules| {
        let path = file.to_string_lossy();
        let path = shlex::try_quote(&path).unwrap_or_default();
        let (file, rules) = (file.display(), rules.display());
        format!("`{file}` is written in clear text, but `{rules}` has a rule to encrypt it: `sops encrypt --in-place {path}`")
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

/// The SOPS rules of a folder or its parents, if the first rule that matches a file has it encrypted.
fn rules_for(file: &Path) -> Option<PathBuf> {
    let file = std::path::absolute(file).ok()?;
    let rules = file.ancestors().skip(1).map(|folder| folder.join(SOPS_RULES)).find(|path| path.is_file())?;
    let text = super::store::read_text(&rules)?;
    let name = file.strip_prefix(rules.parent()?).ok()?.to_string_lossy().into_owned();
    let document = yaml::parse_document(&text).ok()?;
    let creation = document.get("creation_rules")?.as_array()?;
    let is_for = |rule: &&Value| match rule.get("path_regex").and_then(Value::as_str) {
        // A rule that cannot be parsed might match.
        Some(pattern) => Regex::new(pattern).map_or(true, |pattern| pattern.is_match(&name)),
        None => true,
    };
    creation.iter().find(is_for).map(|_| rules)
}
