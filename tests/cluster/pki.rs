//! Certificates of the cluster's own authority.

use crate::harness::Cluster;
use rustls::pki_types::{PrivatePkcs1KeyDer, pem::PemObject as _};

/// The authority of the cluster, to sign with.
pub(crate) fn authority(cluster: &Cluster) -> rcgen::Issuer<'static, rcgen::KeyPair> {
    let key = PrivatePkcs1KeyDer::from_pem_file(cluster.dir.join("pki/ca.key")).unwrap();
    let key = rcgen::KeyPair::try_from(pkcs8(key.secret_pkcs1_der())).unwrap();
    let mut authority = rcgen::CertificateParams::default();
    authority.distinguished_name = rcgen::DistinguishedName::new();
    // As kubeadm encodes it: names are compared byte by byte.
    let name = rcgen::DnValue::PrintableString("kubernetes".try_into().unwrap());
    authority.distinguished_name.push(rcgen::DnType::CommonName, name);
    rcgen::Issuer::new(authority, key)
}

/// An RSA key as rcgen reads it: kubeadm writes the form without the algorithm (RFC 8017), and PKCS #8 (RFC 5208) wraps it.
fn pkcs8(pkcs1: &[u8]) -> Vec<u8> {
    let tagged = |tag: u8, content: &[u8]| {
        let [high, low] = u16::try_from(content.len()).unwrap().to_be_bytes();
        [&[tag, 0x82, high, low], content].concat()
    };
    let version = [2, 1, 0];
    let rsa_encryption = [0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 1, 5, 0];
    tagged(0x30, &[&version[..], &rsa_encryption, &tagged(4, pkcs1)].concat())
}

/// The certificate of an authority that has signed nothing, PEM.
pub(crate) fn of_nobody() -> String {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut authority = rcgen::CertificateParams::default();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    authority.self_signed(&key).unwrap().pem()
}
