//! Valid and invalid signatures.

mod hostile;
mod keys;
mod made;
mod real;
