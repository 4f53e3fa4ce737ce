//! Plans in files.
use crate::harness::Cluster;
pub(crate) fn trials(_: &std::sync::Arc<Cluster>) -> Vec<libtest_mimic::Trial> {
    Vec::new()
}
