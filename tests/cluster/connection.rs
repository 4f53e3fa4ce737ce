//! How the API server is reached: one connection, one run of a credential plugin, the proxy of the kubeconfig.

use crate::api::collection;
use crate::harness::{Cluster, cleared, config, trial};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};

#[path = "../bench/budgets.rs"]
mod budgets;

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    vec![
        trial("connection::one_connection_for_everything", cluster, one_connection),
        trial("connection::through_the_proxy_of_the_kubeconfig", cluster, through_proxy),
        trial("connection::a_long_list_is_compressed_on_its_way", cluster, compressed),
        trial("connection::what_is_packed_counts_as_unpacked", cluster, packed),
        trial("connection::a_proxy_that_is_down_is_not_avoided", cluster, dead_proxy),
        trial("connection::a_plugin_with_a_token_runs_once", cluster, |cluster| plugin(cluster, Credential::Token)),
        trial("connection::a_plugin_with_a_certificate_runs_once", cluster, |cluster| plugin(cluster, Credential::Certificate)),
        trial("connection::a_silent_server_is_not_waited_for", cluster, silent),
        trial("connection::certificates_in_files", cluster, certificates_in_files),
        trial("connection::tls_server_name", cluster, tls_server_name),
    ]
}

/// Accepts connections for ever, counts them, and hands each to `serve` in a thread.
pub(crate) fn listen(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (count, serve) = (Arc::new(AtomicUsize::new(0)), Arc::new(serve));
    let counter = Arc::clone(&count);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            counter.fetch_add(1, Ordering::SeqCst);
            let serve = Arc::clone(&serve);
            std::thread::spawn(move || serve(stream));
        }
    });
    (address, count)
}

/// Copies both ways until both have ended; returns how many bytes that were.
fn splice(client: TcpStream, server: TcpStream) -> u64 {
    let copy = |mut from: TcpStream, mut to: TcpStream| {
        let bytes = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(std::net::Shutdown::Write);
        bytes.unwrap_or_default()
    };
    let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let up = std::thread::spawn(move || copy(from, to));
    copy(server, client) + up.join().unwrap()
}

/// The administrator's kubeconfig with changes to its cluster and user.
fn kubeconfig(cluster: &Cluster, name: &str, change: impl FnOnce(&mut Value, &mut Value)) -> String {
    let text = cluster.kubectl(&["config", "view", "--raw", "--minify", "-o", "json"]);
    let mut config: Value = serde_json::from_str(&text).unwrap();
    let (mut entry, mut user) = (config["clusters"][0]["cluster"].take(), config["users"][0]["user"].take());
    change(&mut entry, &mut user);
    config["clusters"][0]["cluster"] = entry;
    config["users"][0]["user"] = user;
    cluster.file(name, &config.to_string()).to_str().unwrap().to_owned()
}

/// Reads, dry runs and writes share a connection, and no more goes over it than is known.
fn one_connection(cluster: &Cluster) {
    cluster.reset();
    let (server, (ended, bytes)) = (cluster.endpoint.clone(), mpsc::channel());
    let (address, count) = listen(move |client| ended.send(splice(client, TcpStream::connect(&server).unwrap())).unwrap());
    let file =
        cluster.file("budget.yaml", &config("v1beta4", "v1.37.2", &json!([{ "token": "abcdef.0123456789abcdef", "ttl": "0s" }])));
    let apply = ["apply", "-f", file.to_str().unwrap()];
    let url = format!("https://{address}");
    for (section, args, expected, lines) in [
        ("wire.first", &apply[..], " created\n", 10),
        ("wire.again", &apply, " unchanged\n", 10),
        ("wire.list", &["list", "-o", "name"], "secret/", 1),
    ] {
        let mark = cluster.audit_mark();
        let said = cluster.ours_ok(&[args, &["--server", &url]].concat());
        assert_eq!(said.stdout.matches(expected).count(), lines, "{args:?}: {}", said.stdout);
        let requests = cluster.our_requests(mark).len() as u64;
        let (bytes, connections) = (bytes.recv().unwrap(), count.swap(0, Ordering::SeqCst) as u64);
        budgets::check(section, &BTreeMap::from([("requests", requests), ("connections", connections), ("bytes", bytes)]));
    }
}

fn through_proxy(cluster: &Cluster) {
    cluster.reset();
    let (address, count) = listen(|client| {
        let mut lines = BufReader::new(client.try_clone().unwrap()).lines();
        let request = lines.next().unwrap().unwrap();
        let authorization = lines.by_ref().map_while(Result::ok).take_while(|line| !line.is_empty()).find(|line| {
            // dXNlcjpwOnc= is user:p:w
            line.eq_ignore_ascii_case("proxy-authorization: Basic dXNlcjpwOnc=")
        });
        let mut client = client;
        let target = request.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next());
        match (target, authorization) {
            (Some(target), Some(_)) => {
                let server = TcpStream::connect(target).unwrap();
                client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
                splice(client, server);
            }
            _ => client.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").unwrap(),
        }
    });
    let proxy = format!("http://user:p%3Aw@{address}");
    let file = kubeconfig(cluster, "proxy.conf", |cluster, _| cluster["proxy-url"] = json!(proxy));
    let said = cluster.ours_ok(&["apply", "--kubeconfig", &file]);
    assert_eq!(said.stdout.matches(" created\n").count(), 10);
    assert_eq!(count.load(Ordering::SeqCst), 1);
    let info = cluster.get("kube-public", "configmap/cluster-info");
    assert!(!info["data"]["kubeconfig"].as_str().unwrap().contains("proxy"), "a node is not told of the administrator's proxy");
}

/// Of a server elsewhere a long list comes compressed, unless the operator declines it; on this machine that only costs time.
fn compressed(cluster: &Cluster) {
    cluster.reset();
    let secrets = collection("Secret", "kube-system");
    let token = |number: usize| {
        let id = format!("gzip{number:02}");
        let data = json!({ "token-id": id, "token-secret": "0123456789abcdef", "description": "for a node ".repeat(400) });
        let metadata = json!({ "name": format!("bootstrap-token-{id}"), "namespace": "kube-system" });
        let secret = json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "bootstrap.kubernetes.io/token", "stringData": data,
        });
        (secrets.clone(), secret)
    };
    cluster.api().create(&(0..60).map(token).collect::<Vec<_>>());

    let (server, bytes) = (cluster.endpoint.clone(), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&bytes);
    let (proxy, _) = listen(move |client| {
        let request =
            BufReader::new(client.try_clone().unwrap()).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
        assert!(request.count() > 0);
        (&client).write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        let mut from = TcpStream::connect(&server).unwrap();
        let (mut up, mut to) = (client.try_clone().unwrap(), from.try_clone().unwrap());
        std::thread::spawn(move || std::io::copy(&mut up, &mut to));
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            // Before whoever asked has it.
            count.fetch_add(length, Ordering::SeqCst);
            if (&client).write_all(&buffer[..length]).is_err() {
                break;
            }
        }
    });
    let port = cluster.endpoint.rsplit_once(':').unwrap().1.to_owned();
    let through = |host: &str, flags: &[&str]| {
        let elsewhere = format!("https://{host}:{port}");
        let file = kubeconfig(cluster, "elsewhere.conf", |entry, _| {
            entry["server"] = json!(elsewhere);
            entry["proxy-url"] = json!(format!("http://{proxy}"));
            entry["tls-server-name"] = json!("127.0.0.1");
        });
        let before = bytes.load(Ordering::SeqCst);
        let said = cluster.ours_ok(&[&["list", "--kubeconfig", &file], flags].concat());
        assert_eq!(said.stdout.matches("gzip").count(), 60);
        bytes.load(Ordering::SeqCst) - before
    };
    let near = through("127.0.0.1", &[]);
    let [far, declined] = [&[][..], &["--disable-compression"]].map(|flags| through("cp.example.com", flags));
    assert!(
        far * 5 < declined && far * 5 < near,
        "{near} bytes of this machine, {far} of another, {declined} if that is declined"
    );
}

/// A small answer that unpacks to more than is read, one that breaks off, and one that is not packed at all.
fn packed(cluster: &Cluster) {
    let zip = |script: &str| cleared("sh").args(["-c", script]).output().unwrap().stdout;
    let bomb = zip("head -c 100000000 /dev/zero | tr '\\0' ' ' | gzip -9");
    let torn = zip("echo '{}' | gzip -9");
    for (body, timeout, said) in [
        (bomb, "60s", "are larger than 65536 KiB in total"),
        // What cannot be JSON is not unpacked to its end.
        (zip("head -c 100000000 /dev/zero | gzip -9"), "1s", "is not JSON"),
        (torn[..torn.len() - 6].to_vec(), "1s", "unexpected EOF"),
        (b"{}".to_vec(), "1s", "gzip"),
    ] {
        let (proxy, _) = listen(move |mut client| {
            let mut lines = BufReader::new(client.try_clone().unwrap()).lines().map_while(Result::ok);
            lines.by_ref().take_while(|line| !line.is_empty()).for_each(drop);
            client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
            lines.take_while(|line| !line.is_empty()).for_each(drop);
            let length = body.len();
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length:";
            client.write_all(format!("{head} {length}\r\n\r\n").as_bytes()).unwrap();
            // It may have heard enough.
            let _ = client.write_all(&body);
        });
        let proxy = format!("http://{proxy}");
        let flags =
            ["--server", "http://cp.example.com", "--proxy-url", &proxy, "--kubeconfig", "/dev/null", "--timeout", timeout];
        let answer = cluster.ours(&[&["list"][..], &flags].concat());
        assert!(answer.code == 2 && answer.stderr.contains(said), "{said}: {}", answer.stderr);
    }
}

fn dead_proxy(cluster: &Cluster) {
    let file = kubeconfig(cluster, "dead-proxy.conf", |cluster, _| cluster["proxy-url"] = json!("http://127.0.0.1:1"));
    let said = cluster.ours(&["apply", "--kubeconfig", &file]);
    assert_eq!(said.code, 2, "{}", said.stdout);
    let file = kubeconfig(cluster, "odd-proxy.conf", |cluster, _| cluster["proxy-url"] = json!("ftp://127.0.0.1:1"));
    let said = cluster.ours(&["apply", "--kubeconfig", &file]);
    assert_eq!((said.code, said.stderr.contains("proxy-url")), (2, true), "{}", said.stderr);
}

/// What a credential plugin returns.
#[derive(Clone, Copy)]
enum Credential {
    Token,
    Certificate,
}

fn plugin(cluster: &Cluster, credential: Credential) {
    cluster.reset();
    let text = cluster.kubectl(&["config", "view", "--raw", "--minify", "-o", "json"]);
    let config: Value = serde_json::from_str(&text).unwrap();
    let decoded = |name: &str| {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        let data = config["users"][0]["user"][name].as_str().unwrap();
        String::from_utf8(STANDARD.decode(data).unwrap()).unwrap()
    };
    let status = match credential {
        Credential::Certificate => json!({
            "clientCertificateData": decoded("client-certificate-data"),
            "clientKeyData": decoded("client-key-data"),
        }),
        Credential::Token => {
            let made = cluster.run("kubectl", &["create", "serviceaccount", "admin", "-n", "kube-system"]);
            assert!(made.code == 0 || made.stderr.contains("already exists"), "{}", made.stderr);
            let binding =
                ["create", "clusterrolebinding", "admin", "--clusterrole=cluster-admin", "--serviceaccount=kube-system:admin"];
            let bound = cluster.run("kubectl", &binding);
            assert!(bound.code == 0 || bound.stderr.contains("already exists"), "{}", bound.stderr);
            let token = cluster.kubectl(&["create", "token", "admin", "-n", "kube-system"]);
            json!({ "token": token.trim(), "expirationTimestamp": "2040-01-01T00:00:00Z" })
        }
    };
    let version = "client.authentication.k8s.io/v1";
    let answer = json!({ "apiVersion": version, "kind": "ExecCredential", "status": status });
    let answer = cluster.file("credential.json", &answer.to_string());
    let runs = cluster.file("plugin-runs", "");
    let script = format!("#!/bin/sh\necho \"$KUBERNETES_EXEC_INFO\" >>'{}'\ncat '{}'\n", runs.display(), answer.display());
    let script = cluster.file("plugin", &script);
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let file = kubeconfig(cluster, "plugin.conf", |_, user| {
        *user = json!({ "exec": { "apiVersion": version, "command": script.to_str().unwrap(), "interactiveMode": "Never" } });
    });
    let said = cluster.ours_ok(&["apply", "--kubeconfig", &file]);
    assert_eq!(said.stdout.matches(" created\n").count(), 10);
    let info = std::fs::read_to_string(&runs).unwrap();
    assert_eq!(info.lines().count(), 1, "{info}");
    assert!(info.contains("\"interactive\":false"), "{info}");
}

/// A server that accepts and says nothing.
fn silent(cluster: &Cluster) {
    let (address, _) = listen(|stream| {
        let _ = std::io::copy(&mut &stream, &mut std::io::sink());
    });
    let said = cluster.ours(&["apply", "--server", &format!("https://{address}"), "--request-timeout", "200ms"]);
    let expected =
        "Unable to connect to the server: the server did not answer within 200ms; --request-timeout sets how long to wait\n";
    assert_eq!((said.code, said.stderr.as_str()), (2, expected));
}

fn certificates_in_files(cluster: &Cluster) {
    cluster.reset();
    let pki = cluster.dir.join("pki");
    let path = |name: &str| pki.join(name).to_str().unwrap().to_owned();
    let (certificate, key, authority) =
        (path("apiserver-kubelet-client.crt"), path("apiserver-kubelet-client.key"), path("ca.crt"));
    let empty = cluster.file("empty.conf", "");
    let server = format!("https://{}", cluster.endpoint);
    let args = [
        "plan",
        "--kubeconfig",
        empty.to_str().unwrap(),
        "--server",
        &server,
        "--certificate-authority",
        &authority,
        "--client-certificate",
        &certificate,
        "--client-key",
        &key,
        "--request-timeout",
        "30s",
    ];
    // This certificate may only talk to kubelets: we are known, and not allowed.
    let said = cluster.ours(&args);
    assert!(said.stderr.contains("User \"kube-apiserver-kubelet-client\" cannot get"), "{}", said.stderr);
}

fn tls_server_name(cluster: &Cluster) {
    let said = cluster.ours(&["plan", "--tls-server-name", "elsewhere.example"]);
    assert_eq!(said.code, 2);
    let valid = "tls: failed to verify certificate: x509: certificate is valid for ";
    assert!(said.stderr.contains(valid) && said.stderr.trim_end().ends_with(", not elsewhere.example"), "{}", said.stderr);
    cluster.ours_ok(&["plan", "--tls-server-name", "kubernetes.default.svc"]);
    let sent = cluster.ours_ok(&["plan", "--tls-server-name", "elsewhere.example", "--insecure-skip-tls-verify"]);
    assert!(sent.stdout.contains(" to create, "), "{}", sent.stdout);
}
