//! The structure of a file, as far as it can be parsed, before it is trusted.

use super::effort::Weigher;
use kubephase_core::structure::{FileEncoding, Structure};
use wasmparser::{BinaryReaderError, Encoding, Parser, Payload};

/// The interface that makes a component a phase, without its version.
const PHASE_INTERFACE: &str = "kubephase:phase/phase@";

/// Parses a file to its end or to the first error.
#[must_use]
pub fn structure(bytes: &[u8]) -> Structure {
    let mut structure = Structure::default();
    let (mut around, mut weigher) = (Vec::new(), Weigher::default());
    for payload in Parser::new(0).parse_all(bytes) {
        let taken = payload.and_then(|payload| {
            weigher.weigh(&payload)?;
            take(&mut structure, payload, &mut around)
        });
        if taken.is_err() {
            break;
        }
    }
    Structure { effort: weigher.effort, ..structure }
}

/// Handles a part of the file. `around` are the modules and components that enclose it.
fn take(structure: &mut Structure, payload: Payload<'_>, around: &mut Vec<Encoding>) -> Result<(), BinaryReaderError> {
    if around.last() == Some(&Encoding::Component) && around.len() > 1 {
        structure.nested = structure.nested.or_else(|| more_than_types(&payload));
    }
    let is_outermost = around.len() == 1;
    match payload {
        Payload::Version { encoding, .. } => {
            around.push(encoding);
            structure.modules += u64::from(encoding == Encoding::Module);
            let of_file = if encoding == Encoding::Module { FileEncoding::Module } else { FileEncoding::Component };
            structure.encoding.get_or_insert(of_file);
        }
        Payload::End(_) => {
            around.pop();
        }
        Payload::CodeSectionEntry(body) => {
            structure.functions += 1;
            structure.largest_function = structure.largest_function.max(body.range().len() as u64);
        }
        Payload::ComponentImportSection(section) if is_outermost => {
            for import in section {
                structure.imports.push(import?.name.name.to_owned());
            }
        }
        Payload::ComponentExportSection(section) if is_outermost => {
            for export in section {
                let name = export?.name.name;
                structure.exports.push(name.to_owned());
                structure.contracts.extend(name.strip_prefix(PHASE_INTERFACE).map(str::to_owned));
            }
        }
        _ => {}
    }
    Ok(())
}

/// wit-component nests a component for each exported interface, with types, an import and an export of each function, and nothing
/// else. Anything that could run in it, or pass strings between components, is code of the engine that a phase does not need.
const fn more_than_types(payload: &Payload<'_>) -> Option<&'static str> {
    match payload {
        Payload::ModuleSection { .. } => Some("a core module"),
        Payload::ComponentSection { .. } => Some("another component"),
        Payload::InstanceSection(_) => Some("a core instance"),
        Payload::ComponentInstanceSection(_) => Some("an instance"),
        Payload::ComponentCanonicalSection(_) => Some("a canonical function"),
        Payload::ComponentStartSection { .. } => Some("a start function"),
        _ => None,
    }
}
