//! Which phases are compared, and by which plans.

use super::env::Env;
use super::{ConfigError, PhaseConfig, Run};
use crate::cli::args::{FormatArg, PlanArgs, PlanFormatArg};
use crate::cli::diff_flags::{DiffArgs, DiffFormatArg};
use crate::cli::kube_flags::KubeFlags;
use crate::cli::phase_flags::TrustFlags;
use crate::cli::phase_flags::{BoundFlags, PhaseFlags};
use crate::cli::question_flags::{QuestionArgs, SettingFlags};
use std::io::Read;

/// Two phases, and what both are asked.
pub struct Comparison {
    /// The one that is used now.
    pub old: PhaseConfig,
    /// The one that may be used from now on.
    pub new: PhaseConfig,
    /// What both are asked for a plan; none if plans are not compared.
    pub run: Option<Run>,
    /// How it is told.
    pub format: DiffFormatArg,
}

impl Comparison {
    /// What the arguments mean.
    ///
    /// # Errors
    /// [`ConfigError`] for flags and files that make no sense.
    pub fn of(args: DiffArgs, kube: KubeFlags, env: &dyn Env, stdin: &mut dyn Read) -> Result<Self, ConfigError> {
        let DiffArgs { old, new, against, task, filename, now, grant, policy, output, bounds, supply } = args;
        let BoundFlags { allow_wasi, allow_nested, limit } = bounds;
        let flags = |phase: String| {
            let bounds = BoundFlags { allow_wasi, allow_nested, limit: limit.clone() };
            // A bundle is of one file, and here are two: each has its own beside it.
            let trust = TrustFlags { policy: policy.clone(), bundle: None };
            PhaseFlags { phase, grant: grant.clone(), trust, bounds, supply: supply.clone() }
        };
        let run = against.map(|against| {
            let setting = SettingFlags { against, now, record: None, replay: None, phase: flags(new.clone()) };
            let question = QuestionArgs {
                positional_token: None,
                bootstrap_token: None,
                filename,
                control_plane_endpoint: None,
                skip_token_print: true,
                setting,
            };
            let args = PlanArgs { output: PlanFormatArg::Report(FormatArg::Text), out: None, exit_code: false, question };
            let mut run = Run::plan(args, kube, env, stdin)?;
            run.question.task = task;
            Ok::<_, ConfigError>(run)
        });
        Ok(Self {
            old: PhaseConfig::of_flags(&flags(old), env)?,
            new: PhaseConfig::of_flags(&flags(new), env)?,
            run: run.transpose()?,
            format: output,
        })
    }
}
