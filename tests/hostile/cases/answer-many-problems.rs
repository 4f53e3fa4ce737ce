// Finds a hundred thousand problems with the input.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        let problem = |i: u32| Problem { path: format!("field[{i}]"), message: "is wrong".to_owned() };
        Err(Failure::InvalidInput((0..100_000).map(problem).collect()))
    }
}

hostile!(Case);

// exit: 2
// error: the request has 100000 problems; nothing was sent
//   field[0]: is wrong
//   field[1]: is wrong
//   field[2]: is wrong
//   field[3]: is wrong
//   field[4]: is wrong
//   field[5]: is wrong
//   field[6]: is wrong
//   field[7]: is wrong
//   field[8]: is wrong
//   field[9]: is wrong
//   field[10]: is wrong
//   field[11]: is wrong
//   field[12]: is wrong
//   field[13]: is wrong
//   field[14]: is wrong
//   field[15]: is wrong
//   field[16]: is wrong
//   field[17]: is wrong
//   field[18]: is wrong
//   field[19]: is wrong
//   and 99980 more
