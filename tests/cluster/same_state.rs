//! The same end state as kubeadm's, for each configuration in `states/`, on the API server and in a folder.

use crate::harness::{Cluster, State, assert_same, cases, plain, trial};
use libtest_mimic::Trial;
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// A file in `states/`: `VERSION-NAME.yaml`, where the version chooses the kubeadm. `arguments:` in a comment on its first line
/// are for us alone; what they say, the rest of the file says for kubeadm.
pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    let cases = cases("states");
    let trials = cases
        .into_iter()
        .map(|(name, path)| trial(format!("same_state::{name}"), cluster, move |cluster| same_state(cluster, &name, &path)));
    trials.collect()
}

fn same_state(cluster: &Cluster, name: &str, path: &Path) {
    let program = if name.starts_with("1.22-") { "kubeadm-1.22" } else { "kubeadm" };
    let text = std::fs::read_to_string(path).unwrap();
    let arguments: Vec<&str> = text
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("# arguments: "))
        .map_or_else(|| vec!["-f", path.to_str().unwrap()], |arguments| arguments.split_whitespace().collect());
    let kubeconfig = cluster.kubeconfig.to_str().unwrap();

    cluster.reset();
    let since = Instant::now();
    let their_lines = phase_lines(&cluster.kubeadm_ok(program, path).stdout);
    let kubeadm = cluster.state();

    cluster.reset();
    let said = cluster.ours_ok(&[&["apply"], arguments.as_slice()].concat());
    let ours = cluster.state();
    // Of a token that is given twice we name the one that counts.
    if !name.contains("generated") && !name.contains("twice") {
        assert_eq!(phase_lines(&said.stdout), their_lines);
    }
    assert_eq!(said.stdout.matches(" created\n").count(), ours.len(), "{}", said.stdout);

    let folder = cluster.dir.join("folder").join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let against = format!("dir:{}", folder.display());
    cluster.ours_ok(&[&["apply", "--against", &against, "--kubeconfig", kubeconfig], arguments.as_slice()].concat());
    let files = state_of(&folder);

    if name.contains("generated") {
        assert_same(&without_generated(&kubeadm), &without_generated(&ours), since);
        assert_same(&without_generated(&kubeadm), &without_generated(&files), since);
    } else {
        assert_same(&kubeadm, &ours, since);
        assert_same(&kubeadm, &files, since);
    }
}

/// kubeadm's lines. 1.22 wrote some of them in lower case.
fn phase_lines(stdout: &str) -> Vec<String> {
    let lines = stdout.lines().filter(|line| line.starts_with("[bootstrap-token] "));
    lines.map(|line| line.replace("] configured", "] Configured")).collect()
}

/// The objects in a folder.
fn state_of(folder: &Path) -> State {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    files.map(|text| plain(serde_saphyr::from_str::<Value>(&text).unwrap())).collect()
}

/// The state with generated tokens named by what they say instead of their ids.
fn without_generated(state: &State) -> State {
    let mut plain = State::new();
    for (key, object) in state {
        let (mut key, mut object) = (key.clone(), object.clone());
        if key.starts_with("Secret/") {
            let data = object["data"].as_object_mut().unwrap();
            for (half, length) in [("token-id", 8), ("token-secret", 24)] {
                // base64 of 6 and of 16 characters.
                assert_eq!(data.remove(half).unwrap().as_str().unwrap().len(), length, "{half}");
            }
            key = format!("Secret/{}", data.get("description").unwrap_or(&Value::Null));
            object["metadata"]["name"] = Value::Null;
        }
        assert_eq!(plain.insert(key, object), None, "two tokens that look alike");
    }
    plain
}
