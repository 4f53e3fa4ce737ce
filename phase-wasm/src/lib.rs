//! The official phase: describes what `kubeadm init phase bootstrap-token` does, without doing it.
//!
//! Reading order: [`describe`] (who it is), [`task`] (what it can do: a file for each task, with its parameters and permissions),
//! [`input`] (what the user wants), [`audit`] (the rules, and the fixes for what they find). The objects are in [`token`],
//! [`rbac`] and [`cluster_info`]. All of it is plain Rust that runs natively in tests; only [`abi`] knows that there is a
//! sandbox.
//!
//! `no_std`, because on `wasm32-wasip2` the standard library would import thirteen WASI interfaces, which a host refuses to
//! supply.
#![no_std]

extern crate alloc;

pub mod abi;
pub mod audit;
pub mod cluster_info;
pub mod describe;
pub mod desired;
pub mod duration;
pub mod endpoint;
pub mod handle;
pub mod input;
pub mod join;
pub mod kind;
pub mod observed;
mod permission;
pub mod rbac;
pub mod task;
pub mod token;
pub mod version;
pub mod yaml;

#[cfg(target_arch = "wasm32")]
mod guest;
