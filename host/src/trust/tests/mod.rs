//! What is a signature, and what is none.

mod hostile;
mod keys;
mod made;
mod real;
