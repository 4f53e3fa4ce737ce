//! Each request of an `apply`, in turn, meets each fault of a table.

use super::bench::{Bench, Ended, Run};
use super::script::{Cut, Fault, Seen, at, bad_gateway, status, too_long, wait_without_end};
use super::{Test, named};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How long connections are refused.
const REFUSED: Duration = Duration::from_millis(300);
/// How long an answer takes that is late, and how long for the first request of each kind.
const LATE: Duration = Duration::from_secs(2);
const VERY_LATE: Duration = Duration::from_secs(5);
/// SIGKILL.
const KILLED: Ended = Ended::Signal(9);

/// A row of the table.
#[derive(Clone, Copy)]
struct Row {
    name: &'static str,
    fault: fn(&Bench, usize) -> Fault,
    flags: &'static [&'static str],
    ends: Ends,
}

/// How a run with a fault ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    /// As if nothing had been.
    Well,
    /// So too, unless the server has not said anything yet: then its address is probably wrong.
    WellOnceAnswered,
    /// As a failure that is told: of a request that writes, the run is not what was wanted.
    GivenUp,
    /// So too, and what was written has an unknown result.
    InDoubt,
    /// Killed.
    Killed,
}

const fn row(name: &'static str, ends: Ends, fault: fn(&Bench, usize) -> Fault) -> Row {
    Row { name, fault, flags: &[], ends }
}

/// Connections that break, and answers that do not come whole or in time.
const CUTS: [Row; 8] = [
    row("refused", Ends::WellOnceAnswered, |_, _| Fault::Cut(Cut::Refused(Some(REFUSED)))),
    row("reset_before", Ends::WellOnceAnswered, |_, _| Fault::Cut(Cut::ResetBefore)),
    row("reset_after", Ends::WellOnceAnswered, |_, _| Fault::Cut(Cut::ResetAfter(Box::new(|| ())))),
    row("truncated", Ends::Well, |_, _| Fault::Truncated),
    row("unreadable", Ends::Well, |_, _| Fault::Unreadable),
    row("late", Ends::Well, |bench, index| Fault::Late(Box::new(|| ()), late(bench, index))),
    Row { flags: &["--request-timeout", "1s"], ..row("silent", Ends::Well, |_, _| Fault::Silent) },
    row("killed", Ends::Killed, |bench, _| Fault::Late(bench.signals(&["KILL"]), Duration::ZERO)),
];

/// Answers that say no, or too much.
const ANSWERS: [Row; 7] = [
    row("too_many", Ends::Well, |_, _| status(429, "TooManyRequests", false)),
    row("wait_without_end", Ends::GivenUp, |_, _| wait_without_end()),
    row("server_error", Ends::Well, |_, _| status(500, "InternalError", false)),
    row("bad_gateway", Ends::Well, |_, _| bad_gateway()),
    row("unavailable", Ends::Well, |_, _| status(503, "ServiceUnavailable", false)),
    row("timeout_after", Ends::Well, |_, _| status(504, "Timeout", true)),
    Row { flags: &["--limit", "read=256Ki"], ..row("too_long", Ends::InDoubt, |_, _| too_long()) },
];

fn late(bench: &Bench, index: usize) -> Duration {
    let seen = &bench.calm.seen;
    let firsts = [Some(0), seen.iter().position(Seen::is_dry_run), seen.iter().position(Seen::is_write)];
    if firsts.contains(&Some(index)) { VERY_LATE } else { LATE }
}

/// More requests than a run has.
const TOO_MANY: usize = 200;

pub(super) fn of_cuts() -> Vec<Test> {
    of(&CUTS)
}

pub(super) fn of_answers() -> Vec<Test> {
    let mut tests = of(&ANSWERS);
    tests.push(named("sweep::all_at_once", storms));
    tests
}

fn of(rows: &'static [Row]) -> Vec<Test> {
    rows.iter().map(|row| named(format!("sweep::{}", row.name), move |bench| sweep(bench, *row))).collect()
}

/// What a row of the table saw.
#[derive(Default)]
struct Tally {
    runs: usize,
    ends: BTreeMap<Ended, usize>,
    /// Requests that an undisturbed run does not send.
    more: BTreeSet<usize>,
    /// How long the client left the server alone, at least, before it sent the same again.
    pause: Option<Duration>,
    wrong: Vec<String>,
}

impl Tally {
    fn note(&mut self, bench: &Bench, row: Row, index: usize, run: &Run) {
        self.runs += 1;
        *self.ends.entry(run.ended).or_default() += 1;
        self.more.insert(run.seen.len().saturating_sub(bench.calm.seen.len()));
        self.pause = self.pause.into_iter().chain(pause(run, index)).min();
        let wrong = complaints(bench, row, index, run);
        self.wrong.extend((!wrong.is_empty()).then(|| told(index, run, &wrong)));
    }

    /// The row of the table, on standard error beside the line that the trial gets; then the verdict.
    #[expect(clippy::print_stderr, reason = "figures for whoever reads the output")]
    fn tell(self, name: &str) {
        let ends: Vec<String> = self.ends.iter().map(|(end, count)| format!("{end} ({count})")).collect();
        let (runs, ends, wrong) = (self.runs, ends.join(", "), self.wrong.len());
        let more = format!("{}..{}", self.more.first().unwrap(), self.more.last().unwrap());
        let pause = self.pause.map_or("-".to_owned(), |pause| format!("{pause:.1?}"));
        eprintln!(
            "\n{name:<14} runs: {runs:<3} exit: {ends:<15} more requests: {more:<6} soonest again: {pause:<8} wrong: {wrong}"
        );
        assert!(wrong == 0, "{wrong} of {runs}:\n{}", self.wrong.join("\n"));
    }
}

/// One fault at every request in turn, until a run ends without having sent that many.
fn sweep(bench: &Bench, row: Row) {
    let mut tally = Tally::default();
    for index in 0..TOO_MANY {
        bench.restore();
        let run = bench.run(row.flags, vec![(at(index), (row.fault)(bench, index))]);
        if run.fired.is_empty() {
            assert!(index >= bench.calm.seen.len(), "{}: request {index} was not sent", row.name);
            break;
        }
        tally.note(bench, row, index, &run);
    }
    tally.tell(row.name);
}

/// How many runs meet several faults, and how far apart these are.
const STORMS: usize = 5;
const APART: usize = 4;

/// Runs in which one request of a few meets a fault, of all that can be survived in turn.
fn storms(bench: &Bench) {
    let rows: Vec<Row> = CUTS
        .into_iter()
        .chain(ANSWERS)
        .filter(|row| !["late", "too_long", "wait_without_end", "killed"].contains(&row.name))
        .collect();
    let row = Row { flags: &["--request-timeout", "1s"], ..row("all_at_once", Ends::Well, |_, _| Fault::Silent) };
    let mut tally = Tally::default();
    for storm in 0..STORMS {
        bench.restore();
        // The first answer must come, or the address counts as wrong.
        let places = (1..TOO_MANY).filter(|index| index % APART == storm % APART);
        let kind = |index: usize| rows[(index / APART * (1 + storm) + storm) % rows.len()];
        let run = bench.run(row.flags, places.map(|index| (at(index), (kind(index).fault)(bench, index))).collect());
        let last = *run.fired.last().expect("a run has more requests than that");
        tally.note(bench, row, last, &run);
    }
    tally.tell(row.name);
}

/// What is wrong with a run, and with what it left.
fn complaints(bench: &Bench, row: Row, index: usize, run: &Run) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut check = |is_right: bool, what: &dyn Fn() -> String| {
        if !is_right {
            wrong.push(what());
        }
    };
    let (is_first, is_write) = (index == 0, run.seen.get(index).is_some_and(Seen::is_write));
    let expected = match row.ends {
        Ends::WellOnceAnswered if is_first => Ended::Code(2),
        Ends::Well | Ends::WellOnceAnswered => Ended::Code(0),
        Ends::GivenUp | Ends::InDoubt if is_write => Ended::Code(3),
        Ends::GivenUp | Ends::InDoubt => Ended::Code(2),
        Ends::Killed => KILLED,
    };
    check(run.ended == expected, &|| format!("ended with {} instead of {expected}", run.ended));
    let unknown = run.count("unknown");
    // Too long an answer uses up what all answers may have together: the writes under way with it are in doubt too.
    let doubts = if row.ends == Ends::InDoubt && is_write { 1..=run.writes().len() } else { 0..=0 };
    check(doubts.contains(&unknown), &|| format!("{unknown} are unknown, and not {doubts:?}:\n{}", run.stdout));
    match run.ended {
        Ended::Code(0) => check(run.stdout == bench.calm.stdout, &|| format!("stdout:\n{}", run.stdout)),
        Ended::Code(2) => {
            check(run.stdout.is_empty() || run.objects() == bench.calm.objects(), &|| format!("half told:\n{}", run.stdout));
            check(run.writes().is_empty() && bench.state() == bench.start, &|| "2, and something was written".to_owned());
        }
        Ended::Code(_) => check(run.objects() == bench.calm.objects(), &|| format!("half told:\n{}", run.stdout)),
        Ended::Signal(_) => check(run.report().is_empty(), &|| format!("half told:\n{}", run.stdout)),
    }
    // Creations of several objects have the same path, and of the same object only one can succeed.
    let mut targets: Vec<_> = run.writes().into_iter().map(|seen| (&seen.method, &seen.path)).collect();
    targets.sort();
    let twice = targets.windows(2).find(|pair| pair[0] == pair[1] && pair[0].0 != "POST");
    check(twice.is_none(), &|| format!("written twice: {twice:?}"));
    if run.ended == Ended::Code(0) {
        check(bench.state() == bench.golden, &|| "another state than that of an undisturbed run".to_owned());
        let again = bench.direct();
        let is_quiet = again.matches(" unchanged\n").count() == bench.bare.len();
        check(is_quiet, &|| format!("one more run changes something:\n{again}"));
    } else {
        bench.direct();
        check(bench.state() == bench.golden, &|| "another state after one more run".to_owned());
    }
    wrong
}

/// How long after a request the same was sent again.
fn pause(run: &Run, index: usize) -> Option<Duration> {
    let first = run.seen.get(index)?;
    let again = run.seen.iter().skip(index + 1).find(|seen| (&seen.method, &seen.path) == (&first.method, &first.path))?;
    // Creations of several objects have the same path.
    (first.method != "POST").then(|| again.at - first.at)
}

fn told(index: usize, run: &Run, wrong: &[String]) -> String {
    let seen = &run.seen[index];
    format!("request {index} ({} {}): {}\n  stderr: {}", seen.method, seen.path, wrong.join("; "), run.stderr.trim_end())
}
