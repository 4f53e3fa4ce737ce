//! From what was typed to what is meant. The only home of defaults that are not on the command line.

pub mod duration;
pub mod env;
pub mod file;
pub mod kubeadm;
pub mod limits;
pub mod rbac;

use crate::cli::args::{ApplyArgs, DryRunArg, FormatArg, PlanArgs, QuestionArgs};
use crate::cli::kube_flags::KubeFlags;
use crate::cli::phase_flags::{BoundFlags, PhaseFlags};
use env::Env;
use kubephase_core::connection::{Connection, Environment, KubeconfigSource, TlsVerification};
use kubephase_core::grant::{Allowance, Extras, Grant};
use kubephase_core::limits::Limits;
use kubephase_core::question::Question;
use kubephase_core::secret::Secrets;
use kubephase_core::source::Source;
use serde_json::{Map, Value, json};
use std::io::Read;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// Which phase, and what it may do and use.
pub struct PhaseConfig {
    /// Where it is.
    pub source: Source,
    /// What the operator allows it, file by file; none if no file was given.
    pub grants: Vec<(PathBuf, Grant)>,
    /// `--allow-wasi` and `--allow-nested`.
    pub extras: Extras,
    /// What it may use.
    pub limits: Limits,
    /// Where compiled phases are kept, if anywhere.
    pub code_cache: Option<PathBuf>,
    /// Where grants are kept that were given for always, if anywhere.
    pub kept_grants: Option<PathBuf>,
}

/// A run of a phase's task.
pub struct Run {
    /// What is asked, with secrets already hidden.
    pub question: Question,
    /// The hidden values.
    pub secrets: Secrets,
    /// Where objects are.
    pub against: Against,
    /// How to reach the API server.
    pub connection: Connection,
    /// How far to go.
    pub stage: Stage,
    /// Whether tokens are printed.
    pub token_print: TokenPrint,
    /// How to print.
    pub format: FormatArg,
    /// The phase that is asked.
    pub phase: PhaseConfig,
}

/// Where objects are read and written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Against {
    /// The API server.
    Live,
    /// A folder of manifests.
    Folder(PathBuf),
    /// Nothing is there.
    Empty,
}

/// How far a run goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Show the plan; what it means if something would change.
    Plan(Differences),
    /// `--dry-run=client`: as if it were carried out, without asking the server.
    Foresee,
    /// `--dry-run=server`: have all writes tried.
    Verify,
    /// Carry them out.
    Execute,
}

/// What differences mean for the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Differences {
    /// Nothing.
    Fine,
    /// The answer is no.
    Fail,
}

/// Whether lines with tokens are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenPrint {
    /// They are.
    Show,
    /// They are not.
    Skip,
}

/// Something that was typed and makes no sense, or cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A flag's value.
    #[error("invalid value `{value}` for {flag}: {rule}")]
    Flag {
        /// The flag.
        flag: &'static str,
        /// What was given.
        value: String,
        /// What is taken.
        rule: &'static str,
    },
    /// A limit.
    #[error("invalid limit `{name}={value}`: {rule}")]
    Limit {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
        /// What is taken.
        rule: String,
    },
    /// A file of the operator's.
    #[error("the file `{}` makes no sense: {problem}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A bootstrap token where kubectl has its bearer token. The value is not repeated.
    #[error("the value of --token looks like a bootstrap token, but --token is kubectl's, for the login")]
    BootstrapTokenAsBearer,
    /// The configuration file.
    #[error("unable to read config from `{}`", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The configuration file is not YAML.
    #[error("the configuration file `{}` is not valid YAML", .path.display())]
    Yaml {
        /// The file.
        path: PathBuf,
        /// Why.
        source: crate::yaml::YamlError,
    },
    /// The configuration file is too big.
    #[error("the configuration file `{}` is larger than {limit} bytes", .path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit, bytes.
        limit: u64,
    },
}

impl Run {
    /// What `apply` means.
    ///
    /// # Errors
    /// [`ConfigError`] for a flag or a file that makes no sense.
    pub fn apply(args: ApplyArgs, kube: KubeFlags, env: &dyn Env, stdin: &mut dyn Read) -> Result<Self, ConfigError> {
        let stage = match args.dry_run {
            DryRunArg::None => Stage::Execute,
            DryRunArg::Client => Stage::Foresee,
            DryRunArg::Server => Stage::Verify,
        };
        Self::resolve(args.question, kube, stage, args.output, env, stdin)
    }

    /// What `plan` means.
    ///
    /// # Errors
    /// As [`Run::apply`].
    pub fn plan(args: PlanArgs, kube: KubeFlags, env: &dyn Env, stdin: &mut dyn Read) -> Result<Self, ConfigError> {
        let stage = Stage::Plan(if args.exit_code { Differences::Fail } else { Differences::Fine });
        Self::resolve(args.question, kube, stage, args.output, env, stdin)
    }

    fn resolve(
        args: QuestionArgs,
        kube: KubeFlags,
        stage: Stage,
        format: FormatArg,
        env: &dyn Env,
        stdin: &mut dyn Read,
    ) -> Result<Self, ConfigError> {
        let phase = PhaseConfig::of_flags(&args.phase, env)?;
        let mut secrets = Secrets::default();
        let mut parameters = Map::new();
        if let Some(token) = args.positional_token.or(args.bootstrap_token).map(Zeroizing::new) {
            parameters.insert("token".to_owned(), kubeadm::hide_token(&token, &mut secrets));
        }
        if let Some(endpoint) = args.control_plane_endpoint {
            parameters.insert("controlPlaneEndpoint".to_owned(), json!(endpoint));
        }
        let documents = match args.filename {
            Some(path) => kubeadm::read_documents(&path, &mut secrets, stdin)?,
            None => Vec::new(),
        };
        let question =
            Question { task: "apply".to_owned(), parameters: Value::Object(parameters), documents, now: now(args.now)? };
        Ok(Self {
            question,
            secrets,
            against: against(&args.against)?,
            connection: connection(kube, env)?,
            stage,
            token_print: if args.skip_token_print { TokenPrint::Skip } else { TokenPrint::Show },
            format,
            phase,
        })
    }
}

impl PhaseConfig {
    /// What the flags of a run mean.
    ///
    /// # Errors
    /// [`ConfigError`] for a limit or a grant that makes no sense.
    pub fn of_flags(flags: &PhaseFlags, env: &dyn Env) -> Result<Self, ConfigError> {
        let grants = flags.grant.iter().map(|path| Ok((path.clone(), file::read_grant(path)?)));
        let grants = grants.collect::<Result<Vec<_>, ConfigError>>()?;
        Ok(Self { grants, ..Self::of(&flags.phase, &flags.bounds, env)? })
    }

    /// The phase in this plugin, which needs nothing that an operator could say.
    ///
    /// # Errors
    /// [`ConfigError`] if the operator's file makes no sense.
    pub fn embedded(env: &dyn Env) -> Result<Self, ConfigError> {
        Self::of("embedded", &BoundFlags { allow_wasi: false, allow_nested: false, limit: Vec::new() }, env)
    }

    /// A phase of which nothing is asked but who it is.
    ///
    /// # Errors
    /// [`ConfigError`] for a limit that makes no sense.
    pub fn of(phase: &str, bounds: &BoundFlags, env: &dyn Env) -> Result<Self, ConfigError> {
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
            source: if phase == "embedded" { Source::Embedded } else { Source::File(PathBuf::from(phase)) },
            grants: Vec::new(),
            extras: Extras { wasi: allowance(bounds.allow_wasi), nested: allowance(bounds.allow_nested) },
            limits,
            code_cache: env::cache_folder(env).map(|folder| folder.join("code")),
            kept_grants: env::config_folder(env).map(|folder| folder.join("grants")),
        })
    }
}

const fn allowance(is_allowed: bool) -> Allowance {
    if is_allowed { Allowance::Allowed } else { Allowance::Refused }
}

fn against(text: &str) -> Result<Against, ConfigError> {
    match text.split_once(':') {
        None if text == "live" => Ok(Against::Live),
        None if text == "empty" => Ok(Against::Empty),
        Some(("dir", path)) if !path.is_empty() => Ok(Against::Folder(PathBuf::from(path))),
        _ => Err(ConfigError::Flag { flag: "--against", value: text.to_owned(), rule: "must be `live`, `dir:PATH` or `empty`" }),
    }
}

/// The time that was given, or the clock's; whole seconds.
#[expect(clippy::disallowed_methods, reason = "the one place that looks at the clock; everybody else is told")]
fn now(given: Option<String>) -> Result<String, ConfigError> {
    let time = match given {
        None => jiff::Timestamp::now(),
        Some(value) => match value.parse::<jiff::Timestamp>() {
            Ok(time) => time,
            Err(_) => return Err(ConfigError::Flag { flag: "--now", value, rule: "must be like `2030-01-02T15:04:05Z`" }),
        },
    };
    Ok(jiff::Timestamp::from_second(time.as_second()).unwrap_or(time).to_string())
}

fn connection(kube: KubeFlags, env: &dyn Env) -> Result<Connection, ConfigError> {
    if kube.token.as_ref().is_some_and(|token| kubeadm::split_token(token).is_some()) {
        return Err(ConfigError::BootstrapTokenAsBearer);
    }
    let request_timeout = duration::parse_timeout(&kube.request_timeout).ok_or_else(|| ConfigError::Flag {
        flag: "--request-timeout",
        value: kube.request_timeout.clone(),
        rule: "must be a number of seconds or a duration like `1s`, `2m` or `3h`",
    })?;
    let kubeconfig = match kube.kubeconfig {
        Some(path) => KubeconfigSource::File(path),
        None => KubeconfigSource::Files(env::kubeconfig_files(env)),
    };
    Ok(Connection {
        kubeconfig,
        context: kube.context,
        cluster: kube.cluster,
        user: kube.user,
        server: kube.server,
        tls_server_name: kube.tls_server_name,
        certificate_authority: kube.certificate_authority,
        tls_verification: if kube.insecure_skip_tls_verify { TlsVerification::Skip } else { TlsVerification::AsConfigured },
        client_certificate: kube.client_certificate,
        client_key: kube.client_key,
        token: kube.token.map(Zeroizing::new),
        impersonate: kube.impersonate,
        impersonate_groups: kube.impersonate_group,
        request_timeout,
        environment: Environment {
            https_proxy: env.first(&["HTTPS_PROXY", "https_proxy"]),
            no_proxy: env.first(&["NO_PROXY", "no_proxy"]),
            service_host: env.first(&["KUBERNETES_SERVICE_HOST"]),
        },
    })
}
