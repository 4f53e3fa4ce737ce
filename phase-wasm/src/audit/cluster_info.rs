//! The rules about cluster-info.

use super::report::{Cure, Draft, Report, listed};
use super::rule::{self, AuditRule};
use super::stanza::{Problem, Stanza};
use super::tokens::Living;
use crate::abi::{Action, Operation, Precondition, Request, Severity};
use crate::cluster_info::{Discovery, KUBECONFIG_KEY, cluster_info, configured_endpoint, discovery};
use crate::endpoint::{EndpointAddress, is_loopback, is_same_place};
use crate::input::AuditInput;
use crate::observed::Observed;
use crate::version::OLDEST;
use alloc::{borrow::ToOwned, format, string::String, string::ToString, vec, vec::Vec};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

/// The start of the key of a signature; the id of the token follows.
const SIGNATURE_PREFIX: &str = "jws-kubeconfig-";
/// The length of a signature: a detached JWS with the token's id in its header.
const SIGNATURE_LENGTH: usize = 85;
/// How many bytes the values of a ConfigMap may have together (`ValidateConfigMap`), and how many are too close to that.
const CAPACITY: usize = 1 << 20;
const NEARLY_FULL: usize = CAPACITY / 5 * 4;
/// Seconds that the controller manager may take to sign.
const PATIENCE: i64 = 60;

/// What cluster-info is judged by.
pub(super) struct Known<'a> {
    pub(super) request: &'a Request,
    pub(super) audit: &'a AuditInput,
    pub(super) observed: &'a Observed,
    pub(super) living: &'a Living<'a>,
}

/// Adds what is wrong with cluster-info, and one operation that fixes what can be fixed.
pub(super) fn judge(known: &Known<'_>, report: &mut Report<'_>) {
    let data = known.observed.get(&cluster_info()).map(|found| found.get("data").and_then(Value::as_object));
    let empty = Map::new();
    let data = data.map(|data| data.unwrap_or(&empty));
    let kubeconfig = data.and_then(|data| data.get(KUBECONFIG_KEY)).and_then(Value::as_str);
    let mut drafts = Vec::new();
    let discovery = match kubeconfig.map(Stanza::read) {
        None if known.living.signing.is_empty() => None,
        None => missing(known, rule::CLUSTER_INFO_MISSING, &mut drafts),
        Some(None) => missing(known, rule::CLUSTER_INFO_MALFORMED, &mut drafts),
        Some(Some(stanza)) => {
            let repaired = judge_stanza(known, &stanza, &mut drafts);
            judge_unsigned(known, data.unwrap_or(&empty), &mut drafts);
            repaired
        }
    };
    let stale = data.map(|data| stale(known, data, &mut drafts)).unwrap_or_default();
    judge_size(known, data.unwrap_or(&empty), &mut drafts);
    let drafts: Vec<Draft> = drafts.into_iter().map(|draft| report.terms().settle(draft)).collect();
    let is_planned = |is_of: fn(&Draft) -> bool| drafts.iter().any(|draft| draft.is_planned() && is_of(draft));
    let discovery = discovery.filter(|_| is_planned(|draft| draft.rule != rule::CLUSTER_INFO_STALE));
    let stale = if is_planned(|draft| draft.rule == rule::CLUSTER_INFO_STALE) { stale } else { Vec::new() };
    let operations = operations(known, discovery, stale);
    report.add(drafts, operations);
}

fn draft(rule: AuditRule, words: &[(&str, &str)], evidence: String) -> Draft {
    Draft::new(rule, cluster_info(), words, evidence)
}

/// A cluster-info that tells nodes nothing is written anew, as `apply` writes it.
fn missing(known: &Known<'_>, rule: AuditRule, drafts: &mut Vec<Draft>) -> Option<Discovery> {
    let signing = known.living.signing.len();
    let evidence = if rule == rule::CLUSTER_INFO_MISSING {
        let tokens = if signing == 1 { "1 valid token has".to_owned() } else { format!("{signing} valid tokens have") };
        format!("{tokens} the usage `signing`, but there is nothing to sign")
    } else {
        "kubeadm finds no server with a valid address in it: it uses the cluster with an empty name, or that of the current context"
            .to_owned()
    };
    let discovery = discovery(known.request, &known.audit.input, known.observed).ok();
    let discovery = discovery.filter(|discovery| !discovery.certificate_authority_data.is_empty());
    let found = draft(rule, &[], evidence);
    let found = if signing == 0 { found.at(Severity::Low) } else { found };
    drafts.push(if discovery.is_some() { found.cured() } else { found });
    discovery
}

/// Adds what is wrong with what nodes are told. Returns what they should be told, unless that is unknown or nothing is wrong.
fn judge_stanza(known: &Known<'_>, stanza: &Stanza, drafts: &mut Vec<Draft>) -> Option<Discovery> {
    let problems = stanza.problems(known.request);
    let repaired = repaired(known, stanza, &problems);
    for problem in &problems {
        let found = draft(problem.rule(), &[("server", &stanza.server)], problem.evidence(stanza));
        let found = found.at(problem.severity(known.request));
        let is_cured =
            found.severity > Severity::Info && repaired.as_ref().is_some_and(|repaired| cures(repaired, problem, stanza));
        drafts.push(if is_cured { found.cured() } else { found });
    }
    repaired.filter(|_| drafts.iter().any(|draft| draft.cure == Cure::Usual))
}

/// Whether the repaired kubeconfig no longer has a problem.
fn cures(repaired: &Discovery, problem: &Problem, stanza: &Stanza) -> bool {
    match problem {
        Problem::Credentials(_) | Problem::Insecure => true,
        Problem::Settings => false,
        Problem::Plain | Problem::Loopback => repaired.server != stanza.server,
        Problem::NoAuthority | Problem::OtherAuthority | Problem::FurtherAuthority => {
            repaired.certificate_authority_data != stanza.authority
        }
    }
}

/// What nodes should be told. The parts that are right stay, since they work. None if nodes would then trust no authority, or if
/// it has more fields than kubeadm writes, since someone needs them.
fn repaired(known: &Known<'_>, stanza: &Stanza, problems: &[Problem]) -> Option<Discovery> {
    let is_misled = problems.iter().any(|problem| matches!(problem, Problem::Plain | Problem::Loopback));
    let server = is_misled.then(|| better_server(known)).flatten().unwrap_or_else(|| stanza.server.clone());
    let is_distrusted = problems.iter().any(|problem| matches!(problem, Problem::NoAuthority | Problem::OtherAuthority));
    // The host reached this server by the authority that it trusts, so nodes can as well. Another server may have another
    // authority.
    let trusted = &known.request.server.certificate_authority;
    let is_same_server = is_same_place(&server, &known.request.server.url) && !trusted.is_empty();
    let authority = if (is_distrusted || stanza.authority.is_empty()) && is_same_server {
        STANDARD.encode(trusted.as_bytes())
    } else {
        stanza.authority.clone()
    };
    let is_whole = !authority.is_empty() && stanza.further_fields.is_empty();
    is_whole.then_some(Discovery { server, certificate_authority_data: authority })
}

/// A server that other machines can reach with TLS, if one is known.
fn better_server(known: &Known<'_>) -> Option<String> {
    let reached = known.request.server.url.as_str();
    let named = known.audit.input.endpoint.clone().or_else(|| configured_endpoint(known.observed));
    let named = named.map(|endpoint| endpoint.url(&[reached]));
    let is_root = |url: &str| EndpointAddress::of(url).is_some_and(|address| address.is_root());
    let candidates = named.into_iter().chain(Some(reached.to_owned()).filter(|url| is_root(url)));
    candidates.into_iter().find(|url| url.starts_with("https://") && (!is_loopback(url) || is_loopback(reached)))
}

/// Adds the signing tokens whose signature is missing.
fn judge_unsigned(known: &Known<'_>, data: &Map<String, Value>, drafts: &mut Vec<Draft>) {
    let is_new = |created: &Option<i64>| created.is_some_and(|created| known.audit.now - created < PATIENCE);
    let signed = signatures(data);
    let has_none = signed.is_empty();
    let mut signed = signed.into_iter().peekable();
    // Both lists are sorted, and may have thousands of entries.
    let unsigned = known.living.signing.iter().filter(|(id, created)| {
        while signed.next_if(|signed| signed < id).is_some() {}
        signed.peek() != Some(id) && !is_new(created)
    });
    let unsigned: Vec<&str> = unsigned.map(|(id, _)| *id).collect();
    if unsigned.is_empty() {
        return;
    }
    let evidence = format!("{} of {} signing tokens have no signature", unsigned.len(), known.living.signing.len());
    let found = draft(rule::CLUSTER_INFO_UNSIGNED, &[("tokens", &listed(unsigned))], evidence);
    // Manifests in a folder get their signatures in the cluster.
    let is_manifest = known.request.server.version.is_empty() && has_none;
    drafts.push(if is_manifest { found.at(Severity::Info) } else { found });
}

/// The ids in the keys of signatures, sorted.
fn signatures(data: &Map<String, Value>) -> Vec<&str> {
    let mut ids: Vec<&str> = data.keys().filter_map(|key| key.strip_prefix(SIGNATURE_PREFIX)).collect();
    ids.sort_unstable();
    ids
}

/// Adds the signatures of tokens that do not sign. Returns their keys.
fn stale(known: &Known<'_>, data: &Map<String, Value>, drafts: &mut Vec<Draft>) -> Vec<String> {
    let mut signing = known.living.signing.iter().map(|(id, _)| *id).peekable();
    let stale = signatures(data).into_iter().filter(|id| {
        while signing.next_if(|signing| signing < id).is_some() {}
        signing.peek() != Some(id)
    });
    let stale: Vec<&str> = stale.collect();
    if !stale.is_empty() {
        let evidence = format!("{} signatures belong to tokens that do not exist, have expired or may not sign", stale.len());
        let tokens = listed(stale.iter().copied());
        drafts.push(draft(rule::CLUSTER_INFO_STALE, &[("tokens", &tokens)], evidence).cured());
    }
    stale.into_iter().map(|id| format!("{SIGNATURE_PREFIX}{id}")).collect()
}

/// Adds that cluster-info is nearly full once all tokens have signed. No plan fixes that: the tokens may be in use.
fn judge_size(known: &Known<'_>, data: &Map<String, Value>, drafts: &mut Vec<Draft>) {
    let others = data.iter().filter(|(key, _)| !key.starts_with(SIGNATURE_PREFIX));
    let others: usize = others.filter_map(|(_, value)| value.as_str()).map(str::len).sum();
    let signing = known.living.signing.len();
    let size = others + signing * SIGNATURE_LENGTH;
    if size > NEARLY_FULL {
        let evidence = format!(
            "with the signatures of {signing} signing tokens it has {size} of {CAPACITY} bytes; delete unneeded tokens, or \
             create tokens without the usage `signing`"
        );
        drafts.push(draft(rule::CLUSTER_INFO_NEARLY_FULL, &[], evidence));
    }
}

/// One operation for all fixes.
fn operations(known: &Known<'_>, discovery: Option<Discovery>, stale: Vec<String>) -> Vec<Operation> {
    let release = known.audit.input.target().unwrap_or(OLDEST);
    let desired = discovery.map(|discovery| discovery.desired(release, known.observed));
    let Some(_) = known.observed.get(&cluster_info()) else {
        return desired.map(|desired| desired.operations(known.observed)).unwrap_or_default();
    };
    let mut data: Map<String, Value> = stale.into_iter().map(|key| (key, Value::Null)).collect();
    let mut reasons = vec![];
    if !data.is_empty() {
        reasons.push("removes signatures for tokens that do not sign");
    }
    if let Some(kubeconfig) = desired.and_then(|desired| desired.fields.get("data")?.get(KUBECONFIG_KEY).cloned()) {
        data.insert(KUBECONFIG_KEY.to_owned(), kubeconfig);
        reasons.push("tells nodes where the API server is and which authority to trust");
    }
    if data.is_empty() {
        return Vec::new();
    }
    let target = cluster_info();
    vec![Operation {
        id: super::operation_id(&target),
        target,
        action: Action::MergePatch(json!({ "data": data }).to_string()),
        when: Precondition::AsObserved,
        after: Vec::new(),
        reason: reasons.join(", "),
    }]
}
