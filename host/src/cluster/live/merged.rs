//! The files of a kubeconfig, merged like in client-go (`client-go/tools/clientcmd/loader.go`): of each name the first entry
//! counts, and the first current context that is not empty. An entry is parsed when it is used; an unused one may be invalid.

use super::bounded;
use super::entry::{Entry, Sort};
use crate::cluster::ClusterError;
use crate::yaml;
use kubephase_core::connection::{Connection, KubeconfigSource};
use serde_json::{Map, Value};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// All entries, in the order of the files.
#[derive(Default)]
pub(super) struct Merged {
    /// The current context, if one is named, and the file that names it.
    current: Option<(Value, PathBuf)>,
    entries: Vec<(Sort, Entry)>,
}

/// The contexts of a kubeconfig.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contexts {
    /// The current context; `None` if there is none.
    pub current: Option<String>,
    /// All contexts, in the order of the files.
    pub all: Vec<String>,
}

impl Contexts {
    /// Reads the kubeconfig.
    ///
    /// # Errors
    /// [`ClusterError`] for a file that is missing or malformed.
    pub fn read(connection: &Connection) -> Result<Self, ClusterError> {
        let merged = Merged::load(&connection.kubeconfig)?;
        Ok(Self { current: merged.current()?, all: merged.names(Sort::Context) })
    }
}

/// A list of a kubeconfig.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameSort {
    /// The contexts.
    Contexts,
    /// The clusters.
    Clusters,
    /// The users.
    Users,
}

/// The names in a list of the kubeconfig, in the order of the files.
///
/// # Errors
/// [`ClusterError`] for a file that is missing or malformed.
pub fn kubeconfig_names(connection: &Connection, sort: NameSort) -> Result<Vec<String>, ClusterError> {
    let wanted = match sort {
        NameSort::Contexts => Sort::Context,
        NameSort::Clusters => Sort::Cluster,
        NameSort::Users => Sort::User,
    };
    Ok(Merged::load(&connection.kubeconfig)?.names(wanted))
}

impl Merged {
    /// Reads the files. A file in a list may be missing; one that is named must exist.
    ///
    /// # Errors
    /// [`ClusterError`] for a file that is missing, unreadable, or not a kubeconfig.
    pub(super) fn load(source: &KubeconfigSource) -> Result<Self, ClusterError> {
        let mut merged = Self::default();
        let (paths, must_exist) = match source {
            KubeconfigSource::File(path) => (std::slice::from_ref(path), true),
            KubeconfigSource::Files(paths) => (paths.as_slice(), false),
            KubeconfigSource::Member { place, text } => {
                let path = Path::new(place);
                merged.add(path, text.as_bytes()).map_err(|cause| load_error(path, &cause))?;
                return Ok(merged);
            }
        };
        for path in paths {
            match bounded::read(path) {
                Ok(bytes) => merged.add(path, &bytes).map_err(|cause| load_error(path, &cause))?,
                Err(error) if error.kind() == ErrorKind::NotFound && !must_exist => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    return Err(ClusterError::unavailable(format!("stat {}: no such file or directory", path.display())));
                }
                Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                    return Err(load_error(path, &format!("open {}: permission denied", path.display())));
                }
                Err(error) => return Err(load_error(path, &error.to_string())),
            }
        }
        Ok(merged)
    }

    /// The name of the current context; `None` if there is none.
    ///
    /// # Errors
    /// [`ClusterError`] for a name that is not a string.
    pub(super) fn current(&self) -> Result<Option<String>, ClusterError> {
        match &self.current {
            None => Ok(None),
            Some((Value::String(name), _)) => Ok(Some(name.clone())),
            Some((_, path)) => Err(load_error(path, "`current-context` is not a string; put its value in quotes")),
        }
    }

    /// The names of the entries of a kind, in the order of the files.
    fn names(&self, wanted: Sort) -> Vec<String> {
        self.entries.iter().filter(|(sort, _)| *sort == wanted).map(|(_, entry)| entry.name.clone()).collect()
    }

    /// Whether there is an entry of a kind.
    pub(super) fn has_any(&self, sort: Sort) -> bool {
        self.entries.iter().any(|(other, _)| *other == sort)
    }

    /// The entry with a name; `None` if there is none.
    ///
    /// # Errors
    /// [`ClusterError`] for a name that occurs twice in a file, and for an entry that is not an object.
    pub(super) fn find(&self, sort: Sort, name: &str) -> Result<Option<&Entry>, ClusterError> {
        let mut found = self.entries.iter().filter(|(other, entry)| *other == sort && entry.name == name).map(|(_, entry)| entry);
        let Some(first) = found.next() else { return Ok(None) };
        if found.any(|other| other.file == first.file) {
            return Err(first.odd("its name appears twice in this file", "remove one of the two"));
        }
        first.check()?;
        Ok(Some(first))
    }

    fn add(&mut self, path: &Path, bytes: &[u8]) -> Result<(), String> {
        let text = decoded(bytes).ok_or("it is neither UTF-8 nor UTF-16")?;
        // As in client-go, only the first document counts.
        let first = yaml::parse_documents(&text).map_err(|error| error.to_string())?.into_iter().next();
        let mut fields = match first {
            None | Some(Value::Null) => return Ok(()),
            Some(Value::Object(fields)) => fields,
            Some(_) => return Err("it is not a kubeconfig, which starts with `apiVersion: v1` and `kind: Config`".to_owned()),
        };
        for (name, expected) in [("kind", "Config"), ("apiVersion", "v1")] {
            match fields.get(name) {
                None | Some(Value::Null) => {}
                Some(Value::String(said)) if said.is_empty() || said == expected => {}
                Some(said) => return Err(format!("it is not a kubeconfig: `{name}` is {said}, not \"{expected}\"")),
            }
        }
        let current = fields.remove("current-context").filter(|name| !matches!(name.as_str(), Some("")) && !name.is_null());
        if self.current.is_none() {
            self.current = current.map(|name| (name, path.to_owned()));
        }
        // A pipe or a device has no folder that paths in it are relative to.
        let folder =
            if path.is_file() { std::path::absolute(path).ok().and_then(|path| Some(path.parent()?.to_owned())) } else { None };
        for sort in [Sort::Cluster, Sort::User, Sort::Context] {
            let items = match fields.remove(sort.list()) {
                None | Some(Value::Null) => continue,
                Some(Value::Array(items)) => items,
                Some(_) => return Err(format!("`{}` is not a list", sort.list())),
            };
            let items = items.into_iter().filter_map(|item| match item {
                Value::Object(fields) => Some(fields),
                Value::Null => Some(Map::new()),
                // It has no name that could be referred to.
                _ => None,
            });
            self.entries.extend(items.map(|item| (sort, Entry::of(sort, item, path, folder.as_deref()))));
        }
        Ok(())
    }
}

/// The file and the reason. The reason quotes nothing from the file, which contains credentials.
fn load_error(path: &Path, cause: &str) -> ClusterError {
    ClusterError::unavailable(format!("error loading config file \"{}\": {cause}", path.display()))
}

/// The text of a file; editors and shells on Windows add a byte order mark.
fn decoded(bytes: &[u8]) -> Option<String> {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).filter_map(|pair| pair.try_into().ok()).map(unit).collect();
        String::from_utf16(&units).ok()
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        _ => String::from_utf8(bytes.to_vec()).ok(),
    }
}
