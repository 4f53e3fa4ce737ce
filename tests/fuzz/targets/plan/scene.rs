//! All that a run depends on, drawn from bytes: what the phase answers, what it may do, and what is in the cluster.

use super::super::dice::Dice;
use super::script::{present, script};
use super::words::{self, KEYS, KINDS, NAMESPACES, PATTERNS, REVEALS, TYPES};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use kubephase_core::name::{Namespace, ObjectName};
use kubephase_core::object::{ApiResource, Object, ObjectRef, Scope};
use kubephase_core::permission::{Access, AccessSort, Pattern, Permission, PermissionScope, Permissions};
use kubephase_core::policy::Policy;
use kubephase_core::secret::{Home, SecretOrigin, Secrets};
use kubephase_core::selector::Selector;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

/// The first values of the vault: one that the user gave, one that the host made; the others are in the cluster.
const GIVEN: u8 = 0;
const DRAWN: u8 = 1;
const STORED: [u8; 3] = [2, 3, 4];

/// What a run depends on.
pub(super) struct Scene {
    /// What the mirror answers.
    pub(super) script: Value,
    declared: Permissions,
    granted: Permissions,
    cluster: Vec<Stored>,
    vault: Vault,
}

/// An object in the cluster.
pub(super) struct Stored {
    /// Which one.
    pub(super) target: ObjectRef,
    /// What it is.
    pub(super) object: Object,
    /// A word in it that nobody can guess.
    pub(super) marker: String,
}

/// Values that no input can hold, since they are digests of it.
pub(super) struct Vault([u8; 32]);

impl Vault {
    /// The value of a number; one of them is not text.
    pub(super) fn value(&self, number: u8) -> Vec<u8> {
        let digest = Sha256::new().chain_update(self.0).chain_update([number]).finalize();
        if number == 4 {
            digest.to_vec()
        } else {
            digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect::<String>().into()
        }
    }
}

impl Scene {
    /// Draws all of it.
    pub(super) fn draw(data: &[u8]) -> Self {
        let vault = Vault(Sha256::digest(data).into());
        let mut dice = Dice::new(data);
        let declared = permissions(&mut dice);
        let granted = if dice.is_one_in(2) { permissions(&mut dice) } else { declared.clone() };
        let script = script(&mut dice);
        let about = present(script.get("plan_for").unwrap()).filter_map(named).filter(|_| !dice.is_one_in(3)).collect::<Vec<_>>();
        let mut present = [about, dice.some(3, target)].concat();
        present.sort();
        present.dedup();
        let cluster = (100..).zip(present).map(|(number, target)| stored(&mut dice, &vault, target, number)).collect();
        Self { script, declared, granted, cluster, vault }
    }

    /// Both sides of the decision.
    pub(super) const fn policy(&self) -> Policy<'_> {
        Policy { declared: &self.declared, granted: &self.granted, of_phase: &self.declared }
    }

    /// Where the value that the user gave may go.
    pub(super) fn given(&self) -> (Vec<u8>, Home) {
        let home = Home { namespace: Namespace::parse("a").ok(), of_type: "A".to_owned() };
        (self.vault.value(GIVEN), home)
    }

    /// The hidden values before anything is read.
    pub(super) fn secrets(&self) -> Secrets {
        let mut secrets = Secrets::default();
        let (value, home) = self.given();
        secrets.hide(&value, SecretOrigin::Given(home));
        secrets.hide(&self.vault.value(DRAWN), SecretOrigin::Drawn);
        secrets
    }

    /// What is in the cluster.
    pub(super) fn cluster(&self) -> &[Stored] {
        &self.cluster
    }

    /// What the cluster answers.
    pub(super) fn answer(&self, selector: &Selector) -> Vec<Object> {
        let is_meant = |target: &ObjectRef| match selector {
            Selector::One(one) => target == one,
            Selector::Many(many) => target.of == many.of && (many.namespace.is_none() || target.namespace == many.namespace),
        };
        self.cluster.iter().filter(|stored| is_meant(&stored.target)).map(|stored| stored.object.clone()).collect()
    }

    /// Random bytes for this run.
    pub(super) fn seed(&self) -> Vec<u8> {
        self.vault.value(255)
    }
}

/// An object that there can be.
fn target(dice: &mut Dice<'_>) -> ObjectRef {
    let [group, version, plural, kind] = words::kind(dice);
    let of = ApiResource::parse(group, version, plural, kind).or_else(|_| ApiResource::parse("", "v1", "secrets", "Secret"));
    let name = ObjectName::parse(words::name(dice)).or_else(|_| ObjectName::parse("t"));
    let of = of.unwrap();
    let namespace = words::namespace(dice).and_then(|namespace| Namespace::parse(namespace).ok());
    // Most are where objects of their kind can be.
    let namespace = match of.scope() {
        Some(Scope::Namespaced) => namespace.or_else(|| Namespace::parse("a").ok()),
        Some(Scope::Cluster) => None,
        None => namespace,
    };
    ObjectRef { of, namespace, name: name.unwrap() }
}

/// The object that a script names, if there can be such.
fn named(target: &Value) -> Option<ObjectRef> {
    let text = |pointer: &str| target.pointer(pointer).and_then(Value::as_str);
    let of = ApiResource::parse(text("/of/group")?, text("/of/version")?, text("/of/plural")?, text("/of/kind")?).ok()?;
    let namespace = text("/namespace").map(Namespace::parse).transpose().ok()?;
    ObjectRef::new(of, namespace, ObjectName::parse(text("/name")?).ok()?).ok()
}

fn stored(dice: &mut Dice<'_>, vault: &Vault, target: ObjectRef, number: u8) -> Stored {
    let marker = String::from_utf8(vault.value(number)).unwrap();
    let mut object = json!({
        "apiVersion": target.of.api_version(), "kind": target.of.kind(),
        "metadata": {
            "name": target.name.as_str(), "uid": format!("u{number}"), "resourceVersion": "7",
            "managedFields": [{ "manager": "other" }], "annotations": { "marker": marker },
        },
    });
    if let Some(namespace) = &target.namespace {
        object["metadata"]["namespace"] = json!(namespace.as_str());
    }
    if target.of.is_secret() {
        if let Some(of_type) = dice.pick(&[Some(TYPES[0]), Some(TYPES[1]), Some("Opaque"), Some(""), None]) {
            object["type"] = json!(of_type);
        }
        let entry = |dice: &mut Dice<'_>| (dice.pick(&KEYS).to_owned(), json!(STANDARD.encode(vault.value(dice.pick(&STORED)))));
        let data = Map::from_iter(dice.some(3, entry));
        // As kubectl keeps it.
        object["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"] =
            json!(json!({ "data": data }).to_string());
        object["data"] = Value::Object(data);
    }
    let Value::Object(object) = object else { unreachable!() };
    Stored { target, object: Object::new(object), marker }
}

/// Everything, or less: without some permissions, an access, or keys in clear.
fn permissions(dice: &mut Dice<'_>) -> Permissions {
    let mut permissions = if dice.is_one_in(8) { dice.some(4, permission) } else { wide() };
    if dice.is_one_in(16) {
        permissions.truncate(dice.number(permissions.len()));
    }
    if dice.is_one_in(8) {
        let less = dice.pick(&ACCESSES);
        permissions.iter_mut().for_each(|permission| permission.access.retain(|access| *access != less));
    }
    if dice.is_one_in(6) {
        permissions.iter_mut().for_each(|permission| permission.reveal.clear());
    }
    Permissions(permissions)
}

const ACCESSES: [Access; 4] = [Access::Read, Access::Create, Access::Update, Access::Delete];

fn patterns(texts: &[&str]) -> Vec<Pattern> {
    texts.iter().map(|text| Pattern::parse(text).unwrap()).collect()
}

/// Everything, but for most keys.
fn wide() -> Vec<Permission> {
    let is_there = |[group, version, plural, kind]: [&str; 4], namespace: Option<&str>| {
        let namespace = namespace.map(|namespace| Namespace::parse(namespace).unwrap());
        ApiResource::parse(group, version, plural, kind).unwrap().check_namespace(namespace.as_ref()).is_ok()
    };
    let places = KINDS.iter().flat_map(|kind| NAMESPACES.map(|namespace| (*kind, namespace)));
    let places = places.filter(|(kind, namespace)| is_there(*kind, *namespace));
    let permission = |([group, version, plural, kind], namespace): ([&str; 4], Option<&str>)| Permission {
        access: ACCESSES.to_vec(),
        of: ApiResource::parse(group, version, plural, kind).unwrap(),
        place: place(namespace.map(|namespace| Namespace::parse(namespace).unwrap())),
        names: patterns(&["s*", "t*"]),
        reveal: patterns(&["id", "x-*"]),
        reason: String::new(),
    };
    places.map(permission).collect()
}

fn permission(dice: &mut Dice<'_>) -> Permission {
    let ObjectRef { of, namespace, .. } = target(dice);
    let mut access = ACCESSES.to_vec();
    access.retain(|_| !dice.is_one_in(3));
    let names = dice.some(3, |dice| dice.pick(&PATTERNS));
    let reveal = dice.some(2, |dice| dice.pick(&REVEALS));
    let sort = AccessSort::of(&access, &of);
    let mut permission = Permission {
        access,
        of,
        place: place(namespace),
        names: patterns(&names),
        reveal: patterns(&reveal),
        reason: "why".to_owned(),
    };
    if sort == AccessSort::Open && dice.is_one_in(3) {
        permission.names.push(Pattern::parse_name("*", sort).unwrap());
        if permission.place != PermissionScope::Cluster && permission.of.scope() != Some(Scope::Cluster) {
            permission.place = PermissionScope::parse(Some("*"), sort, &permission.of).unwrap();
        }
    }
    permission
}

fn place(namespace: Option<Namespace>) -> PermissionScope {
    namespace.map_or(PermissionScope::Cluster, PermissionScope::Namespace)
}
