//! The trust policy as written in a file; the format is stable.

use super::place::Prefix;
use super::policy::{Demand, InvalidPolicy, KeyEntry, KeyText, PolicyOrigin, TrustPolicy, TrustRule};
use crate::digest::Digest;
use crate::document::DocumentKind;
use crate::name::Identifier;
use serde::{Deserialize, Deserializer};

/// A policy as written in a file. Unknown fields are refused: a misspelled field must not count as a missing one.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TrustPolicyDocument {
    /// The version of the format.
    api_version: String,
    /// What the document is.
    kind: String,
    /// Whether a phase of a repository without a rule must be signed by one of the keys.
    #[serde(default = "required")]
    require_signature: bool,
    /// The keys, by the names that rules use.
    #[serde(default)]
    keys: Vec<KeyDocument>,
    /// The rules, at most one per prefix. Of all that match, the one with the longest prefix counts.
    #[serde(default)]
    rules: Vec<RuleDocument>,
}

/// A key, either in a file or in the policy itself.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct KeyDocument {
    /// The name in rules.
    name: String,
    /// A file with the key, PEM; a relative path starts at the folder of the policy.
    #[serde(default, deserialize_with = "present")]
    #[cfg_attr(feature = "schemas", schemars(with = "String"))]
    file: Option<String>,
    /// The key itself, PEM.
    #[serde(default, deserialize_with = "present")]
    #[cfg_attr(feature = "schemas", schemars(with = "String"))]
    pem: Option<String>,
}

/// The requirements for a place. All must hold.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RuleDocument {
    /// Where it applies: a registry, a registry and the start of a repository, or `file:` for local files.
    prefix: String,
    /// The names of keys, one of which must have signed.
    #[serde(default, deserialize_with = "present")]
    #[cfg_attr(feature = "schemas", schemars(with = "Vec<String>", length(min = 1)))]
    keys: Option<Vec<String>>,
    /// The accepted digests, of the manifest or of a local file.
    #[serde(default, deserialize_with = "present")]
    #[cfg_attr(feature = "schemas", schemars(with = "Vec<String>", length(min = 1)))]
    digests: Option<Vec<String>>,
    /// `false` for a place without requirements.
    #[serde(default, deserialize_with = "present")]
    #[cfg_attr(feature = "schemas", schemars(with = "bool"))]
    require_signature: Option<bool>,
}

const fn required() -> bool {
    true
}

/// A field that is present must have a value: `keys:` with nothing after it is a mistake, not a missing field.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl TrustPolicyDocument {
    /// The policy in the file. `file` is its path, for messages.
    ///
    /// # Errors
    /// [`InvalidPolicy`] for an invalid policy, or one that would allow more than it says.
    pub fn policy(self, file: String) -> Result<TrustPolicy, InvalidPolicy> {
        DocumentKind::TrustPolicy.check(&self.api_version, &self.kind)?;
        let mut keys: Vec<KeyEntry> = Vec::new();
        for document in self.keys {
            let key = document.entry()?;
            if keys.iter().any(|other| other.name == key.name) {
                return Err(InvalidPolicy::KeyTwice(key.name));
            }
            keys.push(key);
        }
        let mut rules: Vec<TrustRule> = Vec::new();
        for document in self.rules {
            let rule = document.rule(&keys)?;
            if rules.iter().any(|other| other.prefix == rule.prefix) {
                return Err(InvalidPolicy::PrefixTwice(rule.prefix));
            }
            rules.push(rule);
        }
        let otherwise = if self.require_signature { Demand::Signature } else { Demand::Nothing };
        Ok(TrustPolicy { origin: PolicyOrigin::File(file), otherwise, keys, rules })
    }
}

impl KeyDocument {
    fn entry(self) -> Result<KeyEntry, InvalidPolicy> {
        let name = Identifier::parse("key name", &self.name)?.to_string();
        let text = match (self.file, self.pem) {
            (Some(file), None) if !file.is_empty() => KeyText::File(file),
            (None, Some(pem)) => KeyText::Pem(pem),
            _ => return Err(InvalidPolicy::KeyText(name)),
        };
        Ok(KeyEntry { name, text })
    }
}

impl RuleDocument {
    fn rule(self, known: &[KeyEntry]) -> Result<TrustRule, InvalidPolicy> {
        let prefix = Prefix::parse(&self.prefix)?;
        for (list, length) in [("keys", self.keys.as_ref().map(Vec::len)), ("digests", self.digests.as_ref().map(Vec::len))] {
            if length == Some(0) {
                return Err(InvalidPolicy::Empty { prefix, list });
            }
        }
        let (keys, digests) = (self.keys.unwrap_or_default(), self.digests.unwrap_or_default());
        match (self.require_signature, keys.is_empty(), digests.is_empty()) {
            (None, true, true) => return Err(InvalidPolicy::AllowsEverything(prefix)),
            (Some(true), true, _) => return Err(InvalidPolicy::SignatureWithoutKeys(prefix)),
            (Some(false), false, _) => return Err(InvalidPolicy::KeysWithoutSignature(prefix)),
            _ => {}
        }
        if let Some(key) = keys.iter().find(|key| !known.iter().any(|known| known.name == **key)) {
            return Err(InvalidPolicy::NoSuchKey { prefix, key: key.clone() });
        }
        let digests = digests.into_iter().map(|text| Digest::parse(&text).ok_or(InvalidPolicy::Digest(text)));
        Ok(TrustRule { prefix, keys, digests: digests.collect::<Result<_, _>>()? })
    }
}
