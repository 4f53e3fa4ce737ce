//! The tokens that a command names.

use super::field::Field;
use crate::abi::Problem;
use alloc::{borrow::ToOwned, format, string::String, vec::Vec};

/// The ids under `tokens`, each once. An argument that is neither an id nor a token is a problem, and so is none at all.
pub(crate) fn read_ids(parameters: Field<'_>, problems: &mut Vec<Problem>) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    let before = problems.len();
    let tokens = parameters.member("tokens").items(problems);
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
    if problems.len() == before && ids.is_empty() {
        problems.push(parameters.member("tokens").problem("must name at least one token"));
    }
    ids
}
