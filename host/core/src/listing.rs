//! How tokens are listed: which ones, in which order, in which form.

use crate::bootstrap_token::Halves;
use crate::jsonpath::{FieldPath, Template};

/// How tokens are listed.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    /// The form.
    pub format: ListFormat,
    /// Whether the secret halves are shown.
    pub halves: Halves,
    /// Which tokens are meant.
    pub expiry: Expiry,
    /// The field that decides the order; none for that of the names. Tokens without the field come last.
    pub sort_by: Option<FieldPath>,
}

impl Listing {
    /// Whether tokens themselves are in it.
    #[must_use]
    pub const fn shows_tokens(&self) -> bool {
        !matches!(self.format, ListFormat::Name)
    }
}

/// The form of a list.
#[derive(Debug, Clone, PartialEq)]
pub enum ListFormat {
    /// kubeadm's columns.
    Text,
    /// Some more columns.
    Wide,
    /// `output.kubeadm.k8s.io/v1alpha3`, one object after the other.
    Json,
    /// The same as YAML documents.
    Yaml,
    /// The names of the Secrets.
    Name,
    /// A template, filled in for each token.
    JsonPath(Template),
}

impl ListFormat {
    /// Reads `-o`; none for a format that there is not, and for a template that makes no sense.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "text" => Self::Text,
            "wide" => Self::Wide,
            "json" => Self::Json,
            "yaml" => Self::Yaml,
            "name" => Self::Name,
            _ => Self::JsonPath(Template::parse(text.strip_prefix("jsonpath=")?)?),
        })
    }
}

/// Which tokens are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// All.
    Any,
    /// Those that have ended.
    Over,
}
