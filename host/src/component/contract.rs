//! The versions of the contract that this host speaks.

/// The version in `wit/0.1.0`.
pub(super) const V0_1: &str = "0.1.0";

/// The version in `wit/0.2.0`.
pub(super) const V0_2: &str = "0.2.0";

/// All of them, the newest first. `abi` must have as many adapters.
pub const CONTRACTS: [&str; 2] = [V0_2, V0_1];
