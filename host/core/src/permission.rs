//! What a phase requests and what an operator grants: the same structure on both sides.

use crate::name::{InvalidName, Namespace, is_part_of_segment};
use crate::object::{ApiResource, ObjectRef, Scope};
use std::fmt;

mod difference;
mod lines;

pub use lines::{MOST_LINES, MOST_NAMES, TooLong, marked};

/// A kind of access to objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema), schemars(rename_all = "lowercase"))]
pub enum Access {
    /// `get` and `list`.
    Read,
    /// `create`.
    Create,
    /// `update` and `patch`.
    Update,
    /// `delete`.
    Delete,
    /// Deleting a RoleBinding or ClusterRoleBinding, or removing subjects from it: rights are removed and none are given.
    Revoke,
}

impl Access {
    /// Every access, in the order above.
    const ALL: [Self; 5] = [Self::Read, Self::Create, Self::Update, Self::Delete, Self::Revoke];

    /// Whether the access changes anything.
    #[must_use]
    pub const fn is_write(self) -> bool {
        !matches!(self, Self::Read)
    }

    /// The access with this name; `None` if there is none.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|access| access.to_string() == word)
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Revoke => "revoke",
        })
    }
}

/// A name or a name prefix; also any name where [`AccessSort::Open`] allows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    start: String,
    is_whole: bool,
}

/// A pattern that could match everything.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("pattern `{}` is not valid: must be a name, or a prefix followed by `*`", crate::name::shortened(.0))]
pub struct InvalidPattern(pub String);

impl Pattern {
    /// Parses a name, or a prefix followed by `*`.
    ///
    /// # Errors
    /// [`InvalidPattern`] for the empty text, a lone `*`, a `*` elsewhere, and characters that a name cannot have.
    pub fn parse(text: &str) -> Result<Self, InvalidPattern> {
        let (start, is_whole) = text.strip_suffix('*').map_or((text, true), |start| (start, false));
        // Text that cannot start a name could still mislead a reader.
        if !is_part_of_segment(start) {
            return Err(InvalidPattern(text.to_owned()));
        }
        Ok(Self { start: start.to_owned(), is_whole })
    }

    /// Parses a pattern for object names: a lone `*` matches any name where [`AccessSort::Open`] allows it.
    ///
    /// # Errors
    /// As for [`Pattern::parse`].
    pub fn parse_name(text: &str, sort: AccessSort) -> Result<Self, InvalidPattern> {
        match (text, sort) {
            (ANY, AccessSort::Open) => Ok(Self { start: String::new(), is_whole: false }),
            _ => Self::parse(text),
        }
    }

    /// Whether this pattern matches everything that the other one does.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        if self.is_whole { self == other } else { other.start.starts_with(&self.start) }
    }

    /// Whether it matches any name.
    #[must_use]
    pub const fn is_any(&self) -> bool {
        self.start.is_empty() && !self.is_whole
    }

    /// Whether it matches a name.
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

/// The pattern for any name, and for all namespaces.
const ANY: &str = "*";

/// Whether a permission may match objects that it does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessSort {
    /// It may: the objects are only read and are not Secrets, or they are bindings that are read or revoked. An audit cannot know
    /// the names of bindings, and its fix gives rights to no one.
    Open,
    /// It may not.
    Named,
}

impl AccessSort {
    /// The sort of a permission with these accesses to this kind.
    #[must_use]
    pub fn of(access: &[Access], of: &ApiResource) -> Self {
        let is_open = |access: &Access| match access {
            Access::Read => !of.is_secret(),
            Access::Revoke => of.is_binding(),
            Access::Create | Access::Update | Access::Delete => false,
        };
        if !access.is_empty() && access.iter().all(is_open) { Self::Open } else { Self::Named }
    }
}

/// The namespaces of a permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PermissionScope {
    /// Outside namespaces, for objects of a cluster-scoped kind.
    Cluster,
    /// In this namespace.
    Namespace(Namespace),
    /// In any namespace.
    Everywhere,
}

impl PermissionScope {
    /// Parses a namespace, or none for a cluster-scoped kind; `*` is all namespaces, where that is allowed.
    ///
    /// # Errors
    /// [`InvalidName`] for an invalid namespace, and for a scope in which this kind has no objects: without a namespace a Secret
    /// would be any Secret.
    pub fn parse(text: Option<&str>, sort: AccessSort, of: &ApiResource) -> Result<Self, InvalidName> {
        let namespace = match (text, sort, of.scope()) {
            (Some(ANY), AccessSort::Open, None | Some(Scope::Namespaced)) => return Ok(Self::Everywhere),
            (text, _, _) => text.map(Namespace::parse).transpose()?,
        };
        of.check_namespace(namespace.as_ref())?;
        Ok(namespace.map_or(Self::Cluster, Self::Namespace))
    }

    /// The text in a grant; `None` for a cluster-scoped kind.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Cluster => None,
            Self::Namespace(namespace) => Some(namespace.as_str()),
            Self::Everywhere => Some(ANY),
        }
    }

    /// Whether it includes an object of this namespace, or a cluster-scoped one if that is `None`.
    #[must_use]
    pub fn has(&self, namespace: Option<&Namespace>) -> bool {
        match self {
            Self::Cluster => namespace.is_none(),
            Self::Namespace(own) => namespace == Some(own),
            Self::Everywhere => namespace.is_some(),
        }
    }

    /// Whether all objects of this namespace may be requested; with `None`, those of all namespaces or of a cluster-scoped kind.
    #[must_use]
    pub fn has_all(&self, namespace: Option<&Namespace>) -> bool {
        *self == Self::Everywhere || self.has(namespace)
    }

    /// Whether it includes everything that the other scope does.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self == other || (*self == Self::Everywhere && *other != Self::Cluster)
    }
}

/// Some accesses to some objects of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// The accesses allowed.
    pub access: Vec<Access>,
    /// The kind of the objects.
    pub of: ApiResource,
    /// The scope of the objects.
    pub place: PermissionScope,
    /// The names of the objects.
    pub names: Vec<Pattern>,
    /// Keys of a Secret that are shown in clear text.
    pub reveal: Vec<Pattern>,
    /// Why it is needed; shown to the operator.
    pub reason: String,
}

/// The objects of a permission, as text.
#[derive(Debug, Clone, Copy)]
pub struct Objects<'a>(pub &'a Permission);

/// Accesses separated by commas, with `and` before the last one.
#[must_use]
pub fn in_words(access: &[Access]) -> String {
    listed(&access.iter().map(ToString::to_string).collect::<Vec<_>>(), "and")
}

/// Words separated by commas, with the given word before the last one.
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
            && self.place.has(object.namespace.as_ref())
            && self.names.iter().any(|pattern| pattern.matches(object.name.as_str()))
    }

    /// Whether this allows reading some objects of a kind in a namespace; [`Permission::allows`] decides which ones.
    #[must_use]
    pub fn allows_some(&self, of: &ApiResource, namespace: Option<&Namespace>) -> bool {
        let is_of = self.of == *of && self.place.has_all(namespace);
        is_of && self.access.contains(&Access::Read) && !self.names.is_empty()
    }

    /// Whether a key of a Secret is shown in clear text.
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

    /// Whether a list may be requested; objects in the answer that are not allowed themselves are removed.
    #[must_use]
    pub fn allow_list(&self, of: &ApiResource, namespace: Option<&Namespace>) -> bool {
        self.0.iter().any(|permission| permission.allows_some(of, namespace))
    }

    /// Whether objects of a kind in a namespace may be read whatever they are called.
    #[must_use]
    pub fn allow_any(&self, of: &ApiResource, namespace: Option<&Namespace>) -> bool {
        let is_any = |permission: &&Permission| permission.names.iter().any(Pattern::is_any) && permission.place.has(namespace);
        self.0.iter().filter(is_any).any(|permission| permission.of == *of && permission.access.contains(&Access::Read))
    }

    /// Whether a key of a Secret is shown in clear text.
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

    #[test]
    fn what_is_only_read_and_no_secret_need_not_be_named() {
        use super::{Access, AccessSort, Permission, PermissionScope};
        use crate::name::Namespace;
        use crate::object::ApiResource;
        let resource = |plural: &str, kind: &str| ApiResource::parse("", "v1", plural, kind).unwrap();
        let (secrets, maps) = (resource("secrets", "Secret"), resource("configmaps", "ConfigMap"));
        let bindings = ApiResource::parse("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding").unwrap();
        for (access, of, sort) in [
            (&[Access::Read][..], &maps, AccessSort::Open),
            (&[Access::Read], &secrets, AccessSort::Named),
            (&[Access::Read, Access::Update], &maps, AccessSort::Named),
            (&[Access::Delete], &maps, AccessSort::Named),
            (&[Access::Revoke], &maps, AccessSort::Named),
            (&[Access::Revoke], &bindings, AccessSort::Open),
            (&[Access::Read, Access::Revoke], &bindings, AccessSort::Open),
            (&[Access::Delete, Access::Revoke], &bindings, AccessSort::Named),
            (&[], &maps, AccessSort::Named),
        ] {
            assert_eq!(AccessSort::of(access, of), sort, "{access:?} {of}");
        }
        assert!(
            Pattern::parse_name("*", AccessSort::Named).is_err()
                && PermissionScope::parse(Some("*"), AccessSort::Named, &maps).is_err()
        );
        let (any, everywhere) = (
            Pattern::parse_name("*", AccessSort::Open).unwrap(),
            PermissionScope::parse(Some("*"), AccessSort::Open, &maps).unwrap(),
        );
        let (a, b) = (Namespace::parse("a").unwrap(), Namespace::parse("b").unwrap());
        let in_a = PermissionScope::Namespace(a.clone());
        for (place, has, has_all, text) in [
            (&everywhere, [false, true, true], [true, true, true], Some("*")),
            (&in_a, [false, true, false], [false, true, false], Some("a")),
            (&PermissionScope::Cluster, [true, false, false], [true, false, false], None),
        ] {
            let namespaces = [None, Some(&a), Some(&b)];
            assert_eq!(
                (namespaces.map(|namespace| place.has(namespace)), namespaces.map(|namespace| place.has_all(namespace))),
                (has, has_all)
            );
            assert_eq!(place.as_str(), text);
        }
        assert!(
            everywhere.covers(&in_a)
                && everywhere.covers(&everywhere)
                && !in_a.covers(&everywhere)
                && !everywhere.covers(&PermissionScope::Cluster)
        );
        let permission = Permission {
            access: vec![Access::Read],
            of: maps,
            place: everywhere,
            names: vec![any],
            reveal: Vec::new(),
            reason: String::new(),
        };
        assert_eq!(permission.to_string(), "read configmaps (ConfigMap, v1) in all namespaces; with any name");
    }
}
