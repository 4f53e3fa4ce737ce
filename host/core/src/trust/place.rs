//! The place a phase comes from, in the canonical spelling that rules are compared with.

use crate::name::shortened;
use crate::reference::is_registry;
use std::fmt;

/// A text that is not a repository, or not a prefix of one, in canonical spelling.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{sort} `{}` is not valid: {rule}", shortened(text))]
pub struct InvalidPlace {
    sort: &'static str,
    text: String,
    rule: &'static str,
}

/// The place a phase comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrustPlace<'a> {
    /// The plugin itself.
    Embedded,
    /// A local file.
    File,
    /// A repository: registry and path, for comparison with rules. Not validated yet.
    Repository(&'a str),
}

/// A registry and a path in it: `registry.example:5000/team/phase`.
///
/// Refuses everything that has a second spelling: capitals, `.` and `..`, empty segments, tags, digests, a missing registry.
/// Otherwise two spellings of one repository would be two places, and a rule might know only one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository(Path);

/// The scope of a rule: a registry, or a registry and the first segments of a repository; or `file:` for local files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Prefix {
    /// Local files, `file:`.
    Files,
    /// Repositories below this registry or path.
    Of(Repository),
}

/// The segments; the first one is the registry.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Path(Vec<String>);

/// The prefix for local files.
const FILES: &str = "file:";

impl Repository {
    /// Parses a repository.
    ///
    /// # Errors
    /// [`InvalidPlace`] for everything the type refuses, and for a registry alone.
    pub fn parse(text: &str) -> Result<Self, InvalidPlace> {
        let refused = |rule| InvalidPlace { sort: "repository", text: text.to_owned(), rule };
        let path = Path::parse(text).map_err(refused)?;
        if path.0.len() < 2 {
            return Err(refused("must have a path after the registry"));
        }
        Ok(Self(path))
    }
}

impl Prefix {
    /// Parses a prefix.
    ///
    /// # Errors
    /// [`InvalidPlace`] for anything other than `file:` or the start of a repository, up to a `/`.
    pub fn parse(text: &str) -> Result<Self, InvalidPlace> {
        if text == FILES {
            return Ok(Self::Files);
        }
        let refused = |rule| InvalidPlace { sort: "prefix", text: text.to_owned(), rule };
        Path::parse(text).map(|path| Self::Of(Repository(path))).map_err(refused)
    }

    /// How many segments of a repository match; `None` if it does not match. Segments are compared as a whole:
    /// `registry.example/team` does not match `registry.example/team-evil`, and `registry.example` does not match
    /// `registry.example.evil`.
    #[must_use]
    pub fn fits(&self, repository: &Repository) -> Option<usize> {
        match self {
            Self::Files => None,
            Self::Of(Repository(start)) => repository.0.0.starts_with(&start.0).then_some(start.0.len()),
        }
    }
}

impl Path {
    fn parse(text: &str) -> Result<Self, &'static str> {
        let (registry, rest) = text.split_once('/').map_or((text, None), |(registry, rest)| (registry, Some(rest)));
        if !is_registry(registry) {
            return Err(
                "must start with a registry in lower case that has a dot or a port, without `:443` or `:80`, like `registry.example/team`",
            );
        }
        if !rest.into_iter().flat_map(|rest| rest.split('/')).all(is_segment) {
            return Err(
                "must have segments of lower case letters, digits and single separators after the registry, without tag or digest",
            );
        }
        if text.len() > MOST_BYTES {
            return Err("must not be longer than 500 bytes");
        }
        Ok(Self(text.split('/').map(str::to_owned).collect()))
    }
}

const MOST_BYTES: usize = 500;

/// A segment of a repository path, as in the OCI distribution specification: lower case letters and digits, separated by `.`,
/// `_`, `__` or dashes.
fn is_segment(text: &str) -> bool {
    let is_word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let is_inner = |separator: &str| matches!(separator, "" | "." | "_" | "__") || separator.bytes().all(|b| b == b'-');
    let ends = text.bytes().next().is_some_and(is_word) && text.bytes().next_back().is_some_and(is_word);
    ends && text.bytes().all(|b| is_word(b) || b"._-".contains(&b))
        && text.split(|c: char| c.is_ascii_alphanumeric()).all(is_inner)
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.0.join("/"))
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Files => f.write_str(FILES),
            Self::Of(repository) => repository.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Prefix, Repository};

    #[rustfmt::skip]
    const OTHER_SPELLINGS: &[&str] = &[
        "", "/", "a", "a/b", "r.example", "r.example/", "r.example//a", "r.example/a/", "/r.example/a",
        "r.example/../a", "r.example/a/..", "r.example/./a", "R.example/a", "r.example/A", "r.example./a",
        ".r.example/a", "r..example/a", "r.example:/a", "r.example:0/a", "r.example:05000/a", "r.example:99999/a",
        "r.example:+80/a", "r.example/a:tag", "r.example/a@sha256:00", "r.example/a%2fb", "r.example/a b",
        "r.example/a\n", "r.example/a___b", "r.example/a._b", "r.example/-a", "r.example/a-", "https://r.example/a",
        "user@r.example/a", "r.example\\a/b", "r.example/ä", "rа.example/a", "file:/a", "[::0001]/a",
        "[2001:DB8::1]/a", "[::1/a", "[::1]x/a", "[]/a", "file:",
    ];

    #[test]
    fn one_spelling_of_each_repository() {
        for text in [
            "r.example/a",
            "r.example:5000/a/b",
            "localhost/a",
            "127.0.0.1:5000/x/y",
            "h:1/a.b_c__d--e/0",
            "[::1]:5000/a",
            "[2001:db8::1]/a",
        ] {
            assert_eq!(Repository::parse(text).map(|repository| repository.to_string()), Ok(text.to_owned()));
        }
        for text in OTHER_SPELLINGS {
            assert!(Repository::parse(text).is_err(), "{text:?}");
        }
        assert!(Repository::parse(&format!("r.example/{}", "a".repeat(600))).is_err());
    }

    #[test]
    fn prefixes_end_where_segments_end() {
        for (prefix, repository, expected) in [
            ("registry.example", "registry.example/team/phase", Some(1)),
            ("registry.example/team", "registry.example/team/phase", Some(2)),
            ("registry.example/team", "registry.example/team", Some(2)),
            ("registry.example/team/phase", "registry.example/team/phase", Some(3)),
            ("registry.example/team", "registry.example/team-evil", None),
            ("registry.example/team", "registry.example/team-evil/phase", None),
            ("registry.example/team", "registry.example/tea", None),
            ("registry.example", "registry.example.evil/team", None),
            ("registry.example", "evil-registry.example/team", None),
            ("registry.example", "registry.example:5000/team", None),
            ("registry.example:5000", "registry.example/team", None),
            ("registry.example/team/phase", "registry.example/team", None),
            ("file:", "registry.example/team", None),
        ] {
            let fits = Prefix::parse(prefix).unwrap().fits(&Repository::parse(repository).unwrap());
            assert_eq!(fits, expected, "{prefix} {repository}");
        }
        for text in
            ["", "*", "team", "registry.example/", "registry.example/*", "Registry.example", "file:/etc", "file", "embedded"]
        {
            assert!(Prefix::parse(text).is_err(), "{text:?}");
        }
    }
}
