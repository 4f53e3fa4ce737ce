//! Durations in flags.

use std::time::Duration;

/// Parses kubectl's `--request-timeout`: seconds as a number, or a number with a unit. Zero means no limit.
///
/// Returns `None` for anything else.
pub(super) fn parse_timeout(text: &str) -> Option<Option<Duration>> {
    let seconds = text.parse::<u64>().ok().map(Duration::from_secs);
    let parse = || text.parse::<jiff::SignedDuration>().ok().and_then(|duration| Duration::try_from(duration).ok());
    let duration = seconds.or_else(parse)?;
    Some((!duration.is_zero()).then_some(duration))
}

#[cfg(test)]
mod tests {
    use super::parse_timeout;
    use std::time::Duration;

    #[test]
    fn reads_kubectls_timeouts() {
        let seconds = |seconds| Some(Some(Duration::from_secs(seconds)));
        for (text, expected) in
            [("0", Some(None)), ("0s", Some(None)), ("5", seconds(5)), ("2m", seconds(120)), ("1h30m", seconds(5_400))]
        {
            assert_eq!(parse_timeout(text), expected, "{text}");
        }
        for text in ["", "x", "-1s", "1 apple"] {
            assert_eq!(parse_timeout(text), None, "{text}");
        }
    }
}
