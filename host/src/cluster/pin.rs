//! Pins of certificates, as `kubeadm join --discovery-token-ca-cert-hash` takes them.

use sha2::{Digest as _, Sha256};
use x509_parser::prelude::Pem;

/// `sha256:<hex>` of the SubjectPublicKeyInfo of each certificate in a PEM bundle (RFC 7469 §2.4; kubeadm's `app/util/pubkeypin`).
/// Blocks that are not certificates are left out.
#[must_use]
pub fn pins(bundle: &str) -> Vec<String> {
    let pin = |pem: Pem| {
        let certificate = pem.parse_x509().ok()?;
        let hex: String = Sha256::digest(certificate.public_key().raw).iter().map(|byte| format!("{byte:02x}")).collect();
        Some(format!("sha256:{hex}"))
    };
    Pem::iter_from_buffer(bundle.as_bytes()).filter_map(Result::ok).filter_map(pin).collect()
}
