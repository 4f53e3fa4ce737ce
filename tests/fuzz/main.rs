//! The short run of the fuzz targets: the corpus, and then the same changes of it and the same random bytes each time. See `README.md`.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a broken test environment should fail loudly")]
#![expect(clippy::disallowed_methods, reason = "a test reads its corpus and its environment")]

pub mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// How many inputs are made besides the corpus, in each of two threads: one target takes as long as all others.
const INPUTS: usize = 3_000;
/// The longest random input, bytes.
const LONGEST: usize = 600;

#[test]
fn admission() {
    check("admission", targets::admission);
}

#[test]
fn certificates() {
    check("certificates", targets::certificates);
}

#[test]
fn grant() {
    check("grant", targets::grant);
}

#[test]
fn header() {
    check("header", targets::header);
}

#[test]
fn plan() {
    check("plan", targets::plan);
}

#[test]
fn reference() {
    check("reference", targets::reference);
}

#[test]
fn signatures() {
    check("signatures", targets::signatures);
}

#[test]
fn undo() {
    check("undo", targets::undo);
}

fn check(name: &str, target: fn(&[u8])) {
    let corpus = corpus(name);
    corpus.iter().for_each(|input| run(name, target, input));
    let made = |seed| {
        let mut random = Random(seed);
        for _ in 0..INPUTS {
            let input = if random.below(2) == 0 { random.bytes() } else { random.changed(&corpus) };
            run(name, target, &input);
        }
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(|| made(2_031));
        made(2_030);
        other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    });
}

/// Runs one input, and keeps it if it breaks a rule.
fn run(name: &str, target: fn(&[u8]), input: &[u8]) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| target(input))) {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{name}"));
        std::fs::write(&path, input).unwrap();
        // Printed where the test's own words are.
        std::panic::panic_any(format!("{}: {}", path.display(), words(panic.as_ref())));
    }
}

/// What a panic says.
fn words(panic: &dyn std::any::Any) -> &str {
    panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or_default()
}

/// The committed inputs, in the same order each time.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let package = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap());
    let entries = std::fs::read_dir(package.join("../tests/fuzz/corpus").join(name)).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "the corpus is there");
    paths.into_iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// The same numbers each time (Knuth's generator).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap()
    }

    fn bytes(&mut self) -> Vec<u8> {
        (0..self.below(LONGEST)).map(|_| self.byte()).collect()
    }

    /// An input of the corpus with some bytes of it changed, cut off or put in.
    fn changed(&mut self, corpus: &[Vec<u8>]) -> Vec<u8> {
        let mut input = corpus[self.below(corpus.len())].clone();
        for _ in 0..=self.below(4) {
            let at = self.below(input.len() + 1);
            match self.below(4) {
                0 => input.truncate(at),
                1 => input.insert(at, self.byte()),
                2 => input.extend(self.bytes()),
                _ => input.iter_mut().skip(at).take(1).for_each(|byte| *byte = self.byte()),
            }
        }
        input
    }
}
