//! Headers in server answers. Servers may send anything: invalid values are ignored, and numbers are capped at a usable size.

use std::time::Duration;

/// A longer wait is cut to this one, which is more than anyone waits.
pub const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// `Retry-After` in seconds (RFC 9110 §10.2.3), the longest of several, at most [`LONGEST_WAIT`]. `None` for dates, which no API
/// server or registry sends, and for anything else that is not a whole number.
pub fn retry_after<'a>(values: impl IntoIterator<Item = &'a str>) -> Option<Duration> {
    values.into_iter().filter_map(seconds).max()
}

/// A wait of so many seconds, at most [`LONGEST_WAIT`].
#[must_use]
pub fn wait(seconds: u64) -> Duration {
    Duration::from_secs(seconds).min(LONGEST_WAIT)
}

fn seconds(text: &str) -> Option<Duration> {
    let text = text.trim();
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // A number with too many digits for the type is still a number.
    is_number.then(|| text.parse().map_or(LONGEST_WAIT, wait))
}

/// The next page in a `Link` header (RFC 8288): `<PLACE>; rel="next"`.
#[must_use]
pub fn next_page(link: &str) -> Option<&str> {
    let (place, relation) = link.trim().strip_prefix('<')?.split_once('>')?;
    relation.split(';').any(|part| matches!(part.trim(), "rel=\"next\"" | "rel=next")).then_some(place)
}

/// The first byte in a `Content-Range` header (RFC 9110 §14.4): `bytes FIRST-LAST/ALL`.
#[must_use]
pub fn range_start(range: &str) -> Option<u64> {
    range.strip_prefix("bytes ")?.split_once('-')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_WAIT, next_page, range_start, retry_after};
    use std::time::Duration;

    #[test]
    fn nobody_makes_us_wait_for_ever() {
        for (values, expected) in [
            (&["0"][..], Some(Duration::ZERO)),
            (&["3600"], Some(Duration::from_secs(3_600))),
            (&[" 7 "], Some(Duration::from_secs(7))),
            (&["1", "5", "x"], Some(Duration::from_secs(5))),
            (&["18446744073709551615"], Some(LONGEST_WAIT)),
            (&["18446744073709551616"], Some(LONGEST_WAIT)),
            (&["99999999999999999999999999999999999999999999"], Some(LONGEST_WAIT)),
            (&["-1"], None),
            (&["+1"], None),
            (&["1.5"], None),
            (&["1e9"], None),
            (&[""], None),
            (&["Fri, 31 Dec 9999 23:59:59 GMT"], None),
            (&[], None),
        ] {
            assert_eq!(retry_after(values.iter().copied()), expected, "{values:?}");
        }
    }

    #[test]
    fn only_the_next_page_is_gone_to() {
        for (link, next) in [
            ("</v2/x/referrers/y?last=z>; rel=\"next\"", Some("/v2/x/referrers/y?last=z")),
            ("<a>;rel=next", Some("a")),
            ("<a>; title=b; rel=\"next\"", Some("a")),
            ("<a>; rel=\"prev\"", None),
            ("<a>", None),
            ("<a; rel=\"next\"", None),
            ("a; rel=\"next\"", None),
        ] {
            assert_eq!(next_page(link), next, "{link}");
        }
    }

    #[test]
    fn a_range_begins_at_a_number() {
        for (range, start) in [
            ("bytes 500-999/1000", Some(500)),
            ("bytes 18446744073709551615-0/*", Some(u64::MAX)),
            ("bytes 18446744073709551616-0/*", None),
            ("bytes -1/*", None),
            ("bytes */1000", None),
            ("items 0-1/2", None),
        ] {
            assert_eq!(range_start(range), start, "{range}");
        }
    }
}
