//! The WebAssembly engine, restricted to what a phase needs: one synchronous call in a fresh instance, bounded and deterministic.
//!
//! A crate of its own, because the build of the plugin compiles the embedded phase with the same engine and the same settings.

use std::sync::Arc;
use wasmtime::{Config, CustomCodeMemory, Engine, Result, WasmFeatures};

/// The code of a component for every processor of a target, such as `x86_64-unknown-linux-gnu`: the same for the same bytes.
///
/// # Errors
/// wasmtime's, for a component that it rejects and for a target that this build has no compiler for.
#[cfg(feature = "compiler")]
pub fn precompile(component: &[u8], target: &str) -> Result<Vec<u8>> {
    let mut config = settings();
    // The same answer to the same question on every processor.
    config.cranelift_nan_canonicalization(true);
    // Without a target the code would want all that the processor of this machine has.
    config.target(target)?;
    Engine::new(&config)?.precompile_component(component)
}

/// An engine that only runs what [`precompile`] returned.
///
/// # Errors
/// wasmtime's, if the settings do not fit this machine.
pub fn running() -> Result<Engine> {
    Engine::new(&settings_of_running())
}

/// The same for code that stays where it is; `memory` lets it be called there.
///
/// # Errors
/// wasmtime's, if the settings do not fit this machine.
pub fn running_in_place(memory: Arc<dyn CustomCodeMemory>) -> Result<Engine> {
    Engine::new(settings_of_running().with_custom_code_memory(Some(memory)))
}

#[cfg(feature = "compiler")]
fn settings_of_running() -> Config {
    let mut config = settings();
    config.enable_compiler(false);
    config
}

#[cfg(not(feature = "compiler"))]
fn settings_of_running() -> Config {
    settings()
}

fn settings() -> Config {
    let mut config = Config::new();
    // Fuel is the limit on time: it stops at the same instruction on every machine, unlike a clock.
    config.consume_fuel(true);
    // The safety net, for instructions that are slow but cost one unit of fuel.
    config.epoch_interruption(true);
    config.wasm_simd(false).wasm_relaxed_simd(false);
    // Proposals that no compiler needs for a phase; those that are cargo features of the engine are not built in.
    config.wasm_memory64(false).wasm_tail_call(false).wasm_custom_page_sizes(false);
    config.wasm_wide_arithmetic(false).wasm_gc(false);
    // On by default even in an engine built without them, where helper functions are then missing. Admission refuses them as
    // well.
    config.wasm_features(WasmFeatures::FUNCTION_REFERENCES, false);
    // The engine joins nested components by modules of its own, which access the memories of both; admission refuses a file that
    // contains such a module itself.
    config.wasm_multi_memory(true);
    // A phase's recursion ends before the host's stack does.
    config.max_wasm_stack(512 * 1024);
    // A phase's backtrace is never shown, so the tables for it are not kept.
    config.wasm_backtrace_max_frames(None).generate_address_map(false);
    config
}
