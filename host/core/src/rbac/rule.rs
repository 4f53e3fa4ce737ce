//! Turns rights into the rules of a role.

use super::right::{Right, Thing};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

type Texts = BTreeSet<String>;

/// A rule of a role, with sorted parts; the rules of a role are sorted by them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rule {
    /// A rule for resources.
    Objects {
        /// The API group.
        group: String,
        /// The plurals of the resources.
        resources: Texts,
        /// The object names; empty for all of them.
        names: Texts,
        /// The allowed verbs.
        verbs: Texts,
    },
    /// A rule for non-resource paths.
    Urls {
        /// The paths, with an optional `*` at the end.
        urls: Texts,
        /// The allowed verbs.
        verbs: Texts,
    },
}

/// Merges rights into as few rules as possible that allow exactly the same: first the verbs of one resource, then the names with
/// the same verbs, then the resources with the same names.
pub(super) fn merged(rights: &BTreeSet<Right>) -> Vec<Rule> {
    let mut things: BTreeMap<&Thing, Texts> = BTreeMap::new();
    for right in rights {
        things.entry(&right.on).or_default().insert(right.verb.clone());
    }
    // One rule cannot cover all names and some names.
    let mut names_of: BTreeMap<(&str, &str, Texts, bool), Texts> = BTreeMap::new();
    let mut urls_of: BTreeMap<Texts, Texts> = BTreeMap::new();
    for (thing, verbs) in things {
        match thing {
            Thing::Objects { group, resource, name } => {
                names_of.entry((group, resource, verbs, name.is_some())).or_default().extend(name.clone());
            }
            Thing::Url(url) => {
                urls_of.entry(verbs).or_default().insert(url.clone());
            }
        }
    }
    let mut resources_of: BTreeMap<(&str, Texts, Texts), Texts> = BTreeMap::new();
    for ((group, resource, verbs, _), names) in names_of {
        resources_of.entry((group, names, verbs)).or_default().insert(resource.to_owned());
    }
    let objects = resources_of.into_iter().map(|((group, names, verbs), resources)| Rule::Objects {
        group: group.to_owned(),
        resources,
        names,
        verbs,
    });
    let urls = urls_of.into_iter().map(|(verbs, urls)| Rule::Urls { urls, verbs });
    let mut rules: Vec<Rule> = objects.chain(urls).collect();
    rules.sort();
    rules
}

impl Rule {
    /// The rule in the form of a role.
    pub(super) fn to_json(&self) -> Value {
        match self {
            Self::Objects { group, resources, names, verbs } if names.is_empty() => {
                json!({ "apiGroups": [group], "resources": resources, "verbs": verbs })
            }
            Self::Objects { group, resources, names, verbs } => {
                json!({ "apiGroups": [group], "resourceNames": names, "resources": resources, "verbs": verbs })
            }
            Self::Urls { urls, verbs } => json!({ "nonResourceURLs": urls, "verbs": verbs }),
        }
    }
}
