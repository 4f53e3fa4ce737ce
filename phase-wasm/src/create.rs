//! The task `create`: what `kubeadm token create` does (`app/cmd/token.go`, `app/phases/bootstraptoken/node/token.go`).

use crate::abi::{Failure, Moment, Needs, Output, Part, Plan, Problem, Request, Selector};
use crate::cluster_info::{cluster_info, discovery};
use crate::handle::Text;
use crate::input::{GivenToken, Input, JoinCommand, read_input};
use crate::observed::Observed;
use crate::{join, token};
use alloc::{borrow::ToOwned, format, string::String, vec, vec::Vec};

/// The objects to read and the random strings to draw: one round. Where the API server is matters for a join command only.
///
/// # Errors
/// What [`read_input`] finds.
pub fn need(request: &Request) -> Result<Needs, Failure> {
    let input = read_input(request)?;
    let mut objects = token::known_secrets(&input.tokens, &request.random);
    if input.join_command != JoinCommand::None {
        objects.push(cluster_info());
        objects.extend(join::further_sources(&input));
    }
    Ok(Needs { reads: objects.into_iter().map(Selector::One).collect(), random: token::all_random_requests(&input.tokens) })
}

/// The plan: the tokens, none of which may exist.
///
/// # Errors
/// As [`need`]; [`Failure::InvalidInput`] for a token that exists, and for a join command without a certificate authority, which no
/// node could verify; [`Failure::Other`] if something that was needed is missing from the request.
pub fn plan_for(request: &Request) -> Result<Plan, Failure> {
    let input = read_input(request)?;
    let observed = Observed::of(request);
    let tokens = token::with_halves(&input.tokens, &request.random)?;
    token::refuse_taken(&tokens, &observed)?;
    let present = tokens.iter().filter(|(_, halves)| observed.get(&token::secret_of(&halves.id)).is_some());
    let problems: Vec<Problem> =
        present.map(|(_, halves)| problem(format!("a token with id \"{}\" already exists", halves.id))).collect();
    if !problems.is_empty() {
        return Err(Failure::InvalidInput(problems));
    }
    let mut findings: Vec<_> = input.warnings.iter().cloned().map(Into::into).collect();
    // kubeadm prints the first token of a configuration alone; the others would be lost if they were generated.
    let mut outputs: Vec<Output> = tokens.iter().map(|(_, halves)| printed(halves)).collect();
    if input.join_command != JoinCommand::None {
        let discovery = discovery(request, &input, &observed)?;
        if request.server.certificate_authority_pins.is_empty() {
            let message = "there is no join command without a certificate authority, and the kubeconfig has none";
            return Err(Failure::InvalidInput(vec![problem(message.to_owned())]));
        }
        findings.extend(discovery.warnings("the join command leads", request).into_iter().map(Into::into));
        for (_, halves) in &tokens {
            let command = join::command(&discovery, halves, request).ok_or_else(|| no_join(&discovery.server))?;
            outputs.push(full(command, &input));
        }
    }
    let objects = tokens.iter().map(|(token, halves)| token::desired_secret(token, halves, &observed));
    Ok(Plan {
        operations: objects.flat_map(|object| object.operations(&observed)).collect(),
        findings,
        notes: Vec::new(),
        outputs,
    })
}

/// What cluster-info says may have a path, if somebody wrote it so.
fn no_join(server: &str) -> Failure {
    let message = format!(
        "there is no join command for `{server}`: kubeadm join takes HOST:PORT; say where nodes find the API server as \
         --control-plane-endpoint HOST:PORT"
    );
    Failure::InvalidInput(vec![problem(message)])
}

fn problem(message: String) -> Problem {
    Problem { path: String::new(), message }
}

/// The line with the token alone.
fn printed(halves: &GivenToken) -> Output {
    Output { name: "token".to_owned(), when: Moment::After, value: token::parts("", halves).to_vec() }
}

/// The join command as kubeadm prints it, with the space at its end, or with what a control plane needs besides.
fn full(mut command: Output, input: &Input) -> Output {
    match &input.join_command {
        JoinCommand::ControlPlane(key) => {
            command.value.push(Part::Text(" --control-plane --certificate-key ".to_owned()));
            command.value.push(match key {
                Text::Clear(key) => Part::Text(key.clone()),
                Text::Hidden(id) => Part::Secret(id.clone()),
            });
        }
        JoinCommand::None | JoinCommand::Worker => command.value.push(Part::Text(" ".to_owned())),
    }
    command
}
