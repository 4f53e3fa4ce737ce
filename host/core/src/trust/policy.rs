//! The operator's trust policy: keys, and the places they are valid for.

use super::place::{InvalidPlace, Prefix, Repository};
use crate::digest::Digest;
use crate::document::OtherKind;
use crate::name::{InvalidName, shortened};
use std::fmt;

/// The operator's trust policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustPolicy {
    /// The source of the policy.
    pub origin: PolicyOrigin,
    /// The default for repositories without a rule. Local files and the embedded phase need no signature.
    pub otherwise: Demand,
    /// The keys, by the names that rules use.
    pub keys: Vec<KeyEntry>,
    /// The rules, at most one per prefix.
    pub rules: Vec<TrustRule>,
}

/// The source of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyOrigin {
    /// A file at this path.
    File(String),
    /// No policy exists: the path where it would be, if there is a home directory.
    Absent(Option<String>),
    /// The command line: one of the given keys must have signed any phase.
    Keys,
}

/// Whether a signature is required.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    /// A signature by one of the keys.
    Signature,
    /// No signature.
    Nothing,
}

/// A key and the name that rules use for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyEntry {
    /// The name in rules.
    pub name: String,
    /// The source of its text.
    pub text: KeyText,
}

/// The source of a key's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyText {
    /// A file; a relative path starts at the policy's folder.
    File(String),
    /// In the policy itself, PEM.
    Pem(String),
}

/// The requirements for a place. All must hold: with keys and digests it must have one of these digests and be signed by one of
/// these keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustRule {
    /// The places it applies to.
    pub prefix: Prefix,
    /// The names of keys, one of which must have signed; empty if no signature is required.
    pub keys: Vec<String>,
    /// The accepted digests, of the manifest or of a local file; empty for any.
    pub digests: Vec<Digest>,
}

impl TrustRule {
    /// Whether it requires a signature.
    #[must_use]
    pub const fn demand(&self) -> Demand {
        if self.keys.is_empty() { Demand::Nothing } else { Demand::Signature }
    }
}

/// An invalid policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPolicy {
    /// A document of another kind or version.
    #[error(transparent)]
    OtherKind(#[from] OtherKind),
    /// An invalid prefix.
    #[error(transparent)]
    Prefix(#[from] InvalidPlace),
    /// An invalid key name.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// An invalid digest.
    #[error("digest `{}` is not valid: must be `sha256:` and 64 lower case hexadecimal digits", shortened(.0))]
    Digest(String),
    /// A key without a text, or with two.
    #[error("the key `{0}` must have either `file` or `pem`")]
    KeyText(String),
    /// Two keys with the same name.
    #[error("there are two keys `{0}`")]
    KeyTwice(String),
    /// A rule that names a missing key.
    #[error("the rule for {prefix} names the key `{}`, which is not among `keys`", shortened(.key))]
    NoSuchKey {
        /// The prefix of the rule.
        prefix: Prefix,
        /// The name of the missing key.
        key: String,
    },
    /// Two rules for one prefix.
    #[error("there are two rules for {0}")]
    PrefixTwice(Prefix),
    /// An empty list.
    #[error("the rule for {prefix} has an empty list `{list}`: omit it if any value is acceptable")]
    Empty {
        /// The prefix of the rule.
        prefix: Prefix,
        /// The name of the list.
        list: &'static str,
    },
    /// A rule that would allow everything without saying so.
    #[error(
        "the rule for {0} has neither keys nor digests, which would allow everything; if that is intended, write `requireSignature: false`"
    )]
    AllowsEverything(Prefix),
    /// A rule that requires a signature but names no key.
    #[error("the rule for {0} says `requireSignature: true` but names no keys")]
    SignatureWithoutKeys(Prefix),
    /// A rule that names keys but does not require a signature.
    #[error("the rule for {0} says `requireSignature: false` but names keys; remove one of them")]
    KeysWithoutSignature(Prefix),
}

impl TrustPolicy {
    /// The policy if the operator wrote none: `file` is where it would be.
    #[must_use]
    pub const fn absent(file: Option<String>) -> Self {
        Self { origin: PolicyOrigin::Absent(file), otherwise: Demand::Signature, keys: Vec::new(), rules: Vec::new() }
    }

    /// The policy if keys were given on the command line.
    #[must_use]
    pub const fn of_keys(keys: Vec<KeyEntry>) -> Self {
        Self { origin: PolicyOrigin::Keys, otherwise: Demand::Signature, keys, rules: Vec::new() }
    }

    /// The rule for local files.
    #[must_use]
    pub fn for_files(&self) -> Option<&TrustRule> {
        self.rules.iter().find(|rule| rule.prefix == Prefix::Files)
    }

    /// The rule for a repository: of all that match, the one with the longest prefix. The others do not count, so a rule for part
    /// of a registry can be stricter or looser than the one for the rest.
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
