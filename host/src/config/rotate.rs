//! Resolves `rotate`.

use super::duration;
use super::error::{CheckError, ConfigError};
use super::given::Given;
use super::kubeadm::hide_tokens;
use super::question::Wish;
use super::run::{Hints, Run, RunAnswer, TokenPrint};
use crate::cli::handout::HandoutPlace;
use crate::cli::rotate_flags::RotateArgs;
use kubephase_core::format::{Format, JoinForm};
use kubephase_core::join::Endpoint;
use kubephase_core::secret::Secrets;
use serde_json::{Value, json};
use std::time::Duration;

/// A resolved `rotate`.
pub struct RotateOrder {
    /// One step of it, but for what is handed out already.
    pub run: Run,
    /// Where the token is handed out.
    pub place: HandoutPlace,
    /// What machines are given.
    pub form: JoinForm,
    /// Where machines find the API server; `None` as the cluster says.
    pub endpoint: Option<Endpoint>,
    /// How long to wait until nodes can join with a new token.
    pub wait: Duration,
}

impl RotateOrder {
    /// Resolves the arguments.
    ///
    /// # Errors
    /// [`ConfigError`] for values that are none, and for objects that are not in a cluster.
    pub(super) fn of(args: RotateArgs, given: &mut Given<'_>) -> Result<Self, ConfigError> {
        let RotateArgs { name, to, form, ttl, overlap, groups, description, control_plane_endpoint, wait, write, setting } = args;
        let refused = |flag, value: &str, rule| ConfigError::Flag { flag, value: value.to_owned(), rule };
        let wait_for = duration::parse_timeout(&wait);
        let wait_for = wait_for.ok_or_else(|| refused("--wait", &wait, "must be a duration like `30s` or `2m`"))?;
        let endpoint = control_plane_endpoint.as_deref().map(Endpoint::parse_with_default).transpose();
        let endpoint = endpoint.map_err(CheckError::from)?;
        let proves = "`rotate` proves on a cluster that nodes can join, and then goes on";
        if setting.against != "live" {
            return Err(refused("--against", &setting.against, proves));
        }
        for (flag, path) in [("--record", &setting.record), ("--replay", &setting.replay)] {
            if let Some(path) = path {
                return Err(refused(flag, &path.display().to_string(), proves));
            }
        }
        if write.output != Format::Text {
            return Err(refused("--output", write.output.name(), "`rotate` has several results; `list -o json` has the tokens"));
        }
        let texts = [("name", Some(name)), ("ttl", Some(ttl)), ("overlap", Some(overlap)), ("description", description)];
        let texts = texts.into_iter().filter_map(|(field, text)| Some((field.to_owned(), json!(text?))));
        let groups = Some(groups).filter(|groups| groups.iter().any(|group| !group.is_empty()));
        let groups = groups.map(|groups| ("groups".to_owned(), json!(groups)));
        let (mut secrets, mut parameters) = (Secrets::default(), Value::Object(texts.chain(groups).collect()));
        hide_tokens(&mut parameters, &mut secrets);
        let parameters = parameters.as_object().cloned().unwrap_or_default();
        let (task, filenames, plan, token_print) = ("rotate".to_owned(), Vec::new(), None, TokenPrint::Skip);
        let wish = Wish { task, parameters, secrets, filenames, plan, token_print };
        let run = Run::writing(wish, setting, write, Format::Text, given)?;
        let run = Run { answer: RunAnswer::Results, hints: Hints::Left, ..run };
        Ok(Self { run, place: to, form, endpoint, wait: wait_for.unwrap_or_default() })
    }

    /// The next step, once this token is handed out.
    #[must_use]
    pub fn step(&self, handed_out: Option<&str>) -> Run {
        let mut run = self.run.clone();
        if let (Some(id), Value::Object(parameters)) = (handed_out, &mut run.question.parameters) {
            parameters.insert("handedOut".to_owned(), json!(id));
        }
        run
    }
}
