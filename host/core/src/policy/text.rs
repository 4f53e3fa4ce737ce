//! Texts of a plan, in which nothing is put in place.

use super::Denial;
use crate::output::Part;
use crate::plan::Content;
use crate::secret::names_a_handle;

/// Every text that names a handle. No secret could leave by it, but whoever writes one tries.
pub(super) fn handles_in_texts(content: &Content) -> Vec<Denial> {
    let operations =
        content.operations.iter().map(|operation| (format!("reason of operation `{}`", operation.id), &operation.reason));
    let findings = content.findings.iter().flat_map(|finding| {
        let place = format!("finding `{}`", finding.rule);
        [&finding.rule, &finding.title, &finding.detail].map(|text| (place.clone(), text))
    });
    let notes = content.notes.iter().map(|note| ("note".to_owned(), note));
    let outputs = content.outputs.iter().flat_map(|output| {
        let texts = output.value.iter().filter_map(|part| match part {
            Part::Text(text) => Some(text),
            Part::Secret(_) => None,
        });
        let place = format!("output `{}`", output.name);
        std::iter::once(&output.name).chain(texts).map(move |text| (place.clone(), text))
    });
    let texts = operations.chain(findings).chain(notes).chain(outputs);
    texts.filter(|(_, text)| names_a_handle(text)).map(|(place, _)| Denial::Text { place }).collect()
}
