//! Limits: defaults, parsing and display.

use super::duration::parse_timeout;
use super::error::ConfigError;
use kubephase_core::limits::{Limit, Limits, Unit};
use std::time::Duration;

/// The default limits of a phase: enough for phases in every language tested (JavaScript and Python need a 20 MB file, 16 MiB of
/// memory and 10 M of fuel), with room for large clusters.
pub const LIMITS: Limits = Limits {
    file_bytes: 32 << 20,
    functions: 100_000,
    function_bytes: 1 << 20,
    nesting: 5_000,
    branches: 50_000,
    function_values: 4_000_000,
    values: 60_000_000,
    entries: 500_000,
    compile_bytes: 2 << 30,
    compile_millis: 60_000,
    fuel: 1_000_000_000,
    call_millis: 30_000,
    memory_bytes: 64 << 20,
    table_elements: 100_000,
    instances: 64,
    result_bytes: 16 << 20,
    operations: 10_000,
    rounds: 5,
    reads: 2_000,
    read_bytes: 64 << 20,
};

/// The suffixes of a number.
const SUFFIXES: [(&str, u64); 6] =
    [("Ki", 1 << 10), ("Mi", 1 << 20), ("Gi", 1 << 30), ("k", 1_000), ("M", 1_000_000), ("G", 1_000_000_000)];

/// Sets the limit `name` to `value`, as it was typed after `source`.
///
/// # Errors
/// [`ConfigError::Limit`] for an unknown name or an invalid value.
pub(super) fn set(limits: &mut Limits, name: &str, value: &str) -> Result<(), ConfigError> {
    let failed = |rule: String| ConfigError::Limit { name: name.to_owned(), value: value.to_owned(), rule };
    let limit = Limit::named(name).ok_or_else(|| failed(format!("unknown limit; must be one of {}", names())))?;
    let parsed = match limit.unit {
        Unit::Millis => parse_timeout(value).flatten().and_then(|time| u64::try_from(time.as_millis()).ok()),
        Unit::Bytes | Unit::Count => parse_number(value),
    };
    let rule = match limit.unit {
        Unit::Millis => "must be a duration like `30s`",
        Unit::Bytes => "must be a size like `64Mi`",
        Unit::Count => "must be a number like `100` or `2G`",
    };
    limit.set(limits, parsed.filter(|value| *value > 0).ok_or_else(|| failed(rule.to_owned()))?);
    Ok(())
}

fn names() -> String {
    Limit::ALL.map(|limit| limit.name).join(", ")
}

/// Parses a whole number with one of Kubernetes' suffixes; `None` if it is invalid.
fn parse_number(text: &str) -> Option<u64> {
    let suffix = SUFFIXES.into_iter().find_map(|(suffix, factor)| Some((text.strip_suffix(suffix)?, factor)));
    let (digits, factor) = suffix.unwrap_or((text, 1));
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

/// The value of a limit as it can be typed.
#[must_use]
pub fn shown(limit: Limit, limits: Limits) -> String {
    let value = limit.of(limits);
    let is_of = |factor: u64| value > 0 && value.is_multiple_of(factor);
    let suffixes: &[(&str, u64)] = match limit.unit {
        Unit::Millis => return format!("{:?}", Duration::from_millis(value)),
        Unit::Bytes => &[("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10)],
        Unit::Count => &[("G", 1_000_000_000), ("M", 1_000_000), ("k", 1_000)],
    };
    let suffix = suffixes.iter().find(|(_, factor)| is_of(*factor));
    suffix.map_or_else(|| value.to_string(), |(suffix, factor)| format!("{}{suffix}", value / factor))
}

#[cfg(test)]
mod tests {
    use super::{LIMITS, set, shown};
    use kubephase_core::limits::Limit;

    #[test]
    fn what_is_shown_can_be_typed() {
        for limit in Limit::ALL {
            let mut limits = LIMITS;
            set(&mut limits, limit.name, &shown(limit, LIMITS)).unwrap();
            assert_eq!(limits, LIMITS, "{}", limit.name);
        }
    }

    #[test]
    fn limits_are_typed_as_quantities() {
        for (name, value, expected) in
            [("fuel", "2G", 2_000_000_000), ("memory", "128Mi", 128 << 20), ("call-time", "1500ms", 1_500), ("rounds", "3", 3)]
        {
            let mut limits = LIMITS;
            set(&mut limits, name, value).unwrap();
            assert_eq!(Limit::named(name).unwrap().of(limits), expected);
        }
        for (name, value) in
            [("fuel", "0"), ("fuel", "-1"), ("memory", "1.5Gi"), ("call-time", "0"), ("x", "1"), ("fuel", "99999999999999G")]
        {
            assert!(set(&mut LIMITS.clone(), name, value).is_err(), "{name}={value}");
        }
    }
}
