//! What a diagnosis is derived from.

use super::command::JoinCommand;
use super::cure::CureFlags;
use super::step::Evidence;
use super::view::ClusterView;

/// All that is known of a command.
#[derive(Clone, Copy)]
pub(super) struct Case<'a> {
    /// The command.
    pub(super) join: &'a JoinCommand,
    /// What a joining node observes.
    pub(super) evidence: &'a Evidence,
    /// What an administrator sees.
    pub(super) view: &'a ClusterView,
    /// How to call the commands of a cure.
    pub(super) flags: &'a CureFlags,
}
