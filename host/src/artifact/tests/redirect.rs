//! Logins and uploads are not sent to other hosts.

use super::{QUIET, Server, access, built, component, reply, serve};
use crate::artifact::registry::Registry;
use serde_json::{Value, json};

const STATUSES: [u16; 5] = [301, 302, 303, 307, 308];

fn logged_in(server: &Server, login: &Value) -> (tempfile::TempDir, Registry<'static>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.json");
    #[expect(clippy::disallowed_methods, reason = "a test writes a file of logins")]
    std::fs::write(&path, json!({ "auths": { &server.address: login } }).to_string()).unwrap();
    (folder, Registry::prepare(&server.reference("1"), &access(vec![path]), QUIET).unwrap())
}

#[test]
fn no_token_server_sends_a_login_on() {
    // `dTpw` is `u:p`.
    for login in [json!({ "auth": "dTpw" }), json!({ "identitytoken": "hunter2" })] {
        for status in STATUSES {
            let elsewhere = serve(|_, _| reply(200, &[], br#"{"token":"t"}"#));
            for to in [
                format!("http://{}/token", elsewhere.address),
                "/elsewhere".to_owned(),
                format!("https://{}/token", elsewhere.address),
                format!("//{}/token", elsewhere.address),
            ] {
                let tokens = serve(move |_, _| reply(status, &[("Location", &to)], b""));
                let challenge = format!("Bearer realm=\"http://{}/token\"", tokens.address);
                let server = serve(move |_, _| reply(401, &[("WWW-Authenticate", &challenge)], b""));
                let (_folder, registry) = logged_in(&server, &login);
                let said = registry.manifest().unwrap_err().to_string();
                assert!(said.ends_with("but requests with a login or an upload are not redirected"), "{status}: {said}");
                assert_eq!((tokens.seen().len(), elsewhere.seen().len()), (1, 0), "{status}");
            }
        }
    }
}

#[test]
fn no_upload_is_sent_on() {
    for status in STATUSES {
        let elsewhere = serve(|_, _| reply(202, &[], b""));
        let to = format!("http://{}/", elsewhere.address);
        for method in ["POST", "PUT"] {
            let to = to.clone();
            let server = serve(move |head, _| match head.split(' ').next().unwrap() {
                "HEAD" => reply(404, &[], b""),
                now if now == method => reply(status, &[("Location", &to)], b""),
                _ => reply(202, &[("Location", "/upload")], b""),
            });
            let said = super::registry(&server.reference("1")).push(&built(), &component()).unwrap_err().to_string();
            assert!(said.ends_with("are not redirected"), "{method} {status}: {said}");
        }
        assert_eq!(elsewhere.seen().len(), 0, "{status}");
    }
}

#[test]
fn what_is_read_is_read_elsewhere_without_a_login() {
    let has_login = |head: &String| head.contains("authorization: ");
    for status in STATUSES {
        let elsewhere = serve(|_, _| reply(200, &[], &built().config));
        let to = format!("http://v:q@{}/blob?signed=1", elsewhere.address);
        let server = serve(move |head, _| match head {
            _ if !head.contains("authorization: ") => reply(401, &[("WWW-Authenticate", "Basic realm=\"x\"")], b""),
            _ if head.contains("/moved") => reply(status, &[("Location", &to)], b""),
            _ => reply(status, &[("Location", "/moved")], b""),
        });
        let (_folder, registry) = logged_in(&server, &json!({ "auth": "dTpw" }));
        assert_eq!(registry.config(&super::manifest().config).unwrap(), built().config, "{status}");
        assert_eq!(server.seen().iter().map(has_login).collect::<Vec<_>>(), [false, true, true], "{status}");
        assert_eq!(elsewhere.seen().iter().map(has_login).collect::<Vec<_>>(), [false], "{status}");
    }
}
