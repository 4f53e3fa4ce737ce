//! The compiler for phases that are not part of this program. The sealed build, without the cargo feature `foreign`, has none.

#[cfg(not(feature = "foreign"))]
mod disabled;
#[cfg(feature = "foreign")]
mod enabled;

#[cfg(not(feature = "foreign"))]
pub(super) use disabled::code;
#[cfg(not(feature = "foreign"))]
pub use disabled::takes_over;
#[cfg(feature = "foreign")]
pub(super) use enabled::code;
#[cfg(feature = "foreign")]
pub use enabled::takes_over;
