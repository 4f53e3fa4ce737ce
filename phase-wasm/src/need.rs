//! What must be known before there can be a plan: one round.

use crate::abi::{Failure, Needs, Request, Selector};
use crate::cluster_info::{cluster_info, kubeadm_config};
use crate::describe::APPLY;
use crate::input::{Input, read_input};
use crate::rbac;
use crate::token;
use alloc::{format, vec::Vec};

/// The objects to read and the random strings to draw for a request.
///
/// A token that is generated is looked up too, once it is drawn: it may have been stored by an earlier attempt.
///
/// # Errors
/// What [`read_input`] finds, and [`Failure::Unsupported`] for a task that was not described.
pub fn need(request: &Request) -> Result<Needs, Failure> {
    if request.task != APPLY {
        return Err(Failure::Unsupported(format!("there is no task `{}`", request.task)));
    }
    let input = read_input(request)?;
    Ok(Needs { reads: reads(&input, request), random: random(&input) })
}

fn reads(input: &Input, request: &Request) -> Vec<Selector> {
    let tokens = input.tokens.iter().enumerate();
    let known = tokens.filter_map(|(index, token)| token::halves(token, index, &request.random));
    let mut objects: Vec<_> = known.map(|halves| token::secret_of(&halves.id)).collect();
    objects.extend(rbac::cluster_objects(input.target).into_iter().map(|object| object.target));
    objects.push(cluster_info());
    objects.extend(rbac::cluster_info_objects().into_iter().map(|object| object.target));
    if input.server_url.is_none() {
        objects.push(kubeadm_config());
    }
    objects.into_iter().map(Selector::One).collect()
}

fn random(input: &Input) -> Vec<crate::abi::RandomRequest> {
    let generated = input.tokens.iter().enumerate().filter(|(_, token)| token.given.is_none());
    generated.flat_map(|(index, _)| token::random_requests(index)).collect()
}
