// Is run with the grant of a phase of another name.
// grant: other-id
use hostile::*;

struct Case;

impl Hostile for Case {}

hostile!(Case);
