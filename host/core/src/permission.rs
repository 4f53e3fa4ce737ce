//! What a phase asks to be allowed, and what an operator grants: the same shape on both sides.

use crate::name::{Namespace, is_part_of_segment};
use crate::object::{ApiResource, ObjectRef};
use std::fmt;

mod difference;

/// A kind of access to objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// `get` and `list`.
    Read,
    /// `create`.
    Create,
    /// `update` and `patch`.
    Update,
    /// `delete`.
    Delete,
}

impl Access {
    /// The access of a word; none if it is none.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        [Self::Read, Self::Create, Self::Update, Self::Delete].into_iter().find(|access| access.to_string() == word)
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        })
    }
}

/// A name, or the start of names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    start: String,
    is_whole: bool,
}

/// A pattern that could mean everything.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("pattern `{}` is not valid: it must be a name, or the start of names and a `*`", crate::name::shortened(.0))]
pub struct InvalidPattern(pub String);

impl Pattern {
    /// Reads a name, or some characters and a `*` at the end.
    ///
    /// # Errors
    /// [`InvalidPattern`] for the empty text, a lone `*`, a `*` elsewhere, and what cannot stand in a name.
    pub fn parse(text: &str) -> Result<Self, InvalidPattern> {
        let (start, is_whole) = text.strip_suffix('*').map_or((text, true), |start| (start, false));
        // What could not be the start of a name could still lie to whoever reads it.
        if !is_part_of_segment(start) {
            return Err(InvalidPattern(text.to_owned()));
        }
        Ok(Self { start: start.to_owned(), is_whole })
    }

    /// Whether everything that the other means is meant by this.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        if self.is_whole { self == other } else { other.start.starts_with(&self.start) }
    }

    /// Whether a name is meant.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        if self.is_whole { name == self.start } else { name.starts_with(&self.start) }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.start, if self.is_whole { "" } else { "*" })
    }
}

/// Some accesses to some objects of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// The accesses.
    pub access: Vec<Access>,
    /// The kind.
    pub of: ApiResource,
    /// The namespace; none for a cluster-scoped kind, never all namespaces.
    pub namespace: Option<Namespace>,
    /// The names.
    pub names: Vec<Pattern>,
    /// Keys of a Secret that are shown in clear.
    pub reveal: Vec<Pattern>,
    /// Why, for people.
    pub reason: String,
}

/// A sentence, like `read and delete secrets in kube-system named `bootstrap-token-*`, and see `expiration` in clear`.
impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = |patterns: &[Pattern]| patterns.iter().map(|pattern| format!("`{pattern}`")).collect::<Vec<_>>();
        let access: Vec<String> = self.access.iter().map(ToString::to_string).collect();
        write!(f, "{} {}", listed(&access, "and"), self.of)?;
        if let Some(namespace) = &self.namespace {
            write!(f, " in {namespace}")?;
        }
        match self.names.as_slice() {
            [] => f.write_str(" of no name, which is nothing")?,
            names => write!(f, " named {}", listed(&quoted(names), "or"))?,
        }
        match self.reveal.as_slice() {
            [] => Ok(()),
            keys => write!(f, ", and see {} in clear", listed(&quoted(keys), "and")),
        }
    }
}

/// Words with commas, and a word before the last one.
fn listed(words: &[String], word: &str) -> String {
    match words {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [several @ .., last] => format!("{} {word} {last}", several.join(", ")),
    }
}

impl Permission {
    /// Whether this allows an access to an object.
    #[must_use]
    pub fn allows(&self, access: Access, object: &ObjectRef) -> bool {
        self.access.contains(&access)
            && self.of == object.of
            && self.namespace == object.namespace
            && self.names.iter().any(|pattern| pattern.matches(object.name.as_str()))
    }

    /// Whether this allows to read some objects of a kind in a namespace; which ones, [`Permission::allows`] says.
    #[must_use]
    pub fn allows_some(&self, of: &ApiResource, namespace: Option<&Namespace>) -> bool {
        let is_of = self.of == *of && self.namespace.as_ref() == namespace;
        is_of && self.access.contains(&Access::Read) && !self.names.is_empty()
    }

    /// Whether a key of a Secret is shown in clear.
    #[must_use]
    pub fn reveals(&self, object: &ObjectRef, key: &str) -> bool {
        self.allows(Access::Read, object) && self.reveal.iter().any(|pattern| pattern.matches(key))
    }
}

/// What one side allows: what a task declares, or what an operator granted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Permissions(pub Vec<Permission>);

impl Permissions {
    /// Whether an access to an object is allowed.
    #[must_use]
    pub fn allow(&self, access: Access, object: &ObjectRef) -> bool {
        self.0.iter().any(|permission| permission.allows(access, object))
    }

    /// Whether a list may be asked for; objects in the answer that are not allowed themselves are left out of it.
    #[must_use]
    pub fn allow_list(&self, of: &ApiResource, namespace: Option<&Namespace>) -> bool {
        self.0.iter().any(|permission| permission.allows_some(of, namespace))
    }

    /// Whether a key of a Secret is shown in clear.
    #[must_use]
    pub fn reveal(&self, object: &ObjectRef, key: &str) -> bool {
        self.0.iter().any(|permission| permission.reveals(object, key))
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn patterns_cannot_mean_everything() {
        for (text, name, matches) in
            [("a", "a", true), ("a", "ab", false), ("a-*", "a-b", true), ("a-*", "a-", true), ("a-*", "b-a-c", false)]
        {
            let pattern = Pattern::parse(text).unwrap();
            assert_eq!(pattern.matches(name), matches, "{text} {name}");
            assert_eq!(pattern.to_string(), text);
        }
        for text in ["", "*", "a*b", "**", "*a", "a**", "a` or `b", "a/b", "a\u{1b}", "a b"] {
            assert!(Pattern::parse(text).is_err(), "{text}");
        }
    }
}
