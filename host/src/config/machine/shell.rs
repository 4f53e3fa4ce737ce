//! `kubeadm join` in a script: found as a shell splits words, without running anything.

use zeroize::Zeroizing;

/// Programs that only say what follows.
const PRINTS: [&str; 3] = ["echo", "printf", "logger"];
/// Words with which a command ends.
const ENDS: [&str; 8] = ["&&", "||", "|", ";", "&", ")", "}", "fi"];

/// The words of each `kubeadm join` in a script, with `kubeadm` as the first.
pub(super) fn joins(script: &str) -> Vec<Vec<Zeroizing<String>>> {
    let joined = Zeroizing::new(Zeroizing::new(script.replace("\r\n", "\n")).replace("\\\n", " "));
    joined.lines().filter(|line| line.contains("kubeadm")).flat_map(of_line).collect()
}

fn of_line(line: &str) -> Vec<Vec<Zeroizing<String>>> {
    // The command of a unit for systemd.
    let line = line.trim_start();
    let line = line.strip_prefix("ExecStart=").map_or(line, |rest| rest.trim_start_matches(['-', '@', ':', '+', '!']));
    let Some(words) = shlex::split(line) else { return Vec::new() };
    let words: Vec<Zeroizing<String>> = words.into_iter().map(Zeroizing::new).collect();
    let mut found = Vec::new();
    for place in 0..words.len() {
        let (before, rest) = words.split_at_checked(place).unwrap_or_default();
        let start = before.iter().rposition(|word| is_end(word)).map_or(0, |end| end + 1);
        let is_said = before.get(start).is_some_and(|first| PRINTS.contains(&first.as_str()));
        match rest {
            [program, join, ..] if is_kubeadm(program) && join.as_str() == "join" && !is_said => found.push(command(rest)),
            // `sh -c "kubeadm join …"`
            [flag, inner, ..] if flag.starts_with('-') && flag.ends_with('c') && inner.contains(' ') => {
                found.extend(joins(inner))
            }
            _ => {}
        }
    }
    found
}

fn is_end(word: &str) -> bool {
    ENDS.contains(&word) || word.ends_with(';')
}

/// The path of the program may follow an operator or a parenthesis.
fn is_kubeadm(word: &str) -> bool {
    let word = word.trim_start_matches(['(', '{', '@', '-']);
    word == "kubeadm" || word.ends_with("/kubeadm")
}

/// The words until the command ends.
fn command(words: &[Zeroizing<String>]) -> Vec<Zeroizing<String>> {
    let mut command = vec![Zeroizing::new("kubeadm".to_owned())];
    for word in words.iter().skip(1) {
        let bare = word.trim_end_matches([';', ')']);
        if ENDS.contains(&word.as_str()) || is_redirection(word) {
            break;
        }
        if !bare.is_empty() {
            command.push(Zeroizing::new(bare.to_owned()));
        }
        if bare.len() < word.len() {
            break;
        }
    }
    command
}

/// `>file`, `2>&1`, `<file`.
fn is_redirection(word: &str) -> bool {
    word.trim_start_matches(|c: char| c.is_ascii_digit() || c == '&').starts_with(['>', '<'])
}
