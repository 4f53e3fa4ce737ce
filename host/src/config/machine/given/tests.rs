//! What people put into user data.

use super::super::super::error::{CheckError, MachineError};
use super::of_user_data;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use flate2::{Compression, write::GzEncoder};
use kubephase_core::join::{JoinCommand, Role, Trust};
use std::io::Write as _;

const TOKEN: &str = "abcdef.0123456789abcdef";
const PIN: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

fn line() -> String {
    format!("kubeadm join a.example:6443 --token {TOKEN} --discovery-token-ca-cert-hash {PIN}")
}

fn configuration() -> String {
    format!(
        "apiVersion: kubeadm.k8s.io/v1beta3\nkind: JoinConfiguration\ndiscovery:\n  bootstrapToken:\n    token: {TOKEN}\n    \
         apiServerEndpoint: a.example:6443\n    caCertHashes: [\"{PIN}\"]\n"
    )
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("      {line}\n")).collect()
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(text).unwrap();
    packed.finish().unwrap()
}

/// As Cluster API's kubeadm provider writes it.
fn cluster_api() -> String {
    format!(
        "## template: jinja\n#cloud-config\n\nwrite_files:\n-   path: /run/kubeadm/kubeadm-join-config.yaml\n    owner: root:root\n    \
         permissions: '0640'\n    content: |\n      ---\n{}runcmd:\n  - kubeadm join --config /run/kubeadm/kubeadm-join-config.yaml  \
         && echo success > /run/cluster-api/bootstrap-success.complete\n",
        indented(&configuration())
    )
}

fn ignition(source: &str, compression: &str) -> String {
    format!(
        "{{\"ignition\":{{\"version\":\"3.1.0\"}},\"storage\":{{\"files\":[{{\"path\":\"/etc/kubeadm.yml\",\"contents\":{{\"source\":\"{source}\"\
         {compression}}}}},{{\"path\":\"/etc/kubeadm.sh\",\"contents\":{{\"source\":\"data:,%23!%2Fbin%2Fbash%0Akubeadm%20join%20--config%20\
         %2Fetc%2Fkubeadm.yml\"}}}}]}},\"systemd\":{{\"units\":[{{\"name\":\"kubeadm.service\",\"enabled\":true,\"contents\":\
         \"[Service]\\nExecStart=/etc/kubeadm.sh\\n\"}}]}}}}"
    )
}

fn mail(part: &str) -> String {
    format!(
        "Content-Type: multipart/mixed; boundary=\"==B==\"\nMIME-Version: 1.0\n\n--==B==\nContent-Type: text/cloud-config\n\n#cloud-config\n\
         packages: [kubeadm]\n\n--==B==\nContent-Type: text/x-shellscript; charset=\"us-ascii\"\nContent-Transfer-Encoding: base64\n\n{}\n\
         --==B==--\n",
        STANDARD.encode(part)
    )
}

fn expected() -> JoinCommand {
    of_user_data(line().as_bytes()).unwrap().0
}

fn script() -> String {
    format!("#!/bin/bash\nset -e\n# kubeadm join other:1 --token {TOKEN}\n{} || exit 1\necho kubeadm join done\n", line())
}

/// Configurations, scripts, and cloud-init's own files and commands.
fn simple() -> Vec<(&'static str, String)> {
    let folded = format!("#!/bin/sh\n{}\n", line().replace(" --", " \\\n  --"));
    let json = format!(
        "{{\"apiVersion\":\"kubeadm.k8s.io/v1beta4\",\"kind\":\"JoinConfiguration\",\"discovery\":{{\"bootstrapToken\":{{\
        \"token\":\"{TOKEN}\",\"apiServerEndpoint\":\"a.example:6443\",\"caCertHashes\":[\"{}\"]}}}}}}",
        PIN.to_ascii_uppercase().replace("SHA", "sha")
    );
    vec![
        ("a configuration", configuration()),
        (
            "several documents",
            format!("---\nkind: KubeletConfiguration\napiVersion: kubelet.config.k8s.io/v1beta1\n---\n{}", configuration()),
        ),
        ("JSON", json),
        ("a script", script()),
        ("a folded line", folded),
        ("in a shell", format!("#cloud-config\nruncmd:\n  - [sh, -c, \"{} > /var/log/join 2>&1\"]\n", line())),
        ("in parentheses", format!("#!/bin/sh\n(/usr/bin/{});\n", line())),
        (
            "words",
            format!(
                "#cloud-config\nruncmd:\n  - [{}]\n",
                line().split(' ').map(|word| format!("'{word}'")).collect::<Vec<_>>().join(", ")
            ),
        ),
        ("Cluster API", cluster_api()),
        (
            "a file in base64",
            format!(
                "#cloud-config\nwrite_files:\n- path: /j\n  encoding: b64\n  content: {}\n",
                STANDARD.encode(configuration())
            ),
        ),
        (
            "a file in gzip",
            format!(
                "#cloud-config\nwrite_files:\n- path: /j\n  encoding: gz+b64\n  content: {}\n",
                STANDARD.encode(gzip(configuration().as_bytes()))
            ),
        ),
        (
            "an appended file",
            format!(
                "#cloud-config\nwrite_files:\n- path: /j\n  content: |\n{}- path: /j\n  append: true\n  content: \"# end\"\n",
                indented(&configuration())
            ),
        ),
    ]
}

/// What is in something else.
fn packed() -> Vec<(&'static str, String)> {
    let data = format!("data:;base64,{}", STANDARD.encode(configuration()));
    let packed = format!("data:;base64,{}", STANDARD.encode(gzip(configuration().as_bytes())));
    vec![
        ("an archive", format!("#cloud-config-archive\n- type: text/x-shellscript\n  content: |\n{}", indented(&script()))),
        ("a mail", mail(&script())),
        ("Ignition", ignition(&data, "")),
        ("Ignition in gzip", ignition(&packed, ",\"compression\":\"gzip\"")),
        (
            "a unit",
            format!(
                "{{\"ignition\":{{\"version\":\"2.3.0\"}},\"systemd\":{{\"units\":[{{\"name\":\"a\",\"contents\":\"[Service]\\nExecStart=-/opt/bin/{}\\n\"}}]}}}}",
                line()
            ),
        ),
        ("the same twice", format!("#!/bin/sh\n{0}\n{0}\n", line())),
    ]
}

#[test]
fn one_join_however_it_is_written_and_packed() {
    let join = expected();
    assert_eq!(
        (join.endpoint.as_str(), &join.trust, join.role),
        ("a.example:6443", &Trust::Pins(vec![PIN.to_owned()]), Role::Worker)
    );
    assert_eq!(join.login.bearer().as_str(), TOKEN);
    for (case, text) in simple().into_iter().chain(packed()) {
        let zipped = gzip(text.as_bytes());
        for bytes in
            [text.clone().into_bytes(), STANDARD.encode(&zipped).into_bytes(), zipped, STANDARD.encode(&text).into_bytes()]
        {
            let (found, _) = of_user_data(&bytes).unwrap_or_else(|error| panic!("{case}: {error}"));
            assert_eq!(found, join, "{case}");
        }
    }
}

#[test]
fn what_cannot_be_checked_is_said_without_the_token() {
    let is = |error: MachineError| Some(CheckError::Machine(error));
    let without = configuration().replace("v1beta3", "v1alpha3");
    let deep = (0..6).fold(line(), |text, _| STANDARD.encode(gzip(text.as_bytes())));
    let mut bomb = gzip(&vec![b' '; 5 << 20]);
    for (text, expected) in [
        (Vec::new(), is(MachineError::NoJoin)),
        (b"#cloud-config\npackages: [kubeadm]\n".to_vec(), is(MachineError::NoJoin)),
        (b"#!/bin/sh\nkubeadm init\n".to_vec(), is(MachineError::NoJoin)),
        (b"#include\nhttps://a.example/x\n".to_vec(), is(MachineError::Elsewhere("#include"))),
        (
            mail(&line()).replace("text/cloud-config", "text/x-include-url").into_bytes(),
            is(MachineError::Elsewhere("text/x-include-url")),
        ),
        (
            br#"{"ignition":{"version":"3.0.0","config":{"replace":{"source":"s3://a/b"}}}}"#.to_vec(),
            is(MachineError::Elsewhere("ignition.config")),
        ),
        (
            cluster_api().replace("path: /run", "path: /other").into_bytes(),
            is(MachineError::NoFile { flag: "--config", path: "/run/kubeadm/kubeadm-join-config.yaml".to_owned() }),
        ),
        (
            format!("#!/bin/sh\n{}\n{}\n", line(), line().replace("a.example", "b.example")).into_bytes(),
            is(MachineError::Several(vec!["a.example:6443".to_owned(), "b.example:6443".to_owned()])),
        ),
        (without.into_bytes(), is(MachineError::Version("kubeadm.k8s.io/v1alpha3".to_owned()))),
        (vec![0x1f, 0x8b, 0, 0], is(MachineError::Packed("gzip"))),
        // The usual slip, and what some editors put before the first line.
        (format!("runcmd:\n- {}\n", line()).into_bytes(), is(MachineError::NoHeader)),
        (format!("\u{feff}#cloud-config\nruncmd:\n- {}\n", line()).into_bytes(), is(MachineError::NoHeader)),
        (std::mem::take(&mut bomb), is(MachineError::TooLarge)),
        (deep.into_bytes(), is(MachineError::TooDeep)),
        (vec![0xff, 0xfe], is(MachineError::Packed("a binary part"))),
        (ignition("data:;base64,!", "").into_bytes(), is(MachineError::Packed("a data URL"))),
        (
            format!("#!/bin/sh\n{}\n", line().replace("--token", "--config /x --token")).into_bytes(),
            Some(CheckError::Mixed("--token")),
        ),
        (format!("#cloud-config\na: [\n{TOKEN}").into_bytes(), None),
        (configuration().replace(TOKEN, &format!("{TOKEN}x")).into_bytes(), None),
        (configuration().replace(&format!("token: {TOKEN}"), &format!("token: [{TOKEN}]")).into_bytes(), None),
        (configuration().replace("bootstrapToken", "file").into_bytes(), Some(CheckError::ByFile)),
        (configuration().replace(PIN, &format!("{PIN},{PIN}")).into_bytes(), None),
    ] {
        let error = of_user_data(&text).map(|_| ()).unwrap_err();
        assert!(!error.to_string().contains("0123456789"), "{error}");
        if let Some(expected) = expected {
            assert_eq!(error, expected);
        }
    }
}
