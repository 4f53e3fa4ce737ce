//! What an administrator sees of the same cluster, if there is one.

use crate::bootstrap_token::{Expiration, SECRET_TYPE, Token, datum};
use crate::object::Object;
use jiff::Timestamp;

/// The group that kubeadm's RBAC is for.
pub const DEFAULT_GROUP: &str = "system:bootstrappers:kubeadm:default-node-token";
/// No value of a ConfigMap, and not all of them together, may be larger (`core/validation`).
pub const MOST_BYTES: usize = 1024 * 1024;
/// A token that is younger may not have been signed yet.
const YOUNG_SECONDS: i64 = 10;

/// Whether an administrator looked too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KubeconfigUse {
    /// There is no kubeconfig.
    Absent,
    /// It was used.
    Used,
    /// There is one, and it was not used; why.
    NotUsed(String),
}

/// Something that an administrator looked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Sight<T> {
    /// Nobody looked, or nobody may.
    #[default]
    Unseen,
    /// It is not there.
    Absent,
    /// It is.
    Present(T),
}

/// What an administrator sees.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClusterView {
    /// The token that signs.
    pub discovery: Sight<TokenFacts>,
    /// The token that logs in.
    pub login: Sight<TokenFacts>,
    /// How large cluster-info is, bytes of its values.
    pub info: Sight<usize>,
    /// Of the other tokens that should sign, how many have their right signature, and how many have not.
    pub others: Option<(usize, usize)>,
    /// How long ago the controller manager renewed its lease, seconds.
    pub manager: Sight<i64>,
    /// The Role that lets anybody read cluster-info.
    pub role: Sight<Fit>,
    /// Its RoleBinding.
    pub binding: Sight<Fit>,
    /// The pins of the kubeconfig's authority.
    pub pins: Vec<String>,
}

/// Whether an object says what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// It does.
    Right,
    /// It does not.
    Wrong,
}

/// Something about a token's Secret that takes it out of use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenFlaw {
    /// It is being deleted.
    Deleted,
    /// It has another type.
    Type,
    /// `token-id` is not what its name says.
    Id,
    /// It has no secret half.
    NoSecret,
    /// It has another secret half.
    OtherSecret,
    /// It has expired, or its `expiration` is no time.
    Expired(String),
    /// It may not sign.
    NoSigning,
    /// It may not log in.
    NoAuthentication,
    /// One of its groups is not allowed.
    Groups(String),
}

impl TokenFlaw {
    /// Whether the signer leaves such a token out (`controller/bootstrap/util.go`).
    #[must_use]
    pub const fn stops_signing(&self) -> bool {
        matches!(self, Self::Type | Self::Id | Self::NoSecret | Self::Expired(_) | Self::NoSigning)
    }

    /// Whether the API server does not let such a token in (`authenticator/token/bootstrap`).
    #[must_use]
    pub const fn stops_login(&self) -> bool {
        !matches!(self, Self::NoSigning)
    }
}

/// What is known of a token's Secret.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TokenFacts {
    /// What is wrong with it.
    pub flaws: Vec<TokenFlaw>,
    /// The groups of its login.
    pub groups: Vec<String>,
    /// How old it is, seconds.
    pub age: Option<i64>,
}

impl TokenFacts {
    /// Looks at a token's Secret at a time. What is no time counts as over, as for the API server.
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

    /// Whether the signer may not have come to it yet.
    #[must_use]
    pub fn is_young(&self) -> bool {
        self.age.is_some_and(|age| age < YOUNG_SECONDS)
    }
}

/// A group that a token may have: `\Asystem:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]\z` (`cluster-bootstrap/token/api`).
fn is_group(text: &str) -> bool {
    let is_of = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    text.strip_prefix("system:bootstrappers:").is_some_and(|rest| {
        rest.len() <= 256
            && rest.bytes().all(|b| is_of(b) || b == b':' || b == b'-')
            && rest.bytes().next_back().is_some_and(is_of)
    })
}
