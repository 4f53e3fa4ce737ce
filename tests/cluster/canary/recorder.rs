//! What hears all that a process sends: a proxy before the API server that keeps every byte of the requests, one that is asked for
//! tunnels, a server of names, and an address where nobody is expected.

use crate::fault::proxy::acceptor;
use crate::fault::upstream::connector;
use crate::harness::Cluster;
use rustls::pki_types::ServerName;
use std::io::{self, Write as _};
use std::net::{SocketAddr, TcpListener as Trap, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// What was heard since the last time that somebody asked.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// What each connection said to the API server.
    pub(super) requests: Vec<Vec<u8>>,
    /// The tunnels that were asked for, and what was said at the address where nobody is expected.
    pub(super) connections: Vec<Vec<u8>>,
    /// The names that were looked up.
    pub(super) names: Vec<String>,
}

/// All that hears, for one process at a time.
pub(super) struct Recorder {
    runtime: Runtime,
    shared: Arc<Shared>,
    /// Where the proxy is, for the API server as for tunnels.
    pub(super) proxy: SocketAddr,
    /// The address where nobody is expected: every name has it. The server of names is there too.
    pub(super) trap: String,
    /// Files that stand in place of those in `/etc`.
    pub(super) resolv_conf: PathBuf,
    pub(super) nsswitch_conf: PathBuf,
}

struct Shared {
    acceptor: TlsAcceptor,
    connector: TlsConnector,
    endpoint: String,
    heard: Mutex<Heard>,
    /// How many connections there are.
    busy: watch::Sender<usize>,
}

/// A name that nobody but us looks up, to see that all earlier ones have been heard.
const MARK: &str = "mark.canary.walk";

impl Recorder {
    /// Starts it. `number` tells recorders apart.
    pub(super) fn start(cluster: &Cluster, folder: &Path, number: usize) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let shared = Arc::new(Shared {
            acceptor: acceptor(cluster, b"http/1.1"),
            connector: connector(cluster, b"http/1.1"),
            endpoint: cluster.endpoint.clone(),
            heard: Mutex::default(),
            busy: watch::Sender::new(0),
        });
        let trap = format!("127.{}.{}.{}", 64 + std::process::id() % 128, std::process::id() / 128 % 250, number + 1);
        shared.clone().answer_names(&trap);
        for port in [443, 6443] {
            shared.clone().wait_for_nobody(&trap, port);
        }
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let proxy = listener.local_addr().unwrap();
        let serving = Arc::clone(&shared);
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                serving.busy.send_modify(|count| *count += 1);
                let shared = Arc::clone(&serving);
                tokio::spawn(async move {
                    drop(shared.serve(stream).await);
                    shared.busy.send_modify(|count| *count -= 1);
                });
            }
        });
        let file = |name: &str, text: &str| {
            let path = folder.join(format!("{name}-{number}"));
            std::fs::write(&path, text).unwrap();
            path
        };
        let resolv_conf = file("resolv.conf", &format!("nameserver {trap}\noptions attempts:1 timeout:2\n"));
        let nsswitch_conf = file("nsswitch.conf", "hosts: files dns\n");
        Self { runtime, shared, proxy, trap, resolv_conf, nsswitch_conf }
    }

    /// What was heard. Waits until every connection is closed, and until a name that we look up now has been heard.
    pub(super) fn take(&self) -> Heard {
        self.runtime.block_on(async { self.shared.busy.subscribe().wait_for(|count| *count == 0).await.map(drop) }).unwrap();
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        socket.send_to(&question(MARK), (self.trap.as_str(), 53)).unwrap();
        socket.recv(&mut [0; 512]).expect("the server of names answers");
        let mut heard = std::mem::take(&mut *self.shared.heard.lock().unwrap());
        assert_eq!(heard.names.pop().as_deref(), Some(MARK), "the server of names hears");
        heard
    }
}

impl Shared {
    /// Serves whoever speaks TLS as the API server, and whoever asks for a tunnel as a proxy.
    async fn serve(&self, mut stream: TcpStream) -> io::Result<()> {
        let mut first = [0];
        stream.peek(&mut first).await?;
        if first == [0x16] {
            return self.pass_on(stream).await;
        }
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await?);
        }
        let text = String::from_utf8_lossy(&head).into_owned();
        self.heard.lock().unwrap().connections.push(head);
        let target = text.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next()).unwrap_or_default();
        if !target.starts_with("127.0.0.1:") {
            return stream.write_all(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n").await;
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
        self.pass_on(stream).await
    }

    /// Ends TLS, and keeps what is said.
    async fn pass_on(&self, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut client = self.acceptor.accept(stream).await?;
        let place = {
            let mut heard = self.heard.lock().unwrap();
            let name = client.get_ref().1.server_name().map(|name| format!("server name {name}").into_bytes());
            heard.connections.extend(name);
            heard.requests.push(Vec::new());
            heard.requests.len() - 1
        };
        let server = TcpStream::connect(&self.endpoint).await?;
        server.set_nodelay(true)?;
        let name = ServerName::try_from("127.0.0.1").map_err(io::Error::other)?;
        let mut server = self.connector.connect(name, server).await?;
        let (mut asked, mut answered) = ([0; 16384], [0; 16384]);
        loop {
            tokio::select! {
                count = client.read(&mut asked) => match count {
                    Ok(count) if count > 0 => {
                        self.heard.lock().unwrap().requests[place].extend_from_slice(&asked[..count]);
                        server.write_all(&asked[..count]).await?;
                        server.flush().await?;
                    }
                    _ => return Ok(()),
                },
                count = server.read(&mut answered) => match count {
                    Ok(count) if count > 0 => {
                        client.write_all(&answered[..count]).await?;
                        client.flush().await?;
                    }
                    _ => return Ok(()),
                },
            }
        }
    }

    /// Says of every name that it is here.
    fn answer_names(self: Arc<Self>, trap: &str) {
        let socket = UdpSocket::bind((trap, 53)).expect("a server of names on loopback: run this as root");
        let address: std::net::Ipv4Addr = trap.parse().unwrap();
        std::thread::spawn(move || {
            let mut bytes = [0; 512];
            while let Ok((count, from)) = socket.recv_from(&mut bytes) {
                let asked = bytes.get(..count).unwrap_or_default();
                let Some((name, end)) = name(asked) else { continue };
                self.heard.lock().unwrap().names.push(name);
                let is_for_v4 = asked.get(end..end + 2) == Some(&[0, 1]);
                let mut answer = [&asked[..2], &[0x81, 0x80, 0, 1, 0, u8::from(is_for_v4), 0, 0, 0, 0]].concat();
                answer.extend_from_slice(&asked[12..end + 4]);
                if is_for_v4 {
                    answer.extend_from_slice(&[0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4]);
                    answer.extend_from_slice(&address.octets());
                }
                socket.send_to(&answer, from).unwrap();
            }
        });
    }

    /// Hears what is said where nobody is expected, and says nothing.
    fn wait_for_nobody(self: Arc<Self>, trap: &str, port: u16) {
        let trap = Trap::bind((trap, port)).unwrap();
        std::thread::spawn(move || {
            for stream in trap.incoming() {
                let Ok(mut stream) = stream else { continue };
                let _ = stream.set_read_timeout(Some(Duration::from_millis(500)));
                let mut bytes = vec![0; 4096];
                let count = io::Read::read(&mut stream, &mut bytes).unwrap_or_default();
                bytes.truncate(count);
                bytes.splice(..0, format!("port {port}: ").into_bytes());
                self.heard.lock().unwrap().connections.push(bytes);
                let _ = stream.flush();
            }
        });
    }
}

/// A question for the address of a name (RFC 1035, 4.1).
fn question(name: &str) -> Vec<u8> {
    let labels = name.split('.').flat_map(|label| {
        let length = u8::try_from(label.len()).unwrap();
        std::iter::once(length).chain(label.bytes())
    });
    [0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0].into_iter().chain(labels).chain([0, 0, 1, 0, 1]).collect()
}

/// The name in a question, and where it ends.
fn name(asked: &[u8]) -> Option<(String, usize)> {
    let (mut at, mut labels) = (12, Vec::new());
    loop {
        let length = usize::from(*asked.get(at)?);
        if length == 0 {
            return Some((labels.join("."), at + 1));
        }
        labels.push(String::from_utf8_lossy(asked.get(at + 1..at + 1 + length)?).into_owned());
        at += 1 + length;
    }
}
