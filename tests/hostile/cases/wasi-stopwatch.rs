// Measures how long something takes, as a covert channel would.
// args: --allow-wasi
// harmless: the clock stands still
#![no_main]
use hostile::*;
use std::time::Instant;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let start = Instant::now();
        let sum = (0..1_000_000_u64).map(std::hint::black_box).sum::<u64>();
        Ok(note(format!("{sum} in {:?}", start.elapsed())))
    }
}

hostile!(Case);

// exit: 0
// 499999500000 in 0ns
// the folder `DIR`: no cluster is changed
// the folder `DIR`: no cluster is changed
