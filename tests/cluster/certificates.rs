//! Shapes of certificates, of authorities, servers and clients: our verdict is kubectl's.

use crate::harness::{Cluster, OURS, said, trial};
use crate::recorder::{Identity, Log, Request, with_tls};
use libtest_mimic::Trial;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose as Usage, GeneralSubtree, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, NameConstraints, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, SigningKey as _, date_time_ymd,
};
use std::process::Stdio;
use std::sync::Arc;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// What both ask for.
const ASKED: &str = "/api/v1/namespaces/kube-system/secrets?fieldSelector=type%3Dbootstrap.kubernetes.io%2Ftoken";

/// Whether kubectl takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Taken,
    /// It does not; we say this.
    Refused(&'static str),
}
use Verdict::{Refused, Taken};

/// A certificate that can issue others, and its key.
struct Party {
    parameters: CertificateParams,
    key: KeyPair,
    der: Vec<u8>,
}

impl Party {
    fn of(change: impl FnOnce(&mut CertificateParams)) -> CertificateParams {
        let mut parameters = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        parameters.distinguished_name = rcgen::DistinguishedName::new();
        parameters.distinguished_name.push(DnType::CommonName, "kubernetes");
        change(&mut parameters);
        parameters
    }

    fn itself(change: impl FnOnce(&mut CertificateParams)) -> Self {
        let (parameters, key) = (Self::of(change), KeyPair::generate().unwrap());
        let der = parameters.self_signed(&key).unwrap().der().to_vec();
        Self { parameters, key, der }
    }

    fn by(issuer: &Self, key: KeyPair, change: impl FnOnce(&mut CertificateParams)) -> Self {
        let parameters = Self::of(|parameters| {
            named(parameters, "kube-apiserver");
            change(parameters);
        });
        let der = parameters.signed_by(&key, &Issuer::from_params(&issuer.parameters, &issuer.key)).unwrap().der().to_vec();
        Self { parameters, key, der }
    }

    fn leaf(issuer: &Self, change: impl FnOnce(&mut CertificateParams)) -> Self {
        Self::by(issuer, KeyPair::generate().unwrap(), change)
    }

    /// The same as a certificate of version 1, which has no extensions (RFC 5280 §4.1.2.1).
    fn of_version_1(self, issuer: &KeyPair) -> Self {
        let der = version_1(&self.der, issuer);
        Self { der, ..self }
    }

    fn pem(&self) -> String {
        pem::encode(&pem::Pem::new("CERTIFICATE", self.der.clone()))
    }

    fn served(&self, others: &[&Self]) -> Identity {
        let chain = std::iter::once(self).chain(others.iter().copied()).map(|party| party.der.clone()).collect();
        Identity { chain, key: self.key.serialize_der() }
    }
}

fn named(parameters: &mut CertificateParams, name: &str) {
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, name);
}

fn is_authority(parameters: &mut CertificateParams) {
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
}

fn is_over(parameters: &mut CertificateParams) {
    (parameters.not_before, parameters.not_after) = (date_time_ymd(2019, 1, 1), date_time_ymd(2020, 1, 1));
}

fn version_1(der: &[u8], issuer: &KeyPair) -> Vec<u8> {
    let tagged = |tag: u8, content: &[u8]| match content.len() {
        length @ 0..0x80 => [&[tag, length as u8], content].concat(),
        length @ 0x80..0x100 => [&[tag, 0x81, length as u8], content].concat(),
        length => [&[tag, 0x82, (length >> 8) as u8, length as u8], content].concat(),
    };
    let (_, certificate) = X509Certificate::from_der(der).unwrap();
    let ecdsa_with_sha256 = [0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
    let validity = tagged(0x30, &[tagged(0x17, b"200101000000Z"), tagged(0x17, b"400101000000Z")].concat());
    let body = tagged(
        0x30,
        &[
            &tagged(2, certificate.raw_serial()),
            &ecdsa_with_sha256[..],
            certificate.issuer().as_raw(),
            &validity,
            certificate.subject().as_raw(),
            certificate.public_key().raw,
        ]
        .concat(),
    );
    let signature = issuer.sign(&body).unwrap();
    tagged(0x30, &[&body[..], &ecdsa_with_sha256, &tagged(3, &[&[0], &signature[..]].concat())].concat())
}

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    let servers = servers().into_iter().map(|server| {
        let server = std::sync::Mutex::new(Some(server));
        let name = server.lock().unwrap().as_ref().map(|server| server.name).unwrap();
        trial(format!("certificates::server_{name}"), cluster, move |cluster| {
            let server = server.lock().unwrap().take().unwrap();
            check_server(cluster, server);
        })
    });
    let clients = trial("certificates::clients", cluster, clients);
    servers.chain([clients]).collect()
}

/// A server, and who vouches for it.
struct Server {
    name: &'static str,
    authority: String,
    identity: Identity,
    flags: Vec<&'static str>,
    verdict: Verdict,
}

fn servers() -> Vec<Server> {
    let ca = Party::itself(is_authority);
    let mut made = Vec::new();
    let mut add = |name, authority: String, identity, verdict| {
        made.push(Server { name, authority, identity, flags: Vec::new(), verdict });
    };
    let plain = Party::leaf(&ca, |_| {});
    add("of_an_authority", ca.pem(), plain.served(&[]), Taken);
    add("that_is_its_own_authority", plain.pem(), plain.served(&[]), Taken);
    let own = Party::itself(is_authority);
    add("that_signed_itself_as_an_authority", own.pem(), own.served(&[]), Taken);
    let own = Party::itself(|_| {});
    add("that_signed_itself", own.pem(), own.served(&[]), Taken);
    add("that_is_an_authority_too", ca.pem(), Party::leaf(&ca, is_authority).served(&[]), Taken);
    let any = Party::leaf(&ca, |parameters| parameters.extended_key_usages = vec![Usage::Any]);
    add("for_any_use", ca.pem(), any.served(&[]), Taken);
    let client = Party::leaf(&ca, |parameters| parameters.extended_key_usages = vec![Usage::ClientAuth]);
    add("for_clients_only", ca.pem(), client.served(&[]), Refused("x509: "));
    add("for_clients_only_that_is_its_own_authority", client.pem(), client.served(&[]), Refused("incompatible key usage"));
    let old = Party::leaf(&ca, is_over);
    add("that_is_over", ca.pem(), old.served(&[]), Refused("has expired"));
    add("that_is_over_and_its_own_authority", old.pem(), old.served(&[]), Refused("has expired"));
    let later = Party::leaf(&ca, |parameters| parameters.not_before = date_time_ymd(2090, 1, 1));
    add("that_is_not_yet_valid", ca.pem(), later.served(&[]), Refused("not yet valid"));
    let elsewhere = Party::leaf(&ca, |parameters| {
        parameters.subject_alt_names = CertificateParams::new(vec!["10.0.0.1".to_owned()]).unwrap().subject_alt_names
    });
    add("with_another_address", ca.pem(), elsewhere.served(&[]), Refused("not 127.0.0.1"));
    add("with_another_address_that_is_its_own_authority", elsewhere.pem(), elsewhere.served(&[]), Refused("127.0.0.1"));
    let nameless = Party::leaf(&ca, |parameters| {
        parameters.subject_alt_names.clear();
        named(parameters, "127.0.0.1");
    });
    add("with_a_common_name_only", ca.pem(), nameless.served(&[]), Refused("x509: "));
    add("with_a_common_name_only_that_is_its_own_authority", nameless.pem(), nameless.served(&[]), Refused("x509: "));
    let first = Party::leaf(&ca, |_| {}).of_version_1(&ca.key);
    add("of_version_1", ca.pem(), first.served(&[]), Refused("x509: "));
    let critical = Party::leaf(&ca, |parameters| {
        let mut extension = CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99999, 1], vec![5, 0]);
        extension.set_criticality(true);
        parameters.custom_extensions = vec![extension];
    });
    add("with_an_unknown_critical_extension", ca.pem(), critical.served(&[]), Refused("x509: "));
    add("with_an_unknown_critical_extension_that_is_its_own_authority", critical.pem(), critical.served(&[]), Refused("x509: "));
    for (name, algorithm) in [("on_ed25519", &PKCS_ED25519), ("on_p384", &PKCS_ECDSA_P384_SHA384)] {
        let leaf = Party::by(&ca, KeyPair::generate_for(algorithm).unwrap(), |_| {});
        add(name, ca.pem(), leaf.served(&[]), Taken);
    }

    // Authorities.
    let first = Party::itself(is_authority);
    let first_der = version_1(&first.der, &first.key);
    let first = Party { der: first_der, ..first };
    add("of_an_authority_of_version_1", first.pem(), Party::leaf(&first, |_| {}).served(&[]), Taken);
    let old = Party::itself(|parameters| {
        is_authority(parameters);
        is_over(parameters);
    });
    add("of_an_authority_that_is_over", old.pem(), Party::leaf(&old, |_| {}).served(&[]), Refused("has expired"));
    add(
        "that_is_an_authority_and_of_one_that_is_over",
        old.pem(),
        Party::leaf(&old, is_authority).served(&[]),
        Refused("has expired"),
    );
    let not_one = Party::itself(|_| {});
    add("of_what_may_sign_nothing", not_one.pem(), Party::leaf(&not_one, |_| {}).served(&[]), Refused("may sign no others"));
    let no_signer = Party::itself(|parameters| {
        is_authority(parameters);
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    });
    add(
        "of_an_authority_whose_key_signs_nothing",
        no_signer.pem(),
        Party::leaf(&no_signer, |_| {}).served(&[]),
        Refused("may sign no others"),
    );
    add(
        "that_is_an_authority_and_of_one_whose_key_signs_nothing",
        no_signer.pem(),
        Party::leaf(&no_signer, is_authority).served(&[]),
        Refused("x509: "),
    );
    let for_clients = Party::itself(|parameters| {
        is_authority(parameters);
        parameters.extended_key_usages = vec![Usage::ClientAuth];
    });
    add("of_an_authority_for_clients", for_clients.pem(), Party::leaf(&for_clients, |_| {}).served(&[]), Refused("x509: "));
    let bounded = Party::itself(|parameters| {
        is_authority(parameters);
        let elsewhere = GeneralSubtree::IpAddress(rcgen::CidrSubnet::from_addr_prefix("10.0.0.0".parse().unwrap(), 8));
        parameters.name_constraints =
            Some(NameConstraints { permitted_subtrees: vec![elsewhere], excluded_subtrees: Vec::new() });
    });
    add("of_an_authority_for_other_addresses", bounded.pem(), Party::leaf(&bounded, |_| {}).served(&[]), Refused("x509: "));
    add(
        "that_is_an_authority_and_of_one_for_other_addresses",
        bounded.pem(),
        Party::leaf(&bounded, is_authority).served(&[]),
        Refused("x509: "),
    );
    let other = Party::itself(is_authority);
    add("of_another_authority_of_this_name", other.pem(), plain.served(&[]), Refused("unknown authority"));
    add(
        "that_is_an_authority_and_of_another_of_this_name",
        other.pem(),
        Party::leaf(&ca, is_authority).served(&[]),
        Refused("x509: "),
    );
    add("of_one_of_two_authorities", format!("old\n{}\nnew\n{}", other.pem(), ca.pem()), plain.served(&[]), Taken);
    let between = Party::leaf(&ca, |parameters| {
        is_authority(parameters);
        named(parameters, "between");
    });
    let below = Party::leaf(&between, |_| {});
    add("with_one_between", ca.pem(), below.served(&[&between]), Taken);
    add("with_one_between_that_is_missing", ca.pem(), below.served(&[]), Refused("unknown authority"));
    add("of_one_between_that_is_the_authority", between.pem(), below.served(&[]), Taken);
    let not_between = Party::leaf(&ca, |parameters| named(parameters, "between"));
    add("below_what_may_sign_nothing", ca.pem(), Party::leaf(&not_between, |_| {}).served(&[&not_between]), Refused("x509: "));

    // Names.
    let wild = Party::leaf(&ca, |parameters| {
        parameters.subject_alt_names = CertificateParams::new(vec!["*.example.com".to_owned()]).unwrap().subject_alt_names
    });
    for (name, host, verdict) in [
        ("with_a_star", "api.example.com", Taken),
        ("with_a_star_for_two_labels", "a.b.example.com", Refused("not a.b.example.com")),
        ("with_a_star_for_none", "example.com", Refused("not example.com")),
    ] {
        let flags = vec!["--tls-server-name", host];
        made.push(Server { name, authority: ca.pem(), identity: wild.served(&[]), flags: flags.clone(), verdict });
    }
    let flags = vec!["--tls-server-name", "a.b.example.com"];
    let refused = Refused("a.b.example.com");
    made.push(Server {
        name: "with_a_star_that_is_its_own_authority",
        authority: wild.pem(),
        identity: wild.served(&[]),
        flags,
        verdict: refused,
    });
    made
}

/// What a server of this identity saw of a program, and what that said.
fn asked(cluster: &Cluster, program: &str, first: &[&str], flags: &[&str], log: &Log) -> (bool, Vec<Request>, String) {
    log.lock().unwrap().clear();
    let mut command = cluster.command(program, &[first, flags].concat());
    command.stdin(Stdio::null()).env("KUBECONFIG", "").env("HOME", &cluster.dir);
    let said = said(command);
    (said.code == 0, log.lock().unwrap().clone(), format!("{}{}", said.stdout, said.stderr))
}

fn check_server(cluster: &Cluster, server: Server) {
    let Server { name, authority, identity, flags, verdict } = server;
    let log = Log::default();
    let address = with_tls("server", identity, &log);
    let authority = cluster.file("shape.crt", &authority);
    let url = format!("https://{address}");
    let flags =
        [&["--server", &url, "--certificate-authority", authority.to_str().unwrap(), "--token", "x"], &flags[..]].concat();
    let theirs = asked(cluster, "kubectl", &["get", "--raw", ASKED], &flags, &log);
    let ours = asked(cluster, OURS, &["list"], &flags, &log);
    assert_eq!((ours.0, &ours.1), (theirs.0, &theirs.1), "{name}\nwe: {}\nkubectl: {}", ours.2, theirs.2);
    match verdict {
        Taken => assert!(ours.0, "{name}: {}", ours.2),
        Refused(words) => assert!(!ours.0 && ours.2.contains(words), "{name}\nwe: {}\nkubectl: {}", ours.2, theirs.2),
    }
}

/// A client's files, and whether kubectl sends a request with them.
struct Client {
    name: &'static str,
    certificate: String,
    key: String,
    verdict: Verdict,
}

fn clients(cluster: &Cluster) {
    let ca = Party::itself(is_authority);
    let key = || KeyPair::generate().unwrap();
    let client = |change: fn(&mut CertificateParams)| Party::leaf(&ca, change);
    let plain = client(|_| {});
    let first = client(|_| {}).of_version_1(&ca.key);
    let (old, own) = (client(is_over), Party::itself(is_authority));
    let ed25519 = Party::by(&ca, KeyPair::generate_for(&PKCS_ED25519).unwrap(), |_| {});
    let p384 = Party::by(&ca, KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap(), |_| {});
    let between = Party::leaf(&ca, is_authority);
    let below = Party::leaf(&between, |_| {});
    let plain_key = plain.key.serialize_pem();
    let pki = |name: &str| std::fs::read_to_string(cluster.dir.join("pki").join(name)).unwrap();
    let sec1 = {
        // The key inside PKCS #8 (RFC 5208), which for P-256 begins here; on its own it names its curve (RFC 5915 §3).
        let der = plain.key.serialize_der();
        let at = der.windows(4).position(|window| window == [4, 0x6d, 0x30, 0x6b]).unwrap();
        let (private, public) = der[at + 4..].split_at(37);
        let curve = [0xa0, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
        pem::encode(&pem::Pem::new("EC PRIVATE KEY", [&[0x30, 0x77], private, &curve, public].concat()))
    };
    let parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
    let of = |party: &Party| (party.pem(), party.key.serialize_pem());
    let one = |name, (certificate, key): (String, String), verdict| Client { name, certificate, key, verdict };
    let cases = [
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
        one("another key", (plain.pem(), key().serialize_pem()), Refused("private key does not match public key")),
        one("version 1, another key", (first.pem(), key().serialize_pem()), Refused("private key does not match public key")),
        one("no key in it", (plain.pem(), plain.pem()), Refused("no private key is in it")),
        one("no certificate in it", (plain_key.clone(), plain_key.clone()), Refused("no certificate is in it")),
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
    ];
    let log = Log::default();
    let server = Party::leaf(&ca, |_| {});
    let url = format!("https://{}", with_tls("server", server.served(&[]), &log));
    let authority = cluster.file("client-ca.crt", &ca.pem());
    for Client { name, certificate, key, verdict } in cases {
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
