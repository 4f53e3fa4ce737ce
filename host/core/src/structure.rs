//! What is in the file of a component.

/// What is in a file. Of a broken one, what stands before the break.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Structure {
    /// The names of the imports of the component.
    pub imports: Vec<String>,
    /// The names of its exports.
    pub exports: Vec<String>,
    /// The versions of the contract that it exports.
    pub contracts: Vec<String>,
    /// Core modules.
    pub modules: u64,
    /// Functions in them.
    pub functions: u64,
    /// The size of the largest one, bytes.
    pub largest_function: u64,
    /// What compiling it takes.
    pub effort: Effort,
    /// The first thing in a nested component that is more than a description of types.
    pub nested: Option<&'static str>,
    /// What it is; none if that cannot be seen.
    pub encoding: Option<FileEncoding>,
}

/// What a file is for a compiler, whose time and memory grow with more than its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Effort {
    /// Blocks in one another, of the function that has most.
    pub nesting: u64,
    /// Blocks and branches of the function that has most. A table of targets counts once for each.
    pub branches: u64,
    /// Values that a compiler follows, of the function with most: its branches times its variables.
    pub function_values: u64,
    /// The same of all functions together.
    pub values: u64,
    /// What is listed in the file: types, imports, exports, tables and what is in them, data and names.
    pub entries: u64,
}

/// What sort of WebAssembly a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileEncoding {
    /// A core module.
    Module,
    /// A component.
    Component,
}

/// Whether a build has something that is optional.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Availability {
    /// It has.
    Included,
    /// It was built without.
    LeftOut,
}
