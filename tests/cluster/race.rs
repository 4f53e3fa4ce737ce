//! Several of us at once.

use crate::harness::{Cluster, assert_same, trial};
use libtest_mimic::Trial;
use std::sync::Arc;
use std::time::Instant;

/// How many at once.
const RACERS: usize = 8;

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    vec![
        trial("race::the_same_token", cluster, |cluster| race(cluster, &["apply", "abcdef.0123456789abcdef"], 1)),
        trial("race::a_new_token_each", cluster, |cluster| race(cluster, &["apply"], RACERS)),
    ]
}

/// All succeed, and leave what one would have left, with a token for each that makes one.
fn race(cluster: &Cluster, args: &[&str], tokens: usize) {
    cluster.reset();
    let since = Instant::now();
    cluster.ours_ok(&["apply", "abcdef.0123456789abcdef"]);
    let mut golden = cluster.state();
    cluster.reset();
    let racers: Vec<_> = (0..RACERS)
        .map(|_| {
            let mut command = cluster.our_command(args);
            command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap()
        })
        .collect();
    for racer in racers {
        let output = racer.wait_with_output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert_eq!(output.status.code(), Some(0), "{}\n{}", text(&output.stdout), text(&output.stderr));
        let stdout = text(&output.stdout);
        assert_eq!(stdout.lines().filter(|line| line.starts_with("kubeadm join ")).count(), 1, "{stdout}");
    }
    let mut state = cluster.state();
    assert_eq!(state.keys().filter(|key| key.starts_with("Secret/")).count(), tokens);
    if tokens > 1 {
        for state in [&mut golden, &mut state] {
            state.retain(|key, _| !key.starts_with("Secret/"));
        }
    }
    assert_same(&golden, &state, since);
}
