//! Whether the operator's trust policy allows a phase to run; decided before the component is parsed.

use super::supplied::Supplied;
use crate::artifact::pull::Brought;
use crate::artifact::{Found, Judge};
use crate::component::{ComponentBytes, Vouched};
use crate::config::trust::TrustConfig;
use crate::config::{ConfigError, PhaseConfig};
use crate::errors::Error;
use crate::trust::{Candidate, Key, Signer, Unsigned, blob_signers, signers};
use kubephase_core::claim::Claim;
use kubephase_core::digest::Digest;
use kubephase_core::log::{Level, Log};
use kubephase_core::reference::Reference;
use kubephase_core::source::PhaseSource;
use kubephase_core::trust::{Demand, Grounds, PolicyOrigin, TrustPlace, TrustPolicy, TrustQuestion, TrustRefusal, Trusted};
use std::path::Path;

/// The trust policy, with its keys.
#[derive(Debug)]
pub(crate) struct PolicyJudge {
    policy: TrustPolicy,
    keys: Vec<Key>,
}

impl PolicyJudge {
    /// Reads the trust policy.
    pub(crate) fn of(config: &TrustConfig) -> Result<Self, Error> {
        let files = config.read()?;
        let keys = Key::parse_all(files.keys.iter().map(|(name, pem)| (name.as_str(), pem.as_str())))?;
        Ok(Self { policy: files.policy, keys })
    }

    /// Verifies a registry artifact before it is fetched, by the digest of its manifest and the signatures found beside it.
    pub(crate) fn artifact(
        &self,
        reference: &Reference,
        digest: &Digest,
        candidates: &[Candidate],
    ) -> Result<Trusted, TrustRefusal> {
        let found = signers(&self.keys, digest, candidates);
        self.policy.decide(TrustQuestion { place: TrustPlace::Repository(&reference.place()), digest, found: &found })
    }

    /// Verifies a local file by its bytes, and by the bundle beside it if the policy requires one.
    fn file(&self, trust: &TrustConfig, path: &Path, bytes: &[u8]) -> Result<Result<Trusted, TrustRefusal>, Error> {
        let is_wanted = match (&self.policy.origin, self.policy.for_files()) {
            (PolicyOrigin::Keys, _) => true,
            (_, rule) => rule.is_some_and(|rule| rule.demand() == Demand::Signature),
        };
        let found: Vec<Result<Signer, Unsigned>> = match (is_wanted, &trust.bundle) {
            (true, _) => trust.bundle_of(path)?.map(|bundle| blob_signers(&self.keys, bytes, &bundle)).into_iter().collect(),
            (false, None) => Vec::new(),
            // An operator who names a signature expects it to be checked.
            (false, Some(bundle)) => {
                let rule =
                    "there is no key to verify it with: pass --key to `phase verify`, or add a rule for `file:` to the policy";
                return Err(ConfigError::Flag { flag: "--bundle", value: bundle.display().to_string(), rule }.into());
            }
        };
        Ok(self.policy.decide(TrustQuestion { place: TrustPlace::File, digest: &Digest::of(bytes), found: &found }))
    }
}

/// The trust policy, and the log of its decisions.
pub(crate) struct ByPolicy<'a> {
    pub(crate) policy: PolicyJudge,
    pub(crate) log: &'a dyn Log,
}

impl Judge for ByPolicy<'_> {
    fn judge(&self, found: &Found<'_>) -> Result<Trusted, TrustRefusal> {
        let Found { reference, digest, candidates } = found;
        let trusted = self.policy.artifact(reference, digest, candidates)?;
        self.log.line(Level::Trust, &|| format!("{}: {trusted}", reference.pinned(digest)));
        Ok(trusted)
    }
}

/// Verifies the bytes of the embedded phase or of a file.
pub(crate) fn judged(config: &PhaseConfig, path: Option<&Path>, bytes: &[u8]) -> Result<Result<Trusted, TrustRefusal>, Error> {
    match path {
        // With keys from the command line, one of them must have signed the embedded phase.
        None if config.trust.is_policy() => Ok(Ok(Trusted::embedded())),
        None => {
            let judge = PolicyJudge::of(&config.trust)?;
            Ok(judge.policy.decide(TrustQuestion { place: TrustPlace::Embedded, digest: &Digest::of(bytes), found: &[] }))
        }
        Some(path) => PolicyJudge::of(&config.trust)?.file(&config.trust, path, bytes),
    }
}

/// The bytes that may be run, and the claim in the artifact's config. Refuses an untrusted phase, and says which rule or key
/// decided.
pub(crate) fn vouched(config: &PhaseConfig, supplied: Supplied, log: &dyn Log) -> Result<(Vouched, Option<Claim>), Error> {
    let bytes = match supplied {
        Supplied::Local(bytes) => bytes,
        Supplied::Artifact(brought) => {
            let Brought { component, claim, trusted, .. } = *brought;
            return Ok((Vouched::new(ComponentBytes::Foreign(component), trusted), claim));
        }
    };
    let path = match &config.source {
        PhaseSource::File(path) => Some(path.as_path()),
        PhaseSource::Embedded | PhaseSource::Artifact(_) => None,
    };
    let refused = |refusal| Error::Untrusted { phase: config.source.to_string(), refusal: Box::new(refusal) };
    let trusted = judged(config, path, &bytes)?.map_err(refused)?;
    if !matches!(trusted.grounds(), Grounds::Embedded | Grounds::LocalFile) {
        log.line(Level::Trust, &|| format!("{}: {trusted}", config.source));
    }
    Ok((Vouched::new(bytes, trusted), None))
}
