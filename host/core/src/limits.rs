//! Limits on the resources of a phase.

/// Limits for one phase; exceeding one is refused with a one-line message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The size of the file, bytes.
    pub file_bytes: u64,
    /// Functions in the file.
    pub functions: u64,
    /// The size of the largest function, bytes: compile time grows faster than the size.
    pub function_bytes: u64,
    /// Nesting depth of blocks in a function.
    pub nesting: u64,
    /// Blocks and branches of a function. A jump table counts once per target.
    pub branches: u64,
    /// Branches of a function times its variables: the number of values that a compiler may have to track at once.
    pub function_values: u64,
    /// The same for all functions together, which bounds the compile time.
    pub values: u64,
    /// Entries in the file: types, imports, exports, tables and their elements, data and names.
    pub entries: u64,
    /// Memory to compile the file, bytes.
    pub compile_bytes: u64,
    /// Time to compile the file, milliseconds.
    pub compile_millis: u64,
    /// Fuel of one call: about one unit per instruction, the same on every machine.
    pub fuel: u64,
    /// Time of one call, milliseconds: a safety net in addition to fuel, for slow instructions that count once.
    pub call_millis: u64,
    /// Linear memory, bytes.
    pub memory_bytes: u64,
    /// Elements of a table.
    pub table_elements: u64,
    /// Core instances; memories and tables are limited to the same number.
    pub instances: u64,
    /// The size of one call's result, bytes.
    pub result_bytes: u64,
    /// Operations in a plan.
    pub operations: u64,
    /// Rounds of `need`.
    pub rounds: u64,
    /// Objects and lists read for one plan.
    pub reads: u64,
    /// Data read for one plan, bytes: the answers received at the same time, and everything passed to the phase.
    pub read_bytes: u64,
}

/// One of the [`Limits`], as exposed to the operator.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// The name in flags and files.
    pub name: &'static str,
    /// The unit of its value.
    pub unit: Unit,
    /// A description for users.
    pub summary: &'static str,
    get: fn(&mut Limits) -> &mut u64,
}

/// The unit of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Bytes.
    Bytes,
    /// Milliseconds.
    Millis,
    /// A number of items.
    Count,
}

impl Limit {
    /// Every limit, in the order that a phase meets them.
    pub const ALL: [Self; 20] = [
        Self::new("file", Unit::Bytes, "size of the file", |limits| &mut limits.file_bytes),
        Self::new("functions", Unit::Count, "functions in the file", |limits| &mut limits.functions),
        Self::new("function", Unit::Bytes, "size of a function", |limits| &mut limits.function_bytes),
        Self::new("nesting", Unit::Count, "nesting of blocks", |limits| &mut limits.nesting),
        Self::new("branches", Unit::Count, "branches of a function", |limits| &mut limits.branches),
        Self::new("function-values", Unit::Count, "branches times variables of a function", |limits| &mut limits.function_values),
        Self::new("values", Unit::Count, "branches times variables of all functions", |limits| &mut limits.values),
        Self::new("entries", Unit::Count, "types, exports, names and data in the file", |limits| &mut limits.entries),
        Self::new("compile-memory", Unit::Bytes, "memory to compile it", |limits| &mut limits.compile_bytes),
        Self::new("compile-time", Unit::Millis, "time to compile it", |limits| &mut limits.compile_millis),
        Self::new("fuel", Unit::Count, "instructions of a call", |limits| &mut limits.fuel),
        Self::new("call-time", Unit::Millis, "time of a call", |limits| &mut limits.call_millis),
        Self::new("memory", Unit::Bytes, "memory of a call", |limits| &mut limits.memory_bytes),
        Self::new("table", Unit::Count, "entries of a table", |limits| &mut limits.table_elements),
        Self::new("instances", Unit::Count, "core instances", |limits| &mut limits.instances),
        Self::new("result", Unit::Bytes, "size of an answer", |limits| &mut limits.result_bytes),
        Self::new("operations", Unit::Count, "operations in a plan", |limits| &mut limits.operations),
        Self::new("rounds", Unit::Count, "rounds of reads for a plan", |limits| &mut limits.rounds),
        Self::new("reads", Unit::Count, "objects and lists read for a plan", |limits| &mut limits.reads),
        Self::new("read", Unit::Bytes, "size of what is read for a plan", |limits| &mut limits.read_bytes),
    ];

    const fn new(name: &'static str, unit: Unit, summary: &'static str, get: fn(&mut Limits) -> &mut u64) -> Self {
        Self { name, unit, summary, get }
    }

    /// The limit with this name; `None` if there is none.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|limit| limit.name == name)
    }

    /// The value of this limit.
    #[must_use]
    pub fn of(self, mut limits: Limits) -> u64 {
        *(self.get)(&mut limits)
    }

    /// Sets the value of this limit.
    pub fn set(self, limits: &mut Limits, value: u64) {
        *(self.get)(limits) = value;
    }
}

/// A number of bytes or items as `usize`; the maximum if it does not fit.
#[must_use]
pub fn addressable(value: u64) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Limit, Limits};

    #[test]
    fn every_limit_has_its_own_name_and_field() {
        let zero = Limits {
            file_bytes: 0,
            functions: 0,
            function_bytes: 0,
            nesting: 0,
            branches: 0,
            function_values: 0,
            values: 0,
            entries: 0,
            compile_bytes: 0,
            compile_millis: 0,
            fuel: 0,
            call_millis: 0,
            memory_bytes: 0,
            table_elements: 0,
            instances: 0,
            result_bytes: 0,
            operations: 0,
            rounds: 0,
            reads: 0,
            read_bytes: 0,
        };
        for limit in Limit::ALL {
            let mut limits = zero;
            Limit::named(limit.name).unwrap().set(&mut limits, 7);
            let changed: Vec<&str> = Limit::ALL.iter().filter(|other| other.of(limits) == 7).map(|other| other.name).collect();
            assert_eq!(changed, [limit.name]);
        }
    }
}
