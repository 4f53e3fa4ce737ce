//! WASI 0.2 for phases that cannot do without: plain Rust on wasm32-wasip2, Go, Python. Only if the operator says so, and with
//! nothing in it: no files, sockets, arguments or environment; the clock stands at the request's `now`; random bytes depend on the
//! request alone. The cargo feature `wasi` leaves it out altogether.

use kubephase_core::structure::Availability;

#[cfg(not(feature = "wasi"))]
mod disabled;
#[cfg(feature = "wasi")]
mod enabled;

#[cfg(not(feature = "wasi"))]
pub(super) use disabled::{Context, add_to_linker};
#[cfg(feature = "wasi")]
pub(super) use enabled::{Context, add_to_linker};

/// Whether this build has it.
pub const AVAILABILITY: Availability = if cfg!(feature = "wasi") { Availability::Included } else { Availability::LeftOut };
