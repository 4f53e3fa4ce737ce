//! The API server dies in the middle, and comes back or does not.

use super::bench::{Bench, Ended, Run};
use super::script::{Cut, Fault, Hook, When, dry_run, status, write};
use super::{Test, named};
use crate::harness::cleared;
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

pub(super) fn tests() -> Vec<Test> {
    vec![
        named("restart::before_the_dry_run", |bench| survived(bench, dry_run(), |hook| Fault::First(hook, None))),
        named("restart::between_dry_run_and_write", |bench| survived(bench, write(), |hook| Fault::First(hook, None))),
        named("restart::while_it_writes", |bench| survived(bench, write(), |hook| Fault::Late(hook, Duration::ZERO))),
        named("restart::after_it_wrote", |bench| survived(bench, write(), |hook| Fault::Cut(Cut::ResetAfter(hook)))),
        named("restart::never_back_before_the_writes", given_up_before),
        named("restart::never_back_during_the_writes", given_up_during),
        named("restart::busy_for_ever", busy),
        named("restart::a_connection_that_swallows_everything", |bench| survived(bench, write(), |_| Fault::Cut(Cut::Swallowed))),
    ]
}

/// Kills the API server and starts it again.
fn restart(bench: &Bench) -> Hook {
    let (folder, endpoint) = (bench.cluster.dir.clone(), bench.cluster.endpoint.clone());
    Box::new(move || {
        let process = std::fs::read_to_string(folder.join("apiserver.pid")).unwrap();
        assert!(Command::new("kill").args(["-s", "KILL", process.trim()]).status().unwrap().success());
        while TcpStream::connect(&endpoint).is_ok() {
            std::thread::yield_now();
        }
        let mut server = cleared(folder.join("start-apiserver"));
        let mut server = server.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // It outlives us; whoever kills it next finds no zombie.
        std::thread::spawn(move || server.wait());
    })
}

/// The same run waits until the server is back, and ends as if nothing had been.
fn survived(bench: &Bench, when: When, fault: fn(Hook) -> Fault) {
    bench.restore();
    let run = bench.run(&[], vec![(when, fault(restart(bench)))]);
    let is_ready = || bench.cluster.run("kubectl", &["get", "--raw", "/readyz"]).code == 0;
    assert!((0..1_000).any(|_| is_ready()), "the API server is back");
    assert_eq!(run.fired.len(), 1);
    assert_eq!(run.ended, Ended::Code(0), "{}\n{}", run.stdout, run.stderr);
    assert_eq!(run.stdout, bench.calm.stdout);
    assert_eq!(bench.state(), bench.golden);
    bench.direct();
    assert_eq!(bench.state(), bench.golden);
}

/// How long the user is willing to wait.
const PATIENCE: [&str; 2] = ["--timeout", "2s"];

fn given_up(bench: &Bench, when: When) -> Run {
    bench.restore();
    bench.run(&PATIENCE, vec![(when, Fault::Cut(Cut::Refused(None)))])
}

fn given_up_before(bench: &Bench) {
    let run = given_up(bench, dry_run());
    assert_eq!((run.ended, run.stdout.as_str()), (Ended::Code(2), ""), "{}", run.stderr);
    assert!(run.stderr.contains("was refused") && run.stderr.contains("--timeout"), "{}", run.stderr);
    assert_eq!(bench.state(), bench.start);
}

/// What the server did with the writes of the first flight cannot be known.
fn given_up_during(bench: &Bench) {
    let run = given_up(bench, write());
    assert_eq!(run.ended, Ended::Code(3), "{}\n{}", run.stdout, run.stderr);
    assert_eq!(run.objects(), bench.calm.objects(), "each operation has its line");
    let (unknown, not_done) = (run.count("unknown"), run.count("not done"));
    assert!(unknown > 0 && not_done > 0 && unknown + not_done == bench.calm.writes().len(), "{}", run.stdout);
    assert!(run.stderr.contains("--timeout") && !run.stdout.contains("kubeadm join"), "{}\n{}", run.stdout, run.stderr);
    bench.direct();
    assert_eq!(bench.state(), bench.golden);
}

/// What is put off again and again was certainly not done.
fn busy(bench: &Bench) {
    bench.restore();
    let script = (0..1_000).map(|_| (write(), status(429, "TooManyRequests", false)));
    let run = bench.run(&PATIENCE, script.collect());
    assert_eq!(run.ended, Ended::Code(2), "{}\n{}", run.stdout, run.stderr);
    assert_eq!(run.objects(), bench.calm.objects(), "each operation has its line");
    assert_eq!(run.count("failed") + run.count("not done") + run.count("unchanged"), run.report().len(), "{}", run.stdout);
    assert!(run.fired.len() > bench.calm.writes().len(), "it was tried again");
    assert_eq!(bench.state(), bench.start);
}
