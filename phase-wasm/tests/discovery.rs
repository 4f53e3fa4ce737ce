//! Where nodes are sent and which authority they trust: cluster-info changes only if its values differ, and never to an address
//! that only the operator can use.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken test should fail loudly")]

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bootstrap_token_phase::abi::{Action, Answer, Failure, Request, Selector, ServerInfo};
use bootstrap_token_phase::task;
use serde_json::{Value, json};

const OLD: &str = "MIIBoldoldoldold";
const NEW: &str = "MIIBnewnewnewnew";
const OTHER: &str = "MIIBotherotherot";

fn pem(bodies: &[&str]) -> String {
    bodies.iter().map(|body| format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")).collect()
}

type Told = (String, String);

/// What a plan for cluster-info is made of.
#[derive(Clone)]
struct Known {
    /// The server and the authority data of the existing cluster-info.
    present: Option<(&'static str, String)>,
    /// How the host reaches the server, and which authority it trusts.
    reached: &'static str,
    trusted: String,
    /// `controlPlaneEndpoint` of kubeadm-config, and of the command line.
    configured: &'static str,
    flag: &'static str,
}

impl Known {
    fn request(&self) -> Request {
        let token = json!({ "id": "abcdef", "secret": { "$secret": "s1", "length": 16 } });
        let mut request = Request {
            task: "apply".to_owned(),
            parameters: json!({ "token": token, "controlPlaneEndpoint": self.flag }).to_string(),
            documents: Vec::new(),
            now: "2030-01-01T00:00:00Z".to_owned(),
            server: ServerInfo {
                version: "v1.37.2".to_owned(),
                url: self.reached.to_owned(),
                certificate_authority: self.trusted.clone(),
                certificate_authority_pins: vec!["sha256:00".to_owned()],
            },
            observed: Vec::new(),
            random: Vec::new(),
        };
        request.observed = task::need(&request).unwrap().reads.into_iter().map(|to| self.answer(to)).collect();
        request
    }

    fn answer(&self, to: Selector) -> Answer {
        let name = match &to {
            Selector::One(object) => object.name.clone(),
            Selector::Many(_) => panic!("a list"),
        };
        let objects = match (name.as_str(), &self.present) {
            ("cluster-info", Some((server, authority))) => {
                let kubeconfig = json!({
                    "apiVersion": "v1", "kind": "Config",
                    "clusters": [{ "name": "", "cluster": { "server": server, "certificate-authority-data": authority } }],
                });
                vec![json!({ "data": { "kubeconfig": kubeconfig.to_string() } }).to_string()]
            }
            ("kubeadm-config", _) if !self.configured.is_empty() => {
                let configuration = json!({ "kind": "ClusterConfiguration", "controlPlaneEndpoint": self.configured });
                vec![json!({ "data": { "ClusterConfiguration": configuration.to_string() } }).to_string()]
            }
            _ => Vec::new(),
        };
        Answer { to, objects }
    }

    /// The server and the authority written to cluster-info, if it changes; and where the join command leads.
    fn outcome(&self) -> Result<(Option<Told>, Option<String>), String> {
        let plan = task::plan_for(&self.request()).map_err(|failure| match failure {
            Failure::InvalidInput(problems) => problems.into_iter().map(|problem| problem.message).collect::<String>(),
            other => panic!("{other:?}"),
        })?;
        let operation = plan.operations.into_iter().find(|operation| operation.target.name == "cluster-info").unwrap();
        let written = match operation.action {
            Action::Keep => None,
            Action::Create(body) | Action::MergePatch(body) => Some(body),
            other => panic!("{other:?}"),
        };
        let told = written.map(|body| {
            let body: Value = serde_json::from_str(&body).unwrap();
            let kubeconfig = body.pointer("/data/kubeconfig").unwrap().as_str().unwrap().to_owned();
            let line = |key: &str| {
                kubeconfig.lines().find_map(|line| line.trim().strip_prefix(key).map(str::to_owned)).unwrap_or_default()
            };
            let authority = STANDARD.decode(line("certificate-authority-data: ")).unwrap();
            (line("server: "), String::from_utf8(authority).unwrap())
        });
        let command = plan.outputs.into_iter().find(|output| output.name == "join-command");
        let command = command.map(|output| format!("{:?}", output.value.first().unwrap()));
        Ok((told, command.map(|text| text.split_whitespace().nth(2).unwrap_or_default().to_owned())))
    }
}

fn present(server: &'static str, authority: &str) -> Known {
    let nothing = Known { present: None, reached: "", trusted: pem(&[OLD]), configured: "", flag: "" };
    Known { present: Some((server, STANDARD.encode(authority))), ..nothing }
}

fn absent() -> Known {
    Known { present: None, ..present("", "") }
}

const LB: &str = "https://10.0.0.5:6443";
const TUNNEL: &str = "https://127.0.0.1:16443";
const PROXY: &str = "https://rancher.example.com/k8s/clusters/c-m-abcdef";

#[test]
fn what_works_stays() {
    let reached = |known: Known, reached: &'static str| Known { reached, ..known };
    let here = present(LB, &pem(&[OLD]));
    let both = present(LB, &pem(&[OLD, NEW]));
    let wrapped =
        Known { present: here.present.clone().map(|(server, data)| (server, data.replace('T', "T\n"))), ..here.clone() };
    let configured = |known: Known, configured: &'static str| Known { configured, ..known };
    let flag = |known: Known, flag: &'static str| Known { flag, ..known };
    let dns = present("https://LB.example.com", &pem(&[OLD]));
    for (name, known) in [
        ("through a tunnel", reached(here.clone(), TUNNEL)),
        ("through a proxy", reached(here.clone(), PROXY)),
        ("without the final newline", reached(present(LB, pem(&[OLD]).trim_end()), TUNNEL)),
        ("with remarks", reached(present(LB, &format!("# ours\n{}", pem(&[OLD]))), TUNNEL)),
        ("with CRLF", reached(present(LB, &pem(&[OLD]).replace('\n', "\r\n")), TUNNEL)),
        ("in wrapped base64", reached(wrapped, TUNNEL)),
        ("with the old authority and the new one", reached(both.clone(), TUNNEL)),
        ("with both, by the new one", Known { trusted: pem(&[NEW]), ..reached(both, TUNNEL) }),
        (
            "by another name of the same place",
            reached(present("https://cp.example.com:443", &pem(&[OLD])), "https://CP.example.com"),
        ),
        (
            "a port that nobody said",
            configured(
                reached(present("https://lb.example.com:443", &pem(&[OLD])), "https://lb.example.com:443"),
                "lb.example.com",
            ),
        ),
        ("a port that nobody said, by a tunnel", configured(reached(dns.clone(), TUNNEL), "lb.example.com")),
        ("the same port in other words", configured(reached(dns.clone(), TUNNEL), "lb.example.com:443")),
        ("a flag that says the same", flag(reached(dns, TUNNEL), "lb.example.com:443")),
        (
            "IPv6 in another form",
            configured(reached(present("https://[2001:DB8::0:1]:6443", &pem(&[OLD])), TUNNEL), "[2001:db8::1]:6443"),
        ),
        ("no authority is known here", Known { trusted: String::new(), ..reached(here, TUNNEL) }),
    ] {
        let (written, command) = known.outcome().unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(written, None, "{name}");
        assert!(command.is_some_and(|command| !command.starts_with("127.") && !command.contains("rancher")), "{name}");
    }
}

#[test]
fn what_is_different_is_written() {
    let told = |known: Known| known.outcome().unwrap().0.unwrap();
    let reached = |known: Known, reached: &'static str| Known { reached, ..known };
    let both = pem(&[OLD, NEW]);
    for (name, known, server, authority) in [
        ("nothing is there", reached(absent(), LB), LB, pem(&[OLD])),
        ("nothing is there, and only a tunnel is known, as on a node", reached(absent(), TUNNEL), TUNNEL, pem(&[OLD])),
        ("the host trusts more", Known { trusted: both.clone(), ..reached(present(LB, &pem(&[OLD])), TUNNEL) }, LB, both.clone()),
        (
            "each trusts one that the other does not",
            Known { trusted: pem(&[OLD, OTHER]), ..reached(present(LB, &both), TUNNEL) },
            LB,
            pem(&[OLD, OTHER, NEW]),
        ),
        (
            "a key beside the authority",
            reached(present(LB, &format!("{}-----BEGIN PRIVATE KEY-----\n", pem(&[OLD]))), TUNNEL),
            LB,
            pem(&[OLD]),
        ),
        ("another authority, reached by an address of others", reached(present(TUNNEL, &pem(&[OTHER])), LB), LB, pem(&[OLD])),
        (
            "another authority, and two tunnels",
            reached(present("https://[::1]:17000", &pem(&[OTHER])), TUNNEL),
            TUNNEL,
            pem(&[OLD]),
        ),
        (
            "another port is said",
            Known { configured: "10.0.0.5:8443", ..reached(present(LB, &pem(&[OLD])), LB) },
            "https://10.0.0.5:8443",
            pem(&[OLD]),
        ),
        ("asked for", Known { flag: "127.0.0.1:16443", ..reached(present(LB, &pem(&[OLD])), LB) }, TUNNEL, pem(&[OLD])),
        (
            "asked for, through a proxy",
            Known { flag: "cp.example.com", ..reached(absent(), PROXY) },
            "https://cp.example.com:6443",
            pem(&[OLD]),
        ),
        (
            "a port that nobody said, where one works",
            Known { configured: "lb.example.com", ..reached(absent(), "https://lb.example.com") },
            "https://lb.example.com",
            pem(&[OLD]),
        ),
    ] {
        assert_eq!(told(known), (server.to_owned(), authority), "{name}");
    }
}

#[test]
fn an_address_of_the_operator_alone_is_refused() {
    for (name, known, words) in [
        (
            "a proxy, and nothing else",
            Known { reached: PROXY, ..absent() },
            "a path on a proxy; set it with --control-plane-endpoint HOST:PORT",
        ),
        (
            "a proxy, and a cluster-info of another cluster",
            Known { reached: PROXY, ..present(LB, &pem(&[OTHER])) },
            "a path on a proxy; set it with --control-plane-endpoint HOST:PORT",
        ),
        (
            "a tunnel, and a cluster-info of another cluster",
            Known { reached: TUNNEL, ..present(LB, &pem(&[OTHER])) },
            "is ambiguous: cluster-info points to `https://10.0.0.5:6443` with a certificate authority other than yours",
        ),
    ] {
        let error = known.outcome().expect_err(name);
        assert!(error.contains(words), "{name}: {error}");
    }
}
