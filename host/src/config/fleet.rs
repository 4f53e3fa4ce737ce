//! Which clusters a command is for.

use super::env::{self, Env};
use super::error::ConfigError;
use super::file;
use super::given::Given;
use crate::cli::audit_flags::AuditArgs;
use crate::cli::fleet_flags::{FleetFlags, ShardArg};
use crate::cli::question_flags::SettingFlags;
use kubephase_core::address::Address;
use kubephase_core::connection::{Connection, KubeconfigSource};
use kubephase_core::inventory::{ClusterSource, Inventory, Providers, Shard};
use std::path::{Path, PathBuf};

/// The clusters of a command.
#[derive(Debug, Clone)]
pub enum Whom {
    /// The current cluster, like for every other command.
    One,
    /// Several.
    Several(Fleet),
}

/// Several clusters.
#[derive(Debug, Clone)]
pub struct Fleet {
    /// Where they are listed, as the command line says it.
    pub source: String,
    /// Where they are listed.
    pub listed: Listed,
    /// Which of them; `None` for all.
    pub shard: Option<Shard>,
}

/// Where clusters are listed.
#[derive(Debug, Clone)]
pub enum Listed {
    /// These contexts of the kubeconfig.
    Contexts(Vec<String>),
    /// All contexts of the kubeconfig.
    AllContexts,
    /// These kubeconfigs.
    Files(Vec<ListedFile>),
    /// An inventory on a hub.
    Hub {
        /// Which.
        inventory: Inventory,
        /// Only those with these labels.
        labels: String,
        /// The plugins for ClusterProfiles.
        providers: Providers,
    },
}

/// A kubeconfig in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedFile {
    /// Its path as the list has it.
    pub written: String,
    /// Where it is.
    pub path: PathBuf,
    /// The context; `None` for its current one.
    pub context: Option<String>,
}

/// Contexts that `audit` takes without an inventory.
#[derive(Debug, Default)]
pub(super) enum Named {
    /// None.
    #[default]
    None,
    /// These.
    Contexts(Vec<String>),
    /// All of the kubeconfig.
    All,
}

impl Named {
    /// The contexts that the flags of `audit` name, each once.
    pub(super) fn of(args: &AuditArgs) -> Self {
        let mut names: Vec<String> = Vec::new();
        for name in args.contexts.iter().filter(|name| !name.is_empty()) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        match (args.all_contexts, args.contexts.is_empty()) {
            (true, _) => Self::All,
            (false, true) => Self::None,
            (false, false) => Self::Contexts(names),
        }
    }
}

impl Whom {
    /// The clusters that the flags choose; refuses connection flags that contradict the choice.
    ///
    /// # Errors
    /// [`ConfigError`] for flags that contradict each other, and for files that cannot be read.
    pub(super) fn of(flags: &FleetFlags, named: &Named, given: &Given<'_>) -> Result<Self, ConfigError> {
        let alone = [
            (
                "--selector",
                Some(flags.selector.clone()).filter(|selector| !selector.is_empty()),
                "selects clusters of an inventory, not tokens: choose an inventory with --clusters",
            ),
            (
                "--clusterprofile-provider-file",
                flags.clusterprofile_provider_file.as_ref().map(|path| path.display().to_string()),
                "works only with an inventory: choose one with --clusters",
            ),
        ];
        let first = alone.into_iter().find_map(|(flag, value, rule)| Some(ConfigError::Flag { flag, value: value?, rule }));
        if let (None, Some(error)) = (&flags.clusters, first) {
            return Err(error);
        }
        let listed = match (&flags.clusters, named) {
            (None, Named::None) => {
                let rule = "one cluster has no slices; choose several with --clusters or --all-contexts";
                let odd = |shard: ShardArg| Err(ConfigError::Flag { flag: "--shard", value: shard.to_string(), rule });
                return flags.shard.map_or(Ok(Self::One), odd);
            }
            (Some(source), _) => listed(source, flags.selector.clone(), flags.clusterprofile_provider_file.as_deref())?,
            (None, Named::All) => Listed::AllContexts,
            (None, Named::Contexts(names)) => Listed::Contexts(names.clone()),
        };
        // Each of these flags would send all contexts to one cluster. Those of a hub say where the hub is.
        let kube = given.kube;
        let server = kube.server.as_deref().map(|server| Address::of(server).to_string());
        let one = [("--context", &kube.context), ("--cluster", &kube.cluster), ("--server", &server)];
        let contradicts = one.into_iter().find_map(|(flag, value)| Some((flag, value.clone()?)));
        match contradicts.filter(|_| !matches!(listed, Listed::Hub { .. })) {
            Some((flag, value)) => {
                Err(ConfigError::Flag { flag, value, rule: "cannot be combined with several clusters: it names one" })
            }
            None => Ok(Self::Several(Fleet {
                source: source_of(flags, named),
                listed,
                shard: flags.shard.map(|shard| shard_of(shard, given.env)).transpose()?,
            })),
        }
    }

    /// The same for a command that takes no contexts; refuses what such a command does only to one cluster.
    ///
    /// # Errors
    /// Like [`Whom::of`].
    pub(super) fn of_setting(flags: &FleetFlags, setting: &SettingFlags, given: &Given<'_>) -> Result<Self, ConfigError> {
        let whom = Self::of(flags, &Named::None, given)?;
        whom.alone("--against", Some(&setting.against).filter(|against| *against != "live"))?;
        whom.alone("--record", setting.record.as_ref().map(|path| path.display()))?;
        whom.alone("--replay", setting.replay.as_ref().map(|path| path.display()))?;
        Ok(whom)
    }

    /// Refuses a flag that works with one cluster only.
    ///
    /// # Errors
    /// [`ConfigError::Flag`] with its value.
    pub(super) fn alone(&self, flag: &'static str, value: Option<impl ToString>) -> Result<(), ConfigError> {
        match (self, value) {
            (Self::Several(_), Some(value)) => Err(ConfigError::Flag {
                flag,
                value: value.to_string(),
                rule: "works with one cluster only, not with --clusters",
            }),
            _ => Ok(()),
        }
    }
}

/// Where clusters are listed, in a few words that are the same for every slice.
fn source_of(flags: &FleetFlags, named: &Named) -> String {
    let labels = Some(&flags.selector).filter(|labels| !labels.is_empty()).map(|labels| format!(" -l {labels}"));
    let source = match (&flags.clusters, named) {
        (Some(source), _) => source.to_string(),
        (None, Named::Contexts(names)) => format!("contexts {}", names.join(",")),
        (None, Named::All | Named::None) => ClusterSource::Contexts.to_string(),
    };
    source + &labels.unwrap_or_default()
}

/// What `--shard` means here.
fn shard_of(shard: ShardArg, env: &dyn Env) -> Result<Shard, ConfigError> {
    match shard {
        ShardArg::Fixed(shard) => Ok(shard),
        ShardArg::OfJob(count) => {
            let index = env::job_index(env).unwrap_or_default();
            let rule = "needs JOB_COMPLETION_INDEX below N, which the pods of an indexed Job have";
            Shard::of_job(&index, count).ok_or(ConfigError::Flag { flag: "--shard", value: shard.to_string(), rule })
        }
    }
}

/// Reads a list of kubeconfigs: a line for each, with a context behind the file if it is not the current one, quoted as in a shell if it
/// has blanks. Paths are relative to the folder of the list; `#` begins a comment.
///
/// # Errors
/// [`ConfigError`] if the file cannot be read, or a line is something else.
fn read_cluster_list(path: &Path) -> Result<Vec<ListedFile>, ConfigError> {
    let text = file::read_text(path)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let odd = |number: usize| ConfigError::File {
        path: path.to_owned(),
        problem: format!("line {}: must be KUBECONFIG or KUBECONFIG CONTEXT, with quotes around blanks", number + 1),
    };
    let mut listed = Vec::new();
    for (number, line) in text.lines().enumerate() {
        match shlex::split(line).ok_or_else(|| odd(number))?.as_slice() {
            [] => {}
            [_, _, _, ..] => return Err(odd(number)),
            [file, context @ ..] => {
                let context = context.first().cloned();
                listed.push(ListedFile { written: file.clone(), path: folder.join(file), context });
            }
        }
    }
    Ok(listed)
}

fn listed(source: &ClusterSource, labels: String, providers: Option<&Path>) -> Result<Listed, ConfigError> {
    let inventory = match source {
        ClusterSource::Hub(inventory) => inventory,
        _ if !labels.is_empty() => {
            let rule = "only the entries of an inventory on a hub have labels";
            return Err(ConfigError::Flag { flag: "--selector", value: labels, rule });
        }
        ClusterSource::Contexts if providers.is_none() => return Ok(Listed::AllContexts),
        ClusterSource::File(path) if providers.is_none() => return Ok(Listed::Files(read_cluster_list(path)?)),
        ClusterSource::Contexts | ClusterSource::File(_) => return Err(no_providers(providers)),
    };
    let providers = match (inventory.needs_providers(), providers) {
        (true, Some(path)) => file::read_providers(path)?,
        (true, None) => {
            let rule = "needs --clusterprofile-provider-file FILE, which says by what program to log in";
            return Err(ConfigError::Flag { flag: "--clusters", value: source.to_string(), rule });
        }
        (false, Some(_)) => return Err(no_providers(providers)),
        (false, None) => Providers::default(),
    };
    Ok(Listed::Hub { inventory: inventory.clone(), labels, providers })
}

/// Providers for clusters to which no plugin logs in.
fn no_providers(path: Option<&Path>) -> ConfigError {
    let value = path.map(|path| path.display().to_string()).unwrap_or_default();
    ConfigError::Flag { flag: "--clusterprofile-provider-file", value, rule: "works only with clusterprofiles and placement" }
}

/// The connection to a kubeconfig of a list, with the operator's own flags.
pub(crate) fn of_file(file: &ListedFile, connection: &Connection) -> Connection {
    let (kubeconfig, context) = (KubeconfigSource::File(file.path.clone()), file.context.clone());
    Connection { kubeconfig, context, ..connection.clone() }
}
