// Is run with the grant of a phase of the same name with other bytes.
// grant: other-digest
use hostile::*;

struct Case;

impl Hostile for Case {}

hostile!(Case);
