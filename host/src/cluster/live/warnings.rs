//! The warnings of an API server: `Warning` headers with the code 299, as client-go reads them
//! (`apimachinery/pkg/util/net/http.go`, `client-go/rest/warnings.go`).

use http::HeaderMap;

/// The code of a warning for users.
const MISCELLANEOUS: &str = "299";

/// The texts of the warnings in an answer. Malformed headers are left out.
pub(super) fn warnings(headers: &HeaderMap) -> Vec<String> {
    let mut found = Vec::new();
    for value in headers.get_all(http::header::WARNING) {
        let mut rest = String::from_utf8_lossy(value.as_bytes()).into_owned();
        while let Some((code, text, remainder)) = first(&rest) {
            if code == MISCELLANEOUS && !text.is_empty() {
                found.push(text);
            }
            rest = remainder;
        }
    }
    found
}

/// The first warning of a header and the rest: `CODE AGENT "TEXT"`, optionally with a quoted date, then a comma.
fn first(header: &str) -> Option<(String, String, String)> {
    let mut parts = header.trim().splitn(3, ' ');
    let (code, agent, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let is_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit());
    if !is_code || agent.is_empty() || agent.contains(char::is_control) {
        return None;
    }
    let (text, rest) = quoted(rest)?;
    if text.contains(char::is_control) {
        return None;
    }
    let rest = rest.trim();
    let rest = match rest.strip_prefix('"') {
        Some(date) => date.split_once('"')?.1.trim(),
        None => rest,
    };
    let rest = if rest.is_empty() { rest } else { rest.strip_prefix(',')?.trim() };
    Some((code.to_owned(), text, rest.to_owned()))
}

/// The quoted text, in which a backslash escapes the next character, and the rest.
fn quoted(text: &str) -> Option<(String, &str)> {
    let inner = text.strip_prefix('"')?;
    let (mut found, mut is_escaped) = (String::new(), false);
    for (at, character) in inner.char_indices() {
        match character {
            '"' if !is_escaped => return Some((found, inner.get(at + 1..)?)),
            '\\' if !is_escaped => is_escaped = true,
            character => {
                found.push(character);
                is_escaped = false;
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::warnings;
    use http::{HeaderMap, HeaderValue};

    #[test]
    fn warnings_are_read_as_client_go_reads_them() {
        for (values, expected) in [
            (&[r#"299 - "a""#][..], &["a"][..]),
            (&[r#"299 - "a" "Sat, 25 Aug 2012 23:34:45 GMT""#], &["a"]),
            (&[r#"299 - "a", 299 - "b""#], &["a", "b"]),
            (&[r#"299 - "a" "date",299 - "b" "date""#, r#"299 - "c""#], &["a", "b", "c"]),
            (&[r#"299 - "say \"a\" \\ b""#], &[r#"say "a" \ b"#]),
            (&[r#"299 kube-apiserver "ä""#], &["ä"]),
            (&[r#"  299 - "a"  "#], &["a"]),
            (&[r#"199 - "a", 299 - "b""#], &["b"]),
            (&[r#"299 - "a" x"#], &[]),
            (&[r#"299 - """#, r#"299 - a"#, r#"299 - "a"#, "299 -", "299", "", r#"29 - "a""#, r#"299  "a""#], &[]),
            (&["299 - \"a\tb\"", r#"299 - "c""#], &["c"]),
        ] {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(http::header::WARNING, HeaderValue::from_bytes(value.as_bytes()).unwrap());
            }
            assert_eq!(warnings(&headers), expected, "{values:?}");
        }
    }
}
