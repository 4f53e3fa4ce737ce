//! WASI 0.2 for phases that cannot do without: plain Rust on wasm32-wasip2, Go, Python. Only with the operator's permission, and
//! empty: no files, sockets, arguments or environment; the clock stands at the request's `now`; random bytes depend on the
//! request only. Building without the cargo feature `wasi` removes it altogether.

use kubephase_core::structure::Availability;

#[cfg(not(feature = "wasi"))]
mod disabled;
#[cfg(feature = "wasi")]
mod enabled;

#[cfg(not(feature = "wasi"))]
pub(super) use disabled::{Context, add_to_linker};
#[cfg(feature = "wasi")]
pub(super) use enabled::{Context, add_to_linker};

/// Whether this build includes WASI.
pub const AVAILABILITY: Availability = if cfg!(feature = "wasi") { Availability::Included } else { Availability::LeftOut };
