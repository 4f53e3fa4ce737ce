//! Components that were built for a frozen contract, and what they answered when they were: each later host gets the same answers from
//! the same bytes. And the refusal of a component that was built for a contract which this host does not know.

use crate::consent::Machine;
use kubectl_bootstrap_token::component::{CONTRACTS, Digest};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The contracts that a release has; the newest one may change until then.
const FROZEN: [&str; 1] = ["0.1.0"];
const LANGUAGES: [&str; 4] = ["go", "javascript", "python", "rust"];

/// The archive, in the repository that cargo says when it runs us.
fn archive() -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../tests/contract/archive")
}

/// The names of what is in a folder and has this extension.
fn stems(folder: &Path, extension: &str) -> Vec<String> {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let paths = paths.filter(|path| path.extension().is_some_and(|found| found == extension));
    let mut stems: Vec<String> = paths.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    stems.sort();
    stems
}

/// A component of the archive.
struct Kept {
    /// The folder of its contract.
    folder: PathBuf,
    /// Its name, which is the language.
    name: String,
    /// Where it comes from, a word and its value on each line.
    origin: String,
}

impl Kept {
    fn all() -> Vec<Self> {
        let folders = FROZEN.map(|contract| archive().join(contract));
        let of = |folder: &PathBuf| {
            let kept = |name: String| {
                let origin = std::fs::read_to_string(folder.join("components").join(format!("{name}.origin"))).unwrap();
                Self { folder: folder.clone(), name, origin }
            };
            stems(&folder.join("components"), "origin").into_iter().map(kept).collect::<Vec<_>>()
        };
        folders.iter().flat_map(of).collect()
    }

    /// The values of a word of the origin.
    fn values<'a>(&'a self, word: &'a str) -> impl Iterator<Item = &'a str> {
        self.origin
            .lines()
            .filter_map(|line| line.split_once(' '))
            .filter(move |(found, _)| *found == word)
            .map(|(_, value)| value)
    }

    /// The component as it was built, in a file.
    fn unpacked(&self, work: &Path) -> PathBuf {
        let packed = std::fs::read(self.folder.join("components").join(format!("{}.wasm.zst", self.name))).unwrap();
        let bytes = zstd::decode_all(packed.as_slice()).unwrap();
        assert_eq!(self.values("component").collect::<Vec<_>>(), [Digest::of(&bytes).to_string()], "the component {}", self.name);
        let path = work.join(format!("{}.wasm", self.name));
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// What a command about the component prints; an error if it fails.
    fn said(&self, command: &[&str], component: &Path) -> Result<String, String> {
        let output = Command::new(env!("CARGO_BIN_EXE_kubectl-bootstrap_token"))
            .args(command)
            .arg(component)
            .args(self.values("needs"))
            // As long as a busy machine needs for 18 MB.
            .args(["--limit", "compile-time=20m"])
            .env_clear()
            // Compiled once, and found again by the next run.
            .envs([("HOME", env!("CARGO_TARGET_TMPDIR")), ("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"))])
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        if output.status.success() { Ok(stdout) } else { Err(format!("{}: {command:?}\n{stdout}{stderr}", self.name)) }
    }

    /// Compares what the component says of itself and answers to all cases with what is recorded. `BLESS` records it.
    fn check(&self) -> Result<(), String> {
        let (work, is_blessed) = (tempfile::tempdir().unwrap(), std::env::var_os("BLESS").is_some());
        let component = self.unpacked(work.path());
        let cases = self.folder.join("cases");
        let mut test = vec!["phase", "test", cases.to_str().unwrap()];
        test.extend(is_blessed.then_some("--bless"));
        test.push("--phase");
        self.said(&test, &component)?;
        let inspection: Value = serde_json::from_str(&self.said(&["phase", "inspect", "-o", "json"], &component)?).unwrap();
        let description = format!("{:#}\n", inspection["phase"]);
        let recorded = self.folder.join("description.json");
        if is_blessed {
            std::fs::write(&recorded, &description).unwrap();
        }
        let expected = std::fs::read_to_string(recorded).unwrap();
        if description == expected { Ok(()) } else { Err(format!("{}: {description}\nand it was {expected}", self.name)) }
    }
}

#[test]
fn every_frozen_contract_has_a_component_in_each_language_and_its_source() {
    let mut kept: Vec<String> = Kept::all().iter().map(|kept| format!("{} {}", kept.folder.display(), kept.name)).collect();
    kept.sort();
    assert!(FROZEN.iter().all(|contract| CONTRACTS.contains(contract)), "the plugin knows {CONTRACTS:?}");
    let mut wanted: Vec<String> = FROZEN
        .iter()
        .flat_map(|contract| LANGUAGES.map(|language| format!("{} {language}", archive().join(contract).display())))
        .collect();
    wanted.sort();
    assert_eq!(kept, wanted);
    for kept in Kept::all() {
        let sources = kept.folder.join("sources");
        let mut sources = std::fs::read_dir(sources).unwrap().map(|entry| entry.unwrap().path());
        let source = sources.find(|path| path.file_stem().unwrap() == kept.name.as_str()).unwrap();
        let digest = Digest::of(&std::fs::read(&source).unwrap()).to_string();
        assert_eq!(kept.values("source").collect::<Vec<_>>(), [digest], "{}", source.display());
        assert!(kept.values("tool").count() > 0, "{}", kept.origin);
    }
}

#[test]
fn components_answer_as_they_did_when_they_were_built() {
    let differences: Vec<String> = Kept::all().iter().filter_map(|kept| kept.check().err()).collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// What is refused is our own phase, with another contract in it.
#[test]
fn a_component_of_another_contract_is_refused_by_a_sentence_that_says_what_to_do() {
    let newer = "update the plugin, or use a release of the phase for 0.2.0 or 0.1.0";
    let older = "use a newer release of the phase, for 0.2.0 or 0.1.0";
    for (contract, cure) in [("0.3.0", newer), ("1.0.0", newer), ("0.2.1", newer), ("0.1.1", older), ("0.0.9", older)] {
        let machine = Machine::new();
        let phase = machine.phase("other.wasm", "@0.2.0", &format!("@{contract}"));
        let said = machine.command(&["plan", "--against=empty", "--phase", phase.to_str().unwrap()], None);
        let expected = format!(
            "error: the phase is refused\n  caused by: it was built for contract {contract}, and this plugin knows 0.2.0 or 0.1.0: {cure}\n"
        );
        assert_eq!((said.code, said.stderr), (2, expected));
    }
}
