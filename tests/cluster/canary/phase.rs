// Says what it is told to say, in whichever field of its answers: see `MARKER`.
#![no_main]
use hostile::*;

/// Where the walk writes what is said, as `{"id": …, "fields": {"plan.notes": …}}` and blanks, so that one compiled phase serves for
/// every field.
static MARKER: [u8; 12288] = marker();

const fn marker() -> [u8; 12288] {
    let (tag, mut bytes, mut at) = (b"what the canary says:", [b' '; 12288], 0);
    while at < tag.len() {
        bytes[at] = tag[at];
        at += 1;
    }
    bytes
}

struct Canary {
    /// What the objects of this run are called after.
    id: String,
    fields: Value,
}

impl Canary {
    fn new() -> Self {
        let text = std::str::from_utf8(std::hint::black_box(&MARKER)).expect("UTF-8");
        let told: Value = serde_json::from_str(text.split_once(':').expect("a tag").1.trim()).expect("JSON");
        Self { id: told["id"].as_str().expect("an id").to_owned(), fields: told["fields"].clone() }
    }

    /// What is said in a field, if anything is.
    fn told(&self, field: &str) -> Option<String> {
        self.fields[field].as_str().map(str::to_owned)
    }

    fn or(&self, field: &str, usual: &str) -> String {
        self.told(field).unwrap_or_else(|| usual.to_owned())
    }

    /// Whether something is said in one of the fields that start so.
    fn is_told_of(&self, start: &str) -> bool {
        self.fields.as_object().is_some_and(|fields| fields.keys().any(|field| field.starts_with(start)))
    }

    fn resource(&self, at: &str, usual: &ApiResource) -> ApiResource {
        ApiResource {
            group: self.or(&format!("{at}.group"), &usual.group),
            version: self.or(&format!("{at}.version"), &usual.version),
            plural: self.or(&format!("{at}.plural"), &usual.plural),
            kind: self.or(&format!("{at}.kind"), &usual.kind),
        }
    }

    fn object(&self, at: &str, usual: ObjectRef) -> ObjectRef {
        ObjectRef {
            of: self.resource(&format!("{at}.of"), &usual.of),
            namespace: self.told(&format!("{at}.namespace")).or(usual.namespace),
            name: self.or(&format!("{at}.name"), &usual.name),
        }
    }

    fn permissions(&self) -> Vec<Permission> {
        let most = || vec![Access::Read, Access::Create, Access::Update, Access::Delete];
        let names = || vec!["walk-*".to_owned(), "canary-*".to_owned(), "bootstrap-token-*".to_owned()];
        let clear = ["token-id", "description", "expiration", "usage-bootstrap-*", "auth-extra-groups"].map(str::to_owned);
        let maps = Permission { names: names(), ..permission(most(), config_maps(), Some("kube-public"), "") };
        let usual = permission(most(), secrets(), Some("kube-system"), "");
        let hidden = Permission { names: names(), reveal: clear.to_vec(), ..usual };
        let at = "description.tasks.permissions";
        let told = self.is_told_of(at).then(|| Permission {
            access: vec![Access::Read, Access::Create],
            of: self.resource(
                &format!("{at}.of"),
                &if self.told(&format!("{at}.reveal")).is_some() { secrets() } else { config_maps() },
            ),
            namespace: Some(self.or(&format!("{at}.namespace"), "kube-public")),
            names: vec![self.or(&format!("{at}.names"), "walk-*")],
            reveal: self.told(&format!("{at}.reveal")).into_iter().collect(),
            reason: self.or(&format!("{at}.reason"), "a test"),
        });
        [maps, hidden].into_iter().chain(told).collect()
    }

    fn map(&self, end: &str) -> ObjectRef {
        config_map(&format!("walk-{}{end}", self.id))
    }

    /// The Secret of the token that the user gave, and those of one that was there and of one that is drawn.
    fn token(&self, end: &str) -> ObjectRef {
        secret(&format!("bootstrap-token-{}{end}", self.id))
    }

    fn needs(&self) -> Needs {
        let maps = ["", "-r", "-a"].map(|end| self.map(end));
        let usual = maps.into_iter().chain([self.token(""), self.token("-seen"), self.token("-drawn"), secret("walk-opaque")]);
        let mut reads: Vec<Selector> = usual.map(Selector::One).collect();
        for (start, end) in [("needs.reads.one", "-n"), ("plan.operations.target", "-t")] {
            if self.is_told_of(start) {
                reads.push(Selector::One(self.object(start, self.map(end))));
            }
        }
        if self.is_told_of("needs.reads.many") {
            let at = "needs.reads.many";
            reads.push(Selector::Many(ListRef {
                of: self.resource(&format!("{at}.of"), &config_maps()),
                namespace: Some(self.or(&format!("{at}.namespace"), "kube-public")),
                label_selector: self.or(&format!("{at}.label-selector"), ""),
                field_selector: self.or(&format!("{at}.field-selector"), "metadata.name=walk-many"),
            }));
        }
        let drawn = |name: String, alphabet: String| RandomRequest { name, alphabet, length: 48, secret: true };
        let told = self
            .is_told_of("needs.random")
            .then(|| drawn(self.or("needs.random.name", "told"), self.or("needs.random.alphabet", "QXZJKVWY")));
        let random = [drawn("drawn".to_owned(), "QXZJKVWY".to_owned())].into_iter().chain(told).collect();
        Needs { reads, random }
    }
}

/// A request, and the ids of the handles in it.
struct Asked<'a> {
    canary: &'a Canary,
    request: &'a Request,
    handles: Vec<(&'static str, String)>,
}

impl<'a> Asked<'a> {
    fn new(canary: &'a Canary, request: &'a Request) -> Self {
        let json = |text: &String| serde_json::from_str::<Value>(text).expect("JSON");
        let told: Vec<Value> = request.documents.iter().map(json).collect();
        let of_certificate = told.iter().map(|document| document["certificateKey"]["$secret"].clone());
        let parameters = json(&request.parameters);
        let certificate = of_certificate.chain([parameters["certificateKey"]["$secret"].clone()]).find(|id| id.is_string());
        let given = told.iter().map(|document| document["bootstrapTokens"][0]["token"]["secret"]["$secret"].clone());
        let given = given.chain([parameters["token"]["secret"]["$secret"].clone()]).find(|id| id.is_string());
        let seen = observed(request, &canary.token("-seen").name)["data"]["token-secret"]["$secret"].clone();
        let opaque = observed(request, "walk-opaque")["data"]["opaque"]["$secret"].clone();
        let drawn = request.random.iter().find(|value| value.name == "drawn").map(|value| json!(value.value));
        let found =
            [("given", given), ("seen", Some(seen)), ("opaque", Some(opaque)), ("drawn", drawn), ("certificate", certificate)];
        let id =
            |value: Option<Value>| value.and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_else(|| "s1".to_owned());
        Self { canary, request, handles: found.into_iter().map(|(name, value)| (name, id(value))).collect() }
    }

    /// What is said, with the ids of handles in place.
    fn filled(&self, text: &str) -> String {
        let endpoint = self.request.server.url.trim_start_matches("https://").trim_end_matches('/').to_owned();
        let pin = self.request.server.certificate_authority_pins.first().cloned().unwrap_or_default();
        let text = text.replace("{id}", &self.canary.id).replace("{endpoint}", &endpoint).replace("{pin}", &pin);
        self.handles.iter().fold(text, |text, (name, id)| text.replace(&format!("{{{name}}}"), id))
    }

    fn told(&self, field: &str) -> Option<String> {
        self.canary.told(field).map(|text| self.filled(&text))
    }

    fn or(&self, field: &str, usual: &str) -> String {
        self.told(field).unwrap_or_else(|| usual.to_owned())
    }

    /// `{!given}` and the like are pieces of their own, which the host is asked to fill; so is `{=…}`, with an id that is told.
    fn parts(&self, text: &str) -> Vec<Part> {
        let mut parts = Vec::new();
        for piece in text
            .split_inclusive('}')
            .flat_map(|piece| piece.find("{!").or(piece.find("{=")).map_or(vec![piece], |at| vec![&piece[..at], &piece[at..]]))
        {
            let name = piece.strip_suffix('}');
            if let Some(name) = name.and_then(|name| name.strip_prefix("{!")) {
                parts.extend(self.handles.iter().find(|(known, _)| *known == name).map(|(_, id)| Part::Secret(id.clone())));
            } else if let Some(id) = name.and_then(|name| name.strip_prefix("{=")) {
                parts.push(Part::Secret(id.to_owned()));
            } else if !piece.is_empty() {
                parts.push(Part::Text(self.filled(piece)));
            }
        }
        parts
    }

    /// Makes an object what it should be, whether or not it is there.
    fn write(&self, id: &str, target: ObjectRef, fields: Value) -> Operation {
        let is_there = !observed(self.request, &target.name).is_null();
        let operation = if is_there { patch(target, fields) } else { create(target, fields) };
        Operation { id: id.to_owned(), ..operation }
    }

    /// With what is told of bodies of this sort; `@secret` before it means that of the given token.
    fn fields(&self, sort: &str, of: &str, usual: Value) -> Value {
        let Some(text) = self.told(&format!("plan.operations.action.{sort}")) else { return usual };
        let (told_of, text) = text.strip_prefix("@secret ").map_or(("map", text.as_str()), |text| ("secret", text));
        if told_of != of {
            return usual;
        }
        let mut object = usual;
        overlay(&mut object, serde_json::from_str(text).expect("JSON"));
        object
    }

    fn secret_of(&self, end: &str, handle: &str) -> Value {
        let handle = self.handles.iter().find(|(name, _)| *name == handle).expect("a handle").1.clone();
        json!({
            "type": "bootstrap.kubernetes.io/token",
            "stringData": {
                "token-id": format!("{}{end}", self.canary.id), "usage-bootstrap-signing": "true",
                "usage-bootstrap-authentication": "true", "auth-extra-groups": "system:bootstrappers:kubeadm:default-node-token",
                "token-secret": { "$secret": handle },
            },
        })
    }

    fn operations(&self) -> Vec<Operation> {
        let canary = self.canary;
        if self.request.task == "delete" {
            let target = canary.token("");
            let when = Precondition::AsObserved;
            let is_there = !observed(self.request, &target.name).is_null();
            return is_there.then(|| operation("delete", target, Action::Delete, when)).into_iter().collect();
        }
        let kind = if observed(self.request, &canary.map("").name).is_null() { "create" } else { "merge-patch" };
        let first = self.write("first", canary.map(""), self.fields(kind, "map", json!({ "data": { "now": self.request.now } })));
        let first = Operation {
            id: self.or("plan.operations.id", "first"),
            reason: self.or("plan.operations.reason", "a test"),
            after: self.told("plan.operations.after").into_iter().collect(),
            ..first
        };
        let kind = if observed(self.request, &canary.token("").name).is_null() { "create" } else { "merge-patch" };
        let given = self.handles.iter().any(|(name, id)| *name == "given" && id != "s1" || self.request.task != "audit");
        let given =
            given.then(|| self.write("given", canary.token(""), self.fields(kind, "secret", self.secret_of("", "given"))));
        let drawn = self.write("drawn", canary.token("-drawn"), self.secret_of("-drawn", "drawn"));
        let replaced = canary.map("-r");
        let whole = body(&replaced, self.fields("replace", "map", json!({ "data": { "now": self.request.now } }))).to_string();
        let replaced = if observed(self.request, &replaced.name).is_null() {
            operation("replaced", replaced, Action::Create(whole), Precondition::Absent)
        } else {
            operation("replaced", replaced, Action::Replace(whole), Precondition::AsObserved)
        };
        let applied = canary.map("-a");
        let whole = body(&applied, self.fields("apply", "map", json!({ "data": { "now": self.request.now } }))).to_string();
        let applied = operation("applied", applied, Action::Apply(whole), Precondition::Any);
        let told = canary.is_told_of("plan.operations.target").then(|| {
            let target = canary.object("plan.operations.target", canary.map("-t"));
            self.write("told", target, json!({ "data": { "now": self.request.now } }))
        });
        [first].into_iter().chain(given).chain([drawn, replaced, applied]).chain(told).collect()
    }

    fn findings(&self) -> Vec<Finding> {
        vec![Finding {
            rule: self.or("plan.findings.rule", "rule"),
            severity: Severity::High,
            title: self.or("plan.findings.title", "a title"),
            detail: self.or("plan.findings.detail", "a detail"),
            target: Some(self.canary.object("plan.findings.target", self.canary.map(""))),
            fixable: false,
            remedy: self.told("plan.findings.remedy").into_iter().collect(),
            references: self.told("plan.findings.references").into_iter().collect(),
        }]
    }

    fn outputs(&self) -> Vec<Output> {
        let join = "kubeadm join {endpoint} --token {id}.{!given} --discovery-token-ca-cert-hash {pin}";
        let line = |name: String, text: &str| Output { name, when: Moment::After, value: self.parts(text) };
        let told = [self.canary.told("plan.outputs.value.text"), self.canary.told("plan.outputs.value.secret")];
        let is_told = self.canary.is_told_of("plan.outputs");
        let told = told.into_iter().flatten().map(|text| line(self.or("plan.outputs.name", "line"), &text)).collect::<Vec<_>>();
        let named = (is_told && told.is_empty()).then(|| line(self.or("plan.outputs.name", "line"), "said"));
        // Other tasks have no token.
        let has_token = ["apply", "create"].contains(&self.request.task.as_str());
        let usual = has_token.then(|| [line("join-command".to_owned(), join), line("token".to_owned(), "{id}.{!given}")]);
        told.into_iter().chain(named).chain(usual.into_iter().flatten()).collect()
    }

    fn failure(&self) -> Option<Failure> {
        if self.canary.is_told_of("failure.invalid-input") {
            let path = self.or("failure.invalid-input.path", "path");
            return Some(Failure::InvalidInput(vec![Problem {
                path,
                message: self.or("failure.invalid-input.message", "wrong"),
            }]));
        }
        let unsupported = self.told("failure.unsupported").map(Failure::Unsupported);
        unsupported.or_else(|| self.told("failure.other").map(Failure::Other))
    }
}

fn overlay(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            from.into_iter().for_each(|(key, value)| overlay(into.entry(key).or_insert(Value::Null), value));
        }
        (into, from) => *into = from,
    }
}

impl Hostile for Canary {
    fn describe() -> Description {
        let canary = Canary::new();
        let names = ["apply", "create", "delete", "audit", "fix"].map(str::to_owned);
        let task = |name| Task {
            name,
            summary: canary.or("description.tasks.summary", "a test"),
            parameters: canary.or("description.tasks.parameters", "{}"),
            permissions: canary.permissions(),
        };
        Description {
            id: canary.or("description.id", "walk.test"),
            version: canary.or("description.version", "0.1.0"),
            summary: canary.or("description.summary", "a phase that sings"),
            tasks: names.into_iter().chain(canary.told("description.tasks.name")).map(task).collect(),
            rules: vec![Rule {
                id: canary.or("description.rules.id", "walk"),
                severity: Severity::Low,
                title: canary.or("description.rules.title", "a rule"),
                description: canary.or("description.rules.description", "a rule of the walk"),
                references: vec![canary.or("description.rules.references", "nowhere")],
            }],
        }
    }

    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(Canary::new().needs())
    }

    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let canary = Canary::new();
        let asked = Asked::new(&canary, &request);
        if let Some(failure) = asked.failure() {
            return Err(failure);
        }
        let notes = vec![asked.or("plan.notes", "a note")];
        Ok(Plan { operations: asked.operations(), findings: asked.findings(), notes, outputs: asked.outputs() })
    }
}

hostile!(Canary);
