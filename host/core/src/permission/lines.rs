//! A permission for people, in lines: whoever is asked, inspects or compares reads the same ones, and nothing of it is left out.

use super::{Access, Objects, Permission, PermissionScope, Permissions, in_words};
use std::fmt;

/// The most names and keys of one permission that somebody is asked about.
pub const MOST_NAMES: usize = 100;
/// The most lines of a question: nobody reads more.
pub const MOST_LINES: usize = 200;

/// What cannot be asked, since it cannot be shown as a whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TooLong {
    /// A permission of many names.
    #[error("one permission has {0} names and keys, and no more than {MOST_NAMES} are asked about at once")]
    Names(usize),
    /// All of it.
    #[error("it takes {0} lines, and no question is longer than {MOST_LINES}")]
    Lines(usize),
}

impl Objects<'_> {
    /// What and where; then each key that is seen in clear; then each name.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let Permission { access, of, place, names, reveal, .. } = self.0;
        let version = if of.group().is_empty() { of.version().to_owned() } else { format!("{}/{}", of.group(), of.version()) };
        let head = format!("{} ({}, {version})", of.plural(), of.kind());
        let mut lines = vec![match place {
            PermissionScope::Cluster => head,
            PermissionScope::Namespace(namespace) => format!("{head} in {namespace}"),
            PermissionScope::Everywhere => format!("{head} in all namespaces"),
        }];
        // Keys are seen by those who may read.
        let seen = reveal.iter().filter(|_| access.contains(&Access::Read));
        lines.extend(seen.map(|key| format!("  SEES IN CLEAR `{key}`")));
        lines.extend(names.iter().map(|name| match name {
            name if name.is_any() => "  of any name".to_owned(),
            name => format!("  named `{name}`"),
        }));
        if names.is_empty() {
            lines.push("  of no name, which is nothing".to_owned());
        }
        lines
    }
}

impl Permission {
    /// The accesses, the writes first and marked, and [`Objects::lines`].
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Objects(self).lines();
        if let Some(head) = lines.first_mut() {
            *head = format!("{} {head}", marked(&self.access));
        }
        lines
    }

    /// What is looked at first: what is seen in clear, then what is written.
    fn rank(&self) -> u8 {
        match (self.access.contains(&Access::Read) && !self.reveal.is_empty(), self.access.iter().any(|access| access.is_write()))
        {
            (true, _) => 0,
            (false, true) => 1,
            (false, false) => 2,
        }
    }
}

impl Permissions {
    /// In the order in which they are shown.
    #[must_use]
    pub fn by_weight(&self) -> Vec<&Permission> {
        let mut all: Vec<&Permission> = self.0.iter().collect();
        all.sort_by_key(|permission| permission.rank());
        all
    }

    /// Whether each can be asked about.
    ///
    /// # Errors
    /// [`TooLong::Names`] for more than [`MOST_NAMES`].
    pub fn can_be_asked(&self) -> Result<(), TooLong> {
        let count = |permission: &Permission| permission.names.len().saturating_add(permission.reveal.len());
        match self.0.iter().map(count).max() {
            Some(most) if most > MOST_NAMES => Err(TooLong::Names(most)),
            _ => Ok(()),
        }
    }
}

/// Accesses with the writes first, like `WRITE create and delete, read`.
#[must_use]
pub fn marked(access: &[Access]) -> String {
    let (writes, reads): (Vec<Access>, Vec<Access>) = access.iter().partition(|access| access.is_write());
    match (writes.as_slice(), reads.as_slice()) {
        ([], reads) => in_words(reads),
        (writes, []) => format!("WRITE {}", in_words(writes)),
        (writes, reads) => format!("WRITE {}, {}", in_words(writes), in_words(reads)),
    }
}

/// The lines in one.
impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines().iter().enumerate().try_for_each(|(at, line)| {
            if at > 0 {
                f.write_str(";")?;
            }
            write!(f, "{}{}", if at > 0 { " " } else { "" }, line.trim_start())
        })
    }
}

#[cfg(test)]
mod tests;
