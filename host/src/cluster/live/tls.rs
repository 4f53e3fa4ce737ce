//! TLS to one server: which certificates are accepted, and which client certificate is presented. The library is rustls; where Go
//! accepts certificates that it does not, they are checked here, and where Go is stricter, this is too.

use super::entry::Pem;
use super::translate::kube_error;
use super::verifier::Verifier;
use crate::cluster::ClusterError;
use kube::Config;
use kube::client::ConfigExt as _;
use rustls::ClientConfig;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use std::sync::Arc;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// A client certificate and its key, in the form that TLS uses.
pub(super) type Identity = Arc<CertifiedKey>;

/// The configuration for a server. Its authorities are those of `config`, in DER: their text is never parsed a second time.
///
/// # Errors
/// [`ClusterError`] if this machine's own authorities are needed and cannot be read.
pub(super) fn client_config(config: &Config, identity: Option<&Identity>, host: &str) -> Result<ClientConfig, ClusterError> {
    let mut tls = config.rustls_client_config().map_err(|error| kube_error(error, host))?;
    if let (Some(authorities), false) = (&config.root_cert, config.accept_invalid_certs) {
        let verifier: Arc<dyn ServerCertVerifier> = Arc::new(Verifier::new(authorities));
        tls.dangerous().set_certificate_verifier(verifier);
    }
    if let Some(identity) = identity {
        tls.client_auth_cert_resolver = Arc::new(SingleCertAndKey::from(Arc::clone(identity)));
    }
    Ok(tls)
}

/// A certificate and its key as Go's `tls.X509KeyPair` reads them: the certificate may have any version, because the server
/// judges it; the key must match the certificate.
///
/// # Errors
/// [`ClusterError`] with their origin, what is wrong, and how to correct it.
pub(super) fn identity(certificate: &Pem, key: &Pem) -> Result<Identity, ClusterError> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&certificate.bytes).collect();
    let chain = chain.map_err(|error| certificate.odd(format!("the client certificate is not PEM: {error}")))?;
    let Some(first) = chain.first() else { return Err(certificate.odd("it contains no certificate")) };
    let leaf = X509Certificate::from_der(first);
    let (_, leaf) = leaf.map_err(|_| certificate.odd("the client certificate is not an X.509 certificate"))?;
    let der = PrivateKeyDer::from_pem_slice(&key.bytes).map_err(|_| key.odd(no_key(&key.bytes)))?;
    let signing = any_supported_type(&der).map_err(|_| {
        key.odd("TLS cannot use the client key: it must be RSA with 2048 bits or more, ECDSA on P-256 or P-384, or Ed25519")
    })?;
    let is_same = signing.public_key().is_none_or(|public| public.as_ref() == leaf.public_key().raw);
    if !is_same {
        return Err(certificate.odd("tls: private key does not match public key"));
    }
    Ok(Arc::new(CertifiedKey::new(chain, signing)))
}

/// Why a text contains no usable key.
fn no_key(pem: &[u8]) -> &'static str {
    let text = String::from_utf8_lossy(pem);
    if text.contains("ENCRYPTED") {
        "the client key is encrypted, which is not supported; decrypt it with `openssl pkey -in FILE`"
    } else if text.contains("PRIVATE KEY-----") {
        "the client key is damaged"
    } else {
        "it contains no private key"
    }
}
