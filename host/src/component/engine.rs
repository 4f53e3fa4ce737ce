//! The engine, narrowed to what a phase needs: one synchronous call in a fresh instance, bounded and repeatable.

use super::admit::Admitted;
use kubephase_core::limits::Limits;
use std::path::Path;
use wasmtime::component::Component;
use wasmtime::{Cache, CacheConfig, Config, Engine, StoreLimitsBuilder};

/// A component that the engine does not take.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The engine could not be set up.
    #[error("cannot set up the WebAssembly engine: {0}")]
    Engine(String),
    /// The component could not be compiled.
    #[error("cannot compile the phase: {0}")]
    Compile(String),
}

/// Compiles an admitted component. `cache` is a folder for compiled code, if there shall be one; code in it is found by the
/// component's bytes and the engine's settings, and must be writable by the user alone.
///
/// # Errors
/// [`EngineError`] if the engine does not take it.
pub(super) fn compile(admitted: &Admitted, cache: Option<&Path>) -> Result<(Engine, Component), EngineError> {
    let engine = engine(cache).map_err(|error| EngineError::Engine(error.to_string()))?;
    let component = Component::new(&engine, &admitted.bytes).map_err(compile_error)?;
    Ok((engine, component))
}

/// The innermost cause, which wasmtime's outer texts repeat.
pub(super) fn compile_error(error: wasmtime::Error) -> EngineError {
    EngineError::Compile(error.root_cause().to_string())
}

fn engine(cache: Option<&Path>) -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    // Fuel is the limit on time: it stops at the same instruction on every machine, unlike a clock.
    config.consume_fuel(true);
    // The same answer for the same question on every processor.
    config.cranelift_nan_canonicalization(true);
    config.wasm_simd(false).wasm_relaxed_simd(false);
    // Proposals that no compiler needs for a phase.
    config.wasm_memory64(false).wasm_tail_call(false).wasm_multi_memory(false);
    // A phase's recursion ends before the host's stack does.
    config.max_wasm_stack(512 * 1024);
    // Nobody reads a phase's backtrace.
    config.wasm_backtrace_max_frames(None);
    if let Some(folder) = cache {
        let mut settings = CacheConfig::new();
        settings.with_directory(folder);
        // A home that cannot be written to, as in many containers, is no reason to fail.
        config.cache(Cache::new(settings).ok());
    }
    Engine::new(&config)
}

/// The limits that the engine itself enforces on an instance.
pub(super) fn store_limits(limits: Limits) -> wasmtime::StoreLimits {
    StoreLimitsBuilder::new()
        .memory_size(limits.memory_bytes)
        .table_elements(limits.table_elements)
        // wit-component splits a component into the module and small shims.
        .instances(8)
        .memories(1)
        .tables(4)
        .trap_on_grow_failure(true)
        .build()
}
