// Reads the clock, the environment and a file before it says who it is.
// args: --allow-wasi
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
