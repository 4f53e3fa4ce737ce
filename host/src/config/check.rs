//! Resolves the arguments of `check`.

use super::error::{CheckError, ConfigError};
use super::fleet::{Fleet, Whom};
use super::given::Given;
use super::machine::{self, Here, Parsed, parse_text, parse_words};
use super::{connection, duration, file};
use crate::cli::check_flags::{CheckArgs, MachineFlags};
use kubephase_core::connection::Connection;
use kubephase_core::format::Format;
use kubephase_core::join::{CureFlags, Endpoint, JoinCommand, Token};
use kubephase_core::name::NamespacedName;
use std::io::Read;
use std::time::Duration;
use zeroize::Zeroizing;

/// The default time to wait for a certificate.
const CERTIFICATE_WAIT: Duration = Duration::from_secs(30);

/// A resolved `check`.
pub struct Check {
    /// The command, token, id or machine to check.
    pub asked: Asked,
    /// The flags of the command that are not looked at, such as `--node-name`.
    pub unchecked: Vec<&'static str>,
    /// The options of the check.
    pub options: Options,
    /// How to reach the API server as an administrator.
    pub connection: Connection,
    /// The flags that selected the cluster, for the commands of a cure.
    pub cure_flags: CureFlags,
}

/// A resolved `check` of several clusters: of all tokens with which nodes are meant to join.
pub struct ClustersCheck {
    /// The clusters.
    pub fleet: Fleet,
    /// How to reach the hub, or what the kubeconfigs have in common.
    pub connection: Connection,
    /// How long to wait for the signature of a token.
    pub wait: Option<Duration>,
    /// The output format.
    pub format: Format,
    /// How many bytes of the answers are read.
    pub most_bytes: u64,
}

impl ClustersCheck {
    /// Resolves the arguments.
    ///
    /// # Errors
    /// [`ConfigError`] for what works with one cluster only.
    pub(super) fn of(fleet: Fleet, mut args: CheckArgs, given: &Given<'_>) -> Result<Self, ConfigError> {
        let connection = connection::connection(given.kube, given.env)?;
        let whom = Whom::Several(fleet.clone());
        let wait = wait(&mut args)?;
        whom.alone("TOKEN", args.words.first().or(args.bootstrap_token.as_ref()).map(|_| "…"))?;
        whom.alone("--control-plane-endpoint", args.control_plane_endpoint)?;
        let machine = &args.machine;
        let files = [("--config", &machine.config), ("--user-data", &machine.user_data)];
        files.into_iter().try_for_each(|(flag, path)| whom.alone(flag, path.as_ref().map(|_| "…")))?;
        whom.alone("--machine", machine.machine.as_ref().map(|_| "…"))?;
        whom.alone("--csr", args.csr.then_some("true"))?;
        Ok(Self { fleet, connection, wait, format: args.output, most_bytes: file::read_limits(given.env)?.read_bytes })
    }
}

/// What is checked.
#[derive(Debug)]
pub enum CheckSubject {
    /// A complete `kubeadm join` command.
    Line(Box<JoinCommand>),
    /// A token, with its endpoint if one was given.
    Token(Token, Option<Endpoint>),
    /// A token id whose secret half is read from the cluster, with its endpoint if one was given.
    Id(String, Option<Endpoint>),
}

/// Where what is checked is written.
#[derive(Debug)]
pub enum Asked {
    /// In the arguments, or in a file.
    Here(CheckSubject),
    /// In the bootstrap data of a Machine of Cluster API.
    Machine(NamespacedName),
}

/// The options of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// How long to wait for the signature; `None` looks once.
    pub wait: Option<Duration>,
    /// Whether a certificate is requested.
    pub request: CertificateRequest,
    /// The output format.
    pub format: Format,
}

/// Whether a certificate is requested, as a node does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateRequest {
    /// No certificate is requested.
    None,
    /// A certificate is requested and awaited for this long.
    Made(Duration),
}

impl Check {
    /// Resolves the arguments.
    ///
    /// # Errors
    /// [`ConfigError`] for input that kubeadm or kubectl would refuse.
    pub fn of(mut args: CheckArgs, given: &mut Given<'_>) -> Result<Self, ConfigError> {
        // First, because a bootstrap token given as kubectl's bearer token explains why there is nothing to check.
        let connection = connection::connection(given.kube, given.env)?;
        let wait = wait(&mut args)?;
        let words: Vec<Zeroizing<String>> = args.bootstrap_token.into_iter().chain(args.words).map(Zeroizing::new).collect();
        let endpoint = args.control_plane_endpoint.as_deref().map(Endpoint::parse_with_default).transpose();
        let endpoint = endpoint.map_err(CheckError::from)?;
        let request = match (args.csr, wait) {
            (false, _) => CertificateRequest::None,
            (true, wait) => CertificateRequest::Made(wait.unwrap_or(CERTIFICATE_WAIT)),
        };
        let options = Options { wait, request, format: args.output };
        let (asked, unchecked) = match of_machine(args.machine, given.stdin)? {
            Some(found) => found,
            None => {
                let (subject, unchecked) = asked(&words, endpoint)?;
                (Asked::Here(subject), unchecked)
            }
        };
        Ok(Self { asked, unchecked, options, connection, cure_flags: given.cure_flags.clone() })
    }
}

/// The value of `--wait`. Separated by a space, the next word may be the token.
fn wait(args: &mut CheckArgs) -> Result<Option<Duration>, ConfigError> {
    let Some(text) = args.wait.take() else { return Ok(None) };
    match duration::parse_timeout(&text) {
        Some(duration) if !args.words.is_empty() || !Token::is_id(&text) => Ok(Some(duration.unwrap_or_default())),
        _ if args.words.is_empty() && (Token::is_id(&text) || Token::parse(&text).is_some()) => {
            args.words.push(text);
            Ok(Some(CERTIFICATE_WAIT))
        }
        _ => Err(ConfigError::Flag { flag: "--wait", value: "…".to_owned(), rule: "must be a duration like `30s` or `2m`" }),
    }
}

/// What a machine is started with, if that was given, and the flags in it that are not looked at.
fn of_machine(flags: MachineFlags, stdin: &mut dyn Read) -> Result<Option<(Asked, Vec<&'static str>)>, ConfigError> {
    let line = |(join, unchecked): Parsed| Some((Asked::Here(CheckSubject::Line(Box::new(join))), unchecked));
    Ok(match flags {
        MachineFlags { config: Some(path), .. } => {
            let text = Zeroizing::new(file::read_text_or(&path, stdin)?);
            line((machine::of_configuration(&text)?, Vec::new()))
        }
        MachineFlags { user_data: Some(path), .. } => {
            let bytes = Zeroizing::new(file::read_bytes_or(&path, stdin)?);
            line(machine::of_user_data(&bytes)?)
        }
        MachineFlags { machine: Some(name), .. } => Some((Asked::Machine(name), Vec::new())),
        MachineFlags { config: None, user_data: None, machine: None } => None,
    })
}

/// The command, token or id that the words name, and the flags that are not looked at.
fn asked(words: &[Zeroizing<String>], endpoint: Option<Endpoint>) -> Result<(CheckSubject, Vec<&'static str>), CheckError> {
    let (line, unchecked) = match words {
        [] => return Err(CheckError::Nothing),
        [word] => {
            let word = word.trim();
            if let Some(token) = Token::parse(word) {
                return Ok((CheckSubject::Token(token, endpoint), Vec::new()));
            }
            if Token::is_id(word) {
                return Ok((CheckSubject::Id(word.to_owned(), endpoint), Vec::new()));
            }
            parse_text(word)?
        }
        several => parse_words(several, &Here)?,
    };
    if endpoint.is_some() {
        return Err(CheckError::EndpointTwice);
    }
    Ok((CheckSubject::Line(Box::new(line)), unchecked))
}

#[cfg(test)]
mod tests {
    use super::{CheckError, CheckSubject, asked};
    use kubephase_core::join::Endpoint;
    use zeroize::Zeroizing;

    const TOKEN: &str = "abcdef.0123456789abcdef";

    #[test]
    fn tokens_ids_and_lines_are_told_apart() {
        let of = |words: &[&str]| {
            asked(&words.iter().map(|word| Zeroizing::new((*word).to_owned())).collect::<Vec<_>>(), None)
                .map(|(subject, _)| subject)
        };
        assert!(matches!(of(&[TOKEN]), Ok(CheckSubject::Token(..))));
        assert!(matches!(of(&["abcdef"]), Ok(CheckSubject::Id(..))));
        assert!(matches!(of(&[&format!("kubeadm join a:1 --token {TOKEN}")]), Ok(CheckSubject::Line(_))));
        assert!(matches!(of(&["kubeadm", "join", "a:1", "--token", TOKEN]), Ok(CheckSubject::Line(_))));
        let word = |text: String| [Zeroizing::new(text)];
        let endpoint = Endpoint::parse("b:2").ok();
        let line = asked(&word(format!("kubeadm join a:1 --token {TOKEN}")), endpoint.clone());
        assert!(matches!(line, Err(CheckError::EndpointTwice)));
        assert!(matches!(asked(&word(TOKEN.to_owned()), endpoint), Ok((CheckSubject::Token(_, Some(_)), _))));
        let odd =
            format!("kubeadm join a:1 --token {TOKEN} --node-name 'A B_' --control-plane --certificate-key 123 -v5 --dry-run");
        let (_, unchecked) = asked(&word(odd), None).unwrap();
        assert_eq!(unchecked, ["--certificate-key", "--node-name"]);
        for words in [&[][..], &["abcdef.0123"], &["abcdefg"], &[TOKEN, TOKEN]] {
            assert!(of(words).is_err(), "{words:?}");
        }
    }
}
