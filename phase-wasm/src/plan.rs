//! What should be done.

use crate::abi::{Failure, Finding, Moment, Output, Part, Plan, Request, Severity};
use crate::cluster_info::Discovery;
use crate::endpoint::host_port;
use crate::handle::Text;
use crate::input::{AUTHENTICATION, GivenToken, Input, SIGNING, TokenSpec, Warning, read_input};
use crate::observed::Observed;
use crate::{cluster_info, rbac, token};
use alloc::{borrow::ToOwned, format, string::String, vec, vec::Vec};

/// The plan for a request, in kubeadm's order.
///
/// # Errors
/// What [`read_input`] finds, and [`Failure::Other`] if something that was needed is missing from the request.
pub fn plan_for(request: &Request) -> Result<Plan, Failure> {
    let input = read_input(request)?;
    let observed = Observed::of(request);
    let tokens = tokens(&input, request)?;
    if let Some((_, halves)) = tokens.iter().find(|(token, halves)| token::is_taken(token, halves, &observed)) {
        return Err(Failure::Other(format!("token id `{}` was drawn and is taken already; try again", halves.id)));
    }
    let discovery = cluster_info::discovery(request, &input, &observed)?;

    let mut objects: Vec<_> = tokens.iter().map(|(token, halves)| token::desired_secret(token, halves, &observed)).collect();
    objects.extend(rbac::cluster_objects(input.target));
    objects.push(discovery.desired(input.target, &observed));
    objects.extend(rbac::cluster_info_objects());

    let warnings = input.warnings.iter().cloned().chain(discovery.warnings(request));
    Ok(Plan {
        operations: objects.into_iter().flat_map(|object| object.operations(&observed)).collect(),
        findings: warnings.map(finding).collect(),
        notes: notes(&input),
        outputs: outputs(&tokens, &discovery, request),
    })
}

/// The tokens with both halves.
fn tokens<'a>(input: &'a Input, request: &Request) -> Result<Vec<(&'a TokenSpec, GivenToken)>, Failure> {
    let with_halves = input.tokens.iter().enumerate().map(|(index, token)| {
        let halves = token::halves(token, index, &request.random);
        let missing = || Failure::Other("the random strings for a generated token are missing".to_owned());
        halves.map(|halves| (token, halves)).ok_or_else(missing)
    });
    with_halves.collect()
}

/// The lines of `kubeadm init phase bootstrap-token` (`app/cmd/phases/init/bootstraptoken.go`).
fn notes(input: &Input) -> Vec<String> {
    let mut notes = vec!["[bootstrap-token] Configuring bootstrap tokens, cluster-info ConfigMap, RBAC Roles".to_owned()];
    notes.extend(rbac::notes(input.target));
    notes.push(r#"[bootstrap-token] Creating the "cluster-info" ConfigMap in the "kube-public" namespace"#.to_owned());
    notes
}

/// kubeadm's line with the tokens before, and a join command for each token that can join after.
fn outputs(tokens: &[(&TokenSpec, GivenToken)], discovery: &Discovery, request: &Request) -> Vec<Output> {
    let (start, end) = if tokens.len() == 1 { ("token: ", "") } else { ("tokens: [", "]") };
    let mut line = vec![Part::Text(format!("[bootstrap-token] Using {start}"))];
    for (index, (_, halves)) in tokens.iter().enumerate() {
        let space = if index == 0 { "" } else { " " };
        line.extend(token_parts(space, halves));
    }
    line.push(Part::Text(end.to_owned()));
    let mut outputs = vec![Output { name: "tokens".to_owned(), when: Moment::Before, value: line }];

    let can_join = |token: &TokenSpec| [SIGNING, AUTHENTICATION].iter().all(|usage| token.usages.iter().any(|u| u == usage));
    for (_, halves) in tokens.iter().filter(|(token, _)| can_join(token)) {
        let mut value = token_parts(&format!("kubeadm join {} --token ", host_port(&discovery.server)), halves).to_vec();
        for pin in &request.server.certificate_authority_pins {
            value.push(Part::Text(format!(" --discovery-token-ca-cert-hash {pin}")));
        }
        outputs.push(Output { name: "join-command".to_owned(), when: Moment::After, value });
    }
    outputs
}

/// Some text and a token behind it.
fn token_parts(before: &str, halves: &GivenToken) -> [Part; 2] {
    let text = Part::Text(format!("{before}{}.", halves.id));
    match &halves.secret {
        Text::Clear(secret) => [text, Part::Text(secret.clone())],
        Text::Hidden(id) => [text, Part::Secret(id.clone())],
    }
}

fn finding(warning: Warning) -> Finding {
    Finding {
        rule: warning.rule.to_owned(),
        severity: Severity::Low,
        title: warning.title,
        detail: String::new(),
        target: None,
        remedy: Vec::new(),
        references: Vec::new(),
    }
}
