//! The cases of this folder, and the components that are made of them. The cluster rung runs them too.

#[path = "../cli/ids.rs"]
mod ids;

use super::made;
use ids::without_places;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use tempfile::TempDir;

/// What `cluster/` holds and no output may: values of Secrets, as they are and in base64.
pub(crate) const SECRETS: [&str; 6] = [
    "0a1b2c3d4e5f6g7h",
    "MGExYjJjM2Q0ZTVmNmc3aA",
    "zy9xw8vu7ts6rq5p",
    "enk5eHc4dnU3dHM2cnE1cA",
    "correct-horse-battery",
    "Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5",
];

/// A hostile phase, and how it is run.
pub(crate) struct Case {
    /// The name of its file.
    pub(crate) name: String,
    /// What it is made of.
    source: Source,
    /// More arguments.
    pub(crate) args: Vec<String>,
    /// The name of the grant.
    grant: String,
    /// Whether it is applied, since what it tries has no effect; all others are refused.
    pub(crate) is_harmless: bool,
    /// What comes of it: the exit code, the output, and the files that are written.
    pub(crate) expected: String,
}

/// What a phase is made of.
enum Source {
    /// An example of the crate in `guest/`.
    Rust,
    /// The same, with the standard library on WASI.
    Wasi,
    /// WebAssembly text.
    Text(String),
    /// Whatever this makes.
    Made(made::Make),
}

/// This folder, as cargo says when it runs us: a path from the time of compilation may be of another checkout.
pub(crate) fn here() -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../tests/hostile")
}

/// The same by a path that needs no quotes in a command that is printed.
fn linked() -> PathBuf {
    static LINKS: OnceLock<TempDir> = OnceLock::new();
    let links = LINKS.get_or_init(|| {
        let links = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(here().canonicalize().unwrap(), links.path().join("hostile")).unwrap();
        links
    });
    links.path().join("hostile")
}

/// All cases, by name.
pub(crate) fn all() -> Vec<Case> {
    let entries = std::fs::read_dir(here().join("cases")).unwrap();
    let files = entries.filter_map(|entry| Case::of_file(&entry.unwrap().path()));
    let made = made::ALL.iter().map(|(name, args, make, why)| Case {
        name: (*name).to_owned(),
        source: Source::Made(*make),
        args: args.split_whitespace().map(str::to_owned).collect(),
        grant: "wide".to_owned(),
        is_harmless: false,
        expected: why.expected(),
    });
    let mut cases: Vec<Case> = files.chain(made).collect();
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

impl Case {
    /// The case of a source file.
    fn of_file(path: &Path) -> Option<Self> {
        let name = path.file_stem()?.to_str()?.to_owned();
        let text = std::fs::read_to_string(path).unwrap();
        let expected = split(&text).1.lines().map(|line| format!("{}\n", line.get(3..).unwrap_or_default())).collect();
        let header = |key: &str| {
            let comments = text.lines().map_while(|line| line.strip_prefix("// ").or_else(|| line.strip_prefix(";; ")));
            comments.skip(1).find_map(|line| line.strip_prefix(key)).unwrap_or_default().to_owned()
        };
        let grant = Some(header("grant: ")).filter(|grant| !grant.is_empty()).unwrap_or_else(|| "wide".to_owned());
        let args = header("args: ").split_whitespace().map(str::to_owned).collect();
        let is_harmless = !header("harmless: ").is_empty();
        let source = match path.extension()?.to_str()? {
            "rs" if name.starts_with("wasi-") => Source::Wasi,
            "rs" => Source::Rust,
            "wat" => Source::Text(text),
            _ => return None,
        };
        Some(Self { name, source, args, grant, is_harmless, expected })
    }

    /// The grant that it is run with.
    pub(crate) fn grant(&self) -> PathBuf {
        linked().join("grants").join(&self.grant).with_extension("yaml")
    }

    /// The component.
    pub(crate) fn phase(&self) -> PathBuf {
        let path = built_at().join(&self.name).with_extension("wasm");
        match &self.source {
            Source::Rust => {
                static ONCE: OnceLock<()> = OnceLock::new();
                ONCE.get_or_init(|| build(&["--example=[!w]*", "--example=w[!a]*"]));
                built("wasm32-unknown-unknown", &self.name)
            }
            Source::Wasi => {
                static ONCE: OnceLock<()> = OnceLock::new();
                ONCE.get_or_init(|| build(&["--example=wasi-*", "--target=wasm32-wasip2"]));
                built("wasm32-wasip2", &self.name)
            }
            Source::Text(text) => {
                std::fs::write(&path, assembled(text)).unwrap();
                path
            }
            Source::Made(make) => make(&path),
        }
    }

    /// What the program is called with, but for where the objects are.
    pub(crate) fn arguments(&self, phase: &Path) -> Vec<String> {
        let [phase, grant] = [phase, &self.grant()].map(|path| path.to_str().unwrap().to_owned());
        let usual = ["apply".to_owned(), "--phase".to_owned(), phase, "--grant".to_owned(), grant];
        let now = ["--now".to_owned(), "2030-01-01T00:00:00Z".to_owned()];
        usual.into_iter().chain(now).chain(self.args.iter().cloned()).collect()
    }
}

/// A source up to the blank line before its last comment, and that comment, which says what comes of it; empty if there is none.
pub(crate) fn split(text: &str) -> (&str, &str) {
    let at = ["\n\n// exit: ", "\n\n;; exit: "].iter().find_map(|start| text.rfind(start));
    at.map_or((text, ""), |at| text.split_at(at + 2))
}

/// Where components are built.
pub(crate) fn built_at() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Where the component of an example is.
pub(crate) fn built(target: &str, name: &str) -> PathBuf {
    built_at().join(target).join("release/examples").join(name).with_extension("wasm")
}

/// Builds examples of the crate in `guest/`. Flags that are meant for the outer build would break this one.
pub(crate) fn build(examples: &[&str]) {
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--quiet", "--locked", "--release"])
        .args(examples)
        .arg("--target-dir")
        .arg(built_at())
        // Where `.cargo/config.toml` is.
        .current_dir(here().join("guest"))
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("CARGO_BUILD_TARGET")
        .env_remove("RUSTC_WORKSPACE_WRAPPER")
        .status();
    let targets = "wasm32-unknown-unknown wasm32-wasip2";
    assert!(status.unwrap().success(), "tests/hostile/guest does not build; try: rustup target add {targets}");
}

/// The bytes of a WebAssembly text: a component, or what stands in the place that `phase.wat` has for it.
pub(crate) fn assembled(text: &str) -> Vec<u8> {
    let is_whole = text.lines().find(|line| !line.starts_with(";;")).is_some_and(|line| line.starts_with("(component"));
    if is_whole {
        return wat::parse_str(text).unwrap();
    }
    let around = std::fs::read_to_string(here().join("phase.wat")).unwrap();
    wat::parse_str(around.replace("CASE", text)).unwrap()
}

/// A text without what is different from run to run or from compiler to compiler.
pub(crate) fn plain(text: &str, places: &[(&Path, &str)]) -> String {
    let (built, here) = (built_at(), linked());
    let places = places.iter().copied().chain([(built.as_path(), "BUILT"), (here.as_path(), "HERE")]);
    let text = places.fold(text.to_owned(), |text, (path, name)| text.replace(path.to_str().unwrap(), name));
    let text = without_places(&text);
    ["0x", "sha256:"].iter().fold(text, |text, before| {
        let mut pieces = text.split(before);
        let first = pieces.next().unwrap_or_default().to_owned();
        let is_hex = |character: char| character.is_ascii_hexdigit();
        pieces.fold(first, |text, piece| format!("{text}{before}…{}", piece.trim_start_matches(is_hex)))
    })
}
