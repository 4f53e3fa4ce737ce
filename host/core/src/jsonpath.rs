//! Templates for `-o jsonpath=…` and paths for `--sort-by`, as in kubectl (`client-go/util/jsonpath`): text with `{…}`, where the
//! braces contain quoted text, a path, or `range PATH` up to `end`. The paths follow RFC 9535, which matches kubectl's except for
//! escaped dots.

use serde_json::Value;
use serde_json_path::JsonPath;
use std::fmt;

/// A text with placeholders for values.
#[derive(Debug, Clone, PartialEq)]
pub struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Text(String),
    Values(JsonPath),
    Each(JsonPath, Template),
}

impl Template {
    /// Parses a template; `None` if a brace is not closed, a path is invalid, or a `range` has no `end`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (template, rest) = Self::parse_until_end(text)?;
        rest.is_none().then_some(template)
    }

    /// A template, and the text after the `end` that closes it; `None` if the end of the text closes it.
    fn parse_until_end(mut text: &str) -> Option<(Self, Option<&str>)> {
        let mut pieces = Vec::new();
        while let Some((before, rest)) = text.split_once('{') {
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            let (inner, rest) = braced(rest)?;
            text = rest;
            match inner.trim() {
                "end" => return Some((Self(pieces), Some(text))),
                inner if inner.starts_with(['"', '\'']) => pieces.push(Piece::Text(unquoted(inner)?)),
                inner => match inner.strip_prefix("range ") {
                    Some(list) => {
                        let (each, rest) = Self::parse_until_end(text)?;
                        pieces.push(Piece::Each(path(list)?, each));
                        text = rest?;
                    }
                    None => pieces.push(Piece::Values(path(inner)?)),
                },
            }
        }
        if !text.is_empty() {
            pieces.push(Piece::Text(text.to_owned()));
        }
        Some((Self(pieces), None))
    }

    /// Fills in the template for a value; `shown` formats what comes from the value. A path without a match prints nothing.
    #[must_use]
    pub fn print(&self, value: &Value, shown: &dyn Fn(&str) -> String) -> String {
        let pieces = self.0.iter().map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Values(path) => path.query(value).iter().map(|found| shown(&text(found))).collect::<Vec<_>>().join(" "),
            Piece::Each(path, template) => {
                // kubectl iterates over the items of a list that the path selects.
                let found = path.query(value);
                let items = found.iter().flat_map(|found| found.as_array().map_or(std::slice::from_ref(*found), Vec::as_slice));
                items.map(|item| template.print(item, shown)).collect()
            }
        });
        pieces.collect()
    }
}

/// The path of a field.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldPath {
    path: JsonPath,
    typed: String,
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.typed)
    }
}

impl FieldPath {
    /// Parses `field`, `.field` or `{.field}`, as kubectl does; `None` if it is not a path.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text);
        let dotted = if text.starts_with(['.', '[', '$', '@']) { text.to_owned() } else { format!(".{text}") };
        path(&dotted).map(|path| Self { path, typed: dotted })
    }

    /// The value at this path, as text; `None` if there is none.
    #[must_use]
    pub fn find(&self, value: &Value) -> Option<String> {
        self.path.query(value).first().map(text)
    }
}

/// The text inside a brace, and the text after it. A brace in quotes is text.
fn braced(text: &str) -> Option<(&str, &str)> {
    let mut quote = None;
    let mut is_escaped = false;
    for (place, character) in text.char_indices() {
        match (quote, character) {
            _ if is_escaped => is_escaped = false,
            (Some(_), '\\') => is_escaped = true,
            (Some(open), _) if character == open => quote = None,
            (None, '"' | '\'') => quote = Some(character),
            (None, '}') => return text.get(..place).zip(text.get(place + 1..)),
            _ => {}
        }
    }
    None
}

/// The value of a quoted text. JSON's escapes are used, which Go has too.
fn unquoted(text: &str) -> Option<String> {
    match text.strip_prefix('\'') {
        Some(rest) => rest.strip_suffix('\'').map(str::to_owned),
        None => serde_json::from_str(text).ok(),
    }
}

fn path(text: &str) -> Option<JsonPath> {
    let text = text.trim();
    let text = text.strip_prefix(['$', '@']).unwrap_or(text);
    JsonPath::parse(&format!("${}", if text == "." { "" } else { text })).ok()
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{FieldPath, Template};
    use serde_json::json;

    #[test]
    fn prints_as_kubectl_does() {
        let value = json!({ "token": "a.b", "groups": ["x", "y"], "nested": { "n": 1 } });
        for (template, expected) in [
            ("{.token}", "a.b"),
            ("{.token}{\"\\n\"}", "a.b\n"),
            ("{.token} {.nothing}!", "a.b !"),
            ("{$.token}{@.token}", "a.ba.b"),
            ("{.groups}", "[\"x\",\"y\"]"),
            ("{.groups[*]}", "x y"),
            ("{.groups[1]}", "y"),
            ("{['token']}", "a.b"),
            ("{.nested.n}", "1"),
            ("{..n}", "1"),
            ("{range .groups}<{.}>{end}{'}'}", "<x><y>}"),
            ("{range .groups[*]}{@}{\",\"}{end}", "x,y,"),
            ("{.groups[?(@==\"y\")]}", "y"),
            (r#"{"\"}{"}{.token}"#, "\"}{a.b"),
            ("plain", "plain"),
            ("", ""),
        ] {
            let printed = Template::parse(template).map(|template| template.print(&value, &str::to_owned));
            assert_eq!(printed.as_deref(), Some(expected), "{template}");
        }
    }

    #[test]
    fn refuses_what_it_does_not_understand() {
        for template in ["{", "{.token", "{end}", "{range .a}", "{\"}", "{.a b}", "{nonsense", "{range .a}{.b"] {
            assert_eq!(Template::parse(template), None, "{template}");
        }
    }

    #[test]
    fn finds_fields() {
        let value = json!({ "expires": "2030", "n": 1 });
        for (path, expected) in [("expires", Some("2030")), (".expires", Some("2030")), ("{.n}", Some("1")), (".x", None)] {
            assert_eq!(FieldPath::parse(path).unwrap().find(&value).as_deref(), expected, "{path}");
        }
        assert_eq!(FieldPath::parse(".a b"), None);
    }
}
