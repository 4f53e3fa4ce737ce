//! A bootstrap token, read from its Secret as kubeadm reads it (`app/apis/bootstraptoken/v1/utils.go`,
//! `BootstrapTokenFromSecret`).

use crate::name::Namespace;
use crate::object::{Object, ObjectRef, secrets};
use crate::selector::ListRef;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde_json::Value;
use std::fmt;
use zeroize::Zeroizing;

/// The `type` of bootstrap token Secrets (`cluster-bootstrap/token/api`).
pub const SECRET_TYPE: &str = "bootstrap.kubernetes.io/token";
/// The name prefix of bootstrap token Secrets.
pub const SECRET_PREFIX: &str = "bootstrap-token-";
/// The prefix of the keys for usages.
const USAGE_PREFIX: &str = "usage-bootstrap-";

/// Whether `list` shows the value under this key of a Secret, in a column or in a message about a broken one.
#[must_use]
pub fn is_listed(secret: &ObjectRef, key: &str) -> bool {
    let is_column =
        ["token-id", "description", "expiration", "auth-extra-groups"].contains(&key) || key.starts_with(USAGE_PREFIX);
    is_column && secret.of.is_secret() && secret.namespace.as_ref().is_some_and(|namespace| namespace.as_str() == "kube-system")
}

/// The two halves of a bootstrap token (`cluster-bootstrap/token/api`): `\A([a-z0-9]{6})\.([a-z0-9]{16})\z`.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    id: String,
    secret: Zeroizing<String>,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({})", self.id)
    }
}

impl Token {
    /// Parses a token; `None` if it is malformed.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.split_once('.')?;
        Self::of(id, secret)
    }

    /// Builds a token from its halves; `None` if one of them is malformed.
    #[must_use]
    pub fn of(id: &str, secret: &str) -> Option<Self> {
        (is_of(id, 6) && is_of(secret, 16)).then(|| Self { id: id.to_owned(), secret: Zeroizing::new(secret.to_owned()) })
    }

    /// Whether a text is a valid token id.
    #[must_use]
    pub fn is_id(text: &str) -> bool {
        is_of(text, 6)
    }

    /// The public half, 6 characters.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The secret half, 16 characters.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// Both halves, as sent to authenticate.
    #[must_use]
    pub fn bearer(&self) -> Zeroizing<String> {
        self.written(Halves::Shown)
    }

    /// Both halves, or the public half with the secret half masked.
    #[must_use]
    pub fn written(&self, halves: Halves) -> Zeroizing<String> {
        Zeroizing::new(match halves {
            Halves::Shown => format!("{}.{}", self.id, self.secret.as_str()),
            Halves::Masked => format!("{}.{}", self.id, "*".repeat(self.secret.len())),
        })
    }
}

/// A bootstrap token with the settings in its Secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BootstrapToken {
    /// The two halves.
    pub token: Token,
    /// A description for users; may be empty.
    pub description: String,
    /// The expiration; `None` if it never expires.
    pub expires: Option<Expiration>,
    /// The allowed usages, sorted.
    pub usages: Vec<String>,
    /// The groups it authenticates as, in addition to `system:bootstrappers`.
    pub groups: Vec<String>,
    /// The creation time of its Secret; `None` if unknown.
    pub created: Option<Timestamp>,
}

/// The expiration of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expiration {
    /// The point in time.
    pub time: Timestamp,
    /// The time as written in the Secret, in whole seconds.
    pub text: String,
}

/// A Secret that is not a valid bootstrap token: the API server ignores it. In kubeadm's words, but without secret contents.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BrokenToken {
    /// The id is missing.
    #[error("bootstrap Token Secret has no token-id data: {0}")]
    NoId(String),
    /// The Secret's name does not match its id.
    #[error("bootstrap token name is not of the form '{SECRET_PREFIX}(token-id)'. Actual: \"{name}\". Expected: \"{expected}\"")]
    Misnamed {
        /// The actual name.
        name: String,
        /// The name that matches the id.
        expected: String,
    },
    /// The secret half is missing.
    #[error("bootstrap Token Secret has no token-secret data: {0}")]
    NoSecret(String),
    /// A half with invalid characters or the wrong length.
    #[error("bootstrap Token Secret is invalid: {0} does not contain a token of the form \"[a-z0-9]{{6}}.[a-z0-9]{{16}}\"")]
    Malformed(String),
    /// An invalid expiration time.
    #[error("can't parse expiration time of bootstrap token \"{0}\": must be like `2030-01-02T15:04:05Z`")]
    Expiration(String),
}

impl BootstrapToken {
    /// Reads the token from a Secret.
    ///
    /// # Errors
    /// [`BrokenToken`] for a Secret that kubeadm does not list and the API server does not accept.
    pub fn of_secret(secret: &Object) -> Result<Self, BrokenToken> {
        let name = secret.metadata("name").unwrap_or_default().to_owned();
        let filled = |key: &str| datum(secret, key).filter(|text| !text.is_empty());
        let id = filled("token-id").ok_or_else(|| BrokenToken::NoId(name.clone()))?.to_string();
        let expected = format!("{SECRET_PREFIX}{id}");
        if name != expected {
            return Err(BrokenToken::Misnamed { name, expected });
        }
        let half = filled("token-secret").ok_or_else(|| BrokenToken::NoSecret(name.clone()))?;
        let token = Token::of(&id, &half).ok_or_else(|| BrokenToken::Malformed(name.clone()))?;
        let expires = match filled("expiration") {
            Some(text) => Some(Expiration::parse(&text).ok_or(BrokenToken::Expiration(name))?),
            None => None,
        };
        let groups = filled("auth-extra-groups").filter(|groups| !groups.starts_with(','));
        Ok(Self {
            token,
            description: datum(secret, "description").map(|text| text.to_string()).unwrap_or_default(),
            expires,
            usages: usages(secret),
            groups: groups.map(|groups| groups.split(',').map(str::to_owned).collect()).unwrap_or_default(),
            created: secret.metadata("creationTimestamp").and_then(|time| time.parse().ok()),
        })
    }

    /// Whether it has expired.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires.as_ref().is_some_and(|expires| expires.time <= now)
    }
}

/// Whether the secret half of a token is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Halves {
    /// It is shown.
    Shown,
    /// It is masked.
    Masked,
}

impl Expiration {
    /// Parses a time like Go's `time.Parse(time.RFC3339, …)`, which accepts less than RFC 3339 allows: the API server treats a
    /// time it cannot parse as expired.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let zone = text.strip_suffix('Z').map_or_else(|| text.len().checked_sub(6), |rest| Some(rest.len()))?;
        let (start, zone) = text.split_at_checked(zone)?;
        let has_form = start.as_bytes().get(10) == Some(&b'T')
            && !start.contains(',')
            && (zone == "Z" || (zone.starts_with(['+', '-']) && zone.as_bytes().get(3) == Some(&b':')));
        let time = Some(text).filter(|_| has_form)?.parse().ok()?;
        let seconds = start.split_once('.').map_or(start, |(seconds, _)| seconds);
        let zone = if matches!(zone, "+00:00" | "-00:00") { "Z" } else { zone };
        Some(Self { time, text: format!("{seconds}{zone}") })
    }
}

/// The usages set to `true`, as the API server reads them.
fn usages(secret: &Object) -> Vec<String> {
    let data = secret.fields().get("data").and_then(Value::as_object);
    let set = data.into_iter().flatten().filter_map(|(key, _)| {
        let usage = key.strip_prefix(USAGE_PREFIX)?;
        (datum(secret, key)?.as_str() == "true").then(|| usage.to_owned())
    });
    let mut usages: Vec<String> = set.collect();
    usages.sort();
    usages
}

/// Selects all bootstrap token Secrets.
#[must_use]
pub fn all_tokens() -> ListRef {
    let (namespace, fields) = (Namespace::parse("kube-system").ok(), format!("type={SECRET_TYPE}"));
    ListRef { of: secrets(), namespace, labels: String::new(), fields }
}

/// A value under `data` of a Secret; `None` if it is missing or not UTF-8.
#[must_use]
pub fn datum(secret: &Object, key: &str) -> Option<Zeroizing<String>> {
    let bytes = binary_datum(secret, key)?;
    std::str::from_utf8(&bytes).ok().map(|text| Zeroizing::new(text.to_owned()))
}

/// A value under `data` of a Secret; `None` if it is missing.
#[must_use]
pub fn binary_datum(secret: &Object, key: &str) -> Option<Zeroizing<Vec<u8>>> {
    let encoded = secret.fields().get("data")?.get(key)?.as_str()?;
    STANDARD.decode(encoded).ok().map(Zeroizing::new)
}

/// Whether a token may have a group; the API server refuses the whole token for another one: `\Asystem:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]\z` (`cluster-bootstrap/token/api`).
#[must_use]
pub fn is_group(text: &str) -> bool {
    let is_of = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    text.strip_prefix("system:bootstrappers:").is_some_and(|rest| {
        rest.len() <= 256
            && rest.bytes().all(|b| is_of(b) || b == b':' || b == b'-')
            && rest.bytes().next_back().is_some_and(is_of)
    })
}

/// Whether a text has exactly this many characters, all valid in tokens.
fn is_of(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{BootstrapToken, Expiration, Halves};
    use crate::object::Object;
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use serde_json::{Map, Value, json};

    fn read(name: &str, data: &[(&str, &str)]) -> Result<BootstrapToken, String> {
        let data: Map<String, Value> =
            data.iter().map(|(key, value)| ((*key).to_owned(), json!(STANDARD.encode(value)))).collect();
        let secret = json!({ "metadata": { "name": name }, "data": data });
        BootstrapToken::of_secret(&Object::new(secret.as_object().unwrap().clone())).map_err(|error| error.to_string())
    }

    #[test]
    fn reads_what_kubeadm_reads() {
        let token = read(
            "bootstrap-token-abcdef",
            &[
                ("token-id", "abcdef"),
                ("token-secret", "0123456789abcdef"),
                ("usage-bootstrap-signing", "true"),
                ("usage-bootstrap-authentication", "true"),
                ("usage-bootstrap-other", "yes"),
                ("auth-extra-groups", "a,b"),
                ("expiration", "2031-01-01T00:00:00.5+02:00"),
            ],
        );
        let token = token.unwrap();
        assert_eq!(token.token.written(Halves::Shown).as_str(), "abcdef.0123456789abcdef");
        assert_eq!(token.token.written(Halves::Masked).as_str(), "abcdef.****************");
        assert!(!format!("{token:?}").contains("0123456789"), "{token:?}");
        assert_eq!((token.usages.join(","), token.groups.join(",")), ("authentication,signing".to_owned(), "a,b".to_owned()));
        assert_eq!(token.expires.as_ref().unwrap().text, "2031-01-01T00:00:00+02:00");
        assert!(!token.is_expired("2030-12-31T22:00:00.499Z".parse().unwrap()));
        assert!(token.is_expired("2030-12-31T22:00:00.5Z".parse().unwrap()));
        assert!(token.is_expired("2030-12-31T22:00:01Z".parse().unwrap()));
    }

    #[test]
    fn says_what_is_broken_but_not_what_is_in_it() {
        let (id, secret) = (("token-id", "abcdef"), ("token-secret", "0123456789abcdef"));
        for (name, data, expected) in [
            ("bootstrap-token-abcdef", vec![secret], "has no token-id data: bootstrap-token-abcdef"),
            ("x", vec![id, secret], "Actual: \"x\". Expected: \"bootstrap-token-abcdef\""),
            ("bootstrap-token-abcdef", vec![id], "has no token-secret data: bootstrap-token-abcdef"),
            (
                "bootstrap-token-abcdef",
                vec![id, ("token-secret", "hunter2")],
                "bootstrap-token-abcdef does not contain a token of the form",
            ),
            ("bootstrap-token-a", vec![("token-id", "a"), secret], "bootstrap-token-a does not contain a token of the form"),
            ("bootstrap-token-abcdef", vec![id, secret, ("expiration", "soon")], "can't parse expiration time"),
        ] {
            let error = read(name, &data).unwrap_err();
            assert!(error.contains(expected) && !error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn times_are_gos() {
        for (text, expected) in [
            ("2031-01-01T00:00:00Z", Some("2031-01-01T00:00:00Z")),
            ("2031-01-01T00:00:00.123Z", Some("2031-01-01T00:00:00Z")),
            ("2031-01-01T00:00:00+00:00", Some("2031-01-01T00:00:00Z")),
            ("2031-01-01T00:00:00-05:30", Some("2031-01-01T00:00:00-05:30")),
            ("2031-01-01 00:00:00Z", None),
            ("2031-01-01t00:00:00Z", None),
            ("2031-01-01T00:00:00z", None),
            ("2031-01-01T00:00:00", None),
            ("2031-01-01T00:00:00+0200", None),
            ("2031-01-01", None),
            ("Z", None),
            ("", None),
        ] {
            assert_eq!(Expiration::parse(text).map(|expiration| expiration.text).as_deref(), expected, "{text}");
        }
    }
}
