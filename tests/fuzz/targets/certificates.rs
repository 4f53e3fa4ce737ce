//! Authorities: what is pinned is what TLS trusts and what others are given.

use super::admission::mutated;
use super::dice::Dice;
use kubectl_bootstrap_token::cluster::certificates::Certificates;
use ring::digest::{SHA256, digest};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use x509_parser::prelude::Pem;

const KEY: &str =
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";
const ONE: &str = include_str!("certificates/one.pem");
const TWO: &str = include_str!("certificates/two.pem");

/// Makes a bundle of the bytes: pieces of good ones, odd ones among them, and bytes changed in it. Whatever it is:
///
/// * nothing panics;
/// * the pins are those of the keys that TLS trusts with what it is given, one each;
/// * what others are given has the same certificates in it and no other block;
/// * other readers find no certificate in the text that is not among these, or a flaw is told.
pub fn certificates(data: &[u8]) {
    let mut dice = Dice::new(data);
    let text = match dice.number(3) {
        0 => dice.rest(),
        1 => bundle(&mut dice).into_bytes(),
        _ => {
            let bundle = bundle(&mut dice);
            mutated(&mut dice, bundle.into_bytes())
        }
    };
    let read = Certificates::read(&text);
    assert_eq!(read.pins(), trusted(&read.der()), "pins and what TLS trusts");
    for given in [read.text(), &read.canonical()] {
        let again = Certificates::read(given.as_bytes());
        assert_eq!((again.der(), again.flaw()), (read.der(), None), "what others are given");
        assert_eq!(given.matches("-----BEGIN ").count(), read.der().len(), "no other block");
        assert!(!given.contains("PRIVATE"));
    }
    if read.flaw().is_none() {
        let ours = read.der();
        let others = by_lines(&text).into_iter().chain(by_marks(&text));
        others.for_each(|other| assert!(ours.contains(&other), "another reader finds more"));
    }
}

fn bundle(dice: &mut Dice<'_>) -> String {
    let pieces = dice.some(6, |dice| {
        let usual = [ONE, TWO, KEY, "# a remark\n", "\n"];
        let header = "-----BEGIN CERTIFICATE-----\nA: b\n\nAAAA\n-----END CERTIFICATE-----\n";
        let odd = [
            " ",
            "\t",
            "x",
            "\r",
            "\0",
            "-----BEGIN CERTIFICATE-----\n",
            "-----END CERTIFICATE-----",
            "-----BEGIN TRUSTED CERTIFICATE-----\n",
            header,
        ];
        let piece = if dice.is_one_in(3) { dice.pick(&odd) } else { dice.pick(&usual) };
        match dice.number(5) {
            0 => piece.trim_end().to_owned(),
            1 => piece.replace('\n', "\r\n"),
            2 => piece.replace("CERTIFICATE", "X509 CERTIFICATE"),
            _ => piece.to_owned(),
        }
    });
    pieces.concat()
}

/// The pins of what TLS trusts.
fn trusted(der: &[Vec<u8>]) -> Vec<String> {
    let mut store = RootCertStore::empty();
    der.iter().for_each(|der| store.add(CertificateDer::from(der.as_slice())).unwrap());
    let pin = |key: &[u8]| {
        // The key as it stands in the certificate, which has a tag and a length before it (X.690 §8.1).
        let head = match key.len() {
            length @ 0..128 => vec![0x30, u8::try_from(length).unwrap()],
            length @ 128..256 => vec![0x30, 0x81, u8::try_from(length).unwrap()],
            length => [&[0x30, 0x82], u16::try_from(length).unwrap().to_be_bytes().as_slice()].concat(),
        };
        let hex = digest(&SHA256, &[&head, key].concat()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        format!("sha256:{hex}")
    };
    store.roots.iter().map(|root| pin(&root.subject_public_key_info)).collect()
}

/// What a parser of PEM finds that looks at the beginnings of lines.
fn by_lines(text: &[u8]) -> Vec<Vec<u8>> {
    let blocks = Pem::iter_from_buffer(text).filter_map(Result::ok);
    blocks.filter(|block| block.label == "CERTIFICATE").map(|block| block.contents).collect()
}

/// What one finds that looks for `-----BEGIN` wherever it stands: the one that kube uses.
fn by_marks(text: &[u8]) -> Vec<Vec<u8>> {
    let blocks = pem::parse_many(text).unwrap_or_default().into_iter();
    blocks.filter(|block| block.tag() == "CERTIFICATE").map(pem::Pem::into_contents).collect()
}
