//! Errors of the connection, of credentials and of rights: kubectl's words, once each, exit code 2, nothing written.

use crate::harness::{Cluster, Said, said, trial};
use crate::pki::authority;
use libtest_mimic::Trial;
use std::io::Read as _;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    let cases: [(&'static str, &'static [&'static str]); 6] = [
        ("unreachable", &["--server", "https://127.0.0.1:1"]),
        ("no_such_kubeconfig", &["--kubeconfig", "/nonexistent/config"]),
        ("no_such_context", &["--context", "nowhere"]),
        ("no_such_cluster", &["--cluster", "nowhere"]),
        ("no_such_user", &["--user", "nobody"]),
        ("unauthorized", &["--user", "", "--token", "wrong"]),
    ];
    let mut trials: Vec<Trial> = cases
        .into_iter()
        .map(|(name, flags)| trial(format!("errors::{name}"), cluster, move |cluster| like_kubectl(cluster, flags)))
        .collect();
    trials.push(trial("errors::no_kubeconfig", cluster, no_kubeconfig));
    trials.push(trial("errors::unreadable_kubeconfig", cluster, unreadable_kubeconfig));
    trials.push(trial("errors::malformed_kubeconfig", cluster, malformed_kubeconfig));
    trials.push(trial("errors::expired_server_certificate", cluster, |cluster| server_certificate(cluster, true)));
    trials.push(trial("errors::unknown_authority", cluster, |cluster| server_certificate(cluster, false)));
    trials.push(trial("errors::a26_forbidden", cluster, forbidden));
    trials.push(trial("errors::a26_forbidden_write", cluster, forbidden_write));
    trials.push(trial("errors::refused_by_admission", cluster, refused_by_admission));
    trials.push(trial("errors::expired_client_certificate", cluster, expired_client_certificate));
    trials.push(trial("errors::missing_namespace", cluster, missing_namespace));
    trials.push(trial("errors::wrong_flags", cluster, wrong_flags));
    trials.push(trial("errors::a32_a_server_that_says_nothing", cluster, silent));
    trials.push(trial("errors::a25_no_home_no_undo", cluster, no_home));
    trials.push(trial("errors::a14_fields_that_kubeadm_does_not_know", cluster, unknown_fields));
    trials
}

/// The object that both read.
const RAW: &str = "/api/v1/namespaces/kube-public/configmaps/cluster-info";

fn assert_failed(ours: &Said) {
    assert_eq!((ours.code, ours.stdout.as_str()), (2, ""), "{}", ours.stderr);
    let mut lines: Vec<&str> = ours.stderr.lines().collect();
    lines.sort_unstable();
    lines.dedup();
    assert_eq!(lines.len(), ours.stderr.lines().count(), "each line once: {}", ours.stderr);
}

/// The same flags for kubectl and us; the same words.
fn like_kubectl(cluster: &Cluster, flags: &[&str]) {
    let flags: Vec<&str> = flags.iter().filter(|flag| !flag.is_empty()).copied().collect();
    let flags: Vec<&str> =
        if flags.first() == Some(&"--user") && flags.get(1) == Some(&"--token") { flags[1..].to_vec() } else { flags };
    // Credentials of the kubeconfig would win over a wrong token: its client certificate is good.
    let kubeconfig = cluster.file("anonymous.conf", &anonymous(cluster));
    let is_token = flags.contains(&"--token");
    let base: Vec<&str> = if is_token { vec!["--kubeconfig", kubeconfig.to_str().unwrap()] } else { Vec::new() };
    let theirs = cluster.run("kubectl", &[&["get", "--raw", RAW], base.as_slice(), flags.as_slice()].concat());
    let ours = cluster.ours(&[&["apply"], base.as_slice(), flags.as_slice()].concat());
    assert_failed(&ours);
    assert_ne!(theirs.code, 0);
    assert_eq!(ours.stderr, theirs.stderr);
}

/// The kubeconfig without its user.
fn anonymous(cluster: &Cluster) -> String {
    cluster.kubectl(&["config", "view", "--raw", "--minify", "-o", "json"]).replace("\"users\"", "\"ignored\"")
}

fn no_kubeconfig(cluster: &Cluster) {
    let empty = cluster.dir.join("empty-home");
    std::fs::create_dir_all(&empty).unwrap();
    let without = |mut command: std::process::Command| {
        command.env_remove("KUBECONFIG").env("HOME", &empty);
        said(command)
    };
    let theirs = without(cluster.command("kubectl", &["get", "--raw", RAW]));
    let ours = without(cluster.our_command(&["apply"]));
    assert_failed(&ours);
    assert!(
        ours.stderr.starts_with("warning: no kubeconfig names a server") && ours.stderr.ends_with(&theirs.stderr),
        "{}",
        ours.stderr
    );
}

/// kubectl is the judge, also of root, who may read it.
fn unreadable_kubeconfig(cluster: &Cluster) {
    let file = cluster.file("unreadable.conf", &std::fs::read_to_string(&cluster.kubeconfig).unwrap());
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o000)).unwrap();
    let flags = ["--kubeconfig", file.to_str().unwrap()];
    let theirs = cluster.run("kubectl", &[&["get", "namespaces"], &flags[..]].concat());
    let ours = cluster.ours(&[&["list"], &flags[..]].concat());
    assert_eq!(theirs.code == 0, ours.code == 0, "{}", ours.stderr);
    if theirs.code != 0 {
        assert_eq!(ours.stderr, theirs.stderr);
    }
    std::fs::remove_file(file).unwrap();
}

fn malformed_kubeconfig(cluster: &Cluster) {
    let file = cluster.file("malformed.conf", "users:\n- name: a\n  user: {token: s3cret\nclusters: [\n");
    let ours = cluster.ours(&["apply", "--kubeconfig", file.to_str().unwrap()]);
    assert_failed(&ours);
    assert!(ours.stderr.starts_with(&format!("error: error loading config file \"{}\": ", file.display())), "{}", ours.stderr);
    assert!(!ours.stderr.contains("s3cret"), "{}", ours.stderr);
}

/// A TLS server whose certificate is expired, or unknown.
fn server_certificate(cluster: &Cluster, is_expired: bool) {
    let mut parameters = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    if is_expired {
        parameters.not_before = rcgen::date_time_ymd(2019, 1, 1);
        parameters.not_after = rcgen::date_time_ymd(2020, 1, 1);
    }
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = parameters.self_signed(&key).unwrap();
    let trusted = if is_expired { certificate.pem() } else { std::fs::read_to_string(cluster.dir.join("pki/ca.crt")).unwrap() };
    let authority = cluster.file("authority.crt", &trusted);

    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let chain = vec![certificate.der().clone()];
    let server = builder.with_no_client_auth().with_single_cert(chain, key.serialize_der().try_into().unwrap()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let server = Arc::new(server);
    // Ends with the test's process; each client hangs up by itself.
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = rustls::ServerConnection::new(Arc::clone(&server)).unwrap();
            let _ = rustls::StreamOwned::new(connection, stream).read(&mut [0]);
        }
    });

    let flags = ["--server", url.as_str(), "--certificate-authority", authority.to_str().unwrap()];
    let theirs = cluster.run("kubectl", &[&["get", "--raw", RAW], &flags[..]].concat());
    let ours = cluster.ours(&[&["apply"], &flags[..]].concat());
    assert_failed(&ours);
    // The clock has moved on between the two; Go adds which certificate it tried.
    let comparable = |said: &Said| {
        said.stderr.split(" current time ").next().unwrap().split(" (possibly").next().unwrap().trim_end().to_owned()
    };
    assert_eq!(comparable(&ours), comparable(&theirs));
    assert_eq!(ours.stderr.contains("is after 2020-01-01T00:00:00Z"), is_expired, "{}", ours.stderr);
}

/// It is waited for as long as the flag says, and not once for each way to ask it.
fn silent(cluster: &Cluster) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (server, met) = (format!("https://{address}"), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&met);
    std::thread::spawn(move || {
        // Open to the end of this process.
        let mut held = Vec::new();
        for stream in listener.incoming().flatten() {
            counted.fetch_add(1, Ordering::SeqCst);
            held.push(stream);
        }
    });
    let join = [
        "--",
        "kubeadm",
        "join",
        &address,
        "--token",
        "abcdef.0123456789abcdef",
        "--discovery-token-unsafe-skip-ca-verification",
    ];
    for (arguments, code, most, words) in [
        (&["list"][..], 2, 1, "the server did not answer within 1s; --timeout sets how long to wait"),
        (&["apply"], 2, 1, "the server did not answer within 1s; --timeout sets how long to wait"),
        (&["check", "abcdef"], 2, 1, "the server did not answer within 1s"),
        (&[&["check"][..], &join].concat(), 2, 2, "does not answer either"),
    ] {
        let before = met.load(Ordering::SeqCst);
        let (verb, rest) = arguments.split_first().unwrap();
        let said = cluster.ours(&[&[verb, "--server", &server, "--timeout", "1s"], rest].concat());
        assert_eq!(said.code, code, "{arguments:?}: {}\n{}", said.stdout, said.stderr);
        assert!(said.stderr.contains(words), "{arguments:?}: {}\n{}", said.stdout, said.stderr);
        let connections = met.load(Ordering::SeqCst) - before;
        assert!((1..=most).contains(&connections), "{arguments:?}: {connections} connections");
    }
}

/// kubeadm is the judge of which fields there are; it warns of one of them.
fn unknown_fields(cluster: &Cluster) {
    let known = "bootstrapTokens: [{token: abcdef.0123456789abcdef, ttl: 0s}]\nlocalAPIEndpoint: {bindPort: 6443}\nnodeRegistration: {name: a}";
    for (program, version, fields, unknown) in [
        ("kubeadm", "v1beta4", "", None),
        ("kubeadm", "v1beta4", "bootstrapToken: []", Some("bootstrapToken")),
        ("kubeadm", "v1beta4", "localApiEndpoint: {}", Some("localApiEndpoint")),
        ("kubeadm", "v1beta4", "timeouts: {}\nskipPhases: []\npatches: {directory: /a}\ndryRun: false\ncertificateKey: ''", None),
        ("kubeadm-1.22", "v1beta3", "skipPhases: []\npatches: {directory: /a}\ncertificateKey: ''", None),
        ("kubeadm-1.22", "v1beta3", "timeouts: {}", Some("timeouts")),
        ("kubeadm-1.22", "v1beta2", "patches: {}", Some("patches")),
    ] {
        cluster.reset();
        let release = if program == "kubeadm" { "v1.37.2" } else { "v1.22.17" };
        let cluster_configuration =
            format!("apiVersion: kubeadm.k8s.io/{version}\nkind: ClusterConfiguration\nkubernetesVersion: {release}");
        let text = format!(
            "apiVersion: kubeadm.k8s.io/{version}\nkind: InitConfiguration\n{known}\n{fields}\n---\n{cluster_configuration}\n"
        );
        let file = cluster.file("a14.yaml", &text);
        let theirs = cluster.kubeadm(program, &file);
        let ours = cluster.ours(&["plan", "-f", file.to_str().unwrap()]);
        assert_eq!(theirs.stderr.contains("unknown field"), unknown.is_some(), "{version} {fields}: {}", theirs.stderr);
        assert_eq!(ours.stderr.contains("does not have the field"), unknown.is_some(), "{version} {fields}: {}", ours.stderr);
        if let Some(unknown) = unknown {
            assert!(theirs.stderr.contains(&format!("\"{unknown}\"")), "{}", theirs.stderr);
            assert!(ours.stderr.contains(&format!("does not have the field `{unknown}`")), "{}", ours.stderr);
        }
    }
}

/// Without a home there is no place for an undo plan, which is said before the first write.
fn no_home(cluster: &Cluster) {
    cluster.reset();
    let without_home = |args: &[&str]| {
        let mut command = cluster.our_command(args);
        command.env_remove("HOME").env_remove("XDG_STATE_HOME");
        said(command)
    };
    let said = without_home(&["create", "abcdef.0123456789abcdef"]);
    assert_eq!((said.code, said.stdout.as_str()), (0, "abcdef.0123456789abcdef\n"), "{}", said.stderr);
    assert!(said.stderr.starts_with("warning: this cannot be undone: there is no home folder"), "{}", said.stderr);
    let undo = cluster.file("a25.json", "");
    let said = without_home(&["create", "second.0123456789abcdef", "--undo-out", undo.to_str().unwrap()]);
    assert!(said.code == 0 && !said.stderr.contains("cannot be undone"), "{}", said.stderr);
}

fn forbidden(cluster: &Cluster) {
    cluster.reset();
    let theirs = cluster.run("kubectl", &["get", "--raw", RAW, "--as", "nobody"]);
    let mark = cluster.audit_mark();
    let ours = cluster.ours(&["apply", "--as", "nobody"]);
    assert_failed(&ours);
    assert!(ours.stderr.contains(&theirs.stderr), "{}\n{}", theirs.stderr, ours.stderr);
    assert_eq!(refusals(&ours, "user:nobody"), ours.stderr.lines().count() - 1, "{}", ours.stderr);
    assert_eq!(cluster.our_writes(mark), Vec::<String>::new());
}

/// How many rights are missing; the last line says which command gives them.
fn refusals(said: &Said, subject: &str) -> usize {
    let last = said.stderr.lines().last().unwrap();
    let hint = format!("  hint: `kubectl bootstrap-token rbac --task apply --subject {subject}`, run by an administrator");
    assert!(last.starts_with(&hint), "{}", said.stderr);
    said.stderr.lines().filter(|line| line.starts_with("Error from server (Forbidden): ")).count()
}

/// Rights to read everything, but not to write: seen by the dry run, before the first write.
fn forbidden_write(cluster: &Cluster) {
    cluster.reset();
    let rules = r#"{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"reader"},
        "rules":[{"apiGroups":["*"],"resources":["*"],"verbs":["get"]}]}"#;
    let file = cluster.file("reader.json", rules);
    cluster.kubectl(&["apply", "-f", file.to_str().unwrap()]);
    let binding =
        ["create", "clusterrolebinding", "reader", "--clusterrole=reader", "--user=reader", "--dry-run=client", "-o", "json"];
    let file = cluster.file("reader-binding.json", &cluster.kubectl(&binding));
    cluster.kubectl(&["apply", "-f", file.to_str().unwrap()]);
    let mark = cluster.audit_mark();
    let ours = cluster.ours(&["apply", "--as", "reader"]);
    assert_failed(&ours);
    assert_eq!(refusals(&ours, "user:reader"), 6, "one line per kind and namespace: {}", ours.stderr);
    assert_eq!(cluster.our_writes(mark), Vec::<String>::new());
    assert!(cluster.state().is_empty());
}

/// A policy that denies one object: nothing is written.
fn refused_by_admission(cluster: &Cluster) {
    cluster.reset();
    let policy = r#"
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: no-cluster-info}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
    - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}
  validations:
  - {expression: "object.metadata.name != 'cluster-info'", message: "cluster-info is not wanted here"}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: no-cluster-info}
spec: {policyName: no-cluster-info, validationActions: [Deny]}
"#;
    let file = cluster.file("policy.yaml", policy);
    cluster.kubectl(&["apply", "-f", file.to_str().unwrap()]);
    // The API server compiles a policy in the background: wait until it denies what we are about to try.
    let denies =
        || cluster.run("kubectl", &["create", "configmap", "cluster-info", "-n", "kube-public", "--dry-run=server"]).code != 0;
    assert!((0..200).any(|_| denies()), "the policy is in force");
    let ours = cluster.ours(&["apply"]);
    cluster.kubectl(&["delete", "-f", file.to_str().unwrap()]);
    assert_failed(&ours);
    assert!(ours.stderr.contains("cluster-info is not wanted here"), "{}", ours.stderr);
    assert!(cluster.state().is_empty(), "nothing was written");
    assert!((0..200).any(|_| !denies()), "the policy is gone");
}

/// A client certificate of the right authority whose time is over.
fn expired_client_certificate(cluster: &Cluster) {
    let mut parameters = rcgen::CertificateParams::default();
    parameters.distinguished_name.push(rcgen::DnType::OrganizationName, "system:masters");
    parameters.distinguished_name.push(rcgen::DnType::CommonName, "administrator-of-old");
    parameters.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
    parameters.not_before = rcgen::date_time_ymd(2019, 1, 1);
    parameters.not_after = rcgen::date_time_ymd(2020, 1, 1);
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = parameters.signed_by(&key, &authority(cluster)).unwrap();
    let certificate = cluster.file("old.crt", &certificate.pem());
    let key = cluster.file("old.key", &key.serialize_pem());
    let flags = ["--client-certificate", certificate.to_str().unwrap(), "--client-key", key.to_str().unwrap()];
    let theirs = cluster.run("kubectl", &[&["get", "--raw", RAW], &flags[..]].concat());
    let ours = cluster.ours(&[&["apply"], &flags[..]].concat());
    assert_failed(&ours);
    assert_eq!(ours.stderr, theirs.stderr);
}

/// A cluster without `kube-public`. The API server makes it anew once a minute; should that come in between, the next try has the
/// whole minute.
fn missing_namespace(cluster: &Cluster) {
    let tries = (0..3).map(|_| without_namespace(cluster));
    let (theirs, ours, writes) =
        tries.into_iter().find(|(_, ours, _)| ours.code != 0).expect("the namespace stays away for a moment");
    assert_failed(&ours);
    assert_eq!(theirs.stderr, "error: failed to create configmap: namespaces \"kube-public\" not found\n");
    assert_eq!(ours.stderr, "Error from server (NotFound): namespaces \"kube-public\" not found\n");
    assert_eq!(writes, Vec::<String>::new());
}

/// What kubectl and we say without the namespace, and what we wrote. The API server does not let it be deleted, so it is taken out
/// of etcd, by etcd's JSON gateway on its socket.
fn without_namespace(cluster: &Cluster) -> (Said, Said, Vec<String>) {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use std::io::Write as _;
    cluster.reset();
    let body = format!("{{\"key\":\"{}\"}}", STANDARD.encode("/registry/namespaces/kube-public"));
    let mut etcd = std::os::unix::net::UnixStream::connect(cluster.dir.join("localhost:1")).unwrap();
    let head = "POST /v3/kv/deleterange HTTP/1.1\r\nHost: etcd\r\nConnection: close\r\nContent-Type: application/json";
    write!(etcd, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut answer = String::new();
    etcd.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("\"deleted\":\"1\""), "{answer}");
    // Admission hears of it by its watch.
    let create = ["create", "configmap", "cluster-info", "-n", "kube-public", "--dry-run=server"];
    let theirs = (0..200).map(|_| cluster.run("kubectl", &create)).find(|said| said.code != 0).expect("the namespace is gone");
    let mark = cluster.audit_mark();
    let ours = cluster.ours(&["apply"]);
    let writes = cluster.our_writes(mark);
    let made = cluster.run("kubectl", &["create", "namespace", "kube-public"]);
    assert!(made.code == 0 || made.stderr.contains("already exists"), "{}", made.stderr);
    (theirs, ours, writes)
}

fn wrong_flags(cluster: &Cluster) {
    for args in [
        &["apply", "--nonsense"][..],
        &["apply", "a", "b"],
        &["apply", "abcdef.0123456789abcdef", "--bootstrap-token", "abcdef.0123456789abcdef"],
        &["apply", "--against", "somewhere"],
        &["apply", "--against", "dir:/nonexistent"],
        &["apply", "--dry-run=maybe"],
        &["apply", "-o", "wide"],
        &["apply", "--request-timeout", "soon"],
        &["apply", "--now", "yesterday"],
        &["apply", "-f", "/nonexistent/config.yaml"],
        &["apply", "--control-plane-endpoint", "https://x"],
        &["apply", "not-a-token"],
        &["nonsense"],
    ] {
        let ours = cluster.ours(args);
        assert_eq!((ours.code, ours.stdout.as_str()), (2, ""), "{args:?}: {}", ours.stderr);
        assert!(ours.stderr.starts_with("error: "), "{args:?}: {}", ours.stderr);
    }
}
