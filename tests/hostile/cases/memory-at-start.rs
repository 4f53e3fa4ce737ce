// Has 128 MiB of memory from the start.
#![no_main]
use hostile::*;

static MEMORY: [std::sync::atomic::AtomicU8; 128 * 1024 * 1024] =
    [const { std::sync::atomic::AtomicU8::new(0) }; 128 * 1024 * 1024];

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(note(std::hint::black_box(&MEMORY).len()))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wanted more than 67108864 bytes of memory
//   hint: allow more with --limit memory=512Mi
