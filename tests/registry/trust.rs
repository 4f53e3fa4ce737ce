//! Whose phases are run: each case against the real registry, signed by the real cosign and spoilt in between. `table` has the cases in
//! which something lies there and is asked for, `story` those in which something happens between two commands.

mod stage;
mod story;
mod table;

use crate::Test;

pub(crate) fn tests() -> Vec<Test> {
    [table::tests(), story::tests()].into_iter().flatten().collect()
}
