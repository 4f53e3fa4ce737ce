//! An audit as `JUnit` XML: a suite for each cluster, a case for each finding.

use super::cleaned;
use crate::render::terminal::clean;
use kubephase_core::audit::{Audit, Audited, Judged, Weight, qualified};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::io;

/// The name of the case in a suite without findings, and for a cluster that could not be audited.
const WHOLE: &str = "audit";

/// The report.
pub(super) fn report(audit: &Audit) -> io::Result<String> {
    let mut report = Report::new("kubectl bootstrap-token audit");
    report.add_test_suites(audit.clusters.iter().map(suite));
    report.to_string().map_err(io::Error::other)
}

fn suite(cluster: &Audited) -> TestSuite {
    let mut suite = TestSuite::new(clean(&cluster.cluster));
    match &cluster.result {
        Err(lines) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(clean(lines.first().map_or("", String::as_str))).set_description(cleaned(&lines.join("\n")));
            suite.add_test_case(TestCase::new(WHOLE, status));
        }
        Ok(findings) if findings.is_empty() => {
            suite.add_test_case(TestCase::new(WHOLE, TestCaseStatus::success()));
        }
        Ok(findings) => {
            suite.add_test_cases(findings.iter().map(case));
        }
    }
    suite
}

/// The case of a finding. A finding that does not count is a passed case with the finding as its output.
fn case(judged: &Judged) -> TestCase {
    let finding = &judged.finding;
    let detail = if finding.detail.is_empty() { String::new() } else { format!("\n{}", finding.detail) };
    let references: String = finding.references.iter().map(|reference| format!("\nsee {reference}")).collect();
    let words = cleaned(&format!("{}: {}{detail}{references}", finding.severity.as_str(), finding.title));
    let status = match &judged.weight {
        Weight::Counts => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_type(finding.severity.as_str()).set_message(clean(&finding.title)).set_description(words.as_str());
            status
        }
        Weight::Ignored(reason) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(clean(reason)).set_description(words.as_str());
            status
        }
        Weight::Below => TestCaseStatus::success(),
    };
    let name = finding.target.as_ref().map_or_else(|| finding.rule.clone(), qualified);
    let mut case = TestCase::new(clean(&name), status);
    case.set_classname(clean(&finding.rule));
    if judged.weight == Weight::Below {
        case.set_system_out(words);
    }
    case
}
