//! The phase `example.contract`: uses every type and case of the contract 0.1.0. The same phase in other languages is beside it.

use exports::kubephase::phase::phase::{Description, Failure, Guest, Needs, Plan, Request};
use exports::kubephase::phase::types::{
    Access, Action, Answer, ApiResource, Finding, ListRef, Moment, ObjectRef, Operation, Output, Part, Permission, Precondition,
    Problem, RandomRequest, Selector, Severity, Task,
};
use serde_json::{Value, json};

wit_bindgen::generate!({ path: "../../../wit/0.1.0", world: "phase-component" });

struct Phase;
export!(Phase);

impl Guest for Phase {
    fn describe() -> Description {
        use Access::{Create, Delete, Read, Revoke, Update};
        let permission = |access: &[Access], of, namespace: Option<&str>, name: &str, reveal: &[&str], reason: &str| Permission {
            access: access.to_vec(),
            of,
            namespace: namespace.map(Into::into),
            names: vec![name.into()],
            reveal: reveal.iter().map(|key| key.to_string()).collect(),
            reason: reason.into(),
        };
        let apply = vec![
            permission(&[Read, Create, Update, Delete], maps(), Some("kube-public"), "contract-*", &[], "one for each action"),
            permission(&[Read, Create], secrets(), Some("kube-system"), "bootstrap-token-*", &["token-id"], "creates a token"),
            permission(&[Read, Revoke], bindings("Cluster"), None, "*", &[], "takes subjects away"),
        ];
        let audit = vec![
            permission(&[Read], bindings("Cluster"), None, "*", &[], "finds them"),
            permission(&[Read], bindings(""), Some("*"), "*", &[], "finds them, too"),
        ];
        let task = |name: &str, summary: &str, permissions| Task {
            name: name.into(),
            summary: summary.into(),
            parameters: r#"{"type":"object"}"#.into(),
            permissions,
        };
        Description {
            id: "example.contract".into(),
            version: "0.1.0".into(),
            summary: "use every type of the contract".into(),
            tasks: vec![task("apply", "propose every action", apply), task("audit", "find every severity", audit)],
        }
    }

    fn need(request: Request) -> Result<Needs, Failure> {
        let many = |of, namespace: Option<&str>, labels: &str, fields: &str| {
            Selector::Many(ListRef {
                of,
                namespace: namespace.map(Into::into),
                label_selector: labels.into(),
                field_selector: fields.into(),
            })
        };
        let all = many(bindings("Cluster"), None, "", "");
        if request.task == "audit" {
            return Ok(Needs { reads: vec![all, many(bindings(""), None, "", "")], random: vec![] });
        }
        let mut reads = vec![
            Selector::One(map("contract-kept")),
            many(maps(), Some("kube-public"), "part=contract", "metadata.name!=contract-other"),
            all,
        ];
        // Known in the second round.
        let next = objects(&request, "ConfigMap").into_iter().find_map(|map| Some(map["data"]["next"].as_str()?.to_owned()));
        reads.extend(next.map(|name| Selector::One(map(&name))));
        let random = |name: &str, length, secret| RandomRequest {
            name: name.into(),
            alphabet: "0123456789abcdefghijklmnopqrstuvwxyz".into(),
            length,
            secret,
        };
        Ok(Needs { reads, random: vec![random("id", 6, false), random("secret", 16, true)] })
    }

    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let parameters = json(&request.parameters);
        match parameters["refuse"].as_str().unwrap_or_default() {
            "invalid-input" => {
                let problem = |path: &str, message: &str| Problem { path: path.into(), message: message.into() };
                return Err(Failure::InvalidInput(vec![problem("refuse", "is set"), problem("documents[0].kind", "is not known")]));
            }
            "unsupported" => return Err(Failure::Unsupported("version `v9` is not supported".into())),
            "other" => return Err(Failure::Other("something else".into())),
            _ => {}
        }
        let notes = notes(&request, &parameters);
        if request.task == "audit" {
            return Ok(Plan { operations: vec![], findings: findings(&request), notes, outputs: vec![] });
        }
        let mut operations = operations(&request, &parameters);
        let (id, secret) = token(&request, &parameters);
        operations.push(creation(&id, &secret));
        let cure = finding("contract-cure", Severity::Low, None, &["create", "token"]);
        let text = |text: &str| Part::Text(text.into());
        let outputs = vec![
            Output { name: "first".into(), when: Moment::Before, value: vec![text("before the first operation")] },
            Output { name: "last".into(), when: Moment::After, value: vec![text(&id), text("."), Part::Secret(secret)] },
        ];
        Ok(Plan { operations, findings: vec![cure], notes, outputs })
    }
}

/// What the request says, line by line.
fn notes(request: &Request, parameters: &Value) -> Vec<String> {
    let server = &request.server;
    let pins = server.certificate_authority_pins.join(",");
    let mut notes = vec![
        format!("now: {}", request.now),
        format!("endpoint: {}", parameters["endpoint"].as_str().unwrap_or_default()),
        format!("server: {} {} {} {pins}", server.version, server.url, server.certificate_authority.len()),
    ];
    notes.extend(request.documents.iter().map(|text| format!("document: {}", json(text)["kind"].as_str().unwrap_or_default())));
    let place = |of: &ApiResource, namespace: &Option<String>| {
        let namespace = namespace.as_deref().unwrap_or("none");
        format!("{} {} {} {} {namespace}", of.group, of.version, of.plural, of.kind)
    };
    for Answer { to, objects } in &request.observed {
        let to = match to {
            Selector::One(one) => format!("one: {} {}", place(&one.of, &one.namespace), one.name),
            Selector::Many(many) => {
                let place = place(&many.of, &many.namespace);
                format!("many: {place} {} {}", many.label_selector, many.field_selector)
            }
        };
        let names: Vec<String> = objects.iter().map(|text| name(&json(text))).collect();
        notes.push(format!("{to}: {}", names.join(",")));
    }
    // The secret one is the id of a handle, which is the host's business.
    let random = request.random.iter().map(|random| match random.name.as_str() {
        "secret" => "secret: drawn".to_owned(),
        name => format!("{name}: {}", random.value),
    });
    notes.extend(random);
    notes
}

fn operations(request: &Request, parameters: &Value) -> Vec<Operation> {
    let data = json!({ "endpoint": parameters["endpoint"].as_str().unwrap_or_default(), "now": request.now });
    let body = |name: &str| {
        let metadata = json!({ "name": name, "namespace": "kube-public", "labels": { "part": "contract" } });
        json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data }).to_string()
    };
    let operation = |id: &str, target: ObjectRef, action, when, after: &[&str]| Operation {
        id: id.into(),
        target,
        action,
        when,
        after: after.iter().map(|id| id.to_string()).collect(),
        reason: format!("to {id}"),
    };
    let mut operations =
        vec![operation("create", map("contract-new"), Action::Create(body("contract-new")), Precondition::Absent, &[])];
    for map in objects(request, "ConfigMap") {
        let target = self::map(&name(&map));
        let (action, after): (_, &[&str]) = match target.name.as_str() {
            "contract-kept" => (Action::Keep, &[]),
            "contract-replaced" => (Action::Replace(body("contract-replaced")), &["create"]),
            "contract-patched" => (Action::MergePatch(json!({ "data": data }).to_string()), &["create", "contract-replaced"]),
            "contract-deleted" => (Action::Delete, &[]),
            _ => continue,
        };
        operations.push(operation(&target.name.clone(), target, action, Precondition::AsObserved, after));
    }
    let applied = Action::Apply(body("contract-applied"));
    operations.push(operation("apply", map("contract-applied"), applied, Precondition::Any, &[]));
    for binding in objects(request, "ClusterRoleBinding") {
        let target = ObjectRef { of: bindings("Cluster"), namespace: None, name: name(&binding) };
        let patch = Action::MergePatch(json!({ "subjects": [] }).to_string());
        operations.push(operation("revoke", target, patch, Precondition::AsObserved, &[]));
    }
    operations
}

/// The token of the parameters, else the drawn one: its id, and the id of the handle of its secret.
fn token(request: &Request, parameters: &Value) -> (String, String) {
    let given = &parameters["token"];
    if let (Some(id), Some(secret)) = (given["id"].as_str(), given["secret"]["$secret"].as_str()) {
        return (id.into(), secret.into());
    }
    let drawn = |name: &str| request.random.iter().find(|random| random.name == name).unwrap().value.clone();
    (drawn("id"), drawn("secret"))
}

fn creation(id: &str, secret: &str) -> Operation {
    let name = format!("bootstrap-token-{id}");
    let body = json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": { "name": name, "namespace": "kube-system" },
        "type": "bootstrap.kubernetes.io/token",
        "data": { "token-secret": { "$secret": secret } },
        "stringData": { "token-id": id },
    });
    Operation {
        id: "token".into(),
        target: ObjectRef { of: secrets(), namespace: Some("kube-system".into()), name },
        action: Action::Create(body.to_string()),
        when: Precondition::Absent,
        after: vec!["create".into()],
        reason: "to create a token".into(),
    }
}

fn findings(request: &Request) -> Vec<Finding> {
    let first = |kind: &str, of, namespace: Option<&str>| {
        let name = objects(request, kind).first().map(name);
        name.map(|name| ObjectRef { of, namespace: namespace.map(Into::into), name })
    };
    vec![
        finding("contract-info", Severity::Info, None, &[]),
        finding("contract-low", Severity::Low, None, &[]),
        finding("contract-medium", Severity::Medium, None, &[]),
        finding("contract-high", Severity::High, first("RoleBinding", bindings(""), Some("kube-public")), &[]),
        finding("contract-critical", Severity::Critical, first("ClusterRoleBinding", bindings("Cluster"), None), &[]),
    ]
}

fn finding(rule: &str, severity: Severity, target: Option<ObjectRef>, remedy: &[&str]) -> Finding {
    Finding {
        rule: rule.into(),
        severity,
        title: format!("rule `{rule}`"),
        detail: "quotes: \"'`; other letters: äöü, 名前, 🦀".into(),
        target,
        remedy: remedy.iter().map(|id| id.to_string()).collect(),
        references: vec!["https://example.com/a".into(), "https://example.com/b".into()],
    }
}

/// All observed objects of a kind.
fn objects(request: &Request, kind: &str) -> Vec<Value> {
    let mut found: Vec<Value> = Vec::new();
    for object in request.observed.iter().flat_map(|answer| &answer.objects).map(|text| json(text)) {
        // One that was found twice is one.
        if object["kind"] == kind && !found.contains(&object) {
            found.push(object);
        }
    }
    found
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn name(object: &Value) -> String {
    object["metadata"]["name"].as_str().unwrap().into()
}

fn map(name: &str) -> ObjectRef {
    ObjectRef { of: maps(), namespace: Some("kube-public".into()), name: name.into() }
}

fn maps() -> ApiResource {
    ApiResource { group: "".into(), version: "v1".into(), plural: "configmaps".into(), kind: "ConfigMap".into() }
}

fn secrets() -> ApiResource {
    ApiResource { group: "".into(), version: "v1".into(), plural: "secrets".into(), kind: "Secret".into() }
}

/// RoleBindings, or ClusterRoleBindings.
fn bindings(of: &str) -> ApiResource {
    ApiResource {
        group: "rbac.authorization.k8s.io".into(),
        version: "v1".into(),
        plural: format!("{}rolebindings", of.to_lowercase()),
        kind: format!("{of}RoleBinding"),
    }
}
