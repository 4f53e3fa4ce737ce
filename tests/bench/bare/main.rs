//! What the wire costs at least: the requests of a run of the plugin, over one HTTP/2 connection with kube's types, and nothing else.
//!
//! `bench-bare KUBECONFIG FLIGHTS`: FLIGHTS is a JSON file, a list of lists of requests that are sent at once.
#![expect(clippy::disallowed_methods, reason = "a program that only measures")]

use futures_util::future::try_join_all;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use kube::client::{Body, ClientBuilder, ConfigExt as _};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use serde::Deserialize;
use serde_json::Value;
use std::error::Error;
use tower::{BoxError, ServiceBuilder};

/// A request, as the plugin made it.
#[derive(Deserialize)]
struct Request {
    /// `GET` or `POST`.
    method: String,
    /// Path and query.
    path: String,
    /// What is created.
    body: Option<Value>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(kubeconfig), Some(flights)) = (arguments.next(), arguments.next()) else {
        return Err("usage: bench-bare KUBECONFIG FLIGHTS".into());
    };
    let flights: Vec<Vec<Request>> = serde_json::from_slice(&std::fs::read(flights)?)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let kubeconfig = Kubeconfig::read_from(kubeconfig)?;
        let client = connect(&Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?)?;
        for flight in flights {
            try_join_all(flight.iter().map(|request| send(&client, request))).await?;
        }
        Ok(())
    })
}

fn connect(config: &Config) -> Result<Client, Box<dyn Error>> {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    let tls = config.rustls_client_config()?;
    let https = HttpsConnectorBuilder::new().with_tls_config(tls).https_only().enable_http2().wrap_connector(tcp);
    let pool = hyper_util::client::legacy::Client::builder(TokioExecutor::new()).http2_only(true).build::<_, Body>(https);
    let service = ServiceBuilder::new().layer(config.base_uri_layer()).map_err(BoxError::from).service(pool);
    Ok(ClientBuilder::new(service, config.default_namespace.clone()).build())
}

/// Sends a request, and parses its answer as the plugin must.
async fn send(client: &Client, request: &Request) -> Result<Value, Box<dyn Error>> {
    let wire = http::Request::builder()
        .method(request.method.as_str())
        .uri(&request.path)
        .header(http::header::CONTENT_TYPE, "application/json")
        .body(request.body.as_ref().map(serde_json::to_vec).transpose()?.unwrap_or_default())?;
    // That an object is missing is an answer too.
    let answer = client.send(wire.map(Body::from)).await?;
    Ok(serde_json::from_slice(&answer.into_body().collect_bytes().await?)?)
}
