//! What a host tells about its work while it works, for `-v`.

/// How much is told: kubectl's levels, of which each includes the lower ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Who vouches for a phase that is run. Always.
    Trust,
    /// What calls into the phase used; which limits and grants apply. `-v 2`.
    Calls,
    /// Requests to the API server and their status. `-v 6`.
    Requests,
    /// What the phase was told and what it answered; secrets are handles. `-v 8`.
    Answers,
}

impl Level {
    /// The number after `-v` from which this is told.
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

/// Where it is told.
pub trait Log {
    /// Tells a line, if the user wants to know that much.
    fn line(&self, level: Level, text: &dyn Fn() -> String);
}

/// Nobody wants to know.
#[derive(Debug, Clone, Copy)]
pub struct Silent;

impl Log for Silent {
    fn line(&self, _level: Level, _text: &dyn Fn() -> String) {}
}

/// Who hears what an operator should know besides the report: what was left out, and what follows from a change.
pub trait Listener {
    /// Hears one line.
    fn hear(&self, line: &str);
}

/// Nobody listens.
#[derive(Debug, Clone, Copy)]
pub struct Nobody;

impl Listener for Nobody {
    fn hear(&self, _line: &str) {}
}
