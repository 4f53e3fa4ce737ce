//! A cluster in memory, which answers the phase as a host does, and applies plans.

use bootstrap_token_phase::abi::{
    Access, Action, Answer, ApiResource, Finding, ObjectRef, Permission, Plan, Request, Selector, ServerInfo, Severity,
};
use bootstrap_token_phase::describe::description;
use bootstrap_token_phase::task;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The time of the audit.
pub(crate) const NOW: &str = "2030-01-01T00:00:00Z";
/// A good secret half.
pub(crate) const HALF: &str = "q3xk09vzt1m5wpe7";
/// kubeadm's group.
pub(crate) const GROUP: &str = "system:bootstrappers:kubeadm:default-node-token";
/// The certificate that the host trusts, and its base64.
pub(crate) const AUTHORITY: &str = "-----BEGIN CERTIFICATE-----\nYQ==\n-----END CERTIFICATE-----\n";
pub(crate) const AUTHORITY_BASE64: &str = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCllRPT0KLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo=";

/// Objects as in manifests. Secrets have all of their data under `stringData`.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) objects: Vec<Value>,
    pub(crate) server: ServerInfo,
    pub(crate) parameters: Value,
    pub(crate) now: String,
}

impl World {
    pub(crate) fn empty() -> Self {
        let server = ServerInfo {
            version: "v1.37.2".to_owned(),
            url: "https://cp.example:6443".to_owned(),
            certificate_authority: AUTHORITY.to_owned(),
            certificate_authority_pins: Vec::new(),
        };
        Self { objects: Vec::new(), server, parameters: json!({}), now: NOW.to_owned() }
    }

    pub(crate) fn with(mut self, objects: impl IntoIterator<Item = Value>) -> Self {
        for object in objects {
            self.objects.retain(|other| key(other) != key(&object));
            self.objects.push(object);
        }
        self
    }

    pub(crate) fn without(mut self, kind: &str, name: &str) -> Self {
        self.objects.retain(|object| object["kind"] != kind || object["metadata"]["name"] != name);
        self
    }

    /// Changes the one object of a kind and name.
    pub(crate) fn change(mut self, kind: &str, name: &str, change: impl FnOnce(&mut Value)) -> Self {
        let is_it = |object: &&mut Value| object["kind"] == kind && object["metadata"]["name"] == name;
        change(self.objects.iter_mut().find(is_it).unwrap_or_else(|| panic!("no {kind} {name}")));
        self
    }

    /// Changes the data of a token; `null` removes a key.
    pub(crate) fn token(self, id: &str, data: Value) -> Self {
        self.change("Secret", &format!("bootstrap-token-{id}"), |secret| {
            json_patch::merge(secret, &json!({ "stringData": data }))
        })
    }

    pub(crate) fn request_without_reads(&self, task: &str) -> Request {
        Request {
            task: task.to_owned(),
            parameters: self.parameters.to_string(),
            documents: Vec::new(),
            now: self.now.clone(),
            server: self.server.clone(),
            observed: Vec::new(),
            random: Vec::new(),
        }
    }

    pub(crate) fn request(&self, task: &str) -> Request {
        let mut request = self.request_without_reads(task);
        let declared = description().tasks.into_iter().find(|other| other.name == task).unwrap().permissions;
        let mut handles = BTreeMap::new();
        for read in task::need(&request).unwrap().reads {
            let found = self.objects.iter().filter(|object| is_selected(&read, object));
            let objects = found.map(|object| {
                let target = target_of(resource_of(&read), object);
                let covering = declared.iter().find(|other| covers(other, bootstrap_token_phase::abi::Access::Read, &target));
                let permission = covering.unwrap_or_else(|| panic!("{task} may not read {target:?}"));
                shown(object, &permission.reveal, &mut handles).to_string()
            });
            let objects = objects.collect();
            request.observed.push(Answer { to: read, objects });
        }
        request
    }

    pub(crate) fn plan(&self, task: &str) -> Plan {
        task::plan_for(&self.request(task)).unwrap()
    }

    pub(crate) fn findings(&self) -> Vec<Finding> {
        self.plan("audit").findings
    }

    /// The rules of all findings, each once.
    pub(crate) fn rules(&self) -> BTreeSet<String> {
        self.findings().into_iter().map(|finding| finding.rule).collect()
    }

    /// The findings that call for action, as text.
    pub(crate) fn alarming(&self) -> Vec<String> {
        let alarming = self.findings().into_iter().filter(|finding| finding.severity > Severity::Info);
        alarming.map(|finding| format!("{}: {}: {}", finding.rule, finding.title, finding.detail)).collect()
    }

    /// What the controller manager does after a write to cluster-info: it signs with all signing tokens.
    pub(crate) fn signed_after(self, plan: &Plan) -> Self {
        if !plan.operations.iter().any(|operation| operation.target.name == "cluster-info") {
            return self;
        }
        let secrets = self.objects.iter().map(|object| &object["stringData"]);
        let signing =
            secrets.filter(|data| data["usage-bootstrap-signing"] == "true").filter_map(|data| data["token-id"].as_str());
        let signatures: Map<_, _> =
            signing.map(|id| (format!("jws-kubeconfig-{id}"), json!(super::clusters::signature()))).collect();
        self.change("ConfigMap", "cluster-info", |found| json_patch::merge(found, &json!({ "data": signatures })))
    }

    /// Applies a plan in its order, and refuses what a host would refuse.
    pub(crate) fn apply(mut self, plan: &Plan) -> Self {
        let declared = description().tasks.into_iter().find(|task| task.name == "fix").unwrap().permissions;
        let mut done = BTreeSet::new();
        for operation in &plan.operations {
            assert!(operation.after.iter().all(|id| done.contains(id)), "{operation:?} comes too early");
            assert!(done.insert(operation.id.clone()), "two operations are called {}", operation.id);
            let place = self.objects.iter().position(|object| target_of(&operation.target.of, object) == operation.target);
            let access = match (&operation.action, place) {
                (Action::Create(body), None) => {
                    self.objects.push(serde_json::from_str(body).unwrap());
                    Access::Create
                }
                (Action::MergePatch(patch), Some(place)) => {
                    self.objects[place] = patched(&self.objects[place], &serde_json::from_str(patch).unwrap());
                    Access::Update
                }
                (Action::Delete, Some(place)) => {
                    self.objects.remove(place);
                    Access::Delete
                }
                other => panic!("{other:?} of {operation:?}"),
            };
            let may = |access| declared.iter().any(|permission| covers(permission, access, &operation.target));
            let is_binding = operation.target.of.kind.ends_with("RoleBinding");
            assert!(may(access) || (is_binding && may(Access::Revoke)), "{operation:?} is not declared");
        }
        self
    }
}

/// Whether a permission covers an access to an object.
fn covers(permission: &Permission, access: Access, object: &ObjectRef) -> bool {
    let matches = |pattern: &String| match pattern.strip_suffix('*') {
        Some(start) => object.name.starts_with(start),
        None => *pattern == object.name,
    };
    permission.access.contains(&access)
        && permission.of == object.of
        && (permission.namespace == object.namespace || permission.namespace.as_deref() == Some("*"))
        && permission.names.iter().any(matches)
}

fn key(object: &Value) -> [&Value; 3] {
    [&object["kind"], &object["metadata"]["namespace"], &object["metadata"]["name"]]
}

fn target_of(of: &ApiResource, object: &Value) -> ObjectRef {
    let text = |name: &str| object["metadata"][name].as_str().map(str::to_owned);
    let is_of = object["kind"] == of.kind.as_str();
    ObjectRef { of: of.clone(), namespace: text("namespace"), name: if is_of { text("name").unwrap() } else { String::new() } }
}

fn resource_of(selector: &Selector) -> &ApiResource {
    match selector {
        Selector::One(object) => &object.of,
        Selector::Many(list) => &list.of,
    }
}

fn is_selected(selector: &Selector, object: &Value) -> bool {
    match selector {
        Selector::One(target) => target_of(&target.of, object) == *target,
        Selector::Many(list) => {
            let is_named =
                list.of.kind != "Secret" || object["metadata"]["name"].as_str().unwrap().starts_with("bootstrap-token-");
            let wanted = list.field_selector.strip_prefix("type=");
            object["kind"] == list.of.kind.as_str()
                && list.namespace.as_ref().is_none_or(|namespace| object["metadata"]["namespace"] == namespace.as_str())
                && wanted.is_none_or(|wanted| object["type"] == wanted)
                && is_named
        }
    }
}

/// Whether a character belongs to a class.
type Sort = fn(&u8) -> bool;

/// An object as a host shows it to a phase.
fn shown(object: &Value, reveal: &[String], handles: &mut BTreeMap<String, String>) -> Value {
    let mut object = object.clone();
    if object["kind"] != "Secret" {
        return object;
    }
    let reveals = |key: &str| {
        reveal.iter().any(|pattern| pattern == key || pattern.strip_suffix('*').is_some_and(|start| key.starts_with(start)))
    };
    let (mut hidden, mut clear) = (Map::new(), Map::new());
    for (key, value) in object["stringData"].as_object().unwrap() {
        let text = value.as_str().unwrap();
        if reveals(key) {
            clear.insert(key.clone(), value.clone());
            continue;
        }
        let next = format!("s{}", handles.len() + 1);
        let id = handles.entry(text.to_owned()).or_insert(next);
        let sorts: [(&str, Sort); 4] = [
            ("lower", u8::is_ascii_lowercase),
            ("upper", u8::is_ascii_uppercase),
            ("digit", u8::is_ascii_digit),
            ("other", |b| !b.is_ascii_alphanumeric()),
        ];
        let classes: Vec<&str> = sorts.into_iter().filter(|(_, is)| text.bytes().any(|b| is(&b))).map(|(name, _)| name).collect();
        let distinct = text.bytes().collect::<BTreeSet<_>>().len();
        let handle = json!({ "$secret": id, "length": text.len(), "classes": classes, "distinct": distinct });
        hidden.insert(key.clone(), handle);
    }
    object["data"] = Value::Object(hidden);
    object["stringData"] = Value::Object(clear);
    object
}

/// Applies a merge patch as the host sends it: in a Secret, `data` and `stringData` are one map.
fn patched(object: &Value, patch: &Value) -> Value {
    let mut patch = patch.clone();
    if object["kind"] == "Secret"
        && let Some(data) = patch.as_object_mut().unwrap().remove("data")
    {
        json_patch::merge(&mut patch, &json!({ "stringData": {} }));
        patch["stringData"].as_object_mut().unwrap().extend(data.as_object().unwrap().clone());
    }
    let mut object = object.clone();
    json_patch::merge(&mut object, &patch);
    object
}
