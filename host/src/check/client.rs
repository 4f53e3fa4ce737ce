//! A client of a server in one of three roles: a node, a token's user, or an administrator.

use super::reach::Reach;
use crate::cluster::ClusterError;
use crate::cluster::contact::{Chain, knock};
use crate::cluster::live::{CallSettings, Live, RawAnswer, Target};
use crate::interrupt::Interrupt;
use kubephase_core::bootstrap_token::SECRET_PREFIX;
use kubephase_core::connection::{Connection, Patience};
use kubephase_core::join::{ContactObstacle, CureFlags, Endpoint};
use kubephase_core::log::Log;
use kubephase_core::name::{Namespace, ObjectName};
use kubephase_core::object::{ApiResource, Object, ObjectRef};
use kubephase_core::progress::Progress;
use kubephase_core::selector::{ListRef, Selector};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// How long to wait for an unfamiliar server if the user sets no timeout.
const CONNECT_PATIENCE: Duration = Duration::from_secs(10);
/// How long to look at who is there, once it did not answer as an API server: it has had its time.
const LOOK: Duration = Duration::from_secs(3);
/// How many bytes of the answers of an untrusted server are read: a node's requests return some kilobytes.
const NODE_BYTES: u64 = 4 << 20;
/// How many bytes of the answers of a kubeconfig's server are read.
const ADMINISTRATOR_BYTES: u64 = 64 << 20;

/// The settings that all clients share.
#[derive(Clone, Copy)]
pub(crate) struct Setting<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) interrupt: &'a Interrupt,
    pub(crate) progress: &'a dyn Progress,
    pub(crate) log: &'a dyn Log,
    /// Which servers may be contacted as a node.
    pub(crate) reach: Reach<'a>,
    /// How the commands of a cure choose the same cluster.
    pub(crate) cure_flags: &'a CureFlags,
}

/// A client of a server.
pub(super) struct ApiClient<'a> {
    pub(super) live: Live<'a>,
    /// The connection timeout.
    limit: Duration,
}

/// A right in the terms of an authorizer.
#[derive(Clone, Copy)]
pub(super) struct Right {
    pub(super) verb: &'static str,
    pub(super) group: &'static str,
    pub(super) resource: &'static str,
    pub(super) subresource: &'static str,
}

impl Right {
    /// The right as the attributes of a review.
    pub(super) fn attributes(self) -> Value {
        json!({
            "verb": self.verb, "group": self.group, "resource": self.resource, "subresource": self.subresource, "version": "*",
        })
    }
}

/// The user that a server authenticated.
pub(super) struct User {
    pub(super) name: String,
    pub(super) groups: Vec<String>,
}

impl<'a> ApiClient<'a> {
    /// Prepares a node's client of an untrusted server; nothing is sent yet.
    pub(super) fn open(target: Target, who: &'static str, setting: Setting<'a>) -> Result<Self, ClusterError> {
        Self::bounded(target, who, setting, NODE_BYTES)
    }

    /// Prepares a client of a kubeconfig's server, which may return long lists; nothing is sent yet.
    pub(super) fn administrator(target: Target, setting: Setting<'a>) -> Result<Self, ClusterError> {
        Self::bounded(target, "the administrator", setting, ADMINISTRATOR_BYTES)
    }

    fn bounded(target: Target, who: &'static str, setting: Setting<'a>, most_bytes: u64) -> Result<Self, ClusterError> {
        let given = setting.connection.patience;
        let patience = Patience { answer: given.answer.or(Some(CONNECT_PATIENCE)), ..given };
        let manners = CallSettings {
            patience,
            interrupt: setting.interrupt,
            progress: setting.progress,
            log: setting.log,
            caller: who,
            most_bytes,
            turns: None,
        };
        let (limit, _) = patience.once();
        Ok(Self { live: Live::prepare(target, manners)?, limit })
    }

    /// Connects, including TLS.
    pub(super) fn reach(&self) -> Result<(), ClusterError> {
        self.live.reach()
    }

    /// Requests a path once, and returns any answer.
    pub(super) fn glance(&self, path: &str) -> Result<RawAnswer, ClusterError> {
        self.live.glance(path)
    }

    /// What blocks the connection to the server; `None` if nothing is found.
    pub(super) fn obstacle(&self, at: &Endpoint) -> Option<ContactObstacle> {
        if self.live.has_proxy() { Some(ContactObstacle::Proxy) } else { knock(at, self.limit.min(LOOK)).err() }
    }

    /// The certificates that the server presents; `None` behind a proxy.
    pub(super) fn chain(&self, at: &Endpoint) -> Chain {
        if self.live.has_proxy() { Chain::new() } else { knock(at, self.limit).unwrap_or_default() }
    }

    /// Reads an object; `None` if it does not exist.
    pub(super) fn get(&self, object: &ObjectRef) -> Result<Option<Object>, ClusterError> {
        self.live.get(object)
    }

    /// Lists objects.
    pub(super) fn select(&self, list: ListRef) -> Result<Vec<Object>, ClusterError> {
        self.live.select(&Selector::Many(list))
    }

    /// Creates a review, which is never stored, and returns its status.
    pub(super) fn review(&self, group: &str, plural: &str, kind: &str, spec: &Value) -> Result<Value, ClusterError> {
        let of = resource(group, "v1", plural, kind)?;
        let mut body = Map::new();
        body.insert("apiVersion".to_owned(), json!(of.api_version()));
        body.insert("kind".to_owned(), json!(kind));
        if !spec.is_null() {
            body.insert("spec".to_owned(), spec.clone());
        }
        Ok(self.live.review(&of, &body)?.into_fields().remove("status").unwrap_or_default())
    }

    /// Whether the client's own user has a right.
    pub(super) fn may(&self, right: Right) -> Result<bool, ClusterError> {
        let spec = json!({ "resourceAttributes": right.attributes() });
        let status = self.review("authorization.k8s.io", "selfsubjectaccessreviews", "SelfSubjectAccessReview", &spec)?;
        Ok(status.get("allowed") == Some(&Value::Bool(true)))
    }

    /// Whether a user has a right.
    pub(super) fn may_user(&self, user: &User, right: Right) -> Result<bool, ClusterError> {
        let spec = json!({ "user": user.name, "groups": user.groups, "resourceAttributes": right.attributes() });
        let status = self.review("authorization.k8s.io", "subjectaccessreviews", "SubjectAccessReview", &spec)?;
        Ok(status.get("allowed") == Some(&Value::Bool(true)))
    }

    /// The client's own user.
    pub(super) fn user(&self) -> Result<User, ClusterError> {
        let status = self.review("authentication.k8s.io", "selfsubjectreviews", "SelfSubjectReview", &Value::Null)?;
        let info = status.get("userInfo").cloned().unwrap_or_default();
        let texts =
            |value: &Value| value.as_array().map(|items| items.iter().filter_map(Value::as_str).map(str::to_owned).collect());
        Ok(User {
            name: info.get("username").and_then(Value::as_str).unwrap_or_default().to_owned(),
            groups: info.get("groups").and_then(texts).unwrap_or_default(),
        })
    }
}

/// A kind that every API server has.
pub(super) fn resource(group: &str, version: &str, plural: &str, kind: &str) -> Result<ApiResource, ClusterError> {
    ApiResource::parse(group, version, plural, kind).map_err(ClusterError::unavailable)
}

/// An object of the core group in a namespace.
pub(super) fn core_object(plural: &str, kind: &str, namespace: &str, name: &str) -> Result<ObjectRef, ClusterError> {
    object(resource("", "v1", plural, kind)?, Some(namespace), name)
}

/// A reference to an object.
pub(super) fn object(of: ApiResource, namespace: Option<&str>, name: &str) -> Result<ObjectRef, ClusterError> {
    let namespace = namespace.map(Namespace::parse).transpose().map_err(ClusterError::unavailable)?;
    Ok(ObjectRef { of, namespace, name: ObjectName::parse(name).map_err(ClusterError::unavailable)? })
}

/// The ConfigMap `kube-public/cluster-info`.
pub(super) fn cluster_info() -> Result<ObjectRef, ClusterError> {
    core_object("configmaps", "ConfigMap", "kube-public", "cluster-info")
}

/// The Secret of a token.
pub(super) fn token_secret(id: &str) -> Result<ObjectRef, ClusterError> {
    core_object("secrets", "Secret", "kube-system", &format!("{SECRET_PREFIX}{id}"))
}

/// A value of a ConfigMap; `None` if it is missing or empty.
pub(super) fn entry<'o>(map: &'o Object, key: &str) -> Option<&'o str> {
    map.fields().get("data")?.get(key)?.as_str().filter(|text| !text.is_empty())
}
