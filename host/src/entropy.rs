//! Generates the random strings that a phase requests.

use kubephase_core::question::{Drawn, RandomRequest, RandomValue, Visibility};
use kubephase_core::secret::{SecretOrigin, Secrets};
use sha2::{Digest as _, Sha256};
use std::cell::Cell;
use zeroize::Zeroizing;

/// The source of random bytes failed.
#[derive(Debug, thiserror::Error)]
#[error("cannot get random numbers from the operating system: {0}")]
pub struct EntropyError(String);

/// Fills a buffer with random bytes.
pub type RandomSource<'a> = &'a dyn Fn(&mut [u8]) -> Result<(), EntropyError>;

/// The operating system's generator.
///
/// # Errors
/// [`EntropyError`] if it fails.
pub fn system(buffer: &mut [u8]) -> Result<(), EntropyError> {
    getrandom::fill(buffer).map_err(|error| EntropyError(error.to_string()))
}

/// Bytes derived from a seed, for values that are not secret and must be reproducible: the token ids of a plan.
pub fn seeded(seed: &[u8]) -> impl Fn(&mut [u8]) -> Result<(), EntropyError> {
    let block = Cell::new(0_u64);
    move |buffer| {
        for chunk in buffer.chunks_mut(32) {
            let number = block.replace(block.get() + 1);
            let bytes = Sha256::new().chain_update(seed).chain_update(number.to_be_bytes()).finalize();
            chunk.iter_mut().zip(bytes).for_each(|(slot, byte)| *slot = byte);
        }
        Ok(())
    }
}

/// Generates a string, each character with equal probability, and hides it if the phase may not see it.
///
/// # Errors
/// [`EntropyError`] if the source fails.
pub fn draw(request: &RandomRequest, source: RandomSource<'_>, secrets: &mut Secrets) -> Result<RandomValue, EntropyError> {
    let text = text(&request.alphabet, request.length, source)?;
    let value = match request.visibility {
        Visibility::Clear => Drawn::Clear(text.to_string()),
        Visibility::Hidden => Drawn::Hidden(secrets.hide(text.as_bytes(), SecretOrigin::Drawn)),
    };
    Ok(RandomValue { name: request.name.clone(), value })
}

/// Generates a text of `length` characters, each with equal probability.
///
/// # Errors
/// [`EntropyError`] if the source fails.
pub fn text(alphabet: &[char], length: usize, source: RandomSource<'_>) -> Result<Zeroizing<String>, EntropyError> {
    let mut text = Zeroizing::new(String::with_capacity(length * 4));
    // Bytes at or above the largest multiple of the alphabet's size would make its first characters more likely.
    let size = alphabet.len().clamp(1, 256);
    let limit = 256 - 256 % size;
    let mut drawn = 0;
    while drawn < length {
        let mut bytes = Zeroizing::new([0_u8; 64]);
        source(&mut *bytes)?;
        for byte in bytes.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < limit) {
            if drawn < length
                && let Some(character) = alphabet.get(byte % size)
            {
                text.push(*character);
                drawn += 1;
            }
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::draw;
    use kubephase_core::question::{Drawn, RandomRequest, Visibility};
    use kubephase_core::secret::Secrets;

    fn request(alphabet: &str, length: usize) -> RandomRequest {
        RandomRequest { name: "a".to_owned(), alphabet: alphabet.chars().collect(), length, visibility: Visibility::Clear }
    }

    #[test]
    fn every_character_has_the_same_chance() {
        // Bytes 0 to 255 four times over are 1,024 values; with 36 characters, 4 of 256 bytes must be discarded.
        let source = |buffer: &mut [u8]| {
            static NEXT: std::sync::atomic::AtomicU8 = std::sync::atomic::AtomicU8::new(0);
            buffer.fill_with(|| NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
            Ok(())
        };
        let alphabet = "0123456789abcdefghijklmnopqrstuvwxyz";
        let Ok(value) = draw(&request(alphabet, 252 * 4), &source, &mut Secrets::default()) else { panic!("no draw") };
        let Drawn::Clear(text) = value.value else { panic!("hidden") };
        for character in alphabet.chars() {
            assert_eq!(text.matches(character).count(), 28, "{character}");
        }
    }

    #[test]
    fn hidden_strings_are_handles() {
        let mut secrets = Secrets::default();
        let request = RandomRequest { visibility: Visibility::Hidden, ..request("ab", 16) };
        let Ok(value) = draw(&request, &super::system, &mut secrets) else { panic!("no draw") };
        let Drawn::Hidden(id) = value.value else { panic!("in clear") };
        assert_eq!(secrets.resolve(&id).map(<[u8]>::len), Some(16));
    }
}
