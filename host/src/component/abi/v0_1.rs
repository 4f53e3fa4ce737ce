//! `kubephase:phase@0.1.0`: the generated types and their conversion to core types. No other module refers to them.
#![allow(clippy::duplicate_mod, reason = "what all versions have in common is one text, compiled against the types of each")]

#[allow(missing_docs, reason = "generated; the documentation is in wit/")]
#[allow(clippy::allow_attributes_without_reason, reason = "generated")]
#[allow(unreachable_pub, reason = "generated")]
mod generated {
    wasmtime::component::bindgen!({ world: "phase-component", path: "../wit/0.1.0" });
}

#[path = "shared/from.rs"]
mod from;
#[path = "shared/instances.rs"]
mod instances;
#[path = "shared/to.rs"]
mod to;

use super::CallError;
use generated::exports::kubephase::phase::types as wit;
pub(super) use instances::adapter;
use kubephase_core::description::Description;

fn description(description: wit::Description) -> Result<Description, CallError> {
    from::description(description)
}

/// 0.1.0 cannot say it.
const fn fixable(_: &wit::Finding) -> Option<bool> {
    None
}
