//! What is in the file of a component.

/// What is in a file. Of a broken one, what stands before the break.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Anatomy {
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
    /// The first thing in a nested component that is more than a description of types.
    pub nested: Option<&'static str>,
    /// What it is; none if that cannot be seen.
    pub encoding: Option<FileEncoding>,
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
