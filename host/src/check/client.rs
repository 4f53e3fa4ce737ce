//! A server, as one of those who look at it: a node, a token's user, an administrator.

use super::reach::Reach;
use crate::cluster::ClusterError;
use crate::cluster::contact::{Chain, knock};
use crate::cluster::live::{CallSettings, Live, RawAnswer, Target};
use crate::interrupt::Interrupt;
use kubephase_core::bootstrap_token::SECRET_PREFIX;
use kubephase_core::connection::{Connection, Patience};
use kubephase_core::join::{ContactObstacle, Endpoint};
use kubephase_core::log::{Level, Log};
use kubephase_core::name::{Namespace, ObjectName};
use kubephase_core::object::{ApiResource, Object, ObjectRef};
use kubephase_core::progress::Progress;
use kubephase_core::selector::{ListRef, Selector};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// How long a server that was never heard of is waited for, if the user does not say.
const CONNECT_PATIENCE: Duration = Duration::from_secs(10);
/// How much is read of the answers of a server that may be anybody, bytes: what a node asks for has some kilobytes.
const NODE_BYTES: u64 = 4 << 20;
/// How much is read of the answers of a kubeconfig's server, bytes.
const ADMINISTRATOR_BYTES: u64 = 64 << 20;

/// What all of them share.
#[derive(Clone, Copy)]
pub(crate) struct Setting<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) interrupt: &'a Interrupt,
    pub(crate) progress: &'a dyn Progress,
    pub(crate) log: &'a dyn Log,
    /// Which servers may be asked as a node.
    pub(crate) reach: Reach<'a>,
}

/// One who looks at a server.
pub(super) struct ApiClient<'a> {
    pub(super) live: Live<'a>,
    log: &'a dyn Log,
    who: &'static str,
    /// How long a server is waited for.
    limit: Duration,
}

/// A right, as authorizers know it.
#[derive(Clone, Copy)]
pub(super) struct Right {
    pub(super) verb: &'static str,
    pub(super) group: &'static str,
    pub(super) resource: &'static str,
    pub(super) subresource: &'static str,
}

impl Right {
    /// As the attributes of a review.
    pub(super) fn attributes(self) -> Value {
        json!({
            "verb": self.verb, "group": self.group, "resource": self.resource, "subresource": self.subresource, "version": "*",
        })
    }
}

/// Who a server takes somebody for.
pub(super) struct User {
    pub(super) name: String,
    pub(super) groups: Vec<String>,
}

impl<'a> ApiClient<'a> {
    /// Prepares to look at a server as a node does, of which nothing is known yet; nothing is sent yet.
    pub(super) fn open(target: Target, who: &'static str, setting: Setting<'a>) -> Result<Self, ClusterError> {
        Self::bounded(target, who, setting, NODE_BYTES)
    }

    /// The same with the server of a kubeconfig, which has long lists.
    pub(super) fn administrator(target: Target, setting: Setting<'a>) -> Result<Self, ClusterError> {
        Self::bounded(target, "the administrator", setting, ADMINISTRATOR_BYTES)
    }

    fn bounded(target: Target, who: &'static str, setting: Setting<'a>, most_bytes: u64) -> Result<Self, ClusterError> {
        let given = setting.connection.patience;
        let patience = Patience { answer: given.answer.or(Some(CONNECT_PATIENCE)), ..given };
        let manners = CallSettings { patience, interrupt: setting.interrupt, progress: setting.progress, most_bytes };
        let limit = patience.answer.unwrap_or(CONNECT_PATIENCE);
        Ok(Self { live: Live::prepare(target, manners)?, log: setting.log, who, limit })
    }

    fn tell<T>(&self, what: &str, answer: &Result<T, ClusterError>) {
        let result = if answer.is_ok() { "answered" } else { "failed" };
        self.log.line(Level::Requests, &|| format!("{what} as {}: {result}", self.who));
    }

    /// Connects, TLS included.
    pub(super) fn reach(&self) -> Result<(), ClusterError> {
        self.live.reach()
    }

    /// Asks once for a path, and returns what comes, whatever it is.
    pub(super) fn glance(&self, path: &str) -> Result<RawAnswer, ClusterError> {
        let answer = self.live.glance(path);
        self.tell(&format!("GET {path}"), &answer);
        answer
    }

    /// What stands between us and the server; none if a look at it finds nothing.
    pub(super) fn obstacle(&self, at: &Endpoint) -> Option<ContactObstacle> {
        if self.live.has_proxy() { Some(ContactObstacle::Proxy) } else { knock(at, self.limit).err() }
    }

    /// The certificates that the server shows; none behind a proxy.
    pub(super) fn chain(&self, at: &Endpoint) -> Chain {
        if self.live.has_proxy() { Chain::new() } else { knock(at, self.limit).unwrap_or_default() }
    }

    /// Reads an object; none if it does not exist.
    pub(super) fn get(&self, object: &ObjectRef) -> Result<Option<Object>, ClusterError> {
        let answer = self.live.get(object);
        self.tell(&format!("GET {}", object.path()), &answer);
        answer
    }

    /// Reads several objects.
    pub(super) fn select(&self, list: ListRef) -> Result<Vec<Object>, ClusterError> {
        let selector = Selector::Many(list);
        let answer = self.live.select(&selector);
        self.tell(&format!("GET {}", selector.path()), &answer);
        answer
    }

    /// Puts a question that is never stored, and returns its status.
    pub(super) fn review(&self, group: &str, plural: &str, kind: &str, spec: &Value) -> Result<Value, ClusterError> {
        let of = resource(group, "v1", plural, kind)?;
        let mut body = Map::new();
        body.insert("apiVersion".to_owned(), json!(of.api_version()));
        body.insert("kind".to_owned(), json!(kind));
        if !spec.is_null() {
            body.insert("spec".to_owned(), spec.clone());
        }
        let answer = self.live.review(&of, &body);
        self.tell(&format!("POST {}", of.path(None)), &answer);
        Ok(answer?.into_fields().remove("status").unwrap_or_default())
    }

    /// Whether one has a right oneself.
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

    /// Who one is.
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

/// An object.
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

/// A value of a ConfigMap; none if it is missing or empty.
pub(super) fn entry<'o>(map: &'o Object, key: &str) -> Option<&'o str> {
    map.fields().get("data")?.get(key)?.as_str().filter(|text| !text.is_empty())
}
