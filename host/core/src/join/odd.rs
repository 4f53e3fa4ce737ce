//! Explains what is odd about pasted text: an invisible space, a leftover quote, the separators of another program. Each function
//! describes in half a sentence what kubeadm does not accept (`app/util/pubkeypin`, `cluster-bootstrap/token/api`, Go's
//! `net.SplitHostPort`).

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// The number of hexadecimal digits in a SHA-256.
const DIGITS: usize = 64;

/// The common name of a character.
fn named(odd: char) -> String {
    match odd {
        ' ' => "a space".to_owned(),
        '\t' => "a tab".to_owned(),
        '\n' => "a line break".to_owned(),
        '\r' => "a carriage return".to_owned(),
        '\u{a0}' | '\u{2007}' | '\u{202f}' => format!("a no-break space (U+{:04X})", odd as u32),
        '"' | '\'' | '`' | '\u{2018}'..='\u{201f}' | '\u{ab}' | '\u{bb}' => format!("a quotation mark (U+{:04X})", odd as u32),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => format!("a long dash (U+{:04X})", odd as u32),
        '\u{2026}' => "an ellipsis".to_owned(),
        '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => format!("an invisible character (U+{:04X})", odd as u32),
        ' '..='~' => format!("`{odd}`"),
        _ => format!("the character U+{:04X}", odd as u32),
    }
}

/// The first invalid character of a text and its position; `None` if all are valid.
fn stray(text: &str, belongs: fn(char) -> bool) -> Option<String> {
    let odd = text.chars().find(|c| !belongs(*c))?;
    let place = if text.starts_with(odd) {
        "starts with"
    } else if text.trim_end_matches(|c| !belongs(c)).chars().all(belongs) {
        "ends with"
    } else {
        "contains"
    };
    Some(format!("it {place} {}", named(odd)))
}

/// Why a text is not a bootstrap token. Nothing that may be secret is repeated.
pub(super) fn token(text: &str) -> String {
    if let Some(stray) = stray(text, |c| c.is_ascii_alphanumeric() || c == '.') {
        return stray;
    }
    match text.split('.').collect::<Vec<_>>().as_slice() {
        [_] => "it has no dot".to_owned(),
        [id, _] if id.len() != 6 => format!("it has {} characters before the dot instead of 6", id.len()),
        [_, secret] if secret.len() != 16 => format!("it has {} characters after the dot instead of 16", secret.len()),
        [_, _] => "it has upper case letters".to_owned(),
        _ => "it has more than one dot".to_owned(),
    }
}

/// Why a text is not `sha256:` with 64 digits.
pub(super) fn hash(text: &str) -> String {
    if text.is_empty() {
        return "a value before or after a comma is empty".to_owned();
    }
    if let Some(stray) = stray(text, |c| c.is_ascii_alphanumeric() || ":+/=-_".contains(c)) {
        return stray;
    }
    let is_hex = |text: &str| text.bytes().all(|b| b.is_ascii_hexdigit());
    let lower = text.to_ascii_lowercase();
    let Some((algorithm, digits)) = lower.split_once(':') else {
        return match lower.strip_prefix("sha256") {
            Some(rest) if rest.starts_with(['=', '/', '-', '_']) => "`sha256` must be followed by a colon".to_owned(),
            _ if is_hex(text) => "the prefix `sha256:` is missing".to_owned(),
            _ => "it does not start with `sha256:`".to_owned(),
        };
    };
    if text.split(':').all(|pair| pair.len() == 2 && is_hex(pair)) {
        return "the prefix `sha256:` is missing, and its digits are separated by colons".to_owned();
    }
    if algorithm != "sha256" {
        return format!("kubeadm does not know the algorithm `{algorithm}`, only `sha256`");
    }
    if digits.contains(':') {
        return "its digits are separated by colons".to_owned();
    }
    if text.split_once(':').is_some_and(|(_, rest)| STANDARD.decode(rest).is_ok_and(|bytes| bytes.len() == DIGITS / 2)) {
        return "it is base64 instead of hexadecimal".to_owned();
    }
    match digits.chars().find(|c| !c.is_ascii_hexdigit()) {
        Some(other) => format!("`{other}` is not a hexadecimal digit"),
        None => format!("it has {} digits instead of {DIGITS}", digits.len()),
    }
}

/// The intended hash, if only its spelling is wrong.
pub(super) fn meant_hash(text: &str) -> Option<String> {
    let bare: String = text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let digits = if bare.len() == DIGITS { bare.as_str() } else { bare.strip_prefix("sha256")? };
    is_sha256(digits).then(|| format!("sha256:{digits}"))
}

/// Whether a text is a SHA-256 in hexadecimal.
pub(super) fn is_sha256(digits: &str) -> bool {
    digits.len() == DIGITS && digits.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Why a text is not `HOST:PORT`.
pub(super) fn endpoint(text: &str) -> String {
    if let Some((scheme, _)) = text.split_once("://") {
        return format!("it must not start with `{scheme}://`");
    }
    if let Some(stray) = stray(text, |c| c.is_ascii_alphanumeric() || "[]:.-_/%@?#".contains(c)) {
        return stray;
    }
    if text.parse::<core::net::Ipv6Addr>().is_ok() {
        return "an IPv6 address must be in brackets, followed by the port".to_owned();
    }
    match text.rsplit_once(':') {
        None => "the port is missing".to_owned(),
        Some(_) if text.ends_with(']') => "the port is missing".to_owned(),
        Some(("", _)) => "the host is missing".to_owned(),
        Some((host, _)) if !host.starts_with('[') && host.contains(':') => {
            "an IPv6 address must be in brackets, followed by the port".to_owned()
        }
        Some((_, port)) if port.contains(['/', '?', '#']) => "it must not have a path".to_owned(),
        Some((_, port)) if port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().unwrap_or(0) == 0 => {
            "the port must be a number from 1 to 65535".to_owned()
        }
        Some((_, port)) if !port.bytes().all(|b| b.is_ascii_digit()) => "the port is not a number".to_owned(),
        Some(_) => "the host is neither a name nor an address".to_owned(),
    }
}

/// The hashes in the value of one flag, which is one CSV record (`spf13/pflag`, `stringSlice`): the first line that is not empty;
/// fields may be quoted. `None` where Go's reader fails.
pub(super) fn record(value: &str) -> Option<Vec<&str>> {
    if value.is_empty() {
        return Some(Vec::new());
    }
    let mut lines = value.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    let line = lines.find(|line| !line.is_empty())?;
    // A hash contains neither a comma nor a quotation mark, so a field with one is refused in any case.
    let unquoted = |field| {
        let inner = str::strip_prefix(field, '"').map_or(Some(field), |rest| rest.strip_suffix('"'))?;
        (!inner.contains('"')).then_some(inner)
    };
    line.split(',').map(unquoted).collect()
}

#[cfg(test)]
mod tests {
    use super::{endpoint, hash, meant_hash, record, token};

    #[test]
    fn what_is_odd_is_named() {
        let hex = "0123456789abcdef".repeat(4);
        let right = format!("sha256:{hex}");
        for (text, odd, meant) in [
            (format!(" {right}"), "it starts with a space", true),
            (format!("{right}\n "), "it ends with a line break", true),
            (format!("\u{201c}{right}\u{201d}"), "it starts with a quotation mark (U+201C)", true),
            (format!("sha256: {hex}"), "it contains a space", true),
            (hex.clone(), "the prefix `sha256:` is missing", true),
            (format!("sha256/{hex}"), "`sha256` must be followed by a colon", true),
            (format!("sha512:{hex}"), "does not know the algorithm `sha512`", false),
            (right[..70].to_owned(), "it has 63 digits", false),
            (format!("{right}00"), "it has 66 digits", false),
            (format!("{}\u{2026}", &right[..20]), "it ends with an ellipsis", false),
            ("sha256:".to_owned(), "it has 0 digits", false),
            ("<hash>".to_owned(), "it starts with `<`", false),
            (String::new(), "a value before or after a comma is empty", false),
        ] {
            assert!(hash(&text).contains(odd), "{text}: {}", hash(&text));
            assert_eq!(meant_hash(&text), meant.then(|| right.clone()), "{text}");
        }
        for (text, odd) in [
            ("abcdef.0123456789abcdef ", "it ends with a space"),
            ("<abcdef.0123456789abcdef>", "it starts with `<`"),
            ("abcdef:0123456789abcdef", "it contains `:`"),
            ("abcdef.0123456789abcdeF", "upper case"),
            ("abcde.0123456789abcdef", "it has 5 characters before the dot"),
            ("abcdef.", "it has 0 characters after the dot"),
            ("a.b.c", "more than one dot"),
        ] {
            assert!(token(text).contains(odd), "{text}: {}", token(text));
            assert!(!token(text).contains("0123"), "{text}");
        }
        for (text, odd) in [
            ("https://a:1", "must not start with `https://`"),
            ("a", "the port is missing"),
            (":1", "the host is missing"),
            ("a:", "the port must be a number"),
            ("a:0", "the port must be a number"),
            ("a:99999", "the port must be a number"),
            ("a:1/path", "it must not have a path"),
            ("2001:db8::1", "must be in brackets"),
            ("2001:db8::1:6443", "must be in brackets"),
            ("a\u{2011}b:1", "it contains a long dash (U+2011)"),
        ] {
            assert!(endpoint(text).contains(odd), "{text}: {}", endpoint(text));
        }
    }

    #[test]
    fn a_flag_is_one_record() {
        for (value, fields) in [
            ("", Some(&[][..])),
            ("a", Some(&["a"])),
            ("a,b", Some(&["a", "b"])),
            ("a,", Some(&["a", ""])),
            ("\"a\",b", Some(&["a", "b"])),
            ("\n\r\na\r\nb", Some(&["a"])),
            ("a\r", Some(&["a"])),
            ("\"a", None),
            ("a\"", None),
            ("\"", None),
            ("\n", None),
        ] {
            assert_eq!(record(value).as_deref(), fields, "{value:?}");
        }
    }
}
