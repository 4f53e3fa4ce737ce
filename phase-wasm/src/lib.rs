//! The official phase: what `kubeadm init phase bootstrap-token` does, described instead of done.
//!
//! Reading order: [`describe`] (what it asks for), [`task`] (who answers), [`input`] (what the user wants), [`apply`], [`create`]
//! and [`delete`] (what must be known, and what should be done), [`audit`] (what is wrong, and what cures it). The objects themselves are in [`token`], [`rbac`] and
//! [`cluster_info`]. All of it is plain Rust that runs natively in tests; [`abi`] alone knows that there is a sandbox.
//!
//! `no_std` and without imports: on `wasm32-wasip2` the standard library would import thirteen WASI interfaces that a host
//! refuses to supply.
#![no_std]

extern crate alloc;

pub mod abi;
pub mod apply;
pub mod audit;
pub mod cluster_info;
pub mod create;
pub mod delete;
pub mod describe;
pub mod desired;
pub mod duration;
pub mod endpoint;
pub mod handle;
pub mod input;
pub mod join;
pub mod kind;
pub mod observed;
pub mod rbac;
pub mod task;
pub mod token;
pub mod version;
pub mod yaml;

#[cfg(target_arch = "wasm32")]
mod guest;
