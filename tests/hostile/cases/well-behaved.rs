// Nothing: the phase that all others are made of is applied, so that a refusal of another case has the case's own reason.
// harmless: that is the point
use hostile::*;

struct Case;

impl Hostile for Case {}

hostile!(Case);
