//! The picture of what a bootstrap token may do: tokens, their groups, the bindings that name these, and what the roles allow.

use crate::render::line::folded;
use crate::render::terminal::clean;
use kubephase_core::audit::{TokenBinding, TokenRights, TokensOfGroups};
use std::collections::{BTreeMap, BTreeSet};

/// How many boxes a column has; the others are counted below it.
const MOST_BOXES: usize = 24;
/// How many rules of a role are shown.
const MOST_RULES: usize = 4;
/// The columns: where they begin, and how wide they are.
const COLUMNS: [(usize, usize); 4] = [(0, 110), (160, 350), (560, 320), (930, 370)];
/// The height of a line, the space in a box and between boxes.
const LINE: usize = 16;
const PADDING: usize = 8;
const GAP: usize = 14;
/// Where the first box begins: below the names of the columns.
const TOP: usize = 34;
/// The width of a character of the picture's font, pixels.
const CHARACTER: usize = 7;
/// How many lines a text has in a box.
const MOST_LINES: usize = 3;

/// The picture, and the same as rows.
pub(super) struct Picture {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) heads: Vec<(usize, &'static str)>,
    pub(super) boxes: Vec<PictureBox>,
    pub(super) lines: Vec<String>,
    pub(super) rows: Vec<PictureRow>,
    /// What is left out, in a sentence.
    pub(super) more: Option<String>,
    /// What cannot be seen in the boxes.
    pub(super) note: String,
}

/// A box with a few lines.
pub(super) struct PictureBox {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) class: &'static str,
    /// Each line with its baseline.
    pub(super) lines: Vec<(usize, String)>,
    /// All of it, for a pointer that rests on the box.
    pub(super) title: String,
}

/// A row of the table: a binding.
pub(super) struct PictureRow {
    pub(super) subjects: String,
    pub(super) binding: String,
    pub(super) role: String,
    pub(super) allows: Vec<String>,
    pub(super) tokens: String,
}

/// The boxes of a column while it grows.
struct Column {
    place: (usize, usize),
    next: usize,
}

impl Column {
    const fn new(place: (usize, usize)) -> Self {
        Self { place, next: TOP }
    }

    /// The next box, not above `least`.
    fn put(&mut self, least: usize, class: &'static str, texts: &[String]) -> PictureBox {
        let ((x, width), y) = (self.place, self.next.max(least));
        let lines: Vec<String> = texts.iter().flat_map(|text| fitted(text, (width - 2 * PADDING) / CHARACTER)).collect();
        let height = 2 * PADDING + LINE * lines.len();
        self.next = y + height + GAP;
        let lines = lines.into_iter().enumerate().map(|(number, line)| (y + PADDING + LINE * (number + 1) - 4, line));
        PictureBox { x, y, width, height, class, lines: lines.collect(), title: texts.join("\n") }
    }
}

/// A text in a few lines of so many characters; what does not fit is cut off.
fn fitted(text: &str, columns: usize) -> Vec<String> {
    let lines = folded(text, columns, 2);
    let is_all = lines.len() <= MOST_LINES;
    let mut lines: Vec<String> = lines.into_iter().take(MOST_LINES).map(|line| cut(line, columns)).collect();
    if let Some(last) = lines.last_mut().filter(|last| !is_all && !last.ends_with('…')) {
        last.push('…');
    }
    lines
}

fn cut(line: String, columns: usize) -> String {
    if line.chars().count() <= columns {
        return line;
    }
    line.chars().take(columns - 1).chain(['…']).collect()
}

impl PictureBox {
    const fn middle(&self) -> usize {
        self.y + self.height / 2
    }

    /// A line to a box on the right.
    fn to(&self, other: &Self) -> String {
        let [from, to] = [(self.x + self.width, self.middle()), (other.x, other.middle())];
        let half = usize::midpoint(from.0, to.0);
        format!("M{} {} C{half} {}, {half} {}, {} {}", from.0, from.1, from.1, to.1, to.0, to.1)
    }
}

impl Picture {
    /// The picture of rights. `is_bad` are the kinds and names of bindings with a finding.
    pub(super) fn of(rights: &TokenRights, is_bad: &BTreeSet<(String, String)>) -> Self {
        let [mut tokens, mut groups, mut bindings, mut allowed] = COLUMNS.map(Column::new);
        let mut lines = Vec::new();
        let is_found = |binding: &TokenBinding| is_bad.contains(&(binding.kind.clone(), binding.name.clone()));
        let is_bad = |binding: &TokenBinding| is_everything(binding) || is_found(binding);
        let shown = chosen(&rights.bindings, is_bad);
        // Bindings of the same groups are below each other.
        let mut sorted = shown.clone();
        sorted.sort_by_key(|binding| &binding.subjects);
        let mut binding_boxes = Vec::new();
        let mut boxes = Vec::new();
        for binding in sorted {
            let class = if is_bad(binding) { "bad" } else { "plain" };
            let right = allowed.put(bindings.next, class, &rules(binding));
            let left = bindings.put(right.y, class, &[clean(&binding.name), bound(binding)]);
            lines.push(left.to(&right));
            bindings.next = bindings.next.max(allowed.next);
            boxes.push(right);
            binding_boxes.push((binding, left));
        }
        let named: BTreeSet<&String> = rights.bindings.iter().flat_map(|binding| &binding.subjects).collect();
        let held = rights.tokens.iter().flat_map(|tokens| &tokens.subjects);
        let all: BTreeSet<&String> = held.chain(named).collect();
        // Each group is beside the first binding that names it.
        let first =
            |group: &String| binding_boxes.iter().find(|(binding, _)| binding.subjects.contains(group)).map(|(_, at)| at.y);
        let mut by_place: Vec<(usize, &String)> = all.iter().map(|group| (first(group).unwrap_or(usize::MAX), *group)).collect();
        by_place.sort();
        let mut group_boxes: BTreeMap<&String, PictureBox> = BTreeMap::new();
        for (least, group) in by_place.iter().take(MOST_BOXES) {
            let least = if *least == usize::MAX { TOP } else { *least };
            group_boxes.insert(group, groups.put(least, "plain", &[clean(group)]));
        }
        for (binding, at) in &binding_boxes {
            lines.extend(binding.subjects.iter().filter_map(|group| Some(group_boxes.get(group)?.to(at))));
        }
        for of_groups in rights.tokens.iter().take(MOST_BOXES) {
            let least = of_groups.subjects.iter().filter_map(|group| Some(group_boxes.get(group)?.y)).min().unwrap_or(TOP);
            let from = tokens.put(least, "plain", &named_tokens(of_groups));
            lines.extend(of_groups.subjects.iter().filter_map(|group| Some(from.to(group_boxes.get(group)?))));
            boxes.push(from);
        }
        boxes.extend(binding_boxes.into_iter().map(|(_, at)| at));
        boxes.extend(group_boxes.into_values());
        let height = [&tokens, &groups, &bindings, &allowed].map(|column| column.next).into_iter().max().unwrap_or(TOP);
        let (start, width) = COLUMNS[3];
        let heads = ["tokens", "groups and users", "bindings and roles", "what they allow"];
        Self {
            width: start + width,
            height,
            heads: COLUMNS.into_iter().map(|(x, _)| x).zip(heads).collect(),
            boxes,
            lines,
            rows: shown.iter().map(|binding| row(binding, rights)).collect(),
            more: more(rights, all.len()),
            note: note(rights),
        }
    }
}

/// As many bindings as there is room for: what is left out must not be what is wrong.
fn chosen(bindings: &[TokenBinding], is_bad: impl Fn(&TokenBinding) -> bool) -> Vec<&TokenBinding> {
    let mut chosen: Vec<&TokenBinding> = bindings.iter().collect();
    chosen.sort_by_cached_key(|binding| !is_bad(binding));
    chosen.truncate(MOST_BOXES);
    chosen
}

/// Whether the role allows everything: the finding of such a binding names no object if its name is odd.
fn is_everything(binding: &TokenBinding) -> bool {
    binding.allows.iter().flatten().any(|line| line.starts_with("* *"))
}

/// The role of a binding, and where it counts.
fn bound(binding: &TokenBinding) -> String {
    let role = clean(&binding.role);
    match binding.namespace.as_str() {
        "" => format!("{role}, everywhere"),
        namespace => format!("{role}, in {}", clean(namespace)),
    }
}

/// The lines for what a binding allows.
fn rules(binding: &TokenBinding) -> Vec<String> {
    let Some(allows) = &binding.allows else { return vec!["the role was not found".to_owned()] };
    let mut lines: Vec<String> = allows.iter().take(MOST_RULES).map(|line| clean(line)).collect();
    if let Some(more) = allows.len().checked_sub(MOST_RULES).filter(|more| *more > 0) {
        lines.push(format!("and {more} more"));
    }
    if lines.is_empty() { vec!["nothing".to_owned()] } else { lines }
}

fn named_tokens(tokens: &TokensOfGroups) -> Vec<String> {
    let count = if tokens.count == 1 { "1 token".to_owned() } else { format!("{} tokens", tokens.count) };
    let more = tokens.count.saturating_sub(tokens.ids.len());
    let more = (more > 0).then(|| format!("and {more} more"));
    std::iter::once(count).chain(tokens.ids.iter().map(|id| clean(id))).chain(more).collect()
}

fn row(binding: &TokenBinding, rights: &TokenRights) -> PictureRow {
    let holders = rights.tokens.iter().filter(|tokens| !tokens.subjects.is_disjoint(&binding.subjects));
    let count = holders.map(|tokens| tokens.count).fold(0, usize::saturating_add);
    PictureRow {
        subjects: binding.subjects.iter().map(|subject| clean(subject)).collect::<Vec<_>>().join(", "),
        binding: clean(&format!("{}/{}", binding.kind, binding.name)),
        role: bound(binding),
        allows: rules(binding),
        tokens: count.to_string(),
    }
}

fn more(rights: &TokenRights, groups: usize) -> Option<String> {
    let left = [(rights.tokens.len(), "boxes of tokens"), (groups, "groups"), (rights.bindings.len(), "bindings")];
    let left = left.into_iter().filter(|(count, _)| *count > MOST_BOXES);
    let left: Vec<String> = left.map(|(count, what)| format!("{} {what}", count - MOST_BOXES)).collect();
    (!left.is_empty()).then(|| format!("{} more are not shown", left.join(", ")))
}

fn note(rights: &TokenRights) -> String {
    let count = rights.tokens.iter().map(|tokens| tokens.count).fold(0, usize::saturating_add);
    let tokens = if count == 1 { "1 token can log in".to_owned() } else { format!("{count} tokens can log in") };
    match rights.without_login {
        0 => format!("{tokens}."),
        others => format!("{tokens}; {others} cannot: they have expired, only sign, or have a group that tokens may not have."),
    }
}
