//! Components of the control plane that stand still, or run with other arguments, for as long as a test wants.

use crate::api::Api;
use crate::harness::{Cluster, cleared};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The controller manager stands still as long as it lives.
pub(super) struct Paused(String);

impl Paused {
    pub(super) fn new(cluster: &Cluster) -> Self {
        let process = std::fs::read_to_string(cluster.dir.join("controller-manager.pid")).unwrap().trim().to_owned();
        signal("STOP", &process);
        Self(process)
    }
}

impl Drop for Paused {
    fn drop(&mut self) {
        signal("CONT", &self.0);
    }
}

fn signal(name: &str, process: &str) {
    assert!(Command::new("kill").args(["-s", name, process]).status().unwrap().success());
}

/// A component runs with another command line as long as it lives.
pub(super) struct Restarted {
    name: &'static str,
    folder: PathBuf,
    endpoint: String,
    kubeconfig: PathBuf,
}

impl Restarted {
    pub(super) fn new(cluster: &Cluster, name: &'static str, from: &str, to: &str) -> Self {
        // bash quotes commas.
        let script = std::fs::read_to_string(cluster.dir.join(format!("start-{name}"))).unwrap().replace("\\,", ",");
        assert!(script.contains(from), "{script}");
        Self::with(cluster, name, &script.replace(from, to))
    }

    /// With this script.
    pub(super) fn with(cluster: &Cluster, name: &'static str, script: &str) -> Self {
        std::fs::write(cluster.dir.join(format!("start-changed-{name}")), script).unwrap();
        let (folder, endpoint) = (cluster.dir.clone(), cluster.endpoint.clone());
        let restarted = Self { name, folder, endpoint, kubeconfig: cluster.kubeconfig.clone() };
        restarted.start(&format!("start-changed-{name}"));
        restarted
    }

    fn start(&self, script: &str) {
        let process = std::fs::read_to_string(self.folder.join(format!("{}.pid", self.name))).unwrap();
        signal("KILL", process.trim());
        if self.name == "apiserver" {
            while TcpStream::connect(&self.endpoint).is_ok() {
                std::thread::yield_now();
            }
        }
        let mut component = cleared("bash");
        component.arg(self.folder.join(script)).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut component = component.spawn().unwrap();
        let started = component.id().to_string();
        // It outlives us; whoever kills it next finds no zombie.
        std::thread::spawn(move || component.wait());
        let pid = self.folder.join(format!("{}.pid", self.name));
        while std::fs::read_to_string(&pid).unwrap().trim() != started {
            std::thread::yield_now();
        }
        Api::of(&self.kubeconfig).ready();
    }
}

impl Drop for Restarted {
    fn drop(&mut self) {
        self.start(&format!("start-{}", self.name));
    }
}
