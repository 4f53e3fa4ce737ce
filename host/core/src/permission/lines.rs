//! A permission as lines of text: prompts, inspection and comparison all use the same complete lines.

use super::{Access, Objects, Permission, PermissionScope, Permissions, in_words};
use std::fmt;

/// The maximum number of names and keys of one permission in a prompt.
pub const MOST_NAMES: usize = 100;
/// The maximum number of lines in a prompt; more would not be read.
pub const MOST_LINES: usize = 200;

/// A prompt that cannot be shown in full, and is therefore refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TooLong {
    /// A permission with too many names.
    #[error("one permission has {0} names and keys; at most {MOST_NAMES} can be asked about at once")]
    Names(usize),
    /// Too many lines in total.
    #[error("it takes {0} lines; a question has at most {MOST_LINES}")]
    Lines(usize),
}

impl Objects<'_> {
    /// The kind and scope, then each key shown in clear text, then each name.
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
        // Seeing keys requires read access.
        let seen = reveal.iter().filter(|_| access.contains(&Access::Read));
        lines.extend(seen.map(|key| format!("  SEES IN CLEAR TEXT `{key}`")));
        lines.extend(names.iter().map(|name| match name {
            name if name.is_any() => "  with any name".to_owned(),
            name => format!("  named `{name}`"),
        }));
        if names.is_empty() {
            lines.push("  without a name, so nothing".to_owned());
        }
        lines
    }
}

impl Permission {
    /// The accesses, with writes first and marked, followed by [`Objects::lines`].
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Objects(self).lines();
        if let Some(head) = lines.first_mut() {
            *head = format!("{} {head}", marked(&self.access));
        }
        lines
    }

    /// The position: first what is shown in clear text, then what is written.
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
    /// The permissions in display order.
    #[must_use]
    pub fn by_weight(&self) -> Vec<&Permission> {
        let mut all: Vec<&Permission> = self.0.iter().collect();
        all.sort_by_key(|permission| permission.rank());
        all
    }

    /// Checks that each permission fits into a prompt.
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

/// All lines joined into one.
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
