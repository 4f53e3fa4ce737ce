//! How much a phase may use.

/// Bounds for one phase; each is refused with one line when it is crossed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The size of the file, bytes.
    pub file_bytes: usize,
    /// Fuel of one call: about one unit per instruction, the same on every machine.
    pub fuel: u64,
    /// Linear memory, bytes.
    pub memory_bytes: usize,
    /// Entries of a table.
    pub table_elements: usize,
    /// What one call may hand over, bytes.
    pub result_bytes: usize,
    /// Operations in a plan.
    pub operations: usize,
    /// Rounds of `need`.
    pub rounds: usize,
}
