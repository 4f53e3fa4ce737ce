//! Resolves the arguments of `audit`.

use super::apply::against;
use super::error::ConfigError;
use super::fleet::{Fleet, Listed, Named, Whom};
use super::given::Given;
use super::phase::PhaseConfig;
use super::run::{Against, RecordingUse, Run};
use super::{connection, duration, file, question, saved};
use crate::cli::audit_flags::{AuditArgs, FailOnArg, MergeArgs};
use kubephase_core::audit::{Counting, Ignore, Terms, Threshold};
use kubephase_core::connection::Connection;
use kubephase_core::description::RuleDescription;
use kubephase_core::finding::Severity;
use kubephase_core::format::{AuditFormat, Format};
use kubephase_core::join::CureFlags;
use kubephase_core::question::Question;
use kubephase_core::secret::Secrets;
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// The names of the tasks that find and that fix.
const AUDIT: &str = "audit";
const FIX: &str = "fix";

/// A resolved `audit`.
pub struct AuditOrder {
    /// The clusters to audit.
    pub whom: Whom,
    /// How findings are judged: threshold, rules and ignores.
    pub terms: Terms,
    /// The format on standard output.
    pub format: Format<AuditFormat>,
    /// Additional output files, each with its format.
    pub files: Vec<(Format<AuditFormat>, PathBuf)>,
    /// Where each cluster has a report of its own, instead of one report of all.
    pub parts: Option<Parts>,
    /// The report of an earlier audit, and what counts beside it.
    pub baseline: Option<(PathBuf, Counting)>,
    /// The cluster to which the reports are also written: the one that is audited, or the hub with the inventory.
    pub store: Option<Connection>,
    /// The file for the fix plan.
    pub fix_out: Option<PathBuf>,
    /// The phase that audits.
    pub phase: PhaseConfig,
    /// How to reach an API server, without the context.
    pub connection: Connection,
    /// The parameters of both tasks.
    parameters: Value,
    /// The current time as the phase receives it, RFC 3339.
    now: String,
    /// Whether that is the clock's time.
    pub clock: AuditClock,
    /// Where objects are read.
    pub against: Against,
    /// The flags that selected phase and cluster, for commands that are printed.
    pub words: Vec<String>,
    recording: RecordingUse,
}

/// A folder with a report for each cluster.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The folder.
    pub folder: PathBuf,
    /// Reports from this time on are kept; `None` if none is.
    pub kept_from: Option<jiff::Timestamp>,
}

/// A resolved `audit merge`.
pub struct MergeOrder {
    /// The folders with the reports.
    pub folders: Vec<PathBuf>,
    /// The format on standard output.
    pub format: Format<AuditFormat>,
    /// Additional output files, each with its format.
    pub files: Vec<(Format<AuditFormat>, PathBuf)>,
    /// The embedded phase, which knows its rules.
    pub phase: PhaseConfig,
    /// The cluster to which the reports are also written.
    pub store: Option<Connection>,
}

impl MergeOrder {
    /// Resolves the arguments.
    ///
    /// # Errors
    /// [`ConfigError`] for invalid flags.
    pub fn of(args: MergeArgs, given: &Given<'_>) -> Result<Self, ConfigError> {
        Ok(Self {
            folders: args.folders,
            format: args.output,
            files: output_files(&args.output_file)?,
            phase: PhaseConfig::embedded(given.env)?,
            store: args.report.then(|| connection::connection(given.kube, given.env)).transpose()?,
        })
    }
}

/// The clock of an audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditClock {
    /// The time was given, or is that of a recording.
    Stands,
    /// The clock of the machine.
    Runs,
}

impl AuditClock {
    /// The time at the end of the audit; `None` if it stands.
    #[must_use]
    pub fn end(self) -> Option<jiff::Timestamp> {
        (self == Self::Runs).then(question::clock)
    }
}

/// One of the two tasks of an audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditTask {
    /// Reports findings.
    Audit,
    /// Reports the same findings, and proposes fixes.
    Fix,
}

impl AuditTask {
    /// The name of the task.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Audit => AUDIT,
            Self::Fix => FIX,
        }
    }
}

impl AuditOrder {
    /// Resolves the arguments.
    ///
    /// # Errors
    /// [`ConfigError`] for invalid flags and files.
    pub fn of(args: AuditArgs, given: &Given<'_>) -> Result<Self, ConfigError> {
        let whom = Whom::of(&args.fleet, &Named::of(&args), given)?;
        whom.alone("--record", args.setting.record.as_ref().map(|path| path.display()))?;
        whom.alone("--replay", args.setting.replay.as_ref().map(|path| path.display()))?;
        let is_one = matches!(whom, Whom::One);
        let against = against(&args.setting.against)?;
        if against == Against::Empty || (!is_one && against != Against::Live) {
            let rule = if is_one { "there is nothing to audit" } else { "several clusters can only be live ones" };
            return Err(ConfigError::Flag { flag: "--against", value: args.setting.against, rule });
        }
        check_stored(&args, &whom, &against)?;
        let recording = saved::recording_use(&args.setting, &against)?;
        let is_given = args.setting.now.is_some() || matches!(recording, RecordingUse::Replay(..));
        let clock = if is_given { AuditClock::Stands } else { AuditClock::Runs };
        let now = question::time(args.setting.now.clone(), &recording)?;
        let parts = parts(&args, is_one, now)?;
        let lifetime = args.max_lifetime.map(|lifetime| ("maxLifetime".to_owned(), json!(lifetime)));
        let connection = connection::connection(given.kube, given.env)?;
        let fix = wider(args.fix)?.map(|wider| ("fix".to_owned(), json!(wider)));
        Ok(Self {
            terms: Terms {
                threshold: threshold(args.fail_on),
                ignores: ignores(&args.ignore, &args.ignore_file)?,
                now,
                baseline: None,
            },
            baseline: args.baseline.map(|file| (file, if args.fail_on_new { Counting::New } else { Counting::All })),
            whom,
            format: args.output,
            files: output_files(&args.output_file)?,
            parts,
            store: args.report.then(|| connection.clone()),
            fix_out: args.fix_out,
            phase: PhaseConfig::of_flags(&args.setting.phase, given.env)?,
            connection: match against {
                // What is found in a folder does not depend on the cluster that a kubeconfig happens to name.
                Against::Folder(_) => connection.nowhere(),
                Against::Live | Against::Empty => connection,
            },
            parameters: Value::Object(lifetime.into_iter().chain(fix).collect::<Map<_, _>>()),
            now: now.to_string(),
            clock,
            against,
            recording,
            words: given.words.clone(),
        })
    }

    /// Whether the audit is written in this format, anywhere.
    #[must_use]
    pub fn writes(&self, format: AuditFormat) -> bool {
        let formats = self.files.iter().map(|(format, _)| *format).chain([self.format]);
        // A report of one cluster has what every format of all clusters needs.
        self.parts.is_some() || formats.into_iter().any(|written| written == Format::Own(format))
    }

    /// All terms of this audit as a text: two with the same ask the same and judge alike.
    #[must_use]
    pub fn terms_text(&self) -> String {
        let Terms { threshold, ignores, baseline, .. } = &self.terms;
        let ignores: Vec<String> = ignores.iter().map(ToString::to_string).collect();
        format!("{} {threshold:?} {ignores:?} {baseline:?}", self.parameters)
    }

    /// What `--fix` asks for beside what is sure, as it was typed.
    pub fn wider(&self) -> impl Iterator<Item = &str> {
        self.parameters.get("fix").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }

    /// Refuses a rule of `--fix` that the phase does not have.
    ///
    /// # Errors
    /// [`ConfigError::Flag`] for the first one. A phase of contract 0.1.0 does not say its rules, and is asked for any.
    pub fn checked_against(&self, rules: &[RuleDescription]) -> Result<(), ConfigError> {
        let is_unknown = |value: &&str| {
            let rule = value.split('=').next().unwrap_or_default();
            rule != "all" && !rules.is_empty() && !rules.iter().any(|known| known.id == rule)
        };
        match self.wider().find(is_unknown) {
            Some(value) => {
                let rule = "the phase has no such rule; `explain` lists those of the embedded one";
                Err(ConfigError::Flag { flag: "--fix", value: value.to_owned(), rule })
            }
            None => Ok(()),
        }
    }

    /// The run of a task on a cluster.
    #[must_use]
    pub fn run(&self, task: AuditTask, connection: Connection) -> Run {
        let (parameters, now) = (self.parameters.clone(), self.now.clone());
        let question = Question { task: task.name().to_owned(), parameters, documents: Vec::new(), now };
        let run = Run::of_question(
            question,
            Secrets::default(),
            self.against.clone(),
            connection,
            self.phase.clone(),
            (self.words.clone(), CureFlags::default()),
        );
        Run { recording: self.recording.clone(), ..run }
    }
}

/// Refuses to write the reports to a cluster where there is not one, or where they are merged from files later.
fn check_stored(args: &AuditArgs, whom: &Whom, against: &Against) -> Result<(), ConfigError> {
    if !args.report {
        return Ok(());
    }
    let odd = |rule| Err(ConfigError::Flag { flag: "--report", value: "true".to_owned(), rule });
    let is_elsewhere = *against != Against::Live || args.setting.replay.is_some();
    match whom {
        _ if is_elsewhere => odd("needs a cluster to write to: remove --against and --replay"),
        _ if args.output_dir.is_some() => {
            odd("cannot be combined with --output-dir: `audit merge --report` writes the reports of all")
        }
        Whom::Several(Fleet { listed: Listed::Hub { .. }, .. }) | Whom::One => Ok(()),
        Whom::Several(_) => {
            odd("needs one cluster to write to, and contexts and files have no hub: `audit merge --report` takes one")
        }
    }
}

/// The folder for reports, and which of those in it are kept.
fn parts(args: &AuditArgs, is_one: bool, now: jiff::Timestamp) -> Result<Option<Parts>, ConfigError> {
    let Some(folder) = args.output_dir.clone() else { return Ok(None) };
    let odd = |value: String, rule| ConfigError::Flag { flag: "--output-dir", value, rule };
    if is_one {
        let rule = "works only with several clusters: choose them with --clusters or --all-contexts";
        return Err(odd(folder.display().to_string(), rule));
    }
    if let Some(file) = args.output_file.first() {
        let rule = "cannot be combined with --output-file: `audit merge` makes one report of all clusters";
        return Err(odd(file.clone(), rule));
    }
    let invalid =
        |value: &String| ConfigError::Flag { flag: "--resume", value: value.clone(), rule: "must be an age like 30m or 6h" };
    let from = |age: &String| {
        let age = duration::parse_timeout(age).flatten().ok_or_else(|| invalid(age))?;
        now.checked_sub(age).map_err(|_| invalid(&format!("{age:?}")))
    };
    Ok(Some(Parts { folder, kept_from: args.resume.as_ref().map(from).transpose()? }))
}

fn output_files(texts: &[String]) -> Result<Vec<(Format<AuditFormat>, PathBuf)>, ConfigError> {
    texts.iter().map(|text| output_file(text)).collect()
}

/// The ignore rules, those of the command line first.
fn ignores(flags: &[String], files: &[PathBuf]) -> Result<Vec<Ignore>, ConfigError> {
    let invalid = |value: &String, source| ConfigError::Ignore { value: value.clone(), source };
    let flags = flags.iter().map(|text| Ignore::parse(text).map_err(|source| invalid(text, source)));
    let mut ignores = flags.collect::<Result<Vec<_>, _>>()?;
    for path in files {
        ignores.extend(file::read_ignores(path)?);
    }
    Ok(ignores)
}

/// The values of `--fix`, if there are any: `all`, or anything that can be ignored.
fn wider(values: Vec<String>) -> Result<Option<Vec<String>>, ConfigError> {
    for value in values.iter().filter(|value| *value != "all") {
        let invalid = |_| ConfigError::Flag { flag: "--fix", value: value.clone(), rule: "must be all, RULE or RULE=OBJECT" };
        Ignore::parse(value).map_err(invalid)?;
    }
    Ok(Some(values).filter(|values| !values.is_empty()))
}

fn output_file(text: &str) -> Result<(Format<AuditFormat>, PathBuf), ConfigError> {
    let rule =
        "must be FORMAT=FILE, like `sarif=audit.sarif`, with text, json, yaml, sarif, junit, openmetrics, html or openreports";
    let parts = text.split_once('=').filter(|(_, file)| !file.is_empty());
    let format = parts.and_then(|(format, file)| Some((Format::parse(format)?, PathBuf::from(file))));
    format.ok_or_else(|| ConfigError::Flag { flag: "--output-file", value: text.to_owned(), rule })
}

const fn threshold(arg: FailOnArg) -> Threshold {
    Threshold::At(match arg {
        FailOnArg::Info => Severity::Info,
        FailOnArg::Low => Severity::Low,
        FailOnArg::Medium => Severity::Medium,
        FailOnArg::High => Severity::High,
        FailOnArg::Critical => Severity::Critical,
        FailOnArg::Never => return Threshold::Never,
    })
}
