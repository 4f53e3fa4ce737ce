//! Simple signing payloads, which cosign 2 wrote to the tag `sha256-….sig`.

use super::key::Key;
use super::{Signer, Unsigned, decoded, signed_by, unique};
use kubephase_core::digest::Digest;
use serde::Deserialize;

const TYPE: &str = "cosign container image signature";

/// The fields read of a payload. The name under which the artifact was signed (`identity`) is ignored: the same bytes may have
/// another name elsewhere, as in a mirror.
#[derive(Deserialize)]
struct Payload {
    critical: Critical,
}

#[derive(Deserialize)]
struct Critical {
    #[serde(rename = "type")]
    payload_type: String,
    image: Image,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Image {
    docker_manifest_digest: String,
}

/// The signer of the artifact whose manifest has this digest.
pub(super) fn of_artifact(keys: &[Key], digest: &Digest, payload: &[u8], signature: &str) -> Result<Signer, Unsigned> {
    let signer = signed_by(keys, payload, &decoded("the signature", signature)?)?;
    let Payload { critical } = unique::read("what is signed", payload)?;
    if critical.payload_type != TYPE {
        return Err(Unsigned::PayloadType(TYPE));
    }
    if critical.image.docker_manifest_digest == digest.to_string() { Ok(signer) } else { Err(Unsigned::OtherSubject) }
}
