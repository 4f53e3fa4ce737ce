//! Somebody between the node and the cluster, who shows a cluster-info in which an authority of their own stands beside the real one, spelled
//! so that not every reader finds it. The token must not come to them.

use super::{Eyes, Ready, TOKEN, check};
use crate::harness::Cluster;
use crate::pki;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::json;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A server with a certificate of its own authority.
struct Middle {
    endpoint: String,
    authority: String,
    /// The authority data that its cluster-info shows.
    shown: Arc<Mutex<String>>,
    /// The heads of all requests that it got.
    heard: Arc<Mutex<Vec<String>>>,
}

impl Middle {
    fn new() -> Self {
        let keys = [KeyPair::generate().unwrap(), KeyPair::generate().unwrap()];
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.distinguished_name.push(rcgen::DnType::CommonName, "somebody in the middle");
        let pem = authority.self_signed(&keys[0]).unwrap().pem();
        let [authority_key, key] = keys;
        let names = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let certificate = names.signed_by(&key, &Issuer::new(authority, authority_key)).unwrap().pem();
        let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let tls = Arc::new(builder.with_no_client_auth().with_single_cert(chain, key).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = listener.local_addr().unwrap().to_string();
        let (shown, heard) = (Arc::new(Mutex::new(String::new())), Arc::new(Mutex::new(Vec::new())));
        let (show, hear, name) = (Arc::clone(&shown), Arc::clone(&heard), endpoint.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (tls, show, hear, name) = (Arc::clone(&tls), Arc::clone(&show), Arc::clone(&hear), name.clone());
                std::thread::spawn(move || serve(stream, tls, &name, &show, &hear));
            }
        });
        Self { endpoint, authority: pem.replace("\r\n", "\n"), shown, heard }
    }
}

/// Answers each request on a connection: with cluster-info, or that there is no such thing.
fn serve(stream: TcpStream, tls: Arc<ServerConfig>, name: &str, shown: &Mutex<String>, heard: &Mutex<Vec<String>>) -> Option<()> {
    let mut stream = BufReader::new(StreamOwned::new(ServerConnection::new(tls).unwrap(), stream));
    loop {
        let (mut head, mut line) = (String::new(), String::new());
        while line != "\r\n" {
            line.clear();
            if stream.read_line(&mut line).ok()? == 0 {
                return None;
            }
            head.push_str(&line);
        }
        let length =
            head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse::<u64>().ok());
        std::io::copy(&mut stream.by_ref().take(length.unwrap_or_default()), &mut std::io::sink()).ok()?;
        let kubeconfig = format!(
            "apiVersion: v1\nkind: Config\nclusters:\n- name: \"\"\n  cluster:\n    certificate-authority-data: {}\n    server: https://{name}\n",
            shown.lock().unwrap()
        );
        let metadata = json!({ "name": "cluster-info", "namespace": "kube-public", "uid": "1" });
        let info = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": { "kubeconfig": kubeconfig } });
        let missing = json!({ "apiVersion": "v1", "kind": "Status", "status": "Failure", "reason": "NotFound", "code": 404 });
        let (status, body) =
            if head.contains("/configmaps/cluster-info") { ("200 OK", info) } else { ("404 Not Found", missing) };
        heard.lock().unwrap().push(head);
        let (body, kind) = (body.to_string(), "application/json");
        let answer = format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        stream.get_mut().write_all(answer.as_bytes()).ok()?;
    }
}

pub(super) fn smuggled_authority(cluster: &Cluster) {
    let ready = Ready::new(cluster);
    let real = std::fs::read_to_string(cluster.dir.join("pki/ca.crt")).unwrap();
    let middle = Middle::new();
    let theirs = middle.authority.as_str();
    let begin = "-----BEGIN CERTIFICATE-----\n";
    let line = format!("kubeadm join {} --token {TOKEN} --discovery-token-ca-cert-hash {}", middle.endpoint, ready.hash);
    let words: Vec<&str> = ["check", "--"].into_iter().chain(line.split(' ')).collect();
    for (spelling, bundle) in [
        ("as it is", format!("{real}{theirs}")),
        ("a blank before", format!("{real} {theirs}")),
        ("a tab before", format!("{real}\t{theirs}")),
        ("text before", format!("{real}x{theirs}")),
        ("a header", format!("{real}{}", theirs.replace(begin, &format!("{begin}A: b\n\n")))),
        ("a header with CRLF", format!("{real}{}", theirs.replace(begin, &format!("{begin}A: b\n\n")).replace('\n', "\r\n"))),
        ("CRLF and a blank", format!("{real} {}", theirs.replace('\n', "\r\n"))),
        ("trusted", format!("{real}{}", theirs.replace("CERTIFICATE", "TRUSTED CERTIFICATE"))),
        ("two in a line", format!("{}{theirs}", real.trim_end())),
        ("a NUL", format!("{real}\0{theirs}")),
        ("before the real one", format!(" {theirs}{real}")),
        ("something behind", format!("{real} {theirs}x")),
        ("not ended", format!("{real}{}", theirs.split("-----END").next().unwrap())),
    ] {
        *middle.shown.lock().unwrap() = STANDARD.encode(&bundle);
        let said = check(cluster, &words, Eyes::Node);
        assert_eq!(said.code, 1, "{spelling}: {}\n{}", said.stdout, said.stderr);
        assert!(said.stdout.contains("\nskipped  login "), "{spelling}: {}", said.stdout);
        if spelling != "as it is" {
            let refused = said.stdout.lines().find(|line| line.starts_with("failed   ca-pin ")).unwrap_or_default();
            assert!(refused.contains(" cannot be read completely: "), "{spelling}: {}", said.stdout);
        }
        let heard = std::mem::take(&mut *middle.heard.lock().unwrap());
        assert!(!heard.is_empty(), "{spelling}: nobody asked");
        for head in heard {
            let head = head.to_ascii_lowercase();
            assert!(!head.contains("bearer") && !head.contains("authorization"), "{spelling}: {head}");
        }
    }
    // They do answer: who goes without a hash hears them.
    let said = check(cluster, &["check", &line.replace(&ready.hash, &format!("sha256:{}", "0".repeat(64)))], Eyes::Node);
    assert!(said.stdout.contains("ok       endpoint"), "{}", said.stdout);
}

/// While authorities are changed there are several, with remarks between them.
pub(super) fn ordinary_bundle(cluster: &Cluster) {
    let ready = Ready::new(cluster);
    let real = std::fs::read_to_string(cluster.dir.join("pki/ca.crt")).unwrap();
    let (old, next) = (pki::of_nobody().replace("\r\n", "\n"), pki::of_nobody().replace('\n', "\r\n"));
    for bundle in
        [format!("{old}{real}"), format!("# Subject: CN=kubernetes\n{real}\n# the next one\n{next}"), real.trim_end().to_owned()]
    {
        let data = STANDARD.encode(bundle);
        super::broken::change_authority(cluster, &ready, &data);
        let said = check(cluster, &["check", &ready.line(TOKEN)], Eyes::Node);
        assert_eq!(said.code, 0, "{}\n{}", said.stdout, said.stderr);
    }
}
