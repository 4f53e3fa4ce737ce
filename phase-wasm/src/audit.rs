//! What the tasks `audit` and `fix` share: what is wrong with bootstrap tokens, cluster-info and the roles around them, compared
//! with what kubeadm makes; and the plan that fixes what can be fixed without breaking a join that works.
//!
//! Both tasks find the same. `audit` may not write, so its plan has no operations; the plan of `fix` has them, and the findings
//! name them. The rules are in [`rule`].

mod binding;
mod cluster_info;
mod grant;
mod kubeadm;
mod maker;
mod object;
mod rbac;
mod report;
pub mod rule;
mod stanza;
mod token;
mod tokens;

use crate::abi::{Failure, ListRef, Needs, ObjectRef, Plan, Request, Selector};
use crate::cluster_info::{cluster_info as cluster_info_object, kubeadm_config};
use crate::input::{AuditInput, read_audit};
use crate::kind::{KUBE_SYSTEM, Kind};
use crate::observed::{Observed, listed};
use crate::token::SECRET_TYPE;
use alloc::{borrow::ToOwned, collections::BTreeSet, format, string::String, vec, vec::Vec};
use report::{Draft, Report, Terms};

/// Whether the answer proposes operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// It does not: findings only.
    Audit,
    /// It does, for each finding that can be fixed.
    Fix,
}

/// The objects to read. All are known from the start, so one round is enough.
///
/// # Errors
/// Those of [`read_audit`], and [`Failure::Unsupported`] for a release older than 1.22.
pub fn need(request: &Request) -> Result<Needs, Failure> {
    read_audit(request)?.input.target()?;
    let mut reads = vec![Selector::One(cluster_info_object()), Selector::One(kubeadm_config())];
    let secrets = [SECRET_TYPE, "Opaque"].map(|of_type| format!("type={of_type}"));
    reads.extend(secrets.into_iter().map(|selector| list(Kind::Secret, Some(KUBE_SYSTEM), selector)));
    let kinds = [Kind::ClusterRole, Kind::ClusterRoleBinding, Kind::Role, Kind::RoleBinding];
    reads.extend(kinds.into_iter().map(|kind| list(kind, None, String::new())));
    Ok(Needs { reads, random: Vec::new() })
}

fn list(kind: Kind, namespace: Option<&str>, field_selector: String) -> Selector {
    let namespace = namespace.map(str::to_owned);
    Selector::Many(ListRef { of: kind.resource(), namespace, label_selector: String::new(), field_selector })
}

/// The findings, and for [`Purpose::Fix`] the operations that fix them.
///
/// # Errors
/// As [`need`].
pub fn plan_for(request: &Request, purpose: Purpose) -> Result<Plan, Failure> {
    let audit: AuditInput = read_audit(request)?;
    audit.input.target()?;
    let mut observed = Observed::of(request);
    let secrets = listed(request, Kind::Secret).filter_map(|text| serde_json::from_str(text).ok());
    let tokens: Vec<token::Token> = secrets.filter_map(|secret| token::Token::read(&secret)).collect();
    let living = tokens::living(&tokens, audit.now);
    let server = &request.server.version;
    let own = kubeadm::own_objects(server);
    let own: BTreeSet<(&str, &str)> = own.iter().map(|own| (own.kind.name(), own.target.name.as_str())).collect();
    let mut rights = rbac::Rights::read(request, &own, &mut observed);
    let maker = core::mem::take(&mut rights.traces).maker(request, &observed, &tokens);

    let mut report = Report::new(purpose, Terms { maker: &maker, wider: &audit.wider });
    let named = |(name, object, mark): (&str, &ObjectRef, &str)| {
        Draft::new(rule::CLUSTER_MAKER, object.clone(), &[("maker", name)], mark.to_owned())
    };
    report.add(maker.other().map(named).into_iter().collect(), Vec::new());
    let made = kubeadm::judge(server, &rights, &living, &observed, &mut report);
    rbac::judge(rights, made, &observed, &mut report);
    let known = cluster_info::Known { request, audit: &audit, observed: &observed, living: &living };
    cluster_info::judge(&known, &mut report);
    tokens::judge(&tokens, &audit, &mut report);
    Ok(report.finish())
}

/// The id of the operation on an object, the same as in [`crate::desired`] where both can propose one. A name that cannot be part
/// of an id is replaced by a hash of it.
fn operation_id(target: &ObjectRef) -> String {
    let is_rbac = !target.of.group.is_empty();
    let namespace = target.namespace.as_deref().filter(|_| is_rbac).map_or_else(String::new, |namespace| format!("{namespace}/"));
    let is_plain = target.name.len() <= 200 && target.name.bytes().all(|b| b.is_ascii_graphic());
    if is_plain {
        return format!("{}/{namespace}{}", target.of.plural, target.name);
    }
    // FNV-1a: short, and different for different names unless someone looks for a collision.
    let hash =
        target.name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    format!("{}/{namespace}#{hash:016x}", target.of.plural)
}
