// Reads the clock, the environment and a file before it says who it is.
// args: --allow-wasi
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let now = std::time::SystemTime::UNIX_EPOCH.elapsed().expect("after 1970").as_secs();
        let version =
            format!("at-{now}-with-{}-variables-and-files-{}", std::env::vars().count(), std::fs::read("/etc/passwd").is_ok());
        Description { id: version, tasks: Vec::new(), ..description() }
    }
}

hostile!(Case);

// exit: 2
// error: phase `at-0-with-0-variables-and-files-false` has no task `apply`; it has none
