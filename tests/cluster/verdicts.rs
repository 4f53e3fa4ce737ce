//! The same verdict on input as kubeadm's, for each file in `verdicts/`.

use crate::harness::{Cluster, Said, cases, here, said, trial};
use kubephase_core::digest::Digest;
use libtest_mimic::Trial;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// What the two programs say to the files of a folder.
struct Folder {
    name: &'static str,
    kubeadm: &'static str,
    kubeadm_accepts: bool,
    we_accept: bool,
}

const FOLDERS: [Folder; 7] = [
    Folder { name: "accepted", kubeadm: "kubeadm", kubeadm_accepts: true, we_accept: true },
    Folder { name: "refused", kubeadm: "kubeadm", kubeadm_accepts: false, we_accept: false },
    Folder { name: "accepted-1.22", kubeadm: "kubeadm-1.22", kubeadm_accepts: true, we_accept: true },
    Folder { name: "refused-1.22", kubeadm: "kubeadm-1.22", kubeadm_accepts: false, we_accept: false },
    Folder { name: "different", kubeadm: "kubeadm", kubeadm_accepts: false, we_accept: true },
    Folder { name: "stricter", kubeadm: "kubeadm", kubeadm_accepts: true, we_accept: false },
    Folder { name: "not-read", kubeadm: "kubeadm", kubeadm_accepts: false, we_accept: true },
];

/// All files that are not judged yet, and the first of each folder in any case. What kubeadm said once of a file is recorded with its digest;
/// `phase-wasm/tests/verdicts.rs` compares the record with the files, and checks our half of all of them. With `JUDGES` all are judged anew.
pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    let is_anew = std::env::var_os("JUDGES").is_some();
    let recorded: BTreeSet<String> = judged_text().lines().map(str::to_owned).collect();
    let judged = Arc::new(Mutex::new(BTreeSet::new()));
    let mut trials = Vec::new();
    for folder in &FOLDERS {
        for (index, (name, path)) in cases(&format!("verdicts/{}", folder.name)).into_iter().enumerate() {
            let line = line(folder, &path);
            if index > 0 && !is_anew && recorded.contains(&line) {
                continue;
            }
            let (name, judged) = (format!("verdicts::{}::{name}", folder.name), Arc::clone(&judged));
            trials.push(trial(name, cluster, move |cluster| {
                verdict(cluster, folder, &path);
                judged.lock().unwrap().insert(line.clone());
            }));
        }
    }
    if is_anew {
        trials.push(trial("verdicts::are_recorded", cluster, move |_| record(&judged.lock().unwrap())));
    }
    trials
}

/// What the record says of a file.
fn line(folder: &Folder, path: &Path) -> String {
    let digest = Digest::of(&std::fs::read(path).unwrap());
    format!("{digest} {}/{}", folder.name, path.file_name().unwrap().to_str().unwrap())
}

/// The record: the programs that judged, and a line for each file.
fn judged_text() -> String {
    std::fs::read_to_string(judged_file()).unwrap_or_default()
}

fn judged_file() -> PathBuf {
    here().join("verdicts/judged")
}

/// Writes the record, in the order of the names.
fn record(judged: &BTreeSet<String>) {
    let mut lines: Vec<&String> = judged.iter().collect();
    lines.sort_by_key(|line| line.split_once(' ').map(|(_, name)| name));
    let programs = ["kubeadm 1.37", "kubeadm-1.22 1.22"].map(|program| {
        let (name, folder) = program.split_once(' ').unwrap();
        let module = std::fs::read_to_string(here().join("../control-plane").join(folder).join("go.mod")).unwrap();
        let version = module.split_whitespace().skip_while(|word| *word != "k8s.io/kubernetes").nth(1).unwrap().to_owned();
        format!("{name} {version}\n")
    });
    let text: String = programs.into_iter().chain(lines.into_iter().map(|line| format!("{line}\n"))).collect();
    std::fs::write(judged_file(), text).unwrap();
}

fn verdict(cluster: &Cluster, folder: &Folder, path: &Path) {
    let theirs = kubeadm(cluster, folder.kubeadm, path);
    assert_eq!(theirs.code == 0, folder.kubeadm_accepts, "{}: {}{}", folder.kubeadm, theirs.stdout, theirs.stderr);
    let mark = cluster.audit_mark();
    let ours = cluster.ours(&["plan", "-f", path.to_str().unwrap()]);
    if folder.we_accept {
        assert_eq!(ours.code, 0, "we: {}", ours.stderr);
    } else {
        assert_refused(&ours);
        assert_eq!(cluster.our_requests(mark), Vec::<String>::new(), "nothing is sent for bad input");
    }
}

/// What a kubeadm says. 1.37 with `--dry-run`, which gives the same verdicts eight times as fast.
fn kubeadm(cluster: &Cluster, program: &str, path: &Path) -> Said {
    let (config, kubeconfig) = (path.to_str().unwrap(), cluster.kubeconfig.to_str().unwrap());
    let mut args = vec!["init", "phase", "bootstrap-token", "--config", config, "--kubeconfig", kubeconfig];
    if program == "kubeadm" {
        args.push("--dry-run");
    }
    let folder = cluster.dir.join("dry-run");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::copy(&cluster.kubeconfig, folder.join("admin.conf")).unwrap();
    let mut command = cluster.command(program, &args);
    // A label like `stable-1` is looked up in the internet: the proxy that is not there makes it fail at once.
    command.env("KUBEADM_INIT_DRYRUN_DIR", &folder).env("HTTPS_PROXY", "http://127.0.0.1:1").env("NO_PROXY", "127.0.0.1");
    said(command)
}

/// Whether a text is the path of a field, like `bootstrapTokens[0].ttl`, and not the first word of a sentence.
fn is_field_path(text: &str) -> bool {
    let is_of_path = |c: char| c.is_ascii_alphanumeric() || ".[]-_/".contains(c);
    let is_word = ["hint", "warning", "note", "cause", "error"].contains(&text);
    !is_word && text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(is_of_path)
}

/// Exit code 2, a field path, and no secret half of a token.
fn assert_refused(said: &Said) {
    assert_eq!(said.code, 2, "{}\n{}", said.stdout, said.stderr);
    assert_eq!(said.stdout, "");
    let names_a_place = said.stderr.lines().any(|line| {
        let line = line.trim_start().trim_start_matches("error: ");
        line.starts_with("the configuration file `")
            || line.starts_with("unable to read config from `")
            || line.split(": ").take(2).any(is_field_path)
    });
    assert!(names_a_place, "no field path in: {}", said.stderr);
    assert!(!said.stderr.contains("0123456789abcdef"), "a secret in: {}", said.stderr);
}
