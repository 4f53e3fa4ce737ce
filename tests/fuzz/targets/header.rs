//! What servers say in headers.

use super::dice::Dice;
use kubephase_core::header::{LONGEST_WAIT, next_page, range_start, retry_after, wait};

/// Reads headers that are drawn, or the bytes. Whatever they are:
///
/// * nothing panics;
/// * nobody waits for longer than [`LONGEST_WAIT`], and the end of a wait can be reckoned;
/// * a page is a part of its header, and a range starts at the number that stands there.
pub fn header(data: &[u8]) {
    let mut dice = Dice::new(data);
    let texts =
        dice.some(4, |dice| if dice.is_one_in(2) { drawn(dice) } else { String::from_utf8_lossy(&dice.bytes(40)).into_owned() });
    if let Some(wanted) = retry_after(texts.iter().map(String::as_str)) {
        assert!(wanted <= LONGEST_WAIT);
        let is_number = |text: &String| !text.trim().is_empty() && text.trim().bytes().all(|byte| byte.is_ascii_digit());
        assert!(texts.iter().any(is_number), "{texts:?}");
    }
    for text in &texts {
        if let Some(page) = next_page(text) {
            assert!(text.contains(&format!("<{page}>")), "{text}");
        }
        if let Some(start) = range_start(text) {
            assert!(
                text.trim_start_matches("bytes ")
                    .trim_start_matches(['0', '+'])
                    .starts_with(start.to_string().trim_start_matches('0')),
                "{text}"
            );
        }
        if let Ok(seconds) = text.trim().parse() {
            assert!(wait(seconds) <= LONGEST_WAIT);
        }
    }
}

fn drawn(dice: &mut Dice<'_>) -> String {
    let pieces = [
        "0",
        "1",
        "60",
        "18446744073709551615",
        "18446744073709551616",
        "-1",
        "+1",
        "1.5",
        "1e9",
        " ",
        "\t",
        "bytes ",
        "-",
        "/",
        "*",
        "<",
        ">",
        ";",
        "rel=\"next\"",
        "rel=next",
        "rel=prev",
        "/v2/x",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "\u{661}",
        "\0",
    ];
    dice.some(6, |dice| dice.pick(&pieces)).concat()
}
