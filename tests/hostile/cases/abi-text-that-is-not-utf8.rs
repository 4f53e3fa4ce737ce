// Answers with a text that is not UTF-8.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let bytes = b"\xff\xed\xa0\x80".to_vec();
        Description { summary: unsafe { String::from_utf8_unchecked(bytes) }, ..description() }
    }
}

hostile!(Case);
