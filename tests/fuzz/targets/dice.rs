//! From the fuzzer's bytes to choices.

use arbitrary::Unstructured;

/// Choices. When the bytes are used up, each is the first one, so that every input has an end.
pub(super) struct Dice<'a> {
    bytes: Unstructured<'a>,
    /// Whether choices may be what no honest phase says.
    is_odd: bool,
}

impl<'a> Dice<'a> {
    /// The first byte says how odd it gets: with too much oddness every input is refused at its first word.
    pub(super) fn new(data: &'a [u8]) -> Self {
        let mut dice = Self { bytes: Unstructured::new(data), is_odd: false };
        dice.is_odd = dice.is_one_in(4);
        dice
    }

    /// A number up to and including `most`.
    pub(super) fn number(&mut self, most: usize) -> usize {
        self.bytes.int_in_range(0..=most).unwrap_or_default()
    }

    /// True for one of so many; never when the bytes are used up.
    pub(super) fn is_one_in(&mut self, many: usize) -> bool {
        self.number(many - 1) + 1 == many
    }

    /// One of these.
    pub(super) fn pick<T: Clone>(&mut self, choices: &[T]) -> T {
        self.bytes.choose(choices).cloned().unwrap()
    }

    /// One of the first, and in odd inputs now and then one of the second.
    pub(super) fn pick_odd<T: Clone>(&mut self, usual: &[T], odd: &[T]) -> T {
        if self.is_odd && self.is_one_in(30) { self.pick(odd) } else { self.pick(usual) }
    }

    /// Up to `most` of what is made.
    pub(super) fn some<T>(&mut self, most: usize, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.number(most)).map(|_| make(self)).collect()
    }

    /// Bytes that the fuzzer chose itself, no more than `most`.
    pub(super) fn bytes(&mut self, most: usize) -> Vec<u8> {
        let length = self.number(most).min(self.bytes.len());
        self.bytes.bytes(length).unwrap().to_vec()
    }

    /// All bytes that are left.
    pub(super) fn rest(&mut self) -> Vec<u8> {
        let length = self.bytes.len();
        self.bytes.bytes(length).unwrap().to_vec()
    }
}
