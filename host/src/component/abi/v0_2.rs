//! `kubephase:phase@0.2.0`: what 0.1.0 has, the rules of an audit in the description, and with a finding whether it can be fixed.
#![allow(clippy::duplicate_mod, reason = "what all versions have in common is one text, compiled against the types of each")]

#[allow(missing_docs, reason = "generated; the documentation is in wit/")]
#[allow(clippy::allow_attributes_without_reason, reason = "generated")]
#[allow(unreachable_pub, reason = "generated")]
mod generated {
    wasmtime::component::bindgen!({ world: "phase-component", path: "../wit/0.2.0" });
}

#[path = "shared/from.rs"]
mod from;
#[path = "shared/instances.rs"]
mod instances;
#[path = "shared/to.rs"]
mod to;

use super::CallError;
use super::bounds::{DESCRIPTION_TEXT_BYTES, LINE_BYTES, REFERENCES, RULES, bounded, check_unique, list, word};
use generated::exports::kubephase::phase::types as wit;
pub(super) use instances::adapter;
use kubephase_core::description::{Description, RuleDescription};

fn description(mut description: wit::Description) -> Result<Description, CallError> {
    let rules = list("rules", RULES, std::mem::take(&mut description.rules), rule)?;
    check_unique(rules.iter().map(|rule| rule.id.as_str()))?;
    Ok(Description { rules, ..from::description(description)? })
}

const fn fixable(finding: &wit::Finding) -> Option<bool> {
    Some(finding.fixable)
}

fn rule(rule: wit::Rule) -> Result<RuleDescription, CallError> {
    Ok(RuleDescription {
        id: word(rule.id)?,
        severity: from::severity(rule.severity),
        title: bounded(rule.title, DESCRIPTION_TEXT_BYTES)?,
        description: bounded(rule.description, LINE_BYTES)?,
        references: list("references of a rule", REFERENCES, rule.references, |reference| bounded(reference, LINE_BYTES))?,
    })
}
