//! The claim in the config of an artifact, as text and as a document.

use super::document::Shown;
use super::inspection::{PhaseDocument, phase_document, phase_text};
use super::terminal::Printer;
use kubephase_core::claim::Claim;
use kubephase_core::document::{DocumentHead, DocumentKind};
use serde::Serialize;
use std::io;

/// What is known of an artifact without its component.
pub struct ClaimReport<'a> {
    /// The reference of the artifact, with the digest of its manifest.
    pub reference: &'a str,
    /// Where the config was read.
    pub place: &'static str,
    /// The size of the component according to the manifest, bytes.
    pub size: u64,
    /// The digest of the component according to the manifest.
    pub digest: String,
    /// The claim in the config; `None` if there is none.
    pub claim: Option<&'a Claim>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct ClaimReportDocument<'a> {
    #[serde(flatten)]
    head: DocumentHead,
    /// The reference of the artifact, with the digest of its manifest.
    reference: &'a str,
    /// Where its config was read.
    read_from: &'static str,
    /// Whether the component was read: never, so what the config says is not checked.
    component_read: bool,
    /// The size of the component according to the manifest, bytes.
    size: u64,
    /// The digest of the component according to the manifest.
    digest: &'a str,
    /// What the config says; missing if it says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    claim: Option<ClaimDocument<'a>>,
}

/// What a config says about a phase.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ClaimDocument<'a> {
    /// The versions of the contract that the component exports.
    contracts: &'a [String],
    /// The interfaces that the component imports.
    imports: &'a [String],
    /// What the phase says about itself.
    phase: PhaseDocument<'a>,
}

impl Shown for ClaimReport<'_> {
    fn document(&self) -> impl Serialize {
        ClaimReportDocument {
            head: DocumentKind::ArtifactInspection.head(),
            reference: self.reference,
            read_from: self.place,
            component_read: false,
            size: self.size,
            digest: &self.digest,
            claim: self.claim.map(claim_document),
        }
    }

    fn text(&self, printer: &Printer<'_>) -> io::Result<()> {
        let line = |name: &str, value: &str| printer.line(&format!("{name:<10} {value}"));
        let or_none = |texts: &[String]| if texts.is_empty() { "none".to_owned() } else { texts.join(", ") };
        line("artifact", self.reference)?;
        line(
            "read",
            &format!("its config in {}, without the component; what it says is checked when the phase is run", self.place),
        )?;
        line("size", &format!("{} bytes", self.size))?;
        line("digest", &self.digest)?;
        let Some(claim) = self.claim else { return line("says", "no description of the phase") };
        line("contract", &or_none(&claim.contracts))?;
        line("imports", &or_none(&claim.imports))?;
        phase_text(&claim.description, printer)
    }
}

fn claim_document(claim: &Claim) -> ClaimDocument<'_> {
    ClaimDocument { contracts: &claim.contracts, imports: &claim.imports, phase: phase_document(&claim.description) }
}
