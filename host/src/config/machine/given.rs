//! The join in user data: what a machine runs, or the one configuration that it is given.

use super::super::error::{CheckError, MachineError};
use super::files::Files;
use super::line::{Parsed, parse_words};
use super::user_data::GivenToMachine;
use super::{join_configuration, shell};
use kubephase_core::bootstrap_token::Token;
use zeroize::Zeroizing;

/// The join in user data.
///
/// # Errors
/// [`CheckError`] if there is none or more than one, and for what kubeadm refuses.
pub fn of_user_data(bytes: &[u8]) -> Result<Parsed, CheckError> {
    let mut given = GivenToMachine::default();
    given.add(bytes, 0)?;
    given.join()
}

impl Files for GivenToMachine {
    fn read(&self, flag: &'static str, path: &str) -> Result<Zeroizing<String>, CheckError> {
        let found = self.files.get(path).and_then(|bytes| std::str::from_utf8(bytes).ok());
        found.map(|text| Zeroizing::new(text.to_owned())).ok_or_else(|| MachineError::NoFile { flag, path: shown(path) }.into())
    }
}

/// A path for a message: it may be a token in the wrong place.
fn shown(path: &str) -> String {
    if Token::parse(path).is_some() { "…".to_owned() } else { path.to_owned() }
}

impl GivenToMachine {
    /// The one join in it: of its commands, and if none of these joins, of a configuration that it writes.
    fn join(&self) -> Result<Parsed, CheckError> {
        let texts = self.files.values().filter_map(|bytes| std::str::from_utf8(bytes).ok());
        let scripts = texts.clone().filter(|text| text.starts_with("#!")).chain(self.scripts.iter().map(|text| text.as_str()));
        let mut found: Vec<Parsed> = Vec::new();
        for words in scripts.flat_map(shell::joins) {
            found.push(parse_words(&words, self)?);
        }
        if found.is_empty() {
            for text in texts {
                found.extend(join_configuration::read(text)?.map(|join| (join, Vec::new())));
            }
        }
        let (mut found, mut different) = (found.into_iter(), Vec::new());
        let first = found.next().ok_or(MachineError::NoJoin)?;
        different.extend(found.filter(|(join, _)| *join != first.0).map(|(join, _)| join.endpoint.to_string()));
        if different.is_empty() {
            return Ok(first);
        }
        different.insert(0, first.0.endpoint.to_string());
        Err(MachineError::Several(different).into())
    }
}

#[cfg(test)]
mod tests;
