//! The other parts of the trials, each in a process of its own beside the first: much of what they do is waiting.

use crate::harness::Cluster;
use std::io::{Write as _, stdout};
use std::process::{Child, Command};
use tempfile::NamedTempFile;

/// Which part it is, in the process of another part than the first.
const PART: &str = "CLUSTER_PART";

/// The part of this process; none in the first process.
pub(crate) fn part() -> Option<usize> {
    std::env::var(PART).ok().map(|part| part.parse().unwrap())
}

/// A process that runs another part, and what it says.
pub(crate) struct Beside {
    child: Child,
    said: NamedTempFile,
}

/// Starts a part on a cluster, with our arguments.
pub(crate) fn start(cluster: &Cluster, part: usize) -> Beside {
    let said = NamedTempFile::new().unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(std::env::args_os().skip(1)).env(PART, part.to_string()).env_remove("CLUSTER_DIRS");
    cluster.name_in(&mut command);
    // One after the other into one file: both share its offset.
    let out = said.reopen().unwrap();
    command.stdout(out.try_clone().unwrap()).stderr(out);
    Beside { child: command.spawn().unwrap(), said }
}

impl Beside {
    /// Waits for it, says what it said, and whether it ended well.
    pub(crate) fn end(mut self) -> bool {
        let status = self.child.wait().unwrap();
        let mut out = stdout().lock();
        out.write_all(&std::fs::read(self.said.path()).unwrap()).unwrap();
        out.flush().unwrap();
        status.success()
    }
}
