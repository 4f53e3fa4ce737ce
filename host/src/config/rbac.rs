//! Resolves the flags of `rbac`.

use super::error::ConfigError;
use super::given::Given;
use super::kubeadm;
use super::question::Wish;
use super::run::{Run, Stage};
use crate::cli::rbac_flags::RbacArgs;
use kubephase_core::connection::Connection;
use kubephase_core::digest::Digest;
use kubephase_core::format::Format;
use kubephase_core::name::ObjectName;
use kubephase_core::rbac::{Naming, Subject};
use serde_json::{Value, json};

/// The names of the printed objects, and the subject they are bound to.
///
/// # Errors
/// [`ConfigError::Flag`] for a name that is not a path segment (`apimachinery/pkg/api/validation/path`), and for a subject that
/// [`Subject::parse`] refuses.
pub fn naming(args: &RbacArgs) -> Result<Naming, ConfigError> {
    let invalid = |flag, value: &str, rule| ConfigError::Flag { flag, value: value.to_owned(), rule };
    let rule = "must be `user:NAME`, `group:NAME` or `serviceaccount:NAMESPACE:NAME`";
    let subjects = args.subject.iter().map(|text| Subject::parse(text).ok_or_else(|| invalid("--subject", text, rule)));
    let subjects = subjects.collect::<Result<_, _>>()?;
    let name = args.name.clone().unwrap_or_else(|| name_of(args));
    let name = ObjectName::parse(&name).map_err(|error| invalid("--name", &name, error.rule))?;
    Ok(Naming { name, subjects })
}

/// A name of their own for each task and each choice of subjects, or the rights of one would replace those of another.
fn name_of(args: &RbacArgs) -> String {
    let task = if args.plan.is_some() { "plan" } else { &args.task };
    let subjects = args.subject.join("+");
    // What a name cannot have; the digest tells two apart that would look the same.
    let plain: String =
        subjects.chars().map(|c| if c.is_ascii_alphanumeric() || ":._@+-".contains(c) { c } else { '-' }).collect();
    let end = if plain == subjects { String::new() } else { format!(":{}", &Digest::of(subjects.as_bytes()).hex()[..8]) };
    format!("kubectl-bootstrap-token:{task}:{plain}{end}")
}

impl Run {
    /// The run whose access `rbac` prints.
    ///
    /// # Errors
    /// Like [`Run::apply`].
    pub fn rbac(args: RbacArgs, given: &mut Given<'_>) -> Result<Self, ConfigError> {
        let mut question = args.question;
        // These take ids, and the rights for them end at their Secrets.
        let is_of_ids = ["delete", "renew"].contains(&args.task.as_str());
        let ids = if is_of_ids { question.positional_token.take() } else { None };
        let (mut wish, setting) = Wish::of(&args.task, question, args.plan);
        if let Some(ids) = ids {
            let tokens: Vec<Value> = ids.split(',').map(|id| kubeadm::id_of(id, &mut wish.secrets)).collect();
            wish.parameters.extend([("tokens".to_owned(), Value::Array(tokens)), ("ignoreNotFound".to_owned(), json!(true))]);
        }
        let run = Self::resolve(wish.tokenless(&args.tokenless), setting, (Stage::Foresee, Format::Text), given)?;
        let version = if is_of_ids { run.connection.version.untold() } else { run.connection.version };
        Ok(Self { connection: Connection { version, ..run.connection }, ..run })
    }

    /// The arguments of `rbac` that print the rights for this run. A token that was given is not repeated.
    #[must_use]
    pub fn rights(&self) -> Vec<String> {
        if let Some((path, _)) = &self.saved {
            return vec!["--plan".to_owned(), path.display().to_string()];
        }
        let parameter = |name: &str| self.question.parameters.get(name);
        let files = self.filenames.iter().flat_map(|file| ["-f".to_owned(), file.display().to_string()]);
        let endpoint = parameter("controlPlaneEndpoint").and_then(Value::as_str);
        let endpoint = endpoint.map(|endpoint| ["--control-plane-endpoint".to_owned(), endpoint.to_owned()]);
        let no_token = parameter("noToken").map(|_| "--no-token".to_owned());
        let ids = parameter("tokens").and_then(Value::as_array).into_iter().flatten();
        let ids: Vec<&str> = ids.filter_map(|token| token.get("id")?.as_str()).collect();
        let token = parameter("token").map(|_| "TOKEN".to_owned());
        let task = ["--task".to_owned(), self.question.task.clone()];
        let words = task.into_iter().chain(files).chain(endpoint.into_iter().flatten()).chain(no_token).chain(token);
        words.chain((!ids.is_empty()).then(|| ids.join(","))).collect()
    }
}
