//! The real registry, on loopback.

use crate::login::HTPASSWD;
use crate::tls::Authority;
use crate::tools::Tools;
use serde_json::{Value, json};
use std::io::BufReader;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// How it stands after the bind, in the registry's log.
const LISTENING: &str = "listening on ";

/// What a registry is like: plain http for everybody, unless told otherwise.
#[derive(Default)]
pub(crate) struct Setup {
    authority: Option<Arc<Authority>>,
    has_login: bool,
}

impl Setup {
    /// Plain http for everybody.
    pub(crate) fn plain() -> Self {
        Self::default()
    }

    /// With https, and a certificate by an authority.
    pub(crate) fn with_tls(mut self, authority: &Arc<Authority>) -> Self {
        self.authority = Some(Arc::clone(authority));
        self
    }

    /// For those only who know a password.
    pub(crate) fn with_login(mut self) -> Self {
        self.has_login = true;
        self
    }
}

/// A running registry. It ends with this value, also when a trial panics.
pub(crate) struct Registry {
    child: Child,
    address: SocketAddr,
    folder: TempDir,
    log: Arc<Mutex<String>>,
}

impl Registry {
    /// Starts one and returns when it listens.
    pub(crate) fn start(tools: &Tools, setup: Setup) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // JSON is YAML.
        let config = folder.path().join("config.yml");
        std::fs::write(&config, configuration(&folder, &setup).to_string()).unwrap();
        let mut command = Command::new(tools.program("registry"));
        command.arg("serve").arg(&config).current_dir(folder.path()).env_clear().env("HOME", folder.path());
        // It would send traces to a collector otherwise.
        command.env("OTEL_TRACES_EXPORTER", "none");
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let (log, stderr) = (Arc::new(Mutex::new(String::new())), child.stderr.take().unwrap());
        let (sender, receiver) = channel();
        let kept = Arc::clone(&log);
        std::thread::spawn(move || read_log(BufReader::new(stderr), &kept, &sender));
        // It hears nothing if the registry ends before, since the sender ends with the log.
        let Ok(address) = receiver.recv() else {
            let _ = child.kill();
            panic!("the registry did not start: {:?}\n{}", child.wait(), log.lock().unwrap());
        };
        Self { child, address, folder, log }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its host and port, as references begin.
    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    /// A reference in it, of `repository:tag` or `repository@digest`.
    pub(crate) fn reference(&self, name: &str) -> String {
        format!("{}/{name}", self.address)
    }

    /// Where it keeps everything.
    pub(crate) fn storage(&self) -> PathBuf {
        self.folder.path().join("storage")
    }

    /// What it wrote to its log.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn configuration(folder: &TempDir, setup: &Setup) -> Value {
    let mut config = json!({
        "version": 0.1,
        "log": { "level": "info", "accesslog": { "disabled": true } },
        "storage": {
            "filesystem": { "rootdirectory": folder.path().join("storage") },
            "delete": { "enabled": true },
            "maintenance": { "uploadpurging": { "enabled": false } },
        },
        // It chooses a port and tells it in its log.
        "http": { "addr": "127.0.0.1:0", "secret": "of a test" },
    });
    if let Some(authority) = &setup.authority {
        let shown = authority.certify(folder.path());
        config["http"]["tls"] = json!({ "certificate": shown.certificate, "key": shown.key });
    }
    if setup.has_login {
        let path = folder.path().join("htpasswd");
        std::fs::write(&path, HTPASSWD).unwrap();
        config["auth"] = json!({ "htpasswd": { "realm": "of a test", "path": path } });
    }
    config
}

/// Keeps the log to its end, and tells the address once it is said.
fn read_log(mut stderr: impl std::io::BufRead, log: &Mutex<String>, address: &Sender<SocketAddr>) {
    let mut line = String::new();
    while stderr.read_line(&mut line).is_ok_and(|read| read > 0) {
        if let Some((_, rest)) = line.split_once(LISTENING)
            && let Ok(found) = rest.split(['"', ',', ' ']).next().unwrap_or_default().parse()
        {
            let _ = address.send(found);
        }
        log.lock().unwrap().push_str(&line);
        line.clear();
    }
}
