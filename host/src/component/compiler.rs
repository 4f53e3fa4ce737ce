//! A compiler in a separate process, so that the operating system bounds the cost of an external file.
//!
//! Admission bounds that cost as far as it can be counted; this is the safety net. The first compilation runs in a child process
//! of this program, which stores the code in the cache. The same bytes are then known to fit, and are compiled in this process.

use super::admit::Admitted;
use super::engine::{self, ENGINE_VERSION, EngineError};
use crate::store;
use kubephase_core::limits::Limits;
use std::ffi::{OsStr, OsString};
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

/// The first argument of a compiler process. No command has this name.
const COMPILE: &str = "__compile";
/// How many bytes of a compiler's output are read.
const SAID_BYTES: u64 = 4 << 10;
/// How a compiler reports that it ran out of memory: messages of Rust's allocator, of the operating system, and for a thread
/// whose stack cannot be allocated (EAGAIN).
const OUT_OF_MEMORY: [&str; 4] = ["memory allocation of", "allocate memory", "out of memory", "Resource temporarily unavailable"];

/// The program to start as a compiler; unset in other processes, like a test that uses this crate as a library.
static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// For `main` only. In a process that was started to compile, compiles and returns the exit code. Otherwise, external phases are
/// compiled in child processes from now on.
pub fn takes_over(mut args: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    if args.nth(1).is_some_and(|first| first == COMPILE) {
        return Some(work(&args.collect::<Vec<_>>()));
    }
    // The link points to this program even if its file has been replaced.
    let link = Path::new("/proc/self/exe");
    let program = if link.exists() { Some(link.to_owned()) } else { std::env::current_exe().ok() };
    if let Some(program) = program {
        // This is called only once.
        let _ = PROGRAM.set(program);
    }
    None
}

/// Where the code for the following compilation is stored.
pub(super) enum Kept {
    /// In the user's cache, or nowhere.
    Usual,
    /// In a temporary folder that is removed with this value.
    Briefly(tempfile::TempDir),
}

/// Checks that compiling a file stays within the limits. A file that has passed before does.
///
/// # Errors
/// [`EngineError`] if the compiler needs more memory or time, or rejects the file.
pub(super) fn try_out(admitted: &Admitted, limits: Limits, cache: Option<&Path>) -> Result<Kept, EngineError> {
    let Some(program) = PROGRAM.get() else { return Ok(Kept::Usual) };
    let unusable = |error: std::io::Error| EngineError::Engine(error.to_string());
    // A read-only cache, as in many containers, is not an error.
    let marker = cache.and_then(|folder| {
        let name = format!("{}-{ENGINE_VERSION}", admitted.digest().to_string().replace(':', "-"));
        // Beside the code, because the engine cleans up its own folder.
        let folder = folder.with_file_name("fits");
        store::create_private(&folder).ok()?;
        tempfile::NamedTempFile::new_in(&folder).ok().map(|file| (file, folder.join(name)))
    });
    match (marker, cache) {
        (Some((file, marker)), Some(cache)) => {
            if !marker.exists() {
                compile(program, cache, admitted, limits)?;
                // Without the marker the next run checks again.
                let _ = file.persist(&marker);
            }
            Ok(Kept::Usual)
        }
        _ => {
            let folder = tempfile::tempdir().map_err(unusable)?;
            compile(program, folder.path(), admitted, limits)?;
            Ok(Kept::Briefly(folder))
        }
    }
}

/// Compiles a file in a child process.
fn compile(program: &Path, cache: &Path, admitted: &Admitted, limits: Limits) -> Result<(), EngineError> {
    let cannot = |error: std::io::Error| EngineError::Engine(format!("cannot start a compiler: {error}"));
    let mut compiler = Command::new(program)
        .arg(COMPILE)
        .args([limits.compile_bytes.to_string(), limits.compile_millis.to_string()])
        .arg(cache)
        // Its output is one line, without a backtrace.
        .env_remove("RUST_BACKTRACE")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(cannot)?;
    let heard = fed(&mut compiler, &admitted.bytes, Duration::from_millis(limits.compile_millis));
    let Some(said) = heard else {
        // It may have ended meanwhile.
        let _ = compiler.kill();
        let _ = compiler.wait();
        return Err(EngineError::Slow(limits.compile_millis));
    };
    let status = compiler.wait().map_err(cannot)?;
    if status.success() {
        return Ok(());
    }
    if OUT_OF_MEMORY.iter().any(|words| said.contains(words)) {
        return Err(EngineError::Memory(limits.compile_bytes));
    }
    Err(match status.code() {
        Some(1) => EngineError::Compile(said.lines().next().unwrap_or_default().to_owned()),
        _ => EngineError::Compile(format!("the compiler crashed ({status})")),
    })
}

/// Sends the file to a compiler, and returns its output once it ends; `None` if it takes longer than `time`.
fn fed(compiler: &mut Child, bytes: &[u8], time: Duration) -> Option<String> {
    let (input, output, errors) = (compiler.stdin.take(), compiler.stdout.take(), compiler.stderr.take());
    let (done, waiting) = mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // A compiler that ends early reports why.
            input.map(|mut input| input.write_all(bytes))
        });
        scope.spawn(move || {
            let said = output.map(text).unwrap_or_default() + &errors.map(text).unwrap_or_default();
            done.send(said)
        });
        match waiting.recv_timeout(time) {
            Ok(said) => Some(said),
            Err(RecvTimeoutError::Disconnected) => Some(String::new()),
            Err(RecvTimeoutError::Timeout) => {
                // Both threads wait for it.
                let _ = compiler.kill();
                None
            }
        }
    })
}

fn text(stream: impl Read) -> String {
    let mut bytes = Vec::new();
    // What could be read is enough.
    let _ = stream.take(SAID_BYTES).read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Compiles the component on standard input, within the limits in the arguments: bytes, milliseconds, and the folder for the
/// code.
fn work(args: &[OsString]) -> ExitCode {
    let number = |arg: &OsStr| arg.to_str().and_then(|arg| arg.parse().ok());
    let [memory, time, cache] = args else { return ExitCode::from(2) };
    let (Some(memory), Some(time)) = (number(memory), number(time)) else { return ExitCode::from(2) };
    let mut bytes = Vec::new();
    let result = bound(memory, time)
        .and_then(|()| std::io::stdin().lock().read_to_end(&mut bytes))
        .map_err(|error| error.to_string())
        .and_then(|_| engine::precompile(&bytes, Path::new(cache)).map_err(|error| error.to_string()));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) => {
            // Without a reader the message is not needed.
            let _ = writeln!(std::io::stdout(), "{text}");
            ExitCode::from(1)
        }
    }
}

/// Bounds this process: writable memory, CPU time on all processors, and no core file.
#[cfg(unix)]
fn bound(memory: u64, millis: u64) -> std::io::Result<()> {
    use rlimit::Resource;
    let processors = std::thread::available_parallelism().map_or(1, |count| count.get() as u64);
    let seconds = millis.div_ceil(1000).saturating_mul(processors).saturating_add(1);
    for (resource, wanted) in [(Resource::CORE, 0), (Resource::CPU, seconds), (Resource::DATA, memory)] {
        if resource.is_supported() {
            let wanted = wanted.min(resource.get_hard()?);
            resource.set(wanted, wanted)?;
        }
    }
    Ok(())
}

/// The system cannot bound it; the parent process bounds its time.
#[cfg(not(unix))]
fn bound(_memory: u64, _millis: u64) -> std::io::Result<()> {
    Ok(())
}
