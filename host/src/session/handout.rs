//! Where a token is handed out: a file, or a Secret of the cluster. What is there is read by the same readers as `check` has for it.

use super::own::{OwnRead, apply_each, read_each};
use crate::config::file::read_handed_out;
use crate::config::machine::of_user_data;
use crate::config::{Against, HandoutPlace};
use crate::errors::Error;
use crate::render::terminal::Printer;
use crate::store::{try_write, write_private};
use crate::yaml;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use kubephase_core::bootstrap_token::datum;
use kubephase_core::connection::Connection;
use kubephase_core::format::JoinForm;
use kubephase_core::join::Token;
use kubephase_core::name::NamespacedName;
use kubephase_core::object::{Object, ObjectRef, secrets};
use kubephase_core::permission::{Access, AccessSort, Pattern, Permission, PermissionScope, Permissions};
use kubephase_core::selector::Selector;
use kubephase_core::write::WriteMode;
use serde_json::json;
use zeroize::Zeroizing;

/// A place, and how to reach it.
pub(crate) struct Handout<'a> {
    pub(crate) place: &'a HandoutPlace,
    pub(crate) form: JoinForm,
    pub(crate) connection: &'a Connection,
    /// How many bytes of an answer are read.
    pub(crate) most_bytes: u64,
}

impl Handout<'_> {
    /// What machines are given now; `None` if there is nothing yet.
    ///
    /// # Errors
    /// [`Error`] if it cannot be read.
    pub(crate) fn read(&self, printer: &Printer<'_>) -> Result<Option<Zeroizing<String>>, Error> {
        match self.place {
            HandoutPlace::File(path) => Ok(read_handed_out(path)?),
            HandoutPlace::Secret(name) => {
                let mut found: Vec<Object> = Vec::new();
                let permissions = own_secret(name);
                let (selector, most_bytes) = (Selector::One(target(name)), self.most_bytes);
                let read = OwnRead { what: "--to", permissions: &permissions, selector, most_bytes, turns: None };
                read_each(self.connection, &Against::Live, read, &mut found, printer)?;
                Ok(found.first().and_then(|secret| datum(secret, self.form.name())))
            }
        }
    }

    /// Whether it could be written, as far as that can be told before there is something to write.
    ///
    /// # Errors
    /// [`Error::Save`] if not.
    pub(crate) fn try_write(&self, printer: &Printer<'_>) -> Result<(), Error> {
        match self.place {
            HandoutPlace::File(path) => try_write(path).map_err(|source| Error::Save { path: path.clone(), source }),
            // The server checks rights, the owners of fields, and whether it can be changed at all.
            HandoutPlace::Secret(name) => self.apply(name, "…", WriteMode::DryRun, printer),
        }
    }

    /// Gives machines another text: a file that its owner alone may read, or a key of a Secret. There the keys of others are left
    /// alone, and one of ours in another form goes.
    ///
    /// # Errors
    /// [`Error`] if it cannot be written.
    pub(crate) fn write(&self, text: &str, printer: &Printer<'_>) -> Result<(), Error> {
        match self.place {
            HandoutPlace::File(path) => write_private(path, text).map_err(|source| Error::Save { path: path.clone(), source }),
            HandoutPlace::Secret(name) => self.apply(name, text, WriteMode::Real, printer),
        }
    }

    fn apply(&self, name: &NamespacedName, text: &str, mode: WriteMode, printer: &Printer<'_>) -> Result<(), Error> {
        let body = json!({
            "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
            "metadata": { "name": name.name.as_str(), "namespace": name.namespace.as_str() },
            "data": { self.form.name(): STANDARD.encode(text) },
        });
        let objects = vec![(target(name), body.as_object().cloned().unwrap_or_default())];
        let results = apply_each(self.connection, objects, (self.most_bytes, mode), printer)?;
        results.into_iter().collect::<Result<(), _>>().map_err(|error| Error::Cluster(vec![error]))
    }
}

impl std::fmt::Display for Handout<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.place {
            HandoutPlace::File(path) => write!(f, "the file `{}`", path.display()),
            HandoutPlace::Secret(name) => {
                write!(f, "the key `{}` of the Secret {}/{}", self.form.name(), name.namespace, name.name)
            }
        }
    }
}

/// The id of the token in what machines are given; `None` if no join is in it.
pub(crate) fn id_in(text: &str) -> Option<String> {
    let of_kubeconfig = || {
        let kubeconfig = yaml::parse_document(text).ok()?;
        let user = kubeconfig.get("users")?.as_array()?.first()?.get("user")?;
        Token::parse(user.get("token")?.as_str()?)
    };
    let token = of_user_data(text.as_bytes()).ok().map(|(join, _)| join.login).or_else(of_kubeconfig)?;
    Some(token.id().to_owned())
}

fn target(name: &NamespacedName) -> ObjectRef {
    ObjectRef { of: secrets(), namespace: Some(name.namespace.clone()), name: name.name.clone() }
}

/// The host's own permission to read the one Secret that the operator named.
fn own_secret(name: &NamespacedName) -> Permissions {
    Permissions(vec![Permission {
        access: vec![Access::Read],
        of: target(name).of,
        place: PermissionScope::Namespace(name.namespace.clone()),
        names: Pattern::parse_name(name.name.as_str(), AccessSort::Named).into_iter().collect(),
        reveal: Vec::new(),
        reason: String::new(),
    }])
}
