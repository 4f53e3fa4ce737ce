//! Puts hidden values in place.

use super::{Home, SecretId, SecretOrigin, Secrets, names_a_handle, shown};
use crate::object::{Object, ObjectRef};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A secret where none is allowed, or clear text where a secret is required.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MisplacedSecret {
    /// A handle outside the data of a Secret.
    #[error("a secret is only allowed in the data of a Secret, not in `{0}`")]
    Outside(String),
    /// A handle that the host never issued.
    #[error("`{0}` is not a handle from the host")]
    Unknown(String),
    /// Data of a Secret that is neither text, base64 nor a handle.
    #[error("`{0}` is neither text nor a secret")]
    NotText(String),
    /// A clear-text value under a key that the phase may not see.
    #[error(
        "`{field}.{key}` must be a secret from the host: a phase may write in clear text only what it may see, and this key is not revealed to it"
    )]
    Clear {
        /// `data` or `stringData`.
        field: String,
        /// The key within it.
        key: String,
    },
    /// A handle under a key that is shown: to this task, to another task of the phase, or by a command of this plugin.
    #[error("`{0}` is shown in clear text to the phase or in a list of tokens, so it cannot hold a secret")]
    Revealed(String),
    /// A value from the cluster under another key: anyone allowed to see that key would see the value.
    #[error("the secret in `{path}` may only be written to `{}`, where it came from", from.join("` or `"))]
    OtherKey {
        /// The path of the field.
        path: String,
        /// The keys the value came from.
        from: Vec<String>,
    },
    /// A value that belongs to another group of Secrets.
    #[error("the secret in `{path}` may not go to {to}: it belongs to {from}")]
    OtherHome {
        /// The path of the field.
        path: String,
        /// The Secrets it belongs to.
        from: Home,
        /// The Secrets it would have gone to.
        to: Home,
    },
    /// The type of the Secret is not known for certain.
    #[error("a secret is written to an object of unknown type: set the type, or change the object as observed")]
    UnknownType,
    /// A value from the cluster in console output.
    #[error("it shows a secret of the cluster; only secrets given or generated in this run may be shown")]
    Shown,
}

/// Where the writes of one plan put secrets: a value made by the host goes to one group of Secrets only.
#[derive(Debug, Default)]
pub struct Placement(BTreeMap<SecretId, Home>);

/// The object a body is meant for, and who may see its keys.
pub struct Destination<'a> {
    /// The object.
    pub target: &'a ObjectRef,
    /// Its state before the write.
    pub before: Before<'a>,
    /// Who is shown which of its keys.
    pub shows: Shows<'a>,
}

/// Who is shown which keys of a Secret.
#[derive(Clone, Copy)]
pub struct Shows<'a> {
    /// Whether this task is shown a key, and may therefore write it in clear text.
    pub to_phase: &'a dyn Fn(&str) -> bool,
    /// Whether anyone is shown a key: this task, another task of the phase, or a user who lists tokens.
    pub to_anybody: &'a dyn Fn(&str) -> bool,
}

/// The state of an object before a write.
#[derive(Debug, Clone, Copy)]
pub enum Before<'a> {
    /// It does not exist; the write fails if it does.
    New,
    /// It is exactly this object; the write fails if it is another.
    Exactly(&'a Object),
    /// Not known, and not checked.
    Unknown,
}

impl Destination<'_> {
    /// The group of Secrets this one belongs to after the write; `None` if that is uncertain. A type in the body is certain,
    /// because the API server refuses to change it; an empty type counts as absent and leaves the type unchanged.
    fn home(&self, body: &Map<String, Value>) -> Option<Home> {
        let fields = match (body.get("type"), self.before) {
            (Some(Value::String(text)), _) if !text.is_empty() => body,
            (None, Before::Exactly(object)) => object.fields(),
            (None, Before::New) => body,
            _ => return None,
        };
        Some(shown::home(self.target, fields))
    }
}

impl Secrets {
    /// The body as the API server receives it: in a Secret, handles and `stringData` become base64 under `data`. `null` stays
    /// `null`, which removes a key in a merge patch.
    ///
    /// # Errors
    /// [`MisplacedSecret`] for a handle anywhere else or for another group of Secrets, and for a clear-text value whose key is
    /// not revealed: a phase could store a token whose secret its author knows.
    pub fn placed(
        &self,
        placement: &mut Placement,
        to: &Destination<'_>,
        body: &Map<String, Value>,
    ) -> Result<Map<String, Value>, MisplacedSecret> {
        let is_secret = to.target.of.is_secret();
        let home = to.home(body);
        let mut placed = Map::new();
        let mut data = BTreeMap::new();
        for (name, value) in body {
            match (is_secret, name.as_str(), value) {
                (true, "data" | "stringData", Value::Object(entries)) => {
                    for (key, entry) in entries {
                        let path = format!("{name}.{key}");
                        let value = match SecretId::from_handle(entry) {
                            Some(_) if (to.shows.to_anybody)(key) => return Err(MisplacedSecret::Revealed(path)),
                            Some(id) => self.placed_handle(placement, id, home.as_ref(), (key, path))?,
                            None => clear(entry, (name, key), (to.shows.to_phase)(key))?,
                        };
                        data.insert(key.clone(), value);
                    }
                }
                (true, "data" | "stringData", Value::Null) => {}
                (true, "data" | "stringData", _) => return Err(MisplacedSecret::NotText(name.clone())),
                _ => {
                    refuse_handles(value, name)?;
                    placed.insert(name.clone(), value.clone());
                }
            }
        }
        if !data.is_empty() {
            placed.insert("data".to_owned(), Value::Object(data.into_iter().collect()));
        }
        Ok(placed)
    }

    fn placed_handle(
        &self,
        placement: &mut Placement,
        id: SecretId,
        home: Option<&Home>,
        (key, path): (&str, String),
    ) -> Result<Value, MisplacedSecret> {
        let value = self.resolve(&id).ok_or_else(|| MisplacedSecret::Unknown(id.0.clone()))?;
        let text = STANDARD.encode(value);
        let home = home.ok_or(MisplacedSecret::UnknownType)?;
        self.check_home(placement, &id, home, &path)?;
        self.check_key(&id, (home, key), &path)?;
        Ok(Value::String(text))
    }

    /// A value from the cluster goes back under its own key in its own group of Secrets; equal values may have several. A value
    /// that was also given or generated is the user's to place.
    fn check_key(&self, id: &SecretId, (to, key): (&Home, &str), path: &str) -> Result<(), MisplacedSecret> {
        let origins = self.hidden(id).map(|hidden| hidden.origins.as_slice()).unwrap_or_default();
        let mut from = Vec::new();
        for origin in origins {
            match origin {
                SecretOrigin::Observed(home, known) if home == to && known == key => return Ok(()),
                SecretOrigin::Observed(home, known) if home == to => from.push(known.clone()),
                SecretOrigin::Given(home) if home == to => return Ok(()),
                SecretOrigin::Drawn => return Ok(()),
                SecretOrigin::Observed(..) | SecretOrigin::Given(_) => {}
            }
        }
        from.dedup();
        if from.is_empty() { Ok(()) } else { Err(MisplacedSecret::OtherKey { path: path.to_owned(), from }) }
    }

    /// A value goes where it belongs; one without a place yet belongs where it is first put.
    fn check_home(&self, placement: &mut Placement, id: &SecretId, to: &Home, path: &str) -> Result<(), MisplacedSecret> {
        let origins = self.hidden(id).map(|hidden| hidden.origins.as_slice()).unwrap_or_default();
        let homes = origins.iter().filter_map(|origin| match origin {
            SecretOrigin::Given(home) | SecretOrigin::Observed(home, _) => Some(home),
            SecretOrigin::Drawn => None,
        });
        let homes: Vec<&Home> = homes.collect();
        let first = placement.0.entry(id.clone()).or_insert_with(|| to.clone());
        let other = if homes.is_empty() { (first != to).then_some(&*first) } else { homes.first().copied() };
        match other {
            Some(from) if !homes.contains(&to) => {
                Err(MisplacedSecret::OtherHome { path: path.to_owned(), from: from.clone(), to: to.clone() })
            }
            _ => Ok(()),
        }
    }
}

/// A value written by the phase itself, in the encoding of its field.
fn clear(entry: &Value, (field, key): (&str, &str), is_revealed: bool) -> Result<Value, MisplacedSecret> {
    let not_text = || Err(MisplacedSecret::NotText(format!("{field}.{key}")));
    match entry {
        Value::Null => Ok(Value::Null),
        Value::String(text) if names_a_handle(text) => not_text(),
        Value::String(_) if !is_revealed => Err(MisplacedSecret::Clear { field: field.to_owned(), key: key.to_owned() }),
        Value::String(text) if field == "data" => Ok(Value::String(text.clone())),
        Value::String(text) => Ok(Value::String(STANDARD.encode(text))),
        _ => not_text(),
    }
}

/// Refuses a handle anywhere in a value, and any text that names one.
fn refuse_handles(value: &Value, path: &str) -> Result<(), MisplacedSecret> {
    let outside = || Err(MisplacedSecret::Outside(path.to_owned()));
    match value {
        Value::Object(fields) => {
            if fields.keys().any(|name| names_a_handle(name)) {
                return outside();
            }
            fields.iter().try_for_each(|(name, value)| refuse_handles(value, &format!("{path}.{name}")))
        }
        Value::Array(items) => {
            items.iter().enumerate().try_for_each(|(index, value)| refuse_handles(value, &format!("{path}[{index}]")))
        }
        Value::String(text) if names_a_handle(text) => outside(),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Home, SecretId, SecretOrigin, Secrets};
    use super::{Before, Destination, MisplacedSecret, Placement, Shows};
    use crate::name::{Namespace, ObjectName};
    use crate::object::{ApiResource, Object, ObjectRef};
    use serde_json::{Value, json};

    fn object_ref(plural: &str, kind: &str) -> ObjectRef {
        ObjectRef {
            of: ApiResource::parse("", "v1", plural, kind).unwrap(),
            namespace: Some(Namespace::parse("kube-system").unwrap()),
            name: ObjectName::parse("a").unwrap(),
        }
    }

    fn home(of_type: &str) -> Home {
        Home { namespace: object_ref("secrets", "Secret").namespace, of_type: of_type.to_owned() }
    }

    /// Places a body for a new object; `id` and `text` are revealed.
    fn place(
        secrets: &Secrets,
        (plural, kind): (&str, &str),
        body: &Value,
        before: Before<'_>,
    ) -> Result<Value, MisplacedSecret> {
        let target = object_ref(plural, kind);
        let is_shown = |key: &str| key == "id" || key == "text";
        let shows = Shows { to_phase: &is_shown, to_anybody: &|key| is_shown(key) || key == "description" };
        let to = Destination { target: &target, before, shows };
        secrets.placed(&mut Placement::default(), &to, body.as_object().unwrap()).map(Value::Object)
    }

    const SECRET: (&str, &str) = ("secrets", "Secret");

    #[test]
    fn handles_are_placed_in_secrets_only() {
        let mut secrets = Secrets::default();
        let handle = json!({ "$secret": secrets.hide(b"secret", SecretOrigin::Drawn).as_str() });
        let place = |kind, body: Value| place(&secrets, kind, &body, Before::New);
        let body = json!({ "stringData": { "key": handle, "text": "abc" }, "data": { "gone": null, "id": "YQ==" } });
        let expected = json!({ "data": { "key": "c2VjcmV0", "text": "YWJj", "gone": null, "id": "YQ==" } });
        assert_eq!(place(SECRET, body), Ok(expected));
        let outside = |path: &str| Err(MisplacedSecret::Outside(path.to_owned()));
        let config_map = ("configmaps", "ConfigMap");
        assert_eq!(place(config_map, json!({ "data": { "key": handle } })), outside("data.key"));
        assert_eq!(place(config_map, json!({ "data": { "key": handle.to_string() } })), outside("data.key"));
        assert_eq!(place(config_map, json!({ "data": { handle.to_string(): "" } })), outside("data"));
        assert_eq!(
            place(SECRET, json!({ "metadata": { "annotations": { "a": [handle] } } })),
            outside("metadata.annotations.a[0]")
        );
        let unknown = json!({ "data": { "key": { "$secret": "s2" } } });
        assert_eq!(place(SECRET, unknown), Err(MisplacedSecret::Unknown("s2".to_owned())));
        for wrong in [json!({ "data": { "id": { "a": handle } } }), json!({ "stringData": { "id": handle.to_string() } })] {
            assert!(matches!(place(SECRET, wrong), Err(MisplacedSecret::NotText(_))));
        }
    }

    #[test]
    fn a_phase_writes_in_clear_only_what_it_may_see_and_nothing_else_there() {
        let mut secrets = Secrets::default();
        let handle = json!({ "$secret": secrets.hide(b"secret", SecretOrigin::Drawn).as_str() });
        let revealed = super::tests::place(&secrets, SECRET, &json!({ "stringData": { "id": handle } }), Before::New);
        assert_eq!(revealed, Err(MisplacedSecret::Revealed("stringData.id".to_owned())));
        let place = |body: Value| place(&Secrets::default(), SECRET, &body, Before::New);
        for path in ["data", "stringData"] {
            let clear = MisplacedSecret::Clear { field: path.to_owned(), key: "token-secret".to_owned() };
            assert_eq!(place(json!({ path: { "token-secret": "MDEyMzQ1Njc4OWFiY2RlZg==" } })), Err(clear));
        }
        assert_eq!(place(json!({ "stringData": "x" })), Err(MisplacedSecret::NotText("stringData".to_owned())));
    }

    #[test]
    fn a_value_stays_with_its_sort_of_secrets() {
        let mut secrets = Secrets::default();
        let found = json!({ "type": "t" });
        let found = Object::new(found.as_object().unwrap().clone());
        let drawn = json!({ "$secret": secrets.hide(b"drawn", SecretOrigin::Drawn).as_str() });
        let seen = json!({ "$secret": secrets.hide(b"seen", SecretOrigin::Observed(home("t"), "a".to_owned())).as_str() });
        let body = |of_type: Option<&str>, value: &Value| {
            of_type
                .map_or_else(|| json!({ "data": { "a": value } }), |of_type| json!({ "type": of_type, "data": { "a": value } }))
        };
        for (value, of_type, before, is_right) in [
            (&drawn, Some("t"), Before::New, true),
            (&drawn, None, Before::New, true),
            (&drawn, None, Before::Unknown, false),
            (&seen, Some("t"), Before::New, true),
            (&seen, None, Before::Exactly(&found), true),
            (&seen, None, Before::Unknown, false),
            (&seen, None, Before::New, false),
            (&seen, Some("Opaque"), Before::New, false),
            (&drawn, Some(""), Before::Exactly(&found), false),
            (&seen, Some(""), Before::Exactly(&found), false),
            (&drawn, Some(""), Before::New, false),
            (&seen, Some("Opaque"), Before::Exactly(&found), false),
        ] {
            assert_eq!(
                place(&secrets, SECRET, &body(of_type, value), before).is_ok(),
                is_right,
                "{value} {of_type:?} {before:?}"
            );
        }
        // The same generated value in two groups, the second one readable by others.
        let target = object_ref("secrets", "Secret");
        let shows = Shows { to_phase: &|_| false, to_anybody: &|_| false };
        let to = Destination { target: &target, before: Before::New, shows };
        let mut placement = Placement::default();
        let mut place = |of_type| secrets.placed(&mut placement, &to, body(Some(of_type), &drawn).as_object().unwrap()).is_ok();
        assert_eq!([place("t"), place("t"), place("Opaque")], [true, true, false]);
        // Another spelling of its id does not make it another value.
        for id in ["s01", "s+1", "s1 "] {
            assert_eq!(secrets.resolve(&SecretId::named(id)), None, "{id}");
        }
    }

    #[test]
    fn a_value_goes_under_no_key_that_shows_it() {
        let mut secrets = Secrets::default();
        let seen = json!({ "$secret": secrets.hide(b"seen", SecretOrigin::Observed(home("t"), "a".to_owned())).as_str() });
        let drawn = json!({ "$secret": secrets.hide(b"drawn", SecretOrigin::Drawn).as_str() });
        let given = json!({ "$secret": secrets.hide(b"given", SecretOrigin::Given(home("t"))).as_str() });
        for (value, key, is_right) in [
            (&seen, "a", true),
            (&seen, "b", false),
            // `description` is shown by another task only.
            (&seen, "description", false),
            (&seen, "id", false),
            (&drawn, "b", true),
            (&drawn, "description", false),
            (&given, "b", true),
            (&given, "description", false),
            (&given, "text", false),
        ] {
            for field in ["data", "stringData"] {
                let body = json!({ "type": "t", field: { key: value } });
                assert_eq!(place(&secrets, SECRET, &body, Before::New).is_ok(), is_right, "{value} {field}.{key}");
            }
        }
        // An equal value in another group of Secrets does not lend its key.
        let origins = [("t", "a"), ("u", "b")].map(|(of_type, key)| SecretOrigin::Observed(home(of_type), key.to_owned()));
        let ids = origins.map(|origin| secrets.hide(b"equal", origin));
        for (of_type, key, is_right) in [("t", "a", true), ("u", "b", true), ("t", "b", false), ("u", "a", false)] {
            let body = json!({ "type": of_type, "data": { key: { "$secret": ids[0].as_str() } } });
            assert_eq!(place(&secrets, SECRET, &body, Before::New).is_ok(), is_right, "{of_type} {key}");
        }
    }

    #[test]
    fn what_is_in_the_cluster_is_shown_to_nobody() {
        let mut secrets = Secrets::default();
        let seen = secrets.hide(b"seen", SecretOrigin::Observed(home("t"), "a".to_owned()));
        assert_eq!(secrets.check_shown(&seen), Err(MisplacedSecret::Shown));
        secrets.hide(b"seen", SecretOrigin::Given(home("t")));
        assert_eq!(secrets.check_shown(&seen), Ok(()));
    }
}
