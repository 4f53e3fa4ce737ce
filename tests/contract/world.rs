//! Questions, and a cluster to ask them of: as many different ones as wanted, the same for the same number.

use kubectl_bootstrap_token::component::{CallError, Facts, Phase};
use kubephase_core::name::{Namespace, ObjectName};
use kubephase_core::object::{ApiResource, Object, ObjectRef};
use kubephase_core::permission::Permissions;
use kubephase_core::plan::Content;
use kubephase_core::policy::Policy;
use kubephase_core::question::{Drawn, Needs, Question, RandomValue, Server};
use kubephase_core::secret::{Home, SecretOrigin, Secrets};
use kubephase_core::selector::Selector;
use kubephase_core::snapshot::Snapshot;
use serde_json::{Value, json};

/// Numbers that look random and are the same every time (Knuth's MMIX generator).
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    /// A number below another one.
    pub(crate) const fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn one_of<T: Clone>(&mut self, items: &[T]) -> T {
        items.get(usize::try_from(self.below(items.len() as u64)).unwrap()).unwrap().clone()
    }

    /// Characters of tokens.
    pub(crate) fn text(&mut self, length: usize) -> String {
        let alphabet: Vec<char> = "0123456789abcdefghijklmnopqrstuvwxyz".chars().collect();
        (0..length).map(|_| self.one_of(&alphabet)).collect()
    }
}

/// A question and all that is known when it is asked.
pub(crate) struct World {
    question: Question,
    server: Server,
    snapshot: Snapshot,
    random: Vec<RandomValue>,
    permissions: Permissions,
    pub(crate) secrets: Secrets,
    /// The values that nobody may see.
    pub(crate) hidden: Vec<String>,
}

impl World {
    /// A world of a number, with all that a phase of these permissions may want to know.
    pub(crate) fn new(seed: u64, task: &str, permissions: &Permissions) -> Self {
        let mut numbers = Numbers::new(seed);
        let mut world = Self {
            question: Question {
                task: task.to_owned(),
                parameters: json!({ "controlPlaneEndpoint": numbers.one_of(&["cp.example", "10.0.0.1:6443", "[::1]:1", "not a host"]) }),
                documents: Vec::new(),
                now: format!("20{}-0{}-01T00:00:00Z", 20 + numbers.below(60), 1 + numbers.below(9)),
            },
            server: Server { version: numbers.one_of(&["v1.37.2", "v1.22.17", ""]).to_owned(), ..Server::default() },
            snapshot: Snapshot::default(),
            random: Vec::new(),
            permissions: permissions.clone(),
            secrets: Secrets::default(),
            hidden: Vec::new(),
        };
        let tokens: Vec<Value> = (0..numbers.below(5)).map(|_| world.token(&mut numbers)).collect();
        world.question.documents = vec![json!({
            "apiVersion": "kubeadm.k8s.io/v1beta4", "kind": "InitConfiguration", "bootstrapTokens": tokens,
        })];
        world
    }

    fn hide(&mut self, numbers: &mut Numbers, origin: SecretOrigin) -> (String, Value) {
        let value = numbers.text(16);
        let id = self.secrets.hide(value.as_bytes(), origin);
        self.hidden.push(value.clone());
        (value, self.secrets.handle(&id))
    }

    /// An entry of a configuration, right more often than not.
    fn token(&mut self, numbers: &mut Numbers) -> Value {
        let home = Home { namespace: Namespace::parse("kube-system").ok(), of_type: "bootstrap.kubernetes.io/token".to_owned() };
        let (_, secret) = self.hide(numbers, SecretOrigin::Given(home));
        let mut entry = json!({
            "token": { "id": numbers.text(6), "secret": secret },
            "ttl": numbers.one_of(&["24h", "0", "1h30m", "soon"]),
            "description": numbers.text(12),
            "groups": numbers.one_of(&[json!(["system:bootstrappers:a"]), json!([]), json!(null)]),
            "usages": numbers.one_of(&[json!(["signing", "authentication"]), json!(["signing"]), json!(null)]),
        });
        if numbers.below(4) == 0 {
            entry.as_object_mut().unwrap().remove("token");
        }
        entry
    }

    fn facts(&self) -> Facts<'_> {
        Facts { question: &self.question, server: &self.server, snapshot: &self.snapshot, random: &self.random }
    }

    /// What the phase needs, in this and later rounds, until it needs nothing more; then its plan.
    pub(crate) fn ask(&mut self, phase: &Phase<'_>, seed: u64) -> Result<Content, CallError> {
        let mut numbers = Numbers::new(seed ^ 0xABCD);
        for _ in 0..5 {
            let needs = self.call(|facts, policy, secrets| phase.need(facts, policy, secrets))?;
            if !self.learn(needs, &mut numbers) {
                break;
            }
        }
        self.call(|facts, policy, secrets| phase.plan(facts, policy, secrets))
    }

    fn call<T>(&mut self, ask: impl FnOnce(&Facts<'_>, Policy<'_>, &mut Secrets) -> T) -> T {
        let mut secrets = std::mem::take(&mut self.secrets);
        let policy = Policy { declared: &self.permissions, granted: &self.permissions, of_phase: &self.permissions };
        let answer = ask(&self.facts(), policy, &mut secrets);
        self.secrets = secrets;
        answer
    }

    /// Answers what is asked for; whether there was anything new.
    fn learn(&mut self, needs: Needs, numbers: &mut Numbers) -> bool {
        let mut is_new = false;
        for request in needs.random {
            if self.random.iter().all(|value| value.name != request.name) {
                is_new = true;
                let value = numbers.text(request.length);
                self.hidden.push(value.clone());
                let id = self.secrets.hide(value.as_bytes(), SecretOrigin::Drawn);
                let is_hidden = request.visibility == kubephase_core::question::Visibility::Hidden;
                let value = if is_hidden { Drawn::Hidden(id) } else { Drawn::Clear(self.hidden.pop().unwrap()) };
                self.random.push(RandomValue { name: request.name, value });
            }
        }
        for selector in needs.reads {
            if !self.snapshot.has(&selector) {
                is_new = true;
                let objects = self.objects(&selector, numbers);
                self.snapshot.insert(selector, objects);
            }
        }
        is_new
    }

    /// What is found: nothing, or an object with values that must stay hidden if it is a Secret.
    fn objects(&mut self, selector: &Selector, numbers: &mut Numbers) -> Vec<Object> {
        let targets = match selector {
            Selector::One(target) => vec![target.clone()],
            Selector::Many(list) => (0..5).map(|_| named(&list.of, list.namespace.as_ref(), &numbers.text(6))).collect(),
        };
        let mut objects = Vec::new();
        for target in &targets {
            if numbers.below(3) > 0 {
                objects.push(self.object(target, numbers));
            }
        }
        objects
    }

    fn object(&mut self, target: &ObjectRef, numbers: &mut Numbers) -> Object {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        let mut object = json!({
            "apiVersion": target.of.api_version(), "kind": target.of.kind(),
            "metadata": { "name": target.name.as_str(), "namespace": target.namespace.as_ref().map(Namespace::as_str),
                "uid": numbers.text(8), "resourceVersion": numbers.below(100_000).to_string() },
        });
        if target.of.is_secret() {
            let (secret, other) = (numbers.text(16), numbers.text(24));
            object["type"] = json!("bootstrap.kubernetes.io/token");
            object["data"] = json!({
                "token-id": STANDARD.encode(numbers.text(6)), "token-secret": STANDARD.encode(&secret),
                "something-else": STANDARD.encode(&other), "expiration": STANDARD.encode("2050-01-01T00:00:00Z"),
            });
            self.hidden.extend([secret, other]);
        }
        Object::new(object.as_object().unwrap().clone())
    }
}

fn named(of: &ApiResource, namespace: Option<&Namespace>, name: &str) -> ObjectRef {
    let name = ObjectName::parse(&format!("bootstrap-token-{name}")).unwrap();
    ObjectRef { of: of.clone(), namespace: namespace.cloned(), name }
}
