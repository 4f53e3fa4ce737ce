//! Another writer changes an object between the moments at which we look at it.

use super::bench::{Bench, Ended, Run};
use super::script::{Fault, When, dry_run, write};
use super::{Test, named};
use crate::api::path;
use serde_json::{Value, json};

/// When the other one writes: after we read, or after we tried.
#[derive(Clone, Copy)]
enum Moment {
    DryRun,
    Write,
}

impl Moment {
    fn when(self) -> When {
        match self {
            Self::DryRun => dry_run(),
            Self::Write => write(),
        }
    }
}

/// What the other one does to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    /// Adds a label.
    Label,
    /// Creates it as we would, with a label.
    Create,
    /// Deletes it.
    Delete,
}

/// The label.
const LABEL: (&str, &str) = ("another-writer", "was-here");
/// It is deleted and created again, and so loses what others added. (kubeadm cannot repair it at all.)
const MADE_ANEW: &str = "ClusterRoleBinding//kubeadm:get-nodes";

pub(super) fn tests() -> Vec<Test> {
    let moments = [("before_the_dry_run", Moment::DryRun), ("before_the_write", Moment::Write)];
    let tests = moments.into_iter().flat_map(|(name, moment)| {
        let changes = [("label", Change::Label), ("create", Change::Create), ("delete", Change::Delete)];
        changes.into_iter().map(move |(what, change)| {
            named(format!("writers::{what}_{name}"), move |bench| for_each_object(bench, moment, change))
        })
    });
    tests.collect()
}

/// Each object of the plan in turn.
fn for_each_object(bench: &Bench, moment: Moment, change: Change) {
    let keys = bench.bare.keys().filter(|key| (change == Change::Create) != bench.start.contains_key(*key));
    // Whoever deletes what is left alone does so after our work, as far as anybody can tell.
    let keys: Vec<_> = keys.filter(|key| change != Change::Delete || is_written(bench, key)).collect();
    assert!(!keys.is_empty());
    let wrong: Vec<String> = keys.into_iter().flat_map(|key| complaints(bench, moment.when(), change, key)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether an undisturbed run changes the object.
fn is_written(bench: &Bench, key: &str) -> bool {
    bench.start.get(key) != bench.golden.get(key)
}

fn complaints(bench: &Bench, when: When, change: Change, key: &str) -> Vec<String> {
    // As if we had come after the other one.
    bench.restore();
    make(bench, change, key);
    bench.direct();
    let expected = bench.state();
    bench.restore();
    let run = run(bench, when, change, key);
    let found = bench.state();

    let mut wrong = Vec::new();
    let mut check = |is_right: bool, what: String| wrong.extend((!is_right).then_some(what));
    check(run.fired.len() == 1, "the other one did not write".to_owned());
    check(run.ended == Ended::Code(0), format!("ended with {}", run.ended));
    let sorted = |run: &Run| run.objects().into_iter().map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
    check(sorted(&run) == sorted(&bench.calm), "another report".to_owned());
    check(found == expected, format!("{:?}\ninstead of\n{:?}", found.get(key), expected.get(key)));
    let has_label = found.get(key).is_some_and(|object| object["metadata"]["labels"][LABEL.0] == LABEL.1);
    check(has_label || change == Change::Delete || key == MADE_ANEW, "the label is gone".to_owned());
    let is_refused = run.seen.iter().any(|seen| seen.method != "GET" && [404, 409].contains(&seen.status));
    check(is_refused || !is_written(bench, key), "nobody noticed".to_owned());
    wrong.into_iter().map(|what| format!("{change:?} {key}: {what}\n{}{}", run.stdout, run.stderr)).collect()
}

/// A run in which the other one writes at a moment.
fn run(bench: &Bench, when: When, change: Change, key: &str) -> Run {
    let (proxy, request) = (std::sync::Arc::clone(&bench.proxy), request(bench, change, key));
    let hook = move || {
        let (method, path, body) = request;
        let (status, answer) = proxy.block_on(proxy.ask(method, path, body)).unwrap().unwrap();
        assert!((200..300).contains(&status), "{answer}");
    };
    bench.run(&[], vec![(when, Fault::First(Box::new(hook), None))])
}

fn make(bench: &Bench, change: Change, key: &str) {
    let (method, path, body) = request(bench, change, key);
    let (status, answer) = bench.ask_all(vec![(method, path, body.as_ref())]).remove(0);
    assert!((200..300).contains(&status), "{answer}");
}

fn request(bench: &Bench, change: Change, key: &str) -> (&'static str, String, Option<Value>) {
    let label = json!({ "metadata": { "labels": { LABEL.0: LABEL.1 } } });
    match change {
        Change::Label => ("PATCH", path(key, true), Some(label)),
        Change::Delete => ("DELETE", path(key, true), None),
        Change::Create => {
            let mut object = bench.bare[key].clone();
            json_patch::merge(&mut object, &label);
            ("POST", path(key, false), Some(object))
        }
    }
}
