//! Whether a phase may be run at all, by the operator's policy: before anything of it is looked at.

use crate::config::trust::TrustConfig;
use crate::config::{ConfigError, PhaseConfig};
use crate::errors::Error;
use crate::trust::{Candidate, Key, Signer, Unsigned, blob_signers, signers};
use kubephase_core::digest::Digest;
use kubephase_core::source::Source;
use kubephase_core::trust::{Asked, Demand, Grounds, Origin, Place, Refusal, TrustPolicy, Trusted};
use std::path::Path;

/// The policy, with its keys.
#[derive(Debug)]
pub(super) struct Judge {
    policy: TrustPolicy,
    keys: Vec<Key>,
}

impl Judge {
    /// Reads the policy.
    pub(super) fn of(config: &TrustConfig) -> Result<Self, Error> {
        let files = config.read()?;
        let keys = Key::parse_all(files.keys.iter().map(|(name, pem)| (name.as_str(), pem.as_str())))?;
        Ok(Self { policy: files.policy, keys })
    }

    /// Judges an artifact of a registry, before it is fetched: by the digest of its manifest and what was found beside it.
    pub(super) fn artifact(&self, repository: &str, digest: &Digest, candidates: &[Candidate]) -> Result<Trusted, Refusal> {
        let found = signers(&self.keys, digest, candidates);
        self.policy.decide(Asked { place: Place::Repository(repository), digest, found: &found })
    }

    /// Judges a local file by its bytes, and by the bundle beside it if one is wanted.
    fn file(&self, trust: &TrustConfig, path: &Path, bytes: &[u8]) -> Result<Result<Trusted, Refusal>, Error> {
        let is_wanted = match (&self.policy.origin, self.policy.for_files()) {
            (Origin::Keys, _) => true,
            (_, rule) => rule.is_some_and(|rule| rule.demand() == Demand::Signature),
        };
        let found: Vec<Result<Signer, Unsigned>> = match (is_wanted, &trust.bundle) {
            (true, _) => trust.bundle_of(path)?.map(|bundle| blob_signers(&self.keys, bytes, &bundle)).into_iter().collect(),
            (false, None) => Vec::new(),
            // Whoever names a signature expects that it counts.
            (false, Some(bundle)) => {
                let rule = "no key is named that it could be by: give --key to `phase verify`, or write a rule for `file:` into the policy";
                return Err(ConfigError::Flag { flag: "--bundle", value: bundle.display().to_string(), rule }.into());
            }
        };
        Ok(self.policy.decide(Asked { place: Place::File, digest: &Digest::of(bytes), found: &found }))
    }
}

/// Judges the bytes of a phase that is here.
pub(super) fn judged(config: &PhaseConfig, bytes: &[u8]) -> Result<Result<Trusted, Refusal>, Error> {
    match &config.source {
        // With keys of the command line the question is whether one of them signed it.
        Source::Embedded if config.trust.is_policy() => Ok(Ok(Trusted { signer: None, grounds: Grounds::Embedded })),
        Source::Embedded => {
            let judge = Judge::of(&config.trust)?;
            Ok(judge.policy.decide(Asked { place: Place::Embedded, digest: &Digest::of(bytes), found: &[] }))
        }
        Source::File(path) => Judge::of(&config.trust)?.file(&config.trust, path, bytes),
    }
}

/// The same, for whoever wants to run it.
pub(super) fn trusted(config: &PhaseConfig, bytes: &[u8]) -> Result<Trusted, Error> {
    judged(config, bytes)?.map_err(|refusal| Error::Untrusted { phase: config.source.to_string(), refusal: Box::new(refusal) })
}
