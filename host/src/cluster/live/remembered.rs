//! The credentials that plugins have returned to this process: a command that opens several connections to a cluster runs its plugin once,
//! as client-go does (`plugin/pkg/client/auth/exec/exec.go`, `cache`). A person may have to log in for each run.

use super::exec::Credential;
use crate::cluster::ClusterError;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What one plugin has returned. Held while it runs, so that nobody else runs it meanwhile.
type Slot = Arc<Mutex<Option<Arc<Credential>>>>;

/// By everything that a plugin is given.
static SLOTS: Mutex<BTreeMap<String, Slot>> = Mutex::new(BTreeMap::new());

/// The credential for what a plugin is given: what it returned before, unless that has expired, or what it returns now. A failure is not
/// remembered.
///
/// # Errors
/// The error of the plugin.
pub(super) fn credential(
    given: String,
    now: jiff::Timestamp,
    run: impl FnOnce() -> Result<Credential, ClusterError>,
) -> Result<Arc<Credential>, ClusterError> {
    let slot = Arc::clone(SLOTS.lock().unwrap_or_else(PoisonError::into_inner).entry(given).or_default());
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
            let credential = credential(format!("of this test: {given}"), time(now), run).unwrap();
            credential.token.as_ref().unwrap().to_string()
        };
        assert_eq!([ask("a", 0, Some(10)), ask("a", 9, None), ask("a", 10, None), ask("a", 99, None)], ["1", "1", "2", "2"]);
        assert_eq!(ask("b", 0, None), "3", "of another cluster");
        let failed = |_: &str| credential("of this test: c".to_owned(), time(0), || Err(ClusterError::unavailable("no")));
        assert!(failed("c").is_err());
        assert_eq!(ask("c", 0, None), "4", "a failure is not remembered");
    }
}
