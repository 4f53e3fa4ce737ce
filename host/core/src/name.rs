//! Validated names: values of these types are safe in a URL path.

use std::fmt;

/// A text that is not a valid name of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{sort} `{}` is not valid: {rule}", shortened(text))]
pub struct InvalidName {
    /// The kind of name expected.
    pub sort: &'static str,
    /// The text given.
    pub text: String,
    /// The rule that it violates.
    pub rule: &'static str,
}

/// Whether a text is a valid name or a prefix of one.
pub(crate) fn is_part_of_segment(text: &str) -> bool {
    (1..=253).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~:@!$&'()+,;=".contains(&b))
}

/// A text of any length, shortened for a message.
#[must_use]
pub fn shortened(text: &str) -> std::borrow::Cow<'_, str> {
    shortened_to(text, 100)
}

/// The first characters of a text, and its length if there are more.
#[must_use]
pub fn shortened_to(text: &str, most: usize) -> std::borrow::Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => text.into(),
        Some((end, _)) => format!("{}… ({} bytes)", text.get(..end).unwrap_or_default(), text.len()).into(),
    }
}

/// The name of an object: a URL path segment (`apimachinery/pkg/api/validation/path`).
///
/// 1 to 253 of the characters that RFC 3986 allows unescaped in a path segment. Refuses `.`, `..`, and therefore `/`, `%`, `?`,
/// `#`, blanks and control characters; also `*`, which would be a pattern in a grant. Names of RBAC objects may have colons and
/// capitals, so the stricter rule for most other kinds is left to the API server.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectName(String);

/// A stable name for a phase or a task: 1 to 100 lower case letters, digits, dots and dashes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identifier(String);

/// A namespace name: an RFC 1123 label.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Namespace(String);

/// The name of an object in a namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamespacedName {
    /// The namespace.
    pub namespace: Namespace,
    /// The name.
    pub name: ObjectName,
}

impl NamespacedName {
    /// Parses `NAMESPACE/NAME`; `None` if one of them is not a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (namespace, name) = text.split_once('/')?;
        Some(Self { namespace: Namespace::parse(namespace).ok()?, name: ObjectName::parse(name).ok()? })
    }
}

impl ObjectName {
    /// The namespace `kube-system`.
    pub(crate) fn kube_system() -> Self {
        Self("kube-system".to_owned())
    }

    /// Parses a name.
    ///
    /// # Errors
    /// [`InvalidName`] for everything the type refuses.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let is_segment = is_part_of_segment(text) && text != "." && text != "..";
        let rule = "must be 1 to 253 characters allowed in a URL path segment, without `*`, and not `.` or `..`";
        is_segment.then(|| Self(text.to_owned())).ok_or_else(|| InvalidName { sort: "name", text: text.to_owned(), rule })
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Identifier {
    /// Parses a name.
    ///
    /// # Errors
    /// [`InvalidName`] for other characters and other lengths.
    pub fn parse(sort: &'static str, text: &str) -> Result<Self, InvalidName> {
        let is_word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-';
        let is_identifier = (1..=100).contains(&text.len()) && text.bytes().all(is_word);
        let rule = "must be 1 to 100 lower case letters, digits, dots and dashes";
        is_identifier.then(|| Self(text.to_owned())).ok_or_else(|| InvalidName { sort, text: text.to_owned(), rule })
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Namespace {
    /// Parses a namespace.
    ///
    /// # Errors
    /// [`InvalidName`] for anything but an RFC 1123 label.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let rule = "must be 1 to 63 lower case letters, digits and inner dashes";
        is_label(text).then(|| Self(text.to_owned())).ok_or_else(|| InvalidName {
            sort: "namespace",
            text: text.to_owned(),
            rule,
        })
    }

    /// The namespace as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a text is an RFC 1123 label.
pub(crate) fn is_label(text: &str) -> bool {
    let is_alphanumeric = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    (1..=63).contains(&text.len())
        && text.bytes().all(|b| is_alphanumeric(b) || b == b'-')
        && text.bytes().next().is_some_and(is_alphanumeric)
        && text.bytes().next_back().is_some_and(is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::{Namespace, ObjectName};

    #[test]
    fn names_cannot_leave_their_path_segment() {
        for text in ["a", "kubeadm:get-nodes", "system:node", "A.b-c"] {
            assert_eq!(ObjectName::parse(text).map(|name| name.to_string()), Ok(text.to_owned()));
        }
        for text in ["", ".", "..", "a/b", "../a", "a%2fb", "a b", "a\n", "a?b", "a#b", "a\u{202e}b", "a*", "ä", &"a".repeat(254)]
        {
            assert!(ObjectName::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn namespaces_are_labels() {
        assert!(Namespace::parse("kube-system").is_ok());
        for text in ["", "-a", "a-", "A", "a.b", "a/b", "..", &"a".repeat(64)] {
            assert!(Namespace::parse(text).is_err(), "{text:?}");
        }
    }
}
