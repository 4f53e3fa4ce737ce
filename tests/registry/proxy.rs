//! A proxy before a registry, over plain http, that does to chosen answers what networks, bad disks and bad people do.
//!
//! Each connection carries one request, so that a fault hits exactly the one that it is meant for: the registry is told to close
//! the connection, and tells the client so.

use crate::fault::{Fault, Gate, Record, Rule, Seen};
use crate::registry::Registry;
use crate::wire::Head;
use serde_json::json;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

/// Between two bytes of a slow answer.
const TICK: Duration = Duration::from_millis(2);

/// The first byte of a client that wants TLS (RFC 8446, 5.1). It is told that it will not get it, as Go's server tells it.
const TLS_HANDSHAKE: u8 = 22;

/// A proxy with its thread. It ends with this value.
pub(crate) struct Proxy {
    runtime: Runtime,
    address: SocketAddr,
    record: Arc<Mutex<Record>>,
}

impl Proxy {
    /// Starts one before a registry, which must speak plain http.
    pub(crate) fn before(registry: &Registry) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let (address, record) = (listener.local_addr().unwrap(), Arc::<Mutex<Record>>::default());
        runtime.spawn(accept(listener, registry.address(), Arc::clone(&record)));
        Self { runtime, address, record }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its host and port, as references begin.
    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    /// A reference by way of it, of `repository:tag` or `repository@digest`.
    pub(crate) fn reference(&self, name: &str) -> String {
        format!("{}/{name}", self.address)
    }

    /// From now on these faults and no others. What was seen is forgotten.
    pub(crate) fn begin(&self, rules: Vec<Rule>) {
        *self.record.lock().unwrap() = Record { rules, seen: Vec::new() };
    }

    /// The requests since then.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.record.lock().unwrap().seen.clone()
    }

    /// How many of them had a fault.
    pub(crate) fn faults(&self) -> usize {
        self.seen().iter().filter(|seen| seen.is_faulty).count()
    }

    /// Waits until slow answers have sent so many bytes.
    pub(crate) fn wait_for(&self, gate: &Gate, bytes: usize) {
        self.runtime.block_on(gate.reached(bytes));
    }
}

/// Accepts connections for ever.
async fn accept(listener: TcpListener, registry: SocketAddr, record: Arc<Mutex<Record>>) -> io::Result<()> {
    loop {
        let (client, _) = listener.accept().await?;
        let record = Arc::clone(&record);
        // A client that leaves ends only this.
        tokio::spawn(async move { drop(serve(client, registry, &record).await) });
    }
}

/// Serves the one request of a connection.
async fn serve(mut client: TcpStream, registry: SocketAddr, record: &Mutex<Record>) -> io::Result<()> {
    client.set_nodelay(true)?;
    let mut first = [0];
    if client.peek(&mut first).await? == 1 && first == [TLS_HANDSHAKE] {
        return refuse(client, b"HTTP/1.0 400 Bad Request\r\n\r\nhttps was spoken to a port of http").await;
    }
    let (mut head, early) = read_head(&mut client).await?;
    let fault = record.lock().unwrap().arrived(&head);
    match &fault {
        Some(Fault::Reset) => return client.set_zero_linger(),
        Some(Fault::Status(code)) => return refuse(client, &error(*code)).await,
        Some(Fault::Page { body, next }) => return refuse(client, &page(body, next)).await,
        Some(Fault::Redirect(to)) => return refuse(client, &redirection(to)).await,
        Some(Fault::Path(path)) => head.first = format!("{} {path} HTTP/1.1", head.word(0)),
        _ => {}
    }
    head.set("connection", "close");
    let mut upstream = TcpStream::connect(registry).await?;
    upstream.write_all(&[head.to_bytes(), early].concat()).await?;
    let (mut from_client, mut to_client) = client.split();
    let (mut from_registry, mut to_registry) = upstream.split();
    // The registry answers when it has all of the request, and then closes. A client that closes its side wants no answer.
    tokio::select! {
        answered = answer(&mut from_registry, &mut to_client, fault) => answered,
        _ = copy(&mut from_client, &mut to_registry) => Ok(()),
    }
}

/// Reads to the end of a head, and returns what was read behind it.
async fn read_head(stream: &mut (impl AsyncReadExt + Unpin)) -> io::Result<(Head, Vec<u8>)> {
    let mut read = Vec::new();
    loop {
        if let Some((head, length)) = Head::at_start(&read) {
            return Ok((head, read.split_off(length)));
        }
        if stream.read_buf(&mut read).await? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
    }
}

/// Passes an answer on, with its fault.
async fn answer(
    registry: &mut (impl AsyncReadExt + Unpin),
    client: &mut (impl AsyncWriteExt + Unpin),
    fault: Option<Fault>,
) -> io::Result<()> {
    let (mut head, mut body) = read_head(registry).await?;
    registry.read_to_end(&mut body).await?;
    match &fault {
        Some(Fault::Cut(length)) => body.truncate(*length),
        // Of an error there may be less.
        Some(Fault::Flip(at)) => body.iter_mut().skip(*at).take(1).for_each(|byte| *byte = !*byte),
        Some(Fault::Body(other)) => {
            head.set("content-length", &other.len().to_string());
            body.clone_from(other);
        }
        Some(Fault::Length(told)) => head.set("content-length", &told.to_string()),
        Some(Fault::Endless) => head.remove("content-length"),
        _ => {}
    }
    client.write_all(&head.to_bytes()).await?;
    match &fault {
        Some(Fault::Slow(gate)) => send_slowly(client, &body, gate).await?,
        Some(Fault::Endless) => send_for_ever(client, &body).await?,
        _ => client.write_all(&body).await?,
    }
    client.shutdown().await
}

/// Sends byte by byte until the gate is open.
async fn send_slowly(client: &mut (impl AsyncWriteExt + Unpin), body: &[u8], gate: &Gate) -> io::Result<()> {
    let mut tick = tokio::time::interval(TICK);
    for (index, byte) in body.iter().enumerate() {
        if gate.is_open() {
            return client.write_all(&body[index..]).await;
        }
        tick.tick().await;
        client.write_all(&[*byte]).await?;
        gate.sent();
    }
    Ok(())
}

/// Sends until the client leaves.
async fn send_for_ever(client: &mut (impl AsyncWriteExt + Unpin), body: &[u8]) -> io::Result<()> {
    client.write_all(body).await?;
    loop {
        client.write_all(&[0; 4096]).await?;
    }
}

/// Answers for the registry. What the client still sends is read, or the kernel would reset the connection before it has our words.
async fn refuse(mut client: TcpStream, answer: &[u8]) -> io::Result<()> {
    client.write_all(answer).await?;
    client.shutdown().await?;
    copy(&mut client, &mut tokio::io::sink()).await.map(drop)
}

/// An error of a registry, in its own words.
fn error(code: u16) -> Vec<u8> {
    let kind = if code == 429 { "TOOMANYREQUESTS" } else { "UNKNOWN" };
    let body = json!({ "errors": [{ "code": kind, "message": "a fault of the test" }] }).to_string();
    let mut head = Head { first: format!("HTTP/1.1 {code} Fault"), headers: Vec::new() };
    head.set("content-type", "application/json");
    head.set("content-length", &body.len().to_string());
    head.set("connection", "close");
    if [429, 503].contains(&code) {
        head.set("retry-after", "1");
    }
    [head.to_bytes(), body.into_bytes()].concat()
}

/// A page of a list of referrers (`distribution-spec`, "Listing Referrers").
fn page(body: &[u8], next: &str) -> Vec<u8> {
    let mut head = Head { first: "HTTP/1.1 200 OK".to_owned(), headers: Vec::new() };
    head.set("content-type", "application/vnd.oci.image.index.v1+json");
    head.set("content-length", &body.len().to_string());
    head.set("connection", "close");
    head.set("link", &format!("<{next}>; rel=\"next\""));
    [&head.to_bytes(), body].concat()
}

fn redirection(to: &str) -> Vec<u8> {
    let mut head = Head { first: "HTTP/1.1 307 Temporary Redirect".to_owned(), headers: Vec::new() };
    head.set("location", to);
    head.set("content-length", "0");
    head.set("connection", "close");
    head.to_bytes()
}
