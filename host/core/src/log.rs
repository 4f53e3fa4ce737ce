//! Log messages of a host for `-v`.

/// The log level: kubectl's levels, each including the lower ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Who vouches for a phase that is run. Always printed.
    Trust,
    /// The resources used by calls into the phase; the limits and grants that apply. `-v 2`.
    Calls,
    /// Requests to the API server and their status. `-v 6`.
    Requests,
    /// The input and the answers of the phase; secrets are handles. `-v 8`.
    Answers,
}

impl Level {
    /// The lowest value of `-v` that prints this level.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Trust => 0,
            Self::Calls => 2,
            Self::Requests => 6,
            Self::Answers => 8,
        }
    }
}

/// A destination for log messages.
pub trait Log {
    /// Prints a line if its level is enabled.
    fn line(&self, level: Level, text: &dyn Fn() -> String);
}

/// Discards all log messages.
#[derive(Debug, Clone, Copy)]
pub struct Silent;

impl Log for Silent {
    fn line(&self, _level: Level, _text: &dyn Fn() -> String) {}
}

/// A destination for messages in addition to the report: what was left out, and what follows from a change.
pub trait Listener {
    /// Receives one line.
    fn hear(&self, line: &str);
}

/// Discards all messages.
#[derive(Debug, Clone, Copy)]
pub struct Nobody;

impl Listener for Nobody {
    fn hear(&self, _line: &str) {}
}
