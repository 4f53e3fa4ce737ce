//! A `kubeadm join` line, read as a shell and kubeadm read it.

use super::super::error::CheckError;
use super::files::{Files, Here};
use super::join_configuration;
use crate::cli::check_flags::JoinArgs;
use clap::Parser as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use kubephase_core::join::command::{JoinWords, Spelling};
use kubephase_core::join::{JoinCommand, Role, Trust};
use zeroize::Zeroizing;

/// A parsed command, and its flags that are not looked at.
pub type Parsed = (JoinCommand, Vec<&'static str>);

/// Parses a `kubeadm join` line like a shell, with quotes and line continuations.
///
/// # Errors
/// [`CheckError`] for a line that is not a join command, and for one that kubeadm would refuse.
pub fn parse_line(line: &str) -> Result<JoinCommand, CheckError> {
    parse_text(line).map(|(join, _)| join)
}

pub(in crate::config) fn parse_text(line: &str) -> Result<Parsed, CheckError> {
    // Text copied from a Windows editor contains carriage returns, which a shell does not accept as line ends. And shlex turns a
    // line continuation into an empty word, which a shell does not.
    if line.trim_end().ends_with('\\') {
        return Err(CheckError::Continued);
    }
    let line = Zeroizing::new(Zeroizing::new(line.replace("\r\n", "\n")).replace("\\\n", ""));
    let words = shlex::split(&line).ok_or(CheckError::Quotes)?;
    parse_words(&words.into_iter().map(Zeroizing::new).collect::<Vec<_>>(), &Here)
}

/// Parses the words of a `kubeadm join` line, and the configuration that it names.
///
/// # Errors
/// [`CheckError`] for what kubeadm refuses.
pub(in crate::config) fn parse_words(words: &[Zeroizing<String>], files: &dyn Files) -> Result<Parsed, CheckError> {
    let words: Vec<&str> = words.iter().map(|word| word.as_str()).collect();
    let is_kubeadm = |word: &str| word == "kubeadm" || word.ends_with("/kubeadm");
    // The prompt that stood before it is copied with it.
    let is_prompt = |word: &str| word.ends_with(['$', '#', '%', '>']);
    let words = match words.as_slice() {
        [prompt, line @ ..] if is_prompt(prompt) => line,
        [_, prompt, line @ ..] if is_prompt(prompt) => line,
        words => words,
    };
    let rest = match words {
        [program, "join", rest @ ..] if is_kubeadm(program) => rest,
        ["sudo", program, "join", rest @ ..] if is_kubeadm(program) => rest,
        _ => return Err(CheckError::Neither),
    };
    if let Some(operator) = rest.iter().find(|word| ["&&", "||", "|", ";", "&"].contains(word) || word.ends_with(';')) {
        return Err(CheckError::Further(if operator.len() > 2 { ";" } else { operator }.to_owned()));
    }
    if rest.last() == Some(&"\\") {
        return Err(CheckError::Continued);
    }
    if let Some(error) = rest.iter().find_map(|word| odd_dash(word)) {
        return Err(error);
    }
    let args = JoinArgs::try_parse_from(rest).map_err(|error| unknown(&error))?;
    if let Some(path) = &args.config {
        // kubeadm takes few flags beside a file, and none of these (`validation.ValidateMixedArguments`).
        if let Some(flag) = args.beside_a_file() {
            return Err(CheckError::Mixed(flag));
        }
        return Ok((join_configuration::read_one(&files.read("--config", path)?)?, args.others.of_the_node()));
    }
    if args.discovery_file.is_some() {
        return Err(CheckError::ByFile);
    }
    let is_unsafe = args.discovery_token_unsafe_skip_ca_verification == Some(true);
    let role = if args.control_plane == Some(true) { Role::ControlPlane } else { Role::Worker };
    if args.endpoints.len() > 1 {
        return Err(CheckError::Flag("more than one endpoint".to_owned()));
    }
    let words = JoinWords {
        endpoint: args.endpoints.into_iter().next(),
        token: args.token.map(Zeroizing::new),
        discovery_token: args.discovery_token.map(Zeroizing::new),
        tls_bootstrap_token: args.tls_bootstrap_token.map(Zeroizing::new),
        hashes: args.discovery_token_ca_cert_hash,
        spelling: Spelling::Flags,
    };
    let join = JoinCommand::of(&words, if is_unsafe { Trust::Unsafe } else { Trust::Unsaid }, role)?;
    Ok((join, args.others.of_the_node()))
}

/// A word that was meant as a flag but that kubeadm takes for something else. Only its name is reported.
fn odd_dash(word: &str) -> Option<CheckError> {
    let bare = word.trim_start();
    let name = |rest: &str| rest.split(['=', ' ']).next().unwrap_or_default().to_owned();
    let is_name = |text: &str| text.len() > 1 && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    let told = name(bare);
    let plain = told.trim_start_matches(|c: char| c == '-' || is_long_dash(c));
    if !is_name(plain) || told == plain {
        return None;
    }
    match told.strip_suffix(plain) {
        Some("--") if bare == word => None,
        Some("--") => Some(CheckError::Torn(told)),
        Some("-") if !plain.starts_with('v') => Some(CheckError::Dash(told, "it starts with one dash instead of two")),
        Some(dashes) if dashes.contains(is_long_dash) => {
            Some(CheckError::Dash(told, "it starts with a long dash instead of two short ones"))
        }
        _ => None,
    }
}

/// Whether an editor's autocorrection turns one or two dashes into this character.
const fn is_long_dash(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// What is wrong with the words, without any that may be secret: only a flag's name is reported, not its value.
fn unknown(error: &clap::Error) -> CheckError {
    let flag = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(text)) if text.starts_with('-') => text.split(['=', ' ', '[']).next().map(str::to_owned),
        _ => None,
    };
    match (error.kind(), flag) {
        (ErrorKind::UnknownArgument, Some(flag)) => CheckError::Flag(format!("the flag {flag}")),
        (ErrorKind::UnknownArgument, None) => CheckError::Flag("more than one endpoint".to_owned()),
        (_, Some(flag)) => CheckError::Flag(format!("{flag} without a value, or with this one")),
        _ => CheckError::Flag("these words".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::parse_line;
    use kubephase_core::join::{Role, Trust};

    const TOKEN: &str = "abcdef.0123456789abcdef";
    const HASH: &str = "sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    #[test]
    fn lines_are_read_as_kubeadm_reads_them() {
        let pinned = Trust::Pins(vec![HASH.to_ascii_lowercase()]);
        for (line, trust, role) in [
            (format!("kubeadm join a:1 --token {TOKEN}"), Trust::Unsaid, Role::Worker),
            (format!("kubeadm join a:1 --token {TOKEN} --discovery-token-ca-cert-hash {HASH} "), pinned.clone(), Role::Worker),
            (
                format!("sudo kubeadm join --token={TOKEN} a:1 \\\n\t--discovery-token-ca-cert-hash={HASH}\n"),
                pinned.clone(),
                Role::Worker,
            ),
            (
                format!("/usr/bin/kubeadm join a:1 --token '{TOKEN}' \\\r\n --discovery-token-ca-cert-hash {HASH}"),
                pinned.clone(),
                Role::Worker,
            ),
            (
                format!(
                    "kubeadm join a:1 --token {TOKEN} --control-plane --certificate-key 00 --discovery-token-unsafe-skip-ca-verification -v=5"
                ),
                Trust::Unsafe,
                Role::ControlPlane,
            ),
            (
                format!(
                    "kubeadm join a:1 --discovery-token {TOKEN} --tls-bootstrap-token {TOKEN} --token x --discovery-token-unsafe-skip-ca-verification=false --v 5"
                ),
                Trust::Unsaid,
                Role::Worker,
            ),
            (
                format!(
                    "kubeadm join a:1 --token {TOKEN} --node-name n --cri-socket unix:///s --ignore-preflight-errors=all --patches /p --skip-phases a,b \
                     --apiserver-advertise-address 10.0.0.1 --apiserver-bind-port 6443 --dry-run -v5 --discovery-token-ca-cert-hash {HASH}"
                ),
                pinned,
                Role::Worker,
            ),
        ] {
            let join = parse_line(&line).unwrap_or_else(|error| panic!("{line}: {error}"));
            assert_eq!(
                (join.endpoint.as_str(), join.login.id(), &join.trust, join.role),
                ("a:1", "abcdef", &trust, role),
                "{line}"
            );
            assert_eq!(join.discovery.bearer().as_str(), TOKEN);
        }
    }

    #[test]
    fn what_kubeadm_refuses_is_refused_and_no_secret_repeated() {
        for (line, said) in [
            ("kubeadm init", "neither a bootstrap token"),
            ("kubeadm join", "the endpoint is missing"),
            ("kubeadm join a:1", "a token is required"),
            ("kubeadm join a:1 --discovery-token abcdef.0123456789abcdef", "a token is required to log in"),
            ("kubeadm join a:1 --token abcdef.0123456789abcde", "--token is not a bootstrap token"),
            ("kubeadm join a:1 --token ABCDEF.0123456789abcdef", "--token is not a bootstrap token"),
            ("kubeadm join a --token abcdef.0123456789abcdef", "`a` is not HOST:PORT"),
            ("kubeadm join a:99999 --token abcdef.0123456789abcdef", "is not HOST:PORT"),
            ("kubeadm join a;b:1 --token abcdef.0123456789abcdef", "is not HOST:PORT"),
            ("kubeadm join a:1 --token abcdef.0123456789abcdef --discovery-token-ca-cert-hash sha256:00", "hash `sha256:00`"),
            ("kubeadm join a:1 --token abcdef.0123456789abcdef --discovery-token-ca-cert-hash md5:00", "hash `md5:00`"),
            ("kubeadm join a:1 abcdef.0123456789abcdef", "more than one endpoint"),
            ("kubeadm join a:1 --tokn abcdef.0123456789abcdef", "the flag --tokn"),
            ("kubeadm join a:1 --tokn=abcdef.0123456789abcdef", "the flag --tokn"),
            ("kubeadm join a:1 --token", "without a value"),
            ("kubeadm join a:1 --config abcdef.0123456789abcdef", "--config names a file"),
            ("kubeadm join --discovery-file abcdef.0123456789abcdef", "finds its cluster by a discovery file"),
            ("kubeadm join a:1 --token abcdef.0123456789abcdef \\", "ends with a backslash"),
            ("kubeadm join a:1 --token abcdef.0123456789abcdef \\\n", "ends with a backslash"),
            ("kubeadm join a:1 --token abcdef.0123456789abcdef && echo done", "continues after the `kubeadm join` command"),
            ("kubeadm join a:1 --token abcdef.0123456789abcdef; kubectl get nodes", "continues after the `kubeadm join` command"),
            ("root@cp:~# kubeadm init", "neither a bootstrap token"),
            ("kubeadm join 'a:1 --token abcdef.0123456789abcdef", "quote"),
            ("kubeadm join a:1 -token abcdef.0123456789abcdef", "`-token` is not a flag: it starts with one dash"),
            ("kubeadm join a:1 \u{2014}token abcdef.0123456789abcdef", "it starts with a long dash"),
            ("kubeadm join a:1 \u{2013}-token=abcdef.0123456789abcdef", "it starts with a long dash"),
            ("kubeadm join a:1 --token abcdef.0123456789abcdef \\ --control-plane", "there is a space before `--control-plane`"),
            (
                "kubeadm join a:1 --token abcdef.0123456789abcdef --control-plane=yes",
                "--control-plane without a value, or with this",
            ),
            ("kubeadm join a:1 --token abcdef.0123456789abcdef --control-plane true", "more than one endpoint"),
        ] {
            let error = parse_line(line).expect_err(line).to_string();
            assert!(error.contains(said), "{line}: {error}");
            assert!(!error.contains("0123456789"), "{error}");
        }
    }
}
