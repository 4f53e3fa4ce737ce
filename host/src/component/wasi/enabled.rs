//! An empty implementation of WASI.

use crate::component::sandbox::{Asked, Guest};
use std::time::Duration;
use wasmtime::component::{HasData, Linker, Resource, ResourceTable};
use wasmtime_wasi::p2::bindings::clocks::monotonic_clock;
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::p2::{DynPollable, Pollable, subscribe};
use wasmtime_wasi::random::Deterministic;
use wasmtime_wasi::{HostWallClock, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

/// How much a phase may print in a call, bytes; more ends the call.
const OUTPUT_BYTES: usize = 64 * 1024;
/// How many random bytes a call may read.
const RANDOM_BYTES: u64 = 64 * 1024;

/// How many streams, pollables and other resources may exist at a time.
const RESOURCES: usize = 10_000;

/// The context of an instance.
pub(in crate::component) struct Context {
    wasi: WasiCtx,
    table: ResourceTable,
    output: MemoryOutputPipe,
    /// How long the phase has slept, nanoseconds.
    slept: u64,
}

impl Context {
    pub(in crate::component) fn new(asked: &Asked<'_>) -> Self {
        let output = MemoryOutputPipe::new(OUTPUT_BYTES);
        let now = asked.now.parse::<jiff::Timestamp>().unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let seconds = u64::try_from(now.as_second()).unwrap_or_default();
        let (first, _) = asked.seed.split_at(16);
        let seed = first.iter().fold(0_u128, |number, byte| (number << 8) | u128::from(*byte));
        let wasi = WasiCtxBuilder::new()
            .stdout(output.clone())
            .stderr(output.clone())
            .wall_clock(Standing(Duration::from_secs(seconds)))
            .secure_random(Deterministic::new(asked.seed.to_vec()))
            .insecure_random(Deterministic::new(asked.seed.to_vec()))
            .insecure_random_seed(seed)
            .max_random_size(RANDOM_BYTES)
            .allow_tcp(false)
            .allow_udp(false)
            .allow_ip_name_lookup(false)
            .build();
        let mut table = ResourceTable::new();
        table.set_max_capacity(RESOURCES);
        Self { wasi, table, output, slept: 0 }
    }

    /// The output of the phase; `None` if it printed nothing.
    pub(in crate::component) fn output(&self) -> Option<String> {
        let bytes = self.output.contents();
        (!bytes.is_empty()).then(|| String::from_utf8_lossy(&bytes).into_owned())
    }
}

impl WasiView for Guest {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi.wasi, table: &mut self.wasi.table }
    }
}

/// Adds WASI's functions.
pub(in crate::component) fn add_to_linker(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    wasmtime_wasi::p2::add_to_linker_sync(linker)?;
    // The original waits for real time to pass, which nothing could interrupt.
    linker.allow_shadowing(true);
    monotonic_clock::add_to_linker::<_, MonotonicClock>(linker, |guest| Clock(&mut guest.wasi))?;
    linker.allow_shadowing(false);
    Ok(())
}

/// A wall clock that stands still.
struct Standing(Duration);

impl HostWallClock for Standing {
    fn resolution(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn now(&self) -> Duration {
        self.0
    }
}

struct MonotonicClock;

impl HasData for MonotonicClock {
    type Data<'a> = Clock<'a>;
}

/// A clock that moves only when the phase sleeps, which takes no real time.
struct Clock<'a>(&'a mut Context);

impl Clock<'_> {
    fn pollable(&mut self) -> wasmtime::Result<Resource<DynPollable>> {
        let over = self.0.table.push(Over)?;
        subscribe(&mut self.0.table, over)
    }
}

impl monotonic_clock::Host for Clock<'_> {
    fn now(&mut self) -> wasmtime::Result<u64> {
        // Go treats zero as a broken clock.
        Ok(self.0.slept.saturating_add(1))
    }

    fn resolution(&mut self) -> wasmtime::Result<u64> {
        Ok(1)
    }

    fn subscribe_instant(&mut self, when: u64) -> wasmtime::Result<Resource<DynPollable>> {
        self.0.slept = self.0.slept.max(when.saturating_sub(1));
        self.pollable()
    }

    fn subscribe_duration(&mut self, duration: u64) -> wasmtime::Result<Resource<DynPollable>> {
        self.0.slept = self.0.slept.saturating_add(duration);
        self.pollable()
    }
}

/// A pollable that is always ready.
struct Over;

#[wasmtime_wasi::async_trait]
impl Pollable for Over {
    async fn ready(&mut self) {}
}
