//! Single bits of the component that behaves, turned over: whatever comes of it, the program refuses it or shows a plan.

use super::case::built_at;
use super::{Left, Run, made, run};
use libtest_mimic::Failed;
use std::path::Path;

/// How many bits.
const FLIPS: usize = 100;

pub(crate) fn check() -> Result<(), Failed> {
    let (bytes, path) = (made::behaving(), built_at().join("made-bit-flips.wasm"));
    let mut refused = 0;
    for bit in positions(bytes.len() * 8) {
        let mut bytes = bytes.clone();
        if let Some(byte) = bytes.get_mut(bit / 8) {
            *byte ^= 1 << (bit % 8);
        }
        std::fs::write(&path, bytes).unwrap();
        let left = plan(&path);
        let what = |problem: String| Failed::from(format!("bit {bit}: {problem}\n{}", left.text));
        left.check().map_err(what)?;
        match left.code {
            Some(2) => refused += 1,
            Some(0) if left.written.is_empty() => {}
            other => return Err(what(format!("{other:?}, wrote {:?}", left.written))),
        }
    }
    // Most bits are in code that is valid with another constant.
    if (FLIPS / 10..FLIPS).contains(&refused) { Ok(()) } else { Err(format!("{refused} of {FLIPS} were refused").into()) }
}

/// The same positions each time (Knuth's generator).
fn positions(bits: usize) -> impl Iterator<Item = usize> {
    let mut state = 2_030_u64;
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % bits
    })
    .take(FLIPS)
}

fn plan(phase: &Path) -> Left {
    let grant = super::case::here().join("grants/wide.yaml");
    let [phase, grant] = [phase, &grant].map(|path| path.to_str().unwrap());
    let args = ["plan", "--phase", phase, "--grant", grant, "--now", "2030-01-01T00:00:00Z", "--limit", "fuel=50M"];
    run(&args.map(str::to_owned), Path::new(phase), Run::TaskOnce)
}
