//! How much work a file is for a compiler, counted without compiling it.

use kubephase_core::structure::Effort;
use wasmparser::{
    BinaryReaderError, CompositeInnerType, ElementItems, FunctionBody, KnownCustom, Name, Operator, Payload, TypeSectionReader,
};

/// Adds up the parts of a file.
#[derive(Default)]
pub(super) struct Weigher {
    /// The total so far.
    pub(super) effort: Effort,
    /// Parameters and results of the widest function type: a block may take and return as many values.
    widest: u64,
}

impl Weigher {
    /// Adds the next part of the file.
    ///
    /// # Errors
    /// The parser's error, for an invalid part.
    pub(super) fn weigh(&mut self, payload: &Payload<'_>) -> Result<(), BinaryReaderError> {
        if let Payload::CodeSectionEntry(body) = payload {
            return self.function(body);
        }
        if let Payload::TypeSection(section) = payload {
            self.types(section)?;
        }
        self.effort.entries += entries(payload)?;
        Ok(())
    }

    fn types(&mut self, section: &TypeSectionReader<'_>) -> Result<(), BinaryReaderError> {
        for group in section.clone() {
            for of in group?.types() {
                if let CompositeInnerType::Func(function) = &of.composite_type.inner {
                    self.widest = self.widest.max((function.params().len() + function.results().len()) as u64);
                }
            }
        }
        Ok(())
    }

    /// In the worst case each variable has a new value after each branch, and the compiler tracks all of them.
    fn function(&mut self, body: &FunctionBody<'_>) -> Result<(), BinaryReaderError> {
        let mut variables = self.widest;
        for local in body.get_locals_reader()? {
            variables = variables.saturating_add(u64::from(local?.0));
        }
        let (mut branches, mut depth, mut nesting) = (1_u64, 0_u64, 0);
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            match operators.read()? {
                Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => {
                    (branches, depth) = (branches + 1, depth + 1);
                    nesting = nesting.max(depth);
                }
                Operator::End => depth = depth.saturating_sub(1),
                Operator::Else | Operator::Br { .. } | Operator::BrIf { .. } => branches += 1,
                Operator::BrTable { targets } => branches += u64::from(targets.len()) + 1,
                _ => {}
            }
        }
        let values = branches.saturating_mul(variables);
        let effort = &mut self.effort;
        effort.nesting = effort.nesting.max(nesting);
        effort.branches = effort.branches.max(branches);
        effort.function_values = effort.function_values.max(values);
        effort.values = effort.values.saturating_add(values);
        Ok(())
    }
}

/// The number of entries in a part of the file.
fn entries(payload: &Payload<'_>) -> Result<u64, BinaryReaderError> {
    let count = match payload {
        Payload::TypeSection(section) => section.count(),
        Payload::ImportSection(section) => section.count(),
        Payload::TableSection(section) => section.count(),
        Payload::MemorySection(section) => section.count(),
        Payload::GlobalSection(section) => section.count(),
        Payload::ExportSection(section) => section.count(),
        Payload::DataSection(section) => section.count(),
        Payload::InstanceSection(section) => section.count(),
        Payload::CoreTypeSection(section) => section.count(),
        Payload::ComponentInstanceSection(section) => section.count(),
        Payload::ComponentAliasSection(section) => section.count(),
        Payload::ComponentTypeSection(section) => section.count(),
        Payload::ComponentCanonicalSection(section) => section.count(),
        Payload::ComponentImportSection(section) => section.count(),
        Payload::ComponentExportSection(section) => section.count(),
        Payload::ElementSection(section) => {
            return section.clone().into_iter().try_fold(0, |sum, segment| {
                let items = match segment?.items {
                    ElementItems::Functions(items) => items.count(),
                    ElementItems::Expressions(_, items) => items.count(),
                };
                Ok(sum + 1 + u64::from(items))
            });
        }
        Payload::CustomSection(section) => match section.as_known() {
            KnownCustom::Name(names) => {
                // The engine reads names up to the first invalid one.
                let functions = names.into_iter().map_while(Result::ok).filter_map(|name| match name {
                    Name::Function(names) => Some(u64::from(names.count())),
                    _ => None,
                });
                return Ok(functions.sum());
            }
            _ => 0,
        },
        _ => 0,
    };
    Ok(u64::from(count))
}
