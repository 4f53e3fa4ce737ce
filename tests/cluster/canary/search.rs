//! Where canaries are in what was heard: as they are, in base64 and in hexadecimal digits, whatever is around them.

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, STANDARD_NO_PAD};
use memchr::memmem;
use std::collections::BTreeSet;

/// What must not be where the list does not name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Canary {
    /// A name that only this field of the phase says.
    Name(String),
    /// A secret of the host: `given`, `drawn`, `seen`, `opaque` or `certificate`.
    Secret(&'static str),
}

/// The characters that drawn secrets are made of: a dozen of them in a row is one, and nothing else is.
pub(super) const DRAWN: &str = "QXZJKVWY";
const DRAWN_RUN: usize = 12;
/// The shortest run of digits that is looked into.
const RUN: usize = 12;
/// How many digits tell the names of a song apart.
const NUMBER: usize = 2;

/// The canaries of a song.
#[derive(Debug, Clone)]
pub(super) struct Canaries {
    /// What all its names start with.
    pub(super) start: String,
    /// The field of each name, by its number.
    pub(super) fields: Vec<String>,
    /// The secrets, but for what is drawn: kind and value, of visible ASCII.
    pub(super) secrets: Vec<(&'static str, String)>,
}

impl Canaries {
    /// The name of this number.
    pub(super) fn name(&self, number: usize) -> String {
        format!("{}{number:02}", self.start)
    }

    /// Those that are in something.
    pub(super) fn within(&self, bytes: &[u8]) -> BTreeSet<Canary> {
        let mut found = BTreeSet::new();
        self.look(bytes, &mut found);
        for once in decoded(bytes) {
            self.look(&once, &mut found);
            decoded(&once).iter().for_each(|twice| self.look(twice, &mut found));
        }
        found
    }

    fn look(&self, bytes: &[u8], found: &mut BTreeSet<Canary>) {
        let lower = bytes.to_ascii_lowercase();
        for at in memmem::find_iter(&lower, &self.start) {
            let rest = &lower[at + self.start.len()..];
            let number = rest.get(..NUMBER).and_then(|digits| std::str::from_utf8(digits).ok()?.parse::<usize>().ok());
            let field = number.and_then(|number| self.fields.get(number).cloned());
            found.insert(Canary::Name(field.unwrap_or_else(|| "a part of a name".to_owned())));
        }
        for (kind, value) in &self.secrets {
            // Half of it is enough.
            let (first, second) = value.split_at(value.len() / 2);
            if [first, second].iter().any(|half| memmem::find(&lower, half.as_bytes()).is_some()) {
                found.insert(Canary::Secret(kind));
            }
        }
        let upper = bytes.iter().map(u8::to_ascii_uppercase).collect::<Vec<_>>();
        // Code has runs of one character.
        let is_drawn = |run: &[u8]| run.len() >= DRAWN_RUN && run.iter().collect::<BTreeSet<_>>().len() > DRAWN.len() / 2;
        if upper.split(|byte| !DRAWN.as_bytes().contains(byte)).any(is_drawn) {
            found.insert(Canary::Secret("drawn"));
        }
    }
}

/// What runs of digits stand for, wherever in them it starts.
fn decoded(bytes: &[u8]) -> Vec<Vec<u8>> {
    let digits: &GeneralPurpose = &STANDARD_NO_PAD;
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    let runs = bytes.split(|byte| !is_digit(byte)).filter(|run| run.len() >= RUN);
    let mut decoded = Vec::new();
    for run in runs {
        let run: Vec<u8> = run
            .iter()
            .map(|byte| {
                if *byte == b'-' {
                    b'+'
                } else if *byte == b'_' {
                    b'/'
                } else {
                    *byte
                }
            })
            .collect();
        for start in 0..4 {
            let rest = &run[start..];
            // One digit alone is no byte.
            let rest = if rest.len() % 4 == 1 { &rest[..rest.len() - 1] } else { rest };
            // The last digit may have bits that belong to nothing.
            let whole = &rest[..rest.len() - rest.len() % 4];
            decoded.extend(digits.decode(rest).or_else(|_| digits.decode(whole)));
        }
        if run.iter().all(u8::is_ascii_hexdigit) {
            for start in 0..2 {
                let pairs = run[start..].chunks_exact(2);
                decoded.push(pairs.filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect());
            }
        }
    }
    decoded
}

/// A canary is found in whatever it is put, and nothing where there is none.
pub(super) fn finds_what_it_should() {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    let canaries = Canaries {
        start: "canary-00ff00ff-".to_owned(),
        fields: vec!["a".to_owned(), "b".to_owned()],
        secrets: vec![("given", "0a1b2c3d4e5f6g7h".to_owned())],
    };
    let name = BTreeSet::from([Canary::Name("b".to_owned())]);
    let given = BTreeSet::from([Canary::Secret("given")]);
    for (text, expected) in [
        (canaries.name(1), &name),
        ("0a1b2c3d4e5f6g7h".to_owned(), &given),
        ("0A1B2C3D.example".to_owned(), &given),
        ("QXZJKVWYQXZJKVWY".to_owned(), &BTreeSet::from([Canary::Secret("drawn")])),
        ("0123456789abcdef canary qxzjkvwy xxxxxxxxxxxxxxxx".to_owned(), &BTreeSet::new()),
    ] {
        for around in ["", "x", "xy", "xyz"] {
            let whole = format!("{around}{}{text}{around}", if around.is_empty() { "" } else { " " });
            let hex: String = whole.bytes().map(|byte| format!("{byte:02x}")).collect();
            let twice = STANDARD.encode(format!("{{\"a\":\"{}\"}}", STANDARD.encode(&whole)));
            for form in [whole.clone(), STANDARD.encode(&whole), URL_SAFE_NO_PAD.encode(&whole), hex, twice] {
                assert_eq!(&canaries.within(format!("… {form} …").as_bytes()), expected, "{form}");
            }
        }
    }
}
