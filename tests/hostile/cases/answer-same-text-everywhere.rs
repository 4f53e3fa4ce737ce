// Says one megabyte a thousand times, but has it in memory once.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let text = Box::leak("a".repeat(1_000_000).into_boxed_str());
        let once = || unsafe { String::from_raw_parts(text.as_ptr().cast_mut(), text.len(), text.len()) };
        Ok(Plan { notes: (0..1_000).map(|_| once()).collect(), ..plan([]) })
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an answer of more than 16777216 bytes
//   hint: allow more with --limit result=64Mi
