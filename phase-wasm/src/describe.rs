//! Who the phase is: its name, its version and the table of its tasks.

use crate::abi::{self, Description};
use crate::audit::rule::{AuditRule, RULES};
use crate::task::{TASKS, Task};
use alloc::borrow::ToOwned;

const VERSION: &str = if cfg!(feature = "before-kubelet-client") {
    concat!(env!("CARGO_PKG_VERSION"), "+before.kubelet-client")
} else {
    env!("CARGO_PKG_VERSION")
};

/// What the host shows of this phase and enforces.
#[must_use]
pub fn description() -> Description {
    Description {
        id: "kubeadm.bootstrap-token".to_owned(),
        version: VERSION.to_owned(),
        summary: "bootstrap tokens, their RBAC and cluster-info, as `kubeadm init phase bootstrap-token` makes them".to_owned(),
        tasks: TASKS.into_iter().map(described).collect(),
        rules: RULES.iter().map(rule).collect(),
    }
}

fn rule(rule: &AuditRule) -> abi::Rule {
    abi::Rule {
        id: rule.id.to_owned(),
        severity: rule.severity,
        title: rule.title.to_owned(),
        description: rule.description.to_owned(),
        references: rule.references.iter().map(|reference| (*reference).to_owned()).collect(),
    }
}

fn described(task: &Task) -> abi::Task {
    abi::Task {
        name: task.name.to_owned(),
        summary: task.summary.to_owned(),
        parameters: task.parameters.to_owned(),
        permissions: (task.permissions)(),
    }
}
