//! Problems of a token, and of the components that sign for it and authenticate it.

use super::case::Case;
use super::cure::{CureFlags, bootstrap_tokens, controllers};
use super::reason::{Reason, Said};
use super::step::{Step, StepProblem};
use super::view::{DEFAULT_GROUP, MOST_BYTES, Sight, TokenFacts, TokenFlaw};

/// A lease counts as lost after so many seconds without renewal: four times kube-controller-manager's default.
const STALE_SECONDS: i64 = 60;
/// The size of a signature, bytes.
const SIGNATURE_BYTES: usize = 85;
/// The controllers that sign for tokens and delete expired ones; neither runs unless it is listed.
const SIGNERS: &str = "bootstrapsigner,tokencleaner";

/// A flaw of a token, and its cure.
fn flaw(id: &str, flaw: &TokenFlaw, flags: &CureFlags) -> Said {
    let a_new_one = |reason: Reason, text: String| reason.said(text, flags.another());
    let set = |key: &str, value: &str| {
        flags.kubectl(&format!(
            "patch secret bootstrap-token-{id} -n kube-system -p '{{\"stringData\":{{\"{key}\":\"{value}\"}}}}'"
        ))
    };
    let allow = |usage: &str| set(&format!("usage-bootstrap-{usage}"), "true");
    match flaw {
        TokenFlaw::Deleted => a_new_one(Reason::TokenDeleting, format!("the token {id} is being deleted")),
        TokenFlaw::Type => a_new_one(
            Reason::TokenType,
            format!("the Secret bootstrap-token-{id} does not have the type bootstrap.kubernetes.io/token, so it is not a token"),
        ),
        TokenFlaw::Id => {
            Reason::TokenIdDiffers.said(format!("in the Secret bootstrap-token-{id}, token-id is not {id}"), set("token-id", id))
        }
        TokenFlaw::NoSecret => {
            a_new_one(Reason::TokenWithoutSecret, format!("the Secret bootstrap-token-{id} has no token-secret"))
        }
        TokenFlaw::OtherSecret => a_new_one(
            Reason::TokenSecretDiffers,
            format!(
                "the secret half of the token {id} does not match the one in the cluster: it was mistyped, or the token was recreated"
            ),
        ),
        TokenFlaw::Expired(when) => a_new_one(Reason::TokenExpired, format!("the token {id} has expired ({when})")),
        TokenFlaw::NoSigning => {
            Reason::TokenWithoutSigning.said(format!("the token {id} does not have the usage `signing`"), allow("signing"))
        }
        TokenFlaw::NoAuthentication => Reason::TokenWithoutAuthentication
            .said(format!("the token {id} does not have the usage `authentication`"), allow("authentication")),
        TokenFlaw::Groups(group) => Reason::TokenGroupInvalid.said(
            format!("the token {id} has a group that tokens may not have: {group}"),
            set("auth-extra-groups", DEFAULT_GROUP),
        ),
    }
}

fn unknown(id: &str, case: Case<'_>) -> Said {
    // `TokenSuccessCacheTTL` (`kubeapiserver/options/authentication.go`).
    let is_remembered = case.evidence.is_ok(Step::Login);
    let remembered = if is_remembered { "; the API server still remembers its login, for ten seconds" } else { "" };
    let text = format!(
        "the token {id} does not exist in this cluster: it expired and was removed, it was deleted, or it belongs to another cluster{remembered}"
    );
    Reason::TokenUnknown.said(text, case.flags.another())
}

/// Why the signature is missing.
pub(super) fn no_signature(case: Case<'_>) -> Said {
    let Case { join, evidence, view, flags } = case;
    let id = join.discovery.id();
    match &view.discovery {
        Sight::Absent => unknown(id, case),
        Sight::Present(facts) => match facts.flaws.iter().find(|flaw| flaw.stops_signing()) {
            Some(found) => flaw(id, found, flags),
            None => no_signer(id, facts, case),
        },
        Sight::Unseen => match (evidence.result(Step::Login), evidence.problem(Step::Login)) {
            _ if join.login != join.discovery => {
                either(id, flags, "it is unknown, has expired, or does not have the usage `signing`")
            }
            (_, Some(StepProblem::Unauthorized)) => Reason::TokenRefused.said(
                format!(
                    "the token {id} is unknown to the cluster or has expired, or its secret half is wrong: it has no signature and cannot log in"
                ),
                flags.another(),
            ),
            (Some(super::step::Result::Ok), _) => Reason::TokenUnsigned.said(
                format!(
                    "the token {id} is valid but has no signature: it does not have the usage `signing`, or the controller bootstrapsigner of kube-controller-manager is not running"
                ),
                flags.check(id),
            ),
            _ => either(id, flags, "it is unknown, has expired, or does not have the usage `signing`"),
        },
    }
}

fn either(id: &str, flags: &CureFlags, sorts: &str) -> Said {
    Reason::TokenUnsigned.said(
        format!("cluster-info has no signature for the token {id}: {sorts}, or the controller bootstrapsigner is not running"),
        flags.another(),
    )
}

/// Why a token that should have a signature has none, or a wrong one.
fn no_signer(id: &str, facts: &TokenFacts, case: Case<'_>) -> Said {
    let Case { join, view, flags, .. } = case;
    let others = view.others.unwrap_or_default();
    if let Sight::Present(bytes) = view.info
        && bytes + (others.1 + 1) * SIGNATURE_BYTES > MOST_BYTES
    {
        return Reason::ClusterInfoFull.said(
            format!(
                "cluster-info is full: a ConfigMap may hold 1 MiB, this one has {bytes} bytes and no room for the missing signatures, so the signer has stopped"
            ),
            format!("# then delete those that are not needed\n{}", flags.list()),
        );
    }
    if let Sight::Present(age) = view.manager
        && age > STALE_SECONDS
    {
        return Reason::ControllerManagerNotRunning.said(
            format!("kube-controller-manager is not running: it last renewed its lease {age} s ago"),
            flags.kubectl("get pods -n kube-system -l component=kube-controller-manager"),
        );
    }
    if facts.is_young() && others.1 == 0 {
        return Reason::TokenNew.said(format!("the token {id} is new and has no signature yet"), flags.wait(id, &join.endpoint));
    }
    let text = match others {
        (0, 0) => {
            "the token is correct but has no signature: the controller bootstrapsigner of kube-controller-manager is not running"
                .to_owned()
        }
        (0, missing) => format!(
            "the controller bootstrapsigner of kube-controller-manager is not running: {missing} other tokens have no signature either"
        ),
        (right, missing) => format!(
            "the controller bootstrapsigner of kube-controller-manager has stopped: {right} other tokens have a signature, \
             {missing} do not"
        ),
    };
    Reason::SignerNotRunning.said(text, controllers(SIGNERS))
}

/// Why the signature does not match the token.
pub(super) fn wrong_signature(case: Case<'_>) -> Said {
    let Case { join, evidence, view, flags } = case;
    let id = join.discovery.id();
    match &view.discovery {
        Sight::Absent => unknown(id, case),
        Sight::Present(facts) => {
            let is_of = |flaw: &&TokenFlaw| flaw.stops_signing() || **flaw == TokenFlaw::OtherSecret;
            match facts.flaws.iter().find(is_of) {
                Some(found) => flaw(id, found, flags),
                None => {
                    let Said { text, cure, .. } = no_signer(id, facts, case);
                    let text = format!("the signature is stale: it was made with another secret or for another cluster-info; {text}");
                    Reason::SignatureStale.said(text, cure)
                }
            }
        }
        Sight::Unseen if join.login == join.discovery && evidence.is_ok(Step::Login) => Reason::SignatureStale.said(
            format!(
                "the signature for the token {id} is stale: the token itself is valid, but the controller bootstrapsigner of kube-controller-manager is not running"
            ),
            controllers(SIGNERS),
        ),
        Sight::Unseen => flaw(id, &TokenFlaw::OtherSecret, flags),
    }
}

/// Why the token is not accepted for authentication.
pub(super) fn no_login(case: Case<'_>) -> Said {
    let Case { join, evidence, view, flags } = case;
    let id = join.login.id();
    match &view.login {
        Sight::Absent => unknown(id, case),
        Sight::Present(facts) => match facts.flaws.iter().find(|flaw| flaw.stops_login()) {
            Some(found) => flaw(id, found, flags),
            None => Reason::BootstrapTokensDisabled.said(
                "the token is correct, but the API server does not accept it: it runs without --enable-bootstrap-token-auth=true",
                bootstrap_tokens(),
            ),
        },
        Sight::Unseen if join.login != join.discovery => Reason::TokenRefused.said(
            format!("the token {id} is unknown to the cluster, has expired, or does not have the usage `authentication`"),
            flags.another(),
        ),
        Sight::Unseen => match (evidence.is_ok(Step::Signature), evidence.problem(Step::Signature)) {
            (true, _) => Reason::TokenRefused.said(
                format!(
                    "the token {id} is correct, but it has expired since it was signed, or it does not have the usage `authentication`, or the API server \
                 runs without --enable-bootstrap-token-auth=true"
                ),
                flags.another(),
            ),
            (_, Some(StepProblem::Different)) => wrong_signature(case),
            _ => no_signature(case),
        },
    }
}
