//! Files that are phases, nearly.

use super::super::dice::Dice;
use super::reading::sections;
use arbitrary::Unstructured;
use wasm_smith::{Component, Config};

/// A component of wasm-smith's, mostly without what no phase may use.
pub(super) fn smith(data: &[u8]) -> Vec<u8> {
    let Some((odd, data)) = data.split_first() else { return Vec::new() };
    let is = |bit: u32| odd & (1 << bit) != 0;
    let config = Config {
        simd_enabled: is(0),
        relaxed_simd_enabled: is(0),
        tail_call_enabled: is(1),
        threads_enabled: is(2),
        exceptions_enabled: is(3),
        gc_enabled: is(4),
        memory64_enabled: is(5),
        max_imports: if is(6) { 10 } else { 0 },
        max_components: if is(7) { 4 } else { 1 },
        max_modules: 3,
        max_type_size: 100,
        generate_custom_sections: true,
        ..Config::default()
    };
    Component::new(config, &mut Unstructured::new(data)).map_or_else(|_| Vec::new(), |component| component.to_bytes())
}

/// A phase that is a little more than one.
pub(super) fn phase(dice: &mut Dice<'_>) -> Vec<u8> {
    let parts: Vec<String> = (0..dice.number(4)).map(|index| part(dice, index)).collect();
    let around = include_str!("../../../hostile/phase.wat");
    let text = around.replace("CASE", &format!("{MAIN} {}", parts.join(" ")));
    let version = if dice.is_one_in(8) { dice.pick(&["0.2.0", "0.1.1", "0.1.0-a", "1.0.0", "0.1.00"]) } else { "0.1.0" };
    let text = text.replace("phase/phase@0.1.0", &format!("phase/phase@{version}"));
    // Two parts may not fit together.
    wat::parse_str(text).unwrap_or_default()
}

/// What answers in it.
const MAIN: &str = r#"
(core module $m
  (memory (export "memory") 1)
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
  (data (i32.const 16) "\40\00\00\00\09\00\00\00" "\50\00\00\00\05\00\00\00" "\58\00\00\00\06\00\00\00" "\00\00\00\00\00\00\00\00")
  (data (i32.const 64) "fuzz.test")
  (data (i32.const 80) "0.1.0")
  (data (i32.const 88) "a test")
  (func (export "describe") (result i32) (i32.const 16))
  (func (export "need") (export "plan-for") (param i32) (result i32) unreachable)
  (func (export "post") (param i32)))
(core instance $main (instantiate $m))"#;

const NAMES: [&str; 10] = [
    "a",
    "kubephase:phase/types@0.1.0",
    "wasi:cli/environment@0.2.0",
    "wasi:clocks/wall-clock@0.2.6",
    "wasi:http/types@0.2.0",
    "wasi:cli/environment@0.3.0",
    "wasi:cli/environment",
    "wasi-like:cli/environment@0.2.0",
    "kubephase:phase/phase@0.2.0",
    "kubephase:phase/phase@0.1.1-a.b+c",
];
const IMPORTED: [&str; 6] =
    ["(func)", "(instance)", "(component)", "(core module)", "(type (sub resource))", "(instance (export \"b\" (func)))"];
const NESTED: [&str; 8] = [
    "",
    "(type u8)",
    "(core module)",
    "(component)",
    "(import \"a\" (func))",
    "(core module $n) (core instance (instantiate $n))",
    "(instance)",
    "(type $r (resource (rep i32))) (core func (canon resource.drop $r))",
];

/// A part of a component that stands for itself; `index` makes its names its own.
fn part(dice: &mut Dice<'_>, index: usize) -> String {
    match dice.number(6) {
        0 => format!("(import \"{}\" {})", name(dice, index), dice.pick(&IMPORTED)),
        1 => format!("(component {})", dice.pick(&NESTED)),
        2 => format!("(component (component {}))", dice.pick(&NESTED)),
        3 => format!("(core module {})", format!("(func {})", "nop ".repeat(dice.number(40))).repeat(dice.number(8))),
        4 => format!("(instance $i{index}) (export \"{}\" (instance $i{index}))", name(dice, index)),
        5 => format!("(@custom \"c{index}\" \"{}\")", "x".repeat(dice.number(40))),
        _ => format!("(core module (memory {}) (table {} funcref))", dice.number(20), dice.number(2_000)),
    }
}

fn name(dice: &mut Dice<'_>, index: usize) -> String {
    if dice.is_one_in(4) {
        format!("n{index}-{}", "long-".repeat(dice.number(200)) + "end")
    } else {
        dice.pick(&NAMES).to_owned()
    }
}

/// Changes some bytes.
pub(in super::super) fn mutated(dice: &mut Dice<'_>, mut bytes: Vec<u8>) -> Vec<u8> {
    for _ in 0..=dice.number(3) {
        let at = dice.number(bytes.len());
        match dice.number(4) {
            0 => bytes.truncate(at),
            1 => drop(bytes.splice(at..at, dice.bytes(16))),
            2 => drop(bytes.drain(at..(at + dice.number(16)).min(bytes.len()))),
            _ => {
                let new = dice.bytes(8);
                bytes.iter_mut().skip(at).zip(new).for_each(|(byte, new)| *byte = new);
            }
        }
    }
    bytes
}

/// Removes, repeats, moves or adds a section.
pub(super) fn mutated_section(dice: &mut Dice<'_>, bytes: &[u8]) -> Vec<u8> {
    let Some(present) = sections(bytes).filter(|sections| !sections.is_empty()) else { return bytes.to_vec() };
    let mut sections: Vec<(u8, Vec<u8>)> = present.into_iter().map(|(id, content)| (id, content.to_vec())).collect();
    let at = dice.number(sections.len() - 1);
    match dice.number(6) {
        0 => drop(sections.remove(at)),
        1 => sections.insert(at, sections[at].clone()),
        2 => sections.swap(at, at.saturating_sub(1)),
        3 => sections[at].1 = mutated(dice, sections[at].1.clone()),
        4 => sections.push((4, smith(&dice.bytes(1_000)))),
        5 => sections.push((1, core_module(&dice.bytes(1_000)))),
        _ => sections.insert(at, (u8::try_from(dice.number(13)).unwrap(), dice.bytes(40))),
    }
    let header = bytes.get(..8).unwrap_or_default().to_vec();
    let encoded = sections.into_iter().map(|(id, content)| [vec![id], leb128(content.len()), content].concat());
    std::iter::once(header).chain(encoded).flatten().collect()
}

fn core_module(data: &[u8]) -> Vec<u8> {
    let config = Config { gc_enabled: false, simd_enabled: false, threads_enabled: false, ..Config::default() };
    let module = wasm_smith::Module::new(config, &mut Unstructured::new(data));
    module.map_or_else(|_| Vec::new(), |module| module.to_bytes())
}

/// A number as WebAssembly writes it.
fn leb128(number: usize) -> Vec<u8> {
    let low = u8::try_from(number & 0x7f).unwrap();
    if number < 0x80 { vec![low] } else { [vec![low | 0x80], leb128(number >> 7)].concat() }
}
