//! A server on this machine that writes down who asks it for what.

use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};
use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};

/// Who is warned.
const WARNED: &str = "authorization: Bearer warn-me";
/// The warnings: some that are shown, one of them twice, and some that are not.
const WARNINGS: &str = "Warning: 299 - \"first \\\"quoted\\\" \\\\ one\"\r\nWarning: 299 - \"twice\", 299 kube-apiserver \"third\" \"a date\"\r\n\
     warning: 299 - \"twice\"\r\nWarning: 199 - \"of another code\"\r\nWarning: 299 - unquoted\r\nWarning: 299 - \"\"\r\n";

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    /// The server's name among the recorders.
    pub(crate) server: &'static str,
    /// The path and the query.
    pub(crate) target: String,
    /// Who asks: the headers of logins and impersonation, sorted.
    pub(crate) headers: Vec<String>,
    /// The certificates that were shown, in DER.
    pub(crate) certificates: Vec<Vec<u8>>,
}

/// Everything that was asked for.
pub(crate) type Log = Arc<Mutex<Vec<Request>>>;

/// A certificate chain and its key, both in DER.
pub(crate) struct Identity {
    pub(crate) chain: Vec<Vec<u8>>,
    pub(crate) key: Vec<u8>,
}

/// Starts a server with TLS, which takes any certificate of a client, and ends with the test's process.
pub(crate) fn with_tls(name: &'static str, identity: Identity, log: &Log) -> SocketAddr {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = provider.key_provider.load_private_key(PrivateKeyDer::try_from(identity.key).unwrap()).unwrap();
    let chain = identity.chain.into_iter().map(CertificateDer::from).collect();
    // Not all certificates here are such as rustls itself would show.
    let resolver = rustls::sign::SingleCertAndKey::from(rustls::sign::CertifiedKey::new(chain, key));
    let builder = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(builder.with_client_cert_verifier(Arc::new(Anybody)).with_cert_resolver(Arc::new(resolver)));
    let log = Arc::clone(log);
    let (address, _) = crate::connection::listen(move |stream| {
        let connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
        let mut stream = rustls::StreamOwned::new(connection, stream);
        let _ = stream.flush();
        while let Some((target, headers)) = asked(&mut stream) {
            let shown = stream.conn.peer_certificates().unwrap_or_default();
            let certificates = shown.iter().map(|certificate| certificate.to_vec()).collect();
            answer(&mut stream, Request { server: name, target, headers, certificates }, &log);
        }
    });
    address
}

/// Starts one without TLS.
pub(crate) fn without_tls(name: &'static str, log: &Log) -> SocketAddr {
    let log = Arc::clone(log);
    let (address, _) = crate::connection::listen(move |mut stream: TcpStream| {
        while let Some((target, headers)) = asked(&mut stream) {
            answer(&mut stream, Request { server: name, target, headers, certificates: Vec::new() }, &log);
        }
    });
    address
}

/// The target of the next request, and the headers that say who asks; none when there is no other.
fn asked(stream: &mut impl Read) -> Option<(String, Vec<String>)> {
    let mut lines = BufReader::with_capacity(1, stream).lines();
    let first = lines.next()?.ok()?;
    // kubectl tells the server how long it waits.
    let target =
        first.split(' ').nth(1)?.split(['?', '&']).filter(|part| !part.starts_with("timeout=")).collect::<Vec<_>>().join("?");
    let lines = lines.map_while(Result::ok).take_while(|line| !line.is_empty());
    let is_about_the_user = |line: &String| {
        let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
        name == "authorization" || name.starts_with("impersonate-")
    };
    let mut headers: Vec<String> = lines
        .filter(is_about_the_user)
        .map(|line| line.split_once(':').map(|(name, value)| format!("{}:{value}", name.to_ascii_lowercase())).unwrap())
        .collect();
    headers.sort();
    Some((target, headers))
}

fn answer(stream: &mut impl Write, request: Request, log: &Log) {
    let body = match request.target.as_str() {
        "/version" => r#"{"major":"1","minor":"31","gitVersion":"v1.31.0"}"#,
        _ => r#"{"kind":"SecretList","apiVersion":"v1","metadata":{},"items":[]}"#,
    };
    let warnings = if request.headers.iter().any(|header| header == WARNED) { WARNINGS } else { "" };
    log.lock().unwrap().push(request);
    let length = body.len();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{warnings}Content-Length: {length}\r\n\r\n");
    let _ = stream.write_all(format!("{head}{body}").as_bytes());
    let _ = stream.flush();
}

/// Takes whatever certificate is shown: what is looked at here is what is shown.
#[derive(Debug)]
struct Anybody;

impl ClientCertVerifier for Anybody {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn verify_client_cert(
        &self,
        _leaf: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        rustls::crypto::ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}
