//! The positions of documents and fields in a text, from the low-level parser below the one that reads manifests.

use granit_parser::{Event, Parser, Span, options};
use std::ops::Range;

/// A document that is not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// The complete document: directives, marker and comments, up to the marker of the next one.
    pub(super) all: Range<usize>,
    /// Its content, from the start of a line if only whitespace precedes it, to the end of a line.
    pub(super) root: Range<usize>,
    /// The part to remove with the document: all of it, except a header at the start of the file, and without leaving a marker at
    /// the start.
    pub(super) gone: Range<usize>,
}

/// A document from the parser's events.
#[derive(Default)]
struct Seen {
    /// The position of its marker, or of its content if it has none.
    start: usize,
    is_explicit: bool,
    /// From the start of its first node to the end of its last one.
    content: Option<Range<usize>>,
    is_null: bool,
    /// The position after its `...`, or its end.
    end: usize,
}

/// The documents of a text that are not empty; `None` if it is not YAML.
pub(super) fn pieces(text: &str) -> Option<Vec<Piece>> {
    let seen = documents(text)?;
    let starts: Vec<usize> = seen.iter().enumerate().map(|(index, one)| start(text, &seen, index, one)).collect();
    let whole = seen.iter().enumerate().filter(|(_, one)| !one.is_null);
    let pieces = whole.map(|(index, one)| {
        let all = *starts.get(index)?..starts.get(index + 1).copied().unwrap_or(text.len());
        let root = lines(text, one.content.clone()?, &all)?;
        let gone = match (index, seen.get(1)) {
            (0, next) => header(text, one, &root)?..next.map_or(all.end, |next| after_marker(text, one, next, all.end)),
            _ => all.clone(),
        };
        Some(Piece { all, root, gone })
    });
    pieces.collect()
}

fn documents(text: &str) -> Option<Vec<Seen>> {
    let mut seen: Vec<Seen> = Vec::new();
    let options = options! { emit_comments: false, emit_anchor_events: true };
    for next in Parser::new_from_str_with_options(text, options) {
        let (event, span) = next.ok()?;
        let at = span.byte_range()?;
        match event {
            Event::DocumentStart(is_explicit, _) => seen.push(Seen { start: at.start, is_explicit, ..Seen::default() }),
            Event::DocumentEnd => seen.last_mut()?.end = at.end,
            Event::StreamStart | Event::StreamEnd => {}
            node => seen.last_mut()?.take(&node, &span, at),
        }
    }
    Some(seen)
}

impl Seen {
    fn take(&mut self, node: &Event<'_>, span: &Span, at: Range<usize>) {
        let start = span.tag_span().and_then(|tag| tag.byte_range()).map_or(at.start, |tag| tag.start.min(at.start));
        // A block ends with its last scalar, and not where the next token starts.
        let end = match node {
            Event::MappingEnd | Event::SequenceEnd if at.is_empty() => 0,
            _ => at.end,
        };
        let is_first = self.content.is_none();
        self.is_null = is_first
            && matches!(node, Event::Scalar(text, style, ..)
            if *style == granit_parser::ScalarStyle::Plain && ["~", "", "null", "Null", "NULL"].contains(&text.as_ref()))
            || self.is_null && matches!(node, Event::Anchor(..));
        let content = self.content.get_or_insert(start..end);
        *content = content.start.min(start)..content.end.max(end);
    }
}

/// The start of a document: its directives, its marker, or the end of the previous document.
fn start(text: &str, seen: &[Seen], index: usize, one: &Seen) -> usize {
    let Some(before) = index.checked_sub(1).and_then(|before| seen.get(before)) else { return 0 };
    let between = text.get(before.end..one.start).unwrap_or_default();
    let has_directives = between.lines().any(|line| line.starts_with('%'));
    match one.is_explicit && !has_directives {
        true => one.start,
        false => line_end(text, before.end),
    }
}

/// Content as complete lines, if these contain nothing else.
fn lines(text: &str, content: Range<usize>, all: &Range<usize>) -> Option<Range<usize>> {
    let head = text.get(all.start..content.start)?;
    let indent = head.len() - head.trim_end_matches([' ', '\t', '\u{feff}']).len();
    let starts_line = head.len() == indent || head.get(..head.len() - indent)?.ends_with('\n');
    // A byte order mark at the start of the text stays.
    let mark = if head.get(head.len() - indent..)?.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let start = if starts_line { content.start - indent + mark } else { content.start };
    Some(start..line_end(text, content.end).min(all.end))
}

/// The start of the first document after the header of the file: comments before a directive, a marker or an empty line.
fn header(text: &str, one: &Seen, root: &Range<usize>) -> Option<usize> {
    if one.is_explicit {
        let lines = text.get(..one.start)?.split_inclusive('\n');
        return Some(lines.take_while(|line| !line.starts_with('%')).map(str::len).sum());
    }
    let head = text.get(..root.start)?;
    let ends = ["\n\n", "\n\r\n"].iter().filter_map(|blank| Some(head.rfind(blank)? + blank.len()));
    Some(ends.max().unwrap_or(if head.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 }))
}

/// The start of the second document if the first one is removed: without its marker, if that is alone on its line and separated
/// the two.
fn after_marker(text: &str, first: &Seen, next: &Seen, start: usize) -> usize {
    let end = line_end(text, next.start);
    let is_alone = text.get(next.start..end).is_some_and(|line| line.trim_end() == "---");
    if !first.is_explicit && is_alone && start == next.start { end } else { start }
}

/// The end of a line, after its line break.
fn line_end(text: &str, from: usize) -> usize {
    let is_at_start = from > 0 && text.as_bytes().get(from - 1) == Some(&b'\n');
    let rest = text.get(from..).unwrap_or_default();
    match rest.find('\n') {
        _ if is_at_start => from,
        Some(at) => from + at + 1,
        None => text.len(),
    }
}

/// The line of a field, counted from 1, in the `index`th document that is not empty; `None` if it does not occur under its own
/// name.
pub(super) fn line(text: &str, index: usize, path: &[String]) -> Option<usize> {
    let at = pieces(text)?.get(index)?.root.clone();
    let mut levels: Vec<Level> = Vec::new();
    for next in Parser::new_from_str_with_options(text, options! { emit_comments: false }) {
        let (event, span) = next.ok()?;
        let place = span.byte_range()?;
        if place.start < at.start || place.end > at.end {
            continue;
        }
        match (event, levels.last_mut()) {
            (Event::Scalar(text, ..), Some(Level::Map(key @ None))) => {
                *key = Some(text.into_owned());
                if levels.iter().map(Level::name).eq(path.iter().map(|name| Some(name.clone()))) {
                    return Some(span.start.line());
                }
            }
            (Event::MappingStart(..), _) => levels.push(Level::Map(None)),
            (Event::SequenceStart(..), _) => levels.push(Level::List(0)),
            (Event::MappingEnd | Event::SequenceEnd, _) => {
                levels.pop();
                settle(&mut levels);
            }
            (Event::Scalar(..) | Event::Alias(_), _) => settle(&mut levels),
            _ => {}
        }
    }
    None
}

/// The level of a walk through a document.
enum Level {
    /// A map, at a key or before one.
    Map(Option<String>),
    /// A list, at an item.
    List(usize),
}

impl Level {
    fn name(&self) -> Option<String> {
        match self {
            Self::Map(key) => key.clone(),
            Self::List(item) => Some(item.to_string()),
        }
    }
}

/// Completes a value.
fn settle(levels: &mut [Level]) {
    match levels.last_mut() {
        Some(Level::Map(key)) => *key = None,
        Some(Level::List(item)) => *item += 1,
        None => {}
    }
}
