//! What an administrator's kubeconfig can see of the same cluster, if there is one.

use crate::bootstrap_token::{Expiration, SECRET_TYPE, Token, datum, is_group};
use crate::object::Object;
use jiff::Timestamp;

/// The group bound by kubeadm's RBAC.
pub const DEFAULT_GROUP: &str = "system:bootstrappers:kubeadm:default-node-token";

/// Whether a login with these groups has the rights of kubeadm's RBAC, with which a node joins.
#[must_use]
pub fn may_join(groups: &[String]) -> bool {
    groups.iter().any(|group| group == DEFAULT_GROUP)
}

/// The maximum size of a ConfigMap value, and of all its values together, bytes (`core/validation`).
pub const MOST_BYTES: usize = 1024 * 1024;
/// A younger token may not have been signed yet.
const YOUNG_SECONDS: i64 = 10;

/// Whether the cluster was also inspected with a kubeconfig.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KubeconfigUse {
    /// There is no kubeconfig.
    Absent,
    /// The kubeconfig was used.
    Used,
    /// The kubeconfig was not used, for this reason.
    NotUsed(String),
}

/// The result of an administrator's lookup.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Sight<T> {
    /// Not looked up, or forbidden.
    #[default]
    Unseen,
    /// The object does not exist.
    Absent,
    /// The object exists.
    Present(T),
}

/// The results of an administrator's lookups.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClusterView {
    /// The token that signs cluster-info.
    pub discovery: Sight<TokenFacts>,
    /// The token used for authentication.
    pub login: Sight<TokenFacts>,
    /// The size of cluster-info's values, bytes.
    pub info: Sight<usize>,
    /// Of the other tokens that should sign: how many have a correct signature, and how many do not.
    pub others: Option<(usize, usize)>,
    /// The time since the controller manager renewed its lease, seconds.
    pub manager: Sight<i64>,
    /// The Role that lets everyone read cluster-info.
    pub role: Sight<Fit>,
    /// The RoleBinding of that Role.
    pub binding: Sight<Fit>,
    /// The pins of the kubeconfig's certificate authority.
    pub pins: Vec<String>,
}

/// Whether an object has the required contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// The contents are right.
    Right,
    /// The contents are wrong.
    Wrong,
}

/// A flaw in a token's Secret that makes it unusable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenFlaw {
    /// The Secret is being deleted.
    Deleted,
    /// The Secret has another type.
    Type,
    /// `token-id` does not match the Secret's name.
    Id,
    /// The secret half is missing.
    NoSecret,
    /// The secret half differs.
    OtherSecret,
    /// The token has expired, or its `expiration` is not a valid time.
    Expired(String),
    /// The usage `signing` is missing.
    NoSigning,
    /// The usage `authentication` is missing.
    NoAuthentication,
    /// One of the groups is not allowed.
    Groups(String),
}

impl TokenFlaw {
    /// Whether the signer skips such a token (`controller/bootstrap/util.go`).
    #[must_use]
    pub const fn stops_signing(&self) -> bool {
        matches!(self, Self::Type | Self::Id | Self::NoSecret | Self::Expired(_) | Self::NoSigning)
    }

    /// Whether the API server does not authenticate such a token (`authenticator/token/bootstrap`).
    #[must_use]
    pub const fn stops_login(&self) -> bool {
        !matches!(self, Self::NoSigning)
    }
}

/// The state of a token's Secret.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TokenFacts {
    /// The flaws found.
    pub flaws: Vec<TokenFlaw>,
    /// The groups it authenticates as.
    pub groups: Vec<String>,
    /// The age of the Secret, seconds.
    pub age: Option<i64>,
}

impl TokenFacts {
    /// Inspects a token's Secret at a given time. An invalid time counts as expired, as it does for the API server.
    #[must_use]
    pub fn of(secret: &Object, token: &Token, now: Timestamp) -> Self {
        let is_over = |text: &str| Expiration::parse(text).is_none_or(|expiration| expiration.time <= now);
        let created = secret.metadata("creationTimestamp").and_then(|text| text.parse::<Timestamp>().ok());
        let age = created.map(|created| now.as_second() - created.as_second());
        let value = |key| datum(secret, key).unwrap_or_default();
        let is_true = |key| value(key).as_str() == "true";
        let is_of_type = secret.fields().get("type").and_then(serde_json::Value::as_str) == Some(SECRET_TYPE);
        let (half, expiration, extra) = (value("token-secret"), value("expiration"), value("auth-extra-groups"));
        let extra: Vec<&str> = extra.split(',').filter(|_| !extra.is_empty()).collect();
        let bad = extra.iter().find(|group| !is_group(group));
        let found = [
            secret.metadata("deletionTimestamp").map(|_| TokenFlaw::Deleted),
            (!is_of_type).then_some(TokenFlaw::Type),
            (value("token-id").as_str() != token.id()).then_some(TokenFlaw::Id),
            half.is_empty().then_some(TokenFlaw::NoSecret),
            (!half.is_empty() && half.as_str() != token.secret()).then_some(TokenFlaw::OtherSecret),
            (!expiration.is_empty() && is_over(&expiration)).then(|| TokenFlaw::Expired(expiration.to_string())),
            (!is_true("usage-bootstrap-signing")).then_some(TokenFlaw::NoSigning),
            (!is_true("usage-bootstrap-authentication")).then_some(TokenFlaw::NoAuthentication),
            bad.map(|group| TokenFlaw::Groups((*group).to_owned())),
        ];
        let groups = ["system:bootstrappers", "system:authenticated"].into_iter().chain(extra).map(str::to_owned).collect();
        Self { flaws: found.into_iter().flatten().collect(), groups, age }
    }

    /// Whether the signer may not have processed it yet.
    #[must_use]
    pub fn is_young(&self) -> bool {
        self.age.is_some_and(|age| age < YOUNG_SECONDS)
    }
}
