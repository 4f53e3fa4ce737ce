//! From rights to the rules that stand in a role.

use super::right::{Right, Thing};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

type Texts = BTreeSet<String>;

/// A rule of a role, its parts in order; a role's rules are sorted by them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rule {
    /// About objects.
    Objects {
        /// The API group.
        group: String,
        /// The plurals.
        resources: Texts,
        /// The names; empty for all of them.
        names: Texts,
        /// The verbs.
        verbs: Texts,
    },
    /// About paths that are no objects.
    Urls {
        /// The paths.
        urls: Texts,
        /// The verbs.
        verbs: Texts,
    },
}

/// Rights as few rules that allow exactly the same: first the verbs of one thing, then the names with the same verbs, then the
/// resources with the same names.
pub(super) fn merged(rights: &BTreeSet<Right>) -> Vec<Rule> {
    let mut things: BTreeMap<&Thing, Texts> = BTreeMap::new();
    for right in rights {
        things.entry(&right.on).or_default().insert(right.verb.clone());
    }
    // All names and some names cannot be in one rule.
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
    /// The rule as it stands in a role.
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
