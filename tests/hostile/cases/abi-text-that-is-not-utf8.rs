// Answers with a text that is not UTF-8.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let bytes = b"\xff\xed\xa0\x80".to_vec();
        Description { summary: unsafe { String::from_utf8_unchecked(bytes) }, ..description() }
    }
}

hostile!(Case);

// exit: 2
// error: the phase broke the contract: invalid utf-8 sequence of 1 bytes from index 0
