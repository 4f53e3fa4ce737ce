//! All output to a terminal passes here. Text from a phase or a cluster may contain escape sequences that move the cursor, rename
//! the window or reverse the reading direction; they are made visible.

pub use super::visible::{clean, clean_lines, collapsed, is_visible, words_of_phase};

use super::line::{Fold, Line, folded};
use super::visible::clean_onto;
use anstyle::{AnsiColor, Color, Effects, Style};
use kubephase_core::log::{Level, Listener, Log};
use kubephase_core::name::shortened_to;
use std::cell::{Cell, RefCell, RefMut};
use std::collections::BTreeSet;
use std::io::{self, Write};

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

    /// How wide the terminal of the data is; `None` if it is no terminal.
    #[must_use]
    pub const fn columns(&self) -> Option<usize> {
        self.columns
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
        let text = without_types(&without_error_numbers(text));
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

/// The text without the names of types that serde puts into its errors: `expected struct GrantDocument`.
fn without_types(text: &str) -> String {
    let mut plain = text.to_owned();
    for (type_of, what) in
        [(", expected struct ", ", expected a mapping"), (", expected enum ", ", expected a word that is known here")]
    {
        while let Some((before, after)) = plain.split_once(type_of) {
            let rest = after.trim_start_matches(|character: char| character.is_ascii_alphanumeric() || "_<>".contains(character));
            plain = format!("{before}{what}{rest}");
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

#[cfg(test)]
mod tests {
    use super::{Paint, Printer, without_error_numbers, without_types};

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
    fn a12_errors_name_no_types() {
        for (text, expected) in [
            ("`a`: invalid type: null, expected struct GrantDocument", "`a`: invalid type: null, expected a mapping"),
            ("invalid type: null, expected struct A<B> at line 1", "invalid type: null, expected a mapping at line 1"),
            ("invalid type: sequence, expected enum B: c", "invalid type: sequence, expected a word that is known here: c"),
            ("invalid type: null, expected a string", "invalid type: null, expected a string"),
        ] {
            assert_eq!(without_types(text), expected);
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
}
