//! Phases are built, each by its own script, if what they are built from has changed.

use crate::{Phase, host::host, root};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// With this code a build script says that its toolchain is not there.
const NO_TOOLCHAIN: i32 = 77;

/// What became of a build.
pub(crate) enum Built {
    Ready(PathBuf),
    NoToolchain(String),
    Failed(String),
}

/// Builds a phase.
pub(crate) fn build(phase: Phase) -> Built {
    let built = if is_current(phase) { Built::Ready(component(phase)) } else { build_anew(phase) };
    match &built {
        // Compiled once, and not by all trials at the same time.
        Built::Ready(component) => drop(host(phase, component, &["phase", "inspect"])),
        Built::NoToolchain(reason) => notice(phase, reason),
        Built::Failed(_) => {}
    }
    built
}

fn build_anew(phase: Phase) -> Built {
    eprintln!("building {}", phase.name);
    let _ = std::fs::remove_file(stamp(phase));
    let output = Command::new(source(phase).join("build")).arg(component(phase)).stdin(Stdio::null()).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    match output.status.code() {
        Some(0) => {
            std::fs::write(stamp(phase), inputs(phase)).unwrap();
            Built::Ready(component(phase))
        }
        Some(NO_TOOLCHAIN) => Built::NoToolchain(stderr),
        _ => Built::Failed(format!("the phase does not build ({}):\n{stderr}", output.status)),
    }
}

fn notice(phase: Phase, reason: &str) {
    let line = "*".repeat(100);
    eprintln!("{line}\n*\n*  {} IS NOT TESTED", phase.name.to_uppercase());
    reason.lines().for_each(|reason| eprintln!("*  {reason}"));
    eprintln!("*\n{line}");
}

fn source(phase: Phase) -> PathBuf {
    root().join("examples/phases").join(phase.name)
}

fn component(phase: Phase) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.wasm", phase.name))
}

/// The file with what the component was built from.
fn stamp(phase: Phase) -> PathBuf {
    component(phase).with_extension("inputs")
}

fn is_current(phase: Phase) -> bool {
    component(phase).exists() && std::fs::read(stamp(phase)).is_ok_and(|stamp| stamp == inputs(phase))
}

/// All that a component is built from, one file after the other.
fn inputs(phase: Phase) -> Vec<u8> {
    let mut files = Vec::new();
    collect(&source(phase), &mut files);
    ["wit"].iter().chain(phase.sources).for_each(|folder| collect(&root().join(folder), &mut files));
    files.sort();
    files.iter().flat_map(|path| [path.to_string_lossy().as_bytes(), &std::fs::read(path).unwrap()].concat()).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
}
