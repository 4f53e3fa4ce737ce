//! Go durations, the format of `ttl`.
//!
//! Thirty lines of our own, because the crate for it needs the standard library, which this crate cannot use.

/// Nanoseconds per unit of Go's `time.ParseDuration`.
const UNITS: [(&str, i128); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Parses a Go duration like `24h`, `1h30m`, `1.5s` or `0`, and returns nanoseconds.
///
/// Follows Go's `time.ParseDuration`: an optional sign, then decimal numbers with optional fraction, each with a unit. Returns
/// `None` for anything else and for what does not fit 64 bits.
#[must_use]
pub fn parse_go_duration(text: &str) -> Option<i64> {
    let (sign, mut rest) = match text.as_bytes().first()? {
        b'-' => (-1, text.get(1..)?),
        b'+' => (1, text.get(1..)?),
        _ => (1, text),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let (nanoseconds, tail) = parse_term(rest)?;
        total = total.checked_add(nanoseconds)?;
        rest = tail;
    }
    i64::try_from(sign * total).ok()
}

/// Reads one number with its unit. Returns its nanoseconds and the rest of the text.
fn parse_term(text: &str) -> Option<(i128, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, tail) = text.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
        return None;
    }
    let unit_end = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
    let (name, tail) = tail.split_at(unit_end);
    let unit = UNITS.iter().find(|(unit, _)| *unit == name)?.1;
    let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let mut nanoseconds = whole.checked_mul(unit)?;
    let mut scale = unit;
    for digit in fraction.bytes() {
        // Digits below a nanosecond are dropped, as in Go.
        scale /= 10;
        nanoseconds = nanoseconds.checked_add(i128::from(digit - b'0') * scale)?;
    }
    Some((nanoseconds, tail))
}

#[cfg(test)]
mod tests {
    use super::parse_go_duration;

    #[test]
    fn reads_what_go_reads() {
        const SECOND: i64 = 1_000_000_000;
        for (text, expected) in [
            ("0", Some(0)),
            ("0s", Some(0)),
            ("24h", Some(86_400 * SECOND)),
            ("24h0m0s", Some(86_400 * SECOND)),
            ("1h30m", Some(5_400 * SECOND)),
            ("1.5s", Some(1_500_000_000)),
            (".5s", Some(500_000_000)),
            ("1.s", Some(SECOND)),
            ("-1h", Some(-3_600 * SECOND)),
            ("+5m", Some(300 * SECOND)),
            ("3us", Some(3_000)),
            ("3µs", Some(3_000)),
            ("100ms", Some(100_000_000)),
            ("", None),
            ("-", None),
            ("1", None),
            ("1d", None),
            ("h", None),
            (".s", None),
            ("1..5s", None),
            ("1 h", None),
            ("1h ", None),
            ("-9223372036854775808ns", Some(i64::MIN)),
            ("9223372036854775808ns", None),
            ("99999999999999h", None),
        ] {
            assert_eq!(parse_go_duration(text), expected, "{text:?}");
        }
    }
}
