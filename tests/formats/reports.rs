//! Reports of the real binary, in every format.

use crate::fixed::{Value, component, finding, patch, text, texts};
use crate::overlay;
use crate::{kept, root};
use kubephase_core::digest::Digest;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Each format, and the file that it is written into.
pub(crate) const FILES: [(&str, &str); 6] = [
    ("json", "audit.json"),
    ("yaml", "audit.yaml"),
    ("sarif", "audit.sarif"),
    ("junit", "audit.xml"),
    ("openmetrics", "audit.prom"),
    ("html", "audit.html"),
];
/// The report of a phase that means harm.
const HARM: &str = "hostile-phase";
/// Reports of several clusters, of which some can be audited: what our own tests have read of the same code.
const READ: [&str; 3] = ["one", "clean", "several"];
/// What a phase may find of itself: texts that mean something in XML, JSON, YAML, metrics, HTML or to a terminal.
const TEXTS: [&str; 16] = [
    "",
    " ",
    "no",
    "1:30",
    "1_000",
    "2030-01-01",
    "=",
    "<!-- ]]> & \" ' \\ {0} -->",
    "\u{1b}[31mred\u{1b}[0m\r\0",
    "\\u{1b}[31mred\\u{1b}[0m\\u{d}\\u{0}",
    "line\n# EOF\nline",
    "\u{202e}\u{200b}\u{feff}\u{85}\u{2028}",
    "\u{fffe}\u{ffff}\u{fdd0}\u{1fffe}\u{10ffff}\u{d7ff}\u{e000}",
    "🎉 漢 ä",
    "<script>alert(1)</script>",
    "[here](https://example.com/)",
];
/// What means something in Markdown.
const MARKDOWN: [&str; 9] = [
    "a | b | c",
    "`code` ``more`` ```",
    "```\n</details>\n# head",
    "@everyone #1 https://example.com",
    "![image](https://example.com/a.png)",
    "<img src=x onerror=alert(1)>",
    "~~~",
    "* a\n* b",
    "\\`| \\|",
];
/// Addresses that look like some.
const ADDRESSES: [&str; 10] = [
    "https://example.com/{a}|\"<b>",
    "https://example.com/a b",
    "https://example.com/ä",
    "https://example.com/#a#b",
    "https://[::1]/",
    "https://",
    "http://[::1",
    "https://exa\u{ffff}mple.com/",
    "https://example.com/%zz",
    "https://user:x@example.com:99999/",
];

/// The folders with a command line and manifests: those of `tests/cases` that audit, and ours.
fn folders() -> Vec<(String, PathBuf)> {
    let (cases, ours) = (root().join("tests/cases"), root().join("tests/formats/sources"));
    let entries = [cases, ours].into_iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let named = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let named = named.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), path));
    let mut audits: Vec<_> = named.filter(|(_, path)| words(path).first().is_some_and(|word| word == "audit")).collect();
    // What the arguments alone forbid has no report.
    audits.retain(|(_, path)| path.join("stdout").exists() || path.parent().unwrap().ends_with("sources"));
    audits.sort();
    assert!(!audits.is_empty(), "there are cases");
    audits
}

/// All reports.
pub(crate) fn names() -> Vec<String> {
    let read = READ.iter().map(|name| format!("golden-{name}"));
    folders().into_iter().map(|(name, _)| name).chain(read).chain([HARM.to_owned()]).collect()
}

/// Writes each report into a folder of its name.
pub(crate) fn write_all(reports: &Path) {
    for (name, folder) in folders() {
        let report = reports.join(name);
        std::fs::create_dir(&report).unwrap();
        write(&folder, &report);
    }
    for name in READ {
        let report = reports.join(format!("golden-{name}"));
        std::fs::create_dir(&report).unwrap();
        for (_, file) in FILES {
            let golden = root().join("host/src/render/audit/golden").join(file.replace("audit", name));
            std::fs::copy(golden, report.join(file)).unwrap();
        }
    }
    let report = reports.join(HARM);
    std::fs::create_dir(&report).unwrap();
    write_harm(&report);
}

fn words(folder: &Path) -> Vec<String> {
    let command = std::fs::read_to_string(folder.join("cmd")).unwrap();
    command.split_whitespace().map(str::to_owned).collect()
}

/// The words of a case, in every format and not in the one that it names. Nothing is written beside its manifests.
fn write(folder: &Path, report: &Path) {
    let manifests = report.join("manifests");
    overlay::write(&overlay::overlaid(&folder.join("cluster")), &manifests);
    let place = |word: &String| word.replace("DIR", &manifests.to_string_lossy()).replace("HERE", &folder.to_string_lossy());
    let mut words: Vec<String> = words(folder).iter().map(place).collect();
    if let Some(at) = words.iter().position(|word| word == "-o") {
        words.drain(at..at + 2);
    }
    audit(&words, report);
}

/// Runs `audit` with reports in every format.
fn audit(words: &[String], report: &Path) {
    let files = FILES.into_iter().map(|(format, file)| format!("--output-file={format}={}", report.join(file).display()));
    let words: Vec<String> = words.iter().cloned().chain(files).collect();
    let output = run(&words);
    assert!(report.join("audit.json").exists(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Runs the plugin, without a home.
pub(crate) fn run(words: &[impl AsRef<OsStr>]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kubectl-bootstrap_token"));
    // A phase is compiled once for all reports.
    command.args(words).env_clear().env("XDG_CACHE_HOME", kept()).stdin(Stdio::null()).output().unwrap()
}

/// A phase that finds all texts as rule, title, detail and references, of each severity, and each text in two findings.
fn write_harm(report: &Path) {
    let found = |(number, words): (usize, &&str)| {
        let severity = u8::try_from(number / 2 % 5).unwrap();
        let Value::Record(mut fields) = finding(words, severity, words, &[]) else { return Vec::new() };
        fields[3] = text(words);
        fields[6] = texts(&[&[*words], &ADDRESSES[number % ADDRESSES.len()..]].concat());
        let mut again = fields.clone();
        again[2] = text(&format!("{words} {words}"));
        vec![Value::Record(fields), Value::Record(again)]
    };
    let found: Vec<Value> = TEXTS.iter().enumerate().flat_map(found).collect();
    let phase = component(["audit", "fix"], [found.clone(), found], vec![patch("fix", "{}")]);
    let path = |name: &str| report.join(name).display().to_string();
    std::fs::write(path("phase.wasm"), phase).unwrap();
    let grant = run(&["phase", "inspect", &path("phase.wasm"), "-o", "grant"]);
    std::fs::write(path("grant.yaml"), grant.stdout).unwrap();
    std::fs::create_dir(path("manifests")).unwrap();
    let against = format!("dir:{}", path("manifests"));
    write_plan(report, &against);
    let words = ["audit", "--against", &against, "--phase", &path("phase.wasm"), "--grant", &path("grant.yaml")];
    audit(&words.map(str::to_owned), report);
}

/// How many operations the plan of [`write_plan`] has.
pub(crate) const ROWS: usize = 10;

/// A plan whose every text that a phase or a cluster can say is one of [`TEXTS`], as Markdown.
fn write_plan(report: &Path, against: &str) {
    let file = report.join("plan.json").display().to_string();
    let now = "--now=2030-01-01T00:00:00Z";
    run(&["plan", "abcdef.0123456789abcdef", now, "--against", against, "--control-plane-endpoint", "cp:6443", "--out", &file]);
    let mut plan: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let mut texts = MARKDOWN.iter().chain(&TEXTS).cycle();
    let mut next = || serde_json::Value::from(*texts.next().unwrap());
    for operation in plan["operations"].as_array_mut().unwrap() {
        operation["reason"] = next();
    }
    for changed in plan["changes"].as_array_mut().unwrap() {
        changed["diff"].as_array_mut().unwrap().extend([next(), next(), next()]);
    }
    plan["notes"] = MARKDOWN.iter().chain(&TEXTS).copied().collect();
    plan["findings"] = MARKDOWN.iter().map(|text| serde_json::json!({ "rule": "a", "title": text })).collect();
    for (of, name) in [("phase", "id"), ("phase", "version"), ("cluster", "server"), ("question", "now"), ("question", "task")] {
        plan[of][name] = next();
    }
    plan["cluster"]["against"] = "live".into();
    plan.as_object_mut().unwrap().remove("digest");
    plan["digest"] = Digest::of(plan.to_string().as_bytes()).to_string().into();
    std::fs::write(&file, plan.to_string()).unwrap();
    let shown = run(&["plan", "show", &file, "-o", "markdown"]);
    assert!(shown.status.success(), "{}", String::from_utf8_lossy(&shown.stderr));
    std::fs::write(report.join("plan.md"), shown.stdout).unwrap();
}
