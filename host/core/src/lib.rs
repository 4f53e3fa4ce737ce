//! What a phase host decides, without doing any of it.
//!
//! Nothing in this crate knows a clock, randomness, the environment, files, the network, a terminal, wasmtime or kube: it cannot
//! fail for reasons outside its arguments, and its tests build in seconds.
//!
//! Reading order, which is also the way of a plan: [`name`] and [`object`] (what there is), [`permission`], [`description`] and
//! [`grant`] (what a phase asks for, and what it gets), [`selector`] and [`snapshot`] (what was read), [`secret`] (what stays
//! hidden), [`operation`] and [`plan`] (what is proposed), [`policy`] (what is allowed), [`mod@write`] (what is sent), [`rbac`] (which rights that needs),
//! [`change`] and [`manifest`] (what becomes of each object), [`report`] and [`outcome`] (what happened),
//! [`saved`] (what is kept of it in files); and [`bootstrap_token`], [`listing`] and [`jsonpath`] (what `list` shows).
//! [`join`], [`audit`] and [`trust`] stand beside that way: whether a node would join, what a phase found, and whose phases are run.
//! [`mod@reference`], [`source`] and [`claim`] are about where a phase comes from, [`header`] about what servers say on the way;
//! [`unique`] reads JSON.

pub mod address;
pub mod audit;
pub mod bootstrap_token;
pub mod change;
pub mod claim;
pub mod connection;
pub mod description;
pub mod digest;
pub mod finding;
pub mod format;
pub mod grant;
pub mod header;
pub mod join;
pub mod jsonpath;
pub mod limits;
pub mod listing;
pub mod log;
pub mod manifest;
pub mod name;
pub mod object;
pub mod operation;
pub mod outcome;
pub mod output;
pub mod ownership;
pub mod permission;
pub mod phase_difference;
pub mod plan;
pub mod policy;
pub mod progress;
pub mod question;
pub mod rbac;
pub mod reference;
pub mod report;
pub mod saved;
pub mod secret;
pub mod selector;
pub mod snapshot;
pub mod source;
pub mod structure;
pub mod trust;
pub mod unique;
pub mod write;
