//! Times as Go's `time.Parse(time.RFC3339, …)` reads them, and so Kubernetes. Beyond RFC 3339 that allows an hour of one digit, a
//! comma before the fraction, and offsets up to 24:60; it refuses small letters, leap seconds and 24:00:00.

use chrono::NaiveDate;
use std::ops::RangeInclusive;

/// Seconds since 1970 and nanoseconds.
pub type Instant = (i64, u32);

/// Reads a time; none if it is not one.
pub fn parse(text: &str) -> Option<Instant> {
    let mut rest = Rest(text.as_bytes());
    let year = rest.number(4..=4, 0..=9999)?;
    rest.skip(b'-')?;
    let month = rest.number(2..=2, 1..=12)?;
    rest.skip(b'-')?;
    let day = rest.number(2..=2, 1..=31)?;
    rest.skip(b'T')?;
    let hour = rest.number(1..=2, 0..=23)?;
    rest.skip(b':')?;
    let minute = rest.number(2..=2, 0..=59)?;
    rest.skip(b':')?;
    let second = rest.number(2..=2, 0..=59)?;
    let nanosecond = rest.fraction()?;
    let offset = rest.offset()?;
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    let utc = date.and_hms_opt(hour, minute, second)?.and_utc();
    rest.0.is_empty().then_some((utc.timestamp() - offset, nanosecond))
}

/// What is still to be read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn skip(&mut self, byte: u8) -> Option<()> {
        self.0 = self.0.strip_prefix(&[byte])?;
        Some(())
    }

    /// The next digits, as many as there are up to the most that are allowed.
    fn digits(&mut self, count: RangeInclusive<usize>) -> Option<&str> {
        let found = self.0.iter().take(*count.end()).take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at(found);
        self.0 = rest;
        count.contains(&found).then(|| std::str::from_utf8(digits).ok())?
    }

    fn number(&mut self, digits: RangeInclusive<usize>, values: RangeInclusive<u32>) -> Option<u32> {
        self.digits(digits)?.parse().ok().filter(|number| values.contains(number))
    }

    /// Nanoseconds, if there is a fraction; further digits are cut off.
    fn fraction(&mut self) -> Option<u32> {
        if self.skip(b'.').or_else(|| self.skip(b',')).is_none() {
            return Some(0);
        }
        let digits = self.digits(1..=usize::MAX)?;
        format!("{digits:0<9.9}").parse().ok()
    }

    /// Seconds east of UTC.
    fn offset(&mut self) -> Option<i64> {
        if self.skip(b'Z').is_some() {
            return Some(0);
        }
        let sign = if self.skip(b'+').is_some() { 1 } else { self.skip(b'-').map(|()| -1)? };
        let hours = self.number(2..=2, 0..=24)?;
        self.skip(b':')?;
        let minutes = self.number(2..=2, 0..=60)?;
        Some(sign * i64::from(hours * 3600 + minutes * 60))
    }
}
