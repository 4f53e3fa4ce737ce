//! The objects that are looked at, and what was observed of them.

use crate::exports::kubephase::phase::phase::{Failure, Request};
use crate::exports::kubephase::phase::types::{ApiResource, ObjectRef, Selector};
use serde_json::Value;

const RBAC: &str = "rbac.authorization.k8s.io";
pub const CERTS: &str = "kubeadm-certs";
pub const ROLE: &str = "kubeadm:kubeadm-certs";
/// How the name of a token's Secret begins; the token's id follows.
pub const TOKEN: &str = "bootstrap-token-";

/// The certificates that kubeadm stored.
pub fn certs() -> ObjectRef {
    named("", "secrets", "Secret", CERTS.into())
}

/// The role that lets somebody read them.
pub fn role() -> ObjectRef {
    named(RBAC, "roles", "Role", ROLE.into())
}

/// The binding that says who that is.
pub fn binding() -> ObjectRef {
    named(RBAC, "rolebindings", "RoleBinding", ROLE.into())
}

/// The Secret of the token with this id.
pub fn token(id: &str) -> ObjectRef {
    named("", "secrets", "Secret", format!("{TOKEN}{id}"))
}

fn named(group: &str, plural: &str, kind: &str, name: String) -> ObjectRef {
    let of = ApiResource { group: group.into(), version: "v1".into(), plural: plural.into(), kind: kind.into() };
    ObjectRef { of, namespace: Some("kube-system".into()), name }
}

/// The id of the operation on an object.
pub fn id(target: &ObjectRef) -> String {
    format!("{}/{}", target.of.plural, target.name)
}

/// An object as it was observed; none if it is not there, or was not asked for yet.
pub fn find(request: &Request, target: &ObjectRef) -> Result<Option<Value>, Failure> {
    let is_asked = |selector: &Selector| matches!(selector, Selector::One(asked) if asked == target);
    let answer = request.observed.iter().find(|answer| is_asked(&answer.to));
    let object = answer.and_then(|answer| answer.objects.first()).map(|text| serde_json::from_str(text));
    object.transpose().map_err(|_| Failure::Other(format!("`{}` is not JSON", target.name)))
}

/// The items of a list; of what is no list, none.
pub fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}
