//! The files of a folder and the objects in them.
#![expect(clippy::disallowed_types, reason = "the one place that reads and writes manifests")]

use super::index::{Index, Shown};
use super::manifest::{Manifest, Revision, Way};
use super::place::{Place, metadata};
use super::unusable::{Unusable, unusable};
use super::{foreign, neighbours, shown};
use crate::cluster::ClusterError;
use kubephase_core::audit::FilePlace;
use kubephase_core::name::Namespace;
use kubephase_core::object::{ApiResource, Object, ObjectRef};
use kubephase_core::selector::Selector;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

/// A folder with more files is not a folder of manifests but a mistake.
const MOST_FILES: usize = 10_000;
/// The maximum depth of folders.
const MOST_DEPTH: usize = 64;
/// The maximum length of a generated file name, bytes: file systems allow 255.
const LONGEST_NAME: usize = 200;

/// The maximum size of a file with rules, bytes.
const LONGEST_RULES: u64 = 1 << 20;

/// A folder of manifests, or an empty cluster.
pub struct Folder {
    root: Option<PathBuf>,
    /// How many bytes of it are read, and returned at once.
    most: u64,
    files: BTreeMap<PathBuf, Manifest>,
    index: Index,
    /// Objects in it that cannot be read.
    unusable: Vec<Unusable>,
}

impl Folder {
    /// A folder without objects, which cannot be written.
    #[must_use]
    pub fn empty() -> Self {
        Self { root: None, most: 0, files: BTreeMap::new(), index: Index::default(), unusable: Vec::new() }
    }

    /// Reads a folder whose manifests have at most `most` bytes in total.
    ///
    /// # Errors
    /// [`ClusterError`] if it is not a folder, if it is too large, or if a file is unreadable, encrypted, a template, not YAML, a
    /// pipe or a device.
    pub fn open(root: &Path, most: u64) -> Result<Self, ClusterError> {
        let mut paths = Vec::new();
        collect(root, 0, &mut paths)?;
        let mut folder = Self { root: Some(root.to_owned()), most, ..Self::empty() };
        let mut left = most;
        for path in paths {
            let bytes = read(&path, left)?.ok_or_else(|| folder.too_much("the manifests"))?;
            left -= bytes.len() as u64;
            let failed = |why: String| ClusterError::unavailable(format!("cannot read `{}`: {why}", path.display()));
            let text = foreign::text(&path, bytes).map_err(failed)?;
            let manifest = Manifest::parse(text).map_err(|(text, error)| failed(foreign::explained(&text, &error)))?;
            foreign::sealed(manifest.documents()).map_or(Ok(()), |why| Err(failed(why)))?;
            refuse_nested_lists(&path, manifest.documents())?;
            folder.files.insert(path, manifest);
        }
        for (place, document, fields) in objects(&folder.files) {
            let found = unusable(document, fields, &place);
            if !found.iter().any(Unusable::is_in_place) {
                folder.index.add(place, fields);
            }
            folder.unusable.extend(found);
        }
        Ok(folder)
    }

    /// The manifest files.
    #[cfg(test)]
    pub(super) const fn files(&self) -> &BTreeMap<PathBuf, Manifest> {
        &self.files
    }

    /// How many bytes are returned at once.
    pub(super) const fn most(&self) -> u64 {
        self.most
    }

    /// The error for an exceeded size limit.
    pub(super) fn too_much(&self, what: &str) -> ClusterError {
        let place = self.root.iter().map(|root| format!(" in `{}`", root.display())).collect::<String>();
        ClusterError::too_long(format!("{what}{place} are larger than {} KiB in total", self.most >> 10))
    }

    pub(super) fn find(&self, target: &ObjectRef) -> Option<(Place, &Map<String, Value>)> {
        let place = self.index.find(target)?;
        Some((place.clone(), self.fields(place)?))
    }

    /// The file of an object, and the line of its name there.
    pub(super) fn file_of(&self, target: &ObjectRef) -> Option<FilePlace> {
        let place = self.index.find(target)?;
        let item = place.item.map(|item| ["items".to_owned(), item.to_string()]);
        let name = item.into_iter().flatten().chain(["metadata", "name"].map(str::to_owned));
        let line = self.files.get(&place.file)?.line(place.document, &name.collect::<Vec<_>>());
        Some(FilePlace { path: place.file.to_string_lossy().into_owned(), line: line.unwrap_or(1) })
    }

    /// Refuses an object that is in the folder but cannot be read.
    pub(super) fn check_usable(&self, target: &ObjectRef) -> Result<(), ClusterError> {
        let found = self.unusable.iter().find(|one| one.is_target(target));
        found.map_or(Ok(()), |one| Err(ClusterError::unavailable(self.refusal(one))))
    }

    /// The unreadable objects that a list would contain, if `is_told` accepts them.
    ///
    /// # Errors
    /// [`ClusterError`] for one that kubectl refuses as well.
    pub(super) fn left_out(
        &self,
        of: &ApiResource,
        namespace: Option<&Namespace>,
        is_told: impl Fn(&Object) -> bool,
    ) -> Result<Vec<String>, ClusterError> {
        let left_out = self.unusable.iter().filter(|one| one.is_in(of, namespace) && is_told(&one.stub()));
        let told = left_out.map(|one| match one.is_malformed() {
            true => Err(ClusterError::unavailable(self.refusal(one))),
            false => Ok(format!("not read: {}", self.refusal(one))),
        });
        told.collect()
    }

    fn refusal(&self, one: &Unusable) -> String {
        one.refusal(self.files.get(&one.place.file))
    }

    /// Refuses an object that is in the folder twice.
    pub(super) fn check_once(&self, selector: &Selector) -> Result<(), ClusterError> {
        let (of, namespace, name) = match selector {
            Selector::One(target) => (&target.of, target.namespace.as_ref(), Some(target.name.as_str())),
            Selector::Many(list) => (&list.of, list.namespace.as_ref(), None),
        };
        let Some((first, second)) = self.index.twice(of, namespace, name) else { return Ok(()) };
        let name = self.fields(first).and_then(|fields| metadata(fields, "name")).unwrap_or_default();
        let (one, other) = (first.file.display(), second.file.display());
        let files = if first.file == second.file { format!("`{one}` has") } else { format!("`{one}` and `{other}` have") };
        let text = format!("{files} the {} `{name}` twice; it is unclear which one counts", of.kind());
        Err(ClusterError::unavailable(text))
    }

    /// The shown form of an object.
    pub(super) fn one(&self, target: &ObjectRef) -> Option<Object> {
        Some(self.index.shown(target, |place| self.fields(place).map(shown))?.object)
    }

    /// The shown form of all objects of a kind, sorted like in an API server.
    pub(super) fn all(&self, of: &ApiResource, namespace: Option<&Namespace>) -> impl Iterator<Item = Shown> {
        self.index.all(of, namespace, |place| self.fields(place).map(shown))
    }

    fn fields(&self, place: &Place) -> Option<&Map<String, Value>> {
        let document = self.files.get(&place.file)?.documents().get(place.document)?;
        match place.item {
            None => document.as_object(),
            Some(item) => document.get("items")?.get(item)?.as_object(),
        }
    }

    /// Checks whether an object can be written, without writing: problems are found before anything else is written.
    pub(super) fn try_out(&self, place: Option<&Place>, target: &ObjectRef, new: &Value) -> Result<(), ClusterError> {
        place.map_or(Ok(()), |place| self.revision(place, new.clone()).map(drop))?;
        let path = match (place, &self.root) {
            (_, None) => return Ok(()),
            (Some(place), _) => place.file.clone(),
            (None, _) => self.new_file(target)?,
        };
        let failed = |error: std::io::Error| failed("write", &path, &error);
        let read_only = || failed(std::io::ErrorKind::PermissionDenied.into());
        let folder = fs::metadata(path.parent().unwrap_or_else(|| Path::new("."))).map_err(failed)?;
        // On Windows this attribute of a folder has another meaning.
        if cfg!(unix) && folder.permissions().readonly() {
            return Err(read_only());
        }
        match fs::symlink_metadata(&path) {
            Ok(_) => Ok(()),
            Err(error) if place.is_none() && error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }

    /// Replaces an object; returns the message about it.
    pub(super) fn replace(&mut self, place: &Place, fields: Map<String, Value>) -> Result<Option<String>, ClusterError> {
        let (revision, document) = self.revision(place, Value::Object(fields.clone()))?;
        let note = (revision.way == Way::Rewritten).then(|| {
            format!("`{}`: the document of {} is rewritten without its comments", place.file.display(), called(&fields))
        });
        self.forget(place);
        self.index.add(place.clone(), &fields);
        self.save(place, revision, document)?;
        Ok(note)
    }

    /// Removes an object, and its file if nothing else is in it. Its place stays empty, so that other places remain valid.
    pub(super) fn remove(&mut self, place: &Place) -> Result<(), ClusterError> {
        let (revision, document) = self.revision(place, Value::Null)?;
        self.forget(place);
        if revision.text.is_empty() {
            self.files.remove(&place.file);
            return fs::remove_file(&place.file).map_err(|error| failed("remove", &place.file, &error));
        }
        self.save(place, revision, document)
    }

    /// A file with a new value in the place of an object, and the document that contains it.
    fn revision(&self, place: &Place, value: Value) -> Result<(Revision, Value), ClusterError> {
        let refused = |why: String| ClusterError::unavailable(format!("cannot write `{}`: {why}", place.file.display()));
        let manifest = self.files.get(&place.file).ok_or_else(|| refused("it is gone".to_owned()))?;
        let mut document = manifest.documents().get(place.document).cloned().unwrap_or_default();
        let slot = match place.item {
            None => Some(&mut document),
            Some(item) => document.get_mut("items").and_then(|items| items.get_mut(item)),
        };
        if let Some(slot) = slot {
            *slot = value;
        }
        // A list without remaining items is removed as a whole.
        if document
            .get("items")
            .and_then(Value::as_array)
            .is_some_and(|items| is_list(&document) && items.iter().all(Value::is_null))
        {
            document = Value::Null;
        }
        Ok((manifest.revised(place.document, &document).map_err(refused)?, document))
    }

    fn forget(&mut self, place: &Place) {
        if let Some(old) = self.fields(place).cloned() {
            self.index.remove(place, &old);
        }
    }

    /// Writes an object to a new file, named after it; returns the messages about it.
    pub(super) fn add(&mut self, target: &ObjectRef, fields: Map<String, Value>) -> Result<Vec<String>, ClusterError> {
        let file = self.new_file(target)?;
        self.index.add(Place { file: file.clone(), document: 0, item: None }, &fields);
        let manifest = Manifest::of(Value::Object(fields));
        write(&file, manifest.text())?;
        let notes = neighbours::notes(&file, target, self.files.iter());
        self.files.insert(file, manifest);
        Ok(notes)
    }

    /// The path for a new object.
    fn new_file(&self, target: &ObjectRef) -> Result<PathBuf, ClusterError> {
        let Some(root) = &self.root else {
            return Err(ClusterError::unavailable("`--against empty` cannot be written to"));
        };
        // Some file systems do not allow colons.
        let name = target.name.as_str().replace(':', "-");
        let namespace = target.namespace.as_ref().map(|namespace| format!("{namespace}.")).unwrap_or_default();
        let whole = format!("{namespace}{}.{name}", target.of.kind().to_lowercase());
        // A truncated name is complete in the file. Equal truncated names get a number.
        let stem: String = whole.chars().take(LONGEST_NAME).collect();
        let candidates = std::iter::once(format!("{stem}.yaml")).chain((2..).map(|number| format!("{stem}-{number}.yaml")));
        let mut paths = candidates.map(|name| root.join(name));
        let free = paths.find(|path| !self.files.contains_key(path) && !path.exists());
        free.ok_or_else(|| ClusterError::unavailable(format!("there is no free file name for {target} in `{}`", root.display())))
    }

    /// Writes a file atomically.
    fn save(&mut self, place: &Place, revision: Revision, document: Value) -> Result<(), ClusterError> {
        write(&place.file, &revision.text)?;
        if let Some(manifest) = self.files.get_mut(&place.file) {
            manifest.become_revision(revision, place.document, document);
        }
        Ok(())
    }
}

fn write(path: &Path, text: &str) -> Result<(), ClusterError> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    let write = || {
        // Readable by the owner only, unless the file existed: it may contain a Secret.
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(text.as_bytes())?;
        if let Ok(present) = fs::metadata(path) {
            file.as_file().set_permissions(plain(present.permissions()))?;
        }
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)
    };
    write().map(drop).map_err(|error| failed("write", path, &error))
}

/// The display name of an object: its kind and its name.
fn called(fields: &Map<String, Value>) -> String {
    let kind = fields.get("kind").and_then(Value::as_str).unwrap_or_default().to_lowercase();
    format!("{kind}/{}", metadata(fields, "name").unwrap_or_default())
}

fn failed(verb: &str, path: &Path, error: &std::io::Error) -> ClusterError {
    ClusterError::unavailable(format!("cannot {verb} `{}`: {error}", path.display()))
}

/// The permissions for the copy of a file: the same readers and writers, but not executable.
#[cfg(unix)]
fn plain(permissions: fs::Permissions) -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt as _;
    fs::Permissions::from_mode(permissions.mode() & 0o666)
}

#[cfg(not(unix))]
const fn plain(permissions: fs::Permissions) -> fs::Permissions {
    permissions
}

/// All objects, each with its place and the document that contains it.
pub(super) fn objects(files: &BTreeMap<PathBuf, Manifest>) -> impl Iterator<Item = (Place, &Value, &Map<String, Value>)> {
    files.iter().flat_map(|(file, manifest)| {
        manifest.documents().iter().enumerate().flat_map(move |(document, value)| {
            let place = move |item| Place { file: file.clone(), document, item };
            let items = value.get("items").and_then(Value::as_array).filter(|_| is_list(value));
            let nested = items.into_iter().flatten().enumerate();
            let nested = nested.filter_map(move |(item, fields)| Some((place(Some(item)), value, fields.as_object()?)));
            let single = value.as_object().filter(|_| !is_list(value)).map(|fields| (place(None), value, fields));
            single.into_iter().chain(nested)
        })
    })
}

/// All manifests below a folder, without hidden files and without following links to folders.
fn collect(folder: &Path, depth: usize, paths: &mut Vec<PathBuf>) -> Result<(), ClusterError> {
    let error = |error: std::io::Error| failed("read folder", folder, &error);
    if depth > MOST_DEPTH {
        let text = format!("cannot read folder `{}`: folders are nested more than {MOST_DEPTH} levels deep", folder.display());
        return Err(ClusterError::unavailable(text));
    }
    for entry in fs::read_dir(folder).map_err(error)? {
        let entry = entry.map_err(error)?;
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if entry.file_type().map_err(error)?.is_dir() {
            collect(&path, depth + 1, paths)?;
        } else if path.extension().is_some_and(|extension| ["yaml", "yml", "json"].iter().any(|known| extension == *known)) {
            let of_what = fs::metadata(&path).map_err(|error| failed("read", &path, &error))?;
            if of_what.is_file() {
                paths.push(path);
            } else if !of_what.is_dir() {
                // Opening one may block forever, or have side effects.
                let text = format!("cannot read `{}`: it is a pipe, a socket or a device, not a file", path.display());
                return Err(ClusterError::unavailable(text));
            }
        }
        if paths.len() > MOST_FILES {
            return Err(ClusterError::unavailable(format!("more than {MOST_FILES} manifests in `{}`", folder.display())));
        }
    }
    Ok(())
}

/// The contents of a file; `None` if it has more than `most` bytes.
fn read(path: &Path, most: u64) -> Result<Option<Vec<u8>>, ClusterError> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| failed("read", path, &error))?;
    let size = file.take(most.saturating_add(1)).read_to_end(&mut bytes);
    let size = size.map_err(|error| failed("read", path, &error))?;
    Ok((size as u64 <= most).then_some(bytes))
}

/// The text of a file with rules about manifests; `None` if it cannot be read.
pub(super) fn read_text(path: &Path) -> Option<String> {
    String::from_utf8(read(path, LONGEST_RULES).ok()??).ok()
}

/// kubectl unpacks lists at any depth; a reviewer of the folder sees the outermost.
fn refuse_nested_lists(path: &Path, documents: &[Value]) -> Result<(), ClusterError> {
    let items = documents.iter().filter_map(|document| document.get("items")?.as_array()).flatten();
    match items.into_iter().any(is_list) {
        true => Err(ClusterError::unavailable(format!("cannot read `{}`: it has a list within a list", path.display()))),
        false => Ok(()),
    }
}

pub(super) fn is_list(value: &Value) -> bool {
    value.get("kind").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("List")) && value.get("items").is_some()
}
