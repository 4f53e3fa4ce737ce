//! Who has a certificate here, of whatever shape.

use crate::recorder::Identity;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, SigningKey as _, date_time_ymd};
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// A certificate that can issue others, and its key.
pub(super) struct Peer {
    pub(super) parameters: CertificateParams,
    pub(super) key: KeyPair,
    pub(super) der: Vec<u8>,
}

impl Peer {
    fn of(change: impl FnOnce(&mut CertificateParams)) -> CertificateParams {
        let mut parameters = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        parameters.distinguished_name = rcgen::DistinguishedName::new();
        parameters.distinguished_name.push(DnType::CommonName, "kubernetes");
        change(&mut parameters);
        parameters
    }

    pub(super) fn itself(change: impl FnOnce(&mut CertificateParams)) -> Self {
        let (parameters, key) = (Self::of(change), KeyPair::generate().unwrap());
        let der = parameters.self_signed(&key).unwrap().der().to_vec();
        Self { parameters, key, der }
    }

    pub(super) fn by(issuer: &Self, key: KeyPair, change: impl FnOnce(&mut CertificateParams)) -> Self {
        let parameters = Self::of(|parameters| {
            named(parameters, "kube-apiserver");
            change(parameters);
        });
        let der = parameters.signed_by(&key, &Issuer::from_params(&issuer.parameters, &issuer.key)).unwrap().der().to_vec();
        Self { parameters, key, der }
    }

    pub(super) fn leaf(issuer: &Self, change: impl FnOnce(&mut CertificateParams)) -> Self {
        Self::by(issuer, KeyPair::generate().unwrap(), change)
    }

    /// The same as a certificate of version 1, which has no extensions (RFC 5280 §4.1.2.1).
    pub(super) fn of_version_1(self, issuer: &KeyPair) -> Self {
        let der = version_1(&self.der, issuer);
        Self { der, ..self }
    }

    pub(super) fn pem(&self) -> String {
        pem::encode(&pem::Pem::new("CERTIFICATE", self.der.clone()))
    }

    pub(super) fn served(&self, others: &[&Self]) -> Identity {
        let chain = std::iter::once(self).chain(others.iter().copied()).map(|peer| peer.der.clone()).collect();
        Identity { chain, key: self.key.serialize_der() }
    }
}

pub(super) fn named(parameters: &mut CertificateParams, name: &str) {
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, name);
}

pub(super) fn is_authority(parameters: &mut CertificateParams) {
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
}

pub(super) fn is_over(parameters: &mut CertificateParams) {
    (parameters.not_before, parameters.not_after) = (date_time_ymd(2019, 1, 1), date_time_ymd(2020, 1, 1));
}

pub(super) fn version_1(der: &[u8], issuer: &KeyPair) -> Vec<u8> {
    let tagged = |tag: u8, content: &[u8]| match content.len() {
        length @ 0..0x80 => [&[tag, length as u8], content].concat(),
        length @ 0x80..0x100 => [&[tag, 0x81, length as u8], content].concat(),
        length => [&[tag, 0x82, (length >> 8) as u8, length as u8], content].concat(),
    };
    let (_, certificate) = X509Certificate::from_der(der).unwrap();
    let ecdsa_with_sha256 = [0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
    let validity = tagged(0x30, &[tagged(0x17, b"200101000000Z"), tagged(0x17, b"400101000000Z")].concat());
    let body = tagged(
        0x30,
        &[
            &tagged(2, certificate.raw_serial()),
            &ecdsa_with_sha256[..],
            certificate.issuer().as_raw(),
            &validity,
            certificate.subject().as_raw(),
            certificate.public_key().raw,
        ]
        .concat(),
    );
    let signature = issuer.sign(&body).unwrap();
    tagged(0x30, &[&body[..], &ecdsa_with_sha256, &tagged(3, &[&[0], &signature[..]].concat())].concat())
}

/// Names or addresses in place of those that were there.
pub(super) fn is_for(name: &str) -> impl FnOnce(&mut CertificateParams) {
    let names = CertificateParams::new(vec![name.to_owned()]).unwrap().subject_alt_names;
    |parameters| parameters.subject_alt_names = names
}
