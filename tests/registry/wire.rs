//! HTTP/1.1 by hand: the head of a message as text, one exchange for each connection. What faults do to single bytes no client
//! crate would send, and none would show it.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

/// What comes before a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    /// The request line or the status line.
    pub(crate) first: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
}

impl Head {
    /// The head at the start of what was read, and its length with the empty line; none as long as it is not complete.
    pub(crate) fn at_start(bytes: &[u8]) -> Option<(Self, usize)> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let text = String::from_utf8_lossy(&bytes[..end]);
        let mut lines = text.split("\r\n");
        let first = lines.next().unwrap_or_default().to_owned();
        let pair = |line: &str| line.split_once(':').map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()));
        Some((Self { first, headers: lines.filter_map(pair).collect() }, end + 4))
    }

    /// A word of the first line.
    pub(crate) fn word(&self, index: usize) -> &str {
        self.first.split(' ').nth(index).unwrap_or_default()
    }

    /// A header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    /// Puts a header in the place of those of its name.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.remove(name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    /// Takes a header out.
    pub(crate) fn remove(&mut self, name: &str) {
        self.headers.retain(|(header, _)| header != name);
    }

    /// As it is sent.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let lines: String = self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        format!("{}\r\n{lines}\r\n", self.first).into_bytes()
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: Head,
    pub(crate) body: Vec<u8>,
}

/// Asks over plain http and reads the whole answer.
///
/// # Errors
/// Nobody answers, or the answer ends before the length that it told.
pub(crate) fn ask(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> io::Result<Answer> {
    let mut head = Head { first: format!("{method} {path} HTTP/1.1"), headers: Vec::new() };
    head.set("host", &address.to_string());
    head.set("connection", "close");
    head.set("content-length", &body.len().to_string());
    for (name, value) in headers {
        head.set(name, value);
    }
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(&[&head.to_bytes(), body].concat())?;
    let mut all = Vec::new();
    stream.read_to_end(&mut all)?;
    let (head, length) = Head::at_start(&all).ok_or(ErrorKind::UnexpectedEof)?;
    let body = all[length..].to_vec();
    let told = head.header("content-length").and_then(|told| told.parse().ok()).filter(|_| method != "HEAD");
    if told.is_some_and(|told: usize| told != body.len()) {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    Ok(Answer { status: head.word(1).parse().map_err(io::Error::other)?, head, body })
}

/// As [`ask`], of a registry for a manifest of any kind, with its media type.
///
/// # Errors
/// As of [`ask`].
pub(crate) fn manifest(address: SocketAddr, repository: &str, name: &str) -> io::Result<Answer> {
    let kinds = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json";
    ask(address, "GET", &format!("/v2/{repository}/manifests/{name}"), &[("accept", kinds)], b"")
}

/// Puts a manifest under another name, as one who may push can do to any registry.
pub(crate) fn put_manifest(address: SocketAddr, repository: &str, name: &str, media: &str, bytes: &[u8]) {
    let path = format!("/v2/{repository}/manifests/{name}");
    let answer = ask(address, "PUT", &path, &[("content-type", media)], bytes).unwrap();
    assert_eq!(answer.status, 201, "{path}: {}", String::from_utf8_lossy(&answer.body));
}
