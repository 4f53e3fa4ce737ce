//! A bootstrap token and its Secret (kubeadm's `app/apis/bootstraptoken/v1/utils.go`).

use crate::abi::{Failure, ObjectRef, Part, RandomRequest, RandomValue};
use crate::desired::{Desired, Existing};
use crate::handle::Text;
use crate::input::{GivenToken, TokenSpec};
use crate::kind::{KUBE_SYSTEM, Kind};
use crate::observed::Observed;
use alloc::{borrow::ToOwned, collections::BTreeMap, format, string::String, vec::Vec};
use serde_json::{Map, Value, json};

/// The type of token Secrets.
pub const SECRET_TYPE: &str = "bootstrap.kubernetes.io/token";
/// The start of the name of a token Secret; the id follows.
pub const SECRET_PREFIX: &str = "bootstrap-token-";
/// The key of the secret half, which the phase never sees.
pub const SECRET_KEY: &str = "token-secret";
/// The characters that tokens are made of.
const ALPHABET: &str = "0123456789abcdefghijklmnopqrstuvwxyz";

/// The Secret of the token with this id.
#[must_use]
pub fn secret_of(id: &str) -> ObjectRef {
    Kind::Secret.object(KUBE_SYSTEM, &format!("{SECRET_PREFIX}{id}"))
}

/// The random strings for the two halves of a generated token. `index` tells the tokens of one request apart.
fn random_requests(index: usize) -> [RandomRequest; 2] {
    let id = RandomRequest { name: format!("token-{index}-id"), alphabet: ALPHABET.to_owned(), length: 6, secret: false };
    [id, secret_half(&format!("token-{index}-secret"))]
}

/// The random string for a secret half.
#[must_use]
pub fn secret_half(name: &str) -> RandomRequest {
    RandomRequest { name: name.to_owned(), alphabet: ALPHABET.to_owned(), length: 16, secret: true }
}

/// The random strings for all tokens that are to be generated.
#[must_use]
pub fn all_random_requests(tokens: &[TokenSpec]) -> Vec<RandomRequest> {
    let generated = tokens.iter().enumerate().filter(|(_, token)| token.given.is_none());
    generated.flat_map(|(index, _)| random_requests(index)).collect()
}

/// The Secrets of the tokens whose ids are known: given, or drawn already.
#[must_use]
pub fn known_secrets(tokens: &[TokenSpec], drawn: &[RandomValue]) -> Vec<ObjectRef> {
    let known = tokens.iter().enumerate().filter_map(|(index, token)| halves(token, index, drawn));
    known.map(|halves| secret_of(&halves.id)).collect()
}

/// The tokens, each with both halves.
///
/// # Errors
/// [`Failure::Other`] if a half that is to be generated was not drawn.
pub fn with_halves<'a>(tokens: &'a [TokenSpec], drawn: &[RandomValue]) -> Result<Vec<(&'a TokenSpec, GivenToken)>, Failure> {
    let with_halves = tokens.iter().enumerate().map(|(index, token)| {
        let missing = || Failure::Other("the random strings for a generated token are missing".to_owned());
        halves(token, index, drawn).map(|halves| (token, halves)).ok_or_else(missing)
    });
    with_halves.collect()
}

/// A text followed by a token.
#[must_use]
pub fn parts(before: &str, halves: &GivenToken) -> [Part; 2] {
    let text = Part::Text(format!("{before}{}.", halves.id));
    match &halves.secret {
        Text::Clear(secret) => [text, Part::Text(secret.clone())],
        Text::Hidden(id) => [text, Part::Secret(id.clone())],
    }
}

/// The halves of a token: given, or drawn. Returns `None` if they were to be drawn and were not.
fn halves(token: &TokenSpec, index: usize, drawn: &[RandomValue]) -> Option<GivenToken> {
    if let Some(given) = &token.given {
        return Some(given.clone());
    }
    let [id, secret] = random_requests(index);
    let value = |name: &str| drawn.iter().find(|value| value.name == name).map(|value| value.value.clone());
    Some(GivenToken { id: value(&id.name)?, secret: Text::Hidden(value(&secret.name)?) })
}

/// The desired Secret.
#[must_use]
pub fn desired_secret(token: &TokenSpec, halves: &GivenToken, observed: &Observed) -> Desired {
    let target = secret_of(&halves.id);
    let wanted = secret_data(token, halves);
    let existing = Existing::Patch(observed.get(&target).map_or(Value::Null, |found| patch(found, &wanted)));
    let data: Map<String, Value> = wanted.iter().map(|(key, text)| (key.clone(), text.to_json())).collect();
    let mut fields = Map::new();
    fields.insert("type".to_owned(), json!(SECRET_TYPE));
    fields.insert("stringData".to_owned(), Value::Object(data));
    let reason = format!("bootstrap token `{}`", halves.id);
    Desired { kind: Kind::Secret, target, fields, labels: Vec::new(), existing, after: Vec::new(), reason }
}

/// Refuses a generated token whose id another token has.
///
/// # Errors
/// [`Failure::Other`] if there is such a token.
pub fn refuse_taken(tokens: &[(&TokenSpec, GivenToken)], observed: &Observed) -> Result<(), Failure> {
    match tokens.iter().find(|(token, halves)| is_taken(token, halves, observed)) {
        Some((_, halves)) => {
            Err(Failure::Other(format!("token id `{}` was generated but is already in use; try again", halves.id)))
        }
        None => Ok(()),
    }
}

/// Whether the id of a generated token is stored with another secret half. With the same half it is ours, from an earlier
/// attempt.
fn is_taken(token: &TokenSpec, halves: &GivenToken, observed: &Observed) -> bool {
    let is_other = |found: &Value| {
        let secret = found.get("data").and_then(|data| data.get(SECRET_KEY)).and_then(Text::from_json);
        secret.as_ref() != Some(&halves.secret)
    };
    token.given.is_none() && observed.get(&secret_of(&halves.id)).is_some_and(is_other)
}

fn secret_data(token: &TokenSpec, halves: &GivenToken) -> BTreeMap<String, Text> {
    let mut data = BTreeMap::new();
    let mut put = |key: &str, text: Text| data.insert(key.to_owned(), text);
    put("token-id", Text::Clear(halves.id.clone()));
    put(SECRET_KEY, halves.secret.clone());
    if !token.description.is_empty() {
        put("description", Text::Clear(token.description.clone()));
    }
    if let Some(expiration) = &token.expiration {
        put("expiration", Text::Clear(expiration.clone()));
    }
    for usage in &token.usages {
        put(&format!("usage-bootstrap-{usage}"), Text::Clear("true".to_owned()));
    }
    put("auth-extra-groups", Text::Clear(token.groups.join(",")));
    data
}

/// The patch for a Secret as the host shows it: values in clear text under `stringData`, handles under `data`. Other keys are
/// removed, since each of them changes what the token may do.
fn patch(found: &Value, wanted: &BTreeMap<String, Text>) -> Value {
    let empty = Map::new();
    let part = |name: &str| found.get(name).and_then(Value::as_object).unwrap_or(&empty);
    let present: BTreeMap<&String, Option<Text>> =
        part("data").iter().chain(part("stringData")).map(|(key, value)| (key, Text::from_json(value))).collect();
    let mut set = Map::new();
    for (key, text) in wanted {
        if present.get(key) != Some(&Some(text.clone())) {
            set.insert(key.clone(), text.to_json());
        }
    }
    let remove: Map<String, Value> =
        present.keys().filter(|key| !wanted.contains_key(**key)).map(|key| ((*key).clone(), Value::Null)).collect();
    let mut patch = Map::new();
    for (name, changes) in [("stringData", set), ("data", remove)] {
        if !changes.is_empty() {
            patch.insert(name.to_owned(), Value::Object(changes));
        }
    }
    if found.get("type").and_then(Value::as_str) != Some(SECRET_TYPE) {
        // The API server refuses to change the type. Its error is better than a token that silently does nothing.
        patch.insert("type".to_owned(), json!(SECRET_TYPE));
    }
    Value::Object(patch)
}
