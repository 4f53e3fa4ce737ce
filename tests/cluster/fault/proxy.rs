//! A proxy before the real API server that does to a chosen request what networks, load balancers and dying servers do.
//!
//! It takes the client's HTTP/2 streams apart, so that a fault hits exactly the request that it is meant for: when a connection
//! is cut, the requests before that one have been answered, and a PING has shown that the client has read the answers.

use super::script::{Cut, Fault, Hook, Record, Script, Seen};
use super::upstream::{Upstream, whole};
use crate::harness::Cluster;
use crate::pki::authority;
use h2::server::{Connection, SendResponse};
use h2::{Ping, RecvStream};
use http::{Request, Response, header};
use hyper::body::Bytes;
use serde_json::Value;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// A proxy with its threads.
pub(crate) struct Proxy {
    runtime: Runtime,
    shared: Arc<Shared>,
    address: SocketAddr,
}

struct Shared {
    upstream: Upstream,
    acceptor: TlsAcceptor,
    record: Mutex<Record>,
    /// Whether connections are wanted, and whether the port listens.
    wanted: watch::Sender<bool>,
    listens: watch::Sender<bool>,
    /// Resets every connection, and is called at the second one.
    deaf: Mutex<Option<(usize, Option<Hook>)>>,
    /// How many connections and forwarded requests there are.
    busy: watch::Sender<usize>,
}

/// Counts as busy as long as it lives.
struct Busy(watch::Sender<usize>);

impl Busy {
    fn new(shared: &Shared) -> Self {
        shared.busy.send_modify(|count| *count += 1);
        Self(shared.busy.clone())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

/// A connection of the client.
type Client = Connection<TlsStream<TcpStream>, Bytes>;
/// What is left of a request that cannot be answered since the API server is gone. Without it the client would be told that this
/// one stream was cancelled.
type Orphan = SendResponse<Bytes>;

impl Proxy {
    /// Starts it.
    pub(crate) fn start(cluster: &Cluster) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let upstream = Upstream::new(cluster);
        let shared = Arc::new(Shared {
            upstream,
            acceptor: acceptor(cluster, b"h2"),
            record: Mutex::default(),
            wanted: watch::Sender::new(true),
            listens: watch::Sender::new(false),
            deaf: Mutex::default(),
            busy: watch::Sender::new(0),
        });
        let _inside = runtime.enter();
        // Bound and never listening: it keeps the port ours, and refuses for us, while nobody listens.
        let holder = bound(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let address = holder.local_addr().unwrap();
        let accepting = Arc::clone(&shared);
        runtime.spawn(async move {
            let _holder = holder;
            accepting.accept(address).await
        });
        Self { runtime, shared, address }
    }

    /// The URL that the client is given.
    pub(crate) fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// Begins a run of the client.
    pub(crate) fn begin(&self, script: Script) {
        *self.shared.record.lock().unwrap() = Record::new(script);
        *self.shared.deaf.lock().unwrap() = None;
        self.shared.wanted.send_replace(true);
        self.runtime.block_on(async { self.shared.listens.subscribe().wait_for(|listens| *listens).await.map(drop) }).unwrap();
    }

    /// What was seen since then. Waits until everything that was forwarded has been done.
    pub(crate) fn end(&self) -> Record {
        self.runtime.block_on(async { self.shared.busy.subscribe().wait_for(|count| *count == 0).await.map(drop) }).unwrap();
        let record = std::mem::take(&mut *self.shared.record.lock().unwrap());
        assert!(!record.has_failed, "what the test does meanwhile succeeds");
        record
    }

    /// Asks the API server, not by way of the proxy's port. It is sent at once; the answer can be waited for later.
    pub(super) fn ask(&self, method: &str, path: String, body: Option<Value>) -> JoinHandle<io::Result<(u16, Value)>> {
        let (shared, method) = (Arc::clone(&self.shared), method.to_owned());
        self.runtime.spawn(async move { shared.upstream.ask(&method, &path, body.as_ref()).await })
    }

    /// Waits for something.
    pub(super) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }
}

/// TLS with a certificate of the cluster's authority, for one protocol.
pub(crate) fn acceptor(cluster: &Cluster, protocol: &[u8]) -> TlsAcceptor {
    let mut parameters = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    parameters.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = parameters.signed_by(&key, &authority(cluster)).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let chain = vec![certificate.der().clone()];
    let key = key.serialize_der().try_into().unwrap();
    let mut tls = builder.with_no_client_auth().with_single_cert(chain, key).unwrap();
    tls.alpn_protocols = vec![protocol.to_vec()];
    Arc::new(tls).into()
}

/// A socket at an address that others of us may have too, of which one may listen.
fn bound(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// A connection, and a second handle to it to reset it with.
fn twins(stream: TcpStream) -> io::Result<(TcpStream, TcpStream)> {
    stream.set_nodelay(true)?;
    let stream = stream.into_std()?;
    let twin = stream.try_clone()?;
    Ok((TcpStream::from_std(stream)?, TcpStream::from_std(twin)?))
}

impl Shared {
    /// Accepts connections for ever, whenever they are wanted.
    async fn accept(self: Arc<Self>, address: SocketAddr) -> io::Result<()> {
        let mut wanted = self.wanted.subscribe();
        loop {
            wanted.wait_for(|wanted| *wanted).await.map_err(io::Error::other)?;
            let listener: TcpListener = bound(address)?.listen(64)?;
            self.listens.send_replace(true);
            loop {
                tokio::select! {
                    accepted = listener.accept() => {
                        tokio::spawn(Arc::clone(&self).serve(accepted?.0, Busy::new(&self)));
                    }
                    _ = wanted.wait_for(|wanted| !*wanted) => break,
                }
            }
            drop(listener);
            self.listens.send_replace(false);
        }
    }

    /// Serves a connection until the client closes it or a fault breaks it.
    async fn serve(self: Arc<Self>, stream: TcpStream, _busy: Busy) -> io::Result<()> {
        let (stream, twin) = twins(stream)?;
        if self.is_deaf().await {
            return twin.set_zero_linger();
        }
        let stream = self.acceptor.accept(stream).await?;
        let mut client: Client = h2::server::handshake(stream).await.map_err(io::Error::other)?;
        let mut answers = JoinSet::new();
        // Dropped, they would tell the client that a stream was cancelled.
        let mut unanswered = Vec::new();
        loop {
            tokio::select! {
                next = client.accept() => {
                    let Some(Ok((request, respond))) = next else { return Ok(()) };
                    let (index, mut fault) = self.record.lock().unwrap().arrived(Seen::new(&request));
                    if let Some(Fault::First(hook, then)) = fault {
                        // In here, so that nothing that comes later overtakes it.
                        self.run(hook).await;
                        fault = then.map(|fault| *fault);
                    }
                    let cut = match fault {
                        Some(Fault::Cut(cut)) => cut,
                        Some(Fault::Silent) => {
                            unanswered.push(respond);
                            drop(self.swallow(index, request));
                            continue;
                        }
                        other => {
                            answers.spawn(Arc::clone(&self).answer(index, other, request, respond));
                            continue;
                        }
                    };
                    self.settle(&mut client, answers, matches!(cut, Cut::ResetAfter(_)), (index, request, respond)).await;
                    return self.cut(cut, &twin).await;
                }
                Some(answered) = answers.join_next() => {
                    if matches!(answered, Ok(Some(_))) {
                        return twin.set_zero_linger();
                    }
                }
            }
        }
    }

    /// Whether this connection is to be reset like all others.
    async fn is_deaf(&self) -> bool {
        let hook = {
            let mut deaf = self.deaf.lock().unwrap();
            let Some((knocks, hook)) = deaf.as_mut() else { return false };
            *knocks += 1;
            if *knocks == 2 { hook.take() } else { None }
        };
        if let Some(hook) = hook {
            self.run(hook).await;
        }
        true
    }

    /// Breaks a connection, which the caller drops then.
    async fn cut(self: &Arc<Self>, cut: Cut, twin: &TcpStream) -> io::Result<()> {
        match cut {
            Cut::ResetBefore => twin.set_zero_linger(),
            Cut::Swallowed => loop {
                twin.readable().await?;
                match twin.try_read(&mut [0; 1024]) {
                    Ok(0) => return Ok(()),
                    Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
                    _ => {}
                }
            },
            Cut::ResetAfter(hook) => {
                self.run(hook).await;
                twin.set_zero_linger()
            }
            Cut::Deaf(hook) => {
                *self.deaf.lock().unwrap() = Some((0, Some(hook)));
                twin.set_zero_linger()
            }
            Cut::Refused(time) => {
                self.wanted.send_replace(false);
                self.listens.subscribe().wait_for(|listens| !*listens).await.map_err(io::Error::other)?;
                if let Some(time) = time {
                    let wanted = self.wanted.clone();
                    tokio::spawn(async move {
                        tokio::time::sleep(time).await;
                        wanted.send_replace(true);
                    });
                }
                Ok(())
            }
        }
    }

    /// Lets a connection come to the state in which it is cut: the client knows of every answer to a request before the `last`
    /// one.
    async fn settle(
        self: &Arc<Self>,
        client: &mut Client,
        mut answers: JoinSet<Option<Orphan>>,
        is_forwarded: bool,
        last: (usize, Request<RecvStream>, SendResponse<Bytes>),
    ) {
        let (index, request, respond) = last;
        let mut lost = vec![respond];
        let mut ping_pong = client.ping_pong().expect("nobody else took it");
        let forwarded = is_forwarded.then(|| self.swallow(index, request));
        let heard = async {
            if let Some(forwarded) = forwarded {
                let _ = forwarded.await;
            }
            while answers.join_next().await.is_some() {}
            // The first may overtake answers that wait to be sent; the second cannot.
            for _ in 0..2 {
                let _ = ping_pong.ping(Ping::opaque()).await;
            }
        };
        tokio::pin!(heard);
        loop {
            tokio::select! {
                () = &mut heard => return,
                next = client.accept() => {
                    let Some(Ok((request, respond))) = next else { return };
                    lost.push(respond);
                    // A script may have a fault for it too, but no way leads to the client any more.
                    let (index, _) = self.record.lock().unwrap().arrived(Seen::new(&request));
                    if is_forwarded {
                        drop(self.swallow(index, request));
                    }
                }
            }
        }
    }

    /// Runs a hook. Should it fail, the test hears of it in the end.
    async fn run(&self, hook: Hook) {
        if tokio::task::spawn_blocking(hook).await.is_err() {
            self.record.lock().unwrap().has_failed = true;
        }
    }

    /// Answers a request.
    async fn answer(
        self: Arc<Self>,
        index: usize,
        fault: Option<Fault>,
        request: Request<RecvStream>,
        mut respond: SendResponse<Bytes>,
    ) -> Option<Orphan> {
        let request = read(request).await.ok()?;
        if let Some(Fault::Said { answer, is_forwarded: false }) = fault {
            return send(&mut respond, answer);
        }
        let forwarded = self.forward(index, request);
        let fault = match fault {
            Some(Fault::Late(hook, time)) => {
                self.run(hook).await;
                tokio::time::sleep(time).await;
                None
            }
            other => other,
        };
        let Ok(Ok(answer)) = forwarded.await else { return Some(respond) };
        match fault {
            Some(Fault::Said { answer, .. }) => send(&mut respond, answer),
            Some(Fault::Truncated) => send_half(&mut respond, answer, true),
            Some(Fault::Unreadable) => send_half(&mut respond, answer, false),
            _ => send(&mut respond, answer),
        }
    }

    /// Passes a request on, and keeps the answer to itself.
    fn swallow(self: &Arc<Self>, index: usize, request: Request<RecvStream>) -> JoinHandle<()> {
        let shared = Arc::clone(self);
        tokio::spawn(async move {
            if let Ok(request) = read(request).await {
                let _ = shared.forward(index, request).await;
            }
        })
    }

    /// Passes a request on, come what may of the client.
    fn forward(self: &Arc<Self>, index: usize, request: Request<Bytes>) -> JoinHandle<io::Result<Response<Bytes>>> {
        let (shared, busy) = (Arc::clone(self), Busy::new(self));
        tokio::spawn(async move {
            let answer = shared.upstream.send(&request).await;
            if let (Ok(answer), Some(seen)) = (&answer, shared.record.lock().unwrap().seen.get_mut(index)) {
                seen.status = answer.status().as_u16();
            }
            drop(busy);
            answer
        })
    }
}

async fn read(request: Request<RecvStream>) -> Result<Request<Bytes>, h2::Error> {
    let (head, body) = request.into_parts();
    Ok(Request::from_parts(head, whole(body).await?))
}

/// Sends an answer. What the client does not want any more, it does not get.
fn send(respond: &mut SendResponse<Bytes>, answer: Response<Bytes>) -> Option<Orphan> {
    let (head, body) = answer.into_parts();
    let mut stream = respond.send_response(Response::from_parts(head, ()), false).ok()?;
    let _ = stream.send_data(body, true);
    None
}

/// Sends half of an answer. `is_told`: with the length of all of it.
fn send_half(respond: &mut SendResponse<Bytes>, answer: Response<Bytes>, is_told: bool) -> Option<Orphan> {
    let (mut head, mut body) = answer.into_parts();
    head.headers.remove(header::CONTENT_LENGTH);
    if is_told {
        head.headers.insert(header::CONTENT_LENGTH, body.len().into());
    }
    let mut stream = respond.send_response(Response::from_parts(head, ()), false).ok()?;
    body.truncate(body.len() / 2);
    let _ = stream.send_data(body, true);
    None
}
