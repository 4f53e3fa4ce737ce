//! The rules about the roles and bindings that the phase makes.

use super::binding::{Binding, Subject, Verdict};
use super::grant::Narrow;
use super::maker::Maker;
use super::object;
use super::rbac::Rights;
use super::report::{Draft, Report};
use super::rule;
use super::tokens::Living;
use crate::desired::Desired;
use crate::kind::Kind;
use crate::observed::Observed;
use crate::rbac::{CLUSTER_INFO_READER, KUBELET_CLIENT, cluster_info_objects, cluster_objects};
use crate::version::{OLDEST, Wanted};
use alloc::{borrow::ToOwned, collections::BTreeSet, format, string::String, vec, vec::Vec};
use serde::Deserialize as _;
use serde_json::Value;

/// What kubeadm makes in the release of the API server. If the version is unknown, as for manifests in a folder, what a joining
/// node needs in every release.
pub(super) fn own_objects(server: &str) -> Vec<Desired> {
    let release = match Wanted::parse(server) {
        Some(Wanted::Release(release)) => release,
        Some(Wanted::Label) | None => OLDEST,
    };
    cluster_objects(release).into_iter().chain(cluster_info_objects()).collect()
}

/// Adds what is wrong with them. Returns the ids of the operations that fix them.
pub(super) fn judge(
    server: &str,
    rights: &Rights,
    living: &Living<'_>,
    observed: &Observed,
    report: &mut Report<'_>,
) -> BTreeSet<String> {
    let mut made = BTreeSet::new();
    for mut desired in own_objects(server) {
        desired.reason = "sets it up as kubeadm does".to_owned();
        // A token that signs needs cluster-info to be readable, one that logs in needs the rest.
        let name = desired.target.name.as_str();
        let (need, missing, drifted) = match name {
            KUBELET_CLIENT => (Need::Now, rule::RBAC_KUBELET_CLIENT, rule::RBAC_KUBELET_CLIENT_DRIFTED),
            CLUSTER_INFO_READER => (Need::of(living.signing.len()), rule::RBAC_MISSING, rule::RBAC_DRIFTED),
            _ => (Need::of(living.joining), rule::RBAC_MISSING, rule::RBAC_DRIFTED),
        };
        let is_others = name == KUBELET_CLIENT && !matches!(report.terms().maker, Maker::Kubeadm);
        if is_others && observed.get(&desired.target).is_none() {
            continue;
        }
        let own = Own { desired, need, missing, drifted, rights };
        made.extend(match observed.get(&own.desired.target).cloned() {
            None => own.judge_missing(observed, report),
            Some(found) => match own.desired.kind {
                Kind::ClusterRole | Kind::Role => own.judge_role(&found, observed, report),
                _ => own.judge_binding(&found, living, observed, report),
            },
        });
    }
    made
}

/// Whether a living token or the API server needs an object now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    Now,
    Later,
}

impl Need {
    const fn of(tokens: usize) -> Self {
        if tokens > 0 { Self::Now } else { Self::Later }
    }
}

struct Own<'a> {
    desired: Desired,
    need: Need,
    /// What to report if the object is missing, and if it differs from kubeadm's.
    missing: rule::AuditRule,
    drifted: rule::AuditRule,
    rights: &'a Rights,
}

impl Own<'_> {
    fn draft(&self, rule: rule::AuditRule, evidence: &str) -> Draft {
        Draft::new(rule, self.desired.target.clone(), &[], evidence.to_owned()).cured()
    }

    fn field(&self, name: &str) -> &Value {
        self.desired.fields.get(name).unwrap_or(&Value::Null)
    }

    fn judge_missing(self, observed: &Observed, report: &mut Report<'_>) -> Vec<String> {
        // Another binding may give the same.
        let role = self.field("roleRef").get("name").and_then(Value::as_str).unwrap_or_default();
        let is_given = |subject: &str| self.rights.given.contains(&(role.to_owned(), subject.to_owned()));
        let subject = self.field("subjects").get(0).and_then(|subject| subject.get("name")).and_then(Value::as_str);
        let is_admin =
            subject.is_some_and(|subject| self.rights.given.contains(&("cluster-admin".to_owned(), subject.to_owned())));
        let is_served = subject.is_some_and(is_given) || is_given("system:bootstrappers") || is_admin;
        if self.need == Need::Later || is_served {
            return Vec::new();
        }
        let who = if self.missing == rule::RBAC_KUBELET_CLIENT { "the API server needs it" } else { "valid tokens need it" };
        let draft = self.draft(self.missing, who);
        report.add(vec![draft], self.desired.operations(observed))
    }

    fn judge_role(self, found: &Value, observed: &Observed, report: &mut Report<'_>) -> Vec<String> {
        let (narrow, widened) = match self.desired.kind {
            Kind::Role => (Narrow::cluster_info(), rule::RBAC_CLUSTER_INFO_WIDENED),
            _ => (Narrow::NODES, rule::RBAC_GET_NODES_WIDENED),
        };
        let Ok(found) = object::Role::deserialize(found) else { return Vec::new() };
        let rule = if !narrow.contains(&found) {
            widened
        } else if self.need == Need::Now && !narrow.is_in(&found) {
            rule::RBAC_NARROWED
        } else {
            return Vec::new();
        };
        let draft = self.draft(rule, &format!("kubeadm's rules are {}", self.field("rules")));
        report.add(vec![draft], self.desired.operations(observed))
    }

    fn judge_binding(mut self, found: &Value, living: &Living<'_>, observed: &Observed, report: &mut Report<'_>) -> Vec<String> {
        let Ok(found) = object::Binding::deserialize(found) else { return Vec::new() };
        let binding = Binding::read(self.desired.kind, &found);
        let Verdict { mut drafts, surplus, .. } =
            binding.judge(self.rights.grant(&binding.role_namespace, &binding.role), report.terms());
        let is_surplus = |subject: &Subject| surplus.iter().any(|other| other.json == subject.json);
        let (strangers, kept) = self.others(&binding, &is_surplus);
        if let (Need::Now, Some(what)) = (self.need, self.drift(&binding, &strangers)) {
            drafts.push(report.terms().settle(self.draft(self.drifted, &what)));
        }
        if self.desired.kind == Kind::RoleBinding && drafts.is_empty() && living.signing.is_empty() {
            let target = self.desired.target.clone();
            let evidence = "no valid token has the usage `signing`".to_owned();
            return report.add(vec![Draft::new(rule::RBAC_ANONYMOUS_UNUSED, target, &[], evidence)], Vec::new());
        }
        if drafts.iter().any(Draft::is_planned) {
            if self.is_right_role(&binding)
                && let Some(Value::Array(subjects)) = self.desired.fields.get_mut("subjects")
            {
                subjects.extend(kept);
            }
            report.add(drafts, self.desired.operations(observed))
        } else {
            report.add(drafts, Vec::new())
        }
    }

    fn is_right_role(&self, binding: &Binding) -> bool {
        let wanted = |name: &str| self.field("roleRef").get(name).and_then(Value::as_str).unwrap_or_default();
        let is_cluster_role = binding.role_namespace.is_empty();
        binding.role == wanted("name") && is_cluster_role == (wanted("kind") == Kind::ClusterRole.name())
    }

    fn has_wanted(&self, subject: &Subject) -> bool {
        let wanted = self.field("subjects").get(0);
        let is = |name: &str, text: &str| wanted.and_then(|wanted| wanted.get(name)).is_some_and(|value| *value == text);
        is("kind", &subject.kind) && is("name", &subject.name)
    }

    /// Subjects in addition to kubeadm's: those that no token logs in as, and those that stay. Tokens of other groups may join by
    /// this binding, and it does no harm if others read cluster-info.
    fn others(&self, binding: &Binding, is_surplus: &dyn Fn(&Subject) -> bool) -> (Vec<String>, Vec<Value>) {
        let (mut strangers, mut kept) = (Vec::new(), Vec::new());
        for subject in binding.subjects.iter().filter(|subject| !self.has_wanted(subject) && !is_surplus(subject)) {
            if subject.is_bootstrap() || self.desired.kind == Kind::RoleBinding {
                kept.push(subject.json.clone());
            } else {
                strangers.push(subject.name.clone());
            }
        }
        (strangers, kept)
    }

    /// How a binding differs from kubeadm's.
    fn drift(&self, binding: &Binding, strangers: &[String]) -> Option<String> {
        let (role, subject) = (self.field("roleRef"), self.field("subjects").get(0).unwrap_or(&Value::Null));
        let name = |value: &Value| value.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        if !self.is_right_role(binding) {
            return Some(format!("it grants the role `{}` instead of `{}`", binding.role, name(role)));
        }
        if !binding.subjects.iter().any(|subject| self.has_wanted(subject)) {
            return Some(format!("it does not grant its role to `{}`", name(subject)));
        }
        let others = super::report::listed(strangers.iter().map(String::as_str));
        (!strangers.is_empty()).then(|| format!("it also grants its role to {others}"))
    }
}
