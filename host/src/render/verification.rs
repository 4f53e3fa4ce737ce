//! The trust decision about a phase, as text and as a document.

use super::document::Shown;
use super::terminal::Printer;
use kubephase_core::digest::Digest;
use kubephase_core::document::{DocumentHead, DocumentKind};
use kubephase_core::trust::{Grounds, TrustRefusal, Trusted};
use serde::Serialize;
use std::io;

/// The trust decision about a phase.
#[derive(Debug, Clone, Copy)]
pub struct Verification<'a> {
    /// Where the phase comes from.
    pub source: &'a str,
    /// The digest of the file or of the manifest.
    pub digest: &'a Digest,
    /// The decision.
    pub decision: &'a Result<Trusted, TrustRefusal>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct VerificationDocument<'a> {
    #[serde(flatten)]
    head: DocumentHead,
    /// Where the phase comes from.
    source: &'a str,
    /// The digest of the file or of the manifest.
    digest: String,
    /// Whether it may be run.
    trusted: bool,
    /// Who signed it, if a signature was required.
    #[serde(skip_serializing_if = "Option::is_none")]
    signer: Option<SignerDocument<'a>>,
    /// The prefix of the rule that decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'a str>,
    /// The policy that decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<&'a str>,
    /// Why it may be run, or why not.
    reasons: Vec<String>,
}

/// Who signed a phase.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SignerDocument<'a> {
    /// The name of the key.
    key: &'a str,
    /// The fingerprint of the key.
    fingerprint: &'a str,
}

impl Shown for Verification<'_> {
    fn document(&self) -> impl Serialize {
        let trusted = self.decision.as_ref().ok();
        let (rule, policy) = match trusted.map(Trusted::grounds) {
            Some(Grounds::Rule { prefix, policy, .. }) => (Some(prefix.as_str()), Some(policy.as_str())),
            Some(Grounds::Policy(policy)) => (None, Some(policy.as_str())),
            _ => (None, None),
        };
        VerificationDocument {
            head: DocumentKind::PhaseVerification.head(),
            source: self.source,
            digest: self.digest.to_string(),
            trusted: trusted.is_some(),
            signer: trusted
                .and_then(Trusted::signer)
                .map(|signer| SignerDocument { key: &signer.key, fingerprint: &signer.fingerprint }),
            rule,
            policy,
            reasons: match self.decision {
                Ok(trusted) => vec![trusted.to_string()],
                Err(refusal) => refusal.reasons.iter().map(ToString::to_string).collect(),
            },
        }
    }

    fn text(&self, printer: &Printer<'_>) -> io::Result<()> {
        printer.line(&format!("{:<10} {}", "phase", self.source))?;
        printer.line(&format!("{:<10} {}", "digest", self.digest))?;
        match self.decision {
            Ok(trusted) => {
                printer.line(&format!("{:<10} yes", "trusted"))?;
                printer.line(&format!("  {trusted}"))
            }
            Err(refusal) => {
                printer.line(&format!("{:<10} no", "trusted"))?;
                refusal.reasons.iter().try_for_each(|reason| printer.line(&format!("  {reason}")))?;
                refusal.hint.iter().try_for_each(|line| printer.message(line))
            }
        }
    }
}
