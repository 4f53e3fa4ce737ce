//! Code that runs as it is: of the embedded phase, from a compiler, or from the cache. Made only here, so there is one place that says why it
//! may run.

use super::engine::EngineError;
use crate::store;
use kubephase_engine::running;
use std::borrow::Cow;
use std::io::{self, Read as _};
use std::path::Path;
use wasmtime::Engine;
use wasmtime::component::Component;

/// Bytes that begin at a page of memory, as large as pages can be where the code is called in its place: on Linux. Formats of other
/// systems do not have such large alignments.
#[cfg_attr(all(target_os = "linux", not(target_arch = "x86_64")), repr(C, align(65536)))]
#[cfg_attr(not(all(target_os = "linux", not(target_arch = "x86_64"))), repr(C, align(4096)))]
struct Paged<T: ?Sized>(T);

/// The code of the official phase, for every processor of this target.
static EMBEDDED: &Paged<[u8]> = &Paged(*include_bytes!(env!("PHASE_CODE")));

/// How many bytes of a checksum end a file of the cache.
const CHECKSUM: usize = 4;

/// What [`kubephase_engine::precompile`] returned, unchanged: in the build, or in a process of this user.
pub(super) struct Code(Cow<'static, [u8]>);

impl Code {
    /// The code of the official phase.
    ///
    /// # Errors
    /// [`EngineError::Damaged`] if a byte of it is not as the build wrote it.
    pub(super) fn embedded() -> Result<Self, EngineError> {
        if is_whole(&EMBEDDED.0) { Ok(Self(Cow::Borrowed(&EMBEDDED.0))) } else { Err(EngineError::Damaged) }
    }

    /// Compiles a component.
    ///
    /// # Errors
    /// [`EngineError::Compile`] if the engine rejects it.
    #[cfg(feature = "foreign")]
    pub(super) fn compile(component: &[u8]) -> Result<Self, EngineError> {
        let code = kubephase_engine::precompile(component, env!("TARGET_TRIPLE"));
        code.map(|code| Self(Cow::Owned(code))).map_err(super::engine::compile_error)
    }

    /// What a compiler process of ours wrote, which got it from [`Code::compile`].
    pub(super) const fn from_compiler(bytes: Vec<u8>) -> Self {
        Self(Cow::Owned(bytes))
    }

    /// The bytes, for whoever started this compiler process.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Reads a file that [`Code::write`] wrote; `None` if it is not there, damaged, or could have been written by another user.
    pub(super) fn read(path: &Path) -> Option<Self> {
        store::check_file(path).ok()?;
        let mut bytes = Vec::new();
        #[expect(clippy::disallowed_types, reason = "a file of the cache")]
        std::fs::File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)).ok()?;
        let code = bytes.len().checked_sub(CHECKSUM)?;
        let checksum = <[u8; CHECKSUM]>::try_from(bytes.get(code..)?).ok()?;
        bytes.truncate(code);
        (crc32fast::hash(&bytes).to_le_bytes() == checksum).then_some(Self(Cow::Owned(bytes)))
    }

    /// Writes a file that only the user may read or write.
    ///
    /// # Errors
    /// The error of the file system.
    pub(super) fn write(&self, path: &Path) -> io::Result<()> {
        store::write_private_bytes(path, &[self.bytes(), &crc32fast::hash(self.bytes()).to_le_bytes()].concat())
    }

    /// Code that can be called.
    ///
    /// # Errors
    /// [`EngineError`] for code of another engine or with other settings, and on a processor that it does not run on.
    pub(super) fn load(&self) -> Result<(Engine, Component), EngineError> {
        match self.0 {
            Cow::Borrowed(code) => official::load(code).map_or_else(|| self.copied(), Ok),
            Cow::Owned(_) => self.copied(),
        }
    }

    /// A copy of the code that can be called.
    fn copied(&self) -> Result<(Engine, Component), EngineError> {
        let unusable = |error: wasmtime::Error| EngineError::Engine(error.root_cause().to_string());
        let engine = running().map_err(unusable)?;
        // SAFETY: the engine wants what it compiled itself, unchanged. Each constructor of this type says why it is that: it is in this
        // program, or from a process of this program, or from a file that no other user could write, and the checksum is right. The
        // user who can change any of these can run code anyway.
        #[expect(unsafe_code, reason = "code cannot be checked, only where it is from")]
        let component = unsafe { Component::deserialize(&engine, &self.0) }.map_err(unusable)?;
        Ok((engine, component))
    }
}

/// The code of the official phase is called where it is in the program, and not copied.
#[cfg(target_os = "linux")]
mod official {
    use kubephase_engine::running_in_place;
    use rustix::mm::{MprotectFlags, mprotect};
    use std::ptr::NonNull;
    use std::sync::{Arc, Mutex, PoisonError};
    use wasmtime::component::Component;
    use wasmtime::{CustomCodeMemory, Engine};

    /// What was loaded: code in one place is loaded once, for the whole process.
    static LOADED: Mutex<Option<(Engine, Component)>> = Mutex::new(None);

    /// Loads the code; `None` where it cannot be called in its place, such as on a machine with larger pages than its target has.
    pub(super) fn load(code: &'static [u8]) -> Option<(Engine, Component)> {
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        if loaded.is_none() && code.as_ptr().addr().is_multiple_of(rustix::param::page_size()) {
            let engine = running_in_place(Arc::new(Program)).ok()?;
            // SAFETY: as for a copy; and a static that is not mutable is never changed, and lives as long as the process.
            #[expect(unsafe_code, reason = "code cannot be checked, only where it is from")]
            let component = unsafe { Component::deserialize_raw(&engine, NonNull::from(code)) }.ok()?;
            *loaded = Some((engine, component));
        }
        loaded.clone()
    }

    /// The memory that the program itself is in.
    struct Program;

    impl Program {
        fn protect(start: *const u8, bytes: usize, flags: MprotectFlags) -> wasmtime::Result<()> {
            // SAFETY: wasmtime hands us whole pages of the code above, which nobody writes to: they become readable and executable, or
            // readable again, and never writable.
            #[expect(unsafe_code, reason = "the protection of memory is a matter of trust")]
            unsafe { mprotect(start.cast_mut().cast(), bytes, flags) }.map_err(|error| std::io::Error::from(error).into())
        }
    }

    impl CustomCodeMemory for Program {
        fn required_alignment(&self) -> usize {
            rustix::param::page_size()
        }

        fn publish_executable(&self, start: *const u8, bytes: usize) -> wasmtime::Result<()> {
            Self::protect(start, bytes, MprotectFlags::READ | MprotectFlags::EXEC)
        }

        fn unpublish_executable(&self, start: *const u8, bytes: usize) -> wasmtime::Result<()> {
            Self::protect(start, bytes, MprotectFlags::READ)
        }
    }
}

/// Elsewhere a copy is called.
#[cfg(not(target_os = "linux"))]
mod official {
    use wasmtime::Engine;
    use wasmtime::component::Component;

    pub(super) const fn load(_: &'static [u8]) -> Option<(Engine, Component)> {
        None
    }
}

/// Whether the code of the official phase is as the build wrote it.
fn is_whole(code: &[u8]) -> bool {
    env!("PHASE_CODE_CHECKSUM").parse() == Ok(crc32fast::hash(code))
}

#[cfg(all(test, feature = "foreign"))]
mod tests {
    use super::{Code, EMBEDDED, is_whole, official};
    use crate::component::ComponentBytes;
    use crate::store;

    #[test]
    fn the_build_compiled_the_embedded_component_with_this_engine() {
        assert!(Code::compile(&ComponentBytes::Embedded).unwrap().bytes() == &EMBEDDED.0);
        let code = Code::embedded().unwrap();
        assert!(code.load().is_ok() && code.copied().is_ok());
        assert!(!cfg!(target_os = "linux") || official::load(&EMBEDDED.0).is_some(), "it is called where it is");
    }

    #[test]
    fn one_changed_byte_is_noticed() {
        let mut code = EMBEDDED.0.to_vec();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        for at in [0, code.len() / 3, code.len() / 2, code.len() - 1] {
            code[at] ^= 1;
            assert!(!is_whole(&code), "{at}");
            code[at] ^= 1;
        }
        assert!(is_whole(&code));
        Code::embedded().unwrap().write(&file).unwrap();
        assert!(Code::read(&file).unwrap().bytes() == &EMBEDDED.0);
        #[expect(clippy::disallowed_methods, reason = "a test damages its file")]
        let whole = std::fs::read(&file).unwrap();
        for damaged in [&whole[..whole.len() - 1], &whole[1..], &[], &whole[..3], &[&whole[..], b"x"].concat()] {
            store::write_private_bytes(&file, damaged).unwrap();
            assert!(Code::read(&file).is_none(), "{}", damaged.len());
        }
        let mut flipped = whole;
        flipped[1_000] ^= 0x10;
        store::write_private_bytes(&file, &flipped).unwrap();
        assert!(Code::read(&file).is_none());
    }
}
