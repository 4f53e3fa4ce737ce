//! The outcome of a run, and the only place that defines exit codes.

/// The outcome of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Everything was done, or the answer is yes.
    Done,
    /// The answer is no: there are differences or findings, or a node could not join.
    No,
    /// An error; nothing was written.
    Failed,
    /// Stopped after some writes.
    Partial,
}

impl Outcome {
    /// The exit code of the process.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::No => 1,
            Self::Failed => 2,
            Self::Partial => 3,
        }
    }
}
