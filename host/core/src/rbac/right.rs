//! One verb on one resource or URL.

use serde_json::{Map, Value};

/// The unit of a rule: RBAC splits rules into these to check whether a subject holds them
/// (`component-helpers/auth/rbac/validation/policy_comparator.go`, `BreakdownRule`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Right {
    /// The resource or URL.
    pub(super) on: Thing,
    /// The verb, or `*`.
    pub(super) verb: String,
}

/// The resource or URL that a verb applies to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Thing {
    /// A resource, or one object of it.
    Objects {
        /// The API group, or `*`.
        group: String,
        /// The plural, `plural/subresource`, `*/subresource` or `*`.
        resource: String,
        /// The object name; `None` for all names.
        name: Option<String>,
    },
    /// A non-resource path of the API server, with an optional `*` at the end.
    Url(String),
}

impl Right {
    /// A verb on objects of a kind.
    pub(super) fn new(group: &str, resource: &str, name: Option<&str>, verb: &str) -> Self {
        let on = Thing::Objects { group: group.to_owned(), resource: resource.to_owned(), name: name.map(str::to_owned) };
        Self { on, verb: verb.to_owned() }
    }

    /// Whether this right includes the other one (`ruleCovers`).
    pub(super) fn covers(&self, other: &Self) -> bool {
        let includes = |all: &str, one: &str| all == "*" || all == one;
        let is_on = match (&self.on, &other.on) {
            (Thing::Url(all), Thing::Url(one)) => {
                all == one || (all.ends_with('*') && one.starts_with(all.trim_end_matches('*')))
            }
            (
                Thing::Objects { group, resource, name },
                Thing::Objects { group: other_group, resource: other_resource, name: other_name },
            ) => {
                let subresource = other_resource.split_once('/').map(|(_, subresource)| format!("*/{subresource}"));
                let is_of = includes(resource, other_resource) || subresource.is_some_and(|all| *resource == all);
                includes(group, other_group) && is_of && (name.is_none() || name == other_name)
            }
            _ => false,
        };
        is_on && includes(&self.verb, &other.verb)
    }

    /// The rights in a role's `rules`; `None` if the API server would not accept them.
    pub(super) fn of_rules(rules: Option<&Value>) -> Option<Vec<Self>> {
        match rules {
            None | Some(Value::Null) => Some(Vec::new()),
            Some(Value::Array(rules)) => {
                let rights: Option<Vec<_>> = rules.iter().map(|rule| Self::of_rule(rule.as_object()?)).collect();
                Some(rights?.into_iter().flatten().collect())
            }
            Some(_) => None,
        }
    }

    fn of_rule(rule: &Map<String, Value>) -> Option<Vec<Self>> {
        let [groups, resources, names, urls, verbs] =
            ["apiGroups", "resources", "resourceNames", "nonResourceURLs", "verbs"].map(|field| texts(rule, field));
        let (groups, resources, names, urls, verbs) = (groups?, resources?, names?, urls?, verbs?);
        let names: Vec<Option<&str>> = if names.is_empty() { vec![None] } else { names.into_iter().map(Some).collect() };
        let mut rights = Vec::new();
        for verb in verbs {
            for group in &groups {
                for resource in &resources {
                    rights.extend(names.iter().map(|name| Self::new(group, resource, *name, verb)));
                }
            }
            rights.extend(urls.iter().map(|url| Self { on: Thing::Url((*url).to_owned()), verb: verb.to_owned() }));
        }
        Some(rights)
    }
}

/// A list of strings in a rule, empty if it is missing; `None` if it is something else.
fn texts<'a>(rule: &'a Map<String, Value>, field: &str) -> Option<Vec<&'a str>> {
    match rule.get(field) {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(Value::Array(texts)) => texts.iter().map(Value::as_str).collect(),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Right;
    use serde_json::json;

    #[test]
    fn a_right_covers_what_kubernetes_says_it_does() {
        let right = |(group, resource, name, verb): (&str, &str, &str, &str)| {
            Right::new(group, resource, Some(name).filter(|name| !name.is_empty()), verb)
        };
        for (one, other, expected) in [
            (("", "pods", "", "get"), ("", "pods", "a", "get"), true),
            (("", "pods", "a", "get"), ("", "pods", "", "get"), false),
            (("", "pods", "a", "get"), ("", "pods", "b", "get"), false),
            (("", "pods", "", "get"), ("", "pods", "", "list"), false),
            (("", "pods", "", "*"), ("", "pods", "a", "list"), true),
            (("", "pods", "", "get"), ("", "pods", "", "*"), false),
            (("*", "pods", "", "get"), ("apps", "pods", "", "get"), true),
            (("", "pods", "", "get"), ("apps", "pods", "", "get"), false),
            (("", "*", "", "get"), ("", "pods/log", "", "get"), true),
            (("", "*/log", "", "get"), ("", "pods/log", "", "get"), true),
            (("", "*/log", "", "get"), ("", "pods", "", "get"), false),
            (("", "pods", "", "get"), ("", "pods/log", "", "get"), false),
        ] {
            assert_eq!(right(one).covers(&right(other)), expected, "{one:?} {other:?}");
        }
        let url = |url: &str| Right::of_rules(Some(&json!([{ "nonResourceURLs": [url], "verbs": ["get"] }]))).unwrap().remove(0);
        for (all, one, expected) in [
            ("/a", "/a", true),
            ("/a", "/a/", false),
            ("/a/*", "/a/b", true),
            ("/a/*", "/a/", true),
            ("/a/*", "/a", false),
            ("*", "/a", true),
            ("/a", "/a/*", false),
        ] {
            assert_eq!(url(all).covers(&url(one)), expected, "{all} {one}");
        }
        assert!(!url("*").covers(&right(("", "pods", "", "get"))));
    }

    #[test]
    fn rules_that_are_none_are_not_guessed() {
        for (rules, expected) in [
            (json!(null), Some(0)),
            (json!([{ "apiGroups": ["", "a"], "resources": ["x"], "verbs": ["get", "list"], "resourceNames": ["n"] }]), Some(4)),
            (json!("all"), None),
            (json!([{ "apiGroups": "" }]), None),
            (json!([[]]), None),
        ] {
            assert_eq!(Right::of_rules(Some(&rules)).map(|rights| rights.len()), expected, "{rules}");
        }
    }
}
