//! Ctrl-C.

use super::bench::{Bench, Ended};
use super::script::{Cut, Fault, dry_run, status, write};
use super::{Test, named};
use std::time::Duration;

/// How long the API server's answer takes while the signals come.
const LATE: Duration = Duration::from_secs(2);

pub(super) fn tests() -> Vec<Test> {
    vec![
        named("signals::one_lets_the_flight_finish", |bench| one(bench, &["INT"])),
        named("signals::a_sigterm_too", |bench| one(bench, &["TERM"])),
        named("signals::an_ignored_one_stays_ignored", ignored),
        named("signals::two_end_it", |bench| two(bench, &["INT", "INT"], 130)),
        named("signals::sigterm_counts_as_the_second_too", |bench| two(bench, &["INT", "TERM"], 143)),
        named("signals::before_the_first_write_one_ends_it", before),
        named("signals::nothing_is_tried_again", no_retries),
        named("signals::a_dead_server_is_not_waited_for", dead),
    ]
}

/// What one more run without a fault must do.
fn assert_repaired(bench: &Bench) {
    bench.direct();
    assert_eq!(bench.state(), bench.golden);
}

fn one(bench: &Bench, signals: &'static [&'static str]) {
    bench.restore();
    let run = bench.run(&[], vec![(write(), Fault::Late(bench.signals(signals), LATE))]);
    assert_eq!(run.ended, Ended::Code(3), "{}\n{}", run.stdout, run.stderr);
    assert_eq!(run.objects(), bench.calm.objects(), "each operation has its line");
    let as_planned = run.report().into_iter().zip(bench.calm.report()).filter(|(told, planned)| told == planned).count();
    assert_eq!(as_planned + run.count("not done"), bench.calm.report().len(), "{}\n{}", run.stdout, run.stderr);
    // There are later flights: of what waits for a role, and of the binding that is made anew.
    assert!(run.count("not done") > 0, "{}", run.stdout);
    assert_eq!(run.writes().len() + run.count("not done"), bench.calm.writes().len(), "the whole flight, and no more");
    assert!(!run.stdout.contains("kubeadm join"), "{}", run.stdout);
    assert_repaired(bench);
}

/// As in the background of a script, or under `nohup`: nothing stops.
fn ignored(bench: &Bench) {
    bench.restore();
    let script = vec![(write(), Fault::Late(bench.signals(&["INT"]), LATE))];
    let run = bench.run_as("--ignore-signal=INT", &[], script);
    assert_eq!(run.ended, Ended::Code(0), "{}\n{}", run.stdout, run.stderr);
    assert_eq!(run.report(), bench.calm.report());
    assert_eq!(bench.state(), bench.golden);
}

fn two(bench: &Bench, signals: &'static [&'static str], code: i32) {
    bench.restore();
    // Longer than anybody waits: it is the signal that ends it.
    let run = bench.run(&[], vec![(write(), Fault::First(bench.signals(signals), Some(Box::new(Fault::Silent))))]);
    assert_eq!(run.ended, Ended::Code(code), "{}\n{}", run.stdout, run.stderr);
    assert!(run.report().is_empty(), "{}", run.stdout);
    assert_repaired(bench);
}

fn before(bench: &Bench) {
    bench.restore();
    let run = bench.run(&[], vec![(dry_run(), Fault::First(bench.signals(&["INT"]), Some(Box::new(Fault::Silent))))]);
    assert_eq!(run.ended, Ended::Signal(2), "{}\n{}", run.stdout, run.stderr);
    assert_eq!(run.stdout, "");
    assert_eq!(bench.state(), bench.start);
}

/// Every write is put off. The signal comes, nothing is tried again, and so nothing is written.
fn no_retries(bench: &Bench) {
    bench.restore();
    let busy = || status(429, "TooManyRequests", false);
    let signalled = Fault::First(bench.signals(&["INT"]), Some(Box::new(busy())));
    let writes = bench.calm.writes().len();
    let script = std::iter::once(signalled).chain((1..writes * 2).map(|_| busy())).map(|fault| (write(), fault));
    let run = bench.run(&[], script.collect());
    assert_eq!(run.ended, Ended::Code(2), "{}\n{}", run.stdout, run.stderr);
    assert_eq!(run.objects(), bench.calm.objects(), "each operation has its line");
    assert_eq!(run.count("failed") + run.count("not done") + run.count("unchanged"), run.report().len(), "{}", run.stdout);
    assert_eq!(bench.state(), bench.start);
}

/// The server is gone when the first write arrives, and the signal comes when the client has tried twice to reach it.
fn dead(bench: &Bench) {
    bench.restore();
    let run = bench.run(&[], vec![(write(), Fault::Cut(Cut::Deaf(bench.signals(&["INT"]))))]);
    assert_eq!(run.ended, Ended::Code(3), "a write may have been stored: {}\n{}", run.stdout, run.stderr);
    assert_eq!(run.objects(), bench.calm.objects(), "each operation has its line");
    assert!(run.count("unknown") > 0, "{}", run.stdout);
    assert!(!run.stderr.contains("--timeout"), "it did not wait to the end: {}", run.stderr);
    assert_repaired(bench);
}
