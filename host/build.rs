//! Builds and compiles the official phase for the sandbox, to be embedded by `component/source.rs`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a broken build should say so and stop")]
#![allow(clippy::print_stdout, clippy::exit, clippy::disallowed_methods, reason = "how a build script talks to cargo")]

use sha2::{Digest as _, Sha256};
use std::path::PathBuf;
use std::process::Command;

const PACKAGE: &str = "bootstrap-token-phase";
const TARGET: &str = "wasm32-wasip2";

fn main() {
    let host = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let workspace = host.parent().expect("the host is a member").to_owned();
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    // Relative to this package: two checkouts may share a target folder, and must not look at each other's files.
    let phase = ["../phase-wasm/src", "../phase-wasm/Cargo.toml", "../tests/releases/versions"];
    for input in ["build.rs", "../wit", "../Cargo.lock", "../Cargo.toml"].into_iter().chain(phase) {
        println!("cargo::rerun-if-changed={input}");
    }

    // A target folder of its own: the outer cargo holds the lock of the usual one. Flags that are meant for the outer build
    // (sanitizers, linkers, coverage) would break this one.
    let target = out.join("phase");
    let status = Command::new(std::env::var_os("CARGO").expect("cargo sets it"))
        .args(["build", "--locked", "--package", PACKAGE, "--profile", "phase", "--target", TARGET])
        .arg("--target-dir")
        .arg(&target)
        .current_dir(&workspace)
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("RUSTC_WORKSPACE_WRAPPER")
        .status()
        .expect("cargo runs");
    if !status.success() {
        println!("cargo::error=the phase does not build; is its target there? Try: rustup target add {TARGET}");
        std::process::exit(1);
    }

    let wasm = target.join(TARGET).join("phase").join(PACKAGE.replace('-', "_")).with_extension("wasm");
    let triple = std::env::var("TARGET").expect("cargo sets it");
    println!("cargo::rustc-env=PHASE_WASM={}", wasm.display());
    println!("cargo::rustc-env=TARGET_TRIPLE={triple}");

    let bytes = std::fs::read(&wasm).expect("cargo built it");
    let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    println!("cargo::rustc-env=PHASE_DIGEST=sha256:{digest}");

    // The code of the phase, so that no run has to compile it.
    let code = kubephase_engine::precompile(&bytes, &triple).expect("the engine compiles the phase");
    let file = out.join("phase.code");
    println!("cargo::rustc-env=PHASE_CODE={}", file.display());
    println!("cargo::rustc-env=PHASE_CODE_CHECKSUM={}", crc32fast::hash(&code));
    std::fs::write(file, code).expect("cargo's folder can be written");
}
