//! Which engine runs phases, and why it refuses one.

/// The version of the engine, and the cargo features that it is built with; `tests/tidy` compares both with what cargo resolves.
/// They determine which of the engine's advisories affect this program.
pub const ENGINE_VERSION: &str = "48.0.8";
/// See [`ENGINE_VERSION`]. The sealed build has less.
#[cfg(not(feature = "foreign"))]
pub const ENGINE_FEATURES: [&str; 5] = ["async", "component-model", "runtime", "std", "wasmtime-jit-icache-coherence"];
/// See [`ENGINE_VERSION`].
#[cfg(feature = "foreign")]
pub const ENGINE_FEATURES: [&str; 7] =
    ["async", "component-model", "cranelift", "parallel-compilation", "runtime", "std", "wasmtime-jit-icache-coherence"];

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
    /// The embedded phase is not as it was built.
    #[error("the phase in this program is damaged: install the plugin again")]
    Damaged,
    /// This is the sealed build.
    #[error("this is the sealed build, which runs only its embedded phase: install the standard build to run another phase")]
    Sealed,
    /// Compiling it takes too long.
    #[error("the phase was not compiled within {0} ms")]
    Slow(u64),
}

/// The innermost cause, which wasmtime's outer messages repeat.
pub(super) fn compile_error(error: wasmtime::Error) -> EngineError {
    EngineError::Compile(error.root_cause().to_string())
}
