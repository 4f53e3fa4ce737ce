// Answers with a text of two gigabytes that it does not have.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let summary = unsafe { String::from_raw_parts(16 as *mut u8, 0x7fff_ffff, 0x7fff_ffff) };
        Description { summary, ..description() }
    }
}

hostile!(Case);

// exit: 2
// error: the phase broke the contract: string pointer/length out of bounds of memory
