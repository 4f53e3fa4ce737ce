//! The phase `example.hello`: keeps the ConfigMap `kube-public/hello`, which tells how the API server is reached.

use exports::kubephase::phase::phase::{Description, Failure, Guest, Needs, Plan, Request};
use exports::kubephase::phase::types::{
    Access, Action, ApiResource, Finding, ObjectRef, Operation, Permission, Precondition, Problem, Selector, Severity, Task,
};
use serde_json::{Value, json};

wit_bindgen::generate!({ path: "../../../wit/0.1.0", world: "phase-component" });

struct Phase;
export!(Phase);

impl Guest for Phase {
    fn describe() -> Description {
        let may = |access: &[Access], reason: &str| Permission {
            access: access.to_vec(),
            of: config_map().of,
            namespace: config_map().namespace,
            names: vec![config_map().name],
            reveal: vec![],
            reason: reason.into(),
        };
        let task = |name: &str, summary: &str, parameters: Value, permission| Task {
            name: name.into(),
            summary: summary.into(),
            parameters: json!({ "type": "object", "properties": parameters }).to_string(),
            permissions: vec![permission],
        };
        let endpoint = json!({ "controlPlaneEndpoint": { "type": "string" } });
        let all = [Access::Read, Access::Create, Access::Update];
        Description {
            id: "example.hello".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            summary: "publish the endpoint of the API server".into(),
            tasks: vec![
                task("apply", "keep the ConfigMap", endpoint, may(&all, "writes the endpoint into it")),
                task("audit", "look at the ConfigMap", json!({}), may(&[Access::Read], "reads the endpoint in it")),
            ],
        }
    }

    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(Needs { reads: vec![Selector::One(config_map())], random: vec![] })
    }

    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let (mut operations, mut findings) = (vec![], vec![]);
        let found = observed(&request)?;
        match request.task.as_str() {
            "apply" => operations.push(kept(found, &endpoint(&request)?)),
            "audit" => findings.extend(found.and_then(|found| unreachable(&found))),
            task => return Err(Failure::Unsupported(format!("task `{task}` is not known"))),
        }
        Ok(Plan { operations, findings, notes: vec![], outputs: vec![] })
    }
}

fn config_map() -> ObjectRef {
    let of = ApiResource { group: "".into(), version: "v1".into(), plural: "configmaps".into(), kind: "ConfigMap".into() };
    ObjectRef { of, namespace: Some("kube-public".into()), name: "hello".into() }
}

/// The ConfigMap as it is; none if there is none.
fn observed(request: &Request) -> Result<Option<Value>, Failure> {
    let object = request.observed.iter().flat_map(|answer| &answer.objects).next();
    let object = object.map(|text| serde_json::from_str(text)).transpose();
    object.map_err(|_| Failure::Other("the ConfigMap is not JSON".into()))
}

/// What `--control-plane-endpoint` says, else what the file of `-f` says.
fn endpoint(request: &Request) -> Result<String, Failure> {
    let fields = std::iter::once(&request.parameters).chain(&request.documents);
    let mut values = fields.filter_map(|text| serde_json::from_str::<Value>(text).ok());
    let endpoint = values.find_map(|value| Some(value["controlPlaneEndpoint"].as_str()?.to_owned()));
    let message = "set the endpoint of the API server with --control-plane-endpoint or in the file given with -f".into();
    endpoint.ok_or(Failure::InvalidInput(vec![Problem { path: "controlPlaneEndpoint".into(), message }]))
}

/// The operation after which the ConfigMap says this. What else is in it belongs to somebody else, and stays.
fn kept(found: Option<Value>, endpoint: &str) -> Operation {
    let target = config_map();
    let data = json!({ "endpoint": endpoint });
    let (action, when, reason) = match found {
        None => {
            let metadata = json!({ "name": target.name, "namespace": target.namespace });
            let body = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data });
            (Action::Create(body.to_string()), Precondition::Absent, "it does not exist")
        }
        Some(found) if found["data"]["endpoint"] == endpoint => (Action::Keep, Precondition::AsObserved, "it has this endpoint"),
        Some(_) => {
            let patch = json!({ "data": data });
            (Action::MergePatch(patch.to_string()), Precondition::AsObserved, "it has another endpoint")
        }
    };
    Operation { id: "hello".into(), target, action, when, after: vec![], reason: reason.into() }
}

/// The rule `hello-unreachable`: an endpoint that only the API server's own machine reaches, as of a port-forward.
fn unreachable(found: &Value) -> Option<Finding> {
    let endpoint = found["data"]["endpoint"].as_str()?;
    let is_local = ["localhost:", "127.", "[::1]"].iter().any(|start| endpoint.starts_with(start));
    is_local.then(|| Finding {
        rule: "hello-unreachable".into(),
        severity: Severity::Medium,
        title: "ConfigMap `hello` has an endpoint that other machines cannot reach".into(),
        detail: format!("`{endpoint}` is a different machine for everyone who reads it"),
        target: Some(config_map()),
        remedy: vec![],
        references: vec![],
    })
}
