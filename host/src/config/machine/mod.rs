//! What a machine is started with: a line with `kubeadm join`, a `JoinConfiguration`, or user data for cloud-init or Ignition that has one
//! of these in it.

mod files;
mod given;
mod join_configuration;
mod line;
mod shell;
mod user_data;

pub(super) use files::Here;
pub use given::of_user_data;
pub use join_configuration::read_one as of_configuration;
pub use line::{Parsed, parse_line};
pub(super) use line::{parse_text, parse_words};
