//! The schemas of all documents in `docs/schemas`, made of their types. Only tests have this module.

use crate::config::cases::RequestDocument;
use crate::config::file::ConfigDocument;
use crate::render::audit::{AuditDocument, RunDocument};
use crate::render::cases::{AnswerDocument, TestsDocument};
use crate::render::check::CheckDocument;
use crate::render::check_list::CheckListDocument;
use crate::render::claim::ClaimReportDocument;
use crate::render::code_list::CodeListDocument;
use crate::render::document::ReportDocument;
use crate::render::inspection::InspectionDocument;
use crate::render::phase_difference::DifferenceDocument;
use crate::render::phase_list::PhaseListDocument;
use crate::render::undo_list::UndoListDocument;
use crate::render::verification::VerificationDocument;
use crate::render::version::VersionDocument;
use kubephase_core::audit::IgnoresDocument;
use kubephase_core::claim::ClaimDocument;
use kubephase_core::document::DocumentKind;
use kubephase_core::grant::GrantDocument;
use kubephase_core::saved::{ClusterResult, PlanDocument, Recording, Rollout, UndoDocument, ValuesDocument};
use kubephase_core::trust::TrustPolicyDocument;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The schema of a kind.
fn schema(kind: DocumentKind) -> Value {
    match kind {
        DocumentKind::Answer => written::<AnswerDocument<'_>>(kind),
        DocumentKind::ArtifactInspection => written::<ClaimReportDocument<'_>>(kind),
        DocumentKind::AuditReport => written::<AuditDocument<'_>>(kind),
        DocumentKind::AuditRun => written::<RunDocument<'_>>(kind),
        DocumentKind::ClusterResult => read::<ClusterResult>(kind),
        DocumentKind::CompiledPhaseList => written::<CodeListDocument<'_>>(kind),
        DocumentKind::Config => read::<ConfigDocument>(kind),
        DocumentKind::Grant => read::<GrantDocument>(kind),
        DocumentKind::Ignores => read::<IgnoresDocument>(kind),
        DocumentKind::JoinCheck => written::<CheckDocument<'_>>(kind),
        DocumentKind::JoinCheckList => written::<CheckListDocument<'_>>(kind),
        DocumentKind::PhaseClaim => read::<ClaimDocument>(kind),
        DocumentKind::PhaseDifference => written::<DifferenceDocument<'_>>(kind),
        DocumentKind::PhaseInspection => written::<InspectionDocument<'_>>(kind),
        DocumentKind::PhaseList => written::<PhaseListDocument<'_>>(kind),
        DocumentKind::PhaseVerification => written::<VerificationDocument<'_>>(kind),
        DocumentKind::Plan => read::<PlanDocument>(kind),
        DocumentKind::Recording => read::<Recording>(kind),
        DocumentKind::Report => written::<ReportDocument<'_>>(kind),
        DocumentKind::Request => read::<RequestDocument>(kind),
        DocumentKind::Rollout => read::<Rollout>(kind),
        DocumentKind::Tests => written::<TestsDocument<'_>>(kind),
        DocumentKind::TrustPolicy => read::<TrustPolicyDocument>(kind),
        DocumentKind::Undo => read::<UndoDocument>(kind),
        DocumentKind::UndoList => written::<UndoListDocument<'_>>(kind),
        DocumentKind::UndoValues => read::<ValuesDocument<String>>(kind),
        DocumentKind::Version => written::<VersionDocument>(kind),
    }
}

/// What a document that is only written always has. It may have more in a later release.
fn written<T: JsonSchema>(kind: DocumentKind) -> Value {
    generated::<T>(kind, SchemaSettings::draft2020_12().for_serialize())
}

/// What a document must have to be read.
fn read<T: JsonSchema>(kind: DocumentKind) -> Value {
    generated::<T>(kind, SchemaSettings::draft2020_12())
}

fn generated<T: JsonSchema>(kind: DocumentKind, settings: SchemaSettings) -> Value {
    // A field that may be missing, but not null, has null as its default in the type.
    let without_null = RecursiveTransform(|schema: &mut Schema| {
        if schema.get("default").is_some_and(Value::is_null) {
            schema.remove("default");
        }
    });
    let settings = settings.with_transform(without_null);
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    let Value::Object(head) = serde_json::to_value(kind.head()).unwrap() else { panic!("a head is an object") };
    for (field, value) in head {
        let property = &mut schema["properties"][field];
        *property = json!({ "const": value, "description": property["description"] });
    }
    schema["$id"] = json!(format!("urn:kubectl-bootstrap-token:v1alpha1:{kind}"));
    schema["title"] = json!(kind);
    schema["description"] = json!(kinds().into_iter().find(|(other, _)| *other == kind).unwrap().1);
    schema
}

/// Every kind, and what it is.
fn kinds() -> Vec<(DocumentKind, String)> {
    let schema = schemars::schema_for!(DocumentKind).to_value();
    let kind = |one: &Value| {
        (serde_json::from_value(one["const"].clone()).unwrap(), one["description"].as_str().unwrap().replace('\n', " "))
    };
    schema["oneOf"].as_array().unwrap().iter().map(kind).collect()
}

const INDEX: &str = "| kind | what it is |\n|---|---|\n";

/// All files of `docs/schemas`: a schema for each kind, and the README, which ends with their index.
fn files(readme: &str) -> BTreeMap<String, String> {
    let pretty = |kind| serde_json::to_string_pretty(&schema(kind)).unwrap() + "\n";
    let mut files: BTreeMap<String, String> =
        kinds().into_iter().map(|(kind, _)| (format!("{kind}.json"), pretty(kind))).collect();
    let rows: String = kinds().iter().map(|(kind, what)| format!("| [{kind}]({kind}.json) | {what} |\n")).collect();
    let text = readme.split(INDEX).next().unwrap_or_default();
    files.insert("README.md".to_owned(), [text, INDEX, &rows].concat());
    files
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test reads the repository")]
fn the_schemas_are_those_of_the_types() {
    let folder = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../docs/schemas");
    let found = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let text = |path: PathBuf| (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(&path).unwrap());
    let found: BTreeMap<String, String> = found.map(text).collect();
    let made = files(found.get("README.md").map_or("", String::as_str));
    if std::env::var_os("BLESS").is_some() {
        found.keys().filter(|file| !made.contains_key(*file)).for_each(|file| std::fs::remove_file(folder.join(file)).unwrap());
        made.iter().for_each(|(file, text)| std::fs::write(folder.join(file), text).unwrap());
        return;
    }
    let differ = found.keys().chain(made.keys()).filter(|file| found.get(*file) != made.get(*file));
    let differ: std::collections::BTreeSet<&String> = differ.collect();
    assert!(differ.is_empty(), "not as their types are now: {differ:?}; BLESS=1 writes them");
}

#[test]
fn every_field_is_described() {
    fn check(path: &str, schema: &Value, complaints: &mut Vec<String>) {
        // A variant with a value is an object with one field: its description is that of the variant.
        let is_variant = path.contains("/oneOf/") && schema.get("description").is_some();
        for (name, value) in schema.as_object().into_iter().flatten() {
            let is_map = ["properties", "$defs"].contains(&name.as_str());
            for (field, one) in value.as_object().filter(|_| is_map).into_iter().flatten() {
                if one.get("description").is_none() && !is_variant {
                    complaints.push(format!("{path}/{name}/{field}"));
                }
                check(&format!("{path}/{name}/{field}"), one, complaints);
            }
            if !is_map {
                check(&format!("{path}/{name}"), value, complaints);
            }
        }
        for (at, one) in schema.as_array().into_iter().flatten().enumerate() {
            check(&format!("{path}/{at}"), one, complaints);
        }
    }
    let mut complaints = Vec::new();
    kinds().into_iter().for_each(|(kind, _)| check(&kind.to_string(), &schema(kind), &mut complaints));
    assert!(complaints.is_empty(), "{complaints:#?}");
}
