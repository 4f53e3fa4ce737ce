//! Progress: live on a terminal, occasional lines elsewhere.

use super::terminal::{Printer, clean};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use kubephase_core::name::shortened;
use kubephase_core::object::ObjectRef;
use kubephase_core::progress::Progress;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Once;
use std::time::Duration;

/// The interval of the spinner.
const TICK: Duration = Duration::from_millis(200);
/// Shorter operations are not shown at all: lines that appear and vanish at once only flicker.
const PATIENCE: Duration = Duration::from_millis(400);

/// Shows something after [`PATIENCE`].
fn later(show: impl FnOnce() + Send + 'static) {
    std::thread::spawn(move || {
        std::thread::sleep(PATIENCE);
        show();
    });
}

/// How many of several clusters are done, on a terminal; elsewhere nothing.
pub struct ClusterCount {
    bar: ProgressBar,
}

impl ClusterCount {
    /// None of so many is done.
    #[must_use]
    pub fn of(total: usize) -> Self {
        let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} of {len} clusters {elapsed}") {
            bar.set_style(style);
        }
        let shown = bar.clone();
        later(move || {
            if !shown.is_finished() {
                shown.set_draw_target(ProgressDrawTarget::stderr());
                shown.enable_steady_tick(TICK);
            }
        });
        Self { bar }
    }

    /// One more is done.
    pub fn done(&self) {
        self.bar.inc(1);
    }

    /// Does something that prints, without the count in its way.
    pub fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }
}

/// Nothing is counted any more when the visits end.
impl Drop for ClusterCount {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Prints one message for each reason to wait.
pub struct PlainLines<'a, 'b> {
    printer: &'a Printer<'b>,
    told: RefCell<BTreeSet<String>>,
}

impl<'a, 'b> PlainLines<'a, 'b> {
    /// Prints messages with this printer.
    #[must_use]
    pub const fn new(printer: &'a Printer<'b>) -> Self {
        Self { printer, told: RefCell::new(BTreeSet::new()) }
    }
}

impl Progress for PlainLines<'_, '_> {
    fn begun(&self, _target: &ObjectRef) {}

    fn finished(&self, _target: &ObjectRef) {}

    fn delayed(&self, why: &str) {
        if self.told.borrow_mut().insert(why.to_owned()) {
            // A lost progress message is harmless: the report repeats what matters.
            let _ = self.printer.message(&format!("trying again: {why}"));
        }
    }

    fn warned(&self, text: &str) {
        // See above.
        let _ = self.printer.warning(text);
    }
}

/// A live line for each write in progress, removed once it is done, and one for the reason to wait.
pub struct LiveLines<'a, 'b> {
    printer: &'a Printer<'b>,
    lines: MultiProgress,
    writes: RefCell<BTreeMap<ObjectRef, ProgressBar>>,
    waiting: RefCell<Option<ProgressBar>>,
    seen: Once,
}

impl<'a, 'b> LiveLines<'a, 'b> {
    /// Draws on standard error. Permanent messages go to the printer.
    #[must_use]
    pub fn new(printer: &'a Printer<'b>) -> Self {
        let lines = MultiProgress::with_draw_target(ProgressDrawTarget::hidden());
        Self { printer, lines, writes: RefCell::new(BTreeMap::new()), waiting: RefCell::new(None), seen: Once::new() }
    }

    /// Shows the lines that still exist after [`PATIENCE`].
    fn show_later(&self) {
        self.seen.call_once(|| {
            let lines = self.lines.clone();
            later(move || lines.set_draw_target(ProgressDrawTarget::stderr()));
        });
    }

    fn line(&self, text: &str) -> ProgressBar {
        self.show_later();
        let line = self.lines.add(ProgressBar::new_spinner());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
            line.set_style(style);
        }
        line.set_message(clean(&shortened(text)));
        line.enable_steady_tick(TICK);
        line
    }

    fn no_longer_waiting(&self) {
        if let Some(line) = self.waiting.borrow_mut().take() {
            line.finish_and_clear();
        }
    }
}

impl Progress for LiveLines<'_, '_> {
    fn begun(&self, target: &ObjectRef) {
        self.writes.borrow_mut().insert(target.clone(), self.line(&target.to_string()));
    }

    fn finished(&self, target: &ObjectRef) {
        self.no_longer_waiting();
        if let Some(line) = self.writes.borrow_mut().remove(target) {
            line.finish_and_clear();
        }
    }

    fn delayed(&self, why: &str) {
        self.no_longer_waiting();
        *self.waiting.borrow_mut() = Some(self.line(&format!("trying again: {why}")));
    }

    fn warned(&self, text: &str) {
        // As above: a lost message has no effect.
        let _ = self.lines.suspend(|| self.printer.warning(text));
    }
}

/// Nothing is in progress any more when the run ends.
impl Drop for LiveLines<'_, '_> {
    fn drop(&mut self) {
        let _ = self.lines.clear();
    }
}
