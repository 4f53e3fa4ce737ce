//! An entry of a kubeconfig, parsed field by field as it is used. Errors name the file, the entry, and the correction.

use super::bounded;
use crate::cluster::ClusterError;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// The kind of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// A server and its certificate authority.
    Cluster,
    /// Credentials.
    User,
    /// A cluster and a user.
    Context,
}

impl Sort {
    /// The name of the list with entries of this kind.
    pub(super) const fn list(self) -> &'static str {
        match self {
            Self::Cluster => "clusters",
            Self::User => "users",
            Self::Context => "contexts",
        }
    }

    /// The field with the content of an entry, which is also its name in messages.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Cluster => "cluster",
            Self::User => "user",
            Self::Context => "context",
        }
    }

    /// kubectl's command that changes such an entry.
    const fn command(self) -> &'static str {
        match self {
            Self::Cluster => "set-cluster",
            Self::User => "set-credentials",
            Self::Context => "set-context",
        }
    }
}

/// An entry of a kubeconfig.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    sort: Sort,
    /// The name of the entry, which may be empty.
    pub(super) name: String,
    /// The file that contains it; `None` if it was not found.
    pub(super) file: Option<PathBuf>,
    folder: Option<PathBuf>,
    fields: Map<String, Value>,
    flaw: Option<&'static str>,
}

/// PEM, with its origin, and how to correct it.
#[derive(Clone)]
pub(super) struct Pem {
    /// The bytes of the PEM text.
    pub(super) bytes: Vec<u8>,
    /// Its origin, for messages.
    pub(super) from: String,
    /// How to correct it, for messages.
    pub(super) cure: String,
}

impl Entry {
    /// An entry from an item of a list.
    pub(super) fn of(sort: Sort, mut item: Map<String, Value>, file: &Path, folder: Option<&Path>) -> Self {
        let (name, flaw) = match item.remove("name") {
            None | Some(Value::Null) => (String::new(), None),
            Some(Value::String(name)) => (name, None),
            Some(name) => (name.to_string(), Some("its name is not a string; put it in quotes")),
        };
        let (fields, odd) = match item.remove(sort.word()) {
            None | Some(Value::Null) => (Map::new(), None),
            Some(Value::Object(fields)) => (fields, None),
            Some(_) => (Map::new(), Some("its content is not an object")),
        };
        Self { sort, name, file: Some(file.to_owned()), folder: folder.map(Path::to_owned), fields, flaw: flaw.or(odd) }
    }

    /// An entry that does not exist.
    pub(super) fn empty(sort: Sort) -> Self {
        Self { sort, name: String::new(), file: None, folder: None, fields: Map::new(), flaw: None }
    }

    /// A part of this entry, whose fields are read in the same way.
    pub(super) fn part(&self, field: &str) -> Result<Option<Self>, ClusterError> {
        match self.fields.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(fields)) => Ok(Some(Self { fields: fields.clone(), ..self.clone() })),
            Some(_) => Err(self.odd(format!("`{field}` is not an object"), "write its fields indented below it")),
        }
    }

    /// # Errors
    /// [`ClusterError`] for an entry whose name or content is unusable.
    pub(super) fn check(&self) -> Result<(), ClusterError> {
        self.flaw.map_or(Ok(()), |flaw| Err(self.odd(flaw, "edit the file")))
    }

    /// The error for an invalid entry: the file, the entry, what is wrong, and how to correct it.
    pub(super) fn odd(&self, what: impl std::fmt::Display, cure: impl std::fmt::Display) -> ClusterError {
        ClusterError::unavailable(format!("{}: {what}; {cure}", self.place()))
    }

    /// The entry and its file, for messages.
    pub(super) fn place(&self) -> String {
        match &self.file {
            Some(file) => format!("the {} \"{}\" in {}", self.sort.word(), self.name, file.display()),
            None => format!("the {} of this command", self.sort.word()),
        }
    }

    /// kubectl's command that changes this entry.
    pub(super) fn command(&self, flags: &[&str]) -> String {
        self.joined(["config", self.sort.command(), &self.name].into_iter().chain(flags.iter().copied()))
    }

    fn joined<'a>(&self, words: impl Iterator<Item = &'a str>) -> String {
        let file = self.file.as_ref().map(|file| file.to_string_lossy());
        let mut all: Vec<&str> = ["kubectl"].into_iter().chain(words).collect();
        all.extend(file.as_deref().iter().flat_map(|file| ["--kubeconfig", file]));
        // An argument cannot contain NUL.
        shlex::try_join(all).unwrap_or_default()
    }

    /// kubectl's command that removes a field from this entry.
    pub(super) fn unset(&self, field: &str) -> String {
        let path = format!("{}.{}.{field}", self.sort.list(), self.name);
        self.joined(["config", "unset", &path].into_iter())
    }

    /// A string; `None` if it is absent or empty.
    pub(super) fn text(&self, field: &str) -> Result<Option<String>, ClusterError> {
        match self.fields.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(self.odd(format!("`{field}` is not a string"), "put its value in quotes")),
        }
    }

    /// A boolean; false if it is absent.
    pub(super) fn flag(&self, field: &str) -> Result<bool, ClusterError> {
        match self.fields.get(field) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(self.odd(format!("`{field}` is neither true nor false"), "write one of them, without quotes")),
        }
    }

    /// A path, relative to the folder of the file.
    pub(super) fn path(&self, field: &str) -> Result<Option<PathBuf>, ClusterError> {
        Ok(self.text(field)?.map(|path| self.resolved(Path::new(&path))))
    }

    /// A path in this entry, relative to the folder of the file.
    pub(super) fn resolved(&self, path: &Path) -> PathBuf {
        self.folder.as_ref().map_or_else(|| path.to_owned(), |folder| folder.join(path))
    }

    /// The items of a list.
    pub(super) fn items(&self, field: &str) -> Result<&[Value], ClusterError> {
        match self.fields.get(field) {
            None | Some(Value::Null) => Ok(&[]),
            Some(Value::Array(items)) => Ok(items),
            Some(_) => Err(self.odd(format!("`{field}` is not a list"), "write its values as a list")),
        }
    }

    /// The strings of a list.
    pub(super) fn texts(&self, field: &str) -> Result<Vec<String>, ClusterError> {
        let text = |item: &Value| match item {
            Value::Null => Ok(String::new()),
            Value::String(text) => Ok(text.clone()),
            _ => Err(self.odd(format!("a value of `{field}` is not a string"), "put it in quotes")),
        };
        self.items(field)?.iter().map(text).collect()
    }

    /// The lists of strings by key.
    pub(super) fn lists(&self, field: &str) -> Result<Vec<(String, Vec<String>)>, ClusterError> {
        let Some(part) = self.part(field)? else { return Ok(Vec::new()) };
        part.fields.keys().map(|key| Ok((key.clone(), part.texts(key)?))).collect()
    }

    /// Base64 data, which may contain line breaks, as Go's decoder allows.
    fn data(&self, field: &str) -> Result<Option<Vec<u8>>, ClusterError> {
        let Some(text) = self.text(field)? else { return Ok(None) };
        let joined = zeroize::Zeroizing::new(text.replace(['\r', '\n'], ""));
        let decoded = STANDARD.decode(joined.as_bytes()).map_err(|_| {
            self.odd(format!("`{field}` is not base64"), "set it to the output of `base64 -w0 FILE`, where FILE is the PEM file")
        })?;
        Ok(Some(decoded).filter(|decoded| !decoded.is_empty()))
    }

    /// PEM from one of two fields, as base64 or as the path of a file.
    ///
    /// # Errors
    /// [`ClusterError`] if both are set, like in kubectl, or if a file cannot be read.
    pub(super) fn pem(&self, field: &str, cure: &[&str]) -> Result<Option<Pem>, ClusterError> {
        let data_field = format!("{field}-data");
        let cure = format!("set it with `{}`", self.command(cure));
        match (self.data(&data_field)?, self.path(field)?) {
            (None, None) => Ok(None),
            (Some(bytes), None) => Ok(Some(Pem { bytes, from: format!("`{data_field}` of {}", self.place()), cure })),
            (None, Some(path)) => {
                let bytes = bounded::read(&path)
                    .map_err(|error| self.odd(format!("unable to read {field} {}: {error}", path.display()), &cure))?;
                Ok(Some(Pem { bytes, from: format!("{} of {}", path.display(), self.place()), cure }))
            }
            (Some(_), Some(_)) => Err(self
                .odd(format!("{data_field} and {field} are both specified"), format!("remove one with `{}`", self.unset(field)))),
        }
    }
}

impl Pem {
    /// PEM in a file that a flag names.
    pub(super) fn of_flag(flag: &str, path: &Path) -> Result<Self, ClusterError> {
        let bytes = bounded::read(path)
            .map_err(|error| ClusterError::unavailable(format!("unable to read {flag} {}: {error}", path.display())))?;
        Ok(Self { bytes, from: format!("{} of --{flag}", path.display()), cure: format!("pass another file with --{flag}") })
    }

    /// PEM from a credential plugin.
    pub(super) fn of_plugin(text: &str) -> Self {
        let (from, cure) = ("what the credential plugin printed".to_owned(), "run it on its own to see its output".to_owned());
        Self { bytes: text.as_bytes().to_vec(), from, cure }
    }

    /// PEM that the host generated.
    pub(super) fn of_ours(text: &str) -> Self {
        let (from, cure) = ("the certificate of this command".to_owned(), "run it again".to_owned());
        Self { bytes: text.as_bytes().to_vec(), from, cure }
    }

    /// The error for unusable PEM.
    pub(super) fn odd(&self, what: impl std::fmt::Display) -> ClusterError {
        ClusterError::unavailable(format!("{}: {what}; {}", self.from, self.cure))
    }
}
