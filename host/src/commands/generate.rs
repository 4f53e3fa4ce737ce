//! `generate`: prints a token without storing it.

use crate::entropy;
use crate::errors::Error;
use crate::render::terminal::Printer;
use kubephase_core::outcome::Outcome;
use zeroize::Zeroizing;

/// The characters of tokens (`cluster-bootstrap/token/util`).
const ALPHABET: &str = "0123456789abcdefghijklmnopqrstuvwxyz";

/// Prints a new token.
///
/// # Errors
/// [`Error`] if the operating system provides no random numbers.
pub(super) fn generate(printer: &Printer<'_>) -> Result<Outcome, Error> {
    let alphabet: Vec<char> = ALPHABET.chars().collect();
    let [id, secret] = [6, 16].map(|length| entropy::text(&alphabet, length, &entropy::system));
    printer.line(&Zeroizing::new(format!("{}.{}", *id?, *secret?)))?;
    Ok(Outcome::Done)
}
