//! The command that joins a node.

use crate::abi::{Moment, ObjectRef, Output, Part, Request};
use crate::cluster_info::{Discovery, kubeadm_config};
use crate::endpoint::EndpointAddress;
use crate::input::{GivenToken, Input};
use crate::token;
use alloc::{borrow::ToOwned, format};

/// The name of the output that holds a join command. Hosts know it, and may check whether a node can join with it.
pub const OUTPUT: &str = "join-command";

/// The object, other than `cluster-info`, that says where the API server is; none if the user says it.
pub fn further_sources(input: &Input) -> Option<ObjectRef> {
    input.endpoint.is_none().then(kubeadm_config)
}

/// `kubeadm join …` for a token (kubeadm's `app/cmd/util/join.go`), with a pin for each certificate that the host trusts. None
/// for a server with a path or without a valid URL, which `kubeadm join` does not accept.
#[must_use]
pub fn command(discovery: &Discovery, halves: &GivenToken, request: &Request) -> Option<Output> {
    let address = EndpointAddress::of(&discovery.server).filter(EndpointAddress::is_root)?;
    let mut value = token::parts(&format!("kubeadm join {} --token ", address.endpoint()), halves).to_vec();
    for pin in &request.server.certificate_authority_pins {
        value.push(Part::Text(format!(" --discovery-token-ca-cert-hash {pin}")));
    }
    Some(Output { name: OUTPUT.to_owned(), when: Moment::After, value })
}
