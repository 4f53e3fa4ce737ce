//! Where what a new node is given is handed out.

use kubephase_core::name::NamespacedName;
use std::path::PathBuf;

/// A place for what a new node is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HandoutPlace {
    /// A file of this machine.
    File(PathBuf),
    /// A Secret of the cluster.
    Secret(NamespacedName),
}

pub(super) fn place(text: &str) -> Result<HandoutPlace, String> {
    let secret = || NamespacedName::parse(text.strip_prefix("secret/")?).map(HandoutPlace::Secret);
    let file = || Some(HandoutPlace::File(text.strip_prefix("file:").filter(|path| !["", "-"].contains(path))?.into()));
    secret().or_else(file).ok_or_else(|| "must be file:PATH or secret/NAMESPACE/NAME".to_owned())
}
