//! What is pasted, letter by letter: kubeadm and we take the same texts, and what is odd about the others is named.

use super::{Eyes, Ready, TOKEN, check};
use crate::harness::{Cluster, said};

/// A text, whether kubeadm takes it, and how we name what is odd.
type Row<'a> = (String, Result<(), &'a str>);

/// What the real kubeadm makes of a command line.
fn kubeadm(cluster: &Cluster, endpoint: &str, flags: &[&str]) -> bool {
    let common = ["--ignore-preflight-errors=all", "--cri-socket=unix:///nonexistent", "--node-name=n1"];
    let args = [&["join", "phase", "preflight", endpoint][..], flags, &common].concat();
    let mut command = cluster.command("kubeadm", &args);
    command.env_remove("KUBECONFIG").env("HOME", cluster.dir.join("nowhere"));
    said(command).code == 0
}

fn same(cluster: &Cluster, endpoint: &str, flags: &[&str], expected: Result<(), &str>) {
    let said = check(cluster, &[&["check", "--", "kubeadm", "join", endpoint][..], flags].concat(), Eyes::Node);
    let story = format!("{endpoint:?} {flags:?}\n{}\n{}", said.stdout, said.stderr);
    assert_eq!(kubeadm(cluster, endpoint, flags), expected.is_ok(), "kubeadm: {story}");
    assert_eq!(said.code == 0, expected.is_ok(), "{story}");
    if let Err(odd) = expected {
        assert!(said.stderr.contains(odd) || said.stdout.contains(odd), "{odd}: {story}");
    }
}

pub(super) fn hashes(cluster: &Cluster) {
    let ready = Ready::new(cluster);
    let right = ready.hash.as_str();
    let hex = right.strip_prefix("sha256:").unwrap();
    let pairs: Vec<&str> = (0..32).map(|at| &hex[2 * at..2 * at + 2]).collect();
    let bytes: Vec<u8> = pairs.iter().map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect();
    let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes);
    let other = format!("sha256:{}", "0".repeat(64));
    let rows: [Row<'_>; 33] = [
        (right.to_owned(), Ok(())),
        (format!("SHA256:{}", hex.to_uppercase()), Ok(())),
        (format!("{other},{right}"), Ok(())),
        (format!("\"{right}\""), Ok(())),
        (format!("{right}\n"), Ok(())),
        (format!("\n{right}"), Ok(())),
        (format!("{right}\r"), Ok(())),
        (format!("{right}\r\n"), Ok(())),
        (format!("{right}\nsha256:00"), Ok(())),
        (format!("\"{right}\"\n"), Ok(())),
        (format!(" {right}"), Err("it starts with a space")),
        (format!("{right} "), Err("it ends with a space")),
        (format!("\t{right}"), Err("it starts with a tab")),
        (format!("\u{a0}{right}"), Err("it starts with a no-break space (U+00A0)")),
        (format!("\u{200b}{right}"), Err("it starts with an invisible character (U+200B)")),
        (format!("'{right}'"), Err("it starts with a quotation mark (U+0027)")),
        (format!("\u{201c}{right}\u{201d}"), Err("it starts with a quotation mark (U+201C)")),
        (format!("\"{right}"), Err("it starts with a quotation mark (U+0022)")),
        (format!("sha256:\"{hex}\""), Err("a quotation mark (U+0022)")),
        (format!("\"{right}\" "), Err("it starts with a quotation mark (U+0022)")),
        (hex.to_owned(), Err("the prefix `sha256:` is missing")),
        (right[..69].to_owned(), Err("it has 62 digits instead of 64")),
        (format!("{right}0"), Err("it has 65 digits")),
        (format!("{right}00"), Err("it has 66 digits")),
        (format!("sha512:{hex}"), Err("does not know the algorithm `sha512`")),
        (format!("sha256={hex}"), Err("`sha256` must be followed by a colon")),
        (pairs.join(":"), Err("the prefix `sha256:` is missing, and its digits are separated by colons")),
        (format!("sha256:{}", pairs.join(":")), Err("its digits are separated by colons")),
        (format!("sha256:{base64}"), Err("it is base64")),
        (format!("{}g", &right[..70]), Err("`g` is not a hexadecimal digit")),
        (format!("{right},"), Err("a value before or after a comma is empty")),
        (format!("{other}, {right}"), Err("it starts with a space")),
        (String::new(), Err("kubeadm requires one of them")),
    ];
    for (text, expected) in &rows {
        same(cluster, &ready.endpoint, &["--token", TOKEN, "--discovery-token-ca-cert-hash", text], *expected);
    }
    let flag = "--discovery-token-ca-cert-hash";
    same(cluster, &ready.endpoint, &["--token", TOKEN, flag, &other, flag, right], Ok(()));
    same(cluster, &ready.endpoint, &["--token", TOKEN, flag, "", flag, right], Ok(()));
    let unsafely = "--discovery-token-unsafe-skip-ca-verification";
    same(cluster, &ready.endpoint, &["--token", TOKEN, flag, &other, unsafely], Err("the hash in the command does not match"));
    // What is meant is told, and works.
    let said = check(
        cluster,
        &["check", "--", "kubeadm", "join", &ready.endpoint, "--token", TOKEN, flag, &pairs.join(":")],
        Eyes::Node,
    );
    assert!(said.stderr.contains(&format!("hint: use {flag} {right}\n")), "{}", said.stderr);
}

pub(super) fn endpoints_tokens_and_flags(cluster: &Cluster) {
    let ready = Ready::new(cluster);
    let (endpoint, hash) = (ready.endpoint.as_str(), ready.hash.as_str());
    let port = endpoint.rsplit_once(':').unwrap().1;
    let flag = "--discovery-token-ca-cert-hash";
    let rows: [Row<'_>; 15] = [
        (format!("{endpoint}/"), Ok(())),
        (format!("127.0.0.1:0{port}"), Ok(())),
        (format!("LOCALHOST:{port}"), Ok(())),
        (format!("https://{endpoint}"), Err("it must not start with `https://`")),
        (format!("http://{endpoint}"), Err("it must not start with `http://`")),
        (format!(" {endpoint}"), Err("it starts with a space")),
        (format!("{endpoint} "), Err("it ends with a space")),
        (format!("{endpoint}\u{a0}"), Err("it ends with a no-break space (U+00A0)")),
        (format!("'{endpoint}'"), Err("a quotation mark (U+0027)")),
        ("127.0.0.1".to_owned(), Err("the port is missing")),
        ("[::1]".to_owned(), Err("the port is missing")),
        ("::1:6443".to_owned(), Err("an IPv6 address must be in brackets")),
        ("127.0.0.1:https".to_owned(), Err("the port is not a number")),
        (format!("127.0.0.1:+{port}"), Err("it contains `+`")),
        (format!("[127.0.0.1]:{port}"), Err("the host is neither a name nor an address")),
    ];
    for (text, expected) in &rows {
        same(cluster, text, &["--token", TOKEN, flag, hash], *expected);
    }
    let rows: [Row<'_>; 9] = [
        (format!(" {TOKEN}"), Err("it starts with a space")),
        (format!("{TOKEN} "), Err("it ends with a space")),
        (format!("{TOKEN}\n"), Err("it ends with a line break")),
        (format!("\"{TOKEN}\""), Err("a quotation mark (U+0022)")),
        (TOKEN.to_uppercase(), Err("it has upper case letters")),
        (TOKEN[..22].to_owned(), Err("it has 15 characters after the dot")),
        (format!("a{TOKEN}"), Err("it has 7 characters before the dot")),
        (TOKEN.replace('.', ""), Err("it has no dot")),
        (TOKEN.replace('.', ":"), Err("it contains `:`")),
    ];
    for (text, expected) in &rows {
        same(cluster, endpoint, &["--token", text, flag, hash], *expected);
    }
    let torn = format!(" {flag}");
    for (flags, expected) in [
        (&["--discovery-token", TOKEN, "--tls-bootstrap-token", TOKEN, flag, hash][..], Ok(())),
        (&["--token", "nobody.0123456789abcdef", "--token", TOKEN, flag, hash], Ok(())),
        (&["--token", TOKEN, "--discovery-token-unsafe-skip-ca-verification=1"], Ok(())),
        (&["--token", TOKEN, "--discovery-token-unsafe-skip-ca-verification=T"], Ok(())),
        (&["--token", TOKEN, "--discovery-token-unsafe-skip-ca-verification=yes"], Err("or with this one")),
        (&["--token", TOKEN, "--discovery-token-unsafe-skip-ca-verification", "true"], Err("more than one endpoint")),
        (&["\u{2013}token", TOKEN, flag, hash], Err("it starts with a long dash")),
        (&["\u{2014}token", TOKEN, flag, hash], Err("it starts with a long dash")),
        (&["-token", TOKEN, flag, hash], Err("it starts with one dash")),
        (&["--token", TOKEN, &torn, hash], Err("there is a space before `--discovery-token-ca-cert-hash`")),
        (&["other:1", "--token", TOKEN, flag, hash], Err("more than one endpoint")),
    ] {
        same(cluster, endpoint, flags, expected);
    }
}
