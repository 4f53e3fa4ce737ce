//! Grant files: what is read, and what it means when it is written again.

use kubectl_bootstrap_token::yaml;
use kubephase_core::grant::{Grant, GrantDocument};
use serde_json::Value;

/// Reads the bytes as a grant file. Whatever they are:
///
/// * nothing panics;
/// * what is read is written as a file that means the same;
/// * a text of JSON that is read has no key twice, as a second reader sees it.
pub fn grant(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(value) = yaml::parse_without_repetition(text) else { return };
    if let Ok(last_wins) = serde_json::from_str::<Value>(text) {
        assert_eq!(last_wins, value, "two readers");
    }
    let Ok(document) = serde_json::from_value::<GrantDocument>(value) else { return };
    let Ok(grant) = Grant::try_from(document) else { return };
    let written = yaml::write_document(&grant.to_document());
    let again: GrantDocument = serde_json::from_value(yaml::parse_without_repetition(&written).unwrap()).unwrap();
    assert_eq!(Grant::try_from(again).unwrap(), grant, "{written}");
}
