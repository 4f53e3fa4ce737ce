//! A request as it goes over the wire.

use crate::cluster::ClusterError;
use kubephase_core::request::Request;

/// The user agent, in kubectl's form.
const USER_AGENT: &str = concat!("kubectl-bootstrap_token/", env!("CARGO_PKG_VERSION"));

/// A request for kube's client, which adds the address of the server and the credentials.
pub(super) fn of_wire(request: &Request) -> Result<http::Request<Vec<u8>>, ClusterError> {
    let body = request.body.as_ref().map(serde_json::to_vec).transpose().map_err(ClusterError::unavailable)?;
    let built = http::Request::builder()
        .method(request.method.as_str())
        .uri(request.uri())
        .header(http::header::USER_AGENT, USER_AGENT)
        .header(http::header::ACCEPT, "application/json")
        .header(http::header::CONTENT_TYPE, request.content_type)
        .body(body.unwrap_or_default());
    built.map_err(ClusterError::unavailable)
}
