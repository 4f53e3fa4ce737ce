//! The example `publish`: a phase that is written, built, tested, published, signed, trusted, pulled and run, as its script does it.

use crate::bench::{Bench, Said};
use crate::tools::OURS;
use crate::{Test, named};
use std::path::Path;
use std::process::Command;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/publish/run");
/// What it must have said in this order.
const SAID: [&str; 7] = [
    "6 passed, 0 failed",
    "pushed example.hello 0.1.0 to ",
    "trusted    no",
    "is not trusted; it was not run",
    "signed by release (sha256:",
    "configmap/hello created",
    "configmap/hello unchanged",
];

pub(crate) fn tests() -> Vec<Test> {
    vec![named("publish::from_the_first_line_to_a_cluster", script)]
}

fn script(_: &Bench) {
    let caches = Path::new(env!("CARGO_TARGET_TMPDIR"));
    // With the environment of the test: it runs cargo, and finds the tools as we do.
    let mut command = Command::new("sh");
    // One stream, so that what was said is in its order.
    command.args(["-c", "exec \"$0\" \"$1\" 2>&1", SCRIPT, OURS]);
    command.env("PUBLISH_TARGET_DIR", caches.join("publish")).env("XDG_CACHE_HOME", caches);
    let said = Said::by(&mut command).ok();
    let mut rest = said.stdout.as_str();
    for words in SAID {
        rest = rest.split_once(words).unwrap_or_else(|| panic!("`{words}` is missing, or too early:\n{}", said.stdout)).1;
    }
}
