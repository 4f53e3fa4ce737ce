//! One call in the sandbox: a fresh store, bounded in fuel, time, memory and size of the result.

use super::wasi;
use kubephase_core::grant::Allowance;
use kubephase_core::limits::{Limits, addressable};
use kubephase_core::log::{Level, Log};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;
use wasmtime::{Engine, ResourceLimiter, Store, Trap, UpdateDeadline};

/// The settings of all calls.
pub(super) struct Sandbox<'a> {
    pub(super) engine: Engine,
    pub(super) limits: Limits,
    /// Whether the component may import WASI.
    pub(super) wasi: Allowance,
    /// Receives the resources that a call used, while the instance still exists.
    pub(super) log: &'a dyn Log,
}

/// A call as the sandbox sees it.
pub(super) struct Asked<'a> {
    /// The name of the function.
    pub(super) function: &'static str,
    /// The `now` of the request; empty if there is no request.
    #[cfg_attr(not(feature = "wasi"), expect(dead_code, reason = "only WASI has a clock"))]
    pub(super) now: &'a str,
    /// The only input that random numbers may depend on.
    #[cfg_attr(not(feature = "wasi"), expect(dead_code, reason = "only WASI has random numbers"))]
    pub(super) seed: [u8; 32],
}

fn units_of_fuel(count: u64) -> String {
    let units = if count == 1 { "unit" } else { "units" };
    format!("{count} {units} of fuel")
}

/// Why a call was stopped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// Out of fuel.
    #[error("did not finish within {}", units_of_fuel(*.0))]
    Fuel(u64),
    /// Out of time.
    #[error("did not finish within {0} ms")]
    Time(u64),
    /// Out of memory.
    #[error("wanted more than {0} bytes of memory")]
    Memory(u64),
    /// A table too large.
    #[error("wanted tables of more than {0} entries")]
    Table(u64),
    /// Too many instances.
    #[error("wanted more than {0} instances, memories or tables")]
    Instances(u64),
    /// Out of stack.
    #[error("recursed too deeply")]
    Stack,
    /// The result is too large.
    #[error("returned an answer of more than {0} bytes")]
    Result(u64),
    /// An action that no phase may take, like a result outside its memory, or an exit.
    #[error("broke the contract: {0}")]
    Broken(String),
    /// Any other trap.
    #[error("crashed: {0}")]
    Trap(String),
}

/// The state of one instance: its bounds, and an empty WASI if it was allowed to import it.
pub(super) struct Guest {
    limits: Limits,
    memory: usize,
    elements: usize,
    pub(super) wasi: wasi::Context,
}

/// The bound that an instance tried to exceed.
#[derive(Debug, Clone, Copy, thiserror::Error)]
enum Exceeded {
    #[error("memory")]
    Memory,
    #[error("table")]
    Table,
}

/// The engine's own limits, as types that can be told apart. Memory and tables are limited in total.
impl ResourceLimiter for Guest {
    fn memory_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let sum = self.memory.saturating_add(desired.saturating_sub(current));
        if sum > addressable(self.limits.memory_bytes) {
            return Err(wasmtime::Error::new(Exceeded::Memory));
        }
        self.memory = sum;
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let sum = self.elements.saturating_add(desired.saturating_sub(current));
        if sum > addressable(self.limits.table_elements) {
            return Err(wasmtime::Error::new(Exceeded::Table));
        }
        self.elements = sum;
        Ok(true)
    }

    fn instances(&self) -> usize {
        addressable(self.limits.instances)
    }

    fn memories(&self) -> usize {
        addressable(self.limits.instances)
    }

    fn tables(&self) -> usize {
        addressable(self.limits.instances)
    }
}

impl Sandbox<'_> {
    /// Makes a call in a fresh store.
    pub(super) fn call<T>(
        &self,
        asked: &Asked<'_>,
        call: impl FnOnce(&mut Store<Guest>) -> wasmtime::Result<T>,
    ) -> Result<T, Stop> {
        let limits = self.limits;
        let stopped = |error: wasmtime::Error| match stop(&error, limits) {
            Stop::Trap(trap) => Stop::Trap(format!("{trap} (in `{}`)", asked.function)),
            other => other,
        };
        let mut store = Store::new(&self.engine, Guest { limits, memory: 0, elements: 0, wasi: wasi::Context::new(asked) });
        store.limiter(|guest| guest);
        store.set_fuel(limits.fuel).map_err(stopped)?;
        store.set_hostcall_fuel(addressable(limits.result_bytes));
        // The epoch is of the engine, whose other calls go on: each looks whether its own time is over.
        let is_over = Arc::new(AtomicBool::new(false));
        let mine = Arc::clone(&is_over);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(move |_| match mine.load(Ordering::Relaxed) {
            true => Err(Trap::Interrupt.into()),
            false => Ok(UpdateDeadline::Continue(1)),
        });
        let watchdog = Watchdog::new(&self.engine, Duration::from_millis(limits.call_millis), is_over);
        let answer = call(&mut store);
        drop(watchdog);
        let fuel = limits.fuel.saturating_sub(store.get_fuel().unwrap_or_default());
        let memory = store.data().memory;
        self.log.line(Level::Calls, &|| format!("{}: {fuel} units of fuel, {memory} bytes of memory", asked.function));
        if let Some(text) = store.data().wasi.output() {
            self.log.line(Level::Calls, &|| format!("{} printed: {text}", asked.function));
        }
        answer.map_err(stopped)
    }
}

/// How long a watchdog waits before it tells a call again that its time is over.
const AGAIN: Duration = Duration::from_millis(10);

/// Ends a call that runs out of time: a safety net below fuel, which counts a single unit for an instruction that fills all
/// memory.
struct Watchdog {
    done: Option<mpsc::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Watchdog {
    fn new(engine: &Engine, time: Duration, is_over: Arc<AtomicBool>) -> Self {
        let (done, waiting) = mpsc::channel::<()>();
        let engine = engine.clone();
        let thread = std::thread::spawn(move || {
            let mut wait = time;
            while waiting.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                is_over.store(true, Ordering::Relaxed);
                engine.increment_epoch();
                // A processor may show a call the new epoch before the flag: it then goes on, to the next epoch.
                wait = AGAIN;
            }
        });
        Self { done: Some(done), thread: Some(thread) }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        // The thread sees the closed channel.
        drop(self.done.take());
        let _ = self.thread.take().map(std::thread::JoinHandle::join);
    }
}

fn stop(error: &wasmtime::Error, limits: Limits) -> Stop {
    if let Some(exceeded) = error.downcast_ref::<Exceeded>() {
        return match exceeded {
            Exceeded::Memory => Stop::Memory(limits.memory_bytes),
            Exceeded::Table => Stop::Table(limits.table_elements),
        };
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => Stop::Fuel(limits.fuel),
        Some(Trap::Interrupt) => Stop::Time(limits.call_millis),
        Some(Trap::StackOverflow) => Stop::Stack,
        Some(trap) => Stop::Trap(trap.to_string()),
        None => match error.root_cause().to_string() {
            // wasmtime has no types for these two.
            text if text.contains("fuel allocated for hostcalls") => Stop::Result(limits.result_bytes),
            text if text.contains("count too high") => Stop::Instances(limits.instances),
            text => Stop::Broken(text),
        },
    }
}
