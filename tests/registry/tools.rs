//! The programs that `build` made, and what all trials share.

use crate::bench::Said;
use crate::signing::Keys;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use tempfile::TempDir;

/// Our binary.
pub(crate) const OURS: &str = env!("CARGO_BIN_EXE_kubectl-bootstrap_token");
/// The component that trials push: the embedded phase.
pub(crate) const PHASE: &[u8] = include_bytes!(env!("PHASE_WASM"));

/// Where the programs are.
pub(crate) struct Tools {
    bin: PathBuf,
    shared: TempDir,
    keys: OnceLock<[Keys; 2]>,
}

impl Tools {
    /// The programs that `make test-registry` built; none without it.
    pub(crate) fn from_env() -> Option<Self> {
        let bin = PathBuf::from(std::env::var_os("REGISTRY_TOOLS")?);
        // Each by name, so that one that was not built is told before any trial.
        for name in ["registry", "cosign", "oras", "wkg"] {
            assert!(bin.join(name).exists(), "REGISTRY_TOOLS: there is no `{name}` in {}", bin.display());
        }
        Some(Self { bin, shared: tempfile::tempdir().unwrap(), keys: OnceLock::new() })
    }

    /// One of `registry`, `cosign`, `oras`, `wkg`, `ours`, and `tar`, which is the system's.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        match name {
            "ours" => PathBuf::from(OURS),
            "tar" => PathBuf::from(name),
            _ => self.bin.join(name),
        }
    }

    /// A search path with a folder of the trial first, the tools, and the system's shell.
    pub(crate) fn search_path(&self, first: &Path) -> OsString {
        std::env::join_paths([first, &self.bin, Path::new("/usr/bin"), Path::new("/bin")]).unwrap()
    }

    /// The keys that trials sign with. Made once: it takes cosign half a second.
    pub(crate) fn keys(&self) -> &Keys {
        &self.both_keys()[0]
    }

    /// Keys of somebody else.
    pub(crate) fn other_keys(&self) -> &Keys {
        &self.both_keys()[1]
    }

    fn both_keys(&self) -> &[Keys; 2] {
        self.keys.get_or_init(|| ["release", "other"].map(|name| self.new_keys(&self.shared.path().join(name))))
    }

    fn new_keys(&self, dir: &Path) -> Keys {
        std::fs::create_dir(dir).unwrap();
        let mut command = Command::new(self.program("cosign"));
        command.arg("generate-key-pair").current_dir(dir).env_clear().env("HOME", dir).env("COSIGN_PASSWORD", "");
        Said::by(&mut command).ok();
        Keys { private: dir.join("cosign.key"), public: dir.join("cosign.pub") }
    }
}
