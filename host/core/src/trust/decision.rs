//! Decides from a policy, a place, a digest and the results of the keys whether a phase may run; a refusal lists its reasons.

use super::place::{InvalidPlace, Repository, TrustPlace};
use super::policy::{Demand, PolicyOrigin, TrustPolicy, TrustRule};
use super::signer::{Signer, Unsigned};
use crate::digest::Digest;
use crate::document::{API_VERSION, DocumentKind};
use std::fmt;

/// The phase to be judged.
///
/// A digest typed after a reference (`@sha256:…`) is not part of it. Such a digest says which bytes are meant, but does not vouch
/// for them: it is copied from the same source as the reference, and anyone who can change one can change the other. The same
/// digest in the policy is the operator's own statement.
#[derive(Debug, Clone, Copy)]
pub struct TrustQuestion<'a> {
    /// The place it comes from.
    pub place: TrustPlace<'a>,
    /// The digest of the manifest or of a local file.
    pub digest: &'a Digest,
    /// The result of checking each candidate found against the keys of the policy.
    pub found: &'a [Result<Signer, Unsigned>],
}

/// Proof that a phase may run. Only a decision creates one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trusted {
    signer: Option<Signer>,
    grounds: Grounds,
}

impl Trusted {
    /// For the phase that is part of the plugin: running the plugin is trusting it.
    #[must_use]
    pub const fn embedded() -> Self {
        Self { signer: None, grounds: Grounds::Embedded }
    }

    /// The signer; `None` if no signature was required.
    #[must_use]
    pub const fn signer(&self) -> Option<&Signer> {
        self.signer.as_ref()
    }

    /// The reason it was allowed.
    #[must_use]
    pub const fn grounds(&self) -> &Grounds {
        &self.grounds
    }
}

/// The reason a phase was allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grounds {
    /// It is part of the plugin.
    Embedded,
    /// It is a local file, and no rule covers local files.
    LocalFile,
    /// The keys given on the command line.
    Keys,
    /// A rule of the policy.
    Rule {
        /// The prefix of the rule.
        prefix: String,
        /// The file the rule is in.
        policy: String,
        /// The digest that the rule pins, if any.
        pinned: Option<Digest>,
    },
    /// `requireSignature: false` for the whole policy in this file.
    Policy(String),
}

/// Why a phase is not run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct TrustRefusal {
    /// Everything that is wrong.
    pub reasons: Vec<Reason>,
    /// What the operator can do, line by line as printed: text to copy starts at the margin.
    pub hint: Vec<String>,
}

/// A reason for a refusal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// A repository spelled so that it cannot be compared with rules.
    #[error(transparent)]
    Place(#[from] InvalidPlace),
    /// There is no policy.
    #[error("only local files may be unsigned, and no policy names a trusted key")]
    NoPolicy,
    /// No rule covers it.
    #[error("no rule in {policy} covers {repository}")]
    NoRule {
        /// The policy file.
        policy: String,
        /// The repository without a rule.
        repository: Repository,
    },
    /// No signature candidate was found.
    #[error("it is not signed: {wanted}")]
    Unsigned {
        /// The expected signer.
        wanted: String,
    },
    /// It is signed, but by keys that the rule does not name.
    #[error("it is signed by {others}: {wanted}")]
    SignedByOthers {
        /// The keys that signed it.
        others: String,
        /// The expected signer.
        wanted: String,
    },
    /// No candidate is a valid signature of it.
    #[error("it has no valid signature: {}; {wanted}", told(.found))]
    NoneGood {
        /// Why each candidate is invalid, each reason once.
        found: Vec<Unsigned>,
        /// The expected signer.
        wanted: String,
    },
    /// The rule names other digests.
    #[error("its digest is {digest}, which {rule} does not list")]
    OtherDigest {
        /// The digest of the phase.
        digest: Digest,
        /// The rule, as text.
        rule: String,
    },
}

/// All reasons on one line.
impl fmt::Display for TrustRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
    }
}

fn told(found: &[Unsigned]) -> String {
    found.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl TrustPolicy {
    /// Decides whether a phase may run.
    ///
    /// # Errors
    /// [`TrustRefusal`] with every reason if it may not.
    pub fn decide(&self, asked: TrustQuestion<'_>) -> Result<Trusted, TrustRefusal> {
        if self.origin == PolicyOrigin::Keys {
            let keys: Vec<&str> = self.keys.iter().map(|key| key.name.as_str()).collect();
            let signer = signer(asked.found, |_| true, &format!("--key requires {}", keys.join(" or ")))
                .map_err(|reason| TrustRefusal::of(reason).with_hint(asked.place))?;
            return Ok(Trusted { signer: Some(signer), grounds: Grounds::Keys });
        }
        match asked.place {
            TrustPlace::Embedded => Ok(Trusted::embedded()),
            TrustPlace::File => match self.for_files() {
                Some(rule) => self.by_rule(rule, asked),
                None => Ok(Trusted { signer: None, grounds: Grounds::LocalFile }),
            },
            TrustPlace::Repository(text) => {
                let repository = Repository::parse(text).map_err(|error| TrustRefusal::of(error.into()))?;
                match self.for_repository(&repository) {
                    Some(rule) => self.by_rule(rule, asked),
                    None => self.without_rule(repository, asked.digest),
                }
            }
        }
    }

    /// Checks everything the rule requires; a refusal names what is missing.
    fn by_rule(&self, rule: &TrustRule, asked: TrustQuestion<'_>) -> Result<Trusted, TrustRefusal> {
        let words = format!("the rule for {} in {}", rule.prefix, self.origin);
        let signed = match rule.demand() {
            Demand::Nothing => Ok(None),
            Demand::Signature => {
                let wanted = format!("{words} requires {}", rule.keys.join(" or "));
                signer(asked.found, |signer| rule.keys.contains(&signer.key), &wanted).map(Some)
            }
        };
        let pinned = rule.digests.iter().find(|digest| *digest == asked.digest).cloned();
        let other = || Reason::OtherDigest { digest: asked.digest.clone(), rule: words.clone() };
        let known = if rule.digests.is_empty() || pinned.is_some() { Ok(()) } else { Err(other()) };
        match (signed, known) {
            (Ok(signer), Ok(())) => {
                let (prefix, policy) = (rule.prefix.to_string(), self.origin.to_string());
                Ok(Trusted { signer, grounds: Grounds::Rule { prefix, policy, pinned } })
            }
            (signed, known) => {
                let refusal = TrustRefusal { reasons: signed.err().into_iter().chain(known.err()).collect(), hint: Vec::new() };
                Err(refusal.with_hint(asked.place))
            }
        }
    }

    fn without_rule(&self, repository: Repository, digest: &Digest) -> Result<Trusted, TrustRefusal> {
        match (&self.origin, self.otherwise) {
            (PolicyOrigin::File(policy), Demand::Nothing) => {
                Ok(Trusted { signer: None, grounds: Grounds::Policy(policy.clone()) })
            }
            (PolicyOrigin::File(policy), Demand::Signature) => {
                let hint = with_pin(
                    format!("  hint: if you know who signs it, add a rule for it to {policy}:"),
                    rule_lines(&repository),
                    &repository,
                    digest,
                );
                Err(TrustRefusal { reasons: vec![Reason::NoRule { policy: policy.clone(), repository }], hint })
            }
            (PolicyOrigin::Absent(file), _) => {
                let file = file.as_deref().unwrap_or("a file and pass it with --policy");
                let head = format!("apiVersion: {API_VERSION}\nkind: {}", DocumentKind::TrustPolicy);
                let keys = "keys: [{name: release, file: cosign.pub}]".to_owned();
                let lines = head.lines().map(str::to_owned).chain([keys]).chain(rule_lines(&repository)).collect();
                let hint =
                    with_pin(format!("  hint: if you know who signs it, write this to {file}:"), lines, &repository, digest);
                Err(TrustRefusal { reasons: vec![Reason::NoPolicy], hint })
            }
            // Keys from the command line apply to every place, and were checked first.
            (PolicyOrigin::Keys, _) => Err(TrustRefusal::of(Reason::NoPolicy)),
        }
    }
}

impl TrustRefusal {
    fn of(reason: Reason) -> Self {
        Self { reasons: vec![reason], hint: Vec::new() }
    }

    /// Adds where the signature of a local file is looked for, if there is none.
    fn with_hint(self, place: TrustPlace<'_>) -> Self {
        let is_unsigned = self.reasons.iter().any(|reason| matches!(reason, Reason::Unsigned { .. }));
        if place != TrustPlace::File || !is_unsigned {
            return self;
        }
        let hint =
            "  hint: put the bundle of `cosign sign-blob` next to the file as FILE.sigstore.json, or pass it with --bundle";
        Self { hint: vec![hint.to_owned()], ..self }
    }
}

fn rule_lines(repository: &Repository) -> Vec<String> {
    vec![format!("rules: [{{prefix: {repository}, keys: [release]}}]")]
}

/// What to write, and what to write instead if there is no signature.
fn with_pin(head: String, lines: Vec<String>, repository: &Repository, digest: &Digest) -> Vec<String> {
    let pin = format!("rules: [{{prefix: {repository}, digests: [\"{digest}\"]}}]");
    let instead = "  or, if you have reviewed this artifact, a rule for only this digest:".to_owned();
    [vec![head], lines, vec![instead, pin]].concat()
}

/// The first valid signature by a key that counts.
fn signer(found: &[Result<Signer, Unsigned>], counts: impl Fn(&Signer) -> bool, wanted: &str) -> Result<Signer, Reason> {
    let good: Vec<&Signer> = found.iter().filter_map(|found| found.as_ref().ok()).collect();
    if let Some(signer) = good.iter().find(|signer| counts(signer)) {
        return Ok((*signer).clone());
    }
    let wanted = wanted.to_owned();
    if !good.is_empty() {
        let others = good.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ");
        return Err(Reason::SignedByOthers { others, wanted });
    }
    let mut reasons: Vec<Unsigned> = Vec::new();
    for reason in found.iter().filter_map(|found| found.as_ref().err()) {
        if !reasons.contains(reason) {
            reasons.push(*reason);
        }
    }
    Err(if reasons.is_empty() { Reason::Unsigned { wanted } } else { Reason::NoneGood { found: reasons, wanted } })
}

/// `signed by release (sha256:ab12…), allowed by the rule for registry.example/team in policy.yaml`.
impl fmt::Display for Trusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signed = self.signer.as_ref().map(|signer| format!("signed by {signer}, "));
        f.write_str(&signed.unwrap_or_default())?;
        match &self.grounds {
            Grounds::Embedded => f.write_str("part of this plugin"),
            Grounds::LocalFile => f.write_str("a local file without a rule, so no signature is required"),
            Grounds::Keys => f.write_str("whose key was given with --key"),
            Grounds::Rule { prefix, policy, pinned: Some(digest) } => {
                write!(f, "pinned to {digest}, allowed by the rule for {prefix} in {policy}")
            }
            Grounds::Rule { prefix, policy, pinned: None } if self.signer.is_some() => {
                write!(f, "allowed by the rule for {prefix} in {policy}")
            }
            Grounds::Rule { prefix, policy, pinned: None } => {
                write!(f, "allowed without a signature by the rule for {prefix} in {policy}")
            }
            Grounds::Policy(policy) => write!(f, "allowed without a signature, because {policy} says `requireSignature: false`"),
        }
    }
}
