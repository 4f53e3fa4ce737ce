//! The diagnosis, case by case.

use super::view::DEFAULT_GROUP;
use super::{
    ClusterView, CureFlags, Endpoint, Evidence, Fit, JoinCommand, JoinVerdict, Reason, Result, Role, Sight, Step, StepProblem,
    Taken, Token, TokenFacts, TokenFlaw, Trust, diagnose,
};
use crate::bootstrap_token::datum;
use crate::object::Object;
use Result::{Failed, NotTaken, Ok as Fine, Skipped};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;
use std::collections::BTreeSet;

fn token(text: &str) -> Token {
    Token::parse(text).unwrap()
}

fn join() -> JoinCommand {
    let token = token("abcdef.0123456789abcdef");
    let trust = Trust::Pins(vec!["sha256:aa".to_owned()]);
    JoinCommand {
        endpoint: Endpoint::parse("10.0.0.1:6443").unwrap(),
        discovery: token.clone(),
        login: token,
        trust,
        role: Role::Worker,
        reached: None,
    }
}

fn evidence(steps: &[(Step, Result)]) -> Evidence {
    let steps = steps.iter().map(|(step, result)| Taken { step: *step, result: *result, detail: String::new() });
    Evidence { steps: steps.collect(), server: Some("https://10.0.0.1:6443".to_owned()), ..Evidence::default() }
}

fn with_token(flaws: &[TokenFlaw]) -> ClusterView {
    let facts = TokenFacts { flaws: flaws.to_vec(), groups: Vec::new(), age: Some(3_600) };
    ClusterView { discovery: Sight::Present(facts.clone()), login: Sight::Present(facts), ..ClusterView::default() }
}

fn without_token() -> ClusterView {
    ClusterView { discovery: Sight::Absent, login: Sight::Absent, ..ClusterView::default() }
}

/// What the node saw, what the administrator saw, the verdict, and a part of each cause.
type Case<'a> = (Vec<(Step, Result)>, ClusterView, JoinVerdict, &'a [&'a str]);

#[track_caller]
fn assert_case((steps, view, verdict, causes): Case<'_>) {
    let diagnosis = diagnose(&join(), &evidence(&steps), &view, &CureFlags::default());
    assert_eq!(diagnosis.verdict, verdict, "{steps:?}");
    assert_eq!(diagnosis.causes.len(), causes.len(), "{steps:?}: {:?}", diagnosis.causes);
    for (cause, part) in diagnosis.causes.iter().zip(causes) {
        assert!(cause.text.contains(part), "{steps:?}: {}", cause.text);
        assert!(!cause.cure.is_empty() && !format!("{cause:?}").contains("0123456789"), "{cause:?}");
    }
}

/// What `explain` takes and what programs look for: a name has one meaning, and `check` gives the right one.
#[test]
fn a_cause_has_a_name() {
    let names: BTreeSet<&str> = Reason::ALL.iter().map(|reason| reason.name()).collect();
    assert_eq!(names.len(), Reason::ALL.len());
    let is_plain = |name: &&str| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-') && !name.ends_with('-');
    assert!(names.iter().all(is_plain), "{names:?}");
    let expired = [TokenFlaw::Expired("2020-01-01T00:00:00Z".to_owned())];
    let of = |step, problem| vec![(step, Failed(problem))];
    for (steps, view, reason) in [
        (vec![MISSING, REFUSED], without_token(), Reason::TokenUnknown),
        (vec![SIGNED, REFUSED], with_token(&expired), Reason::TokenExpired),
        (vec![MISSING, LET_IN], with_token(&[TokenFlaw::NoSigning]), Reason::TokenWithoutSigning),
        (vec![MISSING, LET_IN], with_token(&[]), Reason::SignerNotRunning),
        (vec![WRONG, LET_IN], with_token(&[]), Reason::SignatureStale),
        (vec![MISSING, LET_IN], ClusterView::default(), Reason::TokenUnsigned),
        (vec![MISSING, REFUSED], ClusterView::default(), Reason::TokenRefused),
        (vec![SIGNED, REFUSED], with_token(&[]), Reason::BootstrapTokensDisabled),
        (of(Step::Endpoint, StepProblem::Unreachable), ClusterView::default(), Reason::Unreachable),
        (of(Step::ClusterInfo, StepProblem::Unauthorized), ClusterView::default(), Reason::AnonymousDisabled),
        (of(Step::ClusterInfo, StepProblem::Forbidden), ClusterView::default(), Reason::ClusterInfoForbidden),
        (of(Step::ClusterInfo, StepProblem::Missing), ClusterView::default(), Reason::ClusterInfoMissing),
        (of(Step::CaPin, StepProblem::NoHash), ClusterView::default(), Reason::HashMissing),
        (of(Step::CaPin, StepProblem::Different), ClusterView::default(), Reason::HashOfAnotherCluster),
        (of(Step::Nodes, StepProblem::Forbidden), ClusterView::default(), Reason::RbacMissing),
        (of(Step::KubeletConfig, StepProblem::Missing), ClusterView::default(), Reason::ConfigurationMissing),
        (of(Step::Certificate, StepProblem::NotSigned), ClusterView::default(), Reason::CsrNotSigned),
        (of(Step::Certificate, StepProblem::Unauthorized), ClusterView::default(), Reason::CertificateNotTrusted),
    ] {
        let causes = diagnose(&join(), &evidence(&steps), &view, &CureFlags::default()).causes;
        assert_eq!(causes.iter().map(|cause| cause.reason).collect::<Vec<_>>(), [reason], "{steps:?}");
    }
}

const MISSING: (Step, Result) = (Step::Signature, Failed(StepProblem::Missing));
const WRONG: (Step, Result) = (Step::Signature, Failed(StepProblem::Different));
const SIGNED: (Step, Result) = (Step::Signature, Fine);
const REFUSED: (Step, Result) = (Step::Login, Failed(StepProblem::Unauthorized));
const LET_IN: (Step, Result) = (Step::Login, Fine);

#[test]
fn a_token_is_blamed_for_its_own_flaw() {
    let expired = TokenFlaw::Expired("2020-01-01T00:00:00Z".to_owned());
    for (steps, view, cause) in [
        (vec![MISSING, REFUSED], without_token(), "the token abcdef does not exist"),
        (vec![MISSING, REFUSED], with_token(std::slice::from_ref(&expired)), "has expired (2020"),
        (vec![SIGNED, REFUSED], with_token(std::slice::from_ref(&expired)), "has expired (2020"),
        (vec![MISSING, REFUSED], with_token(&[TokenFlaw::Type]), "is not a token"),
        (vec![MISSING, REFUSED], with_token(&[TokenFlaw::Id]), "token-id is not abcdef"),
        (vec![MISSING, REFUSED], with_token(&[TokenFlaw::NoSecret]), "has no token-secret"),
        (vec![MISSING, LET_IN], with_token(&[TokenFlaw::NoSigning]), "usage `signing`"),
        (vec![SIGNED, REFUSED], with_token(&[TokenFlaw::NoAuthentication]), "usage `authentication`"),
        (vec![SIGNED, REFUSED], with_token(&[TokenFlaw::Groups("a".to_owned())]), "a group that tokens may not have"),
        (vec![SIGNED, REFUSED], with_token(&[TokenFlaw::Deleted]), "is being deleted"),
        (vec![WRONG, REFUSED], with_token(&[TokenFlaw::OtherSecret]), "secret half"),
        (vec![WRONG, REFUSED], without_token(), "the token abcdef does not exist"),
        (vec![WRONG, REFUSED], with_token(&[expired]), "has expired"),
    ] {
        assert_case((steps, view, JoinVerdict::DoesNot, &[cause]));
    }
    // It was deleted a moment ago: its login is remembered, and nothing else is wrong with it.
    let steps = [MISSING, LET_IN, (Step::Nodes, Failed(StepProblem::Forbidden))];
    let remembered = Evidence { groups: vec!["system:bootstrappers".to_owned()], ..evidence(&steps) };
    let causes = diagnose(&join(), &remembered, &without_token(), &CureFlags::default()).causes;
    assert!(causes.len() == 1 && causes[0].text.contains("still remembers its login"), "{causes:?}");
    // Two flaws that stop one step each.
    let both = with_token(&[TokenFlaw::NoSigning, TokenFlaw::NoAuthentication]);
    assert_case((vec![MISSING, REFUSED], both, JoinVerdict::DoesNot, &["usage `signing`", "usage `authentication`"]));
}

#[test]
fn a_right_token_is_not_blamed() {
    let others = |right, missing| ClusterView { others: Some((right, missing)), ..with_token(&[]) };
    let young = TokenFacts { age: Some(1), ..TokenFacts::default() };
    for (steps, view, cause) in [
        (vec![MISSING, LET_IN], others(0, 0), "bootstrapsigner"),
        (vec![MISSING, LET_IN], others(0, 3), "3 other tokens have no signature"),
        (vec![MISSING, LET_IN], others(2, 1), "has stopped: 2 other tokens have"),
        (vec![WRONG, LET_IN], others(0, 1), "the signature is stale"),
        (vec![MISSING, LET_IN], ClusterView { discovery: Sight::Present(young), ..with_token(&[]) }, "is new"),
        (vec![MISSING, LET_IN], ClusterView { manager: Sight::Present(600), ..with_token(&[]) }, "renewed its lease 600 s ago"),
        (vec![MISSING, LET_IN], ClusterView { manager: Sight::Present(2), ..with_token(&[]) }, "bootstrapsigner"),
        (vec![MISSING, LET_IN], ClusterView { info: Sight::Present(1_048_500), ..with_token(&[]) }, "cluster-info is full"),
        (vec![MISSING, LET_IN], ClusterView { info: Sight::Present(1_000_000), ..others(9_000, 2_000) }, "cluster-info is full"),
        (vec![SIGNED, REFUSED], with_token(&[]), "--enable-bootstrap-token-auth"),
    ] {
        assert_case((steps, view, JoinVerdict::DoesNot, &[cause]));
    }
}

#[test]
fn without_an_administrator_the_candidates_are_told() {
    for (steps, cause) in [
        (vec![MISSING, REFUSED], "is unknown to the cluster or has expired"),
        (vec![MISSING, LET_IN], "is valid but has no signature"),
        (vec![MISSING, (Step::Login, NotTaken)], "cluster-info has no signature for the token"),
        (vec![WRONG, REFUSED], "secret half"),
        (vec![WRONG, LET_IN], "is stale: the token itself is valid"),
        (vec![SIGNED, REFUSED], "it has expired since it was signed, or it does not have the usage `authentication`"),
    ] {
        assert_case((steps, ClusterView::default(), JoinVerdict::DoesNot, &[cause]));
    }
}

#[test]
fn the_network_is_never_the_tokens_fault() {
    let rest = [(Step::ClusterInfo, NotTaken), (Step::Signature, NotTaken), (Step::Login, NotTaken)];
    let unreachable = [vec![(Step::Endpoint, Failed(StepProblem::Unreachable))], rest.to_vec()].concat();
    assert_case((unreachable.clone(), ClusterView::default(), JoinVerdict::Unknown, &["cannot open a TLS connection"]));
    assert_case((unreachable, without_token(), JoinVerdict::Unknown, &["cannot open a TLS connection"]));
    let busy = vec![(Step::Endpoint, Fine), (Step::ClusterInfo, Failed(StepProblem::Unanswered))];
    assert_case((busy, ClusterView::default(), JoinVerdict::Unknown, &["does not give a usable answer"]));
    let lost = vec![SIGNED, (Step::Login, Failed(StepProblem::Unreachable))];
    assert_case((lost.clone(), ClusterView::default(), JoinVerdict::Unknown, &["cannot open a TLS connection"]));
    for (endpoint, server, verdict, text, cure) in [
        (
            "10.0.0.1:6443",
            "https://10.0.0.2:6443",
            JoinVerdict::DoesNot,
            "not to 10.0.0.1:6443",
            "--control-plane-endpoint 10.0.0.1:6443",
        ),
        (
            "10.0.0.1:6443",
            "https://10.0.0.1:6443/a",
            JoinVerdict::DoesNot,
            "not to 10.0.0.1:6443",
            "--control-plane-endpoint 10.0.0.1:6443",
        ),
        (
            "10.0.0.1:6443",
            "https://127.0.0.1:6443",
            JoinVerdict::DoesNot,
            "not to 10.0.0.1:6443",
            "--control-plane-endpoint 10.0.0.1:6443",
        ),
        ("127.0.0.1:1", "https://[::1]:6443", JoinVerdict::DoesNot, "not to 127.0.0.1:1", "--control-plane-endpoint 127.0.0.1:1"),
        // Through a port-forward, and where names of the cluster mean nothing.
        (
            "localhost:1",
            "https://cp.example:6443",
            JoinVerdict::Unknown,
            "cp.example:6443, which cannot",
            "curl -k https://cp.example:6443/",
        ),
        ("[::1]:1", "https://10.0.0.1:6443", JoinVerdict::Unknown, "[::1]:1, which answers", "curl -k https://10.0.0.1:6443/"),
    ] {
        let astray = Evidence { server: Some(server.to_owned()), ..evidence(&lost) };
        let join = JoinCommand { endpoint: Endpoint::parse(endpoint).unwrap(), ..join() };
        let diagnosis = diagnose(&join, &astray, &ClusterView::default(), &CureFlags::default());
        let cause = &diagnosis.causes[0];
        assert_eq!(diagnosis.verdict, verdict, "{endpoint} {server}");
        assert!(cause.text.contains(text) && cause.cure.contains(cure), "{endpoint} {server}: {cause:?}");
    }
    // What a server far away refuses is not cured by an address of this machine.
    let foreign = vec![SIGNED, (Step::Login, Failed(StepProblem::Forbidden))];
    let beyond = Evidence { server: Some("https://cp.example:6443".to_owned()), ..evidence(&foreign) };
    let near = JoinCommand { endpoint: Endpoint::parse("127.0.0.1:1").unwrap(), ..join() };
    let diagnosis = diagnose(&near, &beyond, &ClusterView::default(), &CureFlags::default());
    assert!(diagnosis.causes[0].cure.ends_with("--control-plane-endpoint HOST:PORT"), "{diagnosis:?}");
}

#[test]
fn what_is_not_approved_for_want_of_a_right_is_not_the_controllers_fault() {
    let request = (Step::Certificate, Failed(StepProblem::NotApproved));
    assert_case((vec![request], ClusterView::default(), JoinVerdict::DoesNot, &["the controller csrapproving"]));
    let missing = vec![(Step::Approval, Failed(StepProblem::Forbidden)), request];
    assert_case((missing, ClusterView::default(), JoinVerdict::DoesNot, &["node-autoapprove-bootstrap"]));
}

#[test]
fn cluster_info_and_its_readers() {
    let failed = |step, problem| vec![(step, Failed(problem))];
    let seen = |role, binding| ClusterView { role, binding, ..ClusterView::default() };
    let right = || Sight::Present(Fit::Right);
    for (steps, view, cause) in [
        (failed(Step::ClusterInfo, StepProblem::Unauthorized), ClusterView::default(), "--anonymous-auth=false"),
        (failed(Step::ClusterInfo, StepProblem::Missing), ClusterView::default(), "cluster-info is missing"),
        (failed(Step::ClusterInfo, StepProblem::Forbidden), ClusterView::default(), "the Role or the RoleBinding"),
        (failed(Step::ClusterInfo, StepProblem::Forbidden), seen(Sight::Absent, Sight::Absent), "are missing"),
        (failed(Step::ClusterInfo, StepProblem::Forbidden), seen(Sight::Absent, right()), "the Role kubeadm"),
        (failed(Step::ClusterInfo, StepProblem::Forbidden), seen(right(), Sight::Absent), "the RoleBinding kubeadm"),
        (
            failed(Step::ClusterInfo, StepProblem::Forbidden),
            seen(right(), Sight::Present(Fit::Wrong)),
            "does not name system:anonymous",
        ),
        (failed(Step::ClusterInfo, StepProblem::Forbidden), seen(right(), right()), "another authorizer"),
        (failed(Step::Kubeconfig, StepProblem::Missing), ClusterView::default(), "does not contain a kubeconfig"),
        (failed(Step::Kubeconfig, StepProblem::Malformed), ClusterView::default(), "not usable"),
        (failed(Step::CaPin, StepProblem::NoHash), ClusterView::default(), "kubeadm requires one of them"),
        (failed(Step::CaPin, StepProblem::Malformed), ClusterView::default(), "no certificate authority"),
        (failed(Step::VerifiedClusterInfo, StepProblem::Untrusted), ClusterView::default(), "the server's certificate"),
        (
            failed(Step::VerifiedClusterInfo, StepProblem::Different),
            ClusterView::default(),
            "differs when read over verified TLS",
        ),
    ] {
        assert_case((steps, view, JoinVerdict::DoesNot, &[cause]));
    }
}

#[test]
fn the_hash_or_the_authority_is_the_wrong_one() {
    let pins = |pin: &str| vec![pin.to_owned()];
    for (admin, info, vouches, cause) in [
        (pins("sha256:bb"), pins("sha256:bb"), Some(true), "the hash in the command does not match"),
        (pins("sha256:aa"), pins("sha256:bb"), None, "cluster-info does not name the certificate authority"),
        (vec![], pins("sha256:bb"), Some(true), "the hash in the command does not match"),
        (vec![], pins("sha256:bb"), Some(false), "cluster-info does not name the certificate authority"),
        (vec![], pins("sha256:bb"), None, "belong to different clusters"),
    ] {
        let evidence = Evidence { pins: info, vouches, ..evidence(&[SIGNED, (Step::CaPin, Failed(StepProblem::Different))]) };
        let diagnosis =
            diagnose(&join(), &evidence, &ClusterView { pins: admin, ..ClusterView::default() }, &CureFlags::default());
        assert_eq!((diagnosis.verdict, diagnosis.causes.len()), (JoinVerdict::DoesNot, 1));
        assert!(diagnosis.causes[0].text.contains(cause), "{diagnosis:?}");
    }
}

#[test]
fn rights_are_missing_or_the_group_is() {
    let failed = |step, problem| vec![LET_IN, (step, Failed(problem))];
    for (steps, cause) in [
        (failed(Step::KubeadmConfig, StepProblem::Forbidden), "kubeadm:nodes-kubeadm-config"),
        (failed(Step::KubeadmConfig, StepProblem::Missing), "kubeadm-config in the namespace kube-system is missing"),
        (failed(Step::KubeadmConfig, StepProblem::Malformed), "no usable ClusterConfiguration"),
        (failed(Step::KubeletConfig, StepProblem::Forbidden), "kubeadm:kubelet-config"),
        (failed(Step::KubeletConfig, StepProblem::Missing), "kubelet-config in the namespace kube-system is missing"),
        (failed(Step::Nodes, StepProblem::Forbidden), "kubeadm:get-nodes"),
        (failed(Step::Csr, StepProblem::Forbidden), "kubeadm:kubelet-bootstrap"),
        (failed(Step::Approval, StepProblem::Forbidden), "kubeadm:node-autoapprove-bootstrap"),
        (failed(Step::Certificate, StepProblem::Denied), "are denied by"),
        (failed(Step::Certificate, StepProblem::NotApproved), "csrapproving"),
        (failed(Step::Certificate, StepProblem::NotSigned), "csrsigning"),
        (failed(Step::Certificate, StepProblem::Malformed), "signs with an authority that"),
    ] {
        assert_case((steps, ClusterView::default(), JoinVerdict::DoesNot, &[cause]));
    }
    let all = [Step::KubeadmConfig, Step::KubeletConfig, Step::Nodes, Step::Csr, Step::Approval];
    let steps: Vec<_> = all.into_iter().map(|step| (step, Failed(StepProblem::Forbidden))).collect();
    let evidence = Evidence { groups: vec!["system:bootstrappers".to_owned()], ..evidence(&steps) };
    let diagnosis = diagnose(&join(), &evidence, &ClusterView::default(), &CureFlags::default());
    assert_eq!(diagnosis.causes.len(), 1, "{diagnosis:?}");
    assert!(diagnosis.causes[0].text.contains("is not in the group"), "{diagnosis:?}");
    let facts = TokenFacts { groups: vec![DEFAULT_GROUP.to_owned()], ..TokenFacts::default() };
    let diagnosis = diagnose(
        &join(),
        &evidence,
        &ClusterView { login: Sight::Present(facts), ..ClusterView::default() },
        &CureFlags::default(),
    );
    assert_eq!(diagnosis.causes.len(), 1, "{diagnosis:?}");
    assert!(diagnosis.causes[0].text.contains("have just changed"), "{diagnosis:?}");
}

#[test]
fn what_a_node_would_skip_does_not_count() {
    let fine = vec![SIGNED, (Step::CaPin, Skipped), (Step::VerifiedClusterInfo, Skipped), LET_IN];
    assert_case((fine.clone(), ClusterView::default(), JoinVerdict::Joins, &[]));
    assert_case((
        [fine.clone(), vec![(Step::Certificate, NotTaken)]].concat(),
        ClusterView::default(),
        JoinVerdict::Unknown,
        &[],
    ));
    assert_case((
        [fine, vec![(Step::Certificate, Failed(StepProblem::LeftBehind))]].concat(),
        ClusterView::default(),
        JoinVerdict::Unknown,
        &["could not be deleted"],
    ));
}

#[test]
fn secrets_of_tokens_are_read_as_the_api_server_reads_them() {
    let known = token("abcdef.0123456789abcdef");
    let secret = |of_type: &str, data: &[(&str, &str)]| {
        let data: serde_json::Map<_, _> =
            data.iter().map(|(key, value)| ((*key).to_owned(), json!(STANDARD.encode(value)))).collect();
        Object::new(json!({ "type": of_type, "data": data }).as_object().unwrap().clone())
    };
    let now = "2030-01-01T00:00:00Z".parse().unwrap();
    let (past, future) = ("2029-12-31T23:59:59Z", "2030-01-01T00:00:01Z");
    let of_type = "bootstrap.kubernetes.io/token";
    let base = [
        ("token-id", "abcdef"),
        ("token-secret", "0123456789abcdef"),
        ("usage-bootstrap-signing", "true"),
        ("usage-bootstrap-authentication", "true"),
    ];
    let with = |key: &'static str, value: &'static str| {
        [base.iter().copied().filter(|(name, _)| *name != key).collect(), vec![(key, value)]].concat()
    };
    for (object, flaws) in [
        (secret(of_type, &base), vec![]),
        (secret("Opaque", &base), vec![TokenFlaw::Type]),
        (secret(of_type, &with("token-id", "abcdeg")), vec![TokenFlaw::Id]),
        (secret(of_type, &with("token-secret", "")), vec![TokenFlaw::NoSecret]),
        (secret(of_type, &with("token-secret", "x")), vec![TokenFlaw::OtherSecret]),
        (secret(of_type, &with("expiration", future)), vec![]),
        (secret(of_type, &with("expiration", past)), vec![TokenFlaw::Expired(past.to_owned())]),
        (secret(of_type, &with("expiration", "soon")), vec![TokenFlaw::Expired("soon".to_owned())]),
        (secret(of_type, &with("usage-bootstrap-signing", "True")), vec![TokenFlaw::NoSigning]),
        (secret(of_type, &with("usage-bootstrap-authentication", "")), vec![TokenFlaw::NoAuthentication]),
        (secret(of_type, &with("auth-extra-groups", "system:bootstrappers:a")), vec![]),
        (secret(of_type, &with("auth-extra-groups", "system:bootstrappers:a,b")), vec![TokenFlaw::Groups("b".to_owned())]),
    ] {
        assert_eq!(TokenFacts::of(&object, &known, now).flaws, flaws);
    }
    let facts = TokenFacts::of(&secret(of_type, &with("auth-extra-groups", "system:bootstrappers:a")), &known, now);
    assert_eq!(facts.groups, ["system:bootstrappers", "system:authenticated", "system:bootstrappers:a"]);
    assert_eq!(datum(&secret(of_type, &base), "token-id").unwrap().as_str(), "abcdef");
}

#[test]
fn endpoints_are_hosts_with_ports() {
    for text in ["10.0.0.1:6443", "cp.example.com:443", "[2001:db8::1]:6443"] {
        assert_eq!(Endpoint::parse(text).map(|endpoint| endpoint.to_string()), Ok(text.to_owned()));
    }
    for text in ["", "a", ":1", "a:", "a:0", "a:99999", "a b:1", "a;b:1", "2001:db8::1:6443", "https://a:1", "$(a):1", "[a]:1"] {
        assert!(Endpoint::parse(text).is_err(), "{text}");
    }
    for (url, expected) in
        [("https://a:1", "a:1"), ("https://a", "a:443"), ("https://a:1/path", "a:1"), ("https://[::1]:6", "[::1]:6")]
    {
        assert_eq!(Endpoint::of_url(url).unwrap().as_str(), expected);
    }
    assert_eq!(Endpoint::of_url("http://localhost:8080"), None);
    assert_eq!(Endpoint::parse_with_default("cp").unwrap().as_str(), "cp:6443");
}
