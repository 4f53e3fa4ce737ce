//! Certificates of a PEM text, parsed once: the pinned ones are those that TLS and other readers receive.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use sha2::{Digest as _, Sha256};
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// The end of the first and the last line of a certificate block, whatever precedes it.
const MARK: &str = "CERTIFICATE-----";
/// The number of base64 characters per line (RFC 7468 §2).
const COLUMNS: usize = 64;

/// The certificates of a PEM text: a certificate authority, or certificates that one issued. TLS receives them as
/// [`Certificates::der`]; the text is never parsed a second time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Certificates {
    certificates: Vec<Certificate>,
    text: String,
    flaw: Option<CertificateFlaw>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Certificate {
    der: Vec<u8>,
    pin: String,
}

/// A part of a text that could not be parsed: another reader might find a certificate in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateFlaw {
    /// A PEM block is malformed.
    #[error("a block in it is not PEM")]
    Block,
    /// The content of a block is not a certificate.
    #[error("a block in it is not an X.509 certificate")]
    Certificate,
    /// A line looks like a block's marker, but has other text before, behind or in it.
    #[error("`CERTIFICATE-----` appears outside the start or end of a block")]
    Mark,
    /// A line end that only some readers recognize.
    #[error("it contains a carriage return without a line feed")]
    Return,
}

impl Certificates {
    /// Parses a text. Other blocks, including private keys, and text between blocks are left out. Like in kubectl, an unreadable
    /// certificate is left out too, and reported as the [`Certificates::flaw`].
    #[must_use]
    pub fn read(pem: &[u8]) -> Self {
        let mut read = Self::default();
        for block in CertificateDer::pem_slice_iter(pem) {
            match block.map_err(|_| CertificateFlaw::Block).and_then(|der| Certificate::of(&der)) {
                Ok(certificate) => read.certificates.push(certificate),
                Err(flaw) => read.flaw = Some(flaw),
            }
        }
        let text = String::from_utf8_lossy(pem);
        if read.flaw.is_none() && text.matches(MARK).count() != 2 * read.certificates.len() {
            read.flaw = Some(CertificateFlaw::Mark);
        }
        if read.flaw.is_none() && text.matches('\r').count() != text.matches("\r\n").count() {
            read.flaw = Some(CertificateFlaw::Return);
        }
        let without_space = |text: &str| text.split_ascii_whitespace().collect::<String>();
        let canonical = read.canonical();
        let is_all = without_space(&text) == without_space(&canonical);
        read.text = if is_all && read.flaw.is_none() && !read.certificates.is_empty() { text.into_owned() } else { canonical };
        read
    }

    /// The part that could not be parsed; `None` if everything was.
    #[must_use]
    pub const fn flaw(&self) -> Option<&CertificateFlaw> {
        self.flaw.as_ref()
    }

    /// Whether there are no certificates.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.certificates.is_empty()
    }

    /// `sha256:<hex>` of the SubjectPublicKeyInfo of each certificate, as in `kubeadm join --discovery-token-ca-cert-hash` (RFC
    /// 7469 §2.4; kubeadm's `app/util/pubkeypin`).
    #[must_use]
    pub fn pins(&self) -> Vec<String> {
        self.certificates.iter().map(|certificate| certificate.pin.clone()).collect()
    }

    /// Each certificate in DER.
    #[must_use]
    pub fn der(&self) -> Vec<Vec<u8>> {
        self.certificates.iter().map(|certificate| certificate.der.clone()).collect()
    }

    /// The text for other readers: the original if it contains nothing but these certificates, which is what kubeadm copies into
    /// cluster-info; otherwise [`Certificates::canonical`].
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The certificates alone, encoded again.
    #[must_use]
    pub fn canonical(&self) -> String {
        let block = |certificate: &Certificate| {
            let body = STANDARD.encode(&certificate.der);
            let lines: String =
                body.as_bytes().chunks(COLUMNS).map(|line| format!("{}\n", String::from_utf8_lossy(line))).collect();
            format!("-----BEGIN CERTIFICATE-----\n{lines}-----END CERTIFICATE-----\n")
        };
        self.certificates.iter().map(block).collect()
    }

    /// The subject of each certificate.
    #[must_use]
    pub fn subjects(&self) -> Vec<String> {
        self.parsed().map(|certificate| certificate.subject().to_string()).collect()
    }

    /// The end of each validity period, seconds since 1970.
    #[must_use]
    pub fn expirations(&self) -> Vec<i64> {
        self.parsed().map(|certificate| certificate.validity().not_after.timestamp()).collect()
    }

    /// The start of each validity period, seconds since 1970.
    #[must_use]
    pub fn beginnings(&self) -> Vec<i64> {
        self.parsed().map(|certificate| certificate.validity().not_before.timestamp()).collect()
    }

    fn parsed(&self) -> impl Iterator<Item = X509Certificate<'_>> {
        self.certificates.iter().filter_map(|certificate| Some(X509Certificate::from_der(&certificate.der).ok()?.1))
    }

    /// The first certificate, parsed.
    #[must_use]
    pub fn first(&self) -> Option<X509Certificate<'_>> {
        let first = self.certificates.first()?;
        X509Certificate::from_der(&first.der).ok().map(|(_, certificate)| certificate)
    }
}

impl Certificate {
    /// A certificate that TLS accepts and whose key a second parser finds to be the same.
    fn of(der: &CertificateDer<'_>) -> Result<Self, CertificateFlaw> {
        let mut store = RootCertStore::empty();
        store.add(der.clone()).map_err(|_| CertificateFlaw::Certificate)?;
        let (rest, certificate) = X509Certificate::from_der(der).map_err(|_| CertificateFlaw::Certificate)?;
        let key = certificate.public_key().raw;
        let is_same = |trusted: &[u8]| key.strip_suffix(trusted).is_some_and(|head| matches!(head.len(), 2..=5));
        if !rest.is_empty() || !store.roots.iter().all(|root| is_same(&root.subject_public_key_info)) {
            return Err(CertificateFlaw::Certificate);
        }
        let hex: String = Sha256::digest(key).iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { der: der.to_vec(), pin: format!("sha256:{hex}") })
    }
}

#[cfg(test)]
mod tests {
    use super::{CertificateFlaw, Certificates};

    fn authority() -> String {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut authority = rcgen::CertificateParams::default();
        authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        // As openssl and kubeadm write it.
        authority.self_signed(&key).unwrap().pem().replace("\r\n", "\n")
    }

    /// The real authority and a second one, spelled so that only some readers find it: either it has a pin, or the text has a
    /// flaw, and TLS receives it only if it has a pin.
    #[test]
    fn nothing_is_trusted_that_has_no_pin() {
        let (real, other) = (authority(), authority());
        let pins = Certificates::read(real.as_bytes()).pins();
        let body = other.lines().nth(1).unwrap();
        for (name, spelled) in [
            ("blank", format!(" {other}")),
            ("tab", format!("\t{other}")),
            ("return", format!("#\r{other}")),
            ("text", format!("x{other}")),
            ("indented", other.lines().map(|line| format!("  {line}\n")).collect()),
            ("header", other.replace("CERTIFICATE-----\nMI", "CERTIFICATE-----\nA: b\n\nMI")),
            ("proc-type", other.replace("CERTIFICATE-----\nMI", "CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\n\nMI")),
            ("trusted", other.replace("CERTIFICATE", "TRUSTED CERTIFICATE")),
            ("x509", other.replace("CERTIFICATE", "X509 CERTIFICATE")),
            ("two in a line", other.replacen("-----BEGIN", "-----END X----------BEGIN", 1)),
            ("nul", other.replace("-----BEGIN", "\0-----BEGIN")),
            ("nul in it", other.replace(body, &format!("{body}\0"))),
            ("two blanks", other.replace("BEGIN CERT", "BEGIN  CERT")),
            ("unterminated", other.split("-----END").next().unwrap().to_owned()),
            ("not base64", other.replace(body, &format!("{body}!"))),
            ("not a certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_owned()),
            ("begun twice", format!("-----BEGIN CERTIFICATE-----\n{other}")),
            (
                "garbage behind",
                other.replace("-----END CERTIFICATE-----\n", "-----END CERTIFICATE-----x-----BEGIN CERTIFICATE-----\n"),
            ),
        ] {
            for text in [format!("{real}{spelled}"), format!("{spelled}\n{real}"), format!("{}{spelled}", real.trim_end())] {
                let read = Certificates::read(text.as_bytes());
                assert!(read.flaw().is_some(), "{name}: {read:?}");
                assert_eq!(read.der().len(), read.pins().len());
                assert!(!read.text().contains(" CERTIFICATE-----\nA") && !read.text().contains('!'), "{name}");
                assert_eq!(Certificates::read(read.text().as_bytes()).der(), read.der(), "{name}");
            }
        }
        assert_eq!(pins.len(), 1);
    }

    #[test]
    fn ordinary_bundles_are_read_and_handed_on() {
        let (one, two) = (authority(), authority());
        let key = rcgen::KeyPair::generate().unwrap().serialize_pem();
        let pin = |text: &str| Certificates::read(text.as_bytes()).pins();
        let both = [pin(&one), pin(&two)].concat();
        for (text, is_kept) in [
            (format!("{one}{two}"), true),
            (format!("{one}\n\n{two}").trim_end().to_owned(), true),
            (format!("{one}{two}").replace('\n', "\r\n"), true),
            (format!("# the old one\n{one}# Issuer: CN = kubernetes\n{two}"), false),
            (format!("{one}{key}{two}"), false),
            (format!("{key}{one}{two}"), false),
        ] {
            let read = Certificates::read(text.as_bytes());
            assert_eq!((read.pins(), read.flaw()), (both.clone(), None), "{text}");
            let expected = if is_kept { text } else { format!("{one}{two}") };
            assert_eq!(read.text(), expected);
        }
        let none = Certificates::read(key.as_bytes());
        assert!(none.is_empty() && none.text().is_empty() && none.flaw().is_none());
        assert_eq!(Certificates::read(b"-----BEGIN CERTIFICATE-----\n").flaw(), Some(&CertificateFlaw::Block));
    }
}
