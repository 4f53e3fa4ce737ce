//! An artifact in a registry, what is done to it and to its signatures, and what our commands make of it.

use crate::bench::{Bench, Said, digest, text};
use crate::proxy::Proxy;
use crate::registry::{Registry, Setup};
use crate::signing::{Format, Keys};
use crate::tools::PHASE;
use crate::wire;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::path::PathBuf;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// Where cosign 2 puts the signature.
const SIGNATURE: &str = "dev.cosignproject.cosign/signature";

/// Whose key.
#[derive(Debug, Clone, Copy)]
pub(super) enum By {
    /// The one that policies call `release`.
    Release,
    /// Somebody else's.
    Other,
}

/// A file in the registry.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part {
    Manifest,
    Config,
    Layer,
    /// The bundle by cosign 3.
    Bundle,
    /// What cosign 2 signed.
    Payload,
}

/// What is done, by whoever signs or by whoever can write to the registry.
#[derive(Debug, Clone, Copy)]
pub(super) enum Deed {
    Sign(By, Format),
    /// Something is said of it, which `cosign verify` takes for a signature.
    Attest(By),
    /// The right key signs a statement v1 of this predicate type, of which the artifact is a subject.
    State(&'static str),
    /// The signature by the right key of another artifact is laid beside it.
    Move(Format),
    /// The same, and what was signed now says that it is of this one.
    Forge(Format),
    /// A byte is flipped on the registry's disk.
    Flip(Part),
    /// There are so many signatures. All but the last are bad ones, which are laid before it.
    Crowd(usize, Format),
    /// The bundle has so many bytes.
    Swell(usize),
    /// What the list of signatures names is gone.
    Lose,
}

/// An artifact in a registry, with a proxy before that.
pub(super) struct Stage<'a> {
    pub(super) bench: &'a Bench,
    pub(super) registry: Registry,
    pub(super) proxy: Proxy,
    pub(super) repository: &'static str,
    /// Of its manifest.
    pub(super) digest: String,
}

impl<'a> Stage<'a> {
    /// With the embedded phase as the tag `1`, pushed by us and signed by nobody.
    pub(super) fn new(bench: &'a Bench, repository: &'static str) -> Self {
        let registry = bench.registry(Setup::plain());
        let proxy = Proxy::before(&registry);
        let name = registry.reference(&format!("{repository}:1"));
        let said = bench.ours(&["phase", "push", "embedded", &name, "--plain-http"]).ok();
        let digest = said.stdout.trim().split_once('@').unwrap().1.to_owned();
        Self { bench, registry, proxy, repository, digest }
    }

    /// Its tag, by way of the proxy.
    pub(super) fn reference(&self) -> String {
        self.proxy.reference(&format!("{}:1", self.repository))
    }

    /// A text with what is only known now: `HOST`, `DIGEST`, and the files of the keys, `RELEASE` and `OTHER`.
    pub(super) fn filled(&self, words: &str) -> String {
        let keys = [self.keys(By::Release), self.keys(By::Other)].map(|keys| text(&keys.public).to_owned());
        let words = words.replace("HOST", &self.proxy.host()).replace("DIGEST", &self.digest);
        words.replace("RELEASE", &keys[0]).replace("OTHER", &keys[1])
    }

    /// Says whom we trust.
    pub(super) fn trust(&self, policy: &str) {
        self.bench.trust(&self.filled(policy));
    }

    /// The keys of somebody.
    pub(super) fn keys(&self, by: By) -> &Keys {
        match by {
            By::Release => self.bench.tools().keys(),
            By::Other => self.bench.tools().other_keys(),
        }
    }

    pub(super) fn does(&self, deed: Deed) {
        match deed {
            Deed::Sign(by, format) => self.bench.sign(self.keys(by), &self.pinned(&self.digest), format),
            Deed::Attest(by) => {
                self.bench.attest(self.keys(by), &self.pinned(&self.digest));
                self.bench.cosign_verify(self.keys(by), &self.pinned(&self.digest), Format::Bundle).ok();
            }
            Deed::Move(format) => {
                let other = self.another_signed(format);
                self.registry.move_signatures(self.repository, &other, &self.digest, format);
            }
            Deed::State(predicate) => self.state(predicate),
            Deed::Forge(format) => self.forge(format),
            Deed::Flip(part) => self.registry.flip(&self.part(part), 20),
            Deed::Crowd(many, Format::Sig) => self.crowd_of_layers(many),
            Deed::Crowd(many, Format::Bundle) => self.crowd_of_manifests(many),
            Deed::Swell(size) => self.swell(size),
            Deed::Lose => {
                let list = self.document(&Format::Bundle.tag(&self.digest));
                self.registry.lose(list["manifests"][0]["digest"].as_str().unwrap());
            }
        }
    }

    /// A reference with a digest, in the registry itself: cosign does not meet the faults.
    pub(super) fn pinned(&self, digest: &str) -> String {
        self.registry.reference(&format!("{}@{digest}", self.repository))
    }

    /// Pushes another artifact as the tag `2`, signs it by the right key, and returns its digest.
    pub(super) fn another_signed(&self, format: Format) -> String {
        let name = self.registry.reference(&format!("{}:2", self.repository));
        let other = self.bench.oras_push(&name, &[PHASE, b"\x00\x01\x00"].concat());
        self.bench.sign(self.keys(By::Release), &self.pinned(&other), format);
        other
    }

    fn document(&self, name: &str) -> Value {
        let found = wire::manifest(self.registry.address(), self.repository, name).unwrap();
        assert_eq!(found.status, 200, "{name}");
        serde_json::from_slice(&found.body).unwrap()
    }

    pub(super) fn put(&self, name: &str, media: &str, document: &Value) {
        wire::put_manifest(self.registry.address(), self.repository, name, media, document.to_string().as_bytes());
    }

    /// Pushes a blob as any client does, and returns its digest.
    fn put_blob(&self, bytes: &[u8]) -> String {
        let (address, digest) = (self.registry.address(), digest(bytes));
        let begun = wire::ask(address, "POST", &format!("/v2/{}/blobs/uploads/", self.repository), &[], b"").unwrap();
        let place = begun.head.header("location").unwrap().to_owned();
        let path = &place[place.find("/v2/").unwrap()..];
        let put = wire::ask(address, "PUT", &format!("{path}&digest={digest}"), &[], bytes).unwrap();
        assert_eq!(put.status, 201, "{}", String::from_utf8_lossy(&put.body));
        digest
    }

    /// The manifest that a list of signatures names first.
    fn signature(&self, digest: &str) -> Value {
        let list = self.document(&Format::Bundle.tag(digest));
        self.document(list["manifests"][0]["digest"].as_str().unwrap())
    }

    /// The digest of a part.
    fn part(&self, part: Part) -> String {
        let manifest = self.document(&self.digest);
        let digest = match part {
            Part::Manifest => return self.digest.clone(),
            Part::Config => &manifest["config"]["digest"],
            Part::Layer => &manifest["layers"][0]["digest"],
            Part::Bundle => &self.signature(&self.digest)["layers"][0]["digest"],
            Part::Payload => &self.document(&Format::Sig.tag(&self.digest))["layers"][0]["digest"],
        };
        digest.as_str().unwrap().to_owned()
    }

    /// Lists manifests as the signatures of the artifact.
    fn list(&self, manifests: &[Value]) {
        let entry = |manifest: &Value| {
            let bytes = manifest.to_string();
            self.put(&digest(bytes.as_bytes()), MANIFEST, manifest);
            json!({ "mediaType": MANIFEST, "digest": digest(bytes.as_bytes()), "size": bytes.len() })
        };
        let entries: Vec<Value> = manifests.iter().map(entry).collect();
        let list = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": entries });
        self.put(&Format::Bundle.tag(&self.digest), INDEX, &list);
    }

    /// Puts a blob in the place of the first layer of a manifest.
    fn with_layer(&self, manifest: &mut Value, bytes: &[u8]) {
        manifest["layers"][0]["digest"] = self.put_blob(bytes).into();
        manifest["layers"][0]["size"] = bytes.len().into();
    }

    fn state(&self, predicate: &str) {
        // For a manifest around it.
        self.bench.attest(self.keys(By::Other), &self.pinned(&self.digest));
        let mut manifest = self.signature(&self.digest);
        let subject = json!({ "name": "it", "digest": { "sha256": self.digest.strip_prefix("sha256:") } });
        let statement = json!({
            "_type": "https://in-toto.io/Statement/v1", "predicateType": predicate, "subject": [subject], "predicate": { "is": "good" },
        });
        let bundle = std::fs::read(self.bench.state(self.keys(By::Release), &statement.to_string())).unwrap();
        self.with_layer(&mut manifest, &bundle);
        self.list(&[manifest]);
    }

    fn forge(&self, format: Format) {
        let other = self.another_signed(format);
        let forged = |text: &str| {
            assert!(text.contains(other.strip_prefix("sha256:").unwrap()));
            text.replace(other.strip_prefix("sha256:").unwrap(), self.digest.strip_prefix("sha256:").unwrap())
        };
        let mut manifest = match format {
            Format::Bundle => self.signature(&other),
            Format::Sig => self.document(&format.tag(&other)),
        };
        let blob = self.registry.blob(manifest["layers"][0]["digest"].as_str().unwrap());
        let signed = std::fs::read_to_string(blob).unwrap();
        match format {
            Format::Sig => {
                self.with_layer(&mut manifest, forged(&signed).as_bytes());
                self.put(&format.tag(&self.digest), MANIFEST, &manifest);
            }
            Format::Bundle => {
                let mut bundle: Value = serde_json::from_str(&signed).unwrap();
                let payload = STANDARD.decode(bundle["dsseEnvelope"]["payload"].as_str().unwrap()).unwrap();
                bundle["dsseEnvelope"]["payload"] = STANDARD.encode(forged(&String::from_utf8(payload).unwrap())).into();
                self.with_layer(&mut manifest, bundle.to_string().as_bytes());
                self.list(&[manifest]);
            }
        }
    }

    fn crowd_of_layers(&self, many: usize) {
        let tag = Format::Sig.tag(&self.digest);
        let mut manifest = self.document(&tag);
        let good = manifest["layers"][0].clone();
        let mut bad = good.clone();
        bad["annotations"][SIGNATURE] = "AAAA".into();
        let layers = [vec![bad; many - 1], vec![good]].concat();
        manifest["layers"] = layers.into();
        self.put(&tag, MANIFEST, &manifest);
    }

    fn crowd_of_manifests(&self, many: usize) {
        let good = self.signature(&self.digest);
        let mut bad = good.clone();
        self.with_layer(&mut bad, b"{}");
        let numbered = |number| {
            let mut bad = bad.clone();
            bad["annotations"] = json!({ "number": format!("{number}") });
            bad
        };
        self.list(&(1..many).map(numbered).chain([good]).collect::<Vec<_>>());
    }

    fn swell(&self, size: usize) {
        let mut manifest = self.signature(&self.digest);
        let blob = self.registry.blob(manifest["layers"][0]["digest"].as_str().unwrap());
        let mut bundle = std::fs::read(blob).unwrap();
        // Behind JSON there may be space.
        bundle.resize(size, b' ');
        self.with_layer(&mut manifest, &bundle);
        self.list(&[manifest]);
    }

    /// `phase verify`, with more arguments.
    pub(super) fn verify(&self, more: &[&str]) -> Said {
        self.bench.ours(&[&["phase", "verify", &self.reference(), "--plain-http"], more].concat())
    }

    /// `phase pull`.
    pub(super) fn pull(&self) -> Said {
        self.bench.ours(&["phase", "pull", &self.reference(), "--plain-http"])
    }

    /// A run of the phase, with more arguments.
    pub(super) fn run(&self, more: &[&str]) -> Said {
        let grant = self.bench.ours(&["phase", "inspect", "embedded", "-o", "grant"]).ok();
        let grant = self.bench.file("grant.yaml", grant.stdout);
        let reference = self.reference();
        let way = ["plan", "--phase", &reference, "--against", "empty", "--plain-http", "--grant", text(&grant)];
        self.bench.ours(&[&way[..], &["--control-plane-endpoint", "a.b:6443"], more].concat())
    }

    /// The names in the local store.
    pub(super) fn kept(&self) -> Vec<String> {
        let said = self.bench.ours(&["phase", "list", "-o", "json"]).ok();
        let list: Value = serde_json::from_str(&said.stdout).unwrap();
        let items = list["items"].as_array().unwrap();
        items.iter().map(|item| item["reference"].as_str().unwrap().to_owned()).collect()
    }

    /// Nothing is in the local store: no name, no blob, no file that was not finished. `but` is a folder that may have files.
    #[track_caller]
    pub(super) fn has_kept_nothing(&self, but: Option<&str>) {
        assert_eq!(self.kept(), Vec::<String>::new());
        let store = self.bench.home().join(".local/share/kubectl-bootstrap-token/phases");
        let always = ["lock", "oci-layout", "index.json"].map(|name| store.join(name));
        let is_left = |path: &PathBuf| !always.contains(path) && but.is_none_or(|but| !path.starts_with(store.join(but)));
        let left: Vec<PathBuf> = files(&store).into_iter().filter(is_left).collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

/// All files below a folder that need not be there.
fn files(folder: &std::path::Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
