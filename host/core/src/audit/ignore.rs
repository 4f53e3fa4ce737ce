//! What is to be ignored: by a flag, or by a file with reasons.

use crate::finding::Finding;
use crate::grant::API_VERSION;
use crate::object::ObjectRef;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use std::fmt;

/// The reason of an ignore that was given on the command line.
const BY_FLAG: &str = "ignored on the command line";
/// The kind of the file.
const KIND: &str = "Ignores";

/// Findings that do not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignore {
    rule: String,
    object: Option<Object>,
    /// Why.
    pub reason: String,
    /// Until when, and as it was written; none is for ever.
    expires: Option<(Timestamp, String)>,
}

/// One object, whatever its group and version.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Object {
    /// None is any.
    namespace: Option<String>,
    kind: String,
    name: String,
}

/// An ignore that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidIgnore {
    /// No rule.
    #[error("an ignore needs the id of a rule")]
    Rule,
    /// Not an object.
    #[error("`{0}` is no object: it must be KIND/NAME or NAMESPACE/KIND/NAME")]
    Object(String),
    /// No reason.
    #[error("the ignore of `{0}` needs a reason")]
    Reason(String),
    /// Not a time.
    #[error("`{0}` is no date: it must be like `2030-01-31`, or a time like `2030-01-31T12:00:00Z`")]
    Expires(String),
    /// Another file.
    #[error("it is `{api_version}, {kind}`, not `{API_VERSION}, {KIND}`")]
    Kind {
        /// Its version.
        api_version: String,
        /// Its kind.
        kind: String,
    },
}

/// A file with ignores. What is not known in it is refused.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IgnoresDocument {
    api_version: String,
    kind: String,
    items: Vec<IgnoreDocument>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct IgnoreDocument {
    rule: String,
    object: Option<String>,
    reason: String,
    expires: Option<String>,
}

impl IgnoresDocument {
    /// What it says.
    ///
    /// # Errors
    /// [`InvalidIgnore`] for the first thing in it that makes no sense.
    pub fn ignores(self) -> Result<Vec<Ignore>, InvalidIgnore> {
        if self.api_version != API_VERSION || self.kind != KIND {
            return Err(InvalidIgnore::Kind { api_version: self.api_version, kind: self.kind });
        }
        self.items.into_iter().map(Ignore::of).collect()
    }
}

impl Ignore {
    /// `RULE`, or `RULE=KIND/NAME`, or `RULE=NAMESPACE/KIND/NAME`.
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

    /// Whether it is about this finding.
    #[must_use]
    pub(super) fn fits(&self, finding: &Finding) -> bool {
        let is_object = |object: &Object| finding.target.as_ref().is_some_and(|target| object.is(target));
        self.rule == finding.rule && self.object.as_ref().is_none_or(is_object)
    }

    /// Whether it does not count any more.
    #[must_use]
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        self.expires.as_ref().is_some_and(|(end, _)| now >= *end)
    }

    /// Until when it counts, as it was written.
    #[must_use]
    pub fn expires(&self) -> Option<&str> {
        self.expires.as_ref().map(|(_, text)| text.as_str())
    }
}

/// As it stands behind `--ignore`.
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
