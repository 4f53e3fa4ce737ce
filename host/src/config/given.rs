//! What a command is given beside its own flags.

use super::env::Env;
use crate::cli::kube_flags::KubeFlags;
use std::io::Read;

/// The process of a command, and the flags that all commands have.
pub struct Given<'a> {
    /// The environment.
    pub env: &'a dyn Env,
    /// Standard input, for a configuration file.
    pub stdin: &'a mut dyn Read,
    /// kubectl's flags.
    pub kube: &'a KubeFlags,
    /// The flags by which phase and cluster were chosen, as words.
    pub words: Vec<String>,
}
