//! An object as YAML that is safe to show on a terminal and that every reader parses back to the same value.

use super::terminal::clean;
use crate::yaml;
use serde_json::{Map, Value};

/// Writes an object like kubectl, with sorted keys, except that strings of more than 80 characters stay on one line. Strings with
/// characters that [`clean`] would make visible are quoted, with YAML escapes, so that the parsed string equals the written one.
#[must_use]
pub fn write_object(fields: &Map<String, Value>) -> String {
    let object = Value::Object(fields.clone());
    let text = write_styled(&object, &style);
    // If the writer and the parser ever disagree, quotes remove the ambiguity.
    if yaml::parse_document(&text).is_ok_and(|read| read == object) { text } else { write_styled(&object, &|_| Style::Double) }
}

/// The style of a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// As the YAML writer chooses.
    Any,
    /// In single quotes.
    Single,
    /// In double quotes, with escapes.
    Double,
}

/// The style that Go's writer chooses: double quotes for a string that would parse as another type, single quotes for one that is
/// not a valid plain scalar (`go.yaml.in/yaml/v2/encode.go`, `stringv`, and `emitterc.go`, `select_scalar_style`).
fn style(text: &str) -> Style {
    if text.split('\n').any(|line| clean(line) != line) {
        return Style::Double;
    }
    let is_quoted = !text.contains('\n') && yaml::write_unfolded(&text).starts_with(['"', '\'']);
    let is_scalar = |read: Value| !read.is_object() && !read.is_array() && (!read.is_string() || read == text);
    if !is_quoted || yaml::parse_document(text).is_ok_and(is_scalar) { Style::Any } else { Style::Single }
}

/// Writes a value, with quotes around the strings that need them: marks are written first and then replaced.
fn write_styled(value: &Value, style: &dyn Fn(&str) -> Style) -> String {
    let all = value.to_string();
    let mut mark = "mark".to_owned();
    while all.contains(&mark) {
        mark.push('k');
    }
    let mut marks = Marks { mark, style, texts: Vec::new() };
    let text = yaml::write_unfolded(&marks.put(value));
    marks.replace(&text)
}

struct Marks<'a> {
    /// A text that occurs nowhere in the document.
    mark: String,
    style: &'a dyn Fn(&str) -> Style,
    /// The strings that the marks stand for.
    texts: Vec<String>,
}

impl Marks<'_> {
    fn put(&mut self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.put_text(text)),
            Value::Array(items) => Value::Array(items.iter().map(|item| self.put(item)).collect()),
            Value::Object(fields) => {
                Value::Object(fields.iter().map(|(name, value)| (self.put_text(name), self.put(value))).collect())
            }
            other => other.clone(),
        }
    }

    fn put_text(&mut self, text: &str) -> String {
        self.texts.push(match (self.style)(text) {
            Style::Any => return text.to_owned(),
            Style::Single => format!("'{}'", text.replace('\'', "''")),
            Style::Double => quoted(text),
        });
        // Fields are sorted by their marks, whose numeric order is that of the names.
        format!("{}{:09}z", self.mark, self.texts.len() - 1)
    }

    fn replace(&self, text: &str) -> String {
        let mut pieces = text.split(&self.mark);
        let mut replaced = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let (number, rest) = piece.split_once('z').unwrap_or((piece, ""));
            let text = number.parse().ok().and_then(|number: usize| self.texts.get(number));
            replaced.push_str(text.map_or("", String::as_str));
            replaced.push_str(rest);
        }
        replaced
    }
}

/// A string in double quotes. YAML knows the escapes of JSON, except surrogate pairs.
fn quoted(text: &str) -> String {
    let mut quoted = String::new();
    for character in Value::from(text).to_string().chars() {
        let text = character.to_string();
        quoted.push_str(&match u32::from(character) {
            _ if clean(&text) == text => text,
            code @ 0..=0xffff => format!("\\u{code:04x}"),
            code => format!("\\U{code:08x}"),
        });
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::write_object;
    use crate::render::terminal::clean;
    use serde_json::{Value, json};

    #[test]
    fn quotes_are_kubectls() {
        let object =
            json!({ "a": "***", "b": "*** (before)", "c": "12", "d": "yes", "e": "", "f": "a: b", "g": "it's: so", "h": "x" });
        let expected = "a: '***'\nb: '*** (before)'\nc: \"12\"\nd: \"yes\"\ne: \"\"\nf: 'a: b'\ng: 'it''s: so'\nh: x\n";
        assert_eq!(write_object(object.as_object().unwrap()), expected);
    }

    #[test]
    fn names_that_need_quotes_are_sorted() {
        let names: Vec<String> = (10..30).map(|number| format!("{number}")).collect();
        let object: Value = names.iter().map(|name| (name.clone(), Value::from("\u{200b}"))).collect();
        let expected: String = names.iter().map(|name| format!("\"{name}\": \"\\u200b\"\n")).collect();
        assert_eq!(write_object(object.as_object().unwrap()), expected);
    }

    /// Strings that are known to break YAML readers and writers.
    const TEXTS: &[&str] = &[
        "plain",
        "",
        " ",
        "yes",
        "null",
        "~",
        "1e3",
        "0x1f",
        "017",
        "1_000",
        "2030-01-01",
        "12:30:45",
        "=",
        "<<",
        "- a",
        "a: b",
        "a #b",
        "#a",
        " lead",
        "trail ",
        "a\nb",
        "a\nb\n",
        "a\n\n\n",
        "\na",
        " a\nb",
        "a\n b",
        "a\n\tb",
        "\t",
        "'",
        "\"",
        "\\",
        "\u{1b}[31m",
        "a\u{202e}b",
        "\u{feff}",
        "zero\u{200b}width",
        "\u{e0041}",
        "nul\0",
        "\u{ffff}\u{fdd0}\u{10fffe}",
        "\u{85}\u{2028}",
        "ä 漢 🎉",
        "mark",
        "markk0z",
        "@a",
        "`a",
        "%a",
        "!a",
        "&a",
        "*a",
        "|",
        ">",
        "{a}",
        "[a]",
        "a,b",
        "?",
        "? a",
        "---",
        "--- a",
        "...",
        "\r\n",
        "a\r",
    ];

    #[test]
    fn what_is_written_is_read_and_seen() {
        let long = "word ".repeat(100);
        for text in TEXTS.iter().copied().chain([long.as_str(), long.trim()]) {
            let object =
                json!({ "a": text, "list": [text, { "b": text }], text: { text: text }, "number": 1, "none": null, "e": {} });
            let written = write_object(object.as_object().unwrap());
            let read: Value = serde_saphyr::from_str(&written).unwrap();
            assert_eq!(read, object, "{written}");
            for line in written.lines() {
                assert_eq!(clean(line), line);
            }
        }
    }
}
