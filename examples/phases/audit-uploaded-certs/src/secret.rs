//! The Secret with the certificates: who owns it, and whether something will remove it.

use crate::exports::kubephase::phase::phase::{Failure, Request};
use crate::exports::kubephase::phase::types::{Finding, ObjectRef};
use crate::object::{self, CERTS, TOKEN, items};
use crate::rule::{OUTLIVED, OWNER_ENDLESS, OWNER_GONE, OWNER_LIFETIME, Rule, UNOWNED};
use crate::time;
use serde_json::Value;

/// How long kubeadm lets the certificates live (`DefaultCertTokenDuration`), seconds.
const LIFETIME: i64 = 2 * 3600;
/// Clocks differ, and controllers take a moment: what is over by less is not over.
const TOLERANCE: i64 = 300;

/// What was found about the Secret.
#[derive(Default)]
pub struct Certs {
    pub findings: Vec<Finding>,
    pub is_there: bool,
    /// Whether nothing will remove it, and nobody is to need it any more.
    pub is_left_behind: bool,
}

/// An object that the Secret says is its owner. Times are seconds since 1970.
enum Owner {
    /// No bootstrap token.
    Other(String),
    /// A token that does not exist.
    Gone(String),
    /// A token, when it was made, if that is known, and when it ends, if ever.
    Token { name: String, made: Option<i64>, end: Option<i64> },
}

/// Judges the Secret.
pub fn judge(request: &Request) -> Result<Certs, Failure> {
    let Some(secret) = object::find(request, &object::certs())? else { return Ok(Certs::default()) };
    let now = seconds(&request.now).ok_or_else(|| Failure::Other(format!("now is not a time: `{}`", request.now)))?;
    let owners = references(&secret).map(|reference| owner(request, reference)).collect::<Result<Vec<_>, _>>()?;
    let mut findings: Vec<Finding> = owners.iter().filter_map(|owner| about_owner(owner, now)).collect();
    if owners.is_empty() {
        findings.push(finding(&UNOWNED, "is never removed", "it has no owner"));
    }
    // A second upload changes the Secret and makes another token, so the later time counts.
    let age = owners.iter().filter_map(Owner::made).chain(made(&secret)).max().map(|time| now - time);
    if let Some(age) = age.filter(|age| *age > LIFETIME + TOLERANCE) {
        let evidence = format!("they were uploaded {} ago", span(age));
        findings.push(finding(&OUTLIVED, "is older than kubeadm's two hours", &evidence));
    }
    // The garbage collector waits for the last owner.
    let is_gone = !owners.is_empty() && owners.iter().all(|owner| matches!(owner, Owner::Gone(_)));
    let is_over = age.is_none_or(|age| age > LIFETIME + TOLERANCE);
    let ends = owners.iter().any(|owner| matches!(owner, Owner::Token { end: Some(end), .. } if *end > now));
    Ok(Certs { findings, is_there: true, is_left_behind: is_gone || (is_over && !ends) })
}

/// The tokens that own the Secret, to be read.
pub fn token_owners(secret: &Value) -> Vec<ObjectRef> {
    references(secret).filter_map(token_of).collect()
}

fn references(secret: &Value) -> impl Iterator<Item = &Value> {
    items(&secret["metadata"]["ownerReferences"])
}

/// The Secret of the token that an owner reference means; none if it means something else.
fn token_of(reference: &Value) -> Option<ObjectRef> {
    let id = reference["name"].as_str()?.strip_prefix(TOKEN)?;
    let is_id = id.len() == 6 && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    (reference["kind"] == "Secret" && reference["apiVersion"] == "v1" && is_id).then(|| object::token(id))
}

fn owner(request: &Request, reference: &Value) -> Result<Owner, Failure> {
    let name = reference["name"].as_str().unwrap_or_default().to_owned();
    let Some(target) = token_of(reference) else {
        return Ok(Owner::Other(format!("{} `{name}`", reference["kind"].as_str().unwrap_or("object"))));
    };
    // An owner is one object, not whatever has its name; manifests may have no UID.
    let is_same = |token: &Value| token["metadata"]["uid"].is_null() || token["metadata"]["uid"] == reference["uid"];
    let Some(token) = object::find(request, &target)?.filter(is_same) else { return Ok(Owner::Gone(name)) };
    if token["data"].get("expiration").is_some() {
        return Err(Failure::Other(format!("the expiration of `{name}` is hidden: also grant `reveal: [expiration]`")));
    }
    let end = match token["stringData"]["expiration"].as_str().unwrap_or_default() {
        "" => None,
        // To Kubernetes, what cannot be read has expired.
        text => Some(seconds(text).unwrap_or(i64::MIN)),
    };
    Ok(Owner::Token { name, made: made(&token), end })
}

impl Owner {
    fn made(&self) -> Option<i64> {
        if let Self::Token { made, .. } = self { *made } else { None }
    }
}

fn about_owner(owner: &Owner, now: i64) -> Option<Finding> {
    Some(match owner {
        Owner::Other(owner) => {
            finding(&UNOWNED, "is not removed with a token", &format!("{owner} owns it, which is not a bootstrap token"))
        }
        Owner::Gone(name) => finding(
            &OWNER_GONE,
            "has lost its owner",
            &format!("its owner `{name}` does not exist, or is another one with that name"),
        ),
        Owner::Token { name, end: None, .. } => {
            finding(&OWNER_ENDLESS, "has an owner that never expires", &format!("token `{name}` has no `expiration`"))
        }
        Owner::Token { name, made, end: Some(end) } => {
            let life = end.saturating_sub(made.unwrap_or(now));
            let evidence = || format!("token `{name}` is valid for {}", span(life));
            return (life > LIFETIME + TOLERANCE).then(|| finding(&OWNER_LIFETIME, "has an owner that is valid for too long", &evidence()));
        }
    })
}

fn finding(rule: &Rule, what: &str, evidence: &str) -> Finding {
    rule.finding(&object::certs(), format!("Secret `{CERTS}` {what}"), evidence)
}

/// When an object was made; a manifest does not say.
fn made(object: &Value) -> Option<i64> {
    seconds(object["metadata"]["creationTimestamp"].as_str()?)
}

fn seconds(text: &str) -> Option<i64> {
    time::parse(text).map(|(seconds, _)| seconds)
}

/// A time span for people, rounded down.
fn span(seconds: i64) -> String {
    match seconds / 3600 {
        0..48 => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
        hours => format!("{} days", hours / 24),
    }
}
