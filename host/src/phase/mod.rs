//! From a phase argument to a phase that can be asked: `supply` (where its bytes come from), `vouch` (whether the trust
//! policy allows it), and `load` (admission, compilation and description).

pub(crate) mod load;
mod supplied;
pub(crate) mod supply;
pub(crate) mod vouch;
