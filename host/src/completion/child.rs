//! A command of ours in a process of its own, which ends in time, together with what it started: a login plugin of the kubeconfig may ask, wait
//! or hang, and who presses TAB is not there to answer.

use super::VARIABLE;
use crate::store;
use std::ffi::OsString;
use std::io::Read as _;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// The data of a command; `None` if it fails, or does not end in time.
pub(super) fn in_time(words: &[OsString], patience: Duration) -> Option<String> {
    let mut command = Command::new(store::program()?);
    command.args(words).env_remove(VARIABLE).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    // A group of its own, which can be ended as a whole, and which no terminal listens to.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn().ok()?;
    let mut output = child.stdout.take()?;
    let (done, waiting) = mpsc::channel();
    std::thread::spawn(move || {
        let mut text = String::new();
        done.send(output.read_to_string(&mut text).ok().map(|_| text))
    });
    let text = waiting.recv_timeout(patience).ok().flatten();
    if text.is_none() {
        end(&mut child);
    }
    let is_good = child.wait().ok()?.success();
    text.filter(|_| is_good)
}

/// Ends a process and all that it started.
fn end(child: &mut Child) {
    // It may have ended meanwhile.
    #[cfg(unix)]
    let _ = rustix::process::kill_process_group(rustix::process::Pid::from_child(child), rustix::process::Signal::KILL);
    let _ = child.kill();
}
