//! The administrator's requests to the API server, in this process: to start a kubectl for each takes longer than what it asks.

use futures_util::future::join_all;
use http::{Method, Request};
use hyper::body::Body as _;
use kube::client::Body;
use kube::config::{AuthInfo, Config, KubeConfigOptions, Kubeconfig};
use kube::{Client, Error};
use serde_json::Value;
use std::path::Path;
use std::pin::Pin;
use std::time::Duration;
use tokio::runtime::Runtime;

/// The kinds that the phase writes, and where it writes them.
pub(crate) const KINDS: [(&str, &str); 6] = [
    ("Secret", "kube-system"),
    ("ConfigMap", "kube-public"),
    ("Role", "kube-public"),
    ("RoleBinding", "kube-public"),
    ("ClusterRole", ""),
    ("ClusterRoleBinding", ""),
];

/// The path of the objects of one of these kinds in a namespace, or in all.
pub(crate) fn collection(kind: &str, namespace: &str) -> String {
    let api = if ["Secret", "ConfigMap"].contains(&kind) { "/api/v1" } else { "/apis/rbac.authorization.k8s.io/v1" };
    let namespace = if namespace.is_empty() { String::new() } else { format!("/namespaces/{namespace}") };
    format!("{api}{namespace}/{}s", kind.to_lowercase())
}

/// The path of the object with a key `kind/namespace/name`, or of all that it is among.
pub(crate) fn path(key: &str, is_object: bool) -> String {
    let parts: Vec<&str> = key.split('/').collect();
    let collection = collection(parts[0], parts[1]);
    if is_object { format!("{collection}/{}", parts[2]) } else { collection }
}

/// How often a request is sent again: a connection may be of an API server that has been restarted since.
const RESENDS: usize = 5;

/// A client with one connection.
pub(crate) struct Api {
    runtime: Runtime,
    client: Client,
}

impl Api {
    pub(crate) fn of(kubeconfig: &Path) -> Self {
        Self::with(kubeconfig, |_| {})
    }

    /// The same without the administrator's login.
    pub(crate) fn without_login(kubeconfig: &Path) -> Self {
        Self::with(kubeconfig, |config| config.auth_info = AuthInfo::default())
    }

    fn with(kubeconfig: &Path, change: impl FnOnce(&mut Config)) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let client = runtime.block_on(async {
            let kubeconfig = Kubeconfig::read_from(kubeconfig).unwrap();
            let mut config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await.unwrap();
            change(&mut config);
            Client::try_from(config).unwrap()
        });
        Self { runtime, client }
    }

    /// Whether the server answers a path, for this token or for anybody.
    pub(crate) fn answers(&self, token: Option<&str>, path: &str) -> bool {
        let request = Request::get(path);
        let request = match token {
            Some(token) => request.header("Authorization", format!("Bearer {token}")),
            None => request,
        };
        let request = request.body(Vec::new()).unwrap();
        self.runtime.block_on(self.client.request_text(request)).is_ok()
    }

    /// Waits for a server that starts, which needs the processor more than we do.
    pub(crate) fn ready(&self) {
        for _ in 0..2_400 {
            if self.answers(None, "/readyz") {
                return;
            }
            self.runtime.block_on(async { tokio::time::sleep(Duration::from_millis(50)).await });
        }
        panic!("the server did not start in two minutes");
    }

    /// The lists of these paths, asked for at once.
    pub(crate) fn lists(&self, paths: &[impl AsRef<str>]) -> Vec<Value> {
        let lists = paths.iter().map(|path| self.answer(Method::GET, path.as_ref()));
        self.runtime.block_on(join_all(lists)).into_iter().map(|list| list.unwrap()).collect()
    }

    /// The objects of these paths. In a list the API server leaves out what kind they are of.
    pub(crate) fn objects(&self, paths: &[impl AsRef<str>]) -> Vec<Value> {
        let mut objects = Vec::new();
        for mut list in self.lists(paths) {
            let kind = list["kind"].as_str().unwrap().trim_end_matches("List").to_owned();
            let (items, version) = (list["items"].take(), list["apiVersion"].take());
            for mut object in serde_json::from_value::<Vec<Value>>(items).unwrap_or_default() {
                object["kind"] = Value::from(kind.clone());
                object["apiVersion"] = version.clone();
                objects.push(object);
            }
        }
        objects
    }

    /// Deletes these paths at once, as far as they are there.
    pub(crate) fn delete(&self, paths: &[impl AsRef<str>]) {
        let answers = self.runtime.block_on(join_all(paths.iter().map(|path| self.answer(Method::DELETE, path.as_ref()))));
        for (path, answer) in paths.iter().zip(answers) {
            match answer {
                Ok(_) => {}
                Err(Error::Api(status)) if status.code == 404 => {}
                Err(error) => panic!("{}: {error}", path.as_ref()),
            }
        }
    }

    /// Creates these objects at once, each among those of its path.
    pub(crate) fn create(&self, objects: &[(String, Value)]) {
        let creations = objects.iter().map(|(path, object)| self.sent(Method::POST, path, object));
        self.runtime.block_on(join_all(creations)).into_iter().for_each(|answer| drop(answer.unwrap()));
    }

    /// Changes the object of a path by a merge patch.
    pub(crate) fn patch(&self, path: &str, patch: &Value) {
        self.runtime.block_on(self.sent(Method::PATCH, path, patch)).unwrap();
    }

    /// Waits until something below a path changes, since the list of this version; a second at most.
    pub(crate) fn changed(&self, path: &str, version: &str) {
        let uri = format!("{path}?watch=1&timeoutSeconds=1&resourceVersion={version}");
        let request = Request::get(uri).body(Body::empty()).unwrap();
        self.runtime.block_on(async {
            // Whatever comes or goes wrong, the caller looks again.
            if let Ok(answer) = self.client.send(request).await {
                let mut body = answer.into_body();
                let _ = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await;
            }
        });
    }

    async fn answer(&self, method: Method, path: &str) -> Result<Value, Error> {
        self.sent(method, path, &Value::Null).await
    }

    async fn sent(&self, method: Method, path: &str, body: &Value) -> Result<Value, Error> {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let of_type = if method == Method::PATCH { "application/merge-patch+json" } else { "application/json" };
        let mut resends = 0;
        loop {
            let request = Request::builder().method(method.clone()).uri(path).header("Content-Type", of_type);
            let request = request.body(body.clone()).unwrap();
            match self.client.request(request).await {
                Err(error) if !matches!(error, Error::Api(_)) && resends < RESENDS => resends += 1,
                answer => return answer,
            }
        }
    }
}
