//! The kubeconfig, if it belongs to the cluster that the node sees.

use super::client::{ApiClient, Setting, User, cluster_info, token_secret};
use super::node::Discovered;
use super::steps::one_line;
use super::{is_named, target};
use crate::cluster::ClusterError;
use crate::config::question::clock;
use crate::errors::Error;
use kubephase_core::join::{Endpoint, JoinCommand, KubeconfigUse, Token, TokenFacts};
use kubephase_core::object::Object;

/// An administrator: the user of a kubeconfig of the same cluster.
pub(super) struct Administrator<'a> {
    pub(super) client: ApiClient<'a>,
    /// The ConfigMap cluster-info; `None` if it does not exist.
    pub(super) info: Option<Object>,
    /// The pins of the kubeconfig's certificate authority.
    pub(super) pins: Vec<String>,
}

/// Whether the kubeconfig is used.
pub(super) enum Kubeconfig<'a> {
    /// There is no kubeconfig.
    Absent,
    /// The kubeconfig is used.
    Used(Box<Administrator<'a>>),
    /// The kubeconfig is not used, for this reason.
    NotUsed(String),
}

impl Kubeconfig<'_> {
    /// The same for the report.
    pub(super) fn used(&self) -> KubeconfigUse {
        match self {
            Self::Absent => KubeconfigUse::Absent,
            Self::Used(_) => KubeconfigUse::Used,
            Self::NotUsed(why) => KubeconfigUse::NotUsed(why.clone()),
        }
    }
}

/// Opens the kubeconfig, if there is one and it belongs to the cluster that the node sees.
pub(super) fn opened<'a>(join: &JoinCommand, found: &Discovered, setting: Setting<'a>) -> Result<Kubeconfig<'a>, Error> {
    let target = match target(setting.connection) {
        Ok(Some(target)) => target,
        Ok(None) => return Ok(Kubeconfig::Absent),
        Err(error) if is_named(setting.connection) => return Err(Error::Cluster(vec![error])),
        Err(error) => return Ok(Kubeconfig::NotUsed(one_line(&error))),
    };
    let server = target.server();
    let is_here = Endpoint::of_url(&server.url).as_ref() == Some(&join.endpoint);
    if is_here && !target.has_proxy() && found.is_unreached() {
        // It would be waited for once more.
        return Ok(Kubeconfig::NotUsed(format!("its server {} does not answer either", server.url)));
    }
    let pins = server.certificate_authority_pins;
    let looked =
        ApiClient::administrator(target, setting).and_then(|client| client.get(&cluster_info()?).map(|info| (client, info)));
    let (client, seen_by_it) = match looked {
        Ok(looked) => looked,
        Err(error) => return Ok(Kubeconfig::NotUsed(one_line(&error))),
    };
    let seen = found.info.as_ref().and_then(|info| info.object.uid());
    let is_same = match (seen, seen_by_it.as_ref().and_then(Object::uid)) {
        (Some(ours), Some(theirs)) => ours == theirs,
        (Some(_), None) => false,
        (None, _) => {
            let is_pinned = join.trust.pins().is_some_and(|given| pins.iter().any(|pin| given.contains(pin)));
            is_pinned || is_here
        }
    };
    Ok(match (is_same, seen) {
        (true, _) => Kubeconfig::Used(Box::new(Administrator { client, info: seen_by_it, pins })),
        (false, Some(_)) => Kubeconfig::NotUsed("it belongs to another cluster".to_owned()),
        (false, None) => Kubeconfig::NotUsed("nothing shows that it belongs to the same cluster".to_owned()),
    })
}

impl Administrator<'_> {
    /// Reads the Secret of a token; `None` if it does not exist.
    pub(super) fn secret(&self, id: &str) -> Result<Option<Object>, ClusterError> {
        self.client.get(&token_secret(id)?)
    }

    /// The properties of a token according to its Secret.
    pub(super) fn facts(secret: &Object, token: &Token) -> TokenFacts {
        TokenFacts::of(secret, token, clock())
    }

    /// The user that the API server would authenticate the token as, according to its Secret.
    pub(super) fn user_of(&self, token: &Token) -> Option<(&Self, User)> {
        let secret = self.secret(token.id()).ok()??;
        let groups = Self::facts(&secret, token).groups;
        Some((self, User { name: format!("system:bootstrap:{}", token.id()), groups }))
    }
}
