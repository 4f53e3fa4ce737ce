//! A token Secret as the API server and the controller manager read it (`plugin/pkg/auth/authenticator/token/bootstrap`,
//! `pkg/controller/bootstrap/util.go`, `cluster-bootstrap/util/secrets`).

use super::object::{Classes, Entries, Entry, Handle, Secret};
use crate::input::{AUTHENTICATION, SIGNING, parse_time};
use crate::token::{SECRET_KEY, SECRET_PREFIX, SECRET_TYPE};
use alloc::{borrow::ToOwned, string::String, vec::Vec};

/// What the key of a usage starts with.
pub(super) const USAGE_PREFIX: &str = "usage-bootstrap-";
/// The key of the time when a token ends.
pub(super) const EXPIRATION: &str = "expiration";
/// The key of the groups of a token.
pub(super) const GROUPS: &str = "auth-extra-groups";
/// The key of the public half.
const TOKEN_ID: &str = "token-id";

/// A Secret with the name of a token. Nothing of the secret half is in it but facts about it.
pub(super) struct Token {
    /// The name of the Secret.
    pub(super) name: String,
    /// The id in the Secret, beside the one in its name.
    pub(super) stored_id: StoredId,
    /// Whether its type is that of tokens.
    pub(super) of_type: Type,
    /// What is known of the secret half.
    pub(super) half: Option<Half>,
    /// When it ends.
    pub(super) end: End,
    /// When it was made, seconds since 1970.
    pub(super) created: Option<i64>,
    usages: Usages,
    /// Keys of usages that count for nothing.
    pub(super) odd_usages: Vec<String>,
    /// Its groups besides `system:bootstrappers`, with commas between.
    groups: String,
}

/// The id in a Secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StoredId {
    /// There is none.
    Missing,
    /// The one that its name says.
    Same,
    /// Another one.
    Other,
}

/// The usages that count.
#[derive(Debug, Clone, Copy, Default)]
struct Usages {
    signing: bool,
    authentication: bool,
}

/// The type of a Secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    /// That of tokens.
    Token,
    /// Another, although it has keys of a token.
    Other,
}

/// When a token ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Never.
    Never,
    /// At this time, seconds since 1970.
    At(i64),
    /// At a time that nobody understands, which counts as over.
    Unreadable,
}

/// What is known of a secret half.
pub(super) struct Half {
    /// Equal halves have equal ids.
    pub(super) handle: String,
    /// How many characters.
    pub(super) length: u64,
    /// How many different ones; none if the host does not say.
    pub(super) distinct: Option<u64>,
    /// Which sorts of characters.
    pub(super) classes: Classes,
}

impl Token {
    /// Reads a Secret as the host shows it; none for one that is being deleted, and for one that has nothing of a token.
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

    /// The id in the name, if it has the form of one.
    pub(super) fn id(&self) -> Option<&str> {
        self.name.strip_prefix(SECRET_PREFIX).filter(|id| is_token_id(id))
    }

    /// Whether nodes are told by it where the API server is.
    pub(super) const fn signs(&self) -> bool {
        self.usages.signing
    }

    /// Whether nodes log in with it.
    pub(super) const fn logs_in(&self) -> bool {
        self.usages.authentication
    }

    /// Its groups besides `system:bootstrappers`.
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

/// The usages that count, and the keys of the others. `false` is how one says no.
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
