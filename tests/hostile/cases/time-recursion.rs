// Calls itself without end.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        #[expect(unconditional_recursion, reason = "that is what it tries")]
        fn deeper(depth: u64) -> u64 {
            std::hint::black_box(deeper(std::hint::black_box(depth + 1))) + 1
        }
        Ok(note(deeper(0)))
    }
}

hostile!(Case);

// exit: 2
// error: the phase recursed too deeply
