//! The same component and the same request: the same answer, for the same fuel.

use super::world::World;
use kubectl_bootstrap_token::component::{CodeCache, ComponentBytes, Phase};
use kubectl_bootstrap_token::config::limits::LIMITS;
use kubephase_core::log::{Level, Log};
use std::cell::RefCell;
use std::path::Path;
use std::process::Command;

/// What was told of calls.
#[derive(Default)]
struct Calls(RefCell<Vec<String>>);

impl Log for Calls {
    fn line(&self, level: Level, text: &dyn Fn() -> String) {
        if level == Level::Calls {
            self.0.borrow_mut().push(text());
        }
    }
}

fn load<'a>(calls: &'a Calls, bytes: ComponentBytes, cache: Option<&CodeCache>) -> Phase<'a> {
    Phase::load(&super::admit(bytes, LIMITS).unwrap(), LIMITS, cache, calls).unwrap()
}

#[test]
fn a_thousand_requests_have_the_same_answers_for_the_same_fuel() {
    let folder = tempfile::tempdir().unwrap();
    let cache = CodeCache::at(folder.path()).unwrap();
    let calls = [Calls::default(), Calls::default(), Calls::default()];
    let [built, stored, found] = &calls;
    // Compiled by the build, compiled here and stored, and found in the cache.
    let foreign = || ComponentBytes::Foreign(ComponentBytes::Embedded.to_vec());
    let phases = [
        load(built, ComponentBytes::Embedded, None),
        load(stored, foreign(), Some(&cache)),
        load(found, foreign(), Some(&cache)),
    ];
    assert!(folder.path().read_dir().unwrap().next().is_some(), "the cache is used");
    let task = phases[0].describe().unwrap().tasks.remove(0);
    calls.iter().for_each(|calls| calls.0.borrow_mut().clear());
    let (mut plans, mut refusals) = (0, 0);
    for seed in 0..1_000 {
        let answers = [0, 1, 2].map(|index| {
            let mut world = World::new(seed, task.name.as_str(), &task.permissions);
            format!("{:?}", world.ask(&phases[index], seed))
        });
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{seed}: {answers:#?}");
        if answers[0].starts_with("Ok") { plans += 1 } else { refusals += 1 }
    }
    assert!(plans > 100 && refusals > 100, "{plans} plans and {refusals} refusals: the requests are too much alike");
    let [built, stored, found] = calls.map(|calls| calls.0.into_inner());
    assert!(built.len() > 1_500, "{}", built.len());
    assert_eq!(built, stored);
    assert_eq!(built, found);
}

#[test]
fn neither_clock_nor_locale_changes_a_plan() {
    let plan = |environment: &[(&str, &str)]| {
        let home = tempfile::tempdir().unwrap();
        let compiled = env!("CARGO_TARGET_TMPDIR");
        let args = "plan abcdef.0123456789abcdef --against=empty --control-plane-endpoint=cp.example --now=2030-01-01T00:00:00Z";
        let output = Command::new(env!("CARGO_BIN_EXE_kubectl-bootstrap_token"))
            .args(args.split(' '))
            .args(["-o", "json", "-v", "2"])
            .env_clear()
            .envs([("HOME", home.path()), ("XDG_CACHE_HOME", Path::new(compiled))])
            .envs(environment.iter().copied())
            .output()
            .unwrap();
        assert!(output.status.success());
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let first = plan(&[]);
    assert!(first.1.contains("units of fuel"), "{}", first.1);
    for environment in [
        [("TZ", "Asia/Kathmandu"), ("LC_ALL", "tr_TR.UTF-8"), ("SOURCE_DATE_EPOCH", "0")],
        [("TZ", "America/St_Johns"), ("LC_ALL", "C"), ("LANG", "ar_EG.UTF-8")],
    ] {
        assert_eq!(plan(&environment), first, "{environment:?}");
    }
}
