//! Files: what is admitted, and how others are refused.

mod made;
mod reading;

use super::dice::Dice;
use kubectl_bootstrap_token::component::admit::AdmissionError;
use kubectl_bootstrap_token::component::engine::EngineError;
use kubectl_bootstrap_token::component::{Admitted, CallError, ComponentBytes, Phase, Vouched, structure};
use kubectl_bootstrap_token::config::limits::LIMITS;
use kubectl_bootstrap_token::render::terminal::clean;
use kubephase_core::grant::{Allowance, Extras};
use kubephase_core::limits::Limits;
use kubephase_core::log::Silent;
use kubephase_core::trust::Trusted;
pub(super) use made::mutated;
use reading::Reading;
use sha2::{Digest as _, Sha256};
use std::error::Error;
use std::time::{Duration, Instant};

/// The longest refusal, bytes.
const REFUSAL: usize = 1_000;

/// Makes a file of the bytes: as they are, by wasm-smith, as a phase with parts that it needs not have, or as a phase with bytes
/// changed. Whatever it is:
///
/// * nothing panics, and a refusal is short and harmless on a terminal;
/// * what is admitted imports nothing, has no code in nested components, and keeps to the limits, as a second reader of the
///   format sees it;
/// * more allowed or higher limits never mean less admitted;
/// * of the small ones that are admitted, a few are compiled and asked who they are, which ends within the limits and twice the same.
pub fn admission(data: &[u8]) {
    let mut dice = Dice::new(data);
    let small = match dice.number(2) {
        0 => Limits { functions: dice.number(10) as u64, ..LIMITS },
        1 => Limits { function_bytes: dice.number(40) as u64, ..LIMITS },
        _ => Limits { file_bytes: dice.number(8_000) as u64, ..LIMITS },
    };
    let bytes = file(&mut dice);
    check(&bytes, small);
    // Compiling is slow.
    if bytes.len() < 10_000 && Sha256::digest(&bytes)[0] < 16 {
        run(&bytes);
    }
}

fn file(dice: &mut Dice<'_>) -> Vec<u8> {
    match dice.number(15) {
        0 => made::mutated(dice, ComponentBytes::Embedded.to_vec()),
        1..=4 => dice.rest(),
        5..=7 => made::smith(&dice.rest()),
        8 | 9 => made::phase(dice),
        10..=12 => {
            let phase = made::phase(dice);
            made::mutated(dice, phase)
        }
        _ => {
            let phase = made::phase(dice);
            made::mutated_section(dice, &phase)
        }
    }
}

fn check(bytes: &[u8], small: Limits) {
    assert_eq!(structure(bytes), structure(bytes));
    let reading = Reading::of(bytes);
    let both = [Allowance::Refused, Allowance::Allowed];
    let extras = both.iter().flat_map(|wasi| both.map(|nested| Extras { wasi: *wasi, nested }));
    let mut admitted: Vec<(Extras, Limits)> = Vec::new();
    for extras in extras {
        for limits in [small, LIMITS] {
            match Admitted::admit(Vouched::new(ComponentBytes::Foreign(bytes.to_vec()), Trusted::embedded()), limits, extras) {
                Ok(component) => {
                    check_admitted(bytes, reading.as_ref().unwrap(), limits, extras, &component);
                    admitted.push((extras, limits));
                }
                Err(error) => {
                    check_refusal(&error);
                    let is_worse = |(other, narrower): &(Extras, Limits)| {
                        // A build without WASI says so, instead of that it is not allowed.
                        other.or(extras) == extras && (*narrower == limits || limits == LIMITS)
                    };
                    assert!(!admitted.iter().any(is_worse), "{error}");
                }
            }
        }
    }
}

fn check_admitted(bytes: &[u8], reading: &Reading, limits: Limits, extras: Extras, admitted: &Admitted) {
    assert!(bytes.len() as u64 <= limits.file_bytes && reading.is_component);
    assert!(reading.functions <= limits.functions && reading.largest_function <= limits.function_bytes, "{reading:?}");
    let is_phase = |name: &String| ["0.1.0", "0.2.0"].iter().any(|version| *name == format!("kubephase:phase/phase@{version}"));
    assert!(reading.exports.iter().any(is_phase), "{reading:?}");
    assert!(extras.wasi == Allowance::Allowed || reading.imports.is_empty(), "{reading:?}");
    assert!(reading.imports.iter().all(|name| name.starts_with("wasi:") && name.contains("@0.2.")), "{reading:?}");
    assert!(extras.nested == Allowance::Allowed || !reading.has_nested_code, "{reading:?}");
    let used = Extras { wasi: allowance(!reading.imports.is_empty()), nested: allowance(reading.has_nested_code) };
    assert_eq!(admitted.used(extras), used);
    let digest: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(admitted.digest().to_string(), format!("sha256:{digest}"));
}

const fn allowance(is_allowed: bool) -> Allowance {
    if is_allowed { Allowance::Allowed } else { Allowance::Refused }
}

fn check_refusal(error: &AdmissionError) {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    check_words(&text);
}

fn check_words(text: &str) {
    assert!(text.len() <= REFUSAL, "{} bytes: {text}", text.len());
    let cleaned = clean(text);
    assert!(!cleaned.contains(char::is_control), "{cleaned:?}");
}

/// Compiles and asks what is admitted.
fn run(bytes: &[u8]) {
    let limits = Limits {
        compile_millis: 20_000,
        fuel: 100_000,
        call_millis: 1_000,
        memory_bytes: 1 << 20,
        table_elements: 1_000,
        instances: 4,
        result_bytes: 100_000,
        ..LIMITS
    };
    let Ok(admitted) = Admitted::admit(
        Vouched::new(ComponentBytes::Foreign(bytes.to_vec()), Trusted::embedded()),
        limits,
        Extras { nested: Allowance::Allowed, ..Extras::default() },
    ) else {
        return;
    };
    let begin = Instant::now();
    let phase = match Phase::load(&admitted, limits, None, &Silent) {
        Ok(phase) => phase,
        Err(error) => {
            // A compiler that panics is not slow.
            let is_slow = matches!(error, EngineError::Slow(_));
            assert!(!is_slow || begin.elapsed() >= Duration::from_millis(limits.compile_millis), "{error}");
            return check_words(&error.to_string());
        }
    };
    let answer = || phase.describe().map_err(|error: CallError| error.to_string());
    let first = answer();
    assert_eq!(answer(), first);
    if let Err(text) = &first {
        check_words(text);
    }
}
