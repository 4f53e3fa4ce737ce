//! Where the bytes of a phase come from. The sealed build, without the cargo feature `foreign`, knows one place: itself.

#[cfg(not(feature = "foreign"))]
mod disabled;
#[cfg(feature = "foreign")]
mod enabled;

#[cfg(not(feature = "foreign"))]
pub(crate) use disabled::{supplied, with_supply};
#[cfg(feature = "foreign")]
pub(crate) use enabled::{local_store, supplied, with_supply};
