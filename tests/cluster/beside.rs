//! The second half of the trials, in a process of its own beside the first: much of what they do is waiting.

use crate::harness::Cluster;
use std::io::{Write as _, stdout};
use std::process::{Child, Command, ExitCode};
use tempfile::NamedTempFile;

/// Set in the process of the second half.
pub(crate) const SECOND_HALF: &str = "CLUSTER_SECOND_HALF";

/// A process that runs the second half, and what it says.
pub(crate) struct Beside {
    child: Child,
    said: NamedTempFile,
}

/// Starts it on a cluster, with our arguments.
pub(crate) fn start(cluster: &Cluster) -> Beside {
    let said = NamedTempFile::new().unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(std::env::args_os().skip(1)).env(SECOND_HALF, "1").env_remove("CLUSTER_DIRS");
    cluster.name_in(&mut command);
    // One after the other into one file: both share its offset.
    let out = said.reopen().unwrap();
    command.stdout(out.try_clone().unwrap()).stderr(out);
    Beside { child: command.spawn().unwrap(), said }
}

impl Beside {
    /// Waits for it, says what it said, and how it ended.
    pub(crate) fn end(mut self) -> ExitCode {
        let status = self.child.wait().unwrap();
        let mut out = stdout().lock();
        out.write_all(&std::fs::read(self.said.path()).unwrap()).unwrap();
        out.flush().unwrap();
        if status.success() { ExitCode::SUCCESS } else { ExitCode::from(101) }
    }
}
