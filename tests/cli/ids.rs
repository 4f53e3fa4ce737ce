//! What is in the ids of undo plans.

/// The ids of undo plans without the folder in them, which is another one in each run.
pub(crate) fn without_places(text: &str) -> String {
    let mut pieces = text.split("Z-");
    let mut left = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let place = piece.split_once('-').filter(|(place, _)| place.len() == 8 && place.bytes().all(|b| b.is_ascii_hexdigit()));
        let piece = place.map_or_else(|| piece.to_owned(), |(_, rest)| format!("PLACE-{rest}"));
        left.extend(["Z-", &piece]);
    }
    left
}
