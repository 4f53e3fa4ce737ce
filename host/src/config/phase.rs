//! Which phase is meant, what it may do and use, and where it comes from.

use super::env::{self, Env};
use super::trust::TrustConfig;
use super::{ConfigError, file, limits};
use crate::cli::phase_args::{ExportArgs, LoadArgs, PullArgs, PushArgs, RemoveArgs, SaveArgs};
use crate::cli::phase_flags::{BoundFlags, PhaseFlags, PullArg, RegistryFlags, SupplyFlags};
use kubephase_core::digest::Digest;
use kubephase_core::grant::{Allowance, Extras, Grant};
use kubephase_core::limits::Limits;
use kubephase_core::reference::Reference;
use kubephase_core::source::{PullPolicy, RegistryAccess, Source, Transport, Typed};
use std::path::{Path, PathBuf};

/// Which phase, and what it may do and use.
#[derive(Clone)]
pub struct PhaseConfig {
    /// Where it is.
    pub source: Source,
    /// What the operator allows it, file by file; none if no file was given.
    pub grants: Vec<(PathBuf, Grant)>,
    /// Whom to trust.
    pub trust: TrustConfig,
    /// `--allow-wasi` and `--allow-nested`.
    pub extras: Extras,
    /// What it may use.
    pub limits: Limits,
    /// Where compiled phases are kept, if anywhere.
    pub code_cache: Option<PathBuf>,
    /// Where grants are kept that were given for always, if anywhere.
    pub kept_grants: Option<PathBuf>,
    /// Where artifacts are.
    pub store: StoreConfig,
}

/// Where artifacts come from, and where they are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreConfig {
    /// The local store; none without a home.
    pub folder: Option<PathBuf>,
    /// When registries are asked.
    pub pull: PullPolicy,
    /// How they are reached.
    pub access: RegistryAccess,
}

/// What is meant in the local store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meant {
    /// What has this name.
    Named(Reference),
    /// Whatever has this digest.
    Digest(Digest),
}

impl StoreConfig {
    /// What the flags and the environment say.
    #[must_use]
    pub fn of(pull: PullArg, flags: &RegistryFlags, env: &dyn Env) -> Self {
        let (https_proxy, no_proxy) = env::proxies(env);
        let pull = match pull {
            PullArg::IfNotPresent => PullPolicy::IfNotPresent,
            PullArg::Always => PullPolicy::Always,
            PullArg::Never => PullPolicy::Never,
        };
        let transport = if flags.plain_http { Transport::PlainHttp } else { Transport::Https };
        let (authorities, logins) = (flags.ca_file.clone(), env::login_files(env));
        let access = RegistryAccess { transport, authorities, https_proxy, no_proxy, logins };
        Self { folder: env::data_folder(env).map(|folder| folder.join("phases")), pull, access }
    }

    /// The local store, and no registry.
    #[must_use]
    pub fn local(env: &dyn Env) -> Self {
        Self::of(PullArg::Never, &RegistryFlags::default(), env)
    }

    /// The flags that say the same.
    fn flags(&self) -> Vec<String> {
        let pull = match self.pull {
            PullPolicy::IfNotPresent => None,
            PullPolicy::Always => Some("--pull=Always"),
            PullPolicy::Never => Some("--pull=Never"),
        };
        let transport = (self.access.transport == Transport::PlainHttp).then_some("--plain-http");
        let flags = pull.into_iter().chain(transport).map(str::to_owned);
        let file = self.access.authorities.iter().flat_map(|path| ["--ca-file".to_owned(), path.display().to_string()]);
        flags.chain(file).collect()
    }
}

impl PhaseConfig {
    /// What the flags of a run mean.
    ///
    /// # Errors
    /// [`ConfigError`] for a limit or a grant that makes no sense, and for what is no phase.
    pub fn of_flags(flags: &PhaseFlags, env: &dyn Env) -> Result<Self, ConfigError> {
        let grants = flags.grant.iter().map(|path| Ok((path.clone(), file::read_grant(path)?)));
        let grants = grants.collect::<Result<Vec<_>, ConfigError>>()?;
        Ok(Self { grants, ..Self::named(&flags.phase, &flags.bounds, &flags.supply, env)?.trusting(&flags.trust)? })
    }

    /// The flags by which the same phase is run again with what it is allowed, for a command that is shown.
    #[must_use]
    pub fn flags(&self) -> Vec<String> {
        let phase = match &self.source {
            Source::Embedded => Vec::new(),
            Source::File(path) => vec!["--phase".to_owned(), path.display().to_string()],
            Source::Artifact(reference) => [vec!["--phase".to_owned(), reference.to_string()], self.store.flags()].concat(),
        };
        let grants = self.grants.iter().flat_map(|(path, _)| ["--grant".to_owned(), path.display().to_string()]);
        let Extras { wasi, nested } = self.extras;
        let extras = [("--allow-wasi", wasi), ("--allow-nested", nested)].into_iter();
        let extras = extras.filter(|(_, extra)| *extra == Allowance::Allowed).map(|(flag, _)| flag.to_owned());
        phase.into_iter().chain(grants).chain(self.trust.flags()).chain(extras).collect()
    }

    /// The phase in this plugin, which needs nothing that an operator could say.
    ///
    /// # Errors
    /// [`ConfigError`] if the operator's file makes no sense.
    pub fn embedded(env: &dyn Env) -> Result<Self, ConfigError> {
        Self::of(Source::Embedded, &BoundFlags::default(), &SupplyFlags::default(), env)
    }

    /// A phase as it was typed.
    ///
    /// # Errors
    /// As [`PhaseConfig::of_flags`].
    pub fn named(phase: &str, bounds: &BoundFlags, supply: &SupplyFlags, env: &dyn Env) -> Result<Self, ConfigError> {
        Self::of(source(phase)?, bounds, supply, env)
    }

    /// What `phase pull` means, and the reference.
    ///
    /// # Errors
    /// As [`PhaseConfig::of_flags`].
    pub fn pull(args: PullArgs, env: &dyn Env) -> Result<(Reference, Self), ConfigError> {
        let reference = reference(&args.reference)?;
        let supply = SupplyFlags { pull: PullArg::Always, registry: args.registry };
        Ok((reference.clone(), Self::of(Source::Artifact(reference), &args.bounds, &supply, env)?.trusting(&args.trust)?))
    }

    /// What `phase push` means: the phase, and where to.
    ///
    /// # Errors
    /// As [`PhaseConfig::of_flags`], and for a reference with a digest.
    pub fn push(args: PushArgs, env: &dyn Env) -> Result<(Self, Reference), ConfigError> {
        let to = reference(&args.reference)?;
        if to.digest().is_some() {
            let rule = "must be a tag without a digest, which follows from what is pushed";
            return Err(ConfigError::Flag { flag: "REFERENCE", value: args.reference, rule });
        }
        let from = publishable(&args.phase)?;
        let supply = SupplyFlags { pull: PullArg::Never, registry: args.registry };
        Ok((Self::of(from, &args.bounds, &supply, env)?.trusting(&args.trust)?, to))
    }

    /// What `phase save` means, and the reference.
    ///
    /// # Errors
    /// As [`PhaseConfig::of_flags`].
    pub fn save(args: &SaveArgs, env: &dyn Env) -> Result<(Reference, Self), ConfigError> {
        let reference = reference(&args.reference)?;
        let config = Self::of(Source::Artifact(reference.clone()), &args.bounds, &args.supply, env)?.trusting(&args.trust)?;
        Ok((reference, config))
    }

    /// What `phase load` means, and the name that was given.
    ///
    /// # Errors
    /// As [`PhaseConfig::of_flags`].
    pub fn load(args: &LoadArgs, env: &dyn Env) -> Result<(Option<Reference>, Self), ConfigError> {
        let name = args.name.as_deref().map(reference).transpose()?;
        Ok((name, Self::of(Source::Embedded, &args.bounds, &SupplyFlags::default(), env)?.trusting(&args.trust)?))
    }

    /// What `phase export` means.
    ///
    /// # Errors
    /// As [`PhaseConfig::of_flags`], and for a file.
    pub fn export(args: &ExportArgs, env: &dyn Env) -> Result<Self, ConfigError> {
        let source = if args.phase == "embedded" { Source::Embedded } else { Source::Artifact(reference(&args.phase)?) };
        Self::of(source, &args.bounds, &args.supply, env)?.trusting(&args.trust)
    }

    fn of(source: Source, bounds: &BoundFlags, supply: &SupplyFlags, env: &dyn Env) -> Result<Self, ConfigError> {
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
            code_cache: env::cache_folder(env).map(|folder| folder.join("code")),
            kept_grants: env::config_folder(env).map(|folder| folder.join("grants")),
            store: StoreConfig::of(supply.pull, &supply.registry, env),
        })
    }
}

/// What `phase remove` means.
///
/// # Errors
/// [`ConfigError::Reference`] for what is neither a reference nor a digest.
pub fn meant(args: &RemoveArgs) -> Result<Vec<Meant>, ConfigError> {
    let one = |text: &String| match Digest::parse(text) {
        Some(digest) => Ok(Meant::Digest(digest)),
        None => Ok(Meant::Named(reference(text)?)),
    };
    args.what.iter().map(one).collect()
}

/// Where a phase is that was typed.
fn source(text: &str) -> Result<Source, ConfigError> {
    let refused = |rule| Err(ConfigError::Flag { flag: "--phase", value: text.to_owned(), rule });
    match Typed::of(text) {
        Typed::Both => {
            refused("could be a file or an artifact: write `./` before it for the file, or name the artifact by its digest")
        }
        Typed::One(Source::Artifact(_)) if Path::new(text).exists() => {
            refused("is an artifact, and a file has the same name: write `./` before it for the file, or go to another folder")
        }
        Typed::One(source) => Ok(source),
        Typed::Neither(_) if Path::new(text).exists() => refused("is a file: write `./` before it"),
        Typed::Neither(source) => Err(ConfigError::Phase { value: text.to_owned(), source }),
    }
}

/// A phase that can be published: the one in this plugin, or a file.
fn publishable(text: &str) -> Result<Source, ConfigError> {
    match source(text)? {
        Source::Artifact(_) => {
            let rule = "is an artifact: use `phase export` first, or write `./` before it for a file";
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
    use super::{BoundFlags, Env, PhaseConfig, PullArg, RegistryFlags, Source, SupplyFlags, source};
    use std::path::PathBuf;

    struct Nothing;

    impl Env for Nothing {
        fn get(&self, _name: &str) -> Option<String> {
            None
        }
    }

    #[test]
    fn the_flags_mean_the_same_phase() {
        let bounds = BoundFlags { allow_wasi: true, allow_nested: false, limit: vec![] };
        let registry = RegistryFlags { plain_http: true, ca_file: Some(PathBuf::from("ca.pem")) };
        let supply = SupplyFlags { pull: PullArg::Always, registry };
        let of = |phase| PhaseConfig::of(source(phase).unwrap(), &bounds, &supply, &Nothing).unwrap().flags();
        assert_eq!(of("other.wasm"), ["--phase", "other.wasm", "--allow-wasi"]);
        assert_eq!(
            of("h.io/x:1"),
            ["--phase", "h.io/x:1", "--pull=Always", "--plain-http", "--ca-file", "ca.pem", "--allow-wasi"]
        );
        assert!(PhaseConfig::embedded(&Nothing).unwrap().flags().is_empty());
    }

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
            // It exists, in the folder in which tests run.
            ("src", None),
            ("src/lib.rs", None),
            ("no-such-file", None),
            ("folder/no-such-file", None),
            // Both.
            ("h.io/x:a.wasm", None),
            ("h.io/x.wasm:1.wasm", None),
            ("localhost/x:1.wasm", None),
        ] {
            let found = source(text).ok().map(|source| match source {
                Source::Embedded => "embedded",
                Source::File(_) => "file",
                Source::Artifact(_) => "artifact",
            });
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_file_never_takes_the_place_of_an_artifact() {
        let folder = tempfile::tempdir().unwrap();
        let digest = format!("sha256:{}", "1".repeat(64));
        // References are relative paths: only an absolute path can be told apart from the folder that tests run in.
        for name in ["h.io/x:1", &format!("h.io/team/x@{digest}"), "localhost/x:1", "[::1]/x:1"] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::create_dir(&path).unwrap();
            assert!(matches!(source(path.to_str().unwrap()), Ok(Source::File(_))), "{name}");
            assert!(matches!(source(name), Ok(Source::Artifact(_))), "{name}");
        }
    }
}
