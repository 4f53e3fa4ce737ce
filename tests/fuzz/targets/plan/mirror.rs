//! The component that answers what it is told, and what the host told it.

use kubectl_bootstrap_token::component::{Admitted, ComponentBytes, Phase, Vouched};
use kubectl_bootstrap_token::config::limits::LIMITS;
use kubephase_core::grant::Extras;
use kubephase_core::log::{Level, Log};
use kubephase_core::trust::Trusted;
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

thread_local! {
    static PHASE: Phase<'static> = load();
    static TOLD: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Remembers what a phase is told and answers.
struct Told;

impl Log for Told {
    fn line(&self, level: Level, text: &dyn Fn() -> String) {
        if level == Level::Answers {
            TOLD.with_borrow_mut(|told| told.push_str(&text()));
        }
    }
}

/// Asks the component. Returns all that went in and came out, too.
pub(super) fn ask<T>(question: impl FnOnce(&Phase<'static>) -> T) -> (T, String) {
    TOLD.take();
    let answer = PHASE.with(question);
    (answer, TOLD.take())
}

fn load() -> Phase<'static> {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    let bytes = BYTES.get_or_init(|| std::fs::read(built()).unwrap());
    let admitted =
        Admitted::admit(Vouched::new(ComponentBytes::Foreign(bytes.clone()), Trusted::embedded()), LIMITS, Extras::default())
            .unwrap();
    Phase::load(&admitted, LIMITS, None, &Told).unwrap()
}

/// Builds it. Flags that are meant for the outer build would break this one.
fn built() -> PathBuf {
    // Of the package that cargo runs: the host, or the one beside this folder.
    let package = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    let folders = ["../tests/fuzz/mirror", "mirror"].map(|folder| package.join(folder));
    let folder = folders.into_iter().find(|folder| folder.is_dir()).unwrap();
    let beside = || std::env::current_exe().unwrap().with_file_name("");
    let target = option_env!("CARGO_TARGET_TMPDIR").map_or_else(beside, PathBuf::from).join("mirror");
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--quiet", "--locked", "--release", "--target-dir"])
        .arg(&target)
        // Where `.cargo/config.toml` is.
        .current_dir(folder)
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("CARGO_BUILD_TARGET")
        .env_remove("RUSTC_WORKSPACE_WRAPPER")
        .status();
    assert!(status.unwrap().success(), "tests/fuzz/mirror does not build; try: rustup target add wasm32-unknown-unknown");
    target.join(Path::new("wasm32-unknown-unknown/release/mirror.wasm"))
}
