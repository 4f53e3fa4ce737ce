//! Artifacts without a network: an OCI image layout in a tar file, as `oras`, `skopeo` and `crane` read and write it.

use super::error::{ArtifactError, LayoutProblem};
use super::layout::{Descriptor, MANIFEST_BYTES, MANIFEST_TYPE, beside, of, parts_of};
use super::local_store::{Artifact, INDEX_FILE, Index, IndexEntry, LAYOUT_FILE};
use super::signatures::{self, MOST, Signed};
use crate::store::write_shared_bytes;
use kubephase_core::digest::Digest;
use kubephase_core::reference::Reference;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Component, Path};
use tar::{Archive, Builder, EntryType, Header, PaxExtensions};

/// The folder of the blobs in an archive.
const BLOBS: &str = "blobs/sha256/";
/// The maximum number of files in an archive.
const MOST_FILES: usize = 1_000;
/// How much an archive may contain besides components, bytes.
const BESIDE_BYTES: u64 = 64 << 20;
/// The maximum size of an extended header, bytes.
const EXTENSION_BYTES: u64 = 64 << 10;
/// How many components of the maximum size an archive may contain.
const MOST_COMPONENTS: u64 = 4;

/// The config of manifests that need none (`image-spec`, "Guidance for an Empty Descriptor"), like those of signature bundles.
/// Its contents are known, but tools that copy the signatures from the archive to a registry need the blob.
const EMPTY: &[u8] = b"{}";

/// Writes an artifact with its signatures to a file. The same artifact gives the same bytes.
///
/// # Errors
/// [`ArtifactError::Archive`] if the file cannot be written.
pub fn save(path: &Path, artifact: &Artifact) -> Result<(), ArtifactError> {
    let failed = |error: io::Error| ArtifactError::Archive { path: path.to_owned(), problem: error.to_string() };
    let mut index = Index::default();
    index.name_only(&artifact.reference, &Descriptor::of(MANIFEST_TYPE, &artifact.manifest));
    let digest = Digest::of(&artifact.manifest);
    let mut blobs = vec![&artifact.manifest, &artifact.config, &artifact.component];
    for signed in &artifact.signed {
        index.add_signature(&digest, &Descriptor::of(MANIFEST_TYPE, &signed.manifest));
        blobs.push(&signed.manifest);
        blobs.extend(signed.parts.iter().map(|(_, bytes)| bytes));
    }
    let mut blobs: BTreeMap<String, &[u8]> = blobs.into_iter().map(|bytes| named(bytes)).collect();
    if artifact.signed.iter().any(|signed| parts_of(&signed.manifest).contains(&Digest::of(EMPTY))) {
        blobs.extend([named(EMPTY)]);
    }
    let mut builder = Builder::new(Vec::new());
    let mut add = |name: &str, bytes: &[u8]| {
        let mut header = Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_entry_type(EntryType::Regular);
        builder.append_data(&mut header, name, bytes)
    };
    add(LAYOUT_FILE.0, LAYOUT_FILE.1).map_err(failed)?;
    add(INDEX_FILE, &index.bytes()).map_err(failed)?;
    blobs.into_iter().try_for_each(|(name, bytes)| add(&name, bytes)).map_err(failed)?;
    let bytes = builder.into_inner().map_err(failed)?;
    write_shared_bytes(path, &bytes).map_err(failed)
}

/// A blob with its file name.
fn named(bytes: &[u8]) -> (String, &[u8]) {
    (format!("{BLOBS}{}", Digest::of(bytes).hex()), bytes)
}

/// Reads all artifacts of a file. A single artifact without a full name in the archive gets `name`.
///
/// # Errors
/// [`ArtifactError::Archive`] for a file that is not such an archive, for paths outside of it, links, duplicate files, too many
/// files or too much in them, and for a blob that does not match its digest. [`ArtifactError::Layout`] for an artifact that is
/// not a phase.
pub fn load(path: &Path, name: Option<&Reference>, file_bytes: u64) -> Result<Vec<Artifact>, ArtifactError> {
    let failed = |problem: String| ArtifactError::Archive { path: path.to_owned(), problem };
    #[expect(clippy::disallowed_types, reason = "the file of `phase load`")]
    let file = std::fs::File::open(path).map_err(|error| failed(error.to_string()))?;
    let files = files(file, file_bytes).map_err(failed)?;
    artifacts(&files, name, file_bytes).map_err(|problem| match problem {
        Problem::Archive(problem) => failed(problem),
        Problem::Artifact(error) => *error,
    })
}

/// What is wrong with an archive, or with an artifact in it.
enum Problem {
    Archive(String),
    Artifact(Box<ArtifactError>),
}

impl From<ArtifactError> for Problem {
    fn from(error: ArtifactError) -> Self {
        Self::Artifact(Box::new(error))
    }
}

/// How much may be in an archive, and be made of it, bytes.
const fn most_bytes(file_bytes: u64) -> u64 {
    file_bytes.saturating_mul(MOST_COMPONENTS).saturating_add(BESIDE_BYTES)
}

fn too_much(most: u64) -> String {
    format!("it has more than {most} bytes; allow more with --limit file=64Mi")
}

/// The files of an archive by name, if they belong to a layout; each blob is verified against its digest.
fn files(reader: impl Read, file_bytes: u64) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let (mut files, mut left) = (BTreeMap::new(), most_bytes(file_bytes));
    let most = left;
    let mut archive = Archive::new(reader);
    let unreadable = |error: io::Error| format!("it is not a tar archive: {error}");
    // Raw, because `tar` itself would read long names, extended headers and sparse maps into memory, however large they claim to
    // be.
    for (count, entry) in archive.entries().map_err(unreadable)?.raw(true).enumerate() {
        let mut entry = entry.map_err(unreadable)?;
        let shown = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if count >= MOST_FILES {
            return Err(format!("it has more than {MOST_FILES} files"));
        }
        // Skipped entries are read too.
        left = left.checked_sub(entry.size()).ok_or_else(|| too_much(most))?;
        let name = name(&entry.path().map_err(unreadable)?)
            .ok_or_else(|| format!("it has a path that leads outside the archive, `{shown}`"))?;
        match entry.header().entry_type() {
            EntryType::Directory => continue,
            EntryType::XHeader | EntryType::XGlobalHeader => {
                extension(&mut entry).map_err(|problem| format!("`{shown}` {problem}"))?;
                continue;
            }
            EntryType::Regular => {}
            EntryType::GNULongName | EntryType::GNULongLink => {
                return Err(format!("it has a name that is too long for a layout, after `{shown}`"));
            }
            _ => return Err(format!("`{shown}` is not a regular file")),
        }
        let mut bytes = Vec::new();
        let size = entry.size();
        entry.by_ref().take(size).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 != entry.size() {
            return Err(format!("`{shown}` is truncated"));
        }
        if let Some(hex) = name.strip_prefix(BLOBS)
            && Digest::of(&bytes).hex() != hex
        {
            return Err(format!("`{shown}` does not match its name"));
        }
        if files.insert(name, bytes).is_some() {
            return Err(format!("it has `{shown}` twice"));
        }
    }
    Ok(files)
}

/// Checks an extended header (POSIX pax), which other tools write for the times and owners of files. One that changes the name or
/// the size of the next file does not occur in any layout.
fn extension(header: &mut tar::Entry<'_, impl Read>) -> Result<(), String> {
    if header.size() > EXTENSION_BYTES {
        return Err(format!("is an extended header of more than {EXTENSION_BYTES} bytes"));
    }
    let mut bytes = Vec::new();
    header.read_to_end(&mut bytes).map_err(|error| format!("cannot be read: {error}"))?;
    for extension in PaxExtensions::new(&bytes) {
        let extension = extension.map_err(|error| format!("cannot be read: {error}"))?;
        let key = String::from_utf8_lossy(extension.key_bytes());
        if matches!(key.as_ref(), "path" | "size" | "linkpath") || key.starts_with("GNU.sparse") {
            return Err(format!("is an extended header with `{key}`, which is not allowed in a layout"));
        }
    }
    Ok(())
}

/// A path as a name with `/`; `None` if it leads outside.
fn name(path: &Path) -> Option<String> {
    let mut parts = Vec::new();
    for component in path.components() {
        match component {
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::CurDir => {}
            _ => return None,
        }
    }
    Some(parts.join("/"))
}

fn artifacts(files: &BTreeMap<String, Vec<u8>>, name: Option<&Reference>, file_bytes: u64) -> Result<Vec<Artifact>, Problem> {
    let problem = |text: &str| Problem::Archive(text.to_owned());
    if !files.contains_key(LAYOUT_FILE.0) {
        return Err(Problem::Archive(format!("it is not an OCI image layout: `{}` is missing", LAYOUT_FILE.0)));
    }
    let index = files.get(INDEX_FILE).filter(|bytes| bytes.len() as u64 <= MANIFEST_BYTES).and_then(|bytes| Index::read(bytes));
    let index = index.ok_or_else(|| problem("it is not an OCI image layout: it does not have a valid `index.json`"))?;
    let entries = index.artifacts();
    if entries.is_empty() {
        return Err(problem("it is empty"));
    }
    // Many names for one artifact, or many parts with one digest, would make a small archive large.
    let most = most_bytes(file_bytes);
    let left = Cell::new(Some(most));
    let only = name.filter(|_| entries.len() == 1);
    let artifact = |entry: &IndexEntry| {
        let nameless = || Problem::Archive(format!("`{}` is not a full reference; set one with --name REFERENCE", entry.name));
        let reference = only.cloned().or_else(|| entry.reference()).ok_or_else(nameless)?;
        let blob = |digest: &Digest| {
            let bytes = files.get(&format!("{BLOBS}{}", digest.hex()))?;
            left.set(left.get().and_then(|left| left.checked_sub(bytes.len() as u64)));
            left.get().map(|_| bytes.clone())
        };
        let missing = |what| Problem::from(of(&reference, LayoutProblem::Missing(what)));
        if reference.digest().is_some_and(|pinned| *pinned != entry.digest) {
            let expected = reference.digest().cloned().unwrap_or_else(|| entry.digest.clone());
            return Err(ArtifactError::Digest { what: "manifest", expected, found: entry.digest.clone() }.into());
        }
        let manifest =
            blob(&entry.digest).filter(|bytes| bytes.len() as u64 <= MANIFEST_BYTES).ok_or_else(|| missing(MANIFEST_TYPE))?;
        let mut signed = Vec::new();
        for entry in index.signatures_of(&entry.digest).into_iter().take(MOST) {
            let manifest = blob(&entry.digest).ok_or_else(|| missing("signature"))?;
            let parts = signatures::parts(&manifest).map_err(|problem| beside(&reference, problem))?.into_iter();
            let parts = parts.map(|part| blob(&part.digest).map(|bytes| (part, bytes)).ok_or_else(|| missing("signature")));
            signed.push(Signed { parts: parts.collect::<Result<_, _>>()?, manifest });
        }
        Ok(Artifact::gather(&reference, manifest, signed, file_bytes, blob)?)
    };
    let found = entries.iter().map(artifact).collect();
    if left.get().is_none() { Err(Problem::Archive(too_much(most))) } else { found }
}

#[cfg(test)]
mod tests {
    use super::{Artifact, Problem, Reference, artifacts, files, load, named, save};
    use crate::artifact::layout;
    use crate::artifact::signatures::{SignaturePart, SignatureSort, Signed};
    use kubephase_core::claim::Claim;
    use kubephase_core::description::Description;
    use kubephase_core::digest::Digest;
    use kubephase_core::name::Identifier;
    use kubephase_core::structure::Structure;
    use serde_json::json;
    use std::io::{self, Read as _};
    use tar::{Builder, EntryType, Header};

    const LIMIT: u64 = 1 << 20;

    fn claim() -> Claim {
        let id = Identifier::parse("id", "a").unwrap();
        let description =
            Description { id, version: "1".to_owned(), summary: String::new(), tasks: Vec::new(), rules: Vec::new() };
        Claim { description, contracts: Vec::new(), imports: Vec::new() }
    }

    fn artifact() -> Artifact {
        let component = b"\0asm\x0d\0\x01\0".to_vec();
        let built = layout::build(&component, "a.wasm", &Structure::default(), &claim());
        let bundle = b"{}".to_vec();
        let layer = json!({ "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json", "digest": Digest::of(&bundle).to_string(), "size": 2 });
        let signed = Signed {
            manifest: json!({ "schemaVersion": 2, "layers": [layer] }).to_string().into_bytes(),
            parts: vec![(SignaturePart { digest: Digest::of(&bundle), sort: SignatureSort::Bundle }, bundle)],
        };
        let reference = Reference::parse("h.io/x:1").unwrap();
        Artifact { reference, manifest: built.manifest, config: built.config, component, signed: vec![signed] }
    }

    #[test]
    fn what_is_saved_is_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (folder.path().join("1.tar"), folder.path().join("2.tar"));
        save(&one, &artifact()).unwrap();
        let loaded = load(&one, None, LIMIT).unwrap();
        assert_eq!(loaded, [artifact()]);
        save(&other, &loaded[0]).unwrap();
        #[expect(clippy::disallowed_methods, reason = "a test reads what it wrote")]
        let same = std::fs::read(one).unwrap() == std::fs::read(other).unwrap();
        assert!(same, "the same artifact gives the same archive");
    }

    fn archive(entries: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
        let mut builder = Builder::new(Vec::new());
        for (name, kind, bytes) in entries {
            let mut header = Header::new_gnu();
            // Not with `set_path`, which refuses malicious paths.
            header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
            header.set_size(bytes.len() as u64);
            header.set_entry_type(*kind);
            if *kind == EntryType::Symlink || *kind == EntryType::Link {
                header.set_link_name("/etc/passwd").unwrap();
            }
            header.set_cksum();
            builder.append(&header, *bytes).unwrap();
        }
        builder.into_inner().unwrap()
    }

    /// A header that claims this size for the data after it.
    fn claimed(kind: EntryType, size: u64) -> io::Cursor<Vec<u8>> {
        let mut header = Header::new_gnu();
        header.set_path("x").unwrap();
        header.set_size(size);
        header.set_entry_type(kind);
        header.set_cksum();
        io::Cursor::new(header.as_bytes().to_vec())
    }

    #[test]
    fn many_names_of_one_artifact_are_not_many_artifacts() {
        let artifact = artifact();
        let mut big = artifact.component.clone();
        big.resize(1 << 20, 0);
        let built = layout::build(&big, "a.wasm", &Structure::default(), &claim());
        let entry = |number: usize| json!({ "mediaType": layout::MANIFEST_TYPE, "digest": built.digest.to_string(), "size": 1, "annotations": { "org.opencontainers.image.ref.name": format!("h.io/x:{number}") } });
        let parts = |count: usize| {
            let index = json!({ "schemaVersion": 2, "manifests": (0..count).map(entry).collect::<Vec<_>>() }).to_string();
            let blobs = [&built.manifest, &built.config, &big].map(|bytes| {
                let (name, bytes) = named(bytes);
                (name, bytes.to_vec())
            });
            let rest = [("oci-layout".to_owned(), b"{}".to_vec()), ("index.json".to_owned(), index.into_bytes())];
            blobs.into_iter().chain(rest).collect()
        };
        assert!(matches!(artifacts(&parts(3), None, LIMIT), Ok(found) if found.len() == 3));
        let Err(Problem::Archive(said)) = artifacts(&parts(1_000), None, LIMIT) else { unreachable!("it is refused") };
        assert!(said.starts_with("it has more than "), "{said}");
    }

    #[test]
    fn hostile_archives_are_refused() {
        let regular = EntryType::Regular;
        let many: Vec<String> = (0..1_001).map(|number| format!("f{number}")).collect();
        let many: Vec<(&str, EntryType, &[u8])> = many.iter().map(|name| (name.as_str(), regular, &b""[..])).collect();
        let big = vec![0_u8; 70 << 20];
        for (entries, expected) in [
            (vec![("../x", regular, &b""[..])], "it has a path that leads outside the archive, `../x`"),
            (vec![("/etc/x", regular, b"")], "it has a path that leads outside the archive, `/etc/x`"),
            (vec![("a/../../x", regular, b"")], "it has a path that leads outside the archive"),
            (vec![("index.json", EntryType::Symlink, b"")], "`index.json` is not a regular file"),
            (vec![("index.json", EntryType::Link, b"")], "`index.json` is not a regular file"),
            (vec![("index.json", EntryType::Fifo, b"")], "`index.json` is not a regular file"),
            (vec![("index.json", EntryType::Block, b"")], "`index.json` is not a regular file"),
            (vec![("index.json", regular, b""), ("./index.json", regular, b"")], "it has `./index.json` twice"),
            (vec![("blobs/sha256/00", regular, b"")], "`blobs/sha256/00` does not match its name"),
            (many, "it has more than 1000 files"),
            (vec![("big", regular, &big)], "it has more than "),
        ] {
            let said = files(&archive(&entries)[..], LIMIT).unwrap_err();
            assert!(said.starts_with(expected), "{said}");
        }
    }

    #[test]
    fn what_a_header_says_of_a_size_costs_nothing() {
        let regular = EntryType::Regular;
        // Entries that claim a size without the data: GNU long names and links, extended headers, sparse and other files.
        for (kind, expected) in [
            (EntryType::GNULongName, "it has more than "),
            (EntryType::GNULongLink, "it has more than "),
            (EntryType::XHeader, "it has more than "),
            (EntryType::XGlobalHeader, "it has more than "),
            (EntryType::GNUSparse, "it has more than "),
            (EntryType::Directory, "it has more than "),
            (EntryType::Regular, "it has more than "),
        ] {
            for size in [8 << 30, u64::MAX >> 1] {
                let said = files(claimed(kind, size).chain(io::repeat(0)), LIMIT).unwrap_err();
                assert!(said.starts_with(expected), "{kind:?}: {said}");
            }
        }
        for (kind, expected) in [
            (EntryType::GNULongName, "it has a name that is too long for a layout"),
            (EntryType::GNULongLink, "it has a name that is too long for a layout"),
            (EntryType::XHeader, "`x` is an extended header of more than 65536 bytes"),
            (EntryType::XGlobalHeader, "`x` is an extended header of more than 65536 bytes"),
            (EntryType::GNUSparse, "`x` is not a regular file"),
        ] {
            let said = files(claimed(kind, 1 << 20).chain(io::repeat(0)), LIMIT).unwrap_err();
            assert!(said.starts_with(expected), "{kind:?}: {said}");
        }
        for (pax, expected) in [
            (&b"19 path=../../evil\n"[..], "`x` is an extended header with `path`"),
            (b"19 size=8589934592\n", "`x` is an extended header with `size`"),
            (b"22 GNU.sparse.major=1\n", "`x` is an extended header with `GNU.sparse.major`"),
            (b"99 mtime=1\n", "`x` cannot be read: "),
        ] {
            let said = files(&archive(&[("x", EntryType::XHeader, pax), ("a", regular, b"")])[..], LIMIT).unwrap_err();
            assert!(said.starts_with(expected), "{said}");
        }
        let usual = archive(&[("x", EntryType::XHeader, b"11 mtime=1\n"), ("a", regular, b"b")]);
        assert_eq!(files(&usual[..], LIMIT).unwrap()["a"], b"b");
        let cut = archive(&[("oci-layout", regular, &[0; 2_000])]);
        assert!(files(&cut[..1_000], LIMIT).is_err(), "cut off");
        assert!(files(&b"not a tar, but long enough to be looked at".repeat(20)[..], LIMIT).is_err());
    }
}
