//! Values that a phase may use but not see.
//!
//! A phase gets a *handle* instead: `{"$secret": "s1", …}` with facts about the value. Equal values have the same handle, so
//! that a phase can compare what it cannot read. What the phase gives back is put in place by [`Secrets::placed`] and nowhere else,
//! and only in the data of a Secret of the sort that the value came from, or in a line for the person at the terminal.

use crate::name::Namespace;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt;
use zeroize::Zeroizing;

mod disclosed;
mod handles;
mod masked;
mod placed;
mod shown;

pub use disclosed::Disclosure;
pub use handles::names;
pub use masked::mask;
pub use placed::{Before, Destination, MisplacedSecret, Placement, Shows};

/// The key that makes a JSON object a handle.
const HANDLE: &str = "$secret";

/// The fields of a Secret (`core/v1`), as they are spelt. Under another name a value would be in clear, where readers that ignore case take
/// it.
pub const FIELDS: [&str; 7] = ["apiVersion", "kind", "metadata", "type", "data", "stringData", "immutable"];

/// The annotation in which `kubectl apply` keeps a copy of the whole object, the values of a Secret included.
pub const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The id of a hidden value; meaningless outside the run that made it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SecretId(String);

impl SecretId {
    /// The id in a JSON handle; none if the value is not one. Other members are not looked at.
    #[must_use]
    pub fn from_handle(value: &Value) -> Option<Self> {
        value.as_object()?.get(HANDLE)?.as_str().map(|id| Self(id.to_owned()))
    }

    /// An id that a phase names; whether it exists is seen when it is resolved.
    #[must_use]
    pub fn named(id: &str) -> Self {
        Self(id.to_owned())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a text looks as if a phase wrote a handle into it, where nothing will be put in place.
#[must_use]
pub fn names_a_handle(text: &str) -> bool {
    text.contains(HANDLE)
}

/// A value with each handle in it reduced to its id: a phase may repeat the facts about a secret or leave them out.
#[must_use]
pub fn plain_handles(value: &Value) -> Value {
    match (SecretId::from_handle(value), value) {
        (Some(id), _) => json!({ HANDLE: id.0 }),
        (None, Value::Object(fields)) => fields.iter().map(|(name, value)| (name.clone(), plain_handles(value))).collect(),
        (None, Value::Array(items)) => items.iter().map(plain_handles).collect(),
        (None, other) => other.clone(),
    }
}

/// A sort of Secrets: what lives in one may be put into another of the same sort, and nowhere else. Otherwise a phase could copy a
/// token into a Secret that somebody else can read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Home {
    /// The namespace.
    pub namespace: Option<Namespace>,
    /// The `type` of the Secret.
    pub of_type: String,
}

impl fmt::Display for Home {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets of type `{}`", self.of_type)?;
        self.namespace.as_ref().map_or(Ok(()), |namespace| write!(f, " in {namespace}"))
    }
}

/// Where a hidden value comes from, which decides where it may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretOrigin {
    /// The user gave it, for Secrets of this sort.
    Given(Home),
    /// The host made it; it may go to one sort of Secrets, whichever.
    Drawn,
    /// It is in the cluster, in Secrets of this sort, under this key. It is never shown to anybody.
    Observed(Home, String),
}

/// The hidden values of a run, wiped from memory at its end.
#[derive(Default)]
pub struct Secrets {
    hidden: Vec<Hidden>,
    /// Where each value is: an audit may hide ten thousand, three times over. By digest, so that no value is in memory twice.
    places: BTreeMap<[u8; 32], usize>,
}

struct Hidden {
    value: Zeroizing<Vec<u8>>,
    origins: Vec<SecretOrigin>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({} values)", self.hidden.len())
    }
}

impl Secrets {
    /// Hides a value. The same value always gets the same id, and remembers all its origins.
    pub fn hide(&mut self, value: &[u8], origin: SecretOrigin) -> SecretId {
        let index = *self.places.entry(Sha256::digest(value).into()).or_insert_with(|| {
            self.hidden.push(Hidden { value: Zeroizing::new(value.to_vec()), origins: Vec::new() });
            self.hidden.len() - 1
        });
        if let Some(hidden) = self.hidden.get_mut(index)
            && !hidden.origins.contains(&origin)
        {
            hidden.origins.push(origin);
        }
        SecretId(format!("s{}", index + 1))
    }

    fn hidden(&self, id: &SecretId) -> Option<&Hidden> {
        let number: usize = id.0.strip_prefix('s')?.parse().ok()?;
        // One value, one spelling: where a value was put is remembered by its id.
        let is_canonical = id.0 == format!("s{number}");
        is_canonical.then(|| self.hidden.get(number.checked_sub(1)?))?
    }

    /// The value behind an id; none if there is no such id.
    #[must_use]
    pub fn resolve(&self, id: &SecretId) -> Option<&[u8]> {
        self.hidden(id).map(|hidden| hidden.value.as_slice())
    }

    /// The values that the user gave, with their ids.
    #[must_use]
    pub fn given(&self) -> Vec<(String, Zeroizing<Vec<u8>>)> {
        let given = |hidden: &Hidden| hidden.origins.iter().any(|origin| matches!(origin, SecretOrigin::Given(_)));
        let numbered = self.hidden.iter().enumerate().filter(|(_, hidden)| given(hidden));
        numbered.map(|(index, hidden)| (format!("s{}", index + 1), hidden.value.clone())).collect()
    }

    /// All values, to look for them where they must not be.
    pub fn values(&self) -> impl Iterator<Item = &[u8]> {
        self.hidden.iter().map(|hidden| hidden.value.as_slice())
    }

    /// Whether a value may be shown to the person at the terminal: one that the user gave or that was made for them, but not what
    /// is in the cluster already.
    ///
    /// # Errors
    /// [`MisplacedSecret`] if not, or if there is no such value.
    pub fn check_shown(&self, id: &SecretId) -> Result<(), MisplacedSecret> {
        let hidden = self.hidden(id).ok_or_else(|| MisplacedSecret::Unknown(id.0.clone()))?;
        let is_ours = hidden.origins.iter().any(|origin| !matches!(origin, SecretOrigin::Observed(..)));
        if is_ours { Ok(()) } else { Err(MisplacedSecret::Shown) }
    }

    /// The JSON that a phase sees instead of a value: the id, and facts that say how strong it is but not what it is. Of a value
    /// that the host drew it sees the length alone, so that what it proposes does not hang on what was drawn.
    #[must_use]
    pub fn handle(&self, id: &SecretId) -> Value {
        let value = self.resolve(id).unwrap_or_default();
        if self.hidden(id).is_some_and(|hidden| hidden.origins == [SecretOrigin::Drawn]) {
            return json!({ HANDLE: id.0, "length": value.len() });
        }
        let classes: Vec<&str> = [
            ("lower", value.iter().any(u8::is_ascii_lowercase)),
            ("upper", value.iter().any(u8::is_ascii_uppercase)),
            ("digit", value.iter().any(u8::is_ascii_digit)),
            ("other", value.iter().any(|b| !b.is_ascii_alphanumeric())),
        ]
        .into_iter()
        .filter_map(|(name, is_there)| is_there.then_some(name))
        .collect();
        let distinct = value.iter().collect::<std::collections::BTreeSet<_>>().len();
        json!({ HANDLE: id.0, "length": value.len(), "classes": classes, "distinct": distinct })
    }
}
