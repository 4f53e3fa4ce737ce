//! Builds and compiles the official phase for the sandbox, to be embedded by `component/source.rs`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a broken build should say so and stop")]
#![allow(clippy::print_stdout, clippy::exit, clippy::disallowed_methods, reason = "how a build script talks to cargo")]

#[path = "build/dependencies.rs"]
mod dependencies;

use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};
use std::process::Command;

const PACKAGE: &str = "bootstrap-token-phase";
const TARGET: &str = "wasm32-wasip2";

fn main() {
    let host = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let workspace = host.parent().expect("the host is a member").to_owned();
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    // Relative to this package: two checkouts may share a target folder, and must not look at each other's files.
    let phase = ["../phase-wasm/src", "../phase-wasm/Cargo.toml", "../tests/releases/versions"];
    for input in ["build.rs", "build", "../wit", "../Cargo.lock", "../Cargo.toml"].into_iter().chain(phase) {
        println!("cargo::rerun-if-changed={input}");
    }

    // A target folder of its own: the outer cargo holds the lock of the usual one.
    let target = out.join("phase");
    let status = cargo(&workspace)
        .args(["build", "--locked", "--package", PACKAGE, "--profile", "phase", "--target", TARGET])
        .arg("--target-dir")
        .arg(&target)
        .status()
        .expect("cargo runs");
    if !status.success() {
        println!("cargo::error=the phase does not build; is its target there? Try: rustup target add {TARGET}");
        std::process::exit(1);
    }

    let wasm = target.join(TARGET).join("phase").join(PACKAGE.replace('-', "_")).with_extension("wasm");
    let triple = std::env::var("TARGET").expect("cargo sets it");
    let mut bytes = std::fs::read(&wasm).expect("cargo built it");
    bytes.extend(dependencies::section(|| cargo(&workspace), PACKAGE, TARGET));
    let wasm = out.join("phase.wasm");
    std::fs::write(&wasm, &bytes).expect("cargo's folder can be written");
    println!("cargo::rustc-env=PHASE_WASM={}", wasm.display());
    println!("cargo::rustc-env=TARGET_TRIPLE={triple}");
    let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    println!("cargo::rustc-env=PHASE_DIGEST=sha256:{digest}");

    // The code of the phase, so that no run has to compile it.
    let code = kubephase_engine::precompile(&bytes, &triple).expect("the engine compiles the phase");
    let file = out.join("phase.code");
    println!("cargo::rustc-env=PHASE_CODE={}", file.display());
    println!("cargo::rustc-env=PHASE_CODE_CHECKSUM={}", crc32fast::hash(&code));
    std::fs::write(file, code).expect("cargo's folder can be written");
}

/// The cargo that builds us. Flags and wrappers that are meant for the outer build (sanitizers, linkers, coverage) would break this one.
///
/// Panics of crates name their files. Where cargo keeps them on this machine must not be in the phase: it has the same bytes, and so one
/// digest, on every machine.
fn cargo(workspace: &Path) -> Command {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo"))).expect("cargo has a home");
    let mut cargo = Command::new(std::env::var_os("CARGO").expect("cargo sets it"));
    cargo
        .current_dir(workspace)
        .env_remove("RUSTFLAGS")
        .env_remove("RUSTC_WORKSPACE_WRAPPER")
        .env("CARGO_ENCODED_RUSTFLAGS", format!("--remap-path-prefix={}=/cargo", home.display()));
    cargo
}
