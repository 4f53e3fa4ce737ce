//! Explains what is odd about pasted text: an invisible space, a leftover quote, the separators of another program. Each function
//! describes in half a sentence what kubeadm does not accept (`app/util/pubkeypin`, `cluster-bootstrap/token/api`, Go's
//! `net.SplitHostPort`).

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// The number of hexadecimal digits in a SHA-256.
const DIGITS: usize = 64;

/// The common name of a character.
fn named(odd: char) -> String {
    match odd {
        ' ' => "a blank".to_owned(),
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
        "stands before it"
    } else if text.trim_end_matches(|c| !belongs(c)).chars().all(belongs) {
        "stands behind it"
    } else {
        "stands in it"
    };
    Some(format!("{} {place}", named(odd)))
}

/// Why a text is not a bootstrap token. Nothing that may be secret is repeated.
pub(super) fn token(text: &str) -> String {
    if let Some(stray) = stray(text, |c| c.is_ascii_alphanumeric() || c == '.') {
        return stray;
    }
    match text.split('.').collect::<Vec<_>>().as_slice() {
        [_] => "there is no dot in it".to_owned(),
        [id, _] if id.len() != 6 => format!("{} characters stand before the dot, and it must be 6", id.len()),
        [_, secret] if secret.len() != 16 => format!("{} characters stand behind the dot, and it must be 16", secret.len()),
        [_, _] => "it has upper case letters".to_owned(),
        _ => "there is more than one dot in it".to_owned(),
    }
}

/// Why a text is not `sha256:` with 64 digits.
pub(super) fn hash(text: &str) -> String {
    if text.is_empty() {
        return "nothing stands before or behind a comma".to_owned();
    }
    if let Some(stray) = stray(text, |c| c.is_ascii_alphanumeric() || ":+/=-_".contains(c)) {
        return stray;
    }
    let is_hex = |text: &str| text.bytes().all(|b| b.is_ascii_hexdigit());
    let lower = text.to_ascii_lowercase();
    let Some((algorithm, digits)) = lower.split_once(':') else {
        return match lower.strip_prefix("sha256") {
            Some(rest) if rest.starts_with(['=', '/', '-', '_']) => "a colon belongs behind `sha256`".to_owned(),
            _ if is_hex(text) => "`sha256:` is missing before it".to_owned(),
            _ => "it does not begin with `sha256:`".to_owned(),
        };
    };
    if text.split(':').all(|pair| pair.len() == 2 && is_hex(pair)) {
        return "`sha256:` is missing before it, and colons stand between its digits".to_owned();
    }
    if algorithm != "sha256" {
        return format!("the algorithm `{algorithm}` is not known to kubeadm, which takes `sha256` alone");
    }
    if digits.contains(':') {
        return "colons stand between its digits".to_owned();
    }
    if text.split_once(':').is_some_and(|(_, rest)| STANDARD.decode(rest).is_ok_and(|bytes| bytes.len() == DIGITS / 2)) {
        return "it is in base64, and it must be in hexadecimal digits".to_owned();
    }
    match digits.chars().find(|c| !c.is_ascii_hexdigit()) {
        Some(other) => format!("`{other}` is not a hexadecimal digit"),
        None => format!("it has {} digits, and it must have {DIGITS}", digits.len()),
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
        return format!("`{scheme}://` does not belong before it");
    }
    if let Some(stray) = stray(text, |c| c.is_ascii_alphanumeric() || "[]:.-_/%@?#".contains(c)) {
        return stray;
    }
    if text.parse::<core::net::Ipv6Addr>().is_ok() {
        return "an IPv6 address stands in brackets, with the port behind them".to_owned();
    }
    match text.rsplit_once(':') {
        None => "the port is missing".to_owned(),
        Some(_) if text.ends_with(']') => "the port is missing".to_owned(),
        Some(("", _)) => "the host is missing".to_owned(),
        Some((host, _)) if !host.starts_with('[') && host.contains(':') => {
            "an IPv6 address stands in brackets, with the port behind them".to_owned()
        }
        Some((_, port)) if port.contains(['/', '?', '#']) => "a path does not belong behind it".to_owned(),
        Some((_, port)) if port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().unwrap_or(0) == 0 => {
            "a port is a number from 1 to 65535".to_owned()
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
            (format!(" {right}"), "a blank stands before it", true),
            (format!("{right}\n "), "a line break stands behind it", true),
            (format!("\u{201c}{right}\u{201d}"), "a quotation mark (U+201C) stands before it", true),
            (format!("sha256: {hex}"), "a blank stands in it", true),
            (hex.clone(), "`sha256:` is missing before it", true),
            (format!("sha256/{hex}"), "a colon belongs behind `sha256`", true),
            (format!("sha512:{hex}"), "the algorithm `sha512` is not known", false),
            (right[..70].to_owned(), "it has 63 digits", false),
            (format!("{right}00"), "it has 66 digits", false),
            (format!("{}\u{2026}", &right[..20]), "an ellipsis stands behind it", false),
            ("sha256:".to_owned(), "it has 0 digits", false),
            ("<hash>".to_owned(), "`<` stands before it", false),
            (String::new(), "nothing stands before or behind a comma", false),
        ] {
            assert!(hash(&text).contains(odd), "{text}: {}", hash(&text));
            assert_eq!(meant_hash(&text), meant.then(|| right.clone()), "{text}");
        }
        for (text, odd) in [
            ("abcdef.0123456789abcdef ", "a blank stands behind it"),
            ("<abcdef.0123456789abcdef>", "`<` stands before it"),
            ("abcdef:0123456789abcdef", "`:` stands in it"),
            ("abcdef.0123456789abcdeF", "upper case"),
            ("abcde.0123456789abcdef", "5 characters stand before the dot"),
            ("abcdef.", "0 characters stand behind the dot"),
            ("a.b.c", "more than one dot"),
        ] {
            assert!(token(text).contains(odd), "{text}: {}", token(text));
            assert!(!token(text).contains("0123"), "{text}");
        }
        for (text, odd) in [
            ("https://a:1", "`https://` does not belong before it"),
            ("a", "the port is missing"),
            (":1", "the host is missing"),
            ("a:", "a port is a number"),
            ("a:0", "a port is a number"),
            ("a:99999", "a port is a number"),
            ("a:1/path", "a path does not belong behind it"),
            ("2001:db8::1", "stands in brackets"),
            ("2001:db8::1:6443", "stands in brackets"),
            ("a\u{2011}b:1", "a long dash (U+2011) stands in it"),
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
