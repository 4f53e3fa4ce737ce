//! The headings of flags that many commands have. Help shows them with `options`.

/// How to reach the API server.
pub(super) const CONNECTION: &str = "Connection";
/// Which phase, and what it may do.
pub(super) const PHASE: &str = "Phase";
/// From where.
pub(super) const REGISTRY: &str = "Registry";
/// What stands between a plan and its writes.
pub(super) const SAFETY: &str = "Dry run and undo";
/// What makes a run repeatable.
pub(super) const RECORDINGS: &str = "Time and recordings";
/// Several clusters.
pub(super) const FLEET: &str = "Many clusters";
/// What every command has.
pub(super) const EVERY_COMMAND: &str = "Every command";
