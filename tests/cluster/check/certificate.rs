//! Certificates that a node does not trust: each for a reason of its own, with a cure of its own. The real API server shows them to whoever
//! calls it localhost, and its own to everybody else.

use super::component::Restarted;
use super::cure::{Cure, NodeFiles, cures, joins, printed};
use super::impostor::{HTML, Impostor, Manner};
use super::{Eyes, Ready, TOKEN, check, preflight};
use crate::harness::Cluster;
use crate::pki;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, DnValue, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, PublicKeyData as _,
    date_time_ymd,
};
use sha2::{Digest as _, Sha256};

/// A certificate for localhost.
fn names() -> CertificateParams {
    let mut parameters = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    parameters
}

/// An authority that has signed nothing of this cluster.
fn authority(name: &str) -> Issuer<'static, KeyPair> {
    Issuer::new(authority_of(name), KeyPair::generate().unwrap())
}

fn authority_of(name: &str) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, DnValue::PrintableString(name.try_into().unwrap()));
    parameters
}

fn expired() -> CertificateParams {
    let mut parameters = names();
    (parameters.not_before, parameters.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
    parameters
}

fn not_yet() -> CertificateParams {
    let mut parameters = names();
    (parameters.not_before, parameters.not_after) = (date_time_ymd(2120, 1, 1), date_time_ymd(2121, 1, 1));
    parameters
}

fn other_name() -> CertificateParams {
    let mut parameters = CertificateParams::new(vec!["127.0.0.1".to_owned(), "cp.example.com".to_owned()]).unwrap();
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    parameters
}

pub(super) fn each_for_its_own_reason(cluster: &Cluster) {
    let port = cluster.endpoint.rsplit_once(':').unwrap().1.to_owned();
    let elsewhere = Cure::Elsewhere("it is typed at a load balancer or a clock");
    for (parameters, issuer, causes, cure) in [
        (names(), authority("Example TLS CA"), ["was issued by `CN=Example TLS CA`"; 2], elsewhere),
        (
            names(),
            authority("kubernetes"),
            ["such as a load balancer", "a load balancer terminates TLS there, or the API server still"],
            elsewhere,
        ),
        (not_yet(), pki::authority(cluster), ["is not valid until 2120-01-01"; 2], elsewhere),
        (expired(), pki::authority(cluster), ["the API server's certificate has expired (2021-01-01"; 2], Cure::Objects),
        (
            other_name(),
            pki::authority(cluster),
            ["is not valid for localhost, the name that nodes use, but for 127.0.0.1, cp.example.com"; 2],
            Cure::Objects,
        ),
    ] {
        let mut ready = Ready::new(cluster);
        ready.endpoint = format!("localhost:{port}");
        let files = NodeFiles::new(cluster);
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.signed_by(&key, &issuer).unwrap().pem();
        std::fs::write(files.0.join("pki/apiserver.crt"), certificate).unwrap();
        std::fs::write(files.0.join("pki/apiserver.key"), key.serialize_pem()).unwrap();
        let folder = files.0.join("pki");
        let flag = format!(" --tls-sni-cert-key={0}/apiserver.crt,{0}/apiserver.key:localhost </dev/null", folder.display());
        let restarted = Restarted::new(cluster, "apiserver", " </dev/null", &flag);
        assert_ne!(preflight(cluster, &ready, TOKEN).code, 0, "{causes:?}");
        let mut typed = String::new();
        for (eyes, cause) in [Eyes::Administrator, Eyes::Node].into_iter().zip(causes) {
            let said = check(cluster, &["check", &ready.line(TOKEN)], eyes);
            let story = format!("{eyes:?}\n{}\n{}", said.stdout, said.stderr);
            assert_eq!(said.code, 1, "{story}");
            let found: Vec<&str> = said.stdout.lines().filter(|line| line.starts_with("cause: ")).collect();
            assert!(found.len() == 1 && found[0].contains(cause), "{cause}: {story}");
            typed = printed(&said);
        }
        if cure == Cure::Objects {
            let said = files.paste(cluster, &typed);
            assert_eq!(said.code, 0, "{typed}\n{}\n{}", said.stdout, said.stderr);
            // It sees the new file by itself; started anew it has it at once.
            let script = std::fs::read_to_string(cluster.dir.join("start-changed-apiserver")).unwrap();
            let _anew = Restarted::with(cluster, "apiserver", &script);
            joins(cluster, &ready, TOKEN, &typed);
        }
        drop(restarted);
    }
}

/// Puts another authority in the place of the cluster's, in cluster-info and in the line that nodes are given.
fn replaced(cluster: &Cluster, parameters: &CertificateParams) -> Ready {
    let mut ready = Ready::new(cluster);
    let key = KeyPair::generate().unwrap();
    let pem = parameters.self_signed(&key).unwrap().pem();
    super::broken::change_authority(cluster, &ready, &STANDARD.encode(pem));
    let digest = Sha256::digest(key.subject_public_key_info());
    ready.hash = format!("sha256:{}", digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    ready
}

pub(super) fn authorities(cluster: &Cluster) {
    let mut over = authority_of("kubernetes");
    (over.not_before, over.not_after) = (date_time_ymd(2010, 1, 1), date_time_ymd(2020, 1, 1));
    for (parameters, causes, cure) in [
        (
            authority_of("kubernetes"),
            ["`CN=kubernetes` was renewed, and cluster-info still has the old one", "or the cluster has a new authority"],
            Cure::Line,
        ),
        (over, ["has expired (2020-01-01"; 2], Cure::Elsewhere("a new authority is the work of a day")),
    ] {
        let ready = replaced(cluster, &parameters);
        assert_ne!(preflight(cluster, &ready, TOKEN).code, 0, "{causes:?}");
        let mut typed = Vec::new();
        for (eyes, cause) in [Eyes::Administrator, Eyes::Node].into_iter().zip(causes) {
            let said = check(cluster, &["check", &ready.line(TOKEN)], eyes);
            assert_eq!(said.code, 1, "{}\n{}", said.stdout, said.stderr);
            assert!(said.stdout.contains(cause), "{cause}: {}", said.stdout);
            typed.push(printed(&said));
        }
        for cure_typed in &typed {
            cures(cluster, cure, cure_typed, &ready, TOKEN, None);
        }
    }
}

/// cluster-info leads to a server that another authority vouches for.
pub(super) fn another_cluster(cluster: &Cluster) {
    let ready = Ready::new(cluster);
    let other = Impostor::new(Manner::Tls(HTML));
    super::broken::change_info(cluster, &ready, |text| text.replace(&cluster.endpoint, &other.endpoint));
    let said = check(cluster, &["check", &ready.line(TOKEN)], Eyes::Administrator);
    assert_eq!(said.code, 1, "{}\n{}", said.stdout, said.stderr);
    assert!(said.stdout.contains("a server with a certificate of another cluster"), "{}", said.stdout);
    cures(cluster, Cure::Objects, &printed(&said), &ready, TOKEN, None);
}
