//! The real API server, spoken to in plain HTTP/2: what a proxy passes requests on with, and how a test writes as somebody else.

use crate::harness::Cluster;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use h2::client::SendRequest;
use http::{Request, Response};
use hyper::body::Bytes;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _};
use serde_json::Value;
use std::io;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio_rustls::TlsConnector;

/// One connection to the API server as the administrator, made anew when it broke.
pub(super) struct Upstream {
    endpoint: String,
    connector: TlsConnector,
    sender: Mutex<Option<SendRequest<Bytes>>>,
}

impl Upstream {
    /// With the client certificate of the administrator's kubeconfig. Nothing is sent yet.
    pub(super) fn new(cluster: &Cluster) -> Self {
        Self { endpoint: cluster.endpoint.clone(), connector: connector(cluster, b"h2"), sender: Mutex::new(None) }
    }

    /// A connection that takes a request.
    async fn sender(&self) -> io::Result<SendRequest<Bytes>> {
        let mut sender = self.sender.lock().await;
        if let Some(old) = sender.take()
            && let Ok(ready) = old.ready().await
        {
            return Ok(sender.insert(ready).clone());
        }
        let stream = TcpStream::connect(&self.endpoint).await?;
        stream.set_nodelay(true)?;
        let name = ServerName::try_from("127.0.0.1").map_err(io::Error::other)?;
        let tls = self.connector.connect(name, stream).await?;
        let (new, connection) = h2::client::handshake(tls).await.map_err(io::Error::other)?;
        // It ends with the connection; each request on it hears why.
        tokio::spawn(async move { drop(connection.await) });
        let ready = new.ready().await.map_err(io::Error::other)?;
        Ok(sender.insert(ready).clone())
    }

    /// Sends a request and returns the whole answer.
    ///
    /// # Errors
    /// There is no server, or it went away before all was said.
    pub(super) async fn send(&self, request: &Request<Bytes>) -> io::Result<Response<Bytes>> {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let mut builder = Request::builder().method(request.method()).uri(format!("https://{}{path}", self.endpoint));
        let theirs = [http::header::USER_AGENT, http::header::ACCEPT, http::header::CONTENT_TYPE];
        for name in theirs {
            if let Some(value) = request.headers().get(&name) {
                builder = builder.header(name, value);
            }
        }
        let head = builder.body(()).map_err(io::Error::other)?;
        let mut sender = self.sender().await?;
        let (response, mut stream) = sender.send_request(head, request.body().is_empty()).map_err(io::Error::other)?;
        if !request.body().is_empty() {
            stream.send_data(request.body().clone(), true).map_err(io::Error::other)?;
        }
        let (head, body) = response.await.map_err(io::Error::other)?.into_parts();
        Ok(Response::from_parts(head, whole(body).await.map_err(io::Error::other)?))
    }

    /// Sends JSON and returns status and JSON.
    ///
    /// # Errors
    /// As of [`Upstream::send`].
    pub(super) async fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> io::Result<(u16, Value)> {
        let media = if method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
        let request = Request::builder().method(method).uri(path).header(http::header::CONTENT_TYPE, media);
        let body = body.map_or_else(Bytes::new, |body| body.to_string().into());
        let response = self.send(&request.body(body).map_err(io::Error::other)?).await?;
        Ok((response.status().as_u16(), serde_json::from_slice(response.body()).unwrap_or_default()))
    }
}

/// TLS as the administrator, for one protocol.
pub(crate) fn connector(cluster: &Cluster, protocol: &[u8]) -> TlsConnector {
    let config: Value = serde_json::from_str(&cluster.kubectl(&["config", "view", "--raw", "--minify", "-o", "json"])).unwrap();
    let pem = |value: &Value| STANDARD.decode(value.as_str().unwrap()).unwrap();
    let user = &config["users"][0]["user"];
    let certificate = CertificateDer::from_pem_slice(&pem(&user["client-certificate-data"])).unwrap();
    let key = PrivateKeyDer::from_pem_slice(&pem(&user["client-key-data"])).unwrap();
    let authority = pem(&config["clusters"][0]["cluster"]["certificate-authority-data"]);
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&authority).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut tls = builder.with_root_certificates(roots).with_client_auth_cert(vec![certificate], key).unwrap();
    tls.alpn_protocols = vec![protocol.to_vec()];
    Arc::new(tls).into()
}

/// All of a body.
///
/// # Errors
/// What broke it off.
pub(super) async fn whole(mut body: h2::RecvStream) -> Result<Bytes, h2::Error> {
    let mut all = Vec::new();
    while let Some(part) = body.data().await {
        let part = part?;
        body.flow_control().release_capacity(part.len())?;
        all.extend_from_slice(&part);
    }
    Ok(all.into())
}
