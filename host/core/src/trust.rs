//! Whose phases are run: the operator's policy, and what follows from it for a phase and the signatures that were found.
//!
//! Reading order: [`Candidate`] (what was found), [`Signer`] and [`Unsigned`] (what a key says of it), [`Repository`] and [`Prefix`] (where
//! a phase comes from, and for which of these a rule is), [`TrustPolicy`] (what the operator wrote), [`Trusted`] and [`Refusal`] (what
//! follows).

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
