// Takes memory until there is no more.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let mut taken = Vec::new();
        loop {
            taken.push(std::hint::black_box(vec![1_u8; 1024 * 1024]));
        }
    }
}

hostile!(Case);

// exit: 2
// error: the phase wanted more than 67108864 bytes of memory
//   hint: allow more with --limit memory=512Mi
