//! Findings to ignore: from a flag, or from a file with reasons.

use crate::document::{DocumentKind, OtherKind};
use crate::finding::Finding;
use crate::object::ObjectRef;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use std::fmt;

/// The reason for an ignore given on the command line.
const BY_FLAG: &str = "ignored on the command line";

/// Findings that do not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignore {
    rule: String,
    object: Option<Object>,
    /// Why they are ignored.
    pub reason: String,
    /// The expiry, and its text as written; `None` if it never expires.
    expires: Option<(Timestamp, String)>,
}

/// One object, of any API group and version.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Object {
    /// `None` matches any namespace.
    namespace: Option<String>,
    kind: String,
    name: String,
}

/// An invalid ignore.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidIgnore {
    /// The rule is missing.
    #[error("the rule id is missing")]
    Rule,
    /// An invalid object.
    #[error("`{0}` is not an object: it must be KIND/NAME or NAMESPACE/KIND/NAME")]
    Object(String),
    /// The reason is missing.
    #[error("the ignore rule for `{0}` needs a reason")]
    Reason(String),
    /// An invalid time.
    #[error("`{0}` is not a date: must be like `2030-01-31` or `2030-01-31T12:00:00Z`")]
    Expires(String),
    /// A file of another kind or version.
    #[error(transparent)]
    OtherKind(#[from] OtherKind),
}

/// A file with ignores. Unknown fields are refused.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IgnoresDocument {
    /// The version of the format.
    api_version: String,
    /// What the document is.
    kind: String,
    /// What is ignored.
    items: Vec<IgnoreDocument>,
}

/// What is ignored, and why.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct IgnoreDocument {
    /// The id of the rule.
    rule: String,
    /// One object, `KIND/NAME` or `NAMESPACE/KIND/NAME`; any if it is missing.
    object: Option<String>,
    /// Why it is ignored.
    reason: String,
    /// The last day on which it is ignored, UTC, or the time until which it is; without an end if it is missing.
    expires: Option<String>,
}

impl IgnoresDocument {
    /// The ignores in the file.
    ///
    /// # Errors
    /// [`InvalidIgnore`] for the first invalid entry.
    pub fn ignores(self) -> Result<Vec<Ignore>, InvalidIgnore> {
        DocumentKind::Ignores.check(&self.api_version, &self.kind)?;
        self.items.into_iter().map(Ignore::of).collect()
    }
}

impl Ignore {
    /// Parses `RULE`, `RULE=KIND/NAME` or `RULE=NAMESPACE/KIND/NAME`.
    ///
    /// # Errors
    /// [`InvalidIgnore`] for anything else.
    pub fn parse(text: &str) -> Result<Self, InvalidIgnore> {
        let (rule, object) = text.split_once('=').map_or((text, None), |(rule, object)| (rule, Some(object.to_owned())));
        Self::of(IgnoreDocument { rule: rule.to_owned(), object, reason: BY_FLAG.to_owned(), expires: None })
    }

    fn of(document: IgnoreDocument) -> Result<Self, InvalidIgnore> {
        let IgnoreDocument { rule, object, reason, expires } = document;
        if rule.trim().is_empty() {
            return Err(InvalidIgnore::Rule);
        }
        if reason.trim().is_empty() {
            return Err(InvalidIgnore::Reason(rule));
        }
        let object = object.map(|text| Object::parse(&text).ok_or(InvalidIgnore::Object(text))).transpose()?;
        let expires = expires.map(|text| match end(&text) {
            Some(end) => Ok((end, text)),
            None => Err(InvalidIgnore::Expires(text)),
        });
        Ok(Self { rule, object, reason, expires: expires.transpose()? })
    }

    /// Whether it matches this finding.
    #[must_use]
    pub fn fits(&self, finding: &Finding) -> bool {
        let is_object = |object: &Object| finding.target.as_ref().is_some_and(|target| object.is(target));
        self.rule == finding.rule && self.object.as_ref().is_none_or(is_object)
    }

    /// Whether it has expired.
    #[must_use]
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        self.expires.as_ref().is_some_and(|(end, _)| now >= *end)
    }

    /// The expiry as written; `None` if it never expires.
    #[must_use]
    pub fn expires(&self) -> Option<&str> {
        self.expires.as_ref().map(|(_, text)| text.as_str())
    }
}

/// The value for `--ignore`.
impl fmt::Display for Ignore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rule)?;
        let Some(object) = &self.object else { return Ok(()) };
        let namespace = object.namespace.as_ref().map(|namespace| format!("{namespace}/")).unwrap_or_default();
        write!(f, "={namespace}{}/{}", object.kind, object.name)
    }
}

impl Object {
    fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('/').collect();
        let (namespace, kind, name) = match parts[..] {
            [kind, name] => (None, kind, name),
            [namespace, kind, name] => (Some(namespace), kind, name),
            _ => return None,
        };
        let is_whole = !kind.is_empty() && !name.is_empty() && namespace.is_none_or(|namespace| !namespace.is_empty());
        is_whole.then(|| Self { namespace: namespace.map(str::to_owned), kind: kind.to_owned(), name: name.to_owned() })
    }

    fn is(&self, target: &ObjectRef) -> bool {
        let namespace = target.namespace.as_ref().map(crate::name::Namespace::as_str);
        target.of.kind().eq_ignore_ascii_case(&self.kind)
            && target.name.as_str() == self.name
            && (self.namespace.is_none() || self.namespace.as_deref() == namespace)
    }
}

/// The end of a day in UTC, or a time.
fn end(text: &str) -> Option<Timestamp> {
    if let Ok(time) = text.parse() {
        return Some(time);
    }
    let is_date = text.len() == "2030-01-31".len();
    let day: Date = text.parse().ok().filter(|_| is_date)?;
    Some(day.tomorrow().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp())
}
