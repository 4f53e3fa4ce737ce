//! Examines the address of an API server after a connection has failed, to find out why: whether a server listens, what it sends
//! first, and which certificate it presents. Only the first messages of TLS are sent, and no server is trusted.

use super::certificates::Certificates;
use kubephase_core::join::{ContactObstacle, Distrust, Endpoint, Speech};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

/// The number of first bytes that are kept.
const FIRST_BYTES: usize = 64;
/// How long to wait for data after the handshake, where a TLS 1.3 server reports that it requires a certificate.
const AFTERWARDS: Duration = Duration::from_secs(1);
/// How far two clocks may differ before one of them is considered wrong, seconds.
const APART: i64 = 300;

/// The certificates that a server presents, its own first.
pub type Chain = Vec<CertificateDer<'static>>;

/// Connects up to the TLS handshake, and returns the presented certificates; `limit` is the timeout of each step.
///
/// # Errors
/// The [`ContactObstacle`] on the way.
pub fn knock(at: &Endpoint, limit: Duration) -> Result<Chain, ContactObstacle> {
    let addresses = (at.host(), at.port()).to_socket_addrs().map_err(|_| ContactObstacle::NoAddress)?;
    let mut last = ContactObstacle::NoAddress;
    for address in addresses {
        match TcpStream::connect_timeout(&address, limit) {
            Ok(tcp) => return greet(at, tcp, limit),
            Err(error) => last = unconnected(error.kind()),
        }
    }
    Err(last)
}

fn unconnected(kind: ErrorKind) -> ContactObstacle {
    match kind {
        ErrorKind::ConnectionRefused => ContactObstacle::Refused,
        ErrorKind::TimedOut | ErrorKind::WouldBlock => ContactObstacle::Silent,
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => ContactObstacle::Closed,
        _ => ContactObstacle::NoRoute,
    }
}

/// Performs the TLS handshake, and reads what the server sends directly after it.
fn greet(at: &Endpoint, tcp: TcpStream, limit: Duration) -> Result<Chain, ContactObstacle> {
    let onlooker = Arc::new(Onlooker { provider: Arc::new(ring::default_provider()), chain: Mutex::default() });
    let seen = Arc::clone(&onlooker);
    let chain = || seen.chain.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let config = ClientConfig::builder_with_provider(Arc::clone(&onlooker.provider)).with_safe_default_protocol_versions();
    let (Ok(config), Ok(name)) = (config, ServerName::try_from(at.host().to_owned())) else { return Ok(chain()) };
    let config = config.dangerous().with_custom_certificate_verifier(onlooker).with_no_client_auth();
    let Ok(mut tls) = ClientConnection::new(Arc::new(config), name) else { return Ok(chain()) };
    let mut stream = Heard { tcp, first: Vec::new() };
    for wait in [stream.tcp.set_read_timeout(Some(limit)), stream.tcp.set_write_timeout(Some(limit))] {
        wait.map_err(|_| ContactObstacle::Closed)?;
    }
    while tls.is_handshaking() {
        tls.complete_io(&mut stream).map_err(|error| unsaid(&error, &stream.first))?;
    }
    // A server that sends nothing more accepts the connection.
    let after = stream.tcp.set_read_timeout(Some(AFTERWARDS)).and_then(|()| tls.complete_io(&mut stream));
    match after.as_ref().err().and_then(tls_error) {
        Some(Error::AlertReceived(_)) => Err(ContactObstacle::WantsCertificate),
        _ => Ok(chain()),
    }
}

/// What the server sent instead of TLS.
fn unsaid(error: &io::Error, first: &[u8]) -> ContactObstacle {
    match tls_error(error) {
        Some(Error::AlertReceived(alert)) => {
            let alert = format!("{alert:?}");
            // TLS 1.2 reports it within the handshake.
            if alert.contains("Certificate") { ContactObstacle::WantsCertificate } else { ContactObstacle::NoTls(alert) }
        }
        // An unencrypted alert, or a complete record of another type, begins like this; text does not.
        _ if first.is_empty() && matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => ContactObstacle::Mute,
        _ if first.is_empty() => ContactObstacle::Closed,
        Some(Error::PeerIncompatible(why)) => ContactObstacle::NoTls(format!("{why:?}")),
        _ => ContactObstacle::Plain(speech(first)),
    }
}

fn tls_error(error: &io::Error) -> Option<&Error> {
    error.get_ref()?.downcast_ref::<Error>()
}

fn speech(first: &[u8]) -> Speech {
    let begins = |text: &str| first.get(..text.len()).is_some_and(|start| start.eq_ignore_ascii_case(text.as_bytes()));
    match () {
        () if begins("SSH-") => Speech::Ssh,
        // Some servers answer an unreadable request with only a page.
        () if ["HTTP/", "<!DOCTYPE", "<html"].into_iter().any(begins) => Speech::Http,
        () => Speech::Other,
    }
}

/// A connection that keeps its first bytes.
struct Heard {
    tcp: TcpStream,
    first: Vec<u8>,
}

impl Read for Heard {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.tcp.read(buffer)?;
        let room = FIRST_BYTES.saturating_sub(self.first.len());
        self.first.extend(buffer.iter().take(count.min(room)));
        Ok(count)
    }
}

impl Write for Heard {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.tcp.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tcp.flush()
    }
}

/// A verifier that records certificates and judges none.
#[derive(Debug)]
struct Onlooker {
    provider: Arc<CryptoProvider>,
    chain: Mutex<Chain>,
}

impl ServerCertVerifier for Onlooker {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let all = std::iter::once(own).chain(others).map(|certificate| certificate.clone().into_owned());
        *self.chain.lock().unwrap_or_else(PoisonError::into_inner) = all.collect();
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Two clocks, seconds since 1970: the one of this machine, and the server's if it is known.
#[derive(Debug, Clone, Copy)]
pub struct Clocks {
    /// The clock of this machine.
    pub ours: i64,
    /// The clock of the server.
    pub theirs: Option<i64>,
}

/// Why TLS did not trust the certificates; `None` if that is unknown.
#[must_use]
pub fn distrust(chain: &[CertificateDer<'_>], authority: &Certificates, host: &str, clocks: Clocks) -> Option<Distrust> {
    let (own, others) = chain.split_first()?;
    let (_, certificate) = X509Certificate::from_der(own).ok()?;
    let validity = certificate.validity();
    let (from, until) = (validity.not_before.timestamp(), validity.not_after.timestamp());
    // A failure at a time when the certificate itself is valid has another cause than the time.
    let middle = u64::try_from(from.midpoint(until)).ok()?;
    match verified(own, others, authority, host, middle) {
        Err(Error::InvalidCertificate(CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. })) => {
            Some(Distrust::Name(names(&certificate)))
        }
        Err(_) => Some(stranger(chain, authority, &certificate)),
        Ok(()) => untimely(from, until, clocks),
    }
}

fn verified(
    own: &CertificateDer<'_>,
    others: &[CertificateDer<'_>],
    authority: &Certificates,
    host: &str,
    at: u64,
) -> Result<(), Error> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(authority.der().into_iter().map(CertificateDer::from));
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::new(ring::default_provider())).build();
    let verifier = verifier.map_err(|error| Error::General(error.to_string()))?;
    let name = ServerName::try_from(host).map_err(|error| Error::General(error.to_string()))?;
    let time = UnixTime::since_unix_epoch(Duration::from_secs(at));
    verifier.verify_server_cert(own, others, &name, &[], time).map(|_| ())
}

/// A certificate whose issuer is not the authority, or only has the same name.
fn stranger(chain: &[CertificateDer<'_>], authority: &Certificates, own: &X509Certificate<'_>) -> Distrust {
    let ours = authority.subjects();
    let issuers = chain.iter().filter_map(|der| Some(X509Certificate::from_der(der).ok()?.1.issuer().to_string()));
    match issuers.into_iter().find(|issuer| ours.contains(issuer)) {
        Some(name) if authority.beginnings().into_iter().all(|begun| own.validity().not_before.timestamp() <= begun) => {
            Distrust::Predecessor(name)
        }
        Some(name) => Distrust::Namesake(name),
        None => Distrust::Foreign(own.issuer().to_string()),
    }
}

fn untimely(from: i64, until: i64, clocks: Clocks) -> Option<Distrust> {
    let is_valid = |at: i64| (from..=until).contains(&at);
    match clocks.theirs {
        _ if is_valid(clocks.ours) => None,
        Some(theirs) if is_valid(theirs) && (theirs - clocks.ours).abs() > APART => {
            Some(Distrust::Clock { ours: time(clocks.ours), theirs: time(theirs) })
        }
        _ if clocks.ours < from => Some(Distrust::NotYet(time(from))),
        _ => Some(Distrust::Expired(time(until))),
    }
}

/// When the last certificate of an authority expired; `None` if one is still valid.
#[must_use]
pub fn expired(authority: &Certificates, now: i64) -> Option<Distrust> {
    let last = authority.expirations().into_iter().max()?;
    (last < now).then(|| Distrust::Authority(time(last)))
}

fn time(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |time| time.to_string())
}

/// The names in a certificate.
fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let extension = certificate.subject_alternative_name().ok().flatten();
    let names = extension.map(|extension| extension.value.general_names.as_slice()).unwrap_or_default();
    let name = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => match bytes.len() {
            4 => <[u8; 4]>::try_from(*bytes).ok().map(|bytes| std::net::Ipv4Addr::from(bytes).to_string()),
            _ => <[u8; 16]>::try_from(*bytes).ok().map(|bytes| std::net::Ipv6Addr::from(bytes).to_string()),
        },
        _ => None,
    };
    names.iter().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::{Clocks, Distrust, Speech, speech, untimely};

    #[test]
    fn a_wrong_clock_is_not_the_certificates_fault() {
        let text = |seconds: i64| jiff::Timestamp::from_second(seconds).unwrap().to_string();
        let clock = |ours, theirs| Some(Distrust::Clock { ours: text(ours), theirs: text(theirs) });
        // A certificate that is valid from 10,000 to 20,000.
        for (ours, theirs, expected) in [
            (15_000, None, None),
            (15_000, Some(30_000), None),
            (30_000, None, Some(Distrust::Expired(text(20_000)))),
            (30_000, Some(30_001), Some(Distrust::Expired(text(20_000)))),
            (30_000, Some(15_000), clock(30_000, 15_000)),
            (5_000, Some(15_000), clock(5_000, 15_000)),
            (5_000, None, Some(Distrust::NotYet(text(10_000)))),
            (5_000, Some(5_000), Some(Distrust::NotYet(text(10_000)))),
            // A negligible difference.
            (20_001, Some(19_999), Some(Distrust::Expired(text(20_000)))),
        ] {
            assert_eq!(untimely(10_000, 20_000, Clocks { ours, theirs }), expected, "{ours} {theirs:?}");
        }
    }

    #[test]
    fn a12_protocols_are_known_by_their_first_words() {
        for (first, expected) in [
            ("HTTP/1.1 400 Bad Request\r\n", Speech::Http),
            ("http/1.0 400", Speech::Http),
            ("<!doctype html>", Speech::Http),
            ("SSH-2.0-OpenSSH_9.6\r\n", Speech::Ssh),
            ("220 smtp", Speech::Other),
            ("S", Speech::Other),
        ] {
            assert_eq!(speech(first.as_bytes()), expected, "{first}");
        }
    }
}
