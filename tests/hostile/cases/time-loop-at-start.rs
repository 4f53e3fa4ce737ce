// Never ends before the first question: `_initialize` is called by the component's start function.
use hostile::*;

struct Case;

impl Hostile for Case {}

#[unsafe(no_mangle)]
extern "C" fn _initialize() {
    loop {}
}

hostile!(Case);
