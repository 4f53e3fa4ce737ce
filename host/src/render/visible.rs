//! Texts of others made safe to show.

/// The width of a phase's own text; with its mark it fits an 80 column terminal.
const COLUMNS: usize = 70;

/// The text with every character that is not shown as itself made visible, as `\u{1b}`.
#[must_use]
pub fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    clean_onto(text, &mut cleaned);
    cleaned
}

/// The lines of a text, each [`clean`].
#[must_use]
pub fn clean_lines(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    for line in text.lines() {
        clean_onto(line, &mut cleaned);
        cleaned.push('\n');
    }
    cleaned
}

pub(super) fn clean_onto(text: &str, cleaned: &mut String) {
    for piece in text.split_inclusive(|character| !is_visible(character)) {
        match piece.char_indices().next_back() {
            Some((start, character)) if !is_visible(character) => {
                cleaned.push_str(piece.get(..start).unwrap_or_default());
                cleaned.extend(character.escape_unicode());
            }
            _ => cleaned.push_str(piece),
        }
    }
}

/// Whether a terminal shows a character as itself.
#[must_use]
pub fn is_visible(character: char) -> bool {
    // Nearly all characters of a report, and quickly seen.
    character == ' ' || character.is_ascii_graphic() || !(character.is_control() || is_invisible(character))
}

/// A phase's text in marked lines, so that none of them can pass for output of the host; empty for an empty text. `what` follows
/// the word "it".
#[must_use]
pub fn words_of_phase(what: &str, text: &str) -> Vec<String> {
    let text = collapsed(text);
    if text.is_empty() {
        return Vec::new();
    }
    // A word that is too long is broken: the terminal would go on at the beginning of the next line, without the mark.
    let text = format!("it {what}\"{}\"", clean(&text));
    let options = textwrap::Options::new(COLUMNS).word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::wrap(&text, options).into_iter().map(|line| format!("    | {line}")).collect()
}

/// The text with each run of whitespace of any kind as one space.
#[must_use]
pub fn collapsed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Characters that change the display of others or are invisible: `Default_Ignorable_Code_Point` (`DerivedCoreProperties.txt` of
/// Unicode), the categories Cf, Zl, Zp and Co, the Braille blank, and noncharacters, two of which XML and YAML refuse.
const fn is_invisible(character: char) -> bool {
    matches!(character as u32 & 0xffff, 0xfffe | 0xffff)
        || matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}'
        | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{2800}' | '\u{3164}' | '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}'
        | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}' | '\u{f0000}'..='\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::{clean, words_of_phase};
    use regex_syntax::hir::{Class, HirKind};

    #[test]
    fn nothing_reaches_the_terminal_unseen() {
        for (text, expected) in [
            ("plain ä 漢 🎉", "plain ä 漢 🎉"),
            ("\u{1b}[31mred\u{1b}[0m", "\\u{1b}[31mred\\u{1b}[0m"),
            ("\u{1b}]0;title\u{7}", "\\u{1b}]0;title\\u{7}"),
            ("a\rb\nc\td", "a\\u{d}b\\u{a}c\\u{9}d"),
            ("\u{9b}1m", "\\u{9b}1m"),
            ("abc\u{202e}fed", "abc\\u{202e}fed"),
            ("\u{2066}x\u{2069}", "\\u{2066}x\\u{2069}"),
            ("zero\u{200b}width\u{feff}", "zero\\u{200b}width\\u{feff}"),
            ("nul\0", "nul\\u{0}"),
            ("\u{ffff}\u{1fffe}\u{fdd0}", "\\u{ffff}\\u{1fffe}\\u{fdd0}"),
            ("\u{e0041}tag", "\\u{e0041}tag"),
            ("\u{34f}\u{17b4}\u{17b5}\u{180b}\u{180f}", "\\u{34f}\\u{17b4}\\u{17b5}\\u{180b}\\u{180f}"),
            ("\u{fe00}\u{fe0f}\u{e0100}\u{e01ef}", "\\u{fe00}\\u{fe0f}\\u{e0100}\\u{e01ef}"),
            ("\u{2800}\u{fff0}\u{fff8}\u{2065}", "\\u{2800}\\u{fff0}\\u{fff8}\\u{2065}"),
            ("\u{e000}\u{f8ff}\u{10fffd}", "\\u{e000}\\u{f8ff}\\u{10fffd}"),
            ("\u{fffd}\u{2801}\u{300}", "\u{fffd}\u{2801}\u{300}"),
        ] {
            assert_eq!(clean(text), expected);
        }
    }

    #[test]
    fn a_text_of_a_phase_never_begins_a_line() {
        for blank in [" ", "\u{a0}", "\u{2003}", "\u{3000}", "\t", "\n", "\r\n"] {
            let text = format!("why{}Allow this? [yes/no/always] yes", blank.repeat(300));
            assert_eq!(words_of_phase("says: ", &text), ["    | it says: \"why Allow this? [yes/no/always] yes\""], "{blank:?}");
        }
        for text in ["a ".repeat(500), "a".repeat(500), "漢".repeat(500), "\u{34f}".repeat(500)] {
            let lines = words_of_phase("says: ", &text);
            assert!(
                lines.len() > 5 && lines.iter().all(|line| line.starts_with("    | ") && line.chars().count() < 80),
                "{lines:?}"
            );
        }
    }

    /// Checked against the tables of another implementation of Unicode's data.

    #[test]
    fn nothing_that_unicode_calls_invisible_is_forgotten() {
        let hidden = r"[\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}]";
        let HirKind::Class(Class::Unicode(class)) = regex_syntax::parse(hidden).unwrap().into_kind() else {
            panic!("a class of characters")
        };
        let (mut looked_at, mut seen) = (0, Vec::new());
        for character in class.ranges().iter().flat_map(|range| range.start()..=range.end()) {
            looked_at += 1;
            if clean(&character.to_string()) == character.to_string() {
                seen.push(character);
            }
        }
        assert!(looked_at > 140_000, "{looked_at}");
        assert_eq!(seen, Vec::<char>::new());
    }
}
