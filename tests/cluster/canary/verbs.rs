//! What the plugin is run for: one after the other with each phase of the walk, since what one leaves the next one finds.

/// One command.
#[derive(Debug, Clone, Copy)]
pub(super) struct Verb {
    /// What it is called in a report: the command, without the format.
    pub(super) name: &'static str,
    /// The arguments, with blanks between. `{phase}` and `{grant}` are files, `{token}` is the token that the user gives, `{f}` a file
    /// with the same token and a certificate key, `{out}` a folder; `{key}` the certificate key.
    pub(super) args: &'static str,
    /// The formats, each a run of its own.
    pub(super) formats: &'static [&'static str],
    /// Whether connections go by way of a proxy that is asked for tunnels.
    pub(super) way: Way,
}

/// How the API server is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Names are looked up, and addresses connected to.
    Direct,
    /// `HTTPS_PROXY` is asked.
    Proxy,
}

const REPORT: &[&str] = &["text", "json", "yaml", "name"];
const TEXT: &[&str] = &["text"];
const BOTH: &[&str] = &["text", "json"];
/// Without a flag for it.
const NONE: &[&str] = &[""];

const fn verb(name: &'static str, args: &'static str, formats: &'static [&'static str]) -> Verb {
    Verb { name, args, formats, way: Way::Direct }
}

const fn by_proxy(name: &'static str, args: &'static str) -> Verb {
    Verb { name, args, formats: TEXT, way: Way::Proxy }
}

/// The command that is refused whatever the phase says.
pub(super) const REFUSED: &str = "apply without a grant";

/// All of them, in order.
pub(super) const ALL: &[Verb] = &[
    // First, since its last format is the grant that all others are given.
    verb("phase inspect", "phase inspect {phase}", &["text", "json", "yaml", "grant"]),
    verb("plan", "plan {token} {with}", &["text", "json", "yaml", "name", "diff", "manifests"]),
    verb("plan --out", "plan {token} {with} --now 2030-01-01T00:00:00Z --out {out}/plan.json", TEXT),
    verb("apply --dry-run=client", "apply {token} {with} --dry-run=client", BOTH),
    verb("apply --dry-run=server", "apply {token} {with} --dry-run=server", BOTH),
    verb("apply --plan", "apply {token} {with} --plan {out}/plan.json --undo-out {out}/undo.json", TEXT),
    verb("undo", "apply {with} --plan {out}/undo.json", TEXT),
    verb("apply", "apply {token} {with}", REPORT),
    verb("apply -v 9", "apply {token} {with} -v 9", TEXT),
    verb("apply -f", "apply -f {f} {with}", TEXT),
    by_proxy("apply by a proxy", "apply {token} {with}"),
    verb("apply --skip-token-print", "apply {token} {with} --skip-token-print", REPORT),
    verb("apply --wait", "apply {token} {with} --wait=2s", TEXT),
    verb("apply --wait --skip-token-print", "apply {token} {with} --wait=2s --skip-token-print -v 9", TEXT),
    by_proxy("apply --wait by a proxy", "apply {token} {with} --wait=2s"),
    verb("create", "create {token} {with}", REPORT),
    verb("create --print-join-command", "create {token} {with} --print-join-command --certificate-key {key}", TEXT),
    verb(
        "create --wait",
        "create {token} {with} --wait=2s --skip-token-print --print-join-command --certificate-key {key}",
        TEXT,
    ),
    verb("plan -f --out", "plan -f {f} {with} --out {out}/plan-f.json", TEXT),
    verb("plan --record", "plan {token} {with} --record {out}/recording.json", TEXT),
    verb("plan --replay", "plan {token} {with} --replay {out}/recording.json", BOTH),
    verb("audit", "audit {with}", &["text", "json", "yaml", "sarif", "junit", "openmetrics"]),
    verb(
        "audit --output-file",
        "audit {with} --output-file json={out}/output.json --output-file sarif={out}/output.sarif --output-file junit={out}/output.xml \
         --output-file openmetrics={out}/output.prom --output-file yaml={out}/output.yaml --output-file text={out}/output.txt",
        TEXT,
    ),
    verb("audit --record", "audit {with} --record {out}/recording-audit.json", TEXT),
    verb("audit --fix-out", "audit {with} --fix-out {out}/plan-fix.json", TEXT),
    verb("apply --plan of audit", "apply {with} --plan {out}/plan-fix.json", TEXT),
    verb("rbac", "rbac {token} {with}", &["yaml", "json"]),
    verb("rbac --task audit", "rbac {with} --task audit", &["yaml"]),
    verb("phase diff", "phase diff embedded {phase}", &["text", "json", "yaml"]),
    verb("phase diff --against live", "phase diff embedded {phase} --against live -f {f} --grant {grant}", BOTH),
    verb("phase test", "phase test {out}/cases --phase {phase}", &["text", "json", "junit"]),
    verb("phase test --bless", "phase test {out}/cases --phase {phase} --bless", TEXT),
    verb("apply --against dir", "apply {token} {with} --against dir:{out}/manifests", TEXT),
    verb("plan --against empty", "plan {token} {with} --against empty", &["manifests"]),
    // A grant of another digest: nothing is allowed, and nobody is there who could be asked.
    verb(REFUSED, "apply {token} --phase {phase}", NONE),
    verb("delete", "delete {id} {with}", TEXT),
];
