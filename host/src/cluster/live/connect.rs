//! Makes a connection. kube's own client never offers HTTP/2 and so opens a connection for every concurrent request, and leaves
//! Nagle's algorithm on.

use super::CallSettings;
use super::credentials::Authorization;
use super::kubeconfig::Target;
use super::proxy::Proxy;
use super::tls::{self, Identity};
use super::translate::{connect_error, kube_error, timed_out};
use crate::cluster::ClusterError;
use http::Uri;
use hyper_rustls::{FixedServerNameResolver, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::client::legacy::connect::{Connection, HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use kube::client::{Body, ClientBuilder, ConfigExt as _};
use kube::{Client, Config};
use kubephase_core::address::is_loopback;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tower::{BoxError, Service, ServiceBuilder};
use tower_http::decompression::DecompressionLayer;

/// How long a connection may be silent before it is pinged, and how long the answer may take, as in client-go (`ReadIdleTimeout`
/// and `PingTimeout`).
const KEEP_ALIVE: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(15));

/// Connects to a server, and returns a client that reuses this connection, and opens others only if it is lost or cannot be
/// shared. The timeout includes TLS and the proxy; kubectl's applies to TCP only.
///
/// # Errors
/// [`ClusterError`] in kubectl's words.
pub(super) async fn connect(target: &Target, manners: CallSettings<'_>) -> Result<Client, ClusterError> {
    let (authorization, identity) =
        target.credentials.resolve(manners.turns.map(|turns| (&turns.plugins, manners.patience.once().0)))?;
    let host = target.host();
    let first = target.proxy.as_ref().and_then(|proxy| proxy.url.authority()).map_or(host.as_str(), http::uri::Authority::as_str);
    let way = Way { config: &target.config, identity: identity.as_ref(), host: &host, first };
    let (limit, flag) = manners.patience.once();
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(limit));
    let dialled = tokio::time::timeout(limit, dial_by_proxy(way, target.proxy.as_ref(), tcp, authorization)).await;
    dialled.unwrap_or_else(|_| Err(timed_out(limit, flag)))
}

/// What every connection to a server needs.
#[derive(Clone, Copy)]
struct Way<'a> {
    config: &'a Config,
    identity: Option<&'a Identity>,
    host: &'a str,
    /// The host that is dialled: the server, or the proxy before it.
    first: &'a str,
}

/// Connects, through the proxy if there is one.
async fn dial_by_proxy(
    way: Way<'_>,
    proxy: Option<&Proxy>,
    tcp: HttpConnector,
    authorization: Authorization,
) -> Result<Client, ClusterError> {
    let Some(proxy) = proxy else { return dial(way, tcp, authorization).await };
    match proxy.url.scheme_str() {
        Some("http") => dial(way, tunnel(proxy, tcp), authorization).await,
        Some("https") => {
            let tls = https_connector(way, tcp, Protocols::Http1)?;
            dial(way, tunnel(proxy, tls), authorization).await
        }
        Some("socks5" | "socks5h") => dial(way, SocksV5::new(proxy.url.clone(), tcp), authorization).await,
        _ => {
            Err(ClusterError::unavailable(format!("unsupported scheme of the proxy `{}`; use http, https or socks5", proxy.url)))
        }
    }
}

/// A tunnel through an HTTP proxy, with the user and password of its URL.
fn tunnel<C>(proxy: &Proxy, connector: C) -> Tunnel<C> {
    let tunnel = Tunnel::new(proxy.url.clone(), connector);
    match &proxy.authorization {
        Some(header) => tunnel.with_auth(header.clone()),
        None => tunnel,
    }
}

/// The protocols that a TLS connection offers.
#[derive(Clone, Copy)]
enum Protocols {
    Http1,
    Http2AndHttp1,
}

fn https_connector<C>(way: Way<'_>, connector: C, protocols: Protocols) -> Result<HttpsConnector<C>, ClusterError> {
    let tls = tls::client_config(way.config, way.identity, way.host)?;
    let mut builder = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http();
    if let Some(name) = &way.config.tls_server_name {
        let invalid = |error| ClusterError::unavailable(format!("invalid tls-server-name `{name}`: {error}"));
        builder = builder.with_server_name_resolver(FixedServerNameResolver::new(name.clone().try_into().map_err(invalid)?));
    }
    Ok(match protocols {
        Protocols::Http1 => builder.enable_http1().wrap_connector(connector),
        Protocols::Http2AndHttp1 => builder.enable_http1().enable_http2().wrap_connector(connector),
    })
}

/// Connects once and checks which protocol was negotiated: hyper's pool shares a connection only if it is told beforehand that it
/// will be HTTP/2.
async fn dial<C>(way: Way<'_>, connector: C, authorization: Authorization) -> Result<Client, ClusterError>
where
    C: Service<Uri> + Clone + Send + Sync + 'static,
    C::Response: Connection + hyper::rt::Read + hyper::rt::Write + Send + Unpin + 'static,
    C::Future: Send + 'static,
    C::Error: Into<BoxError>,
{
    let Way { config, host, first: dialled, .. } = way;
    let mut https = https_connector(way, connector, Protocols::Http2AndHttp1)?;
    let reached = std::future::poll_fn(|context| https.poll_ready(context)).await;
    reached.map_err(|error| connect_error(&*error, dialled))?;
    let first = https.call(config.cluster_url.clone()).await.map_err(|error| connect_error(&*error, dialled))?;
    let is_http2 = first.connected().is_negotiated_h2();
    let connector = Reuse { first: Arc::new(Mutex::new(Some(first))), connector: https };
    let pool = hyper_util::client::legacy::Client::builder(TokioExecutor::new())
        .http2_only(is_http2)
        .timer(TokioTimer::new())
        .http2_keep_alive_interval(KEEP_ALIVE.0)
        .http2_keep_alive_timeout(KEEP_ALIVE.1)
        .build::<_, Body>(connector);

    let is_near = config.cluster_url.host().is_some_and(is_loopback);
    let failed = |error| kube_error(error, host);
    let service = ServiceBuilder::new()
        .layer(config.base_uri_layer())
        // On this machine compressing costs more than it saves.
        .layer(DecompressionLayer::new().gzip(!config.disable_compression && !is_near))
        .map_request(move |mut request: http::Request<Body>| {
            if let Some(header) = authorization.header() {
                request.headers_mut().insert(http::header::AUTHORIZATION, header);
            }
            request
        })
        .layer(config.extra_headers_layer().map_err(failed)?)
        .map_err(BoxError::from)
        .service(pool);
    Ok(ClientBuilder::new(service, config.default_namespace.clone()).build())
}

/// Returns the existing connection first, and makes new ones afterwards.
struct Reuse<C, T> {
    first: Arc<Mutex<Option<T>>>,
    connector: C,
}

impl<C: Clone, T> Clone for Reuse<C, T> {
    fn clone(&self) -> Self {
        Self { first: Arc::clone(&self.first), connector: self.connector.clone() }
    }
}

impl<C, T> Service<Uri> for Reuse<C, T>
where
    C: Service<Uri, Response = T>,
    C::Future: Send + 'static,
    C::Error: Send + 'static,
    T: Send + 'static,
{
    type Response = T;
    type Error = C::Error;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<T, C::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), C::Error>> {
        self.connector.poll_ready(context)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let first = self.first.lock().unwrap_or_else(PoisonError::into_inner).take();
        match first {
            Some(connection) => Box::pin(std::future::ready(Ok(connection))),
            None => Box::pin(self.connector.call(uri)),
        }
    }
}
