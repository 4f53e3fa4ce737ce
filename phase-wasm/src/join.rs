//! The command with which a node joins, and where it is sent.

use crate::abi::{Moment, ObjectRef, Output, Part, Request};
use crate::cluster_info::{Discovery, kubeadm_config};
use crate::endpoint::Address;
use crate::input::{GivenToken, Input};
use crate::token;
use alloc::{borrow::ToOwned, format};

/// The name of the output with a join command. Hosts know it: they may check whether a node can join with it.
pub const OUTPUT: &str = "join-command";

/// What says where the API server is, besides `cluster-info`: nothing if the user does.
pub fn further_sources(input: &Input) -> Option<ObjectRef> {
    input.endpoint.is_none().then(kubeadm_config)
}

/// `kubeadm join …` for a token (kubeadm's `app/cmd/util/join.go`), with a pin for each certificate that the host trusts. None if nodes
/// are sent to a path or to no URL, which `kubeadm join` cannot take.
#[must_use]
pub fn command(discovery: &Discovery, halves: &GivenToken, request: &Request) -> Option<Output> {
    let address = Address::of(&discovery.server).filter(Address::is_root)?;
    let mut value = token::parts(&format!("kubeadm join {} --token ", address.endpoint()), halves).to_vec();
    for pin in &request.server.certificate_authority_pins {
        value.push(Part::Text(format!(" --discovery-token-ca-cert-hash {pin}")));
    }
    Some(Output { name: OUTPUT.to_owned(), when: Moment::After, value })
}
