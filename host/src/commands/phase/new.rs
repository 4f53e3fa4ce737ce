//! `phase new`: the source of a new phase. It is the example `hello` under another name, with the contract beside it.

use crate::config::scaffold::Scaffold;
use crate::errors::Error;
use crate::render::terminal::Printer;
use crate::store::write_folder;
use kubephase_core::outcome::Outcome;
use std::path::PathBuf;

/// The name of the example, and where its source includes the contract.
const EXAMPLE: &str = "hello";
const CONTRACT: &str = "../../../wit/0.1.0";

macro_rules! example {
    ($($path:literal),* $(,)?) => {
        [$(($path, include_str!(concat!("../../../../examples/phases/hello/", $path)))),*]
    };
}

macro_rules! contract {
    ($($path:literal),* $(,)?) => {
        [$((concat!("wit/", $path), include_str!(concat!("../../../../wit/0.1.0/", $path)))),*]
    };
}

const LOCK: &str = "Cargo.lock";

/// All files of the example but its `build`, which is for the project's own tests.
const FILES: [(&str, &str); 22] = example![
    ".cargo/config.toml",
    ".gitignore",
    "Cargo.lock",
    "Cargo.toml",
    "README.md",
    "src/lib.rs",
    "cases/apply-creates/expected.yaml",
    "cases/apply-creates/request.yaml",
    "cases/apply-keeps/expected.yaml",
    "cases/apply-keeps/observed/hello.yaml",
    "cases/apply-keeps/request.yaml",
    "cases/apply-mends/expected.yaml",
    "cases/apply-mends/observed/hello.yaml",
    "cases/apply-mends/request.yaml",
    "cases/apply-without-endpoint/expected.yaml",
    "cases/apply-without-endpoint/request.yaml",
    "cases/audit-finds/expected.yaml",
    "cases/audit-finds/observed/hello.yaml",
    "cases/audit-finds/request.yaml",
    "cases/audit-is-content/expected.yaml",
    "cases/audit-is-content/observed/hello.yaml",
    "cases/audit-is-content/request.yaml",
];

const WIT: [(&str, &str); 3] = contract!["phase.wit", "types.wit", "world.wit"];

/// Writes the source of a new phase, all files or none, and prints the next steps.
///
/// # Errors
/// [`Error`] if the folder is not empty or cannot be written.
pub(super) fn new(scaffold: &Scaffold, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let Scaffold { name, folder } = scaffold;
    write_folder(folder, &files(name)).map_err(|source| Error::Save { path: folder.clone(), source })?;
    let folder = folder.display().to_string();
    printer.line(&folder)?;
    let folder = shlex::try_quote(&folder).unwrap_or_default();
    for line in [
        format!("the phase example.{name} is in `{folder}`; its README.md describes the files"),
        "  build it:  rustup target add wasm32-unknown-unknown   # once".to_owned(),
        format!("             cd {folder} && cargo build --release"),
        "  test it:   kubectl bootstrap-token phase test cases".to_owned(),
    ] {
        printer.message(&line)?;
    }
    Ok(Outcome::Done)
}

/// The files of a phase with this name.
fn files(name: &str) -> Vec<(PathBuf, String)> {
    let renamed = |(path, text): (&str, &str)| {
        let text = text.replace(CONTRACT, "wit").replace(EXAMPLE, name);
        (PathBuf::from(path.replace(EXAMPLE, name)), if path == LOCK { sorted(&text) } else { text })
    };
    let contract = WIT.iter().map(|(path, text)| (PathBuf::from(path), (*text).to_owned()));
    FILES.into_iter().map(renamed).chain(contract).collect()
}

/// The lock file with its packages in cargo's order, so that `--locked` accepts it.
fn sorted(lock: &str) -> String {
    let mut blocks: Vec<&str> = lock.trim_end().split("\n\n").collect();
    // The text before the first package stays first.
    blocks.sort_by_key(|block| block.strip_prefix("[[package]]\n").and_then(|package| package.lines().next()));
    blocks.join("\n\n") + "\n"
}
