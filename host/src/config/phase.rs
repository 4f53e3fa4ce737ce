//! Resolves which phase is meant, its source, grants and limits.

use super::env::{self, Env};
use super::error::ConfigError;
use super::trust::{PolicyPlace, TrustConfig};
use super::{file, limits};
use crate::cli::phase_args::{ExportArgs, LoadArgs, PullArgs, PushArgs, RemoveArgs, SaveArgs};
use crate::cli::phase_flags::{BoundFlags, PhaseFlags, PullArg, RegistryFlags, SupplyFlags, TrustFlags};
use crate::cli::verify_flags::VerifyArgs;
use kubephase_core::digest::Digest;
use kubephase_core::grant::{Allowance, Extras, Grant};
use kubephase_core::limits::Limits;
use kubephase_core::reference::Reference;
use kubephase_core::source::{PhaseSource, PullPolicy, RegistryAccess, Transport, Typed};
use std::path::{Path, PathBuf};

/// A phase, and what it may do and use.
#[derive(Clone)]
pub struct PhaseConfig {
    /// Where the phase comes from.
    pub source: PhaseSource,
    /// The grants of the operator, by file; empty if no file was given.
    pub grants: Vec<(PathBuf, Grant)>,
    /// The trust policy.
    pub trust: TrustConfig,
    /// `--allow-wasi` and `--allow-nested`.
    pub extras: Extras,
    /// The limits of the phase.
    pub limits: Limits,
    /// The folder of the cache of compiled phases, if there is one.
    pub code_cache: Option<PathBuf>,
    /// The folder of the grants that were given for always, if there is one.
    pub kept_grants: Option<PathBuf>,
    /// The local store and the registries.
    pub store: StoreConfig,
}

/// The local store, and the access to registries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreConfig {
    /// The folder of the local store; `None` without a home.
    pub folder: Option<PathBuf>,
    /// When registries are contacted.
    pub pull: PullPolicy,
    /// How registries are reached.
    pub access: RegistryAccess,
}

/// An entry of the local store, as the user names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meant {
    /// The entry with this name.
    Named(Reference),
    /// All entries with this digest.
    Digest(Digest),
}

impl StoreConfig {
    /// Resolved from flags and the environment.
    #[must_use]
    fn of(pull: PullPolicy, flags: &RegistryFlags, env: &dyn Env) -> Self {
        let (https_proxy, no_proxy) = env::proxies(env);
        let transport = if flags.plain_http { Transport::PlainHttp } else { Transport::Https };
        let (authorities, logins) = (flags.ca_file.clone(), env::login_files(env));
        let access = RegistryAccess { transport, authorities, https_proxy, no_proxy, logins };
        Self { folder: env::data_folder(env).map(|folder| folder.join("phases")), pull, access }
    }

    /// Resolved from the flags of a command that accepts any phase.
    fn supplied(flags: &SupplyFlags, env: &dyn Env) -> Self {
        let pull = match flags.pull {
            PullArg::IfNotPresent => PullPolicy::IfNotPresent,
            PullArg::Always => PullPolicy::Always,
            PullArg::Never => PullPolicy::Never,
        };
        Self::of(pull, &flags.registry, env)
    }

    /// The local store only, without registries.
    #[must_use]
    pub fn local(env: &dyn Env) -> Self {
        Self::of(PullPolicy::Never, &RegistryFlags::default(), env)
    }
}

impl PhaseConfig {
    /// Resolves the phase flags of a run.
    ///
    /// # Errors
    /// [`ConfigError`] for an invalid limit or grant, and for a value that is not a phase.
    pub fn of_flags(flags: &PhaseFlags, env: &dyn Env) -> Result<Self, ConfigError> {
        Self::named(&flags.phase, &flags.bounds, &flags.supply, env)?.trusting(&flags.trust)?.granted(&flags.grant)
    }

    /// Adds the grants of these files.
    ///
    /// # Errors
    /// [`ConfigError`] for a file that is not a grant.
    pub fn granted(self, files: &[PathBuf]) -> Result<Self, ConfigError> {
        let grants = files.iter().map(|path| Ok((path.clone(), file::read_grant(path)?)));
        Ok(Self { grants: grants.collect::<Result<_, ConfigError>>()?, ..self })
    }

    /// Uses this trust policy, if one was given.
    #[must_use]
    pub fn under(self, policy: Option<&Path>) -> Self {
        let given = policy.map(|path| PolicyPlace::Given(path.to_owned()));
        let trust = TrustConfig { policy: given.unwrap_or(self.trust.policy), ..self.trust };
        Self { trust, ..self }
    }

    /// The embedded phase, which needs no flags.
    ///
    /// # Errors
    /// [`ConfigError`] if the configuration file is invalid.
    pub fn embedded(env: &dyn Env) -> Result<Self, ConfigError> {
        Self::of(PhaseSource::Embedded, &BoundFlags::default(), StoreConfig::local(env), env)
    }

    /// Resolves a phase argument.
    ///
    /// # Errors
    /// Like [`PhaseConfig::of_flags`].
    pub fn named(phase: &str, bounds: &BoundFlags, supply: &SupplyFlags, env: &dyn Env) -> Result<Self, ConfigError> {
        Self::of(source(phase)?, bounds, StoreConfig::supplied(supply, env), env)
    }

    /// Resolves `phase pull`, with the reference.
    ///
    /// # Errors
    /// Like [`PhaseConfig::of_flags`].
    pub fn pull(args: &PullArgs, env: &dyn Env) -> Result<(Reference, Self), ConfigError> {
        let reference = reference(&args.reference)?;
        let store = StoreConfig::of(PullPolicy::Always, &args.registry, env);
        Ok((reference.clone(), Self::of(PhaseSource::Artifact(reference), &args.bounds, store, env)?.trusting(&args.trust)?))
    }

    /// Resolves `phase push`, with the reference to push to.
    ///
    /// # Errors
    /// Like [`PhaseConfig::of_flags`], and for a reference with a digest.
    pub fn push(args: PushArgs, env: &dyn Env) -> Result<(Self, Reference), ConfigError> {
        let to = reference(&args.reference)?;
        if to.digest().is_some() {
            let rule = "must have a tag and no digest; the digest follows from the content";
            return Err(ConfigError::Flag { flag: "REFERENCE", value: args.reference, rule });
        }
        let from = publishable(&args.phase)?;
        let store = StoreConfig::of(PullPolicy::Never, &args.registry, env);
        Ok((Self::of(from, &args.bounds, store, env)?.trusting(&args.trust)?, to))
    }

    /// Resolves `phase save`, with the reference.
    ///
    /// # Errors
    /// Like [`PhaseConfig::of_flags`].
    pub fn save(args: &SaveArgs, env: &dyn Env) -> Result<(Reference, Self), ConfigError> {
        let reference = reference(&args.reference)?;
        let config = {
            let store = StoreConfig::supplied(&args.supply, env);
            Self::of(PhaseSource::Artifact(reference.clone()), &args.bounds, store, env)?.trusting(&args.trust)?
        };
        Ok((reference, config))
    }

    /// Resolves `phase load`, with the given name.
    ///
    /// # Errors
    /// Like [`PhaseConfig::of_flags`].
    pub fn load(args: &LoadArgs, env: &dyn Env) -> Result<(Option<Reference>, Self), ConfigError> {
        let name = args.name.as_deref().map(reference).transpose()?;
        Ok((
            name,
            Self::of(PhaseSource::Embedded, &args.bounds, StoreConfig::supplied(&SupplyFlags::default(), env), env)?
                .trusting(&args.trust)?,
        ))
    }

    /// Resolves `phase export`.
    ///
    /// # Errors
    /// Like [`PhaseConfig::of_flags`], and for a file.
    pub fn export(args: &ExportArgs, env: &dyn Env) -> Result<Self, ConfigError> {
        let source =
            if args.phase == "embedded" { PhaseSource::Embedded } else { PhaseSource::Artifact(reference(&args.phase)?) };
        Self::of(source, &args.bounds, StoreConfig::supplied(&args.supply, env), env)?.trusting(&args.trust)
    }

    fn of(source: PhaseSource, bounds: &BoundFlags, store: StoreConfig, env: &dyn Env) -> Result<Self, ConfigError> {
        let mut limits = file::read_limits(env)?;
        for limit in &bounds.limit {
            let (name, value) = limit.split_once('=').ok_or_else(|| ConfigError::Flag {
                flag: "--limit",
                value: limit.clone(),
                rule: "must be `NAME=VALUE`, like `fuel=2G`",
            })?;
            limits::set(&mut limits, name, value)?;
        }
        Ok(Self {
            source,
            grants: Vec::new(),
            trust: TrustConfig::usual(env),
            extras: Extras { wasi: allowance(bounds.allow_wasi), nested: allowance(bounds.allow_nested) },
            limits,
            code_cache: env::code_cache_folder(env),
            kept_grants: env::config_folder(env).map(|folder| folder.join("grants")),
            store,
        })
    }
}

impl PhaseConfig {
    /// Resolves `phase verify`.
    ///
    /// # Errors
    /// [`ConfigError`] if the configuration file is invalid.
    pub fn to_verify(args: &VerifyArgs, env: &dyn Env) -> Result<Self, ConfigError> {
        let bounds = BoundFlags { limit: args.limit.clone(), ..BoundFlags::default() };
        let config = Self::named(&args.phase, &bounds, &args.supply, env)?.trusting(&args.trust)?;
        let keys = (!args.key.is_empty()).then(|| PolicyPlace::Keys(args.key.clone()));
        let trust = TrustConfig { policy: keys.unwrap_or(config.trust.policy), ..config.trust };
        Ok(Self { trust, ..config })
    }

    /// Adds the trust flags.
    ///
    /// # Errors
    /// [`ConfigError`] for a bundle of a phase that is not a file.
    pub fn trusting(self, flags: &TrustFlags) -> Result<Self, ConfigError> {
        if let (Some(bundle), PhaseSource::Embedded | PhaseSource::Artifact(_)) = (&flags.bundle, &self.source) {
            let rule = "only a file can have a bundle; signatures of an artifact are in its registry";
            return Err(ConfigError::Flag { flag: "--bundle", value: bundle.display().to_string(), rule });
        }
        Ok(Self { trust: self.trust.with(flags), ..self })
    }
}

/// Resolves the arguments of `phase remove`.
///
/// # Errors
/// [`ConfigError::Reference`] for a value that is neither a reference nor a digest.
pub fn meant(args: &RemoveArgs) -> Result<Vec<Meant>, ConfigError> {
    let one = |text: &String| match Digest::parse(text) {
        Some(digest) => Ok(Meant::Digest(digest)),
        None => Ok(Meant::Named(reference(text)?)),
    };
    args.what.iter().map(one).collect()
}

/// Where the phase of this argument comes from.
fn source(text: &str) -> Result<PhaseSource, ConfigError> {
    let refused = |rule| Err(ConfigError::Flag { flag: "--phase", value: text.to_owned(), rule });
    match Typed::of(text) {
        Typed::Both => refused("could be a file or an artifact: prefix the file with `./`, or add the digest of the artifact"),
        Typed::One(PhaseSource::Artifact(_)) if Path::new(text).exists() => {
            refused("is an artifact, but a file has the same name: prefix the file with `./`, or change to another folder")
        }
        Typed::One(source) => Ok(source),
        Typed::Neither(_) if Path::new(text).exists() => refused("is a file: prefix it with `./`"),
        Typed::Neither(source) => Err(ConfigError::Phase { value: text.to_owned(), source }),
    }
}

/// A phase that can be published: the embedded one or a file.
fn publishable(text: &str) -> Result<PhaseSource, ConfigError> {
    match source(text)? {
        PhaseSource::Artifact(_) => {
            let rule = "is an artifact: use `phase export` first, or prefix a file with `./`";
            Err(ConfigError::Flag { flag: "PHASE", value: text.to_owned(), rule })
        }
        other => Ok(other),
    }
}

fn reference(text: &str) -> Result<Reference, ConfigError> {
    Reference::parse(text).map_err(|source| ConfigError::Reference { value: text.to_owned(), source })
}

const fn allowance(is_allowed: bool) -> Allowance {
    if is_allowed { Allowance::Allowed } else { Allowance::Refused }
}

#[cfg(test)]
mod tests {
    use super::{PhaseSource, source};

    #[test]
    fn a_file_is_never_taken_for_a_reference() {
        for (text, expected) in [
            ("embedded", Some("embedded")),
            ("./h.io/x:1", Some("file")),
            ("/h.io/x:1", Some("file")),
            ("../h.io/x:1", Some("file")),
            ("h.io/x.wasm", Some("file")),
            ("../..", Some("file")),
            ("..", Some("file")),
            ("folder/file.wasm", Some("file")),
            ("h.io/x:1", Some("artifact")),
            ("..h.io/x:1", None),
            // It exists, in the working directory of the tests.
            ("src", None),
            ("src/lib.rs", None),
            ("no-such-file", None),
            ("folder/no-such-file", None),
            // It could be either.
            ("h.io/x:a.wasm", None),
            ("h.io/x.wasm:1.wasm", None),
            ("localhost/x:1.wasm", None),
        ] {
            let found = source(text).ok().map(|source| match source {
                PhaseSource::Embedded => "embedded",
                PhaseSource::File(_) => "file",
                PhaseSource::Artifact(_) => "artifact",
            });
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_file_never_takes_the_place_of_an_artifact() {
        let folder = tempfile::tempdir().unwrap();
        let digest = format!("sha256:{}", "1".repeat(64));
        // References look like relative paths: only an absolute path differs from a file in the working directory of the tests.
        for name in ["h.io/x:1", &format!("h.io/team/x@{digest}"), "localhost/x:1", "[::1]/x:1"] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::create_dir(&path).unwrap();
            assert!(matches!(source(path.to_str().unwrap()), Ok(PhaseSource::File(_))), "{name}");
            assert!(matches!(source(name), Ok(PhaseSource::Artifact(_))), "{name}");
        }
    }
}
