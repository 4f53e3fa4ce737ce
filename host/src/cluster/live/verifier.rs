//! Verifies a server's certificate with the results of Go's `crypto/x509`.
//!
//! webpki verifies it first. It refuses three kinds that Go accepts: a certificate that is itself configured as an authority, a
//! certificate with `CA:TRUE`, and one for any usage. And it accepts authorities that Go does not: expired ones, and certificates
//! that may not sign. Such an authority is not used as a trust anchor; it vouches only for itself.

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::crypto::{verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme};
use std::sync::Arc;
use x509_parser::oid_registry::{
    OID_PKCS1_SHA256WITHRSA, OID_PKCS1_SHA384WITHRSA, OID_PKCS1_SHA512WITHRSA, OID_SIG_ECDSA_WITH_SHA256,
    OID_SIG_ECDSA_WITH_SHA384, OID_SIG_ED25519,
};
use x509_parser::prelude::{FromDer as _, ParsedExtension, X509Certificate, X509Version};

/// Verifies the certificates of one server.
#[derive(Debug)]
pub(super) struct Verifier {
    /// All configured authorities, in DER.
    authorities: Vec<Vec<u8>>,
}

/// Go's message for an error that webpki does not distinguish.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Objection(pub(super) String);

impl Verifier {
    /// A verifier with these authorities.
    pub(super) fn new(authorities: &[Vec<u8>]) -> Self {
        Self { authorities: authorities.to_vec() }
    }

    fn parsed(&self) -> impl Iterator<Item = X509Certificate<'_>> {
        self.authorities.iter().filter_map(|der| X509Certificate::from_der(der).ok().map(|(_, authority)| authority))
    }

    /// The result of webpki with the authorities that may currently sign. It does not check how many certificates an authority
    /// allows below it, so one that allows none is excluded from chains.
    fn by_chain(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let (mut anchors, mut last) = (RootCertStore::empty(), RootCertStore::empty());
        for authority in self.parsed().filter(|authority| may_sign(authority) && is_valid(authority, now).is_ok()) {
            let store = if allows_none_below(&authority) { &mut last } else { &mut anchors };
            store.add(CertificateDer::from(authority.as_raw().to_vec()))?;
        }
        let by = |anchors: RootCertStore, intermediates: &[CertificateDer<'_>]| {
            let unknown = Error::InvalidCertificate(CertificateError::UnknownIssuer);
            if anchors.is_empty() {
                return Err(unknown);
            }
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let webpki = WebPkiServerVerifier::builder_with_provider(Arc::new(anchors), provider).build().map_err(|_| unknown)?;
            webpki.verify_server_cert(leaf, intermediates, name, &[], now)
        };
        let is_one = last.is_empty();
        by(anchors, intermediates).or_else(|error| if is_one { Err(error) } else { by(last, &[]) })
    }

    /// The additional cases of Go: a certificate that is itself an authority, or that was issued directly by one.
    fn is_vouched_for(&self, leaf: &X509Certificate<'_>, now: UnixTime) -> bool {
        let is_named = self.authorities.iter().any(|authority| authority.as_slice() == leaf.as_raw());
        let issues = |authority: &X509Certificate<'_>| {
            may_sign(authority)
                && is_valid(authority, now).is_ok()
                && authority.version() == X509Version::V3
                && !is_constrained(authority)
                && authority.subject().as_raw() == leaf.issuer().as_raw()
                && is_signed_soundly(leaf)
                && leaf.verify_signature(Some(authority.public_key())).is_ok()
        };
        is_named || self.parsed().any(|authority| issues(&authority))
    }

    /// The rules of Go that need no chain; `error` is the result of webpki, which is reported where Go would report the same.
    fn as_go_has_it(
        &self,
        der: &CertificateDer<'_>,
        name: &ServerName<'_>,
        now: UnixTime,
        error: Error,
    ) -> Result<ServerCertVerified, Error> {
        let Ok((rest, leaf)) = X509Certificate::from_der(der) else { return Err(error) };
        if !rest.is_empty() {
            return Err(error);
        }
        if leaf.subject_alternative_name().is_ok_and(|names| names.is_none()) {
            return Err(objection("certificate relies on legacy Common Name field, use SANs instead"));
        }
        if !self.is_vouched_for(&leaf, now) {
            return Err(self.explained(&leaf, now, error));
        }
        is_valid(&leaf, now)?;
        verify_server_name(&ParsedCertificate::try_from(der)?, name)?;
        if !is_for_servers(&leaf) {
            return Err(objection("certificate specifies an incompatible key usage"));
        }
        if leaf.extensions().iter().any(|extension| extension.critical && !is_known(extension.parsed_extension())) {
            return Err(objection("unhandled critical extension"));
        }
        Ok(ServerCertVerified::assertion())
    }

    /// Why the authority that the certificate names does not vouch for it.
    fn explained(&self, leaf: &X509Certificate<'_>, now: UnixTime, error: Error) -> Error {
        let unknown = Error::InvalidCertificate(CertificateError::UnknownIssuer);
        if error != unknown {
            return error;
        }
        let mut named = self.parsed().filter(|authority| authority.subject().as_raw() == leaf.issuer().as_raw());
        let Some(issuer) = named.next() else { return error };
        if let Err(over) = is_valid(&issuer, now) {
            return over;
        }
        if !may_sign(&issuer) {
            let what = "certificate signed by unknown authority: the certificate named as its issuer may not sign others";
            return objection(what);
        }
        error
    }
}

fn objection(text: &str) -> Error {
    Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(Objection(text.to_owned())))))
}

/// Whether a certificate may sign others: version 3 must say so, and a key usage must include it.
fn may_sign(authority: &X509Certificate<'_>) -> bool {
    let constraints = authority.basic_constraints().ok().flatten().map(|constraints| constraints.value.ca);
    let is_authority =
        if authority.version() == X509Version::V3 { constraints == Some(true) } else { constraints != Some(false) };
    let signs = authority.key_usage().is_ok_and(|usage| usage.is_none_or(|usage| usage.value.key_cert_sign()));
    is_authority && signs && is_for_servers(authority)
}

/// Whether an authority allows no other authority below it.
fn allows_none_below(authority: &X509Certificate<'_>) -> bool {
    authority.basic_constraints().ok().flatten().is_some_and(|constraints| constraints.value.path_len_constraint == Some(0))
}

/// Whether a certificate is for servers, or for any usage.
fn is_for_servers(certificate: &X509Certificate<'_>) -> bool {
    match certificate.extended_key_usage() {
        Ok(usage) => usage.is_none_or(|usage| usage.value.any || usage.value.server_auth),
        Err(_) => false,
    }
}

/// Whether an authority has constraints that only webpki checks.
fn is_constrained(authority: &X509Certificate<'_>) -> bool {
    !authority.name_constraints().is_ok_and(|constraints| constraints.is_none())
}

/// Whether Go accepts the signature algorithm.
fn is_signed_soundly(certificate: &X509Certificate<'_>) -> bool {
    let sound = [
        OID_PKCS1_SHA256WITHRSA,
        OID_PKCS1_SHA384WITHRSA,
        OID_PKCS1_SHA512WITHRSA,
        OID_SIG_ECDSA_WITH_SHA256,
        OID_SIG_ECDSA_WITH_SHA384,
        OID_SIG_ED25519,
    ];
    certificate.signature_algorithm == certificate.tbs_certificate.signature
        && sound.contains(&certificate.signature_algorithm.algorithm)
}

/// Whether the meaning of an extension is implemented here.
const fn is_known(extension: &ParsedExtension<'_>) -> bool {
    matches!(
        extension,
        ParsedExtension::BasicConstraints(_)
            | ParsedExtension::KeyUsage(_)
            | ParsedExtension::ExtendedKeyUsage(_)
            | ParsedExtension::SubjectAlternativeName(_)
            | ParsedExtension::AuthorityKeyIdentifier(_)
            | ParsedExtension::SubjectKeyIdentifier(_)
    )
}

/// Whether a certificate is valid at a time.
fn is_valid(certificate: &X509Certificate<'_>, now: UnixTime) -> Result<(), Error> {
    let unix = |time: &x509_parser::time::ASN1Time| {
        UnixTime::since_unix_epoch(std::time::Duration::from_secs(u64::try_from(time.timestamp()).unwrap_or_default()))
    };
    let (begin, end) = (unix(&certificate.validity().not_before), unix(&certificate.validity().not_after));
    if now.as_secs() < begin.as_secs() {
        return Err(Error::InvalidCertificate(CertificateError::NotValidYetContext { time: now, not_before: begin }));
    }
    if now.as_secs() > end.as_secs() {
        return Err(Error::InvalidCertificate(CertificateError::ExpiredContext { time: now, not_after: end }));
    }
    Ok(())
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.by_chain(leaf, intermediates, name, now).or_else(|error| self.as_go_has_it(leaf, name, now, error))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &algorithms())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &algorithms())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        algorithms().supported_schemes()
    }
}

/// The algorithms of ring, in one place.
fn algorithms() -> rustls::crypto::WebPkiSupportedAlgorithms {
    rustls::crypto::ring::default_provider().signature_verification_algorithms
}
