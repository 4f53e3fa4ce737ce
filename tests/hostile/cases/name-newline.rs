// A name with a header behind it.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([secret("bootstrap-token-aaaaaa HTTP/1.1\r\nX-Remote-User: admin\r\n")]))
    }
}

hostile!(Case);
