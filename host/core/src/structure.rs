//! The contents of a component file.

/// The contents of a file. Of a broken file, everything before the error.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Structure {
    /// The names of the component's imports.
    pub imports: Vec<String>,
    /// The names of the component's exports.
    pub exports: Vec<String>,
    /// The contract versions it exports.
    pub contracts: Vec<String>,
    /// The number of core modules.
    pub modules: u64,
    /// The number of functions in them.
    pub functions: u64,
    /// The size of the largest function, bytes.
    pub largest_function: u64,
    /// The effort of compiling it.
    pub effort: Effort,
    /// The first item in a nested component that is more than a type definition.
    pub nested: Option<&'static str>,
    /// The encoding; `None` if it cannot be determined.
    pub encoding: Option<FileEncoding>,
}

/// The effort of compiling a file: time and memory depend on more than its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Effort {
    /// The deepest nesting of blocks in a function.
    pub nesting: u64,
    /// The most blocks and branches in a function. A jump table counts once per target.
    pub branches: u64,
    /// The most values that a compiler tracks in a function: its branches times its variables.
    pub function_values: u64,
    /// The same for all functions together.
    pub values: u64,
    /// Entries in the file: types, imports, exports, tables and their elements, data and names.
    pub entries: u64,
}

/// The encoding of a WebAssembly file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileEncoding {
    /// A core module.
    Module,
    /// A component.
    Component,
}

/// Whether a build includes an optional feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Availability {
    /// The feature is included.
    Included,
    /// The build omits the feature.
    LeftOut,
}
