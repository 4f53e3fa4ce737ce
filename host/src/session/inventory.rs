//! The clusters of a command for several: from the kubeconfig, a list, or an inventory on a hub, which the host reads itself.

use super::own::{OwnRead, read_each};
use crate::cluster::Sink;
use crate::cluster::live::Contexts;
use crate::config::Against;
use crate::config::fleet::{Fleet, Listed, ListedFile, of_file};
use crate::errors::Error;
use crate::render::terminal::Printer;
use crate::yaml;
use kubephase_core::connection::{Connection, KubeconfigSource};
use kubephase_core::digest::Digest;
use kubephase_core::inventory::secrets::{KubeconfigSecret, of_argo_cd};
use kubephase_core::inventory::source::profiles;
use kubephase_core::inventory::{ChosenClusters, Inventory, Member, Providers, Reach, Refusal, distinct};
use kubephase_core::name::Namespace;
use kubephase_core::object::{ApiResource, Object};
use kubephase_core::permission::{Access, AccessSort, Pattern, Permission, PermissionScope, Permissions};
use kubephase_core::selector::{ListRef, Selector};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::path::{Path, PathBuf};

/// What a file's name may have of a cluster's, on every system.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.');
/// How much of the name of a cluster is in the name of its file, bytes: the longest name of a file is 255.
const MOST_NAME: usize = 160;

/// A cluster to visit.
pub(crate) struct Visit {
    /// What people call it.
    pub(crate) name: String,
    /// What it is where it is listed.
    pub(crate) identity: String,
    /// The same without what is different on other machines, for the choice of a slice.
    pub(crate) key: String,
    /// How to reach it, or why nothing is sent to it.
    pub(crate) connection: Result<Box<Connection>, Refusal>,
}

impl Visit {
    /// How the cluster is reached, as far as that is no secret.
    pub(crate) fn reached(&self) -> String {
        let Ok(connection) = &self.connection else { return String::new() };
        let Connection { kubeconfig, context, user, server, impersonate, impersonate_groups, .. } = &**connection;
        let files = files_of(kubeconfig);
        format!("{files} {context:?} {user:?} {server:?} {impersonate:?} {impersonate_groups:?}")
    }
}

/// The files of a kubeconfig, however they were spelled; of a cluster of an inventory the digest of what it says.
fn files_of(kubeconfig: &KubeconfigSource) -> String {
    match kubeconfig {
        KubeconfigSource::File(path) => absolute(path).display().to_string(),
        KubeconfigSource::Files(paths) => {
            paths.iter().map(|path| absolute(path).display().to_string()).collect::<Vec<_>>().join(":")
        }
        KubeconfigSource::Member { text, .. } => Digest::of(text.as_bytes()).to_string(),
    }
}

/// How the names of the files of a cluster begin: its name as far as a file may have it, and what tells it from every other.
pub(crate) fn file_stem(identity: &str) -> String {
    let name: Vec<String> = identity.split('/').map(|part| utf8_percent_encode(part, PLAIN).to_string()).collect();
    // A file that begins with a dot is hidden from whoever collects reports.
    let mut name = name.join("_").replacen('.', "%2E", usize::from(identity.starts_with('.')));
    name.truncate(MOST_NAME);
    format!("{name}-{}", short(identity))
}

/// What tells a text from others in the name of a file.
pub(crate) fn short(text: &str) -> String {
    Digest::of(text.as_bytes()).hex().chars().take(32).collect()
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The clusters, each once, in the order of where they are listed.
///
/// # Errors
/// [`Error`] if the list cannot be read, and if there is no cluster in it.
pub(crate) fn visits(fleet: &Fleet, own: &Connection, most_bytes: u64, printer: &Printer<'_>) -> Result<Vec<Visit>, Error> {
    // Two kubeconfigs may have a context of the same name.
    let kubeconfig = files_of(&own.kubeconfig);
    let of_context = |name: &String| {
        let connection = Connection { context: Some(name.clone()), ..own.clone() };
        Visit {
            name: name.clone(),
            identity: format!("context/{name}/{kubeconfig}"),
            key: name.clone(),
            connection: Ok(Box::new(connection)),
        }
    };
    let visits: Vec<Visit> = match &fleet.listed {
        Listed::Contexts(names) => names.iter().map(of_context).collect(),
        Listed::AllContexts => {
            Contexts::read(own).map_err(|error| Error::Cluster(vec![error]))?.all.iter().map(of_context).collect()
        }
        Listed::Files(files) => {
            let visit = |file: &ListedFile| {
                let context = file.context.as_deref().map(|context| format!(" {context}")).unwrap_or_default();
                let identity = format!("file/{}/{}", context.trim_start(), absolute(&file.path).display());
                let (name, key) = (format!("{}{context}", file.path.display()), format!("{}{context}", file.written));
                Visit { identity, key, name, connection: Ok(Box::new(of_file(file, own))) }
            };
            let mut listed: Vec<&ListedFile> = Vec::new();
            for one in files {
                if listed.contains(&one) {
                    printer.message(&format!("warning: `{}` is listed twice, and counts once", one.path.display()))?;
                } else {
                    listed.push(one);
                }
            }
            listed.into_iter().map(visit).collect()
        }
        Listed::Hub { inventory, labels, providers } => {
            let hub = Hub { own, most_bytes, printer };
            hub.members(inventory, labels, providers)?.into_iter().map(|member| visit(member, own)).collect()
        }
    };
    let names = distinct(visits.iter().map(|visit| (visit.name.as_str(), visit.identity.as_str())));
    let visits: Vec<Visit> = visits.into_iter().zip(names).map(|(visit, name)| Visit { name, ..visit }).collect();
    if visits.is_empty() {
        return Err(Error::NoClusters(fleet.source.clone()));
    }
    Ok(visits.into_iter().filter(|visit| fleet.shard.is_none_or(|shard| shard.has(&visit.key))).collect())
}

fn visit(member: Member, own: &Connection) -> Visit {
    let Member { name, identity, access } = member;
    let connection = access.map(|reach| match reach {
        Reach::Hub => Box::new(own.clone()),
        Reach::Entry(access) => Box::new(own.clone().of_member(&access, format!("inventory entry {name}"))),
    });
    Visit { name, key: identity.clone(), identity, connection }
}

/// The cluster with the inventory: the one that the connection flags choose.
struct Hub<'a, 'b> {
    own: &'a Connection,
    most_bytes: u64,
    printer: &'a Printer<'b>,
}

impl Hub<'_, '_> {
    fn members(&self, inventory: &Inventory, labels: &str, providers: &Providers) -> Result<Vec<Member>, Error> {
        let list = inventory.list(labels);
        match inventory {
            Inventory::ClusterProfiles(_) => self.each(list, |profile| Some(providers.member(profile))),
            Inventory::Placement(_, name) => self.chosen(&ChosenClusters::named(name, &self.read(list)?), labels, providers),
            Inventory::ClusterApi(_) => {
                let parse = |text: &str| yaml::parse_without_repetition(text).ok();
                self.each(list, |secret| KubeconfigSecret::of(secret, parse)).map(KubeconfigSecret::members)
            }
            Inventory::ArgoCd(_) => self.each(list, |secret| Some(of_argo_cd(secret))),
        }
    }

    /// The clusters that a placement chose.
    fn chosen(&self, placement: &ChosenClusters, labels: &str, providers: &Providers) -> Result<Vec<Member>, Error> {
        let mut chosen = Vec::new();
        for namespace in placement.namespaces() {
            let namespace = Namespace::parse(&namespace).ok();
            chosen.extend(self.read(ListRef { of: profiles(), namespace, labels: labels.to_owned(), fields: String::new() })?);
        }
        let members = placement.members(&chosen, providers);
        // Without a selector a missing profile could not be audited; with one it may be one that was not asked for.
        let is_missing = |member: &Member| member.access == Err(Refusal::NoProfile);
        let missing = members.iter().filter(|member| is_missing(member)).count();
        if !labels.is_empty() && missing > 0 {
            let what = format!("{missing} clusters of the decision have no ClusterProfile with these labels, and are left out");
            self.printer.message(&what)?;
        }
        Ok(members.into_iter().filter(|member| labels.is_empty() || !is_missing(member)).collect())
    }

    fn read(&self, list: ListRef) -> Result<Vec<Object>, Error> {
        self.each(list, |object| Some(object.clone()))
    }

    /// What is made of each object, which is gone before there is the next one: a thousand of them are large.
    fn each<T: Send>(&self, list: ListRef, make: impl Fn(&Object) -> Option<T> + Send) -> Result<Vec<T>, Error> {
        let (permissions, mut made) = (all_of(&list.of), Made { make, all: Vec::new() });
        let most_bytes = self.most_bytes;
        let selector = Selector::Many(list);
        let asked = OwnRead { what: "--clusters", permissions: &permissions, selector, most_bytes, turns: None };
        read_each(self.own, &Against::Live, asked, &mut made, self.printer)?;
        Ok(made.all)
    }
}

/// Keeps what is made of each object.
struct Made<T, F> {
    make: F,
    all: Vec<T>,
}

impl<T: Send, F: Fn(&Object) -> Option<T> + Send> Sink for Made<T, F> {
    fn begin(&mut self) {
        self.all.clear();
    }

    fn take(&mut self, object: Object) {
        self.all.extend((self.make)(&object));
    }
}

/// The host's own permission to read all objects of a kind: the operator asked for them, and no phase sees them.
fn all_of(kind: &ApiResource) -> Permissions {
    let names = Pattern::parse_name("*", AccessSort::Open).into_iter().collect();
    let place = PermissionScope::Everywhere;
    Permissions(vec![Permission {
        access: vec![Access::Read],
        of: kind.clone(),
        place,
        names,
        reveal: Vec::new(),
        reason: String::new(),
    }])
}

#[cfg(test)]
mod judged;
