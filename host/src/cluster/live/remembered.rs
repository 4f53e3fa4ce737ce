//! The credentials that plugins have returned to this process: a command that opens several connections to a cluster runs its plugin once,
//! as client-go does (`plugin/pkg/client/auth/exec/exec.go`, `cache`). A person may have to log in for each run.

use super::exec::Credential;
use crate::cluster::ClusterError;
use kubephase_core::digest::Digest;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// What one plugin has returned. Held while it runs, so that nobody else runs it meanwhile.
type Slot = Arc<Mutex<Option<Arc<Credential>>>>;

/// How many are remembered: twice as many as there are clusters that are visited at once. Of a thousand clusters all credentials together
/// would be most of the memory that a run takes.
const MOST: usize = 128;

/// By the digest of everything that a plugin is given, the latest last.
static SLOTS: Mutex<VecDeque<(Digest, Slot)>> = Mutex::new(VecDeque::new());

/// The slot of a digest; it is then the latest.
fn slot(given: Digest) -> Slot {
    let mut slots = SLOTS.lock().unwrap_or_else(PoisonError::into_inner);
    let place = slots.iter().position(|(digest, _)| *digest == given);
    let (given, slot) = place.and_then(|place| slots.remove(place)).unwrap_or_else(|| (given, Slot::default()));
    slots.push_back((given, Arc::clone(&slot)));
    let more = slots.len().saturating_sub(MOST);
    slots.drain(..more);
    slot
}

/// The credential for what a plugin is given: what it returned before, unless that has expired, or what it returns now. A failure is not
/// remembered.
///
/// # Errors
/// The error of the plugin.
pub(super) fn credential(
    given: &str,
    now: jiff::Timestamp,
    run: impl FnOnce() -> Result<Credential, ClusterError>,
) -> Result<Arc<Credential>, ClusterError> {
    let slot = slot(Digest::of(given.as_bytes()));
    let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = slot.as_ref().filter(|known| known.expires.is_none_or(|expires| now < expires)) {
        return Ok(Arc::clone(known));
    }
    let credential = Arc::new(run()?);
    *slot = Some(Arc::clone(&credential));
    Ok(credential)
}

#[cfg(test)]
mod tests {
    use super::{Credential, credential};
    use crate::cluster::ClusterError;
    use std::cell::Cell;
    use zeroize::Zeroizing;

    #[test]
    fn a_plugin_runs_once_until_its_credential_expires() {
        let time = |second| jiff::Timestamp::from_second(second).unwrap();
        let runs = Cell::new(0);
        let ask = |given: &str, now, expires: Option<i64>| {
            let run = || {
                runs.set(runs.get() + 1);
                let token = Some(Zeroizing::new(runs.get().to_string()));
                Ok(Credential { token, certificate: None, expires: expires.map(time) })
            };
            let credential = credential(&format!("of this test: {given}"), time(now), run).unwrap();
            credential.token.as_ref().unwrap().to_string()
        };
        assert_eq!([ask("a", 0, Some(10)), ask("a", 9, None), ask("a", 10, None), ask("a", 99, None)], ["1", "1", "2", "2"]);
        assert_eq!(ask("b", 0, None), "3", "of another cluster");
        let failed = |_: &str| credential("of this test: c", time(0), || Err(ClusterError::unavailable("no")));
        assert!(failed("c").is_err());
        assert_eq!(ask("c", 0, None), "4", "a failure is not remembered");
        for other in 0..super::MOST {
            ask(&format!("other {other}"), 0, None);
        }
        assert_eq!(ask("c", 0, None), (5 + super::MOST).to_string(), "the oldest is forgotten");
    }
}
