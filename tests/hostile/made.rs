//! Cases for which no source can be written: files that are broken, too large, or no files.

use super::case::{assembled, built_at};
use Why::{Fails, Refused};
use std::path::{Path, PathBuf};

/// Makes a file at a path, and returns the path that is given to the program.
pub(crate) type Make = fn(&Path) -> PathBuf;

/// What the program says to it, with exit code 2.
pub(crate) enum Why {
    /// The phase is refused, and this is the cause.
    Refused(&'static str),
    /// Any other error.
    Fails(&'static str),
}

impl Why {
    /// As the source of another case says it.
    pub(crate) fn expected(&self) -> String {
        match self {
            Refused(cause) => format!("exit: 2\nerror: the phase is refused\n  caused by: {cause}\n"),
            Fails(error) => format!("exit: 2\nerror: {error}\n"),
        }
    }
}

/// Name, more arguments, what makes the file, and what comes of it.
pub(crate) const ALL: &[(&str, &str, Make, Why)] = &[
    (
        "made-missing",
        "",
        |_| built_at().join("there-is-no-such-file.wasm"),
        Fails("cannot read the phase `PHASE`\n  caused by: No such file or directory"),
    ),
    ("made-folder", "", |_| built_at(), Fails("cannot read the phase `PHASE`\n  caused by: Is a directory")),
    (
        "made-endless",
        "",
        |_| PathBuf::from("/dev/zero"),
        Refused("the file has more than 33554432 bytes\n  hint: allow more with --limit file=64Mi"),
    ),
    (
        "made-terminal",
        "",
        |_| PathBuf::from("/dev/tty"),
        Fails("cannot read the phase `PHASE`\n  caused by: No such device or address"),
    ),
    (
        "made-path-with-an-escape",
        "",
        |_| built_at().join("\u{1b}[2J\u{202e}.wasm"),
        Fails("cannot read the phase `BUILT/\\u{1b}[2J\\u{202e}.wasm`\n  caused by: No such file or directory"),
    ),
    (
        "made-empty",
        "",
        |path| file(path, b""),
        Refused("it is not a valid WebAssembly component: unexpected end-of-file (at offset 0x…)"),
    ),
    (
        "made-text",
        "",
        |path| file(path, b"#!/bin/sh\necho hostile\n"),
        Refused("it is not a valid WebAssembly component: magic header not detected: bad magic number (at offset 0x…)"),
    ),
    (
        "made-text-with-an-escape",
        "",
        |path| file(path, b"\x1b[2J\x1b]0;hostile\x07"),
        Refused("it is not a valid WebAssembly component: magic header not detected: bad magic number (at offset 0x…)"),
    ),
    (
        "made-core-module",
        "",
        |path| file(path, b"\0asm\x01\0\0\0"),
        Refused(
            "it is a core WebAssembly module, not a component\n  hint: turn it into a component: `wasm-tools component new module.wasm -o phase.wasm`",
        ),
    ),
    (
        "made-of-another-time",
        "",
        |path| file(path, b"\0asm\xff\0\x01\0"),
        Refused("it is not a valid WebAssembly component: unknown binary version:    0x… (at offset 0x…)"),
    ),
    (
        "made-of-another-layer",
        "",
        |path| file(path, b"\0asm\x0d\0\x02\0"),
        Refused("it is not a valid WebAssembly component: unknown binary version:    0x… (at offset 0x…)"),
    ),
    (
        "made-too-large",
        "",
        |path| large(path, 33 << 20),
        Refused("the file has more than 33554432 bytes\n  hint: allow more with --limit file=64Mi"),
    ),
    (
        "made-larger-than-the-limit",
        "--limit file=1000",
        |path| large(path, 1001),
        Refused("the file has more than 1000 bytes\n  hint: allow more with --limit file=64Mi"),
    ),
    (
        "made-truncated-in-the-header",
        "",
        |path| truncated(path, |_| 6),
        Refused("it is not a valid WebAssembly component: unexpected end-of-file (at offset 0x…)"),
    ),
    (
        "made-truncated-after-the-header",
        "",
        |path| truncated(path, |_| 8),
        Refused(
            "it does not export `kubephase:phase/phase`, so it is not a phase\n  hint: build it for the world `phase-component` of wit/",
        ),
    ),
    (
        "made-truncated-in-the-code",
        "",
        |path| truncated(path, |length| length / 4),
        Refused("it is not a valid WebAssembly component: unexpected end-of-file (at offset 0x…)"),
    ),
    (
        "made-truncated-in-the-middle",
        "",
        |path| truncated(path, |length| length / 2),
        Refused("it is not a valid WebAssembly component: unexpected end-of-file (at offset 0x…)"),
    ),
    (
        "made-truncated-at-the-end",
        "",
        |path| truncated(path, |length| length - 1),
        Refused("it is not a valid WebAssembly component: unexpected end-of-file (at offset 0x…)"),
    ),
    (
        "made-with-something-behind-it",
        "",
        |path| changed(path, |bytes| bytes.extend(b"hostile")),
        Refused("it is not a valid WebAssembly component: unexpected end-of-file (at offset 0x…)"),
    ),
    (
        "made-twice",
        "",
        |path| changed(path, |bytes| bytes.extend_from_within(..)),
        Refused("it is not a valid WebAssembly component: expected section, got wasm magic number (at offset 0x…)"),
    ),
    (
        "made-of-many-functions",
        "",
        |path| functions(path, 100_001, ""),
        Refused("it has 100006 functions, the limit is 100000\n  hint: allow more with --limit functions=200k"),
    ),
    (
        "made-of-a-large-function",
        "",
        |path| functions(path, 1, &"(drop (i32.const 0))".repeat(2_000_000)),
        Refused("it has a function of 6000002 bytes, the limit is 1048576\n  hint: allow more with --limit function=2Mi"),
    ),
    (
        "made-slow-to-compile",
        "--limit compile-time=1s",
        |path| functions(path, 40_000, &work(20)),
        Fails("the phase was not compiled within 1000 ms\n  hint: allow more time with --limit compile-time=2m"),
    ),
    (
        "made-of-nested-components",
        "",
        nested,
        Refused(
            "it has a nested component with another component in it\n  hint: if it was built from JavaScript, run it with --allow-nested",
        ),
    ),
    (
        "made-of-many-instances",
        "",
        |path| text(path, &"(core instance (instantiate $more))".repeat(900)),
        Fails("the phase wanted more than 64 instances, memories or tables"),
    ),
    (
        "made-of-nested-loops",
        "",
        |path| code(path, 1, b"\0", &nest(b"\x03\x40", 250_000)),
        Refused("it has blocks nested too deeply: 250000, the limit is 5000; change it with --limit nesting=…"),
    ),
    (
        "made-of-nested-blocks",
        "",
        |path| code(path, 1, b"\0", &nest(b"\x02\x40", 250_000)),
        Refused("it has blocks nested too deeply: 250000, the limit is 5000; change it with --limit nesting=…"),
    ),
    (
        "made-of-nested-ifs",
        "",
        |path| code(path, 1, b"\0", &nest(b"\x41\0\x04\x40", 150_000)),
        Refused("it has blocks nested too deeply: 150000, the limit is 5000; change it with --limit nesting=…"),
    ),
    (
        "made-of-flat-loops",
        "",
        |path| code(path, 1, b"\0", &b"\x03\x40\x0b".repeat(250_000)),
        Refused("it has a function with too many branches: 250001, the limit is 50000; change it with --limit branches=…"),
    ),
    (
        "made-of-many-targets",
        "",
        |path| code(path, 1, b"\0", &targets(1_000, 900)),
        Refused("it has a function with too many branches: 902001, the limit is 50000; change it with --limit branches=…"),
    ),
    (
        "made-of-many-variables",
        "",
        |path| code(path, 1, VARIABLES, &busy(1_000, 4_000)),
        Refused(
            "it has a function with too many branches and variables: 100064007, the limit is 4000000; change it with --limit function-values=…",
        ),
    ),
    (
        "made-of-wide-functions",
        "",
        |path| code(path, 4_500, VARIABLES, b""),
        Refused("it has too many branches and variables: 225085714, the limit is 60000000; change it with --limit values=…"),
    ),
    (
        "made-of-many-names",
        "",
        |path| text(path, &format!("(core module {})", "(type (func))".repeat(500_001))),
        Refused("it has too many types, exports, names and data: 500106, the limit is 500000; change it with --limit entries=…"),
    ),
    (
        "made-a40-of-many-exports",
        "",
        |path| text(path, &exports(90_000)),
        Fails("the phase crashed: wasm trap: wasm `unreachable` instruction executed (in `describe`)"),
    ),
];

fn file(path: &Path, bytes: &[u8]) -> PathBuf {
    std::fs::write(path, bytes).unwrap();
    path.to_owned()
}

/// The header of a component, and zeros.
fn large(path: &Path, length: usize) -> PathBuf {
    let mut bytes = b"\0asm\x0d\0\x01\0".to_vec();
    bytes.resize(length, 0);
    file(path, &bytes)
}

/// The component that behaves.
pub(crate) fn behaving() -> Vec<u8> {
    let case = super::case::all().into_iter().find(|case| case.name == "well-behaved").unwrap();
    std::fs::read(case.phase()).unwrap()
}

fn changed(path: &Path, change: fn(&mut Vec<u8>)) -> PathBuf {
    let mut bytes = behaving();
    change(&mut bytes);
    file(path, &bytes)
}

fn truncated(path: &Path, length: fn(usize) -> usize) -> PathBuf {
    let mut bytes = behaving();
    bytes.truncate(length(bytes.len()));
    file(path, &bytes)
}

/// A phase that crashes, with something more in it.
fn text(path: &Path, more: &str) -> PathBuf {
    let functions = [("realloc", 4, 1), ("describe", 0, 1), ("need", 1, 1), ("plan-for", 1, 1), ("post", 1, 0)];
    let function = |(name, parameters, results)| {
        let [parameters, results] = [parameters, results].map(|count| "i32 ".repeat(count));
        format!("(func (export \"{name}\") (param {parameters}) (result {results}) unreachable)")
    };
    let module = format!("(memory (export \"memory\") 1) {}", functions.map(function).concat());
    let main = format!("(core module $m {module}) (core instance $main (instantiate $m))");
    file(path, &assembled(&format!("{main} (core module $more) {more}")))
}

/// A component with equal functions.
fn functions(path: &Path, count: usize, body: &str) -> PathBuf {
    text(path, &format!("(core module (memory 1) {})", format!("(func {body})").repeat(count)))
}

/// Instructions that are much work for a compiler.
fn work(count: usize) -> String {
    "(i64.store (i32.const 0) (i64.mul (i64.load (i32.const 8)) (i64.load (i32.const 16))))".repeat(count)
}

fn exports(count: usize) -> String {
    let export = |index| format!("(export \"a{index}\" (type $t))");
    std::iter::once("(type $t u8)".to_owned()).chain((0..count).map(export)).collect()
}

/// Ten thousand components in one another.
fn nested(path: &Path) -> PathBuf {
    let header = b"\0asm\x0d\0\x01\0";
    let inside = (0..10_000).fold(header.to_vec(), |inner, _| {
        let section = [&[4], leb128(inner.len()).as_slice(), &inner].concat();
        [header, section.as_slice()].concat()
    });
    file(path, &inside)
}

/// A number as WebAssembly writes it.
fn leb128(number: usize) -> Vec<u8> {
    let low = u8::try_from(number & 0x7f).unwrap();
    if number < 0x80 { vec![low] } else { [vec![low | 0x80], leb128(number >> 7)].concat() }
}

/// 50,000 variables, as many as the format allows.
const VARIABLES: &[u8] = b"\x01\xd0\x86\x03\x7f";

/// The component that behaves, and a module with equal functions: which variables they have, and their instructions.
fn code(path: &Path, count: usize, variables: &[u8], instructions: &[u8]) -> PathBuf {
    let section = |id: u8, content: &[u8]| [&[id], leb128(content.len()).as_slice(), content].concat();
    let body = [variables, instructions, b"\x0b"].concat();
    let body = [leb128(body.len()).as_slice(), &body].concat();
    let module = [
        b"\0asm\x01\0\0\0".to_vec(),
        section(1, b"\x01\x60\0\0"),
        section(3, &[leb128(count), vec![0; count]].concat()),
        section(10, &[leb128(count), body.repeat(count)].concat()),
    ];
    file(path, &[behaving(), section(1, &module.concat())].concat())
}

/// Blocks in one another, each of which begins so.
fn nest(begin: &[u8], count: usize) -> Vec<u8> {
    [begin.repeat(count), b"\x0b".repeat(count)].concat()
}

/// Blocks with a table of targets in each.
fn targets(blocks: usize, count: usize) -> Vec<u8> {
    [b"\x02\x40\x41\0\x0e".as_slice(), &leb128(count), &vec![0; count + 1], b"\x0b"].concat().repeat(blocks)
}

/// Loops in one another, variables that are read in the innermost, and a branch to each loop: as many values as loops times variables.
fn busy(loops: usize, variables: usize) -> Vec<u8> {
    let read = (0..variables).flat_map(|index| [b"\x20".as_slice(), &leb128(index), b"\x1a"].concat());
    let branches = (0..loops).flat_map(|depth| [b"\x41\0\x0d".as_slice(), &leb128(depth)].concat());
    [b"\x03\x40".repeat(loops), read.collect(), branches.collect(), b"\x0b".repeat(loops)].concat()
}
