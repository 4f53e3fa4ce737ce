//! Admission: the requirements on a file before it is compiled.

use super::contract::{CONTRACTS, V0_2};
use super::source::ComponentBytes;
use super::structure::structure;
use super::{Digest, Vouched, wasi};
use kubephase_core::grant::{Allowance, Extras};
use kubephase_core::limits::Limits;
use kubephase_core::name::shortened;
use kubephase_core::structure::{Availability, Effort, FileEncoding, Structure};
use semver::Version;
use wasmparser::{Validator, WasmFeatures};

/// The packages of WASI 0.2 that a phase may import if it is allowed WASI at all.
const WASI_PACKAGES: &[&str] = &["cli", "clocks", "filesystem", "io", "random", "sockets"];

/// A component that may be compiled. Constructed only in this module.
pub struct Admitted {
    pub(super) bytes: ComponentBytes,
    digest: Digest,
    structure: Structure,
}

/// Why a file is not admitted.
#[derive(Debug, thiserror::Error)]
pub enum AdmissionError {
    /// It is too large to be parsed.
    #[error("the file has more than {0} bytes")]
    TooLarge(u64),
    /// It is not WebAssembly, or is invalid.
    #[error("it is not a valid WebAssembly component: {0}")]
    Invalid(String),
    /// It is a core module, not a component.
    #[error("it is a core WebAssembly module, not a component")]
    CoreModule,
    /// It imports something.
    #[error("it imports `{}`{}, but a phase may not import anything", shortened(name), and_others(*others))]
    Import {
        /// The name of the first import.
        name: String,
        /// The number of further imports.
        others: usize,
    },
    /// It imports WASI, and nothing else.
    #[error("it imports `{}`{}, but WASI is not allowed", shortened(name), and_others(*others))]
    Wasi {
        /// The name of the first import.
        name: String,
        /// The number of further imports.
        others: usize,
    },
    /// It may import WASI, but this build has none.
    #[error("it imports `{}`, but this build has no WASI", shortened(.0))]
    NoWasi(String),
    /// It nests code where only types are allowed.
    #[error("it has a nested component with {0} in it")]
    Nested(&'static str),
    /// It is not a phase.
    #[error("it does not export `kubephase:phase/phase`, so it is not a phase")]
    NotAPhase,
    /// It is a phase for a contract that is newer than all that this plugin knows.
    #[error("{}: update the plugin, or use a release of the phase for {}", unknown(.0), known())]
    NewerContract(Version),
    /// It is a phase for a contract that this plugin does not know, and that it is newer than.
    #[error("{}: use a newer release of the phase, for {}", unknown(.0), known())]
    OlderContract(Version),
    /// It has more functions than the limit.
    #[error("it has {found} functions, the limit is {limit}")]
    Functions {
        /// The number of functions.
        found: u64,
        /// The limit.
        limit: u64,
    },
    /// It is more work for the compiler than a limit allows.
    #[error("it has {what}: {found}, the limit is {limit}; change it with --limit {name}=…")]
    Effort {
        /// The quantity that is exceeded.
        what: &'static str,
        /// The measured value.
        found: u64,
        /// The limit.
        limit: u64,
        /// The name of the limit.
        name: &'static str,
    },
    /// It has a function larger than the limit.
    #[error("it has a function of {found} bytes, the limit is {limit}")]
    Function {
        /// The size of the function, bytes.
        found: u64,
        /// The limit, bytes.
        limit: u64,
    },
}

/// The parser's message, without the bytes it found.
fn invalid(error: wasmparser::BinaryReaderError) -> AdmissionError {
    let text = error.message().lines().next().unwrap_or_default();
    let text = text.split(" - ").next().unwrap_or_default();
    AdmissionError::Invalid(format!("{} (at offset {:#x})", shortened(text), error.offset()))
}

fn and_others(others: usize) -> String {
    if others == 0 { String::new() } else { format!(" and {others} more") }
}

/// What is wrong with a phase of this contract.
fn unknown(version: &Version) -> String {
    format!("it was built for contract {}, and this plugin knows {}", shortened(&version.to_string()), known())
}

fn known() -> String {
    CONTRACTS.join(" or ")
}

/// Why a phase is refused that speaks these versions of the contract, none of which this plugin knows.
fn unknown_contract(spoken: &[String]) -> AdmissionError {
    let parsed = |version: &str| Version::parse(version).ok();
    let newest = spoken.iter().filter_map(|version| parsed(version)).max();
    let ours = CONTRACTS.into_iter().filter_map(parsed).max();
    match newest {
        None => AdmissionError::NotAPhase,
        Some(version) if ours.is_some_and(|ours| version > ours) => AdmissionError::NewerContract(version),
        Some(version) => AdmissionError::OlderContract(version),
    }
}

impl Admitted {
    /// Admits bytes that the trust policy allows: a valid component within the limits that is a phase of a known contract,
    /// without any imports: no host function exists that a phase could call, so there is none in which a check could be
    /// forgotten. Only `extras` allow it to import WASI 0.2, which has nothing in it, or to nest components with code.
    ///
    /// # Errors
    /// [`AdmissionError`], with what was found.
    pub fn admit(vouched: Vouched, limits: Limits, extras: Extras) -> Result<Self, AdmissionError> {
        let Vouched { bytes, digest, .. } = vouched;
        if matches!(bytes, ComponentBytes::Embedded) {
            return Ok(Self::embedded(digest));
        }
        if bytes.len() as u64 > limits.file_bytes {
            return Err(AdmissionError::TooLarge(limits.file_bytes));
        }
        let structure = structure(&bytes);
        if structure.encoding == Some(FileEncoding::Module) {
            return Err(AdmissionError::CoreModule);
        }
        Validator::new_with_features(features()).validate_all(&bytes).map_err(invalid)?;
        check_imports(&structure.imports, extras.wasi)?;
        check_shape(&structure, limits, extras.nested)?;
        Ok(Self { bytes, digest, structure })
    }

    /// The official phase, which the build compiled. A test admits its bytes as those of a file.
    fn embedded(digest: Digest) -> Self {
        let structure = Structure { contracts: vec![V0_2.to_owned()], ..Structure::default() };
        Self { bytes: ComponentBytes::Embedded, digest, structure }
    }

    /// The digest of the component.
    #[must_use]
    pub const fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Whether it exports this version of the contract.
    pub(super) fn speaks(&self, version: &str) -> bool {
        self.structure.contracts.iter().any(|exported| exported == version)
    }

    /// The extras that the component uses, of those it was allowed.
    #[must_use]
    pub fn used(&self, allowed: Extras) -> Extras {
        let nested = if self.structure.nested.is_some() { allowed.nested } else { Allowance::Refused };
        Extras { wasi: self.wasi(), nested }
    }

    /// Whether the component imports WASI, which it was allowed to.
    pub(super) fn wasi(&self) -> Allowance {
        if self.structure.imports.is_empty() { Allowance::Refused } else { Allowance::Allowed }
    }
}

fn check_imports(imports: &[String], wasi: Allowance) -> Result<(), AdmissionError> {
    let name = |name: &String| (name.clone(), imports.len() - 1);
    if let Some((name, others)) = imports.iter().find(|import| !is_wasi(import)).map(name) {
        return Err(AdmissionError::Import { name, others });
    }
    match (imports.first().map(name), wasi, wasi::AVAILABILITY) {
        (None, _, _) | (Some(_), Allowance::Allowed, Availability::Included) => Ok(()),
        (Some((name, _)), Allowance::Allowed, Availability::LeftOut) => Err(AdmissionError::NoWasi(name)),
        (Some((name, others)), Allowance::Refused, _) => Err(AdmissionError::Wasi { name, others }),
    }
}

/// Whether an import is a WASI 0.2 interface that can be supplied empty.
fn is_wasi(import: &str) -> bool {
    let package = import.strip_prefix("wasi:").and_then(|rest| rest.split_once('/'));
    package.is_some_and(|(package, rest)| WASI_PACKAGES.contains(&package) && rest.contains("@0.2."))
}

fn check_shape(structure: &Structure, limits: Limits, nested: Allowance) -> Result<(), AdmissionError> {
    if let (Some(what), Allowance::Refused) = (structure.nested, nested) {
        return Err(AdmissionError::Nested(what));
    }
    if !structure.contracts.iter().any(|version| CONTRACTS.contains(&version.as_str())) {
        return Err(unknown_contract(&structure.contracts));
    }
    let Structure { functions: found, largest_function, .. } = *structure;
    if found > limits.functions {
        return Err(AdmissionError::Functions { found, limit: limits.functions });
    }
    if largest_function > limits.function_bytes {
        return Err(AdmissionError::Function { found: largest_function, limit: limits.function_bytes });
    }
    check_effort(structure.effort, limits)
}

/// A compiler's memory and time do not only grow with the size of a file: 24 KB can keep it busy for an hour.
fn check_effort(effort: Effort, limits: Limits) -> Result<(), AdmissionError> {
    let bounds = [
        ("blocks nested too deeply", effort.nesting, limits.nesting, "nesting"),
        ("a function with too many branches", effort.branches, limits.branches, "branches"),
        ("a function with too many branches and variables", effort.function_values, limits.function_values, "function-values"),
        ("too many branches and variables", effort.values, limits.values, "values"),
        ("too many types, exports, names and data", effort.entries, limits.entries, "entries"),
    ];
    let crossed = bounds.into_iter().find(|(_, found, limit, _)| found > limit);
    crossed.map_or(Ok(()), |(what, found, limit, name)| Err(AdmissionError::Effort { what, found, limit, name }))
}

/// The WebAssembly features of a component: those that compilers emit by default, and the component model. Each proposal left out
/// is code of the engine that a phase cannot reach.
fn features() -> WasmFeatures {
    WasmFeatures::MUTABLE_GLOBAL
        | WasmFeatures::SATURATING_FLOAT_TO_INT
        | WasmFeatures::SIGN_EXTENSION
        | WasmFeatures::REFERENCE_TYPES
        | WasmFeatures::MULTI_VALUE
        | WasmFeatures::BULK_MEMORY
        | WasmFeatures::FLOATS
        // Python's modules are linked at run time: their data and tables begin where others end.
        | WasmFeatures::EXTENDED_CONST
        // Only affects the encoding of references; the proposal itself stays off.
        | WasmFeatures::GC_TYPES
        | WasmFeatures::COMPONENT_MODEL
}
