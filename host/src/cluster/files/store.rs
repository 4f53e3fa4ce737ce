//! The files of a folder and the objects in them.
#![expect(clippy::disallowed_types, reason = "the one place that reads and writes manifests")]

use super::yaml;
use crate::cluster::ClusterError;
use kubephase_core::name::Namespace;
use kubephase_core::object::{ApiResource, ObjectRef};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

/// More than this is not a folder of manifests but a mistake.
const MOST_FILES: usize = 10_000;
/// No manifest is larger: the API server takes 3 MiB.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// A folder of manifests, or none.
pub struct Folder {
    root: Option<PathBuf>,
    /// The documents of each file, in order.
    files: BTreeMap<PathBuf, Vec<Value>>,
}

/// Where an object stands.
#[derive(Debug, Clone)]
pub(super) struct Place {
    file: PathBuf,
    document: usize,
    /// The item, if the document is a list.
    item: Option<usize>,
}

impl Folder {
    /// No objects, and no place for any.
    #[must_use]
    pub const fn empty() -> Self {
        Self { root: None, files: BTreeMap::new() }
    }

    /// Reads a folder.
    ///
    /// # Errors
    /// [`ClusterError`] if it is not a folder, if a file cannot be read or is not YAML, and if there is too much of it.
    pub fn open(root: &Path) -> Result<Self, ClusterError> {
        let mut paths = Vec::new();
        collect(root, &mut paths)?;
        let mut files = BTreeMap::new();
        for path in paths {
            let documents = read(&path)?;
            files.insert(path, documents);
        }
        Ok(Self { root: Some(root.to_owned()), files })
    }

    fn objects(&self) -> impl Iterator<Item = (Place, &Map<String, Value>)> {
        self.files.iter().flat_map(|(file, documents)| {
            documents.iter().enumerate().flat_map(move |(document, value)| {
                let place = move |item| Place { file: file.clone(), document, item };
                let items = value.get("items").and_then(Value::as_array).filter(|_| is_list(value));
                let nested = items.into_iter().flatten().enumerate();
                let nested = nested.filter_map(move |(item, value)| Some((place(Some(item)), value.as_object()?)));
                let single = value.as_object().filter(|_| !is_list(value)).map(|fields| (place(None), fields));
                single.into_iter().chain(nested)
            })
        })
    }

    pub(super) fn find(&self, target: &ObjectRef) -> Option<(Place, &Map<String, Value>)> {
        self.objects().find(|(_, fields)| {
            let is_there = metadata(fields, "namespace") == target.namespace.as_ref().map(Namespace::as_str);
            is_of(fields, &target.of) && is_there && metadata(fields, "name") == Some(target.name.as_str())
        })
    }

    pub(super) fn all(&self, of: &ApiResource, namespace: Option<&Namespace>) -> impl Iterator<Item = &Map<String, Value>> {
        let is_there = move |fields: &Map<String, Value>| {
            namespace.is_none() || metadata(fields, "namespace") == namespace.map(Namespace::as_str)
        };
        self.objects().map(|(_, fields)| fields).filter(move |fields| is_of(fields, of) && is_there(fields))
    }

    /// Puts an object where another one was.
    pub(super) fn replace(&mut self, place: &Place, fields: Map<String, Value>) -> Result<(), ClusterError> {
        if let Some(slot) = self.slot(place) {
            *slot = Value::Object(fields);
        }
        self.save(&place.file)
    }

    /// Takes an object away, and its file if nothing else is in it.
    pub(super) fn remove(&mut self, place: &Place) -> Result<(), ClusterError> {
        let documents = self.files.entry(place.file.clone()).or_default();
        match place.item {
            None => {
                documents.remove(place.document);
            }
            Some(item) => {
                let list = documents.get_mut(place.document).and_then(|list| list.get_mut("items"));
                if let Some(items) = list.and_then(Value::as_array_mut) {
                    items.remove(item);
                }
            }
        }
        if documents.is_empty() {
            self.files.remove(&place.file);
            return fs::remove_file(&place.file).map_err(|error| failed("remove", &place.file, &error));
        }
        self.save(&place.file)
    }

    /// Puts an object into a new file, named after it.
    pub(super) fn add(&mut self, target: &ObjectRef, fields: Map<String, Value>) -> Result<(), ClusterError> {
        let Some(root) = &self.root else {
            return Err(ClusterError::unavailable("there is nothing to write to with `--against empty`"));
        };
        // A colon cannot stand in a file name everywhere.
        let name = target.name.as_str().replace(':', "-");
        let namespace = target.namespace.as_ref().map(|namespace| format!("{namespace}.")).unwrap_or_default();
        let stem = format!("{namespace}{}.{name}", target.of.kind().to_lowercase());
        let candidates = std::iter::once(format!("{stem}.yaml")).chain((2..).map(|number| format!("{stem}-{number}.yaml")));
        let mut paths = candidates.map(|name| root.join(name));
        let Some(file) = paths.find(|path| !self.files.contains_key(path) && !path.exists()) else { return Ok(()) };
        self.files.insert(file.clone(), vec![Value::Object(fields)]);
        self.save(&file)
    }

    fn slot(&mut self, place: &Place) -> Option<&mut Value> {
        let document = self.files.get_mut(&place.file)?.get_mut(place.document)?;
        match place.item {
            None => Some(document),
            Some(item) => document.get_mut("items")?.get_mut(item),
        }
    }

    /// Writes a file as a whole or not at all.
    fn save(&self, path: &Path) -> Result<(), ClusterError> {
        let documents = self.files.get(path).map(Vec::as_slice).unwrap_or_default();
        let is_json = path.extension().is_some_and(|extension| extension == "json");
        let text = match documents {
            [single] if is_json => serde_json::to_string_pretty(single).unwrap_or_default() + "\n",
            several => yaml::write_documents(several),
        };
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        let write = || {
            // Readable by the owner alone, unless the file was there: it may hold a Secret.
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            file.write_all(text.as_bytes())?;
            if let Ok(present) = fs::metadata(path) {
                file.as_file().set_permissions(present.permissions())?;
            }
            file.as_file().sync_all()?;
            file.persist(path).map_err(|error| error.error)
        };
        write().map(drop).map_err(|error| failed("write", path, &error))
    }
}

fn failed(verb: &str, path: &Path, error: &std::io::Error) -> ClusterError {
    ClusterError::unavailable(format!("cannot {verb} `{}`: {error}", path.display()))
}

/// All manifests below a folder, without hidden files and without following links to folders.
fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), ClusterError> {
    let error = |error: std::io::Error| failed("read folder", folder, &error);
    for entry in fs::read_dir(folder).map_err(error)? {
        let entry = entry.map_err(error)?;
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if entry.file_type().map_err(error)?.is_dir() {
            collect(&path, paths)?;
        } else if path.extension().is_some_and(|extension| ["yaml", "yml", "json"].iter().any(|known| extension == *known)) {
            paths.push(path);
        }
        if paths.len() > MOST_FILES {
            return Err(ClusterError::unavailable(format!("more than {MOST_FILES} manifests in `{}`", folder.display())));
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<Value>, ClusterError> {
    let mut text = String::new();
    let file = File::open(path).map_err(|error| failed("read", path, &error))?;
    file.take(MOST_BYTES).read_to_string(&mut text).map_err(|error| failed("read", path, &error))?;
    let documents = yaml::parse_documents(&text);
    let documents = documents.map_err(|error| ClusterError::unavailable(format!("cannot read `{}`: {error}", path.display())))?;
    let documents: Vec<Value> = documents.into_iter().filter(|document| !document.is_null()).collect();
    let items = documents.iter().filter_map(|document| document.get("items")?.as_array()).flatten();
    // kubectl takes lists apart however deep; whoever reviews a folder sees the outermost.
    if items.into_iter().any(is_list) {
        return Err(ClusterError::unavailable(format!("cannot read `{}`: it has a list within a list", path.display())));
    }
    Ok(documents)
}

fn is_list(value: &Value) -> bool {
    value.get("kind").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("List")) && value.get("items").is_some()
}

fn is_of(fields: &Map<String, Value>, of: &ApiResource) -> bool {
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    text("apiVersion") == Some(of.api_version().as_str()) && text("kind") == Some(of.kind())
}

fn metadata<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    fields.get("metadata")?.get(name)?.as_str()
}
