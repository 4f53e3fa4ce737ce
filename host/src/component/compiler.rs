//! A compiler in a process of its own, so that what a foreign file costs is bounded by the operating system.
//!
//! Admission bounds what a file may cost as far as that can be counted; this is the net below it. A first compilation is done by
//! this program, started again, which leaves its code in the cache. The same bytes are then known to fit, and are compiled here.

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

/// The first argument of a process that only compiles. No command has such a name.
const COMPILE: &str = "__compile";
/// How much of what a compiler says is read, bytes.
const SAID_BYTES: u64 = 4 << 10;
/// How a compiler says that there was not enough memory: Rust's allocator, the operating system, and what it says where there is no room
/// for the stack of a thread (EAGAIN).
const OUT_OF_MEMORY: [&str; 4] = ["memory allocation of", "allocate memory", "out of memory", "Resource temporarily unavailable"];

/// The program that compiles; none in a process that is not this program, as a test that has it as a library.
static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// For `main` alone. If the process was started to compile, it does, and the result is its exit code. Else foreign phases are from now on
/// compiled by processes like it.
pub fn takes_over(mut args: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    if args.nth(1).is_some_and(|first| first == COMPILE) {
        return Some(work(&args.collect::<Vec<_>>()));
    }
    // The link leads to this program even if its file has been replaced.
    let link = Path::new("/proc/self/exe");
    let program = if link.exists() { Some(link.to_owned()) } else { std::env::current_exe().ok() };
    if let Some(program) = program {
        // There is one call.
        let _ = PROGRAM.set(program);
    }
    None
}

/// Where code is kept for the compilation that follows.
pub(super) enum Kept {
    /// In the user's cache, or nowhere.
    Usual,
    /// In a folder that lasts as long as this.
    Briefly(tempfile::TempDir),
}

/// Makes sure that compiling a file stays within the limits. What is part of this program does, and what did before does again.
///
/// # Errors
/// [`EngineError`] if the compiler needs more memory or time, or does not take the file.
pub(super) fn try_out(admitted: &Admitted, limits: Limits, cache: Option<&Path>) -> Result<Kept, EngineError> {
    let (Some(program), true) = (PROGRAM.get(), admitted.is_foreign()) else { return Ok(Kept::Usual) };
    let unusable = |error: std::io::Error| EngineError::Engine(error.to_string());
    // A cache that cannot be written to, as in many containers, is no reason to fail.
    let marker = cache.and_then(|folder| {
        let name = format!("{}-{ENGINE_VERSION}", admitted.digest().to_string().replace(':', "-"));
        // Beside the code, since the engine tidies its own folder up.
        let folder = folder.with_file_name("fits");
        store::create_private(&folder).ok()?;
        tempfile::NamedTempFile::new_in(&folder).ok().map(|file| (file, folder.join(name)))
    });
    match (marker, cache) {
        (Some((file, marker)), Some(cache)) => {
            if !marker.exists() {
                compile(program, cache, admitted, limits)?;
                // Without it the next run tries again.
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

/// Compiles a file in another process.
fn compile(program: &Path, cache: &Path, admitted: &Admitted, limits: Limits) -> Result<(), EngineError> {
    let cannot = |error: std::io::Error| EngineError::Engine(format!("cannot start a compiler: {error}"));
    let mut compiler = Command::new(program)
        .arg(COMPILE)
        .args([limits.compile_bytes.to_string(), limits.compile_millis.to_string()])
        .arg(cache)
        // What it says is a line, and no backtrace.
        .env_remove("RUST_BACKTRACE")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(cannot)?;
    let heard = fed(&mut compiler, &admitted.bytes, Duration::from_millis(limits.compile_millis));
    let Some(said) = heard else {
        // It may have ended by itself in the meantime.
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

/// Gives a compiler the file, and returns what it says until it ends; none if it takes longer than `time`.
fn fed(compiler: &mut Child, bytes: &[u8], time: Duration) -> Option<String> {
    let (input, output, errors) = (compiler.stdin.take(), compiler.stdout.take(), compiler.stderr.take());
    let (done, waiting) = mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // One that ends early says why.
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
    // What could be read is all that there is.
    let _ = stream.take(SAID_BYTES).read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Compiles what is on standard input, within the limits of the arguments: bytes, milliseconds, and the folder for the code.
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
            // Without a reader nobody wants to know.
            let _ = writeln!(std::io::stdout(), "{text}");
            ExitCode::from(1)
        }
    }
}

/// Bounds this process: memory that it may write to, time on all processors together, and no core file.
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

/// There is nothing to bound it with; its time is bounded from outside.
#[cfg(not(unix))]
fn bound(_memory: u64, _millis: u64) -> std::io::Result<()> {
    Ok(())
}
