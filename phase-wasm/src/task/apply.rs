//! The task `apply`: what `kubeadm init phase bootstrap-token` does.

use super::Task;
use crate::abi::{Access, Failure, Moment, Needs, Output, Part, Permission, Plan, Request, Selector};
use crate::cluster_info::{Discovery, cluster_info, discovery};
use crate::input::{AUTHENTICATION, GivenToken, SIGNING, TokenSpec, read_input};
use crate::kind::{KUBE_PUBLIC, Kind};
use crate::observed::Observed;
use crate::permission::{SHOWN, endpoint, names, permission, to_cluster_info, tokens};
use crate::rbac::{CLUSTER_INFO_READER, GET_NODES, cluster_binding_names};
use crate::version::Release;
use crate::{join, rbac, token};
use alloc::{borrow::ToOwned, format, string::String, vec, vec::Vec};

pub(super) const TASK: Task = Task {
    name: "apply",
    summary: "create or update the tokens, the RBAC objects and cluster-info",
    parameters: PARAMETERS,
    permissions,
    need,
    plan_for,
};

/// Read by [`read_input`].
const PARAMETERS: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "properties": {
    "token": { "description": "the token of the command line: its id and a handle, or a handle if it is malformed" },
    "controlPlaneEndpoint": { "type": "string", "description": "HOST[:PORT] for cluster-info" },
    "noToken": { "type": "boolean", "description": "whether tokens are left alone, those of the configuration too" }
  }
}"#;

fn permissions() -> Vec<Permission> {
    use Access::{Create, Delete, Read, Update};
    let write = &[Read, Create, Update];
    // A roleRef cannot be changed, so a binding to another role is deleted and created.
    let rewrite = &[Read, Create, Update, Delete];
    let reader = names(&[CLUSTER_INFO_READER]);
    vec![
        tokens(write, &SHOWN),
        permission(Kind::ClusterRole, "", names(&[GET_NODES]), write, "lets joining nodes look up a node with their name"),
        permission(
            Kind::ClusterRoleBinding,
            "",
            cluster_binding_names(),
            rewrite,
            "lets tokens request node certificates and have them approved",
        ),
        to_cluster_info(write, "tells joining nodes where the API server is"),
        permission(Kind::Role, KUBE_PUBLIC, reader.clone(), write, "lets joining nodes read cluster-info"),
        permission(Kind::RoleBinding, KUBE_PUBLIC, reader, rewrite, "lets joining nodes read cluster-info"),
        endpoint(),
    ]
}

/// The objects to read and the random strings to draw.
///
/// A generated token is looked up as well, once it is drawn: an earlier attempt may have stored it.
///
/// # Errors
/// Those of [`read_input`], and [`Failure::Unsupported`] for a release older than 1.22.
fn need(request: &Request) -> Result<Needs, Failure> {
    let input = read_input(request)?;
    let target = input.target()?;
    let mut objects = token::known_secrets(&input.tokens, &request.random);
    objects.extend(rbac::cluster_objects(target).into_iter().map(|object| object.target));
    objects.push(cluster_info());
    objects.extend(rbac::cluster_info_objects().into_iter().map(|object| object.target));
    objects.extend(join::further_sources(&input));
    Ok(Needs { reads: objects.into_iter().map(Selector::One).collect(), random: token::all_random_requests(&input.tokens) })
}

/// All objects in kubeadm's order.
///
/// # Errors
/// Those of [`need`], and [`Failure::Other`] if the request lacks something that was needed.
fn plan_for(request: &Request) -> Result<Plan, Failure> {
    let input = read_input(request)?;
    let target = input.target()?;
    let observed = Observed::of(request);
    let tokens = token::with_halves(&input.tokens, &request.random)?;
    token::refuse_taken(&tokens, &observed)?;
    let discovery = discovery(request, &input, &observed)?;

    let mut objects: Vec<_> = tokens.iter().map(|(token, halves)| token::desired_secret(token, halves, &observed)).collect();
    objects.extend(rbac::cluster_objects(target));
    objects.push(discovery.desired(target, &observed));
    objects.extend(rbac::cluster_info_objects());

    let warnings = input.all_warnings().chain(discovery.warnings("cluster-info points", request));
    Ok(Plan {
        operations: objects.into_iter().flat_map(|object| object.operations(&observed)).collect(),
        findings: warnings.map(Into::into).collect(),
        notes: notes(target),
        outputs: outputs(&tokens, &discovery, request),
    })
}

/// The lines of `kubeadm init phase bootstrap-token` (`app/cmd/phases/init/bootstraptoken.go`).
fn notes(target: Release) -> Vec<String> {
    let mut notes = vec!["[bootstrap-token] Configuring bootstrap tokens, cluster-info ConfigMap, RBAC Roles".to_owned()];
    notes.extend(rbac::notes(target));
    notes.push(r#"[bootstrap-token] Creating the "cluster-info" ConfigMap in the "kube-public" namespace"#.to_owned());
    notes
}

/// Before the writes kubeadm's line with the tokens, and after them a join command for each token that can join.
fn outputs(tokens: &[(&TokenSpec, GivenToken)], discovery: &Discovery, request: &Request) -> Vec<Output> {
    let (start, end) = if tokens.len() == 1 { ("token: ", "") } else { ("tokens: [", "]") };
    let mut line = vec![Part::Text(format!("[bootstrap-token] Using {start}"))];
    for (index, (_, halves)) in tokens.iter().enumerate() {
        let space = if index == 0 { "" } else { " " };
        line.extend(token::parts(space, halves));
    }
    line.push(Part::Text(end.to_owned()));
    if tokens.is_empty() {
        return Vec::new();
    }
    let mut outputs = vec![Output { name: "tokens".to_owned(), when: Moment::Before, value: line }];

    let can_join = |token: &TokenSpec| [SIGNING, AUTHENTICATION].iter().all(|usage| token.usages.iter().any(|u| u == usage));
    let joining = tokens.iter().filter(|(token, _)| can_join(token));
    outputs.extend(joining.filter_map(|(_, halves)| join::command(discovery, halves, request)));
    outputs
}
