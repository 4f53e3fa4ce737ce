//! To the phase: converts core types to those of the contract.

use super::super::{CallError, Facts, shown_objects};
use super::wit;
use kubephase_core::object::ApiResource;
use kubephase_core::policy::Policy;
use kubephase_core::question::Drawn;
use kubephase_core::secret::Secrets;
use kubephase_core::selector::Selector;
use serde_json::Value;

/// The complete request to a phase, with objects of at most `most` bytes.
///
/// # Errors
/// [`CallError::TooMuchRead`] if there are more; a thousand lists may contain the same objects.
pub(super) fn request(
    facts: &Facts<'_>,
    policy: Policy<'_>,
    secrets: &mut Secrets,
    most: u64,
) -> Result<wit::Request, CallError> {
    let mut left = most;
    let observed = facts.snapshot.iter().map(|(selector, objects)| {
        let objects = shown_objects(selector, objects, policy, secrets, &mut left).ok_or(CallError::TooMuchRead(most))?;
        Ok(wit::Answer { to: to_selector(selector), objects })
    });
    let observed = observed.collect::<Result<_, CallError>>()?;
    let random = facts.random.iter().map(|value| wit::RandomValue {
        name: value.name.clone(),
        value: match &value.value {
            Drawn::Clear(text) => text.clone(),
            Drawn::Hidden(id) => id.as_str().to_owned(),
        },
    });
    Ok(wit::Request {
        task: facts.question.task.clone(),
        parameters: facts.question.parameters.to_string(),
        documents: facts.question.documents.iter().map(Value::to_string).collect(),
        now: facts.question.now.clone(),
        server: wit::ServerInfo {
            version: facts.server.version.clone(),
            url: facts.server.url.clone(),
            certificate_authority: facts.server.certificate_authority.clone(),
            certificate_authority_pins: facts.server.certificate_authority_pins.clone(),
        },
        observed,
        random: random.collect(),
    })
}

fn to_selector(selector: &Selector) -> wit::Selector {
    match selector {
        Selector::One(object) => wit::Selector::One(wit::ObjectRef {
            of: to_resource(&object.of),
            namespace: object.namespace.as_ref().map(ToString::to_string),
            name: object.name.to_string(),
        }),
        Selector::Many(list) => wit::Selector::Many(wit::ListRef {
            of: to_resource(&list.of),
            namespace: list.namespace.as_ref().map(ToString::to_string),
            label_selector: list.labels.clone(),
            field_selector: list.fields.clone(),
        }),
    }
}

fn to_resource(of: &ApiResource) -> wit::ApiResource {
    wit::ApiResource {
        group: of.group().to_owned(),
        version: of.version().to_owned(),
        plural: of.plural().to_owned(),
        kind: of.kind().to_owned(),
    }
}
