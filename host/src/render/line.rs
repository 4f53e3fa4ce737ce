//! A line for a person: its first words may have a style, and it is folded to the width of a terminal.

use anstyle::{AnsiColor, Style};
use kubephase_core::report::Effect;

/// A line of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The style of the first words.
    pub style: Style,
    /// The first words.
    pub words: String,
    /// The rest of the line.
    pub rest: String,
    /// What happens to it on a narrow terminal.
    pub fold: Fold,
}

/// What happens to a line that is longer than the terminal is wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fold {
    /// It stays one line, since it may be copied.
    Never,
    /// It goes on in the next lines, which are indented by this number of columns.
    Below(usize),
}

impl Line {
    /// A line without a style.
    #[must_use]
    pub fn plain(text: impl Into<String>, fold: Fold) -> Self {
        Self { style: Style::new(), words: String::new(), rest: text.into(), fold }
    }

    /// A line whose first words are bold.
    #[must_use]
    pub fn bold(words: impl Into<String>, rest: impl Into<String>, fold: Fold) -> Self {
        Self { style: Style::new().bold(), words: words.into(), rest: rest.into(), fold }
    }

    /// The line without its style.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}{}", self.words, self.rest)
    }
}

/// The colour of what happens to an object.
#[must_use]
pub const fn of_effect(effect: Effect) -> Style {
    match effect {
        Effect::Created => AnsiColor::Green.on_default(),
        Effect::Updated => AnsiColor::Yellow.on_default(),
        Effect::Deleted => AnsiColor::Red.on_default(),
        Effect::Unchanged => Style::new().dimmed(),
    }
}

/// A text in lines of at most `columns` columns, broken at spaces; a word that is longer stays whole.
#[must_use]
pub fn folded(text: &str, columns: usize, indent: usize) -> Vec<String> {
    // At least three fifths of the width are for the text.
    let indent = " ".repeat(indent.min(columns * 2 / 5));
    let options = textwrap::Options::new(columns).subsequent_indent(&indent).break_words(false);
    let options = options.word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::wrap(text, options).into_iter().map(std::borrow::Cow::into_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn a30_words_stay_whole_and_below_each_other() {
        for (text, columns, indent, expected) in [
            ("short", 10, 4, &["short"][..]),
            ("  one two three", 12, 4, &["  one two", "    three"]),
            ("one https://example.com/a-long-one two", 10, 0, &["one", "https://example.com/a-long-one", "two"]),
            ("one two three four", 12, 30, &["one two", "    three", "    four"]),
            ("漢漢 漢漢", 6, 0, &["漢漢", "漢漢"]),
            ("", 10, 2, &[""]),
        ] {
            assert_eq!(folded(text, columns, indent), expected, "{text}");
        }
    }
}
