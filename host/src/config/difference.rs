//! Resolves the arguments of `phase diff`.

use super::apply::against;
use super::connection;
use super::error::ConfigError;
use super::given::Given;
use super::phase::PhaseConfig;
use super::question::{self, Wish};
use super::run::{RecordingUse, Run, TokenPrint};
use crate::cli::diff_flags::DiffArgs;
use kubephase_core::format::Format;
use kubephase_core::secret::Secrets;
use serde_json::Map;
use std::path::PathBuf;

/// Two phases, and the question for their plans.
pub struct Comparison {
    /// The phase in use.
    pub old: PhaseConfig,
    /// The phase to replace it with.
    pub new: PhaseConfig,
    /// The question whose plans are compared; `None` if plans are not compared.
    pub run: Option<Run>,
    /// The output format.
    pub format: Format,
}

impl Comparison {
    /// Resolves the arguments.
    ///
    /// # Errors
    /// [`ConfigError`] for flags and files that cannot be used.
    pub fn of(args: DiffArgs, given: &mut Given<'_>) -> Result<Self, ConfigError> {
        let env = given.env;
        // A bundle belongs to one file, and here are two: each has its own beside it.
        let phase = |phase: &str| {
            PhaseConfig::named(phase, &args.bounds, &args.supply, env)?.under(args.policy.as_deref()).granted(&args.grant)
        };
        let (old, new) = (phase(&args.old)?, phase(&args.new)?);
        let DiffArgs { task, filename, now, .. } = args;
        let filenames: Vec<PathBuf> = filename.into_iter().collect();
        let run = args.against.map(|text| {
            let against = against(&text)?;
            let (parameters, secrets, token_print) = (Map::new(), Secrets::default(), TokenPrint::Skip);
            let wish = Wish { task, parameters, secrets, filenames, plan: None, token_print };
            let asked = question::asked(wish, now, &RecordingUse::None, given.stdin)?;
            let connection = connection::connection(given.kube, env)?;
            Ok::<_, ConfigError>(Run::of_question(
                asked.question,
                asked.secrets,
                against,
                connection,
                new.clone(),
                Default::default(),
            ))
        });
        Ok(Self { old, run: run.transpose()?, new, format: args.output })
    }
}
