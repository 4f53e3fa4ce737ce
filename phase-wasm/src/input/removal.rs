//! Which tokens are to be deleted.

use super::field::Field;
use super::{is_true, parameters};
use crate::abi::{Failure, Problem, Request};
use alloc::{borrow::ToOwned, format, string::String, vec::Vec};

/// What is to be deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// Ids of tokens, each once.
    pub ids: Vec<String>,
    /// What it means if one does not exist.
    pub absent: Absent,
}

/// What it means if something that is to be deleted does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// Nothing.
    Fine,
    /// Then nothing is deleted.
    Refused,
}

/// Reads and checks a request to delete tokens.
///
/// # Errors
/// [`Failure::InvalidInput`] for what is neither an id nor a token, and for no token at all.
pub fn read_removal(request: &Request) -> Result<Removal, Failure> {
    let mut problems = Vec::new();
    let parameters = parameters(request)?;
    let parameters = Field::root(&parameters);
    let mut ids: Vec<String> = Vec::new();
    let tokens = parameters.member("tokens").items(&mut problems);
    for (index, token) in tokens.iter().enumerate() {
        match token.member("id").value().as_str() {
            Some(id) if ids.iter().any(|other| other == id) => {}
            Some(id) => ids.push(id.to_owned()),
            None => {
                let path = if tokens.len() == 1 { String::new() } else { format!("argument {}", index + 1) };
                let message = r"given token didn't match pattern `\A([a-z0-9]{6})\.([a-z0-9]{16})\z` or `\A([a-z0-9]{6})\z`";
                problems.push(Problem { path, message: message.to_owned() });
            }
        }
    }
    if problems.is_empty() && ids.is_empty() {
        problems.push(parameters.member("tokens").problem("must name at least one token"));
    }
    let absent = if is_true(parameters.member("ignoreNotFound")) { Absent::Fine } else { Absent::Refused };
    if problems.is_empty() { Ok(Removal { ids, absent }) } else { Err(Failure::InvalidInput(problems)) }
}
