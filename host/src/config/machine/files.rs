//! The files that a join names, of this machine or of the one that joins.

use super::super::error::CheckError;
use super::super::file;
use std::path::Path;
use zeroize::Zeroizing;

/// The files that `kubeadm join` is told to read.
pub(in crate::config) trait Files {
    /// The file of a flag.
    fn read(&self, flag: &'static str, path: &str) -> Result<Zeroizing<String>, CheckError>;
}

/// The files of this machine: a pasted line may be from it.
pub(in crate::config) struct Here;

impl Files for Here {
    fn read(&self, flag: &'static str, path: &str) -> Result<Zeroizing<String>, CheckError> {
        let failed = |_| CheckError::File(flag);
        file::read_text(Path::new(path)).map(Zeroizing::new).map_err(failed)
    }
}
