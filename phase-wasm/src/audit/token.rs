//! A token Secret as the API server and the controller manager read it (`plugin/pkg/auth/authenticator/token/bootstrap`,
//! `pkg/controller/bootstrap/util.go`, `cluster-bootstrap/util/secrets`).

use super::object::{Classes, Entries, Entry, Handle, Secret};
use crate::input::{AUTHENTICATION, SIGNING, parse_time};
use crate::token::{SECRET_KEY, SECRET_PREFIX, SECRET_TYPE};
use alloc::{borrow::ToOwned, string::String, vec::Vec};

/// The start of the key of a usage.
pub(super) const USAGE_PREFIX: &str = "usage-bootstrap-";
pub(super) const EXPIRATION: &str = "expiration";
pub(super) const GROUPS: &str = "auth-extra-groups";
const TOKEN_ID: &str = "token-id";

/// A Secret that is a token, or looks like one. Of the secret half it has facts only.
pub(super) struct Token {
    pub(super) name: String,
    /// How the id in the Secret compares with the one in its name.
    pub(super) stored_id: StoredId,
    pub(super) of_type: Type,
    pub(super) half: Option<Half>,
    pub(super) end: End,
    /// The time of its creation, seconds since 1970.
    pub(super) created: Option<i64>,
    usages: Usages,
    /// Keys of usages without effect.
    pub(super) odd_usages: Vec<String>,
    /// As in the Secret, separated by commas.
    groups: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StoredId {
    Missing,
    /// The id in the name.
    Same,
    Other,
}

/// The usages that have an effect.
#[derive(Debug, Clone, Copy, Default)]
struct Usages {
    signing: bool,
    authentication: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Token,
    /// Another type, although the Secret has keys of a token.
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Never,
    /// Seconds since 1970.
    At(i64),
    /// An invalid time, which counts as expired.
    Unreadable,
}

/// What the host tells about a secret half.
pub(super) struct Half {
    /// Equal halves have equal ids.
    pub(super) handle: String,
    pub(super) length: u64,
    /// The number of different characters; none if the host does not say.
    pub(super) distinct: Option<u64>,
    pub(super) classes: Classes,
}

impl Token {
    /// Reads a Secret as the host shows it. None if it is being deleted, or has nothing of a token.
    pub(super) fn read(secret: &Secret<'_>) -> Option<Self> {
        if secret.metadata.deletion_timestamp.is_some() {
            return None;
        }
        let (hidden, clear) = (&secret.data, &secret.string_data);
        let text = |key: &str| match clear.get(key) {
            Some(Entry::Clear(text)) if !text.is_empty() => Some(&**text),
            _ => None,
        };
        let is_typed = secret.of_type.as_deref() == Some(SECRET_TYPE);
        let has = |key| hidden.get(key).is_some() || clear.get(key).is_some();
        if !is_typed && !has(TOKEN_ID) && !has(SECRET_KEY) {
            return None;
        }
        let (usages, odd_usages) = usages(clear, hidden);
        let name = &*secret.metadata.name;
        let stored_id = match text(TOKEN_ID) {
            None => StoredId::Missing,
            Some(id) if name.strip_prefix(SECRET_PREFIX) == Some(id) => StoredId::Same,
            Some(_) => StoredId::Other,
        };
        Some(Self {
            name: name.to_owned(),
            stored_id,
            of_type: if is_typed { Type::Token } else { Type::Other },
            half: hidden.get(SECRET_KEY).and_then(Half::read),
            end: if hidden.get(EXPIRATION).is_some() { End::Unreadable } else { end(text(EXPIRATION)) },
            created: secret.metadata.creation_timestamp.as_deref().and_then(seconds),
            usages,
            odd_usages,
            groups: text(GROUPS).unwrap_or_default().to_owned(),
        })
    }

    /// The id in the name, if it has the form of an id.
    pub(super) fn id(&self) -> Option<&str> {
        self.name.strip_prefix(SECRET_PREFIX).filter(|id| is_token_id(id))
    }

    /// Whether it signs cluster-info.
    pub(super) const fn signs(&self) -> bool {
        self.usages.signing
    }

    /// Whether it can log in.
    pub(super) const fn logs_in(&self) -> bool {
        self.usages.authentication
    }

    /// The groups it logs in with, in addition to `system:bootstrappers`.
    pub(super) fn groups(&self) -> impl Iterator<Item = &str> {
        self.groups.split(',').filter(|_| !self.groups.is_empty())
    }
}

impl Half {
    fn read(entry: &Entry<'_>) -> Option<Self> {
        let Entry::Hidden(Handle { id, length, classes, distinct }) = entry else { return None };
        let half = Self { handle: (**id).to_owned(), length: (*length)?, distinct: *distinct, classes: *classes };
        (half.length > 0).then_some(half)
    }
}

/// The usages that have an effect, and the keys of the others. `false` is a valid way to say no.
fn usages(clear: &Entries<'_>, hidden: &Entries<'_>) -> (Usages, Vec<String>) {
    let (mut usages, mut odd) = (Usages::default(), Vec::new());
    for (key, entry) in clear.0.iter().chain(&hidden.0) {
        let Some(name) = key.strip_prefix(USAGE_PREFIX) else { continue };
        let value = match entry {
            Entry::Clear(text) => Some(&**text),
            Entry::Hidden(_) => None,
        };
        match (name, value) {
            (SIGNING, Some("true")) => usages.signing = true,
            (AUTHENTICATION, Some("true")) => usages.authentication = true,
            (SIGNING | AUTHENTICATION, Some("false" | "")) => {}
            _ => odd.push((**key).to_owned()),
        }
    }
    (usages, odd)
}

fn end(text: Option<&str>) -> End {
    match text {
        None => End::Never,
        Some(text) => seconds(text).map_or(End::Unreadable, End::At),
    }
}

fn seconds(time: &str) -> Option<i64> {
    parse_time(time).map(|time| time.timestamp())
}

fn is_token_id(text: &str) -> bool {
    text.len() == 6 && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}
