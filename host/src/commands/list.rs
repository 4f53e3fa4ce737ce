//! `list`: the bootstrap tokens of a cluster, read by the host itself without a phase.

use crate::cluster::Sink;
use crate::config::ConfigError;
use crate::config::token::List;
use crate::errors::Error;
use crate::render::terminal::Printer;
use crate::render::token_list;
use crate::session::own::{OwnRead, read_each};
use kubephase_core::bootstrap_token::{BootstrapToken, BrokenToken, Halves, SECRET_PREFIX, all_tokens};
use kubephase_core::listing::{Expiry, ListFormat, Listing};
use kubephase_core::object::Object;
use kubephase_core::outcome::Outcome;
use kubephase_core::permission::{Access, Pattern, Permission, PermissionScope, Permissions};
use kubephase_core::selector::ListRef;

/// Lists the tokens. An invalid token Secret is reported on standard error and omitted, like in kubeadm.
///
/// # Errors
/// [`Error`] if the Secrets cannot be read.
pub(super) fn list(list: &List, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let (permissions, tokens) = reads();
    let asked = OwnRead { what: "list", permissions: &permissions, list: tokens, most_bytes: list.most_bytes };
    let mut found = Tokens::default();
    read_each(&list.connection, &list.against, asked, &mut found, printer)?;
    let Tokens { mut tokens, broken } = found;
    broken.iter().try_for_each(|broken| printer.message(&broken.to_string()))?;
    let Listing { ids, expiry, .. } = &list.listing;
    let is_missing = |id: &&String| !tokens.iter().any(|token| token.token.id() == *id);
    let missing: Vec<&String> = ids.iter().filter(is_missing).collect();
    let is_meant = |token: &BootstrapToken| ids.is_empty() || ids.iter().any(|id| id == token.token.id());
    tokens.retain(|token| is_meant(token) && (*expiry == Expiry::Any || token.is_expired(list.now)));
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
    }
    Ok(if missing.is_empty() { Outcome::Done } else { Outcome::Failed })
}

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
fn check(tokens: &[BootstrapToken], listing: &Listing) -> Result<(), ConfigError> {
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
