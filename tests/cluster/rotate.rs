//! `rotate`: whoever joins with what is handed out is never refused, whatever happens in between. The judge is kubeadm's own preflight.
//!
//! Time passes by `--now`: to the API server every token lives.

use crate::fault::proxy::Proxy;
use crate::fault::{self};
use crate::harness::{Cluster, Said, here, said, trial};
use libtest_mimic::Trial;
use serde_json::Value;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    vec![
        trial("rotate::nobody_is_refused_meanwhile", cluster, turns),
        trial("rotate::killed_at_any_write_and_run_again", cluster, killed),
        trial("rotate::two_at_once_make_one_token", cluster, two_at_once),
        trial("rotate::a_token_nobody_can_join_with_is_not_handed_out", cluster, not_proved),
        trial("rotate::the_cron_job_may_do_no_more", cluster, cron_job),
    ]
}

/// How often a trial is repeated, if a variable does not say.
fn times(default: usize) -> usize {
    std::env::var("ROTATIONS").map_or(default, |text| text.parse().unwrap())
}

/// The time after so many times thirteen hours: by then the next token is due.
fn time(number: usize) -> String {
    let hours = 13 * i64::try_from(number).unwrap();
    (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(hours)).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn begin(cluster: &Cluster) -> tempfile::TempDir {
    cluster.reset();
    let (config, kubeconfig) = (cluster.dir.join("init.yaml"), cluster.kubeconfig.to_str().unwrap());
    let upload = ["init", "phase", "upload-config", "all", "--config", config.to_str().unwrap(), "--kubeconfig", kubeconfig];
    assert_eq!(cluster.run("kubeadm", &upload).code, 0);
    cluster.ours_ok(&["apply", "--no-token"]);
    tempfile::tempdir().unwrap()
}

/// What a node that is started with a JoinConfiguration says.
fn preflight(cluster: &Cluster, file: &Path) -> Said {
    let words = ["join", "phase", "preflight", "--ignore-preflight-errors=all", "-v1", "--config", file.to_str().unwrap()];
    let mut command = cluster.command("kubeadm", &words);
    command.env_remove("KUBECONFIG");
    said(command)
}

fn joins(cluster: &Cluster, file: &Path, story: &str) {
    let joined = preflight(cluster, file);
    assert_eq!(joined.code, 0, "{story}\n{}", joined.stderr);
}

/// The ends of the tokens of a rotation, by their ids. None of them is without one.
fn ends(cluster: &Cluster) -> BTreeMap<String, jiff::Timestamp> {
    let list: Value = serde_json::from_str(&cluster.kubectl(&[
        "get",
        "secrets",
        "-nkube-system",
        "-l",
        "bootstrap-token.kubectl/rotation",
        "-o",
        "json",
    ]))
    .unwrap();
    let text = |secret: &Value, key: &str| {
        use base64::Engine as _;
        let bytes = base64::engine::general_purpose::STANDARD.decode(secret["data"][key].as_str().unwrap()).unwrap();
        String::from_utf8(bytes).unwrap()
    };
    let secrets = list["items"].as_array().unwrap();
    secrets.iter().map(|secret| (text(secret, "token-id"), text(secret, "expiration").parse().unwrap())).collect()
}

fn rotate<'a>(to: &'a str, now: &'a str) -> [&'a str; 6] {
    ["rotate", "rack7", "--to", to, "--now", now]
}

/// Ends what goes on beside a trial, also when that fails.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// One rotation after the other, and a node that joins all the time.
fn turns(cluster: &Cluster) {
    let folder = begin(cluster);
    let file = folder.path().join("join.yaml");
    let to = format!("file:{}", file.display());
    cluster.ours_ok(&rotate(&to, &time(0)));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let (is_over, count) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::SeqCst) {
                joins(cluster, &file, &format!("join {}", count.fetch_add(1, Ordering::SeqCst)));
            }
        });
        let _over = Over(&is_over);
        for number in 1..=times(6) {
            let (now, before) = (time(number), ends(cluster));
            cluster.ours_ok(&rotate(&to, &now));
            let (after, now) = (ends(cluster), now.parse::<jiff::Timestamp>().unwrap());
            let living = |ends: &BTreeMap<String, jiff::Timestamp>| ends.values().filter(|end| **end > now).count();
            assert_eq!((living(&before), living(&after), after.len() <= 2), (1, 2, true), "{before:?}\n{after:?}");
            let mut lives: Vec<i64> = after.values().map(|end| end.duration_since(now).as_secs()).collect();
            lives.sort_unstable();
            assert_eq!(lives, [3_600, 86_400], "the overlap, and a whole life");
        }
        // Half the life is left: it only reads.
        let mark = cluster.audit_mark();
        let (again, text) = (cluster.ours_ok(&rotate(&to, &time(times(6)))), std::fs::read(&file).unwrap());
        assert!(again.stderr.contains("nothing is due: token rack7"), "{}", again.stderr);
        assert_eq!(cluster.our_writes(mark), Vec::<String>::new());
        assert_eq!(std::fs::read(&file).unwrap(), text);
    });
    assert!(count.load(Ordering::SeqCst) > 2, "a node joined meanwhile");
}

/// Ends our process at the write of each number in turn; with `ROTATIONS` at each request.
fn killed(cluster: &Cluster) {
    let proxy = Proxy::start(cluster);
    let kubeconfig = fault::kubeconfig(cluster, &proxy);
    let folder = begin(cluster);
    let (file, endpoint) = (folder.path().join("join.yaml"), cluster.endpoint.clone());
    let to = format!("file:{}", file.display());
    let more = ["--kubeconfig", &kubeconfig, "--control-plane-endpoint", &endpoint];
    proxy.begin(Vec::new());
    cluster.ours_ok(&[&rotate(&to, &time(0))[..], &more].concat());
    let all = std::env::var_os("ROTATIONS").is_some();
    for number in 0.. {
        let now = time(number + 1);
        let words = [&rotate(&to, &now)[..], &more].concat();
        let seen = AtomicUsize::new(0);
        let was_killed = fault::ended_at(cluster, &proxy, &words, move |request| {
            (all || request.is_write()) && seen.fetch_add(1, Ordering::SeqCst) == number
        });
        joins(cluster, &file, &format!("killed at {number}"));
        assert!(ends(cluster).len() <= 2);

        proxy.begin(Vec::new());
        let again = cluster.ours(&words);
        assert_eq!(again.code, 0, "{number}: {}\n{}", again.stdout, again.stderr);
        joins(cluster, &file, &format!("run again after {number}"));
        let now = now.parse::<jiff::Timestamp>().unwrap();
        let mut lives: Vec<i64> = ends(cluster).values().map(|end| end.duration_since(now).as_secs()).collect();
        lives.sort_unstable();
        assert!(lives.len() == 2 && lives[0] <= 3_600 && lives[1] == 86_400, "{number}: {lives:?}");
        if !was_killed {
            break;
        }
    }
    drop(proxy);
}

/// Two that begin at the same time: one makes the token, and both hand out the same.
fn two_at_once(cluster: &Cluster) {
    let folder = begin(cluster);
    let file = folder.path().join("join.yaml");
    let to = format!("file:{}", file.display());
    for number in 0..times(5) {
        let now = time(number);
        let start = || cluster.our_command(&rotate(&to, &now)).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let both: [Child; 2] = [start(), start()];
        let mut made = 0;
        for child in both {
            let output = child.wait_with_output().unwrap();
            let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert_eq!(output.status.code(), Some(0), "{number}: {stdout}\n{stderr}");
            // Created, or made anew in the place of the one that is over.
            made += stdout.matches(&format!("bootstrap-token-rack7{} ", number % 2)).count();
        }
        assert_eq!(made, 1, "{number}");
        joins(cluster, &file, &number.to_string());
        assert_eq!(ends(cluster).len(), if number == 0 { 1 } else { 2 });
    }
}

/// Nobody signs: the new token is there and is not handed out, and the old one lives on.
fn not_proved(cluster: &Cluster) {
    let folder = begin(cluster);
    let file = folder.path().join("join.yaml");
    let to = format!("file:{}", file.display());
    cluster.ours_ok(&rotate(&to, &time(0)));
    let (before, text) = (ends(cluster), std::fs::read(&file).unwrap());
    // What a node may read is taken away: a cause that a wait does not cure.
    cluster.kubectl(&["delete", "rolebinding", "-nkube-public", "kubeadm:bootstrap-signer-clusterinfo"]);
    let refused = cluster.ours(&[&rotate(&to, &time(1))[..], &["--wait=1s"]].concat());
    assert_eq!(refused.code, 1, "{}\n{}", refused.stdout, refused.stderr);
    assert!(refused.stderr.contains("token rack71 is not handed out"), "{}", refused.stderr);
    assert!(refused.stderr.contains("kubeadm:bootstrap-signer-clusterinfo"), "{}", refused.stderr);
    assert_eq!((std::fs::read(&file).unwrap(), ends(cluster)["rack70"]), (text, before["rack70"]));
    cluster.ours_ok(&["apply", "--no-token"]);
    cluster.ours_ok(&rotate(&to, &time(1)));
    joins(cluster, &file, "mended");
    assert!(std::fs::read_to_string(&file).unwrap().contains("rack71."));
}

/// The arguments and the rights of `deploy/rotate-cronjob.yaml`, with a token of its account.
fn cron_job(cluster: &Cluster) {
    let _folder = begin(cluster);
    let deploy = here().join("../../deploy/rotate-cronjob.yaml");
    cluster.kubectl(&["apply", "-f", deploy.to_str().unwrap()]);
    let job: Value =
        serde_json::from_str(&cluster.kubectl(&["get", "cronjob", "rotate", "-n", "bootstrap-token-rotate", "-o", "json"]))
            .unwrap();
    let container = &job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0];
    let args: Vec<String> = container["args"].as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect();
    let account = ["--as", "system:serviceaccount:bootstrap-token-rotate:rotate"];
    let words: Vec<&str> = args.iter().map(String::as_str).chain(account).collect();
    for number in 0..3 {
        let now = time(number);
        let done = cluster.ours(&[&words[..], &["--now", &now]].concat());
        assert_eq!(done.code, 0, "{}\n{}", done.stdout, done.stderr);
    }
    let handed_out =
        cluster.kubectl(&["get", "secret", "join", "-n", "bootstrap-token-rotate", "-o", "jsonpath={.data.cloud-init}"]);
    let file = cluster.file("user-data", &handed_out);
    let checked = cluster.ours(&["check", "--user-data", file.to_str().unwrap()]);
    assert_eq!(checked.code, 0, "{}\n{}", checked.stdout, checked.stderr);
    // No right is left over: without each of them it fails.
    let role = |namespace: &str| cluster.kubectl(&["get", "role", "bootstrap-token-rotate", "-n", namespace, "-o", "json"]);
    for namespace in ["kube-system", "bootstrap-token-rotate"] {
        let whole = role(namespace);
        let rules = serde_json::from_str::<Value>(&whole).unwrap()["rules"].as_array().unwrap().len();
        for rule in 0..rules {
            let mut less: Value = serde_json::from_str(&whole).unwrap();
            less["rules"].as_array_mut().unwrap().remove(rule);
            less["metadata"].as_object_mut().unwrap().remove("resourceVersion");
            cluster.kubectl(&["replace", "-f", cluster.file("less.json", &less.to_string()).to_str().unwrap()]);
            cluster.kubectl(&[
                "delete",
                "secret",
                "--ignore-not-found",
                "-nkube-system",
                "bootstrap-token-rack70",
                "bootstrap-token-rack71",
            ]);
            cluster.kubectl(&["delete", "secret", "--ignore-not-found", "-nbootstrap-token-rotate", "join"]);
            let failed = cluster.ours(&words);
            let is_optional = less["metadata"]["namespace"] == "kube-system" && rule == 2;
            assert_eq!(failed.code == 0, is_optional, "{namespace} {rule}: {}\n{}", failed.stdout, failed.stderr);
        }
        let mut again: Value = serde_json::from_str(&whole).unwrap();
        again["metadata"].as_object_mut().unwrap().remove("resourceVersion");
        cluster.kubectl(&["replace", "-f", cluster.file("again.json", &again.to_string()).to_str().unwrap()]);
    }
    cluster.kubectl(&["delete", "-f", deploy.to_str().unwrap()]);
}
