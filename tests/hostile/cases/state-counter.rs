// Counts its calls in its memory, so that it would answer differently each time.
// harmless: each call has memory of its own
#![no_main]
use hostile::*;
use std::sync::atomic::{AtomicU32, Ordering};

static CALLS: AtomicU32 = AtomicU32::new(0);

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        CALLS.fetch_add(1, Ordering::Relaxed);
        Ok(needs())
    }

    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(note(format!("asked {} times before", CALLS.fetch_add(1, Ordering::Relaxed))))
    }
}

hostile!(Case);

// exit: 0
// asked 0 times before
// the folder `DIR`: no cluster is changed
// the folder `DIR`: no cluster is changed
