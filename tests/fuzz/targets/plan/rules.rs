//! The policy once more, as it is written in the contract: whatever the host allows must be allowed by this, too.

use kubephase_core::name::Namespace;
use kubephase_core::object::ObjectRef;
use kubephase_core::permission::{Access, Pattern, Permission, Permissions};
use kubephase_core::policy::{Denial, OperationProblem, Policy, PolicySide};
use kubephase_core::secret::MisplacedSecret;

/// Whether a pattern means a name.
fn means(pattern: &Pattern, name: &str) -> bool {
    let pattern = pattern.to_string();
    pattern.strip_suffix('*').map_or(pattern == name, |start| name.starts_with(start))
}

/// Whether a pattern means all that another one means.
fn means_all(pattern: &Pattern, other: &Pattern) -> bool {
    let (pattern, other) = (pattern.to_string(), other.to_string());
    pattern.strip_suffix('*').map_or(pattern == other, |start| other.trim_end_matches('*').starts_with(start))
}

/// Whether a permission is for this namespace, or for no namespace.
fn is_there(permission: &Permission, namespace: Option<&Namespace>) -> bool {
    match permission.place.as_str() {
        Some("*") => namespace.is_some(),
        text => text == namespace.map(Namespace::as_str),
    }
}

/// Whether a permission is for all objects of a list.
pub(super) fn is_for_all(permission: &Permission, namespace: Option<&Namespace>) -> bool {
    permission.place.as_str() == Some("*") || is_there(permission, namespace)
}

/// Whether a permission is for each place that another is for.
fn is_place_of(permission: &Permission, other: &Permission) -> bool {
    match (permission.place.as_str(), other.place.as_str()) {
        (Some("*"), other) => other.is_some(),
        (own, other) => own == other,
    }
}

fn permit<'a>(side: &'a Permissions, access: Access, object: &'a ObjectRef) -> impl Iterator<Item = &'a Permission> {
    side.0.iter().filter(move |permission| {
        let is_place = permission.of == object.of && is_there(permission, object.namespace.as_ref());
        let is_named = permission.names.iter().any(|pattern| means(pattern, object.name.as_str()));
        is_place && is_named && permission.access.contains(&access)
    })
}

/// Whether both sides allow an access to an object.
pub(super) fn both_allow(policy: Policy<'_>, access: Access, object: &ObjectRef) -> bool {
    [policy.declared, policy.granted].into_iter().all(|side| permit(side, access, object).next().is_some())
}

/// Whether both sides reveal a key of a Secret.
pub(super) fn both_reveal(policy: Policy<'_>, object: &ObjectRef, key: &str) -> bool {
    [policy.declared, policy.granted].into_iter().all(|side| reveals(side, object, key))
}

fn reveals(side: &Permissions, object: &ObjectRef, key: &str) -> bool {
    permit(side, Access::Read, object).any(|permission| permission.reveal.iter().any(|pattern| means(pattern, key)))
}

/// Whether a grant can remove a denial.
fn is_grantable(policy: Policy<'_>, denial: &Denial) -> bool {
    match denial {
        Denial::Access { side, .. } => *side == PolicySide::Grant,
        Denial::Operation { target, problem: OperationProblem::Secret(MisplacedSecret::Clear { key, .. }), .. } => {
            reveals(policy.declared, target, key)
        }
        _ => false,
    }
}

/// The grant that is proposed after denials allows those, as far as a grant can, and nothing that is not declared.
/// `retry` says what is still denied with another policy.
pub(super) fn check_proposal(policy: Policy<'_>, denials: &[Denial], retry: impl Fn(Policy<'_>) -> Vec<Denial>) {
    let proposal = policy.grant_for(denials);
    let grantable: Vec<&Denial> = denials.iter().filter(|denial| is_grantable(policy, denial)).collect();
    assert_eq!(proposal.is_empty(), grantable.is_empty(), "{denials:?} {proposal:?}");
    for permission in &proposal.0 {
        assert!(!permission.names.is_empty() && !permission.access.is_empty(), "{denials:?} {proposal:?}");
        let pairs = permission.access.iter().flat_map(|access| permission.names.iter().map(move |name| (*access, name)));
        for (access, name) in pairs {
            assert!(is_declared(policy.declared, permission, access, name), "{denials:?} {permission:?}");
            assert!(denials.iter().any(|denial| asks_for(denial, permission, access, name)), "{denials:?} {permission:?}");
        }
    }
    let granted = Permissions([policy.granted.0.clone(), proposal.0].concat());
    let left = retry(Policy { granted: &granted, ..policy });
    let stubborn: Vec<_> = grantable.into_iter().filter(|denial| left.contains(denial)).collect();
    assert!(stubborn.is_empty(), "{stubborn:?} {granted:?}");
}

fn is_declared(declared: &Permissions, wanted: &Permission, access: Access, name: &Pattern) -> bool {
    declared.0.iter().any(|permission| {
        let is_place = permission.of == wanted.of && is_place_of(permission, wanted);
        let is_revealed = |key: &Pattern| permission.reveal.iter().any(|pattern| means_all(pattern, key));
        is_place
            && permission.access.contains(&access)
            && permission.names.iter().any(|pattern| means_all(pattern, name))
            && (access != Access::Read || wanted.reveal.iter().all(is_revealed))
    })
}

/// Whether a denial is a reason to propose an access to a name: a pattern that means the one name, or the names of a list.
fn asks_for(denial: &Denial, wanted: &Permission, access: Access, name: &Pattern) -> bool {
    let (denied, of, namespace, denied_name) = match denial {
        Denial::Access { access, of, namespace, name, side: PolicySide::Grant } => (*access, of, namespace, name.as_deref()),
        Denial::Operation { target, .. } => (Access::Read, &target.of, &target.namespace, Some(target.name.as_str())),
        _ => return false,
    };
    let is_name = denied_name.is_none_or(|denied| means(name, denied));
    denied == access && *of == wanted.of && is_for_all(wanted, namespace.as_ref()) && is_name
}
