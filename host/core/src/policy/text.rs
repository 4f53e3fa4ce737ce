//! Texts of a plan, where handles are not replaced.

use super::Denial;
use crate::output::OutputPart;
use crate::plan::Content;
use crate::secret::names_a_handle;

/// Every text that contains a handle. No secret can leak this way, but it shows an attempt.
pub(super) fn handles_in_texts(content: &Content) -> Vec<Denial> {
    let operations = content.operations.iter().flat_map(|operation| {
        let (id, reason) = (operation.id.as_str(), operation.reason.as_str());
        [("id of an operation".to_owned(), id), (format!("reason of operation `{id}`"), reason)]
    });
    let findings = content.findings.iter().flat_map(|finding| {
        let place = format!("finding `{}`", finding.rule);
        [&finding.rule, &finding.title, &finding.detail].map(String::as_str).map(|text| (place.clone(), text))
    });
    let notes = content.notes.iter().map(|note| ("note".to_owned(), note.as_str()));
    let outputs = content.outputs.iter().flat_map(|output| {
        let texts = output.value.iter().filter_map(|part| match part {
            OutputPart::Text(text) => Some(text.as_str()),
            OutputPart::Secret(_) => None,
        });
        let place = format!("output `{}`", output.name);
        std::iter::once(output.name.as_str()).chain(texts).map(move |text| (place.clone(), text))
    });
    let texts = operations.chain(findings).chain(notes).chain(outputs);
    texts.filter(|(_, text)| names_a_handle(text)).map(|(place, _)| Denial::Text { place }).collect()
}
