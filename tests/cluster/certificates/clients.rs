//! Shapes of clients' certificates and keys.

use super::ASKED;
use super::Verdict::{self, Refused, Taken};
use super::asked;
use super::peer::{Peer, is_authority, is_over};
use crate::harness::{Cluster, OURS};
use crate::recorder::{Log, with_tls};
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};

/// A client's files, and whether kubectl sends a request with them.
struct Client {
    name: &'static str,
    certificate: String,
    key: String,
    verdict: Verdict,
}

/// A key on its own, which names its curve (RFC 5915 §3): inside PKCS #8 (RFC 5208) it begins here for P-256.
fn sec1(key: &KeyPair) -> String {
    let der = key.serialize_der();
    let at = der.windows(4).position(|window| window == [4, 0x6d, 0x30, 0x6b]).unwrap();
    let (private, public) = der[at + 4..].split_at(37);
    let curve = [0xa0, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
    pem::encode(&pem::Pem::new("EC PRIVATE KEY", [&[0x30, 0x77], private, &curve, public].concat()))
}

/// Those that kubectl sends.
fn sent(cluster: &Cluster, ca: &Peer) -> Vec<Client> {
    let client = |change: fn(&mut CertificateParams)| Peer::leaf(ca, change);
    let plain = client(|_| {});
    let (first, old, own) = (client(|_| {}).of_version_1(&ca.key), client(is_over), Peer::itself(is_authority));
    let ed25519 = Peer::by(ca, KeyPair::generate_for(&PKCS_ED25519).unwrap(), |_| {});
    let p384 = Peer::by(ca, KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap(), |_| {});
    let between = Peer::leaf(ca, is_authority);
    let below = Peer::leaf(&between, |_| {});
    let (plain_key, sec1) = (plain.key.serialize_pem(), sec1(&plain.key));
    let pki = |name: &str| std::fs::read_to_string(cluster.dir.join("pki").join(name)).unwrap();
    let parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
    let of = |peer: &Peer| (peer.pem(), peer.key.serialize_pem());
    let one = |name, (certificate, key): (String, String), verdict| Client { name, certificate, key, verdict };
    vec![
        one("PKCS #8", of(&plain), Taken),
        one("SEC 1", (plain.pem(), sec1.clone()), Taken),
        one("SEC 1 behind its parameters", (plain.pem(), format!("{parameters}{sec1}")), Taken),
        one("PKCS #1, RSA", (pki("apiserver-kubelet-client.crt"), pki("apiserver-kubelet-client.key")), Taken),
        one("version 1", of(&first), Taken),
        one("over", of(&old), Taken),
        one("signed by itself, an authority", of(&own), Taken),
        one("Ed25519", of(&ed25519), Taken),
        one("P-384", of(&p384), Taken),
        one("with one between", (format!("{}{}", below.pem(), between.pem()), below.key.serialize_pem()), Taken),
        one("text around", (format!("subject=x\n{}\nend\n", plain.pem()), format!("Key:\n{plain_key}\nend")), Taken),
        one(
            "certificate behind its key in one file",
            (format!("{plain_key}{}", plain.pem()), format!("{plain_key}{}", plain.pem())),
            Taken,
        ),
    ]
}

/// Those that it cannot read.
fn unread(ca: &Peer) -> Vec<Client> {
    let key = || KeyPair::generate().unwrap();
    let (plain, first) = (Peer::leaf(ca, |_| {}), Peer::leaf(ca, |_| {}).of_version_1(&ca.key));
    let plain_key = plain.key.serialize_pem();
    let one = |name, (certificate, key): (String, String), verdict| Client { name, certificate, key, verdict };
    vec![
        one("another key", (plain.pem(), key().serialize_pem()), Refused("private key does not match public key")),
        one("version 1, another key", (first.pem(), key().serialize_pem()), Refused("private key does not match public key")),
        one("no key in it", (plain.pem(), plain.pem()), Refused("it contains no private key")),
        one("no certificate in it", (plain_key.clone(), plain_key.clone()), Refused("it contains no certificate")),
        one(
            "encrypted",
            (plain.pem(), pem::encode(&pem::Pem::new("ENCRYPTED PRIVATE KEY", vec![48, 0]))),
            Refused("is encrypted"),
        ),
        one(
            "damaged",
            (plain.pem(), "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n".to_owned()),
            Refused("client key"),
        ),
    ]
}

pub(super) fn clients(cluster: &Cluster) {
    let ca = Peer::itself(is_authority);
    let log = Log::default();
    let server = Peer::leaf(&ca, |_| {});
    let url = format!("https://{}", with_tls("server", server.served(&[]), &log));
    let authority = cluster.file("client-ca.crt", &ca.pem());
    for Client { name, certificate, key, verdict } in sent(cluster, &ca).into_iter().chain(unread(&ca)) {
        let (certificate, key) = (cluster.file("client.crt", &certificate), cluster.file("client.key", &key));
        let path = |file: &'_ std::path::PathBuf| file.to_str().unwrap().to_owned();
        let (authority, certificate, key) = (path(&authority), path(&certificate), path(&key));
        let flags =
            ["--server", &url, "--certificate-authority", &authority, "--client-certificate", &certificate, "--client-key", &key];
        let theirs = asked(cluster, "kubectl", &["get", "--raw", ASKED], &flags, &log);
        let ours = asked(cluster, OURS, &["list"], &flags, &log);
        assert_eq!((ours.0, &ours.1), (theirs.0, &theirs.1), "{name}\nwe: {}\nkubectl: {}", ours.2, theirs.2);
        match verdict {
            Taken => assert!(ours.0 && !ours.1[0].certificates.is_empty(), "{name}: {}", ours.2),
            Refused(words) => assert!(!ours.0 && ours.2.contains(words), "{name}\nwe: {}\nkubectl: {}", ours.2, theirs.2),
        }
    }
}
