//! One run of the plugin, with everything around it that could be told something, and what was told.

use super::recorder::Recorder;
use super::verbs::{Verb, Way};
use crate::harness::{Cluster, OURS};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::SystemTime;

/// Something that was told, and to whom.
#[derive(Debug)]
pub(super) struct Piece {
    /// As the list of what may be where calls it.
    pub(super) place: String,
    pub(super) bytes: Vec<u8>,
}

/// A folder with a home, files for the plugin, and what it writes.
pub(super) struct Room {
    folder: PathBuf,
    /// What the place-holders of a verb stand for.
    words: Vec<(&'static str, String)>,
    seen: BTreeMap<PathBuf, (SystemTime, u64)>,
}

/// What the plugin starts to log in: it keeps what it is told.
const CHILD: &str = "#!/bin/sh\nhere=$(dirname \"$0\")\nenv >>\"$here/environment\"\nprintf '%s\\n' \"$@\" >>\"$here/arguments\"\n\
    cat >>\"$here/input\"\necho '{\"apiVersion\": \"client.authentication.k8s.io/v1\", \"kind\": \"ExecCredential\", \"status\": {\"token\": \"walk\"}}'\n";
const CHILD_FILES: [(&str, &str); 3] =
    [("environment", "environment of a child"), ("arguments", "arguments of a child"), ("input", "input of a child")];

impl Room {
    /// Prepares it for a phase. `words` are what the place-holders of verbs stand for.
    pub(super) fn new(folder: PathBuf, cluster: &Cluster, recorder: &Recorder, words: Vec<(&'static str, String)>) -> Self {
        for name in ["home", "child", "out/cases/walk", "out/manifests"] {
            std::fs::create_dir_all(folder.join(name)).unwrap();
        }
        let child = folder.join("child/login");
        std::fs::write(&child, CHILD).unwrap();
        std::fs::set_permissions(&child, std::fs::Permissions::from_mode(0o755)).unwrap();
        let exec = json!({
            "apiVersion": "client.authentication.k8s.io/v1", "command": child, "args": ["login"],
            "interactiveMode": "Never", "provideClusterInfo": true,
        });
        let server =
            json!({ "server": format!("https://{}", recorder.proxy), "certificate-authority": cluster.dir.join("pki/ca.crt") });
        let config = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "walk",
            "clusters": [{ "name": "walk", "cluster": server }], "users": [{ "name": "walk", "user": { "exec": exec } }],
            "contexts": [{ "name": "walk", "context": { "cluster": "walk", "user": "walk" } }],
        });
        std::fs::write(folder.join("kubeconfig"), config.to_string()).unwrap();
        let case = "apiVersion: bootstrap-token.kubectl/v1alpha1\nkind: Request\ntask: apply\n";
        std::fs::write(folder.join("out/cases/walk/request.yaml"), case).unwrap();
        let mut room = Self { folder, words, seen: BTreeMap::new() };
        room.changed();
        room
    }

    /// Writes a file of ours, which is not looked into.
    pub(super) fn put(&mut self, name: &str, bytes: &[u8]) {
        std::fs::write(self.folder.join(name), bytes).unwrap();
        self.changed();
    }

    /// Runs the plugin, and returns what it left everywhere.
    pub(super) fn run(&mut self, verb: &Verb, format: &str, recorder: &Recorder) -> (Output, Vec<Piece>) {
        let mut args = verb.args.to_owned();
        for (word, text) in &self.words {
            args = args.replace(&format!("{{{word}}}"), text);
        }
        let format = (!format.is_empty()).then_some(["-o", format]);
        let args: Vec<&str> = args.split_whitespace().chain(format.into_iter().flatten()).collect();
        let output = self.started(&args, verb.way, recorder);
        let mut pieces = vec![
            Piece { place: "stdout".to_owned(), bytes: output.stdout.clone() },
            Piece { place: "stderr".to_owned(), bytes: output.stderr.clone() },
        ];
        let heard = recorder.take();
        let names =
            heard.names.into_iter().map(|name| Piece { place: "a name that is looked up".to_owned(), bytes: name.into() });
        let connections = heard.connections.into_iter().map(|bytes| Piece { place: "a connection".to_owned(), bytes });
        pieces.extend(names.chain(connections));
        pieces.extend(heard.requests.iter().flat_map(|said| requests(said)));
        for (path, bytes) in self.changed() {
            pieces.push(Piece { place: self.place(&path, &bytes), bytes });
        }
        for (name, _) in CHILD_FILES {
            // What the next run tells it is the next run's.
            let _ = std::fs::remove_file(self.folder.join("child").join(name));
        }
        (output, pieces)
    }

    /// In a place where `/etc/resolv.conf` is the recorder's.
    fn started(&self, args: &[&str], way: Way, recorder: &Recorder) -> Output {
        let inside =
            "mount --bind \"$1\" /etc/resolv.conf && mount --bind \"$2\" /etc/nsswitch.conf && shift 2 && exec timeout 60 \"$@\"";
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-c", inside, "sh"]).args([&recorder.resolv_conf, &recorder.nsswitch_conf]);
        command.arg(OURS).args(args).env_clear().stdin(Stdio::null()).current_dir(&self.folder);
        command.env("HOME", self.folder.join("home")).env("KUBECONFIG", self.folder.join("kubeconfig"));
        command.env("PATH", std::env::var_os("PATH").unwrap()).env("WALK", "control-of-the-environment");
        if way == Way::Proxy {
            command.env("HTTPS_PROXY", format!("http://{}", recorder.proxy));
        }
        command.output().expect("unshare of util-linux")
    }

    /// The files that are new or other than they were.
    fn changed(&mut self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut changed = Vec::new();
        let mut folders = vec![self.folder.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).unwrap() {
                let entry = entry.unwrap();
                let (path, metadata) = (entry.path(), entry.metadata().unwrap());
                let stamp = (metadata.modified().unwrap(), metadata.len());
                if metadata.is_dir() {
                    folders.push(path);
                } else if self.seen.insert(path.clone(), stamp) != Some(stamp) {
                    // With its name, which can tell something too.
                    let name = path.strip_prefix(&self.folder).unwrap().to_string_lossy().into_owned().into_bytes();
                    changed.push((path.clone(), [name, std::fs::read(&path).unwrap_or_default()].join(&b'\n')));
                }
            }
        }
        changed
    }

    /// What a file is.
    fn place(&self, path: &Path, bytes: &[u8]) -> String {
        let path = path.strip_prefix(&self.folder).unwrap().to_string_lossy().into_owned();
        if let Some((_, place)) = CHILD_FILES.iter().find(|(name, _)| path == format!("child/{name}")) {
            return (*place).to_owned();
        }
        let is_secret = String::from_utf8_lossy(bytes).contains("kind: Secret");
        let sorts = [
            ("home/.cache/kubectl-bootstrap-token/", "the code cache"),
            ("home/.config/", "the configuration folder"),
            ("home/.local/share/", "the local store"),
            ("out/undo", "an undo file"),
            ("out/plan", "a plan file"),
            ("out/recording", "a recording"),
            ("out/output", "a report file"),
            ("out/cases/", "an expected answer"),
            ("out/manifests/", if is_secret { "a Secret in a folder" } else { "an object in a folder" }),
            ("home/.local/state/", if path.ends_with(".values") { "overwritten values" } else { "an undo file" }),
        ];
        let sort = sorts.iter().find(|(start, _)| path.starts_with(start)).map(|(_, sort)| (*sort).to_owned());
        sort.unwrap_or_else(|| format!("another file: {path}"))
    }
}

/// The requests of a connection, taken apart (RFC 9112). What cannot be taken apart is a piece of its own, which nothing may be in.
fn requests(mut said: &[u8]) -> Vec<Piece> {
    let piece = |place: &str, bytes: &[u8]| Piece { place: place.to_owned(), bytes: bytes.to_owned() };
    let mut pieces = Vec::new();
    while !said.is_empty() {
        let Some(end) = memchr::memmem::find(said, b"\r\n\r\n") else {
            pieces.push(piece("half a request", said));
            break;
        };
        let head = String::from_utf8_lossy(&said[..end]).into_owned();
        let mut lines = head.lines();
        let line = lines.next().unwrap_or_default();
        let (path, query) = line.split_once('?').unwrap_or((line, ""));
        pieces.extend([piece("the path of a request", path.as_bytes()), piece("the query of a request", query.as_bytes())]);
        let mut length = 0;
        for header in lines {
            let (name, value) = header.split_once(':').unwrap_or((header, ""));
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().unwrap_or_default();
            }
            let is_login = name.eq_ignore_ascii_case("authorization");
            pieces.push(piece(if is_login { "the login of a request" } else { "a header of a request" }, header.as_bytes()));
        }
        let rest = &said[end + 4..];
        let (body, next) = rest.split_at(length.min(rest.len()));
        pieces.extend(bodies(path, body));
        said = next;
    }
    pieces
}

/// The body of a request; the values of a Secret by themselves.
fn bodies(path: &str, body: &[u8]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut body = body.to_owned();
    if let (true, Ok(Value::Object(mut object))) = (path.contains("/secrets"), serde_json::from_slice(&body)) {
        let values = ["data", "stringData"].into_iter().filter_map(|field| match object.get_mut(field) {
            Some(Value::Object(values)) => Some(values.values_mut().map(Value::take).collect::<Vec<_>>()),
            _ => None,
        });
        let values: Vec<Value> = values.flatten().collect();
        pieces.extend(
            values
                .iter()
                .map(|value| Piece { place: "a value of a Secret in a request".to_owned(), bytes: value.to_string().into() }),
        );
        body = Value::Object(object).to_string().into();
    }
    pieces.push(Piece { place: "the body of a request".to_owned(), bytes: body });
    pieces
}
