//! The engine, restricted to what a phase needs: one synchronous call in a fresh instance, bounded and deterministic.

use std::path::Path;
use wasmtime::component::Component;
use wasmtime::{Cache, CacheConfig, Config, Engine, WasmFeatures};

/// The version of the engine, and the cargo features that it is built with; `tests/tidy` compares both with what cargo resolves.
/// They determine which of the engine's advisories affect this program.
pub const ENGINE_VERSION: &str = "48.0.8";
/// See [`ENGINE_VERSION`].
pub const ENGINE_FEATURES: &[&str] = if cfg!(feature = "wasi") {
    &["async", "cache", "component-model", "cranelift", "parallel-compilation", "runtime", "std", "wasmtime-jit-icache-coherence"]
} else {
    &["cache", "component-model", "cranelift", "parallel-compilation", "runtime", "std", "wasmtime-jit-icache-coherence"]
};

/// Why the engine rejects a component.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The engine could not be set up.
    #[error("cannot set up the WebAssembly engine: {0}")]
    Engine(String),
    /// The component could not be compiled.
    #[error("cannot compile the phase: {0}")]
    Compile(String),
    /// It does not have the exports of the contract.
    #[error("the file does not export what a phase must export: {0}")]
    NotAPhase(String),
    /// Compiling it needs too much memory.
    #[error("compiling the phase took more than {} MiB of memory", .0 >> 20)]
    Memory(u64),
    /// Compiling it takes too long.
    #[error("the phase was not compiled within {0} ms")]
    Slow(u64),
}

/// Compiles a file only to fill the cache.
///
/// # Errors
/// [`EngineError`] if the engine rejects it.
pub(super) fn precompile(bytes: &[u8], cache: &Path) -> Result<(), EngineError> {
    let engine = engine(Some(cache)).map_err(|error| EngineError::Engine(error.to_string()))?;
    Component::new(&engine, bytes).map(drop).map_err(compile_error)
}

/// The innermost cause, which wasmtime's outer messages repeat.
pub(super) fn compile_error(error: wasmtime::Error) -> EngineError {
    EngineError::Compile(error.root_cause().to_string())
}

/// The engine with its settings, and a cache if there is a folder for one.
pub(super) fn engine(cache: Option<&Path>) -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    // Fuel is the limit on time: it stops at the same instruction on every machine, unlike a clock.
    config.consume_fuel(true);
    // The safety net, for instructions that are slow but cost one unit of fuel.
    config.epoch_interruption(true);
    // The same answer to the same question on every processor.
    config.cranelift_nan_canonicalization(true);
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
    // A phase's backtrace is never shown.
    config.wasm_backtrace_max_frames(None);
    if let Some(folder) = cache {
        let mut settings = CacheConfig::new();
        settings.with_directory(folder);
        // A read-only home, as in many containers, is not an error.
        config.cache(Cache::new(settings).ok());
    }
    Engine::new(&config)
}
