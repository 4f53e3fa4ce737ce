//! No secret is where a phase, a log or a file could show it. A program of its own, in which no other test has instances.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a broken test environment should fail loudly")]
#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "a test looks at files and memory")]

#[path = "../contract/world.rs"]
mod world;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use kubectl_bootstrap_token::component::Phase;
use kubectl_bootstrap_token::component::{Admitted, ComponentBytes, Vouched};
use kubectl_bootstrap_token::config::limits::LIMITS;
use kubephase_core::grant::Extras;
use kubephase_core::log::{Level, Log};
use kubephase_core::trust::Trusted;
use std::cell::RefCell;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::process::Command;
use world::World;

/// Keeps the memory of every instance as it was at the end of its call, which is when calls are told of.
#[derive(Default)]
struct Memories(RefCell<Vec<Vec<u8>>>);

impl Log for Memories {
    fn line(&self, level: Level, _text: &dyn Fn() -> String) {
        if level == Level::Calls {
            self.0.borrow_mut().extend(guest_memories());
        }
    }
}

/// The linear memories of this process. Each is some pages that may be written, of which the first are a copy of the file's data,
/// then gigabytes of address space that nobody may touch.
fn guest_memories() -> Vec<Vec<u8>> {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let mut process = std::fs::File::open("/proc/self/mem").unwrap();
    let mut memories = Vec::new();
    // The pages that may be written right before the present region.
    let (mut start, mut end) = (0, 0);
    for line in maps.lines() {
        let (range, rest) = line.split_once(' ').unwrap();
        let (from, to) = range.split_once('-').unwrap();
        let [from, to] = [from, to].map(|text| u64::from_str_radix(text, 16).unwrap());
        if rest.starts_with("---p") && from == end && to - from > 1 << 30 {
            let mut bytes = vec![0; usize::try_from(end - start).unwrap()];
            process.seek(SeekFrom::Start(start)).unwrap();
            process.read_exact(&mut bytes).unwrap();
            memories.push(bytes);
        }
        if !rest.starts_with("rw-p") {
            (start, end) = (0, 0);
        } else if from == end {
            end = to;
        } else {
            (start, end) = (from, to);
        }
    }
    memories
}

fn has(bytes: &[u8], text: &str) -> bool {
    memchr::memmem::find(bytes, text.as_bytes()).is_some()
}

#[test]
fn no_secret_is_in_the_memory_of_a_phase() {
    let memories = Memories::default();
    let admitted =
        Admitted::admit(Vouched::new(ComponentBytes::Embedded, Trusted::embedded()), LIMITS, Extras::default()).unwrap();
    let phase = Phase::load(&admitted, LIMITS, None, &memories).unwrap();
    let (mut searched, mut values) = (0, 0);
    for task in phase.describe().unwrap().tasks {
        for seed in 0..100 {
            memories.0.borrow_mut().clear();
            let mut world = World::new(seed, task.name.as_str(), &task.permissions);
            let _ = world.ask(&phase, seed);
            let memories = memories.0.borrow();
            assert!(!memories.is_empty(), "the memory was not found");
            let is_told = memories.iter().any(|memory| has(memory, "InitConfiguration"));
            assert!(is_told, "what was told is not where it was looked for");
            for value in &world.hidden {
                for form in [value.clone(), STANDARD.encode(value)] {
                    assert!(!memories.iter().any(|memory| has(memory, &form)), "{form} of request {seed} is in the memory");
                }
            }
            searched += memories.iter().map(Vec::len).sum::<usize>();
            values += world.hidden.len();
        }
    }
    assert!(searched > 10 << 20 && values > 300, "{searched} bytes, {values} values");
}

#[test]
fn no_secret_is_in_a_log_or_a_file_of_ours() {
    let home = tempfile::tempdir().unwrap();
    let cluster = home.path().join("cluster");
    std::fs::create_dir(&cluster).unwrap();
    let secret = "apiVersion: v1\nkind: Secret\ntype: bootstrap.kubernetes.io/token\n\
        metadata: {name: bootstrap-token-aaaaaa, namespace: kube-system}\n\
        stringData: {token-id: aaaaaa, token-secret: storedstoredstor}\n";
    std::fs::write(cluster.join("secret.yaml"), secret).unwrap();
    let config = home.path().join("kubeadm.yaml");
    let tokens = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\ncertificateKey: certcertcertcert\n\
        nodeRegistration: {name: abcdef.describedescribe}\n\
        bootstrapTokens: [{token: aaaaaa.givengivengiveng}]\n";
    std::fs::write(&config, tokens).unwrap();
    for (command, more) in [("plan", &[][..]), ("apply", &["--dry-run=client"]), ("apply", &["--dry-run=server"]), ("apply", &[])]
    {
        let output = Command::new(env!("CARGO_BIN_EXE_kubectl-bootstrap_token"))
            .args([command, "-v", "9", "--skip-token-print", "--control-plane-endpoint=cp.example", "--against"])
            .arg(format!("dir:{}", cluster.display()))
            .arg("-f")
            .arg(&config)
            .args(more)
            .env_clear()
            .env("HOME", home.path())
            .output()
            .unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(output.status.success(), "{text}");
        assert!(text.contains("plan-for was told") && text.contains("units of fuel"), "{text}");
        for value in ["storedstoredstor", "givengivengiveng", "certcertcertcert", "describedescribe"] {
            for form in [value.to_owned(), STANDARD.encode(value)] {
                assert!(!text.contains(&form), "{form} is in the output of {command} {more:?}");
                for folder in [".cache", ".config", ".local"] {
                    assert!(!is_below(&home.path().join(folder), &form), "{form} is in {folder}");
                }
            }
        }
    }
}

/// A cluster with a token of another secret half and kubectl's copy of it, and the values in it that nobody may read.
fn stored(cluster: &Path) -> [&'static str; 3] {
    std::fs::create_dir_all(cluster).unwrap();
    let secret = "apiVersion: v1\nkind: Secret\ntype: bootstrap.kubernetes.io/token\n\
        metadata:\n  name: bootstrap-token-aaaaaa\n  namespace: kube-system\n  annotations:\n    \
        kubectl.kubernetes.io/last-applied-configuration: '{\"stringData\": {\"token-secret\": \"copiedcopiedcopi\"}}'\n\
        data: {token-id: YWFhYWFh, token-secret: c3RvcmVkc3RvcmVkc3Rvcg==, foreign: a2VwdGtlcHRrZXB0a2VwdA==}\n";
    std::fs::write(cluster.join("secret.yaml"), secret).unwrap();
    ["storedstoredstor", "keptkeptkeptkept", "copiedcopiedcopi"]
}

/// Plans, undo plans and all that is kept: no secret is in any of them, but what was overwritten is in the file for it.
#[test]
fn no_secret_is_in_a_plan_or_a_way_back() {
    let home = tempfile::tempdir().unwrap();
    let cluster = home.path().join("cluster");
    let others = stored(&cluster);
    let given = "givengivengiveng";
    let state = home.path().join(".local/state/kubectl-bootstrap-token/undo");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kubectl-bootstrap_token"));
        command.args(arguments).arg("-v9").arg("--against").arg(format!("dir:{}", cluster.display()));
        let output = command.env_clear().env("HOME", home.path()).output().unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(output.status.success(), "{arguments:?}: {text}");
        text
    };
    let files = |end: &str| -> Vec<String> {
        let paths = std::fs::read_dir(&state).unwrap().map(|entry| entry.unwrap().path());
        let paths = paths.filter(|path| path.extension().is_some_and(|extension| extension == end));
        paths.map(|path| path.to_str().unwrap().to_owned()).collect()
    };
    let plan = home.path().join("plan.json");
    let [plan, token] = [plan.to_str().unwrap(), "aaaaaa.givengivengiveng"];
    let endpoint = "--control-plane-endpoint=cp.example";
    let mut said = run(&["plan", token, endpoint, "--out", plan]);
    said += &run(&["apply", token, "--plan", plan, "--control-plane-endpoint", "cp.example", "--skip-token-print"]);
    let (undo, values) = (files("json"), files("values"));
    assert_eq!((undo.len(), values.len()), (1, 1));
    // Exactly what was overwritten, once.
    let kept: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&values[0]).unwrap()).unwrap();
    // As kubeadm does, the phase takes foreign keys away.
    let overwritten = ["keptkeptkeptkept", "storedstoredstor"].map(|value| STANDARD.encode(value));
    assert_eq!(
        kept["values"].as_object().unwrap().values().filter_map(serde_json::Value::as_str).collect::<Vec<_>>(),
        overwritten
    );
    for form in others.into_iter().chain([given]).flat_map(|value| [value.to_owned(), STANDARD.encode(value)]) {
        for text in [&said, &std::fs::read_to_string(plan).unwrap(), &std::fs::read_to_string(&undo[0]).unwrap()] {
            assert!(!text.contains(&form), "{form}: {text}");
        }
        for folder in [".cache", ".config", ".local"] {
            assert!(!is_below(&home.path().join(folder), &form), "{form} is in {folder}");
        }
    }
    // What was put back is not kept any more; what that overwrote is.
    run(&["apply", "--plan", &undo[0]]);
    assert!(!Path::new(&values[0]).exists() && files("values").len() == 1);
    let after = std::fs::read_to_string(cluster.join("secret.yaml")).unwrap();
    assert!(after.contains(&STANDARD.encode("storedstoredstor")) && after.contains("copiedcopiedcopi"), "{after}");
    let kept = std::fs::read_to_string(&files("values")[0]).unwrap();
    assert!(kept.contains(&STANDARD.encode(given)) && !kept.contains(&STANDARD.encode("storedstoredstor")), "{kept}");
    for form in others.into_iter().chain([given]).flat_map(|value| [value.to_owned(), STANDARD.encode(value)]) {
        assert!(!is_below(&home.path().join(".local"), &form), "{form}");
    }
}

/// Whether a text is in a file below a folder, but for those that are made for overwritten values.
fn is_below(folder: &Path, text: &str) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_none_or(|extension| extension != "values"))
        .any(|path| if path.is_dir() { is_below(&path, text) } else { has(&std::fs::read(&path).unwrap(), text) })
}
