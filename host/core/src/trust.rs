//! Which phases may run: the operator's policy, and the decision for a phase and the signatures found.
//!
//! Reading order: [`Candidate`] (what was found), [`Signer`] and [`Unsigned`] (the result of checking it with a key),
//! [`Repository`] and [`Prefix`] (where a phase comes from, and where a rule applies), [`TrustPolicy`] (what the operator wrote),
//! [`Trusted`] and [`TrustRefusal`] (the decision).

mod candidate;
mod decision;
mod document;
mod place;
mod policy;
mod signer;
#[cfg(test)]
mod tests;

pub use candidate::Candidate;
pub use decision::{Grounds, Reason, TrustQuestion, TrustRefusal, Trusted};
pub use document::TrustPolicyDocument;
pub use place::{InvalidPlace, Prefix, Repository, TrustPlace};
pub use policy::{Demand, InvalidPolicy, KeyEntry, KeyText, PolicyOrigin, TrustPolicy, TrustRule};
pub use signer::{Signer, Unsigned};
