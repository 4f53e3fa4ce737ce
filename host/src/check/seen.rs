//! The cluster as an administrator sees it, read once a step has failed.

use super::administrator::Administrator;
use super::client::{core_object, entry, object, resource};
use crate::cluster::ClusterError;
use crate::cluster::jws::is_signature;
use crate::config::question::clock;
use kubephase_core::bootstrap_token::{all_tokens, datum};
use kubephase_core::join::{ClusterView, Fit, JoinCommand, Sight, Token, TokenFacts};
use kubephase_core::object::{Object, ObjectRef};
use serde_json::Value;

/// The name of the Role and the RoleBinding that allow anonymous reads of cluster-info
/// (`kubeadm/app/phases/bootstraptoken/clusterinfo`).
const READ_INFO: &str = "kubeadm:bootstrap-signer-clusterinfo";

/// Reads everything that may be the cause.
pub(super) fn view(join: &JoinCommand, administrator: &Administrator<'_>) -> ClusterView {
    let discovery = token(&join.discovery, administrator);
    let login = if join.login == join.discovery { discovery.clone() } else { token(&join.login, administrator) };
    let bytes = |info: &Object| {
        let data = info.fields().get("data").and_then(Value::as_object);
        data.map_or(0, |data| data.values().filter_map(Value::as_str).map(str::len).sum::<usize>())
    };
    ClusterView {
        discovery,
        login,
        info: administrator.info.as_ref().map_or(Sight::Absent, |info| Sight::Present(bytes(info))),
        others: others(join, administrator).ok().flatten(),
        manager: manager(administrator),
        role: fit(administrator, ("roles", "Role"), is_right_role),
        binding: fit(administrator, ("rolebindings", "RoleBinding"), is_right_binding),
        pins: administrator.pins.clone(),
    }
}

fn sight<T>(answer: Result<Option<Object>, ClusterError>, present: impl FnOnce(Object) -> Option<T>) -> Sight<T> {
    match answer {
        Ok(Some(object)) => present(object).map_or(Sight::Unseen, Sight::Present),
        Ok(None) => Sight::Absent,
        Err(_) => Sight::Unseen,
    }
}

fn token(token: &Token, administrator: &Administrator<'_>) -> Sight<TokenFacts> {
    sight(administrator.secret(token.id()), |secret| Some(Administrator::facts(&secret, token)))
}

/// How many of the other signing tokens have a valid signature in cluster-info, and how many do not.
fn others(join: &JoinCommand, administrator: &Administrator<'_>) -> Result<Option<(usize, usize)>, ClusterError> {
    let Some(info) = &administrator.info else { return Ok(None) };
    let Some(text) = entry(info, "kubeconfig") else { return Ok(None) };
    let (mut right, mut missing) = (0, 0);
    for secret in administrator.client.select(all_tokens())? {
        let halves = datum(&secret, "token-id").zip(datum(&secret, "token-secret"));
        let Some(token) = halves.and_then(|(id, half)| Token::of(&id, &half)) else { continue };
        let facts = Administrator::facts(&secret, &token);
        let is_signing = facts.flaws.iter().all(|flaw| !flaw.stops_signing());
        // The signer may not have processed a new token yet.
        if !is_signing || facts.is_young() || token.id() == join.discovery.id() {
            continue;
        }
        let found = entry(info, &format!("jws-kubeconfig-{}", token.id()));
        match found.is_some_and(|found| is_signature(found, text, token.id(), token.secret())) {
            true => right += 1,
            false => missing += 1,
        }
    }
    Ok(Some((right, missing)))
}

/// How long ago the controller manager renewed its lease, seconds.
fn manager(administrator: &Administrator<'_>) -> Sight<i64> {
    let lease = resource("coordination.k8s.io", "v1", "leases", "Lease")
        .and_then(|of| object(of, Some("kube-system"), "kube-controller-manager"))
        .and_then(|lease| administrator.client.get(&lease));
    sight(lease, |lease| {
        let renewed = lease.fields().get("spec")?.get("renewTime")?.as_str()?.parse::<jiff::Timestamp>().ok()?;
        Some(clock().as_second() - renewed.as_second())
    })
}

fn fit(administrator: &Administrator<'_>, (plural, kind): (&str, &str), is_right: fn(&Object) -> bool) -> Sight<Fit> {
    let found = resource("rbac.authorization.k8s.io", "v1", plural, kind)
        .and_then(|of| object(of, Some("kube-public"), READ_INFO))
        .and_then(|object| administrator.client.get(&object));
    sight(found, |object| Some(if is_right(&object) { Fit::Right } else { Fit::Wrong }))
}

fn is_right_role(role: &Object) -> bool {
    let has = |rule: &Value, list: &str, wanted: &str| {
        let items = rule.get(list).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        items.iter().any(|item| item.as_str() == Some(wanted) || item.as_str() == Some("*"))
    };
    let names_it = |rule: &Value| {
        let names = rule.get("resourceNames").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        names.is_empty() || names.iter().any(|name| name.as_str() == Some("cluster-info"))
    };
    let rules = role.fields().get("rules").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    rules.iter().any(|rule| {
        has(rule, "apiGroups", "") && has(rule, "resources", "configmaps") && has(rule, "verbs", "get") && names_it(rule)
    })
}

fn is_right_binding(binding: &Object) -> bool {
    let role = binding.fields().get("roleRef").and_then(|role| role.get("name")).and_then(Value::as_str);
    let subjects = binding.fields().get("subjects").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let is_anybody = |subject: &Value| {
        let text = |name| subject.get(name).and_then(Value::as_str).unwrap_or_default();
        [("User", "system:anonymous"), ("Group", "system:unauthenticated")].contains(&(text("kind"), text("name")))
    };
    role == Some(READ_INFO) && subjects.iter().any(is_anybody)
}

/// The ConfigMap in which kubeadm keeps the cluster configuration.
pub(super) fn kubeadm_config_object() -> Result<ObjectRef, ClusterError> {
    core_object("configmaps", "ConfigMap", "kube-system", "kubeadm-config")
}

/// Reads that ConfigMap; `None` if it does not exist or cannot be read.
pub(super) fn kubeadm_config(administrator: &super::client::ApiClient<'_>) -> Option<Object> {
    kubeadm_config_object().and_then(|object| administrator.get(&object)).ok()?
}
