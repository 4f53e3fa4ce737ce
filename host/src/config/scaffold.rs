//! Resolves the arguments of `phase new`.

use super::error::ConfigError;
use crate::cli::author_flags::NewArgs;
use crate::yaml;
use std::path::PathBuf;

/// The maximum length of a name: that of a DNS label, because objects are named after it.
const MOST_CHARACTERS: usize = 63;

/// A resolved `phase new`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scaffold {
    /// The name of the crate and of an object.
    pub name: String,
    /// The folder to create.
    pub folder: PathBuf,
}

impl Scaffold {
    /// Resolves the arguments.
    ///
    /// # Errors
    /// [`ConfigError`] for a name that is invalid for a crate or an object.
    pub fn of(args: NewArgs) -> Result<Self, ConfigError> {
        let NewArgs { name, dir } = args;
        let is_word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let is_name = name.len() <= MOST_CHARACTERS
            && name.bytes().all(is_word)
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && !name.ends_with('-')
            // The name is written to manifests unquoted, where `no` would not be a string.
            && yaml::parse_document(&name).is_ok_and(|read| read.is_string());
        if !is_name {
            let rule = "must be 1 to 63 lower case letters, digits and dashes, start with a letter, not end with a dash, and not be a YAML word like `no` or `null`";
            return Err(ConfigError::Flag { flag: "NAME", value: name, rule });
        }
        Ok(Self { folder: dir.unwrap_or_else(|| PathBuf::from(&name)), name })
    }
}

#[cfg(test)]
mod tests {
    use super::{NewArgs, Scaffold};

    #[test]
    fn a_name_is_of_a_crate_and_of_an_object() {
        let long = "a".repeat(64);
        for (name, is_name) in [
            ("a", true),
            ("my-phase-2", true),
            ("fn", true),
            (&long[1..], true),
            ("", false),
            ("2a", false),
            ("-a", false),
            ("a-", false),
            ("a_b", false),
            ("A", false),
            ("a.b", false),
            ("../a", false),
            ("ä", false),
            ("no", false),
            ("null", false),
            (&long, false),
        ] {
            assert_eq!(Scaffold::of(NewArgs { name: name.to_owned(), dir: None }).is_ok(), is_name, "{name}");
        }
    }
}
