//! The task `create`: what `kubeadm token create` does (`app/cmd/token.go`, `app/phases/bootstraptoken/node/token.go`).

use super::Task;
use crate::abi::{Access, Failure, Moment, Needs, Output, Part, Permission, Plan, Problem, Request, Selector};
use crate::cluster_info::{cluster_info, discovery};
use crate::handle::Text;
use crate::input::{Field, GivenToken, is_true, parameters, read_input};
use crate::observed::Observed;
use crate::permission::{SHOWN, endpoint, to_cluster_info, tokens};
use crate::{join, token};
use alloc::{borrow::ToOwned, format, string::String, vec, vec::Vec};

pub(super) const TASK: Task =
    Task { name: "create", summary: "create tokens that do not exist yet", parameters: PARAMETERS, permissions, need, plan_for };

/// Read by [`JoinCommand::read`], if they are about a join command, and by [`read_input`], for which they are an entry of
/// `bootstrapTokens`.
const PARAMETERS: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "properties": {
    "token": { "description": "the token of the command line: its id and a handle, or a handle if it is malformed" },
    "ttl": { "type": "string", "description": "how long it lives, a Go duration; 0 is for ever" },
    "usages": { "type": "array", "items": { "enum": ["signing", "authentication"] } },
    "groups": { "type": "array", "items": { "type": "string" } },
    "description": { "type": "string" },
    "joinCommand": { "type": "boolean", "description": "whether a join command is made" },
    "certificateKey": { "description": "a handle of the key of uploaded certificates; the join command is then for a control plane" },
    "controlPlaneEndpoint": { "type": "string", "description": "HOST[:PORT] for the join command" }
  }
}"#;

/// Which join command is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
enum JoinCommand {
    None,
    ForWorker,
    /// With the key of the uploaded certificates.
    ForControlPlane(Text),
}

impl JoinCommand {
    /// A key without `joinCommand` has no effect.
    fn read(request: &Request) -> Result<Self, Failure> {
        let parameters = parameters(request)?;
        let parameters = Field::root(&parameters);
        let key = Text::from_json(parameters.member("certificateKey").value());
        Ok(match (is_true(parameters.member("joinCommand")), key) {
            (false, _) => Self::None,
            (true, None) => Self::ForWorker,
            (true, Some(key)) => Self::ForControlPlane(key),
        })
    }
}

fn permissions() -> Vec<Permission> {
    use Access::{Create, Read};
    vec![tokens(&[Read, Create], &SHOWN), to_cluster_info(&[Read], "contains the endpoint for nodes"), endpoint()]
}

/// The objects to read and the random strings to draw. Only a join command needs to know where the API server is.
///
/// # Errors
/// Those of [`read_input`].
fn need(request: &Request) -> Result<Needs, Failure> {
    let input = read_input(request)?;
    let mut objects = token::known_secrets(&input.tokens, &request.random);
    if JoinCommand::read(request)? != JoinCommand::None {
        objects.push(cluster_info());
        objects.extend(join::further_sources(&input));
    }
    Ok(Needs { reads: objects.into_iter().map(Selector::One).collect(), random: token::all_random_requests(&input.tokens) })
}

/// The tokens; none of them may exist.
///
/// # Errors
/// Those of [`need`]; [`Failure::InvalidInput`] for a token that exists, and for a join command without a certificate authority,
/// since no node could verify the server; [`Failure::Other`] if the request lacks something that was needed.
fn plan_for(request: &Request) -> Result<Plan, Failure> {
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
    // kubeadm prints only the first token of a configuration. The others would be lost if they were generated.
    let mut outputs: Vec<Output> = tokens.iter().map(|(_, halves)| printed(halves)).collect();
    let join_command = JoinCommand::read(request)?;
    if join_command != JoinCommand::None {
        let discovery = discovery(request, &input, &observed)?;
        if request.server.certificate_authority_pins.is_empty() {
            let message = "a join command needs a certificate authority, but the kubeconfig has none";
            return Err(Failure::InvalidInput(vec![problem(message.to_owned())]));
        }
        findings.extend(discovery.warnings("the join command points", request).into_iter().map(Into::into));
        for (_, halves) in &tokens {
            let command = join::command(&discovery, halves, request).ok_or_else(|| no_join(&discovery.server))?;
            outputs.push(full(command, &join_command));
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

/// The server in cluster-info has a path if someone put it there.
fn no_join(server: &str) -> Failure {
    let message = format!(
        "cannot make a join command for `{server}`: kubeadm join takes HOST:PORT; set the endpoint for nodes with \
         --control-plane-endpoint HOST:PORT"
    );
    Failure::InvalidInput(vec![problem(message)])
}

fn problem(message: String) -> Problem {
    Problem { path: String::new(), message }
}

/// A line with nothing but the token.
fn printed(halves: &GivenToken) -> Output {
    Output { name: "token".to_owned(), when: Moment::After, value: token::parts("", halves).to_vec() }
}

/// The join command as kubeadm prints it: with its trailing space for a worker, with two more flags for a control plane.
fn full(mut command: Output, wanted: &JoinCommand) -> Output {
    match wanted {
        JoinCommand::ForControlPlane(key) => {
            command.value.push(Part::Text(" --control-plane --certificate-key ".to_owned()));
            command.value.push(match key {
                Text::Clear(key) => Part::Text(key.clone()),
                Text::Hidden(id) => Part::Secret(id.clone()),
            });
        }
        JoinCommand::None | JoinCommand::ForWorker => command.value.push(Part::Text(" ".to_owned())),
    }
    command
}
