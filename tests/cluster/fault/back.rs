//! The undo plan from a run that was killed, and from one that others came between.

use super::bench::{Bench, Ended};
use super::script::{Fault, When, at};
use super::{Test, named};
use crate::api::path;
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

pub(super) fn tests() -> Vec<Test> {
    vec![named("back::from_a_run_that_was_killed", killed), named("back::from_several_attempts", attempts)]
}

/// Where the undo plan is written.
fn file(bench: &Bench) -> String {
    bench.cluster.dir.join("back.json").to_str().unwrap().to_owned()
}

/// Goes back, and says what is not as it was.
fn complaints(bench: &Bench, expected: &crate::harness::State) -> Vec<String> {
    let said = bench.cluster.ours(&["apply", "--plan", &file(bench)]);
    let found = bench.state();
    let keys: BTreeSet<&String> = expected.keys().chain(found.keys()).collect();
    let differ = keys.into_iter().filter(|key| expected.get(*key) != found.get(*key));
    let differ = differ.map(|key| format!("{key}: {:#?} instead of {:#?}", found.get(key), expected.get(key)));
    let ended = (said.code != 0).then(|| format!("ended with {}: {}{}", said.code, said.stdout, said.stderr));
    ended.into_iter().chain(differ).collect()
}

/// Killed at each request of the flights in which it writes.
fn killed(bench: &Bench) {
    let first = bench.calm.seen.iter().position(super::script::Seen::is_write).unwrap();
    let mut wrong = Vec::new();
    for index in first..bench.calm.seen.len() {
        bench.restore();
        let fault = Fault::Late(bench.signals(&["KILL"]), Duration::ZERO);
        let run = bench.run(&["--undo-out", &file(bench)], vec![(at(index), fault)]);
        assert_eq!(run.ended, Ended::Signal(9), "{}", run.stderr);
        assert!(!run.writes().is_empty(), "request {index}");
        wrong.extend(complaints(bench, &bench.start).into_iter().map(|what| format!("request {index}: {what}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Somebody labels an object right before it is written, so that a second attempt is made for it alone. His label stays.
fn attempts(bench: &Bench) {
    let mut wrong = Vec::new();
    for key in bench.start.keys().filter(|key| bench.golden.get(*key) != bench.start.get(*key)) {
        bench.restore();
        let (proxy, object) = (std::sync::Arc::clone(&bench.proxy), path(key, true));
        let label = json!({ "metadata": { "labels": { "another-writer": "was-here" } } });
        let body = label.clone();
        let hook = Box::new(move || {
            let (status, answer) = proxy.block_on(proxy.ask("PATCH", object, Some(body))).unwrap().unwrap();
            assert_eq!(status, 200, "{answer}");
        });
        let object = path(key, true);
        let its_write: When = Box::new(move |_, seen| seen.is_write() && seen.path.starts_with(&object));
        let run = bench.run(&["--undo-out", &file(bench)], vec![(its_write, Fault::First(hook, None))]);
        assert_eq!(run.fired.len(), 1, "{key}");
        assert_eq!(run.ended, Ended::Code(0), "{}\n{}", run.stdout, run.stderr);
        let mut expected = bench.start.clone();
        json_patch::merge(expected.get_mut(key).unwrap(), &label);
        wrong.extend(complaints(bench, &expected).into_iter().map(|what| format!("{key}: {what}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
