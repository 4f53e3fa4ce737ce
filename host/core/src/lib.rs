//! The decisions of a phase host, without side effects.
//!
//! Nothing in this crate uses a clock, randomness, the environment, files, the network, a terminal, wasmtime or kube: it cannot
//! fail for reasons outside its arguments, and its tests build in seconds.
//!
//! Reading order, which follows a plan through the program: [`name`] and [`object`] (what exists), [`permission`],
//! [`description`] and [`grant`] (what a phase requests and what it gets), [`selector`] and [`snapshot`] (what was read),
//! [`secret`] (what stays hidden), [`operation`] and [`plan`] (what is proposed), [`policy`] (what is allowed), [`mod@write`]
//! and [`request`] (what is sent), [`rbac`] (the rights it needs), [`change`] and [`manifest`] (the effect on each object),
//! [`report`] and [`outcome`] (the results), [`saved`] (the files); and [`bootstrap_token`], [`listing`] and [`jsonpath`] (the
//! output of `list`). [`join`], [`audit`] and [`trust`] are separate: whether a node would join, what a phase found, and which phases may
//! run. [`document`] lists the kinds of documents. [`mod@reference`], [`source`] and [`claim`] describe where a phase comes from,
//! [`header`] reads headers of server answers, [`unique`] parses JSON, and [`inventory`] says which clusters there are.

pub mod address;
pub mod audit;
pub mod bootstrap_token;
pub mod change;
pub mod claim;
pub mod connection;
pub mod description;
pub mod digest;
pub mod document;
pub mod finding;
pub mod format;
pub mod grant;
pub mod header;
pub mod inventory;
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
pub mod request;
pub mod saved;
pub mod secret;
pub mod selector;
pub mod shell;
pub mod snapshot;
pub mod source;
pub mod structure;
pub mod trust;
pub mod unique;
pub mod write;
