//! What the operator wrote: keys, and for which places they are good.

use super::place::{InvalidPlace, Prefix, Repository};
use crate::digest::Digest;
use crate::grant::API_VERSION;
use crate::name::{InvalidName, shortened};
use std::fmt;

/// The kind of the document.
pub(super) const KIND: &str = "TrustPolicy";

/// Whom the operator trusts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustPolicy {
    /// Where it stands.
    pub origin: PolicyOrigin,
    /// What holds for a repository that no rule is for. Local files and the phase in the plugin need no signature.
    pub otherwise: Demand,
    /// The keys.
    pub keys: Vec<KeyEntry>,
    /// The rules, each prefix once.
    pub rules: Vec<TrustRule>,
}

/// Where a policy stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyOrigin {
    /// In this file.
    File(String),
    /// Nowhere: this is the file that it would stand in, if there is a home.
    Absent(Option<String>),
    /// On the command line: keys, of which one must have signed whatever it is.
    Keys,
}

/// Whether a signature is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    /// By one of the keys.
    Signature,
    /// Nothing is.
    Nothing,
}

/// A key, by the name that rules have for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyEntry {
    /// Its name.
    pub name: String,
    /// Where its text is.
    pub text: KeyText,
}

/// Where the text of a key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyText {
    /// In a file; a path that does not start at the root starts at the policy's folder.
    File(String),
    /// In the policy itself, PEM.
    Pem(String),
}

/// What must hold for a place. All of it: with keys and digests it must be one of these digests, signed by one of these keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustRule {
    /// For which places.
    pub prefix: Prefix,
    /// Names of keys, of which one must have signed; empty if no signature is wanted.
    pub keys: Vec<String>,
    /// Digests, of which it must have one: of the manifest, or of a local file; empty for any.
    pub digests: Vec<Digest>,
}

impl TrustRule {
    /// Whether it wants a signature.
    #[must_use]
    pub const fn demand(&self) -> Demand {
        if self.keys.is_empty() { Demand::Nothing } else { Demand::Signature }
    }
}

/// A policy that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPolicy {
    /// Another document.
    #[error("it is `{}`, not `{API_VERSION}, {KIND}`", shortened(.0))]
    OtherKind(String),
    /// A prefix.
    #[error(transparent)]
    Prefix(#[from] InvalidPlace),
    /// The name of a key.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// A digest.
    #[error("digest `{}` is not valid: must be `sha256:` and 64 lower case hexadecimal digits", shortened(.0))]
    Digest(String),
    /// A key with no text, or two.
    #[error("the key `{0}` must have either `file` or `pem`")]
    KeyText(String),
    /// Two keys of one name.
    #[error("there are two keys `{0}`")]
    KeyTwice(String),
    /// A rule with a key that is not there.
    #[error("the rule for {prefix} names the key `{}`, which is not among `keys`", shortened(.key))]
    NoSuchKey {
        /// The prefix of the rule.
        prefix: Prefix,
        /// The key.
        key: String,
    },
    /// Two rules for one prefix.
    #[error("there are two rules for {0}")]
    PrefixTwice(Prefix),
    /// A list that is there and has nothing in it.
    #[error("the rule for {prefix} has no {list} in `{list}`: leave it away if it shall not matter")]
    Empty {
        /// The prefix of the rule.
        prefix: Prefix,
        /// The list.
        list: &'static str,
    },
    /// A rule that would allow everything, and does not say so.
    #[error(
        "the rule for {0} has neither keys nor digests, which would allow everything; if that is meant, write `requireSignature: false`"
    )]
    AllowsEverything(Prefix),
    /// A rule that wants a signature by no key.
    #[error("the rule for {0} says `requireSignature: true` and names no keys")]
    SignatureWithoutKeys(Prefix),
    /// A rule that names keys and does not want their signature.
    #[error("the rule for {0} says `requireSignature: false` and names keys; leave one of them away")]
    KeysWithoutSignature(Prefix),
}

impl TrustPolicy {
    /// What holds where the operator wrote nothing: `file` is where it would stand.
    #[must_use]
    pub const fn absent(file: Option<String>) -> Self {
        Self { origin: PolicyOrigin::Absent(file), otherwise: Demand::Signature, keys: Vec::new(), rules: Vec::new() }
    }

    /// What holds where keys were given on the command line.
    #[must_use]
    pub const fn of_keys(keys: Vec<KeyEntry>) -> Self {
        Self { origin: PolicyOrigin::Keys, otherwise: Demand::Signature, keys, rules: Vec::new() }
    }

    /// The rule for local files.
    #[must_use]
    pub fn for_files(&self) -> Option<&TrustRule> {
        self.rules.iter().find(|rule| rule.prefix == Prefix::Files)
    }

    /// The rule for a repository: of those that fit, the one with the longest prefix. The others do not count, so that a rule for a part of a
    /// registry can be stricter or looser than that for the rest.
    #[must_use]
    pub fn for_repository(&self, repository: &Repository) -> Option<&TrustRule> {
        let fitting = self.rules.iter().filter_map(|rule| Some((rule.prefix.fits(repository)?, rule)));
        fitting.max_by_key(|(segments, _)| *segments).map(|(_, rule)| rule)
    }
}

impl fmt::Display for PolicyOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => f.write_str(file),
            Self::Absent(_) => f.write_str("no policy"),
            Self::Keys => f.write_str("--key"),
        }
    }
}
