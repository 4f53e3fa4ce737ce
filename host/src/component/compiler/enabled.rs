//! A compiler in a separate process, so that the operating system bounds the cost of an external file.
//!
//! Admission bounds that cost as far as it can be counted; this is the safety net. A child process of this program gets the component on
//! standard input and answers with its code.

use crate::component::code::Code;
use crate::component::engine::EngineError;
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
    if let Some(program) = store::program() {
        // This is called only once.
        let _ = PROGRAM.set(program);
    }
    None
}

/// The code of an admitted component.
///
/// # Errors
/// [`EngineError`] if the compiler needs more memory or time than the limits allow, or rejects the component.
pub(in crate::component) fn code(component: &[u8], limits: Limits) -> Result<Code, EngineError> {
    match PROGRAM.get() {
        Some(program) => in_a_child(program, component, limits),
        None => here(component, limits),
    }
}

/// Compiles in this process. A compiler cannot be interrupted: a slow one goes on in its thread until the process ends.
fn here(component: &[u8], limits: Limits) -> Result<Code, EngineError> {
    let (done, waiting) = mpsc::channel();
    let component = component.to_vec();
    std::thread::spawn(move || done.send(Code::compile(&component)));
    waiting.recv_timeout(Duration::from_millis(limits.compile_millis)).unwrap_or_else(|error| {
        Err(match error {
            RecvTimeoutError::Timeout => EngineError::Slow(limits.compile_millis),
            RecvTimeoutError::Disconnected => EngineError::Compile("the compiler crashed".to_owned()),
        })
    })
}

/// Compiles in a child process.
fn in_a_child(program: &Path, component: &[u8], limits: Limits) -> Result<Code, EngineError> {
    let cannot = |error: std::io::Error| EngineError::Engine(format!("cannot start a compiler: {error}"));
    let mut compiler = Command::new(program)
        .arg(COMPILE)
        .args([limits.compile_bytes.to_string(), limits.compile_millis.to_string()])
        // What it says is one line, without a backtrace.
        .env_remove("RUST_BACKTRACE")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(cannot)?;
    let Some((code, said)) = heard(&mut compiler, component, limits) else {
        // It may have ended meanwhile.
        let _ = compiler.kill();
        let _ = compiler.wait();
        return Err(EngineError::Slow(limits.compile_millis));
    };
    let status = compiler.wait().map_err(cannot)?;
    if status.success() {
        return Ok(Code::from_compiler(code));
    }
    if OUT_OF_MEMORY.iter().any(|words| said.contains(words)) {
        return Err(EngineError::Memory(limits.compile_bytes));
    }
    Err(match status.code() {
        Some(1) => EngineError::Compile(said.lines().next().unwrap_or_default().to_owned()),
        _ => EngineError::Compile(format!("the compiler crashed ({status})")),
    })
}

/// Sends the component to a compiler, and returns the code and what it says once it ends; `None` if it takes longer than it may.
fn heard(compiler: &mut Child, component: &[u8], limits: Limits) -> Option<(Vec<u8>, String)> {
    let (input, output, errors) = (compiler.stdin.take(), compiler.stdout.take(), compiler.stderr.take());
    let (done, waiting) = mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // A compiler that ends early says why.
            input.map(|mut input| input.write_all(component))
        });
        let said = scope.spawn(move || errors.map(|errors| bytes(errors, SAID_BYTES)).unwrap_or_default());
        scope.spawn(move || {
            // It has no more than it may use.
            let code = output.map(|output| bytes(output, limits.compile_bytes)).unwrap_or_default();
            let said = said.join().unwrap_or_default();
            done.send((code, String::from_utf8_lossy(&said).into_owned()))
        });
        match waiting.recv_timeout(Duration::from_millis(limits.compile_millis)) {
            Ok(heard) => Some(heard),
            Err(RecvTimeoutError::Disconnected) => Some(Default::default()),
            Err(RecvTimeoutError::Timeout) => {
                // The threads wait for it.
                let _ = compiler.kill();
                None
            }
        }
    })
}

/// At most so many bytes of a stream.
fn bytes(stream: impl Read, most: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    // What could be read is enough.
    let _ = stream.take(most).read_to_end(&mut bytes);
    bytes
}

/// Compiles the component on standard input, within the limits in the arguments: bytes and milliseconds.
fn work(args: &[OsString]) -> ExitCode {
    let number = |arg: &OsStr| arg.to_str().and_then(|arg| arg.parse().ok());
    let [memory, time] = args else { return ExitCode::from(2) };
    let (Some(memory), Some(time)) = (number(memory), number(time)) else { return ExitCode::from(2) };
    let mut component = Vec::new();
    let result = bound(memory, time)
        .and_then(|()| std::io::stdin().lock().read_to_end(&mut component))
        .map_err(|error| error.to_string())
        .and_then(|_| Code::compile(&component).map_err(|error| error.to_string()))
        .and_then(|code| std::io::stdout().write_all(code.bytes()).map_err(|error| error.to_string()));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) => {
            // Without a reader the message is not needed.
            let _ = writeln!(std::io::stderr(), "{text}");
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
