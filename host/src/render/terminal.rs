//! All output to a terminal passes here. Text from a phase or a cluster may contain escape sequences that move the cursor, rename
//! the window or reverse the reading direction; they are made visible.

use super::line::{Fold, Line, folded};
use anstyle::{AnsiColor, Color, Effects, Style};
use kubephase_core::log::{Level, Listener, Log};
use kubephase_core::name::shortened_to;
use std::cell::{Cell, RefCell, RefMut};
use std::collections::BTreeSet;
use std::io::{self, Write};

/// The width of a phase's own text; with its mark it fits an 80 column terminal.
const COLUMNS: usize = 70;

/// The style of the first word of a warning, like in kubectl.
const WARNING: Style = Style::new().fg_color(Some(Color::Ansi(AnsiColor::Yellow))).effects(Effects::BOLD);

/// The maximum length of a message, characters.
const TALK_CHARACTERS: usize = 4_000;

/// How many bytes of a document are written at once: a write for each line would take longer than the rest.
const BLOCK: usize = 64 << 10;

/// Whether data is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// Coloured, for a terminal.
    Colours,
    /// Not coloured.
    Plain,
}

/// Writes lines. A closed pipe is not an error for data and messages; for a question it is.
pub struct Printer<'a> {
    out: RefCell<&'a mut dyn Write>,
    err: RefCell<&'a mut dyn Write>,
    verbosity: u8,
    paint: Paint,
    message_paint: Paint,
    columns: Option<usize>,
    warnings: RefCell<BTreeSet<String>>,
    is_out_taken: Cell<bool>,
}

impl<'a> Printer<'a> {
    /// Writes data to `out` and messages to `err`; `verbosity` is the number after `-v`.
    #[must_use]
    pub fn new(out: &'a mut dyn Write, err: &'a mut dyn Write, verbosity: u8) -> Self {
        let warnings = RefCell::new(BTreeSet::new());
        Self {
            out: RefCell::new(out),
            err: RefCell::new(err),
            verbosity,
            paint: Paint::Plain,
            message_paint: Paint::Plain,
            columns: None,
            warnings,
            is_out_taken: Cell::new(false),
        }
    }

    /// Sets whether data may be coloured.
    #[must_use]
    pub fn painted(self, paint: Paint) -> Self {
        Self { paint, ..self }
    }

    /// Sets whether the first word of a server's warnings may be coloured.
    #[must_use]
    pub fn painted_messages(self, message_paint: Paint) -> Self {
        Self { message_paint, ..self }
    }

    /// Sets how wide the terminal of the data is; `None` if it is no terminal.
    #[must_use]
    pub fn in_columns(self, columns: Option<usize>) -> Self {
        Self { columns, ..self }
    }

    /// Sends data to standard error from now on: standard output is a file that the operator names, `-`, and has nothing else in it.
    pub fn leave_out(&self) {
        self.is_out_taken.set(true);
    }

    /// Where data goes.
    fn data(&self) -> RefMut<'_, &'a mut dyn Write> {
        if self.is_out_taken.get() { self.err.borrow_mut() } else { self.out.borrow_mut() }
    }

    /// The number after `-v`.
    #[must_use]
    pub const fn verbosity(&self) -> u8 {
        self.verbosity
    }

    /// Prints a line of data.
    ///
    /// # Errors
    /// An [`io::Error`] if the stream cannot be written.
    pub fn line(&self, text: &str) -> io::Result<()> {
        unless_closed(writeln!(self.data(), "{}", clean(text)))
    }

    /// Prints a line of data with its style, if data is coloured, and folded, if it is shown on a terminal.
    ///
    /// # Errors
    /// An [`io::Error`] if the stream cannot be written.
    pub fn print(&self, line: &Line) -> io::Result<()> {
        let (words, text) = (clean(&line.words), clean(&line.text()));
        let lines = match (line.fold, self.columns) {
            (Fold::Below(indent), Some(columns)) => folded(&text, columns, indent),
            (Fold::Never, _) | (_, None) => vec![text],
        };
        let mut out = self.data();
        lines.iter().enumerate().try_for_each(|(at, text)| {
            let rest = text.strip_prefix(&words).filter(|_| at == 0 && !words.is_empty() && self.paint == Paint::Colours);
            unless_closed(match rest {
                Some(rest) => writeln!(out, "{style}{words}{style:#}{rest}", style = line.style),
                None => writeln!(out, "{text}"),
            })
        })
    }

    /// Prints the result of a user's template over cleaned values: its own line breaks and tabs are kept.
    ///
    /// # Errors
    /// An [`io::Error`] if the stream cannot be written.
    pub fn filled_in(&self, text: &str) -> io::Result<()> {
        let mut out = self.data();
        text.split_inclusive(['\n', '\t']).try_for_each(|piece| {
            let (words, end) = piece.split_at(piece.trim_end_matches(['\n', '\t']).len());
            unless_closed(write!(out, "{}{end}", clean(words)))
        })
    }

    /// Prints a document, which its format has made safe: JSON and YAML escape control characters.
    ///
    /// # Errors
    /// An [`io::Error`] if the stream cannot be written.
    pub fn document(&self, text: &str) -> io::Result<()> {
        let (mut out, mut block) = (self.data(), String::new());
        for line in text.lines() {
            clean_onto(line, &mut block);
            block.push('\n');
            if block.len() > BLOCK {
                unless_closed(out.write_all(block.as_bytes()))?;
                block.clear();
            }
        }
        unless_closed(out.write_all(block.as_bytes()))
    }

    /// Prints a message to standard error, truncated to a readable length.
    ///
    /// # Errors
    /// An [`io::Error`] if the stream cannot be written.
    pub fn message(&self, text: &str) -> io::Result<()> {
        let text = without_error_numbers(text);
        unless_closed(writeln!(self.err.borrow_mut(), "{}", clean(&shortened_to(&text, TALK_CHARACTERS))))
    }

    /// Prints a warning of an API server like kubectl: each text once.
    ///
    /// # Errors
    /// An [`io::Error`] if the stream cannot be written.
    pub fn warning(&self, text: &str) -> io::Result<()> {
        if !self.warnings.borrow_mut().insert(text.to_owned()) {
            return Ok(());
        }
        let text = clean(&shortened_to(text, TALK_CHARACTERS));
        let word = match self.message_paint {
            Paint::Plain => "Warning:".to_owned(),
            Paint::Colours => format!("{WARNING}Warning:{WARNING:#}"),
        };
        unless_closed(writeln!(self.err.borrow_mut(), "{word} {text}"))
    }

    /// The number of different warnings printed.
    #[must_use]
    pub fn warnings(&self) -> usize {
        self.warnings.borrow().len()
    }

    /// Prints a message of any length: text that an operator agrees to is not truncated.
    ///
    /// # Errors
    /// An [`io::Error`] if the stream cannot be written.
    pub fn whole(&self, text: &str) -> io::Result<()> {
        writeln!(self.err.borrow_mut(), "{}", clean(text))
    }

    /// Prints a question, without a line break after it.
    ///
    /// # Errors
    /// An [`io::Error`] if the stream cannot be written.
    pub fn ask(&self, text: &str) -> io::Result<()> {
        let mut err = self.err.borrow_mut();
        write!(err, "{} ", clean(text))?;
        err.flush()
    }
}

/// The text without the numbers that Rust adds to errors of the operating system: ` (os error 2)`.
fn without_error_numbers(text: &str) -> String {
    let mut pieces = text.split(" (os error ");
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match piece.split_once(')') {
            Some((number, rest)) if number.bytes().all(|b| b.is_ascii_digit()) => plain.push_str(rest),
            _ => plain.extend([" (os error ", piece]),
        }
    }
    plain
}

/// The reader may have seen enough, like `head`. The command then still runs to its end, and the exit code tells the result.
fn unless_closed(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

impl Listener for Printer<'_> {
    fn hear(&self, line: &str) {
        // A lost message is harmless: the report repeats what matters.
        let _ = self.message(line);
    }
}

impl Log for Printer<'_> {
    fn line(&self, level: Level, text: &dyn Fn() -> String) {
        if self.verbosity >= level.number() {
            // A lost log line is harmless.
            let _ = writeln!(self.err.borrow_mut(), "{}", clean(&text()));
        }
    }
}

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

fn clean_onto(text: &str, cleaned: &mut String) {
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
    use super::{Paint, Printer, clean, without_error_numbers, words_of_phase};
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
    fn a12_errors_of_the_system_have_no_numbers() {
        for (text, expected) in [
            ("Is a directory (os error 21)", "Is a directory"),
            ("a: No such file (os error 2): b (os error 13), c", "a: No such file: b, c"),
            ("no (os error two), (os error ", "no (os error two), (os error "),
            ("plain", "plain"),
        ] {
            assert_eq!(without_error_numbers(text), expected);
        }
    }

    #[test]
    fn a_warning_of_a_server_is_shown_once_and_visibly() {
        for (paint, word) in [(Paint::Plain, "Warning:"), (Paint::Colours, "\u{1b}[1m\u{1b}[33mWarning:\u{1b}[0m")] {
            let (mut out, mut err) = (Vec::new(), Vec::new());
            let printer = Printer::new(&mut out, &mut err, 0).painted_messages(paint);
            for text in ["twice", "twice", "\u{1b}[2J\nerror: none", "twice"] {
                printer.warning(text).unwrap();
            }
            assert_eq!(printer.warnings(), 2);
            let said = String::from_utf8(err).unwrap();
            assert_eq!(said, format!("{word} twice\n{word} \\u{{1b}}[2J\\u{{a}}error: none\n"));
            assert!(out.is_empty());
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
