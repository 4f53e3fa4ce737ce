//! What one trial has: a home that nobody else sees, and the programs run in it.

use crate::registry::{Registry, Setup};
use crate::tools::Tools;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use tempfile::TempDir;

/// What a program said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Said {
    /// Runs a command to its end.
    pub(crate) fn by(command: &mut Command) -> Self {
        let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Itself, of a program that must have succeeded.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, 0, "\n{}\n{}", self.stdout, self.stderr);
        self
    }

    /// Itself, of a program that must have failed and said this.
    #[track_caller]
    pub(crate) fn refused(self, because: &str) -> Self {
        assert!(self.code != 0 && self.stderr.contains(because), "not refused for `{because}`: {self:?}");
        self
    }
}

/// A trial's place.
pub(crate) struct Bench {
    tools: Arc<Tools>,
    dir: TempDir,
}

impl Bench {
    /// An empty one.
    pub(crate) fn new(tools: &Arc<Tools>) -> Self {
        let bench = Self { tools: Arc::clone(tools), dir: tempfile::tempdir().unwrap() };
        for folder in ["home", "bin", "work"] {
            std::fs::create_dir(bench.dir.path().join(folder)).unwrap();
        }
        bench.trust("requireSignature: false\n");
        bench
    }

    /// Says whom we trust; a new bench trusts everybody. `rest` is the policy without its first two lines.
    pub(crate) fn trust(&self, rest: &str) {
        let folder = self.home().join(".config/kubectl-bootstrap-token");
        std::fs::create_dir_all(&folder).unwrap();
        let head = "apiVersion: bootstrap-token.kubectl/v1alpha1\nkind: TrustPolicy\n";
        std::fs::write(folder.join("policy.yaml"), format!("{head}{rest}")).unwrap();
    }

    /// As on a machine on which nobody has said whom we trust.
    pub(crate) fn trust_nobody(&self) {
        std::fs::remove_file(self.home().join(".config/kubectl-bootstrap-token/policy.yaml")).unwrap();
    }

    /// The tools and keys that all trials share.
    pub(crate) fn tools(&self) -> &Tools {
        &self.tools
    }

    /// The home of the programs: their configuration, and our store.
    pub(crate) fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    /// The first folder of the programs' search path.
    pub(crate) fn bin(&self) -> PathBuf {
        self.dir.path().join("bin")
    }

    /// The folder in which programs run.
    pub(crate) fn work(&self) -> PathBuf {
        self.dir.path().join("work")
    }

    /// Writes a file below [`Bench::work`].
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.work().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// A registry of this trial.
    pub(crate) fn registry(&self, setup: Setup) -> Registry {
        Registry::start(&self.tools, setup)
    }

    /// A program (`ours`, `cosign`, `oras`, `wkg`) with this home and nothing of the environment, to be changed further.
    pub(crate) fn command(&self, program: &str, args: &[&str]) -> Command {
        let mut command = Command::new(self.tools.program(program));
        command.args(args).current_dir(self.work()).stdin(Stdio::null()).env_clear();
        command.env("HOME", self.home()).env("PATH", self.tools.search_path(&self.bin())).env("COSIGN_PASSWORD", "");
        if program == "ours" {
            // Phases are compiled once for all trials.
            command.env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"));
        }
        command
    }

    /// Runs us.
    pub(crate) fn ours(&self, args: &[&str]) -> Said {
        Said::by(&mut self.command("ours", args))
    }

    /// Runs cosign.
    pub(crate) fn cosign(&self, args: &[&str]) -> Said {
        Said::by(&mut self.command("cosign", args))
    }

    /// Runs oras.
    pub(crate) fn oras(&self, args: &[&str]) -> Said {
        Said::by(&mut self.command("oras", args))
    }

    /// Runs wkg.
    pub(crate) fn wkg(&self, args: &[&str]) -> Said {
        Said::by(&mut self.command("wkg", args))
    }

    /// Pushes a component by oras over plain http, in the CNCF layout, and returns the digest of its manifest.
    pub(crate) fn oras_push(&self, reference: &str, component: &[u8]) -> String {
        self.oras_push_by(&["--plain-http"], reference, component)
    }

    /// As [`Bench::oras_push`], with arguments that say how to reach the registry.
    pub(crate) fn oras_push_by(&self, way: &[&str], reference: &str, component: &[u8]) -> String {
        // oras takes only files below its folder; the name becomes the title of the layer.
        self.file("push/phase.wasm", component);
        self.file("push/config.json", config(component));
        let args = [&["push", reference, "phase.wasm:application/wasm"], &LAYOUT[..], way].concat();
        let said = Said::by(self.command("oras", &args).current_dir(self.work().join("push"))).ok();
        let said: Value = serde_json::from_str(&said.stdout).unwrap();
        said["digest"].as_str().unwrap().to_owned()
    }

    /// Pulls by oras over plain http and returns the component.
    pub(crate) fn oras_pull(&self, reference: &str) -> Result<Vec<u8>, Said> {
        let out = tempfile::tempdir_in(self.work()).unwrap();
        let said = self.oras(&["pull", "--plain-http", reference, "--output", text(out.path()), "--no-tty"]);
        if said.code == 0 { Ok(only_file(out.path())) } else { Err(said) }
    }

    /// Pushes a component by wkg over plain http, which makes the layout.
    pub(crate) fn wkg_push(&self, reference: &str, component: &[u8]) {
        let file = self.file("push/phase.wasm", component);
        let host = reference.split('/').next().unwrap();
        self.wkg(&["oci", "push", "--insecure", host, reference, text(&file)]).ok();
    }

    /// Pulls by wkg over plain http and returns the component.
    pub(crate) fn wkg_pull(&self, reference: &str) -> Result<Vec<u8>, Said> {
        let out = tempfile::tempdir_in(self.work()).unwrap();
        let file = out.path().join("pulled.wasm");
        let host = reference.split('/').next().unwrap();
        let said = self.wkg(&["oci", "pull", "--insecure", host, reference, "--output", text(&file)]);
        if said.code == 0 { Ok(only_file(out.path())) } else { Err(said) }
    }
}

/// The layout of [`Bench::oras_push`]. With a fixed time, the same component has the same digest.
const LAYOUT: [&str; 6] = [
    "--config",
    "config.json:application/vnd.wasm.config.v0+json",
    "--annotation",
    "org.opencontainers.image.created=1970-01-01T00:00:00Z",
    "--format=json",
    "--no-tty",
];

/// The config that the CNCF layout asks for.
fn config(component: &[u8]) -> String {
    let layer = digest(component);
    serde_json::json!({
        "created": "1970-01-01T00:00:00Z",
        "architecture": "wasm",
        "os": "wasip2",
        "layerDigests": [layer],
        "component": { "exports": [], "imports": [] },
    })
    .to_string()
}

/// `sha256:` and the digest of bytes.
pub(crate) fn digest(bytes: &[u8]) -> String {
    let hex: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// A path as an argument.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn only_file(folder: &Path) -> Vec<u8> {
    let mut paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let path = paths.next().unwrap_or_else(|| panic!("{} is empty", folder.display()));
    assert_eq!(paths.next(), None, "one file only");
    std::fs::read(path).unwrap()
}
