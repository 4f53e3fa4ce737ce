//! `list`: the bootstrap tokens of a cluster, read by the host itself without a phase.

use super::several;
use crate::cluster::Sink;
use crate::cluster::live::Concurrency;
use crate::config::fleet::{Fleet, Whom};
use crate::config::token::List;
use crate::config::{Against, ConfigError};
use crate::errors::Error;
use crate::render::terminal::Printer;
use crate::render::token_list::{self, ListedToken};
use crate::session::inventory::visits;
use crate::session::own::{OwnRead, read_each};
use jiff::Timestamp;
use kubephase_core::bootstrap_token::{BootstrapToken, BrokenToken, Halves, SECRET_PREFIX, all_tokens};
use kubephase_core::connection::Connection;
use kubephase_core::listing::{Expiry, ListFormat, Listing};
use kubephase_core::object::Object;
use kubephase_core::outcome::Outcome;
use kubephase_core::permission::{Access, Pattern, Permission, PermissionScope, Permissions};
use kubephase_core::selector::{ListRef, Selector};
use std::sync::Arc;

/// Lists the tokens. An invalid token Secret is reported on standard error and omitted, like in kubeadm.
///
/// # Errors
/// [`Error`] if the Secrets of a single cluster, or the list of several, cannot be read.
pub(super) fn list(list: &List, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let (mut tokens, mut outcome) = match &list.whom {
        Whom::One => (own(None, read(list, &list.connection, None, printer)?), Outcome::Done),
        Whom::Several(fleet) => several_clusters(list, fleet, printer)?,
    };
    let Listing { ids, expiry, .. } = &list.listing;
    let is_missing = |id: &&String| !tokens.iter().any(|listed| listed.token.token.id() == *id);
    let missing: Vec<&String> = ids.iter().filter(is_missing).collect();
    let is_meant = |token: &BootstrapToken| ids.is_empty() || ids.iter().any(|id| id == token.token.id());
    tokens.retain(|listed| is_meant(&listed.token) && (*expiry == Expiry::Any || listed.token.is_expired(list.now)));
    check(&tokens, &list.listing)?;
    if list.listing.shows_tokens() && list.listing.halves == Halves::Masked && !tokens.is_empty() {
        printer.message("the secret halves are not shown; --show-secrets shows them")?;
    }
    if tokens.is_empty() && missing.is_empty() && matches!(list.listing.format, ListFormat::Text | ListFormat::Wide) {
        printer.message("No resources found")?;
    }
    token_list::print(tokens, &list.listing, list.now, printer)?;
    for id in &missing {
        printer.message(&format!("error: bootstrap token \"{id}\" not found"))?;
        outcome = Outcome::Failed;
    }
    Ok(outcome)
}

/// The tokens of several clusters, in the order of these. The outcome is `Failed` if one of them could not be read.
fn several_clusters(list: &List, fleet: &Fleet, printer: &Printer<'_>) -> Result<(Vec<ListedToken>, Outcome), Error> {
    let visits = visits(fleet, &list.connection, list.most_bytes, printer)?;
    let turns = several::concurrency();
    let mut found: Vec<Option<Vec<ListedToken>>> = visits.iter().map(|_| None).collect();
    let visit = |_, connection: &Connection, printer: &Printer<'_>| read(list, connection, Some(&turns), printer);
    several::each(&visits, printer, visit, |number, visited| {
        if let (Some(place), Some(visit), Ok(tokens)) = (found.get_mut(number), visits.get(number), visited) {
            *place = Some(own(Some(&visit.name), tokens));
        }
        Ok(())
    })?;
    let outcome = if found.iter().all(Option::is_some) { Outcome::Done } else { Outcome::Failed };
    Ok((found.into_iter().flatten().flatten().collect(), outcome))
}

/// The tokens of a cluster.
fn read(
    list: &List,
    connection: &Connection,
    turns: Option<&Concurrency>,
    printer: &Printer<'_>,
) -> Result<Vec<BootstrapToken>, Error> {
    let Tokens { tokens, broken } = found("list", (connection, &list.against), (list.most_bytes, turns), printer)?;
    broken.iter().try_for_each(|broken| printer.message(&broken.to_string()))?;
    Ok(tokens)
}

fn found(
    what: &'static str,
    (connection, against): (&Connection, &Against),
    (most_bytes, turns): (u64, Option<&Concurrency>),
    printer: &Printer<'_>,
) -> Result<Tokens, Error> {
    let (permissions, list) = reads();
    let (mut found, selector) = (Tokens::default(), Selector::Many(list));
    let read = OwnRead { what, permissions: &permissions, selector, most_bytes, turns };
    read_each(connection, against, read, &mut found, printer)?;
    Ok(found)
}

/// Tokens with the name of their cluster, if there are several.
fn own(cluster: Option<&str>, tokens: Vec<BootstrapToken>) -> Vec<ListedToken> {
    let cluster: Option<Arc<str>> = cluster.map(Arc::from);
    tokens.into_iter().map(|token| ListedToken { cluster: cluster.clone(), token }).collect()
}

/// The ids of the tokens with which nodes are meant to join: those with both usages that have not expired.
///
/// # Errors
/// [`Error`] if the Secrets cannot be read.
pub(super) fn for_joining(
    connection: &Connection,
    most_bytes: u64,
    now: Timestamp,
    printer: &Printer<'_>,
) -> Result<Vec<String>, Error> {
    let Tokens { tokens, .. } = found("check", (connection, &Against::Live), (most_bytes, None), printer)?;
    let has_both = |token: &BootstrapToken| USAGES.iter().all(|usage| token.usages.iter().any(|has| has == usage));
    let joining = tokens.into_iter().filter(|token| has_both(token) && !token.is_expired(now));
    Ok(joining.map(|token| token.token.id().to_owned()).collect())
}

/// What a token needs for a node to join with it.
const USAGES: [&str; 2] = ["signing", "authentication"];

/// The tokens of a cluster, and the Secrets that are none.
#[derive(Default)]
struct Tokens {
    tokens: Vec<BootstrapToken>,
    broken: Vec<BrokenToken>,
}

impl Sink for Tokens {
    fn begin(&mut self) {
        *self = Self::default();
    }

    fn take(&mut self, secret: Object) {
        match BootstrapToken::of_secret(&secret) {
            Ok(token) => self.tokens.push(token),
            Err(broken) => self.broken.push(broken),
        }
    }
}

/// Refuses a field to sort by that no token has, as kubectl does, and a template that needs what is not shown.
fn check(tokens: &[ListedToken], listing: &Listing) -> Result<(), ConfigError> {
    if let Some(path) = listing.sort_by.as_ref().filter(|path| !tokens.iter().any(|token| token_list::has_field(token, path)))
        && !tokens.is_empty()
    {
        let rule = "no token has this field";
        return Err(ConfigError::Flag { flag: "--sort-by", value: path.to_string(), rule });
    }
    match &listing.format {
        ListFormat::JsonPath(template) if listing.halves == Halves::Masked && token_list::shows_tokens(tokens, template) => {
            Err(ConfigError::Masked)
        }
        _ => Ok(()),
    }
}

/// The list of all tokens, and the permission to read them.
fn reads() -> (Permissions, ListRef) {
    let list = all_tokens();
    let permission = Permission {
        access: vec![Access::Read],
        of: list.of.clone(),
        place: list.namespace.clone().map_or(PermissionScope::Cluster, PermissionScope::Namespace),
        names: Pattern::parse(&format!("{SECRET_PREFIX}*")).into_iter().collect(),
        reveal: Vec::new(),
        reason: String::new(),
    };
    (Permissions(vec![permission]), list)
}
