//! From what was typed to a phase that can be asked: [`supply`] (where its bytes come from), [`vouch`] (who says that they may be run), and
//! [`load`] (admission, compilation, and who it says it is).

pub(crate) mod load;
pub(crate) mod supply;
pub(crate) mod vouch;
