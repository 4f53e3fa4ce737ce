//! From an admitted component to code: the build compiled the embedded one; another is tried in a process of its own first, then in this
//! one.

use super::admit::Admitted;
use super::compiler::{self, Kept};
use super::engine::{EngineError, compile_error};
use super::source::{ComponentBytes, embedded_code};
use kubephase_core::limits::Limits;
use kubephase_engine::compiling;
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;
use wasmtime::Engine;
use wasmtime::component::Component;

/// Compiles an admitted component. `cache` is the folder for compiled code, if caching is wanted; entries are keyed by the
/// component's bytes and the engine's settings. The folder must be writable by the user only, which the caller checks.
///
/// # Errors
/// [`EngineError`] if the engine rejects the component, or compiling takes too long.
pub(super) fn compile(admitted: &Admitted, limits: Limits, cache: Option<&Path>) -> Result<(Engine, Component), EngineError> {
    let ComponentBytes::Foreign(bytes) = &admitted.bytes else { return embedded_code() };
    let kept = compiler::try_out(admitted, limits, cache)?;
    let cache = match &kept {
        Kept::Usual => cache,
        Kept::Briefly(folder) => Some(folder.path()),
    };
    let engine = compiling(cache).map_err(|error| EngineError::Engine(error.to_string()))?;
    let (bytes, compiler) = (bytes.clone(), engine.clone());
    // A compiler cannot be interrupted. A slow one keeps running in its thread until the process ends, which then has nothing
    // more to do.
    let (done, waiting) = mpsc::channel();
    std::thread::spawn(move || done.send(Component::new(&compiler, &bytes)));
    let compiled = waiting.recv_timeout(Duration::from_millis(limits.compile_millis)).map_err(|error| match error {
        RecvTimeoutError::Timeout => EngineError::Slow(limits.compile_millis),
        RecvTimeoutError::Disconnected => EngineError::Compile("the compiler crashed".to_owned()),
    });
    let component = compiled?.map_err(compile_error)?;
    Ok((engine, component))
}
