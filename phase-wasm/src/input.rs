//! What the user asks for: parameters and kubeadm configuration, checked, and with kubeadm's defaults.
//!
//! Follows kubeadm's `app/util/config/initconfiguration.go` (documents), `app/apis/bootstraptoken/v1` (tokens, defaults) and
//! `app/apis/kubeadm/validation` (checks). Two differences are intended: `expires` is accepted without `ttl` (kubeadm fills in
//! `ttl` first and then refuses every `expires`), and `v1beta2`, `v1beta3` and `v1beta4` are all accepted for every target
//! version. Parts of the configuration that this phase does not use are ignored.

mod audit;
mod document;
mod field;
mod ids;

use crate::abi::{Failure, Finding, Problem, Request, Severity};
use crate::endpoint::ControlPlaneEndpoint;
use crate::handle::Text;
use crate::version::{OLDEST, Release, Wanted, newest};
use alloc::{borrow::ToOwned, format, string::String, vec, vec::Vec};
pub use audit::{AUDIT_PARAMETERS, AuditInput, Deadline, Wider, read_audit};
use chrono::{DateTime, FixedOffset, SecondsFormat};
use document::Documents;
pub(crate) use field::Field;
pub(crate) use ids::read_ids;
use serde_json::Value;

/// The group that kubeadm's RBAC rules are for, and the default of `groups`.
pub const NODE_TOKEN_GROUP: &str = "system:bootstrappers:kubeadm:default-node-token";
/// The usage by which the controller manager signs `cluster-info` with the token.
pub const SIGNING: &str = "signing";
/// The usage by which the token logs in.
pub const AUTHENTICATION: &str = "authentication";
/// How long a token lives by default: 24 hours, in nanoseconds.
const DEFAULT_TTL: i64 = 86_400_000_000_000;

/// Everything the user asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// The tokens to create or update, with different ids.
    pub tokens: Vec<TokenSpec>,
    /// The wanted release with a warning about it, or why there is none.
    target: Result<(Release, Option<Warning>), String>,
    /// Where nodes find the API server, if a flag or the configuration says so.
    pub endpoint: Option<ControlPlaneEndpoint>,
    /// Warnings about accepted input that do not depend on the release.
    pub warnings: Vec<Warning>,
}

impl Input {
    /// The release whose objects are wanted.
    ///
    /// # Errors
    /// [`Failure::Unsupported`] if the server is older than 1.22.
    pub fn target(&self) -> Result<Release, Failure> {
        self.target.as_ref().map(|(release, _)| *release).map_err(|problem| Failure::Unsupported(problem.clone()))
    }

    /// All warnings about accepted input, including the one about the release.
    pub fn all_warnings(&self) -> impl Iterator<Item = Warning> {
        let about_release = self.target.as_ref().ok().and_then(|(_, warning)| warning.clone());
        self.warnings.iter().cloned().chain(about_release)
    }
}

/// Input that is accepted but may not be what the user means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The id of the finding, which never changes.
    pub rule: &'static str,
    /// The title of the finding.
    pub title: String,
}

impl From<Warning> for Finding {
    fn from(warning: Warning) -> Self {
        Self {
            rule: warning.rule.to_owned(),
            severity: Severity::Low,
            title: warning.title,
            detail: String::new(),
            target: None,
            remedy: Vec::new(),
            fixable: false,
            references: Vec::new(),
        }
    }
}

/// A bootstrap token as the user wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenSpec {
    /// The given halves; none if they are to be generated.
    pub given: Option<GivenToken>,
    /// A note for people; may be empty.
    pub description: String,
    /// The end of its life, RFC 3339; none for never.
    pub expiration: Option<String>,
    /// `signing`, `authentication` or both.
    pub usages: Vec<String>,
    /// The groups it logs in with, in addition to `system:bootstrappers`.
    pub groups: Vec<String>,
}

/// The two halves of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenToken {
    /// The public half, which names the Secret.
    pub id: String,
    /// The secret half, usually hidden.
    pub secret: Text,
}

/// Reads and checks a request for tokens.
///
/// # Errors
/// [`Failure::InvalidInput`] with all problems at once.
pub fn read_input(request: &Request) -> Result<Input, Failure> {
    let mut problems = Vec::new();
    let parameters = parameters(request)?;
    let documents = Documents::read(&request.documents, &mut problems);
    let parameters = Field::root(&parameters);
    let init = documents.init_configuration();
    let cluster = documents.cluster_configuration();

    let mut warnings = Vec::new();
    let tokens = read_tokens(parameters, init, &request.now, &mut warnings, &mut problems);
    let endpoint = read_endpoint(parameters, init, cluster, &mut problems);
    let target = read_target(cluster.member("kubernetesVersion"), &request.server.version, &mut problems);
    if problems.is_empty() { Ok(Input { tokens, target, endpoint, warnings }) } else { Err(Failure::InvalidInput(problems)) }
}

/// The parameters as JSON, for the reader of a task.
///
/// # Errors
/// [`Failure::Other`] if they are not JSON, which a host never sends.
pub(crate) fn parameters(request: &Request) -> Result<Value, Failure> {
    serde_json::from_str(&request.parameters).map_err(|error| Failure::Other(format!("parameters are not JSON: {error}")))
}

/// Whether a flag is set; anything but `true` is not.
pub(crate) fn is_true(field: Field<'_>) -> bool {
    field.value().as_bool() == Some(true)
}

/// The tokens of the configuration, else the one of the command line, else one to generate; none if none is wanted.
fn read_tokens(
    parameters: Field<'_>,
    init: Field<'_>,
    now: &str,
    warnings: &mut Vec<Warning>,
    problems: &mut Vec<Problem>,
) -> Vec<TokenSpec> {
    let list = init.member("bootstrapTokens");
    let entries = list.items(problems);
    let flag = parameters.member("token");
    if flag.is_present() && !entries.is_empty() {
        problems.push(list.problem("cannot be combined with a token on the command line"));
    }
    if is_true(parameters.member("noToken")) {
        if flag.is_present() {
            problems.push(flag.problem("cannot be combined with `noToken`"));
        }
        return Vec::new();
    }
    if flag.is_present() || entries.is_empty() {
        // The flags have the names of the fields of an entry.
        return vec![read_token(parameters, now, problems)];
    }
    let mut tokens: Vec<TokenSpec> = Vec::new();
    for entry in entries {
        let token = read_token(entry, now, problems);
        let same = |other: &TokenSpec| matches!((&token.given, &other.given), (Some(a), Some(b)) if a.id == b.id);
        if let Some(position) = tokens.iter().position(same) {
            let id = token.given.as_ref().map_or("", |given| &given.id);
            warnings.push(Warning { rule: "repeated-token", title: format!("token `{id}` is given twice; the last one counts") });
            tokens.remove(position);
        }
        tokens.push(token);
    }
    tokens
}

/// One entry of `bootstrapTokens`, with kubeadm's defaults for what is missing.
pub(crate) fn read_token(entry: Field<'_>, now: &str, problems: &mut Vec<Problem>) -> TokenSpec {
    if entry.is_present() && !entry.is_object() {
        problems.push(entry.problem("must be an object"));
    }
    let token = entry.member("token");
    let given = if token.is_present() { read_given(token, problems) } else { None };
    let usages = read_usages(entry.member("usages"), problems);
    let groups = read_groups(entry.member("groups"), &usages, problems);
    TokenSpec {
        given,
        description: entry.member("description").string(problems).unwrap_or_default().to_owned(),
        expiration: read_expiration(entry, now, problems),
        usages,
        groups,
    }
}

/// A token as the host passes it: `{"id", "secret"}`, or a bare handle if it was malformed.
fn read_given(token: Field<'_>, problems: &mut Vec<Problem>) -> Option<GivenToken> {
    let id = token.member("id").value().as_str();
    let secret = Text::from_json(token.member("secret").value());
    if let (Some(id), Some(secret)) = (id, secret) {
        return Some(GivenToken { id: id.to_owned(), secret });
    }
    problems.push(token.problem(
        r"the bootstrap token is invalid: must be 6 characters, a dot and 16 characters, all of a-z and 0-9, quoted if they are only digits",
    ));
    None
}

fn read_usages(field: Field<'_>, problems: &mut Vec<Problem>) -> Vec<String> {
    let usages = field.strings(problems);
    if usages.is_empty() {
        return vec![SIGNING.to_owned(), AUTHENTICATION.to_owned()];
    }
    for usage in &usages {
        if usage != SIGNING && usage != AUTHENTICATION {
            problems.push(field.problem(&format!(
                "invalid bootstrap token usage string: `{usage}`, valid usage options: {SIGNING}, {AUTHENTICATION}"
            )));
        }
    }
    usages
}

fn read_groups(field: Field<'_>, usages: &[String], problems: &mut Vec<Problem>) -> Vec<String> {
    let mut groups = field.strings(problems);
    if groups.is_empty() {
        // Before the check below, as in kubeadm: a token in a configuration file cannot be for signing only.
        groups.push(NODE_TOKEN_GROUP.to_owned());
    }
    if !usages.iter().any(|usage| usage == AUTHENTICATION) {
        problems.push(field.problem("token groups cannot be specified unless usages include `authentication`"));
    }
    for group in groups.iter().filter(|group| !is_bootstrap_group(group)) {
        problems.push(field.problem(&format!(
            r"bootstrap group `{group}` is invalid (must match \Asystem:bootstrappers:[a-z0-9:-]{{0,255}}[a-z0-9]\z)"
        )));
    }
    groups
}

/// Whether the API server accepts a group for bootstrap tokens (`cluster-bootstrap/token/api`, `BootstrapGroupPattern`).
#[must_use]
pub fn is_bootstrap_group(group: &str) -> bool {
    let Some(rest) = group.strip_prefix("system:bootstrappers:") else { return false };
    let is_alphanumeric = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    (1..=256).contains(&rest.len())
        && rest.bytes().all(|b| is_alphanumeric(b) || b == b':' || b == b'-')
        && rest.bytes().next_back().is_some_and(is_alphanumeric)
}

/// `expires`, or now plus `ttl`. A `ttl` of zero or less means never, as in kubeadm.
fn read_expiration(entry: Field<'_>, now: &str, problems: &mut Vec<Problem>) -> Option<String> {
    let (ttl, expires) = (entry.member("ttl"), entry.member("expires"));
    if expires.is_present() && ttl.is_present() {
        problems.push(expires.problem("ttl and expires are mutually exclusive"));
    }
    if expires.is_present() {
        let text = expires.string(problems)?;
        let time = parse_time(text);
        if time.is_none() {
            problems.push(expires.problem("must be a time like `2030-01-02T15:04:05Z` (RFC 3339)"));
        }
        return time.map(rfc3339);
    }
    let nanoseconds = if ttl.is_present() { read_lifetime(ttl, problems) } else { DEFAULT_TTL };
    if nanoseconds <= 0 {
        return None;
    }
    after(DateTime::parse_from_rfc3339(now).ok()?, nanoseconds)
}

/// A Go duration, nanoseconds; 0 for what is none, which is a problem.
pub(crate) fn read_lifetime(field: Field<'_>, problems: &mut Vec<Problem>) -> i64 {
    let Some(text) = field.string(problems) else { return 0 };
    crate::duration::parse_go_duration(text).unwrap_or_else(|| {
        problems.push(field.problem(&format!("invalid duration `{text}`: must be like `24h`, `1h30m` or `0s`")));
        0
    })
}

/// A time that many nanoseconds later, as kubeadm writes it; none if there is no such time.
pub(crate) fn after(time: DateTime<FixedOffset>, nanoseconds: i64) -> Option<String> {
    time.checked_add_signed(chrono::TimeDelta::nanoseconds(nanoseconds)).map(rfc3339)
}

/// The end of a life that has one: now plus `ttl`.
pub(crate) fn read_end(entry: Field<'_>, now: &str, problems: &mut Vec<Problem>) -> String {
    let before = problems.len();
    let end = read_expiration(entry, now, problems);
    if end.is_none() && problems.len() == before {
        problems.push(entry.member("ttl").problem("must be above 0: a renewed token has an end"));
    }
    end.unwrap_or_default()
}

/// A time as Go reads RFC 3339; none for anything else.
#[must_use]
pub fn parse_time(text: &str) -> Option<DateTime<FixedOffset>> {
    Some(text).filter(|text| is_rfc3339(text)).and_then(|text| DateTime::parse_from_rfc3339(text).ok())
}

/// Whether a time has the form that Go accepts as RFC 3339: `2030-01-02T15:04:05Z`, optionally with a fraction, or with an offset
/// of hours and minutes. chrono accepts more.
fn is_rfc3339(text: &str) -> bool {
    let has_form = |text: &str, form: &str| {
        text.len() == form.len()
            && text.bytes().zip(form.bytes()).all(|(b, f)| if f == b'0' { b.is_ascii_digit() } else { b == f })
    };
    let Some((start, rest)) = text.split_at_checked(19) else { return false };
    let zone = match rest.strip_prefix('.') {
        Some(fraction) if fraction.starts_with(|c: char| c.is_ascii_digit()) => {
            fraction.trim_start_matches(|c: char| c.is_ascii_digit())
        }
        Some(_) => return false,
        None => rest,
    };
    has_form(start, "0000-00-00T00:00:00")
        && !start.ends_with(":60")
        && ["Z", "+00:00", "-00:00"].iter().any(|form| has_form(zone, form))
}

/// UTC and whole seconds, as kubeadm writes them.
fn rfc3339(time: DateTime<FixedOffset>) -> String {
    time.to_utc().to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Where nodes find the API server: the flag, else `controlPlaneEndpoint`. A missing port is `bindPort`, if that is given.
fn read_endpoint(
    parameters: Field<'_>,
    init: Field<'_>,
    cluster: Field<'_>,
    problems: &mut Vec<Problem>,
) -> Option<ControlPlaneEndpoint> {
    let port = read_bind_port(init.member("localAPIEndpoint").member("bindPort"), problems);
    let mut found = None;
    for field in [cluster.member("controlPlaneEndpoint"), parameters.member("controlPlaneEndpoint")] {
        let Some(text) = field.string(problems).filter(|text| !text.is_empty()) else { continue };
        match ControlPlaneEndpoint::parse(text) {
            Some(endpoint) => found = Some(endpoint.or_port(port)),
            None => problems.push(field.problem(&format!(
                "endpoint `{text}` is not valid: must be HOST or HOST:PORT, where HOST is an IP address or a DNS name"
            ))),
        }
    }
    found
}

/// A port as Go decodes it: a whole number in any notation. Zero means that there is none.
fn read_bind_port(field: Field<'_>, problems: &mut Vec<Problem>) -> Option<u16> {
    let value = field.number(problems)?;
    // A number out of range saturates, and then differs.
    let port = value as u16;
    if f64::from(port) != value {
        problems.push(field.problem("port must be a valid number between 1 and 65535, inclusive"));
    }
    (port != 0).then_some(port)
}

/// The release: `kubernetesVersion` of the configuration, else the server's, else the newest known one.
///
/// The error is a server that is too old; it matters only if the input is valid.
fn read_target(field: Field<'_>, server: &str, problems: &mut Vec<Problem>) -> Result<(Release, Option<Warning>), String> {
    let text = field.string(problems).filter(|text| !text.is_empty());
    let wanted = text.map(|text| (text, Wanted::parse(text)));
    if let Some((text, None)) = wanted {
        let message = format!("version `{text}` is neither a version like `v1.37.2` nor a label like `stable-1`");
        problems.push(field.problem(&message));
    }
    let too_old = |release| format!("Kubernetes {release} is older than {OLDEST}, the oldest release that this phase supports");
    let release = match wanted {
        Some((_, Some(Wanted::Release(release)))) => {
            if release < OLDEST {
                problems.push(field.problem(&too_old(release)));
            }
            release
        }
        Some((_, None | Some(Wanted::Label))) | None => match Wanted::parse(server) {
            Some(Wanted::Release(release)) if release < OLDEST => return Err(too_old(release)),
            Some(Wanted::Release(release)) => release,
            Some(Wanted::Label) | None => newest(),
        },
    };
    let warning = release.follows().map(|known| Warning {
        rule: "newer-release",
        title: format!("Kubernetes {release} is newer than this phase, which writes the objects of {known}"),
    });
    Ok((release, warning))
}
