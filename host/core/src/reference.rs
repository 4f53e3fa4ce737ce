//! References to artifacts in registries (`distribution/reference`).

use crate::digest::Digest;
use std::fmt;

/// The maximum length of a repository name, bytes.
const REPOSITORY_BYTES: usize = 255;
/// The maximum length of a tag, bytes.
const TAG_BYTES: usize = 128;

/// `REGISTRY/REPOSITORY:TAG`, `REGISTRY/REPOSITORY@DIGEST`, or both.
///
/// The registry is required: unlike with Docker, a reference without one is invalid, so that a misspelled file name never
/// resolves to someone else's artifact on the internet. A tag or digest is required too: `latest` does not identify what will
/// run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    registry: String,
    repository: String,
    tag: Option<String>,
    digest: Option<Digest>,
}

/// An invalid reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidReference {
    /// The registry is missing or invalid.
    #[error("it must start with a registry in lower case, with a dot or a port, and without `:443` or `:80`")]
    Registry,
    /// The repository name is invalid.
    #[error("its repository must be lower case letters and digits, with `.`, `_`, `-` and `/` between them")]
    Repository,
    /// The tag is invalid.
    #[error("its tag must be at most 128 letters, digits, `.`, `_` and `-`")]
    Tag,
    /// The digest is invalid.
    #[error("its digest must be `sha256:` and 64 lower case hexadecimal digits")]
    Digest,
    /// Neither a tag nor a digest.
    #[error("it has neither a tag nor a digest")]
    Open,
}

impl Reference {
    /// Parses a reference.
    ///
    /// # Errors
    /// [`InvalidReference`], with the reason.
    pub fn parse(text: &str) -> Result<Self, InvalidReference> {
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(Digest::parse(digest).ok_or(InvalidReference::Digest)?)),
            None => (text, None),
        };
        let (registry, rest) = name.split_once('/').ok_or(InvalidReference::Registry)?;
        if !is_registry(registry) {
            return Err(InvalidReference::Registry);
        }
        let (repository, tag) = match rest.split_once(':') {
            Some((repository, tag)) => (repository, Some(tag.to_owned())),
            None => (rest, None),
        };
        if repository.len() > REPOSITORY_BYTES || !repository.split('/').all(is_component) {
            return Err(InvalidReference::Repository);
        }
        if !tag.as_deref().is_none_or(is_tag) {
            return Err(InvalidReference::Tag);
        }
        if tag.is_none() && digest.is_none() {
            return Err(InvalidReference::Open);
        }
        Ok(Self { registry: registry.to_owned(), repository: repository.to_owned(), tag, digest })
    }

    /// `HOST` or `HOST:PORT`.
    #[must_use]
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// The repository name within the registry.
    #[must_use]
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// Registry and repository, in the form that rules are compared with.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}/{}", self.registry, self.repository)
    }

    /// The tag, if it has one.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest that the manifest must have, if it is given.
    #[must_use]
    pub const fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// The same reference, pinned to this digest.
    #[must_use]
    pub fn pinned(&self, digest: &Digest) -> Self {
        Self { digest: Some(digest.clone()), ..self.clone() }
    }

    /// The name in the local store: with the digest if one is given, so that a tag keeps its meaning; otherwise with the tag.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.digest {
            Some(digest) => format!("{}@{digest}", self.place()),
            None => self.to_string(),
        }
    }

    /// Whether another reference is to the same repository.
    #[must_use]
    pub fn is_beside(&self, other: &Self) -> bool {
        (&self.registry, &self.repository) == (&other.registry, &other.repository)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.repository)?;
        self.tag.iter().try_for_each(|tag| write!(f, ":{tag}"))?;
        self.digest.iter().try_for_each(|digest| write!(f, "@{digest}"))
    }
}

/// Other host names of Docker Hub, which is `docker.io` in references (`distribution/reference`, `registry/config.go`).
const DOCKER_HUB: [&str; 2] = ["index.docker.io", "registry-1.docker.io"];

/// A host name or address with an optional port, in canonical spelling: a second spelling would be a second place for the same
/// rule. Without a dot or a port only `localhost` is accepted: `a/b` is a path. Default ports are refused, as are addresses that
/// only some resolvers accept, such as `127.1` and `0x7f000001` (the host parser of the WHATWG URL standard).
pub(crate) fn is_registry(text: &str) -> bool {
    if let Some((address, rest)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        let is_one = |parsed: core::net::Ipv6Addr| parsed.to_ipv4_mapped().is_none() && parsed.to_string() == address;
        return address.parse().is_ok_and(is_one) && (rest.is_empty() || rest.strip_prefix(':').is_some_and(is_other_port));
    }
    let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
    let is_nameable = host.contains('.') || host == "localhost";
    let is_port = |port| if is_nameable { is_other_port(port) } else { is_port(port) };
    is_host(host) && !DOCKER_HUB.contains(&host) && port.map_or(is_nameable, is_port)
}

/// A host name, or an address if its last label is a number.
fn is_host(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_number = last.bytes().all(|b| b.is_ascii_digit()) || last.starts_with("0x");
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    if is_number { host.parse::<core::net::Ipv4Addr>().is_ok() } else { host.split('.').all(is_label) }
}

/// A port that is not a default one.
fn is_other_port(text: &str) -> bool {
    is_port(text) && !["443", "80"].contains(&text)
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok_and(|port| port > 0 && port.to_string() == text)
}

/// Lower case letters and digits, separated by `.`, `_`, `__` or dashes.
fn is_component(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let separators = text.split(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    text.bytes().next().is_some_and(is_word)
        && text.bytes().next_back().is_some_and(is_word)
        && separators
            .filter(|part| !part.is_empty())
            .all(|part| matches!(part, "." | "_" | "__") || part.bytes().all(|b| b == b'-'))
}

fn is_tag(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (1..=TAG_BYTES).contains(&text.len())
        && text.bytes().next().is_some_and(is_word)
        && text.bytes().all(|byte| is_word(byte) || byte == b'.' || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::{InvalidReference, Reference};

    #[test]
    fn references_are_read_and_written() {
        let digest = format!("sha256:{}", "0".repeat(64));
        for text in [
            "registry.example.com/phases/token:1.37",
            "127.0.0.1:5000/x:1",
            "localhost/x/y__z/a-b.c:v1_0-rc.1",
            "registry:443/x:1",
            "registry:5000/x:1",
            "1.registry.example/x:1",
            "[::1]:5000/x:1",
            "[::1]/x:1",
            &format!("h.example/a/b@{digest}"),
            &format!("h.example/a/b:1@{digest}"),
        ] {
            assert_eq!(Reference::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        use InvalidReference::{Digest, Open, Registry, Repository, Tag};
        for (text, expected) in [
            ("phase", Registry),
            ("phase:1", Registry),
            ("dir/phase:1", Registry),
            ("-a.b/x:1", Registry),
            ("a..b/x:1", Registry),
            ("h:0/x:1", Registry),
            ("h:70000/x:1", Registry),
            ("h:05000/x:1", Registry),
            ("H.io/x:1", Registry),
            ("[::0001]/x:1", Registry),
            ("[::ffff:127.0.0.1]/x:1", Registry),
            // Other spellings of a place.
            ("h.io:443/x:1", Registry),
            ("h.io:80/x:1", Registry),
            ("localhost:443/x:1", Registry),
            ("127.0.0.1:443/x:1", Registry),
            ("[::1]:443/x:1", Registry),
            ("h.io./x:1", Registry),
            ("127.1/x:1", Registry),
            ("127.1:5000/x:1", Registry),
            ("0177.0.0.1/x:1", Registry),
            ("2130706433:5000/x:1", Registry),
            ("0x7f000001:5000/x:1", Registry),
            ("0x7f.0.0.1/x:1", Registry),
            ("127.0.0.0x1/x:1", Registry),
            ("index.docker.io/x/y:1", Registry),
            ("registry-1.docker.io/x/y:1", Registry),
            ("user@h.io/x:1", Digest),
            ("h.io/X:1", Repository),
            ("h.io/../x:1", Repository),
            ("h.io//x:1", Repository),
            ("h.io/x_-y:1", Repository),
            ("h.io/x?y:1", Repository),
            ("h.io/x:", Tag),
            ("h.io/x:-a", Tag),
            ("h.io/x:a/b", Tag),
            ("h.io/x:a b", Tag),
            ("h.io/x@sha256:0", Digest),
            ("h.io/x", Open),
        ] {
            assert_eq!(Reference::parse(text), Err(expected), "{text}");
        }
    }
}
