//! Judges of whom nobody knows that they refuse something would be of no use: reports with one fault each.

use crate::reports::FILES;
use libtest_mimic::Failed;
use serde_json::Value;
use std::path::Path;

/// The report that is spoilt; it has findings of three levels.
const SOUND: &str = "audit-a-folder";

/// A fault.
pub(crate) struct Spoilt {
    name: &'static str,
    file: &'static str,
    from: &'static str,
    to: &'static str,
    /// Who refuses it, and with which word.
    judge: &'static str,
    word: &'static str,
}

const FAULTS: [Spoilt; 18] = [
    Spoilt::new("a-level-of-no-name", "audit.sarif", "\"level\": \"warning\"", "\"level\": \"severe\"", "sarif", "severe"),
    Spoilt::new("another-version", "audit.sarif", "\"version\": \"2.1.0\"", "\"version\": \"2.0.0\"", "sarif", "2.0.0"),
    Spoilt::new("a-member-of-no-name", "audit.sarif", "\"results\": [", "\"answers\": [], \"results\": [", "sarif", "answers"),
    Spoilt::new("an-address-that-is-none", "audit.sarif", "\"helpUri\": \"https://", "\"helpUri\": \"ht tps://", "sarif", "uri"),
    Spoilt::new("results-of-another-rule", "audit.sarif", "\"ruleIndex\": 3", "\"ruleIndex\": 1", "sarif", "rule"),
    Spoilt::new("a-rule-named-by-its-id", "audit.sarif", "\"RbacDrifted\"", "\"rbac-drifted\"", "validator", "SARIF1001"),
    Spoilt::new(
        "a8-a-place-that-goes-back",
        "audit.sarif",
        "\"uri\": \"file:///",
        "\"uri\": \"file:///a/../",
        "validator",
        "SARIF1002",
    ),
    Spoilt::new("no-end-of-a-suite", "audit.xml", "</testsuite>", "", "junit", "mismatch"),
    Spoilt::new("a-failure-too-many", "audit.xml", "failures=\"", "failures=\"1", "junit", "says"),
    Spoilt::new("no-end-of-metrics", "audit.prom", "# EOF\n", "", "metrics", "EOF"),
    Spoilt::new("a-label-without-quotes", "audit.prom", "rule=\"", "rule=", "metrics", "Error"),
    Spoilt::new("a-script-in-the-page", "audit.html", "</main>", "<script>alert(1)</script></main>", "page", "console: "),
    Spoilt::new(
        "a-picture-of-elsewhere",
        "audit.html",
        "</main>",
        "<img alt=a src=https://127.0.0.1:1/a></main>",
        "page",
        "console: ",
    ),
    Spoilt::new("a-style-of-others", "audit.html", "<style>", "<style>body{color:#eee}", "page", "console: "),
    Spoilt::new("a-level-that-is-left-out", "audit.html", "<h3", "<h6", "page", "axe, light: heading-order"),
    Spoilt::new("a-line-without-an-end", "audit.html", "<main", "<p style=\"width:200em\">a</p><main", "page", "console: "),
    Spoilt::new("another-word", "audit.yaml", "kind: AuditReport", "kind: Auditreport", "document", "differ"),
    Spoilt::new("a-time-of-yaml", "audit.yaml", "\"2030-01-01T00:00:00Z\"", "2030-01-01T00:00:00Z", "document", "differ"),
];

impl Spoilt {
    const fn new(
        name: &'static str,
        file: &'static str,
        from: &'static str,
        to: &'static str,
        judge: &'static str,
        word: &'static str,
    ) -> Self {
        Self { name, file, from, to, judge, word }
    }

    /// Whether the judge refuses it.
    pub(crate) fn check(&self, said: &Value) -> Result<(), Failed> {
        let refusal = said[self.judge]["refused"].as_str();
        let is_refused = refusal.is_some_and(|refusal| refusal.contains(self.word));
        if is_refused { Ok(()) } else { Err(format!("no refusal with `{}`: {:#}", self.word, said[self.judge]).into()) }
    }
}

/// All faults.
pub(crate) fn names() -> impl Iterator<Item = String> {
    FAULTS.iter().map(|fault| format!("spoilt-{}", fault.name))
}

/// The fault of this name.
pub(crate) fn of(name: &str) -> Option<&'static Spoilt> {
    FAULTS.iter().find(|fault| name.strip_prefix("spoilt-") == Some(fault.name))
}

/// Writes each spoilt report into a folder of its name, beside the sound one.
pub(crate) fn write_all(reports: &Path) {
    for (fault, name) in FAULTS.iter().zip(names()) {
        let folder = reports.join(name);
        std::fs::create_dir(&folder).unwrap();
        for (_, file) in FILES {
            let sound = std::fs::read_to_string(reports.join(SOUND).join(file)).unwrap();
            let spoilt = if file == fault.file { sound.replace(fault.from, fault.to) } else { sound.clone() };
            assert!(file != fault.file || spoilt != sound, "{}: it has `{}`", fault.name, fault.from);
            std::fs::write(folder.join(file), spoilt).unwrap();
        }
    }
}
