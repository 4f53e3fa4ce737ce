//! Requests a certificate as a kubelet does (`client-go/util/certificate/csr`), and deletes the request afterwards.

use super::administrator::Administrator;
use super::client::{ApiClient, Right, Setting, object, resource};
use super::login::LoggedIn;
use super::steps::{Steps, one_line};
use crate::cluster::certificates::Certificates;
use crate::cluster::live::poll::{Look, poll};
use crate::cluster::live::{Login, Target, Vouching};
use crate::cluster::{Cluster as _, ClusterError, Written};
use crate::entropy;
use crate::errors::Error;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use kubephase_core::join::{Step, StepProblem};
use kubephase_core::object::{Object, ObjectRef};
use kubephase_core::write::{Expected, Verb, Write, WriteMode};
use rcgen::{CertificateParams, DistinguishedName, DnType, DnValue, KeyPair, PublicKeyData as _};
use serde_json::{Map, Value, json};
use std::time::Duration;
use zeroize::Zeroizing;

const STEP: Step = Step::Certificate;
/// The polling interval for the request.
const PAUSE: Duration = Duration::from_millis(200);
/// The minimum lifetime that can be requested (`certificates.k8s.io`), seconds.
const LIFETIME: u32 = 600;
/// The label on the requests of this command.
const LABEL: &str = "bootstrap-token.kubectl/check";
const DELETE: Right =
    Right { verb: "delete", group: "certificates.k8s.io", resource: "certificatesigningrequests", subresource: "" };

/// A certificate signing request, and its private key.
struct Asking {
    target: ObjectRef,
    body: Map<String, Value>,
    key: KeyPair,
    subject: String,
}

/// Requests a certificate, waits for it, uses it, and deletes the request in every case.
///
/// # Errors
/// [`Error`] without random numbers or signal handlers. Every other failure is a result of the step.
pub(super) fn asked_for(
    login: Option<&LoggedIn<'_>>,
    administrator: Option<&Administrator<'_>>,
    wait: Duration,
    steps: &mut Steps,
    setting: Setting<'_>,
) -> Result<(), Error> {
    let Some(login) = login.filter(|_| steps.is_ok(Step::Csr)) else {
        steps.need(&[STEP], if login.is_some() { Step::Csr } else { Step::Login });
        return Ok(());
    };
    // A bootstrap token may not delete what it creates, and nothing must be left behind.
    let cleaner = match administrator.map(|administrator| (administrator, administrator.client.may(DELETE))) {
        Some((administrator, Ok(true))) => administrator,
        Some((_, Err(error))) => {
            steps.not_taken(STEP, one_line(&error));
            return Ok(());
        }
        _ => {
            steps.not_taken(STEP, "needs a kubeconfig that may delete the request afterwards");
            return Ok(());
        }
    };
    let asking = match asking()? {
        Ok(asking) => asking,
        Err(error) => {
            steps.not_taken(STEP, one_line(&error));
            return Ok(());
        }
    };
    setting.interrupt.listen()?;
    let created = created(&login.client, &asking);
    if let Ok(uid) = &created {
        awaited(login, &asking, uid, wait, steps, setting);
    } else if let Err(error) = &created {
        steps.error(STEP, error);
    }
    if let Err(error) = deleted(&cleaner.client, &asking, created.ok()) {
        steps.taken.retain(|taken| taken.step != STEP);
        steps.failed(STEP, StepProblem::LeftBehind, format!("{} was not deleted: {}", asking.target, one_line(&error)));
    }
    Ok(())
}

/// A new key and its certificate signing request. The node name has an underscore, so it can never match a Node.
fn asking() -> Result<Result<Asking, ClusterError>, Error> {
    let mut random = [0; 8];
    entropy::system(&mut random)?;
    let random: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(request(&random))
}

fn request(random: &str) -> Result<Asking, ClusterError> {
    let key = KeyPair::generate().map_err(ClusterError::unavailable)?;
    let node = format!("system:node:bootstrap_token_check_{random}");
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, DnValue::Utf8String("system:nodes".to_owned()));
    params.distinguished_name.push(DnType::CommonName, DnValue::Utf8String(node.clone()));
    let pem = params.serialize_request(&key).and_then(|request| request.pem()).map_err(ClusterError::unavailable)?;
    let of = resource("certificates.k8s.io", "v1", "certificatesigningrequests", "CertificateSigningRequest")?;
    let target = object(of, None, &format!("bootstrap-token-check-{random}"))?;
    let body = json!({
        "apiVersion": target.of.api_version(),
        "kind": target.of.kind(),
        "metadata": { "name": target.name.as_str(), "labels": { LABEL: "true" } },
        "spec": {
            "request": STANDARD.encode(pem),
            "signerName": "kubernetes.io/kube-apiserver-client-kubelet",
            "usages": ["digital signature", "client auth"],
            "expirationSeconds": LIFETIME,
        },
    });
    let body = body.as_object().cloned().unwrap_or_default();
    Ok(Asking { target, body, key, subject: node })
}

/// Creates the request and returns its UID.
fn created(client: &ApiClient<'_>, asking: &Asking) -> Result<String, ClusterError> {
    let verb = Verb::Create(asking.body.clone());
    let object = write(client, Write { target: asking.target.clone(), verb, expected: Expected::Absent })?;
    let uid = object.as_ref().and_then(Object::uid).map(str::to_owned);
    uid.ok_or_else(|| ClusterError::unavailable("the server's answer has no UID"))
}

fn write(client: &ApiClient<'_>, write: Write) -> Result<Option<Object>, ClusterError> {
    let answer = client.live.write(&[&write], WriteMode::Real).pop();
    answer.unwrap_or(Ok(Written::Nothing)).map(Written::into_object)
}

/// Deletes the request. If it is unknown whether it was created, it is looked up; the random part of its name is unique to this
/// run.
fn deleted(client: &ApiClient<'_>, asking: &Asking, uid: Option<String>) -> Result<(), ClusterError> {
    let uid = match uid {
        Some(uid) => Some(uid),
        None => client.get(&asking.target)?.and_then(|found| found.uid().map(str::to_owned)),
    };
    let Some(uid) = uid else { return Ok(()) };
    let expected = Expected::Same { uid: Some(uid), resource_version: None };
    match write(client, Write { target: asking.target.clone(), verb: Verb::Delete, expected }) {
        Ok(_) => Ok(()),
        // The answer may have been lost.
        Err(error) => match client.get(&asking.target) {
            Ok(None) => Ok(()),
            _ => Err(error),
        },
    }
}

/// The state of a request.
enum Progress {
    Waiting,
    Approved,
    Denied(String),
    Failed(String),
    Issued(Certificates),
    Gone,
}

fn progress(found: Option<&Object>, uid: &str) -> Progress {
    let Some(found) = found.filter(|found| found.uid() == Some(uid)) else { return Progress::Gone };
    let status = found.fields().get("status");
    let conditions = status.and_then(|status| status.get("conditions")).and_then(Value::as_array);
    let condition = |kind: &str| conditions?.iter().find(|condition| condition.get("type").and_then(Value::as_str) == Some(kind));
    let text = |condition: &Value| condition.get("message").and_then(Value::as_str).unwrap_or_default().to_owned();
    if let Some(denied) = condition("Denied") {
        return Progress::Denied(text(denied));
    }
    if let Some(failed) = condition("Failed") {
        return Progress::Failed(text(failed));
    }
    let issued = status.and_then(|status| status.get("certificate")).and_then(Value::as_str).filter(|data| !data.is_empty());
    match issued.and_then(|data| STANDARD.decode(data).ok()) {
        Some(pem) => Progress::Issued(Certificates::read(&pem)),
        None if condition("Approved").is_some() => Progress::Approved,
        None => Progress::Waiting,
    }
}

/// Waits for the certificate and uses it.
fn awaited(login: &LoggedIn<'_>, asking: &Asking, uid: &str, wait: Duration, steps: &mut Steps, setting: Setting<'_>) {
    let last = poll(wait, PAUSE, setting.interrupt, || {
        let seen = login.client.get(&asking.target).map(|found| progress(found.as_ref(), uid));
        let look = match &seen {
            Ok(Progress::Waiting | Progress::Approved) => Look::Again,
            _ => Look::Enough,
        };
        (seen, look)
    });
    if setting.interrupt.is_raised() {
        steps.not_taken(STEP, "interrupted");
        return;
    }
    let seconds = wait.as_secs();
    match last {
        Ok(Progress::Issued(issued)) => tried(login, asking, &issued, steps, setting),
        Ok(Progress::Waiting) => {
            steps.failed(STEP, StepProblem::NotApproved, format!("the request was not approved within {seconds} s"))
        }
        Ok(Progress::Approved) => {
            steps.failed(STEP, StepProblem::NotSigned, format!("the request was approved but not signed within {seconds} s"));
        }
        Ok(Progress::Denied(why)) => steps.failed(STEP, StepProblem::Denied, format!("the request was denied: {why}")),
        Ok(Progress::Failed(why)) => {
            steps.failed(STEP, StepProblem::NotSigned, format!("the request was approved but not signed: {why}"))
        }
        Ok(Progress::Gone) => steps.failed(STEP, StepProblem::Unanswered, "the request was deleted"),
        Err(error) => steps.error(STEP, &error),
    }
}

/// Checks the certificate and logs in with it.
fn tried(login: &LoggedIn<'_>, asking: &Asking, issued: &Certificates, steps: &mut Steps, setting: Setting<'_>) {
    if let Err(why) = fits(issued, asking) {
        steps.failed(STEP, StepProblem::Malformed, why);
        return;
    }
    let key = Zeroizing::new(asking.key.serialize_pem());
    let certificate = Login::Certificate { certificate: &issued.canonical(), key: &key };
    let user = Target::of_node(&login.server, Vouching::Authority(&login.authority), certificate, setting.connection)
        .and_then(|target| ApiClient::open(target, "the node", setting))
        .and_then(|client| client.user());
    let is_node = |name: &str, groups: &[String]| name == asking.subject && groups.iter().any(|group| group == "system:nodes");
    match user {
        Ok(user) if is_node(&user.name, &user.groups) => steps.ok(STEP, format!("issued, and accepted as {}", user.name)),
        Ok(user) => steps.failed(STEP, StepProblem::Malformed, format!("issued, but accepted as {}", user.name)),
        // A server before 1.28 accepts the certificate but does not know the review.
        Err(error) if super::steps::problem(&error) == StepProblem::Missing => steps.ok(STEP, "issued"),
        Err(error) => steps.error(STEP, &error),
    }
}

/// Whether a certificate matches the key and the requested node.
fn fits(issued: &Certificates, asking: &Asking) -> Result<(), &'static str> {
    let certificate = issued.first().filter(|_| issued.flaw().is_none()).ok_or("the issued data is not a certificate")?;
    if certificate.public_key().raw != asking.key.subject_public_key_info() {
        return Err("the issued certificate has another key");
    }
    let is_named = certificate.subject().iter_common_name().any(|name| name.as_str().ok() == Some(asking.subject.as_str()));
    let is_of_nodes = certificate.subject().iter_organization().any(|name| name.as_str().ok() == Some("system:nodes"));
    if is_named && is_of_nodes { Ok(()) } else { Err("the issued certificate has another name") }
}
