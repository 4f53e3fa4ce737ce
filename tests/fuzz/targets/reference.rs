//! What is typed for a phase: one thing, and the one that is judged and asked.

use super::dice::Dice;
use kubephase_core::reference::Reference;
use kubephase_core::source::{PhaseSource, Typed};
use reqwest::Url;

/// Reads a text that is drawn, or the bytes. Whatever it is:
///
/// * nothing panics;
/// * a reference is written as it was typed, and read again as the same;
/// * a URL parser finds the same registry in it, so that the place that is judged is the server that is asked;
/// * a file is never a reference too, but for what starts with a path.
pub fn reference(data: &[u8]) {
    let mut dice = Dice::new(data);
    let text = if dice.is_one_in(3) { String::from_utf8_lossy(&dice.rest()).into_owned() } else { drawn(&mut dice) };
    match Typed::of(&text) {
        Typed::One(PhaseSource::Artifact(reference)) => {
            assert_eq!(reference.to_string(), text);
            assert_eq!(Reference::parse(&text).as_ref(), Ok(&reference));
            let asked = format!("https://{}/v2/{}/", reference.registry(), reference.repository());
            // A name that no URL parser takes is never asked.
            let Ok(url) = Url::parse(&asked) else { return };
            // One label is a registry only with a port, and a URL leaves the usual one out.
            let place = match reference.registry().strip_suffix(":443") {
                Some(label) if !label.contains('.') => label,
                _ => reference.registry(),
            };
            assert_eq!(authority(&url), place, "another place");
            assert_eq!(url.path(), format!("/v2/{}/", reference.repository()));
            assert!(!text.ends_with(".wasm") && !text.starts_with(['.', '/']));
        }
        Typed::One(PhaseSource::File(path)) => {
            let is_path = ["./", "../", "/"].iter().any(|start| text.starts_with(start)) || text == "..";
            assert!(is_path || (text.ends_with(".wasm") && Reference::parse(&text).is_err()), "{}", path.display());
        }
        Typed::One(PhaseSource::Embedded) => assert_eq!(text, "embedded"),
        Typed::Both => assert!(Reference::parse(&text).is_ok() && text.ends_with(".wasm")),
        Typed::Neither(error) => assert!(error.to_string().len() < 300),
    }
}

fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn drawn(dice: &mut Dice<'_>) -> String {
    let hosts = [
        "h.io",
        "localhost",
        "registry",
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "0177.0.0.1",
        "2130706433",
        "0x7f000001",
        "[::1]",
        "[::ffff:1.2.3.4]",
        "[0:0:0:0:0:0:0:1]",
        "a.0",
        "1.a",
        "a.0x1",
        "xn--a.io",
        "h.io.",
        "docker.io",
        "index.docker.io",
        "..",
        ".",
        "",
    ];
    let ports = ["", ":443", ":80", ":5000", ":05000", ":0", ":65536", ":"];
    let paths = ["/x", "/x/y", "/x__y", "/../x", "//x", "/X", "/x.wasm", "/"];
    let ends = ["", ":1", ":a.wasm", ":latest", ".wasm", "@sha256:0"];
    let digest = format!("@sha256:{}", "0123456789abcdef".repeat(4));
    let start = dice.pick(&["", "", "", "./", "/", "../", "oci://", "user@"]);
    let mut text = format!("{start}{}{}{}{}", dice.pick(&hosts), dice.pick(&ports), dice.pick(&paths), dice.pick(&ends));
    if dice.is_one_in(3) {
        text.push_str(&digest);
    }
    text
}
