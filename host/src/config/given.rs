//! The inputs of a command besides its own flags.

use super::env::Env;
use crate::cli::kube_flags::KubeFlags;
use kubephase_core::join::CureFlags;
use std::io::Read;

/// The environment of the process, and the flags that all commands share.
pub struct Given<'a> {
    /// The environment.
    pub env: &'a dyn Env,
    /// Standard input, for a configuration file.
    pub stdin: &'a mut dyn Read,
    /// The kubectl flags.
    pub kube: &'a KubeFlags,
    /// The flags that selected phase and cluster, as words.
    pub words: Vec<String>,
    /// Those that selected the cluster, for the commands of a cure.
    pub cure_flags: CureFlags,
}
