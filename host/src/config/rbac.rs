//! Resolves the flags of `rbac`.

use super::error::ConfigError;
use super::given::Given;
use super::question::Wish;
use super::run::{Run, Stage};
use crate::cli::rbac_flags::RbacArgs;
use kubephase_core::digest::Digest;
use kubephase_core::format::Format;
use kubephase_core::name::ObjectName;
use kubephase_core::rbac::{Naming, Subject};

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
    let plain: String = subjects.chars().map(|c| if matches!(c, '/' | '%') { '-' } else { c }).collect();
    let end = if plain == subjects { String::new() } else { format!(":{}", &Digest::of(subjects.as_bytes()).hex()[..8]) };
    format!("kubectl-bootstrap-token:{task}:{plain}{end}")
}

impl Run {
    /// The run whose access `rbac` prints.
    ///
    /// # Errors
    /// Like [`Run::apply`].
    pub fn rbac(args: RbacArgs, given: &mut Given<'_>) -> Result<Self, ConfigError> {
        let (wish, setting) = Wish::of(&args.task, args.question, args.plan);
        Self::resolve(wish.tokenless(&args.tokenless), setting, (Stage::Foresee, Format::Text), given)
    }
}
