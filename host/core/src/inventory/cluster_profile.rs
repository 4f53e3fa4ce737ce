//! `ClusterProfile` and `PlacementDecision` of SIG Multicluster (KEP-4322 and KEP-5313, `cluster-inventory-api`), and the operator's file
//! of access providers, as `pkg/access/config.go` reads it.

use super::access::{MemberAccess, Refusal};
use super::{Member, Reach};
use crate::name::Namespace;
use crate::object::Object;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Arguments that a profile has for the plugin.
const ARGUMENTS: &str = "clusterprofiles.multicluster.x-k8s.io/exec/additional-args";
/// Variables that a profile has for the plugin.
const VARIABLES: &str = "clusterprofiles.multicluster.x-k8s.io/exec/additional-envs";
/// All slices of a decision have the same.
const DECISION_KEY: &str = "multicluster.x-k8s.io/decision-key";
/// The place of a slice.
const DECISION_INDEX: &str = "multicluster.x-k8s.io/decision-index";
/// What a decision was made for.
const PLACEMENT_KEY: &str = "multicluster.x-k8s.io/placement-key";

/// The file of `--clusterprofile-provider-file`: the programs that give credentials, in the order in which they are preferred.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Providers {
    #[serde(default)]
    providers: Vec<Provider>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Provider {
    name: String,
    #[serde(default)]
    exec_config: Option<Map<String, Value>>,
    #[serde(default, rename = "profileSourcedCLIArgsPolicy")]
    arguments: ArgumentsPolicy,
    #[serde(default, rename = "profileSourcedEnvVarsPolicy")]
    variables: VariablesPolicy,
}

/// Whether a profile may add arguments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
enum ArgumentsPolicy {
    #[default]
    #[serde(alias = "")]
    Ignore,
    Append,
}

/// Whether a profile may add variables.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
enum VariablesPolicy {
    #[default]
    #[serde(alias = "")]
    Ignore,
    AppendIfNotExists,
    Replace,
}

impl Providers {
    /// The cluster that a profile describes.
    #[must_use]
    pub fn member(&self, profile: &Object) -> Member {
        let [namespace, name] = ["namespace", "name"].map(|field| profile.metadata(field).unwrap_or_default());
        let manager = profile.fields().get("spec").and_then(|spec| spec.get("clusterManager")?.get("name")?.as_str());
        Member {
            name: format!("{namespace}/{name}"),
            identity: format!("{}/{namespace}/{name}", manager.unwrap_or_default()),
            access: self.access(profile).map(Reach::Entry),
        }
    }

    /// The first provider of the file that the profile also names.
    fn access(&self, profile: &Object) -> Result<MemberAccess, Refusal> {
        let status = profile.fields().get("status");
        let offered = |field: &str| {
            let items = status.and_then(|status| status.get(field)).and_then(Value::as_array).into_iter().flatten();
            items.filter_map(|item| Some((item.get("name")?.as_str()?, item.get("cluster")?.as_object()?)))
        };
        // Of one name the last one counts, and of both fields the new one.
        let offered: BTreeMap<&str, &Map<String, Value>> =
            offered("credentialProviders").chain(offered("accessProviders")).collect();
        let found = self.providers.iter().find_map(|provider| Some((provider, *offered.get(provider.name.as_str())?)));
        let Some((provider, cluster)) = found else {
            return Err(Refusal::NoProvider(offered.keys().map(|name| (*name).to_owned()).collect()));
        };
        MemberAccess::of_operator(cluster, provider.user(cluster)?)
    }
}

impl Provider {
    /// The user with the plugin of the file, which the profile cannot replace.
    fn user(&self, cluster: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
        let mut exec = self.exec_config.clone().ok_or(Refusal::Malformed("provider in the file", "one with an `execConfig`"))?;
        exec.insert("interactiveMode".to_owned(), json!("Never"));
        let extensions = cluster.get("extensions").and_then(Value::as_array).into_iter().flatten();
        for extension in extensions {
            let said = extension.get("extension").unwrap_or(&Value::Null);
            match extension.get("name").and_then(Value::as_str) {
                Some(ARGUMENTS) if self.arguments == ArgumentsPolicy::Append => add_arguments(&mut exec, said)?,
                Some(VARIABLES) if self.variables != VariablesPolicy::Ignore => self.add_variables(&mut exec, said)?,
                _ => {}
            }
        }
        Ok(Map::from_iter([("exec".to_owned(), Value::Object(exec))]))
    }

    /// Only variables that the file names: any other could make the plugin, or what it starts, run something else.
    fn add_variables(&self, exec: &mut Map<String, Value>, said: &Value) -> Result<(), Refusal> {
        let malformed = || Refusal::Malformed("extension with variables", "an object of texts");
        let mut own = exec.get("env").and_then(Value::as_array).cloned().unwrap_or_default();
        for (name, value) in said.as_object().ok_or_else(malformed)? {
            let value = value.as_str().ok_or_else(malformed)?;
            let is_named = |variable: &&mut Value| variable.get("name").and_then(Value::as_str) == Some(name.as_str());
            let Some(variable) = own.iter_mut().find(is_named) else { return Err(Refusal::Variable(name.clone())) };
            if self.variables == VariablesPolicy::Replace {
                *variable = json!({ "name": name, "value": value });
            }
        }
        exec.insert("env".to_owned(), Value::Array(own));
        Ok(())
    }
}

fn add_arguments(exec: &mut Map<String, Value>, said: &Value) -> Result<(), Refusal> {
    let malformed = || Refusal::Malformed("extension with arguments", "a list of texts");
    let more = said.as_array().filter(|items| items.iter().all(Value::is_string)).ok_or_else(malformed)?;
    let mut all = exec.get("args").and_then(Value::as_array).cloned().unwrap_or_default();
    all.extend(more.iter().cloned());
    exec.insert("args".to_owned(), Value::Array(all));
    Ok(())
}

/// The profiles that a scheduler chose, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChosenClusters {
    /// Namespace and name of each, once.
    chosen: Vec<(String, String)>,
}

impl ChosenClusters {
    /// The decision with a name, which is that of an object, or the key of a decision or of a placement. All slices of it count.
    #[must_use]
    pub fn named(name: &str, objects: &[Object]) -> Self {
        let label = |object: &Object, label: &str| -> Option<String> {
            Some(object.fields().get("metadata")?.get("labels")?.get(label)?.as_str()?.to_owned())
        };
        let is_meant = |object: &&Object| {
            object.metadata("name") == Some(name)
                || [DECISION_KEY, PLACEMENT_KEY].iter().any(|key| label(object, key).as_deref() == Some(name))
        };
        let keys: BTreeSet<String> = objects.iter().filter(is_meant).filter_map(|object| label(object, DECISION_KEY)).collect();
        let is_slice = |object: &&Object| is_meant(object) || label(object, DECISION_KEY).is_some_and(|key| keys.contains(&key));
        let mut slices: Vec<&Object> = objects.iter().filter(is_slice).collect();
        slices.sort_by_cached_key(|object| {
            let index = label(object, DECISION_INDEX).and_then(|index| index.parse::<u32>().ok());
            (label(object, DECISION_KEY), index, object.metadata("name").map(str::to_owned))
        });
        let mut chosen = Vec::new();
        for slice in slices {
            let own = slice.metadata("namespace").unwrap_or_default();
            let decisions = slice.fields().get("decisions").and_then(Value::as_array).into_iter().flatten();
            for reference in decisions.filter_map(|decision| decision.get("clusterProfileRef")) {
                let text = |field: &str| reference.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
                let Some(name) = text("name") else { continue };
                let found = (text("namespace").unwrap_or(own).to_owned(), name.to_owned());
                if !chosen.contains(&found) {
                    chosen.push(found);
                }
            }
        }
        Self { chosen }
    }

    /// Whether no cluster was chosen.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.chosen.is_empty()
    }

    /// The namespaces with profiles. One that is no name has none.
    #[must_use]
    pub fn namespaces(&self) -> BTreeSet<String> {
        let names = self.chosen.iter().map(|(namespace, _)| namespace);
        names.filter(|name| Namespace::parse(name).is_ok()).cloned().collect()
    }

    /// The chosen clusters. One that has no profile among these is told.
    #[must_use]
    pub fn members(&self, found: &[Object], providers: &Providers) -> Vec<Member> {
        let by_name: BTreeMap<(&str, &str), &Object> = found
            .iter()
            .filter_map(|profile| Some(((profile.metadata("namespace")?, profile.metadata("name")?), profile)))
            .collect();
        let member = |(namespace, name): &(String, String)| match by_name.get(&(namespace.as_str(), name.as_str())) {
            Some(profile) => providers.member(profile),
            None => {
                let name = format!("{namespace}/{name}");
                Member { identity: format!("/{name}"), name, access: Err(Refusal::NoProfile) }
            }
        };
        self.chosen.iter().map(member).collect()
    }
}
