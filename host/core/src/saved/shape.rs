//! The shape of a value, and other values of the same shape.

use serde::{Deserialize, Serialize};

/// What may be recorded of a secret value: only what a phase is told as well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Shape {
    /// The number of bytes.
    length: usize,
    /// The classes of its characters: `lower`, `upper`, `digit` and `other`.
    classes: Vec<String>,
    /// The number of distinct bytes.
    distinct: usize,
}

/// The character classes, with some characters of each.
const CLASSES: [(&str, &[u8]); 4] = [
    ("lower", b"abcdefghijklmnopqrstuvwxyz"),
    ("upper", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("digit", b"0123456789"),
    ("other", b"-_.:,;!?+*/=()[]{}<>@#$%&|~^ "),
];

fn class(byte: u8) -> &'static str {
    match byte {
        b'a'..=b'z' => "lower",
        b'A'..=b'Z' => "upper",
        b'0'..=b'9' => "digit",
        _ => "other",
    }
}

impl Shape {
    pub(super) fn of(bytes: &[u8]) -> Self {
        let has = |name: &str| bytes.iter().any(|byte| class(*byte) == name);
        let classes = CLASSES.iter().map(|(name, _)| *name).filter(|name| has(name)).map(str::to_owned).collect();
        let distinct = bytes.iter().collect::<std::collections::BTreeSet<_>>().len();
        Self { length: bytes.len(), classes, distinct }
    }
}

/// The n-th value of a shape; different numbers give different values, as long as the shape has enough of them.
pub(super) fn standing_in(number: usize, shape: &Shape) -> Vec<u8> {
    let classes: Vec<&[u8]> =
        CLASSES.iter().filter(|(name, _)| shape.classes.iter().any(|class| class == name)).map(|(_, some)| *some).collect();
    // One of each class first, then as many as needed; a binary value may have more distinct bytes than there are characters.
    let mut letters = Vec::new();
    let most = classes.iter().map(|some| some.len()).max().unwrap_or_default();
    for place in 0..most {
        letters.extend(classes.iter().filter_map(|some| some.get(place).copied()));
    }
    letters.extend(128..=255_u8);
    letters.truncate(shape.distinct.max(1));
    let mut value = letters.clone();
    value.truncate(shape.length);
    // The remaining characters encode the number.
    let mut rest = number;
    while value.len() < shape.length {
        value.extend(letters.get(rest % letters.len().max(1)));
        rest /= letters.len().max(1);
    }
    if rest > 0 && !value.is_empty() {
        let turn = rest % value.len();
        value.rotate_left(turn);
    }
    value
}

#[cfg(test)]
mod tests {
    use super::{Shape, standing_in};

    #[test]
    fn what_stands_in_has_the_shape() {
        for text in ["0123456789abcdef", "aaaaaaaaaaaaaaaa", "aB3-", "x", "", "hello world", "\u{ff}\u{fe}"] {
            let shape = Shape::of(text.as_bytes());
            for number in 0..10 {
                assert_eq!(Shape::of(&standing_in(number, &shape)), shape, "{text} {number}");
            }
        }
        let shape = Shape::of(b"07401b9c7bd1a5c1");
        let values: std::collections::BTreeSet<_> = (0..1_000).map(|number| standing_in(number, &shape)).collect();
        assert_eq!(values.len(), 1_000);
    }
}
