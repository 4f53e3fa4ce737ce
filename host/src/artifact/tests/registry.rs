//! Registries that fail, lie and redirect.

use super::{QUIET, Server, access, built, component, cut, good, manifest, registry, reply, serve};
use crate::artifact::ArtifactError;
use crate::artifact::local_store::LocalStore;
use crate::artifact::registry::Registry;
use kubephase_core::digest::Digest;
use kubephase_core::reference::Reference;
use serde_json::json;

#[test]
fn what_may_pass_is_asked_again() {
    let server = serve(|head, number| match number {
        0 => reply(500, &[], b""),
        1 => reply(429, &[("Retry-After", "0")], b""),
        2 => cut(&built().manifest, 10),
        3 => Vec::new(),
        _ => good(head),
    });
    let (bytes, digest) = registry(&server.reference("1")).manifest().unwrap();
    assert_eq!((bytes, digest), (built().manifest, built().digest));
    assert_eq!(server.seen().len(), 5);
}

#[test]
fn what_does_not_pass_is_told_at_once() {
    type Answer = fn(&str) -> Vec<u8>;
    let cases: [(Answer, &str); 10] = [
        (|_| reply(401, &[], b""), "the registry `HOST` refuses access to `x`"),
        (
            |_| reply(403, &[], br#"{"errors":[{"code":"DENIED","message":"who are you?"}]}"#),
            "the registry `HOST` refuses access to `x`: who are you?",
        ),
        (|_| reply(404, &[], b""), "the registry has no `HOST/x:1`"),
        (|_| reply(418, &[], b""), "the registry `HOST` answers with status 418"),
        (|_| reply(429, &[("Retry-After", "3600")], b""), "the registry `HOST` limits the rate of requests"),
        (|_| reply(400, &[], b"Client sent an HTTP request to an HTTPS server."), "`HOST` speaks TLS, but plain HTTP was used"),
        (|_| reply(200, &[], &vec![b' '; 5 << 20]), "the manifest has more than 4194304 bytes"),
        (
            |_| reply(307, &[("Location", "/v2/x/manifests/1")], b""),
            "the registry `HOST` redirects to `http://HOST`, which is one redirect too many, or plain HTTP",
        ),
        (|_| reply(307, &[("Location", "file:///etc/passwd")], b""), "the registry `HOST`"),
        (
            |_| reply(200, &[("Docker-Content-Digest", &Digest::of(b"").to_string())], &built().manifest),
            "the received manifest has the digest `DIGEST`, not `sha256:e3b0",
        ),
    ];
    for (answer, expected) in cases {
        let server = serve(move |head, _| answer(head));
        let said = registry(&server.reference("1")).manifest().unwrap_err().to_string();
        let said = said.replace(&server.address, "HOST").replace(&built().digest.to_string(), "DIGEST");
        assert!(said.starts_with(expected), "{said}");
    }
}

#[test]
fn a_pin_is_kept() {
    let server = serve(|head, _| good(head));
    let of = |digest: Digest| Reference::parse(&format!("{}/x:1@{digest}", server.address)).unwrap();
    assert!(registry(&of(built().digest)).manifest().is_ok());
    let error = registry(&of(Digest::of(b"other"))).manifest().unwrap_err();
    assert!(matches!(error, ArtifactError::Digest { .. }), "{error}");
}

/// Fetches the component of a server, with a part of it already downloaded.
fn fetched(server: &Server, there: &[u8]) -> (Result<Vec<u8>, ArtifactError>, u64) {
    let folder = tempfile::tempdir().unwrap();
    let local_store = LocalStore::at(folder.path().to_owned());
    let mut partial = local_store.partial(&manifest().layer.1).unwrap();
    partial.append(there).unwrap();
    let result = registry(&server.reference("1")).component(&manifest().layer, &mut partial);
    drop(partial);
    (result, local_store.partial(&manifest().layer.1).unwrap().size())
}

/// The offset of a range request.
fn offset(head: &str) -> Option<usize> {
    let line = head.lines().find_map(|line| line.strip_prefix("range: bytes="));
    line.map(|range| range.trim_end_matches('-').parse().unwrap())
}

fn rest(head: &str) -> Vec<u8> {
    let Some(start) = offset(head) else { return reply(200, &[], &component()) };
    let range = format!("bytes {start}-{}/{}", component().len() - 1, component().len());
    reply(206, &[("Content-Range", &range)], &component()[start..])
}

#[test]
fn a_component_goes_on_where_it_stopped() {
    let server = serve(|head, number| if number == 0 { cut(&component(), 1_000) } else { rest(head) });
    assert_eq!(fetched(&server, b"").0.unwrap(), component());
    assert_eq!(server.seen().iter().map(|head| offset(head)).collect::<Vec<_>>(), [None, Some(1_000)]);

    // From an earlier run.
    let server = serve(|head, _| rest(head));
    assert_eq!(fetched(&server, &component()[..500]).0.unwrap(), component());
    assert_eq!(offset(&server.seen()[0]), Some(500));

    // Nothing is missing.
    assert_eq!(fetched(&server, &component()).0.unwrap(), component());
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn a_component_that_cannot_go_on_begins_anew() {
    // Damaged, too long, of a registry without ranges, one that rejects this range, and one that answers with another.
    let other = |start: usize| format!("bytes {start}-{}/{}", component().len() - 1, component().len());
    let server = serve(|head, _| rest(head));
    assert_eq!(fetched(&server, b"damaged").0.unwrap(), component());
    assert_eq!(fetched(&server, &[component(), vec![0]].concat()).0.unwrap(), component());
    let server = serve(|_, _| reply(200, &[], &component()));
    assert_eq!(fetched(&server, &component()[..500]).0.unwrap(), component());
    let server = serve(|head, _| if offset(head).is_some() { reply(416, &[], b"") } else { rest(head) });
    assert_eq!(fetched(&server, &component()[..500]).0.unwrap(), component());
    let server = serve(move |head, _| match offset(head) {
        Some(_) => reply(206, &[("Content-Range", &other(0))], &component()),
        None => rest(head),
    });
    assert_eq!(fetched(&server, &component()[..500]).0.unwrap(), component());
}

#[test]
fn another_component_leaves_nothing_behind() {
    let mut flipped = component();
    flipped[9] ^= 1;
    let longer = [component(), vec![0]].concat();
    for (body, expected) in [
        (flipped, "the received component has the digest `sha256:"),
        (longer, "`HOST/x:1` is not a phase: its component has 200009 bytes, but its manifest says 200008"),
    ] {
        let server = serve(move |_, _| reply(200, &[], &body));
        let (result, left) = fetched(&server, b"");
        let said = result.unwrap_err().to_string().replace(&server.address, "HOST");
        assert!(said.starts_with(expected), "{said}");
        assert_eq!((left, server.seen().len()), (0, 1), "{said}");
    }
}

fn header(head: &str) -> Option<&str> {
    head.lines().find_map(|line| line.strip_prefix("authorization: "))
}

fn logged_in(server: &Server) -> (tempfile::TempDir, Registry<'static>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.json");
    // `dTpw` is `u:p`.
    #[expect(clippy::disallowed_methods, reason = "a test writes a file of logins")]
    std::fs::write(&path, json!({ "auths": { &server.address: { "auth": "dTpw" } } }).to_string()).unwrap();
    (folder, Registry::prepare(&server.reference("1"), &access(vec![path]), QUIET).unwrap())
}

#[test]
fn nobody_else_is_told_who_we_are() {
    let elsewhere = serve(|_, _| reply(200, &[], &built().config));
    let to = format!("http://{}/blob?signed=1", elsewhere.address);
    let server = serve(move |head, _| match header(head) {
        None => reply(401, &[("WWW-Authenticate", "Basic realm=\"x\"")], b""),
        Some(_) => reply(307, &[("Location", &to)], b""),
    });
    let (_folder, registry) = logged_in(&server);
    assert_eq!(registry.config(&manifest().config).unwrap(), built().config);
    assert_eq!(server.seen().iter().map(|head| header(head)).collect::<Vec<_>>(), [None, Some("Basic dTpw")]);
    assert_eq!(elsewhere.seen().iter().map(|head| header(head)).collect::<Vec<_>>(), [None]);
}

#[test]
fn a_host_that_we_are_sent_to_is_not_answered() {
    let elsewhere = serve(|_, _| reply(401, &[("WWW-Authenticate", "Basic realm=\"x\"")], b""));
    let to = format!("http://{}/", elsewhere.address);
    let server = serve(move |_, _| reply(307, &[("Location", &to)], b""));
    let (_folder, registry) = logged_in(&server);
    assert!(registry.manifest().is_err());
    assert!(elsewhere.seen().iter().all(|head| header(head).is_none()));
}

#[test]
fn a_token_is_asked_for_where_the_registry_says() {
    let tokens = serve(|_, _| reply(200, &[], br#"{"access_token":"t0"}"#));
    let challenge = format!("Bearer realm=\"http://{}/token\",service=\"s\",scope=\"ignored\"", tokens.address);
    let server = serve(move |head, _| match header(head) {
        Some("Bearer t0") => good(head),
        _ => reply(401, &[("WWW-Authenticate", &challenge)], b""),
    });
    let (_folder, registry) = logged_in(&server);
    registry.manifest().unwrap();
    registry.config(&manifest().config).unwrap();
    assert_eq!(tokens.lines(), ["GET /token?scope=repository%3Ax%3Apull&service=s"]);
    assert_eq!(header(&tokens.seen()[0]), Some("Basic dTpw"));
    assert_eq!(server.seen().len(), 3, "a token is used again");
}

#[test]
fn a_registry_that_fails_does_not_make_an_artifact_unsigned() {
    let digest = built().digest;
    let entry = |number: usize| json!({ "mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": Digest::of(number.to_string().as_bytes()).to_string(), "size": 1 });
    let many = json!({ "schemaVersion": 2, "manifests": (0..65).map(entry).collect::<Vec<_>>() }).to_string();
    let one = json!({ "schemaVersion": 2, "manifests": [entry(0)] }).to_string();
    for (status, body, expected) in [
        (404, String::new(), None),
        (200, json!({ "schemaVersion": 2, "manifests": [] }).to_string(), None),
        (403, String::new(), Some("the registry `HOST` refuses access to `x`")),
        (405, String::new(), Some("the registry `HOST` answers with status 405")),
        (200, "<html>".to_owned(), Some("the signatures of `HOST/x:1` cannot be read: ")),
        // A listed manifest must exist.
        (200, one, Some("the registry has no `HOST/x@sha256:")),
        (200, many, Some("the registry has no `HOST/x@sha256:")),
    ] {
        let server = serve(
            move |head, _| if head.contains("/referrers/") { reply(status, &[], body.as_bytes()) } else { reply(404, &[], b"") },
        );
        let found = registry(&server.reference("1")).candidates(&digest).map_err(|error| error.to_string());
        match (found, expected) {
            (Ok(found), None) => assert!(found.is_empty()),
            (Err(said), Some(expected)) => assert!(said.replace(&server.address, "HOST").starts_with(expected), "{said}"),
            (found, expected) => assert_eq!(found.map_err(Some), Err(expected.map(str::to_owned))),
        }
    }
}

#[test]
fn more_signatures_than_anybody_reads_are_too_many() {
    let bundle = json!({ "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json", "digest": Digest::of(b"{}").to_string(), "size": 2 });
    let manifest = json!({ "schemaVersion": 2, "layers": vec![bundle; 65] }).to_string();
    let server = serve(move |head, _| match head.split(' ').nth(1).unwrap() {
        path if path.ends_with(".sig") => reply(200, &[], manifest.as_bytes()),
        path if path.contains("/blobs/") => reply(200, &[], b"{}"),
        _ => reply(404, &[], b""),
    });
    let said = registry(&server.reference("1")).candidates(&built().digest).unwrap_err().to_string();
    assert!(said.ends_with("has more than 64 signatures"), "{said}");
}
