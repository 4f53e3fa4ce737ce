//! The claim in the config of an artifact, as text and as a document.

use super::document::Shown;
use super::inspection::{PhaseDocument, phase_document, phase_text};
use super::terminal::Printer;
use kubephase_core::claim::Claim;
use kubephase_core::grant::API_VERSION;
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
#[serde(rename_all = "camelCase")]
struct ClaimReportDocument<'a> {
    api_version: &'static str,
    kind: &'static str,
    reference: &'a str,
    read_from: &'static str,
    component_read: bool,
    size: u64,
    digest: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    claim: Option<ClaimDocument<'a>>,
}

#[derive(Serialize)]
struct ClaimDocument<'a> {
    contracts: &'a [String],
    imports: &'a [String],
    phase: PhaseDocument<'a>,
}

impl Shown for ClaimReport<'_> {
    fn document(&self) -> impl Serialize {
        ClaimReportDocument {
            api_version: API_VERSION,
            kind: "ArtifactInspection",
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
