//! What people have who write a phase: `phase test` on the cases of examples, and a phase of `phase new`, which is built, tested, and
//! found out when it does not do what is expected of it.

use crate::built::{Built, build};
use crate::host::plugin;
use crate::{Phase, audit, is_asked, root};
use libtest_mimic::{Arguments, Failed, Trial};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The smallest phase.
const HELLO: Phase = Phase { name: "hello", flags: &[], sources: &[] };

/// Phases with a folder `cases`.
const WITH_CASES: [Phase; 2] = [HELLO, audit::PHASE];

pub(crate) fn trials(arguments: &Arguments) -> Vec<Trial> {
    let with_cases = WITH_CASES.map(|phase| {
        let name = format!("{}/its-own-cases", phase.name);
        let built = if !arguments.list && is_asked(arguments, &name) { build(phase) } else { Built::NoToolchain(String::new()) };
        let is_ignored = matches!(built, Built::NoToolchain(_));
        Trial::test(name, move || its_own_cases(phase, &built)).with_ignored_flag(is_ignored)
    });
    let scaffold = [
        Trial::test("hello/new-is-hello", new_is_hello),
        Trial::test("hello/new-builds-and-is-tested", new_builds_and_is_tested),
    ];
    with_cases.into_iter().chain(scaffold).collect()
}

fn its_own_cases(phase: Phase, built: &Built) -> Result<(), Failed> {
    let component = match built {
        Built::Ready(component) => component,
        Built::NoToolchain(reason) | Built::Failed(reason) => return Err(reason.into()),
    };
    let cases = root().join("examples/phases").join(phase.name).join("cases");
    let mut command = plugin();
    command.args(["phase", "test"]).arg(cases).arg("--phase").arg(component);
    expect(&command.output().unwrap(), 0, "0 failed").map(drop)
}

/// The output, if a command ended with this code and said this.
fn expect(output: &Output, code: i32, words: &str) -> Result<String, Failed> {
    let said = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat();
    let is_as_expected = output.status.code() == Some(code) && said.contains(words);
    if is_as_expected { Ok(said) } else { Err(format!("{}, and not {code} and `{words}`:\n{said}", output.status).into()) }
}

/// Under its own name it is the example, but for the script of these tests and the place of the contract.
fn new_is_hello() -> Result<(), Failed> {
    let work = tempfile::tempdir().unwrap();
    let output = plugin().args(["phase", "new", "hello"]).current_dir(work.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let mut example = files(&root().join("examples/phases/hello"));
    example.remove(Path::new("build"));
    example.extend(files(&root().join("wit/0.1.0")).into_iter().map(|(path, text)| (Path::new("wit").join(path), text)));
    let source = example.get_mut(Path::new("src/lib.rs")).unwrap();
    *source = source.replace("../../../wit/0.1.0", "wit");
    let found = files(&work.path().join("hello"));
    assert_eq!(found.keys().collect::<Vec<_>>(), example.keys().collect::<Vec<_>>());
    assert!(found == example, "the texts are the same");
    Ok(())
}

/// The texts below a folder, without what was built there.
fn files(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(inner) = folders.pop() {
        for entry in std::fs::read_dir(folder.join(&inner)).unwrap() {
            let path = inner.join(entry.unwrap().file_name());
            if !folder.join(&path).is_dir() {
                files.insert(path.clone(), std::fs::read_to_string(folder.join(&path)).unwrap());
            } else if path != Path::new("target") {
                folders.push(path);
            }
        }
    }
    files
}

fn new_builds_and_is_tested() -> Result<(), Failed> {
    let work = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new");
    // What was built before makes the next build quick.
    let (phase, target) = (work.join("my-phase"), work.join("target"));
    let _ = std::fs::remove_dir_all(&phase);
    std::fs::create_dir_all(&work).unwrap();
    let said = expect(&plugin().args(["phase", "new", "my-phase"]).current_dir(&work).output().unwrap(), 0, "my-phase")?;
    // The one command that it says, without what may come from an outer build.
    assert!(said.contains("&& cargo build --release\n"), "{said}");
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--release", "--locked"]).current_dir(&phase).env("CARGO_TARGET_DIR", &target).stdin(Stdio::null());
    for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_WORKSPACE_WRAPPER"] {
        cargo.env_remove(name);
    }
    expect(&cargo.output().unwrap(), 0, "")?;
    let built = "wasm32-unknown-unknown/release";
    std::fs::create_dir_all(phase.join("target").join(built)).unwrap();
    std::fs::copy(target.join(built).join("phase.wasm"), phase.join("target").join(built).join("phase.wasm")).unwrap();

    let test =
        |arguments: &[&str]| plugin().args(["phase", "test", "cases"]).args(arguments).current_dir(&phase).output().unwrap();
    expect(&test(&[]), 0, "6 passed, 0 failed")?;
    let path = phase.join("cases/apply-creates/expected.yaml");
    let expected = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("# A comment is no difference.\n{expected}")).unwrap();
    expect(&test(&[]), 0, "6 passed, 0 failed")?;
    std::fs::write(&path, expected.replace("name: my-phase", "name: your-phase")).unwrap();
    expect(&test(&[]), 1, "  -        name: your-phase\n  +        name: my-phase\n")?;
    expect(&test(&["-o", "junit"]), 1, r#"failures="1""#)?;
    expect(&test(&["--bless"]), 0, "blessed  apply-creates\n")?;
    assert_eq!(std::fs::read_to_string(&path).unwrap(), expected, "it is as it was");
    expect(&test(&[]), 0, "6 passed, 0 failed").map(drop)
}
