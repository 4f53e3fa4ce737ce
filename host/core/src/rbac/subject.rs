//! Subjects of bindings.

use super::escalation::GROUP;
use crate::name::{Namespace, ObjectName};
use serde_json::{Value, json};

/// A subject of a binding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A user by name.
    User(String),
    /// A group and all its members.
    Group(String),
    /// A service account.
    ServiceAccount {
        /// The namespace of the service account.
        namespace: Namespace,
        /// The name of the service account.
        name: ObjectName,
    },
}

impl Subject {
    /// Parses `user:NAME`, `group:NAME` or `serviceaccount:NAMESPACE:NAME`; `None` for anything else, including an empty name,
    /// which the API server refuses. Names of users and groups may contain colons.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (sort, name) = text.split_once(':').filter(|(_, name)| !name.is_empty())?;
        match sort {
            "user" => Some(Self::User(name.to_owned())),
            "group" => Some(Self::Group(name.to_owned())),
            "serviceaccount" => {
                let (namespace, name) = name.split_once(':')?;
                Some(Self::ServiceAccount { namespace: Namespace::parse(namespace).ok()?, name: ObjectName::parse(name).ok()? })
            }
            _ => None,
        }
    }

    /// The subject in the form of a binding.
    pub(super) fn to_json(&self) -> Value {
        match self {
            Self::User(name) => json!({ "apiGroup": GROUP, "kind": "User", "name": name }),
            Self::Group(name) => json!({ "apiGroup": GROUP, "kind": "Group", "name": name }),
            Self::ServiceAccount { namespace, name } => {
                json!({ "kind": "ServiceAccount", "name": name.as_str(), "namespace": namespace.as_str() })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Subject;

    #[test]
    fn subjects_are_told_apart() {
        for (text, expected) in [
            ("user:a", Some("User")),
            ("user:system:node:a", Some("User")),
            ("group:system:masters", Some("Group")),
            ("serviceaccount:kube-system:a", Some("ServiceAccount")),
            ("user:", None),
            ("a", None),
            ("User:a", None),
            ("serviceaccount:a", None),
            ("serviceaccount:A:a", None),
            ("serviceaccount:a:", None),
        ] {
            let kind = Subject::parse(text).map(|subject| subject.to_json()["kind"].as_str().unwrap().to_owned());
            assert_eq!(kind.as_deref(), expected, "{text}");
        }
    }
}
