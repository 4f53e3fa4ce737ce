//! From an admitted component to code: the build compiled the embedded one; another is found in the cache or compiled in a process of its own.

use super::admit::Admitted;
use super::code::Code;
use super::code_cache::CodeCache;
use super::compiler;
use super::engine::EngineError;
use super::source::ComponentBytes;
use kubephase_core::limits::Limits;
use wasmtime::Engine;
use wasmtime::component::Component;

/// Code for an admitted component, in an engine.
///
/// # Errors
/// [`EngineError`] if the engine rejects the component, or compiling takes too much memory or time.
pub(super) fn compile(
    admitted: &Admitted,
    limits: Limits,
    cache: Option<&CodeCache>,
) -> Result<(Engine, Component), EngineError> {
    let ComponentBytes::Foreign(component) = &admitted.bytes else { return Code::embedded()?.load() };
    // Code of other settings is in the way of the new one only until that is kept.
    let found = cache.and_then(|cache| cache.find(admitted.digest())).and_then(|code| code.load().ok());
    if let Some(found) = found {
        return Ok(found);
    }
    let code = compiler::code(component, limits)?;
    if let Some(cache) = cache {
        cache.keep(admitted.digest(), &code);
    }
    code.load()
}
