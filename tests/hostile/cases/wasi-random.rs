// Draws random numbers that nobody recorded.
// args: --allow-wasi
// harmless: the numbers follow from the request
#![no_main]
use hostile::*;
use std::hash::{BuildHasher as _, RandomState};

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(note(RandomState::new().hash_one("a")))
    }
}

hostile!(Case);

// exit: 0
// 5396969748376201692
// the folder `DIR`: no cluster is changed
// the folder `DIR`: no cluster is changed
