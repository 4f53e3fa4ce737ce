//! The results of `phase test`, and the document of an answer, which `expected.yaml` holds.

mod answer;

#[cfg(test)]
pub(crate) use answer::AnswerDocument;
pub use answer::{CaseAnswer, answer, settled};

use super::document::Shown;
use super::terminal::{Printer, clean};
use kubephase_core::document::{DocumentHead, DocumentKind};
use kubephase_core::saved::PhaseDocument;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use serde::Serialize;
use similar::TextDiff;
use std::io;

/// The results for a phase.
pub struct Tested {
    /// Where the phase comes from.
    pub source: String,
    /// The identity of the phase.
    pub phase: PhaseDocument,
    /// The folder of the cases.
    pub folder: String,
    /// The verdict on each case, by name.
    pub cases: Vec<(String, CaseVerdict)>,
}

/// The verdict on a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaseVerdict {
    /// The answer is as expected.
    Passed,
    /// The answer was saved as the expected one.
    Blessed,
    /// The answer differs from the expected one: a line diff.
    Differs(Vec<String>),
    /// The answer differed when asked again: a line diff.
    Changing(Vec<String>),
    /// There is no valid answer: the lines that say why.
    Failed(Vec<String>),
}

impl CaseVerdict {
    /// The verdict as machine-readable output has it.
    const fn as_str(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Blessed => "blessed",
            Self::Differs(_) => "differs",
            Self::Changing(_) => "changing",
            Self::Failed(_) => "failed",
        }
    }

    /// One line that says what is wrong; `None` for a passed case.
    fn wrong(&self) -> Option<&str> {
        match self {
            Self::Passed | Self::Blessed => None,
            Self::Differs(_) => Some("the answer is not as expected"),
            Self::Changing(_) => Some("the phase answers the same request differently"),
            Self::Failed(lines) => Some(lines.first().map_or("there is no answer", String::as_str)),
        }
    }

    fn lines(&self) -> &[String] {
        match self {
            Self::Passed | Self::Blessed => &[],
            Self::Differs(lines) | Self::Changing(lines) | Self::Failed(lines) => lines,
        }
    }
}

impl Tested {
    /// The number of failed cases.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.cases.iter().filter(|(_, verdict)| verdict.wrong().is_some()).count()
    }

    fn count(&self, verdict: &CaseVerdict) -> usize {
        self.cases.iter().filter(|(_, other)| other == verdict).count()
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct TestsDocument<'a> {
    #[serde(flatten)]
    head: DocumentHead,
    /// The phase.
    phase: &'a PhaseDocument,
    /// The number of cases whose answer is as expected.
    passed: usize,
    /// The number of cases whose answer was saved as the expected one.
    blessed: usize,
    /// The number of other cases.
    failed: usize,
    /// The cases, by name.
    cases: Vec<CaseDocument<'a>>,
}

/// A case, and its verdict.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct CaseDocument<'a> {
    /// The name of the case.
    name: &'a str,
    /// The verdict: `passed`, `blessed`, `differs`, `changing` or `failed`.
    result: &'static str,
    /// What is wrong, a line diff for a different answer.
    lines: &'a [String],
}

impl<'a> CaseDocument<'a> {
    fn of((name, verdict): &'a (String, CaseVerdict)) -> Self {
        Self { name, result: verdict.as_str(), lines: verdict.lines() }
    }
}

impl Shown for Tested {
    fn text(&self, printer: &Printer<'_>) -> io::Result<()> {
        text(self, printer)
    }

    fn document(&self) -> impl Serialize {
        document(self)
    }
}

fn text(tested: &Tested, printer: &Printer<'_>) -> io::Result<()> {
    let PhaseDocument { id, version, .. } = &tested.phase;
    printer.line(&format!("phase {id} {version} of {}", tested.source))?;
    for (name, verdict) in &tested.cases {
        let word = match verdict {
            CaseVerdict::Passed => "ok",
            CaseVerdict::Blessed => "blessed",
            CaseVerdict::Differs(_) | CaseVerdict::Changing(_) | CaseVerdict::Failed(_) => "FAILED",
        };
        printer.line(&format!("{word:<8} {name}"))?;
        if let CaseVerdict::Changing(_) = verdict {
            printer.line(&format!("  {}", verdict.wrong().unwrap_or_default()))?;
        }
        verdict.lines().iter().try_for_each(|line| printer.line(&format!("  {line}")))?;
    }
    let blessed = match tested.count(&CaseVerdict::Blessed) {
        0 => String::new(),
        blessed => format!("{blessed} blessed, "),
    };
    printer.line(&format!("{} passed, {blessed}{} failed", tested.count(&CaseVerdict::Passed), tested.failed()))
}

fn document(tested: &Tested) -> TestsDocument<'_> {
    TestsDocument {
        head: DocumentKind::Tests.head(),
        phase: &tested.phase,
        passed: tested.count(&CaseVerdict::Passed),
        blessed: tested.count(&CaseVerdict::Blessed),
        failed: tested.failed(),
        cases: tested.cases.iter().map(CaseDocument::of).collect(),
    }
}

/// A `JUnit` suite with one test case for each case. An invalid answer is an error, not a failure.
///
/// # Errors
/// An [`io::Error`] if serialization fails, which does not happen for this type.
pub fn junit(tested: &Tested) -> io::Result<String> {
    let mut suite = TestSuite::new(clean(&tested.folder));
    for (name, verdict) in &tested.cases {
        let kind = if matches!(verdict, CaseVerdict::Failed(_)) { NonSuccessKind::Error } else { NonSuccessKind::Failure };
        let status = verdict.wrong().map_or_else(TestCaseStatus::success, |wrong| {
            let lines: Vec<String> = verdict.lines().iter().map(|line| clean(line)).collect();
            let mut status = TestCaseStatus::non_success(kind);
            status.set_message(clean(wrong)).set_description(lines.join("\n"));
            status
        });
        let mut case = TestCase::new(clean(name), status);
        case.set_classname(clean(&tested.phase.id));
        suite.add_test_case(case);
    }
    let mut report = Report::new("kubectl bootstrap-token phase test");
    report.add_test_suite(suite);
    report.to_string().map_err(io::Error::other)
}

/// The unified diff of two named texts.
#[must_use]
pub fn difference((before, old): (&str, &str), (after, new): (&str, &str)) -> Vec<String> {
    let diff = TextDiff::from_lines(old, new).unified_diff().header(before, after).to_string();
    diff.lines().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::{CaseVerdict, Tested, document, junit};
    use kubephase_core::saved::PhaseDocument;

    #[test]
    fn every_verdict_is_counted_once() {
        let lines = || vec!["-a\u{1b}".to_owned(), "+b".to_owned()];
        let verdicts = [
            CaseVerdict::Passed,
            CaseVerdict::Blessed,
            CaseVerdict::Differs(lines()),
            CaseVerdict::Changing(lines()),
            CaseVerdict::Failed(lines()),
        ];
        let tested = Tested {
            source: "x.wasm".to_owned(),
            phase: PhaseDocument { id: "x".to_owned(), version: "1.0.0".to_owned(), digest: "sha256:0".to_owned() },
            folder: "cases".to_owned(),
            cases: verdicts.into_iter().map(|verdict| (verdict.as_str().to_owned(), verdict)).collect(),
        };
        let counted = document(&tested);
        assert_eq!((counted.passed, counted.blessed, counted.failed), (1, 1, 3));
        let xml = junit(&tested).unwrap();
        assert!(xml.contains(r#"tests="5""#) && xml.contains(r#"failures="2""#) && xml.contains(r#"errors="1""#), "{xml}");
        assert!(xml.contains(r"-a\u{1b}") && !xml.contains('\u{1b}'), "{xml}");
    }
}
