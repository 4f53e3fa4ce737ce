//! A second reader of the binary format, for what must not be in a file: it knows sections and counts, and nothing else.

/// What is in a component.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// Whether the outermost thing is a component.
    pub(super) is_component: bool,
    /// The names of its imports.
    pub(super) imports: Vec<String>,
    /// The names of its exports.
    pub(super) exports: Vec<String>,
    /// Functions with a body in all modules.
    pub(super) functions: u64,
    /// The largest of them, bytes.
    pub(super) largest_function: u64,
    /// Whether a component in it has more than types, aliases, imports and exports.
    pub(super) has_nested_code: bool,
}

/// A number of sections of a component, and the section of a module that holds function bodies.
const CORE_MODULE: u8 = 1;
const COMPONENT: u8 = 4;
const IMPORT: u8 = 10;
const EXPORT: u8 = 11;
const CODE: u8 = 10;
/// Core instances, instances, canonical functions and the start function.
const RUNNING: [u8; 4] = [2, 5, 8, 9];

impl Reading {
    /// Reads a file; none if its sections do not fit together.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let mut reading = Self { is_component: is_component(bytes), ..Self::default() };
        reading.component(bytes, 0)?;
        Some(reading)
    }

    fn component(&mut self, bytes: &[u8], depth: usize) -> Option<()> {
        for (id, content) in sections(bytes)? {
            self.has_nested_code |= depth > 0 && (RUNNING.contains(&id) || id == CORE_MODULE || id == COMPONENT);
            match id {
                CORE_MODULE => self.module(content)?,
                COMPONENT => self.component(content, depth + 1)?,
                IMPORT if depth == 0 => self.imports.extend(first_name(content)?),
                EXPORT if depth == 0 => self.exports.extend(names_within(content)),
                _ => {}
            }
        }
        Some(())
    }

    fn module(&mut self, bytes: &[u8]) -> Option<()> {
        for (_, mut content) in sections(bytes)?.into_iter().filter(|(id, _)| *id == CODE) {
            for _ in 0..number(&mut content)? {
                let length = number(&mut content)?;
                self.functions += 1;
                self.largest_function = self.largest_function.max(length as u64);
                content = content.get(length..)?;
            }
        }
        Some(())
    }
}

/// Whether the header is one of a component.
fn is_component(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\0asm\x0d\0\x01\0")
}

/// The sections after the header.
pub(super) fn sections(bytes: &[u8]) -> Option<Vec<(u8, &[u8])>> {
    let mut rest = bytes.strip_prefix(b"\0asm")?.get(4..)?;
    let mut sections = Vec::new();
    while let Some((id, mut content)) = rest.split_first() {
        let length = number(&mut content)?;
        sections.push((*id, content.get(..length)?));
        rest = content.get(length..)?;
    }
    Some(sections)
}

/// Takes a number (unsigned LEB128).
fn number(bytes: &mut &[u8]) -> Option<usize> {
    let mut value = 0_usize;
    for shift in (0..35).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// The name of the first of some imports; none inside if there are no imports.
fn first_name(mut content: &[u8]) -> Option<Option<String>> {
    if number(&mut content)? == 0 {
        return Some(None);
    }
    // One byte says what sort of name it is.
    content = content.get(1..)?;
    let length = number(&mut content)?;
    Some(Some(String::from_utf8(content.get(..length)?.to_vec()).ok()?))
}

/// All that looks like a name: after its length.
fn names_within(content: &[u8]) -> Vec<String> {
    let name = |at: usize| {
        let mut rest = content.get(at..)?;
        let length = number(&mut rest).filter(|length| *length > 0)?;
        String::from_utf8(rest.get(..length)?.to_vec()).ok()
    };
    (0..content.len()).filter_map(name).collect()
}
