// Is run with the grant of a phase of the same name with other bytes.
// grant: other-digest
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {}

hostile!(Case);

// exit: 2
// error: the grant in `HERE/grants/other-digest.yaml` is for `sha256:…`, not for `sha256:…`
