//! Options of `list`: selection, order and format.

use crate::bootstrap_token::Halves;
use crate::jsonpath::{FieldPath, Template};

/// The options of `list`.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    /// The output format.
    pub format: ListFormat,
    /// Whether the secret halves are shown.
    pub halves: Halves,
    /// The tokens to list.
    pub expiry: Expiry,
    /// The ids of the tokens to list; all without any.
    pub ids: Vec<String>,
    /// Whether the table has a header.
    pub header: Header,
    /// The field to sort by; `None` sorts by Secret name. Tokens without the field come last.
    pub sort_by: Option<FieldPath>,
}

impl Listing {
    /// Whether the output contains the tokens themselves.
    #[must_use]
    pub const fn shows_tokens(&self) -> bool {
        !matches!(self.format, ListFormat::Name)
    }
}

/// The output format of a list.
#[derive(Debug, Clone, PartialEq)]
pub enum ListFormat {
    /// kubeadm's columns.
    Text,
    /// kubeadm's columns and some more.
    Wide,
    /// `output.kubeadm.k8s.io/v1alpha3`, one JSON object after the other.
    Json,
    /// The same as YAML documents.
    Yaml,
    /// The names of the Secrets.
    Name,
    /// A template, filled in for each token.
    JsonPath(Template),
}

impl ListFormat {
    /// Parses the value of `-o`; `None` for an unknown format or an invalid template.
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

/// Whether a table has a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Header {
    /// The names of the columns.
    Shown,
    /// Only rows.
    Omitted,
}

/// Which tokens to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// All tokens.
    Any,
    /// Only expired tokens.
    Over,
}
