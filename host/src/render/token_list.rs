//! The list of bootstrap tokens in kubeadm's formats (`app/cmd/token.go`, `app/apis/output/v1alpha3`).

use super::document::escaped;
use super::line::{Fold, Line};
use super::short_duration::short_duration;
use super::terminal::{Printer, clean};
use crate::yaml;
use jiff::Timestamp;
use kubephase_core::bootstrap_token::{BootstrapToken, Halves, SECRET_PREFIX};
use kubephase_core::jsonpath::{FieldPath, Template};
use kubephase_core::listing::{Header, ListFormat, Listing};
use serde::Serialize;
use serde_json::ser::PrettyFormatter;
use serde_json::{Serializer, Value};
use std::io::{self, Write as _};
use std::sync::Arc;
use tabwriter::TabWriter;

const COLUMNS: [&str; 6] = ["TOKEN", "TTL", "EXPIRES", "USAGES", "DESCRIPTION", "EXTRA GROUPS"];
/// Before the others, if there are several.
const CLUSTER: &str = "CLUSTER";
const WIDE_COLUMNS: [&str; 2] = ["STATUS", "AGE"];

/// A token, and the cluster that it is of if there are several.
#[derive(Debug)]
pub struct ListedToken {
    /// The name of the cluster.
    pub cluster: Option<Arc<str>>,
    /// The token.
    pub token: BootstrapToken,
}

/// Prints tokens.
///
/// # Errors
/// An [`io::Error`] if the output cannot be written.
pub fn print(mut tokens: Vec<ListedToken>, listing: &Listing, now: Timestamp, printer: &Printer<'_>) -> io::Result<()> {
    if let Some(path) = &listing.sort_by {
        tokens.sort_by_cached_key(|token| Place::of(path.find(&Document::of(token, listing.halves).value())));
    }
    let document = |listed| Document::of(listed, listing.halves);
    match &listing.format {
        ListFormat::Text | ListFormat::Wide => table(&tokens, listing, now, printer),
        ListFormat::Name => {
            tokens.iter().try_for_each(|listed| printer.line(&format!("secret/{SECRET_PREFIX}{}", listed.token.token.id())))
        }
        ListFormat::Json => tokens.iter().try_for_each(|token| printer.document(&pretty(&document(token))?)),
        ListFormat::Yaml => {
            let documents: Vec<Value> = tokens.iter().map(|token| document(token).value()).collect();
            printer.document(&yaml::write_documents(&documents))
        }
        ListFormat::JsonPath(template) => {
            let printed: String = tokens.iter().map(|token| template.print(&document(token).value(), &clean)).collect();
            printer.filled_in(&printed)
        }
    }
}

/// Whether a template prints tokens.
#[must_use]
pub fn shows_tokens(tokens: &[ListedToken], template: &Template) -> bool {
    let printed = |token, halves| template.print(&Document::of(token, halves).value(), &clean);
    let without_token = |token| {
        let document = Document { token: None, ..Document::of(token, Halves::Shown) };
        template.print(&document.value(), &clean)
    };
    tokens.iter().any(|token| printed(token, Halves::Shown) != without_token(token))
}

/// Whether a token has a field.
#[must_use]
pub fn has_field(token: &ListedToken, path: &FieldPath) -> bool {
    path.find(&Document::of(token, Halves::Shown).value()).is_some()
}

/// The object that kubeadm prints, with its fields in kubeadm's order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    kind: &'static str,
    api_version: &'static str,
    /// Of several clusters the one that it is of: kubeadm has no such list.
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<&'a str>,
    /// What stands in for a token that is not shown: a program would take a masked one for a token.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    usages: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    groups: &'a [String],
}

impl<'a> Document<'a> {
    fn of(listed: &'a ListedToken, halves: Halves) -> Self {
        let ListedToken { cluster, token } = listed;
        let seconds = |time: Timestamp| Timestamp::from_second(time.as_second()).unwrap_or(time).to_string();
        Self {
            kind: "BootstrapToken",
            api_version: "output.kubeadm.k8s.io/v1alpha3",
            cluster: cluster.as_deref(),
            id: (halves == Halves::Masked).then(|| token.token.id()),
            // The output is in memory in any case.
            token: (halves == Halves::Shown).then(|| token.token.written(halves).to_string()),
            description: &token.description,
            expires: token.expires.as_ref().map(|expires| seconds(expires.time)),
            usages: &token.usages,
            groups: &token.groups,
        }
    }

    /// The fields by name, for YAML and templates.
    fn value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// The position of a token when sorting by a field: tokens without the field come last.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    By(String),
    Last,
}

impl Place {
    fn of(found: Option<String>) -> Self {
        found.map_or(Self::Last, Self::By)
    }
}

/// JSON as Go writes it: four spaces, with HTML characters escaped.
fn pretty(document: &Document<'_>) -> io::Result<String> {
    let mut text = Vec::new();
    document.serialize(&mut Serializer::with_formatter(&mut text, PrettyFormatter::with_indent(b"    ")))?;
    let text = String::from_utf8(text).map_err(io::Error::other)?;
    Ok(escaped(text.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")))
}

/// kubeadm lays out each line separately, so its columns align only if all tokens expire; here they always align. Without tokens
/// there is no header either.
fn table(tokens: &[ListedToken], listing: &Listing, now: Timestamp, printer: &Printer<'_>) -> io::Result<()> {
    if tokens.is_empty() {
        return Ok(());
    }
    let is_wide = matches!(listing.format, ListFormat::Wide);
    // Go's minimum width includes the padding, this one's does not.
    let mut writer = TabWriter::new(Vec::new()).minwidth(7).padding(3);
    let first = tokens.iter().any(|listed| listed.cluster.is_some()).then_some(CLUSTER);
    let header: Vec<&str> = first.into_iter().chain(COLUMNS).chain(WIDE_COLUMNS.into_iter().filter(|_| is_wide)).collect();
    if listing.header == Header::Shown {
        writeln!(writer, "{}", header.join("\t"))?;
    }
    let mut rows = Vec::new();
    for ListedToken { cluster, token } in tokens {
        let mut cells: Vec<String> = cluster.iter().map(ToString::to_string).chain(cells(token, listing, now)).collect();
        if is_wide {
            cells.push(if token.is_expired(now) { "expired" } else { "valid" }.to_owned());
            cells.push(token.created.map_or_else(|| "<unknown>".to_owned(), |created| short_duration(now, created)));
        }
        // The text of a cell must not start a new column or line.
        let cells: Vec<String> = cells.iter().map(|cell| clean(cell)).collect();
        writeln!(writer, "{}", cells.join("\t"))?;
        // Kept for a terminal only: a list of ten thousand has no need of a second copy.
        rows.extend(printer.columns().map(|_| cells));
    }
    let text = writer.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
    let text = String::from_utf8(text).map_err(io::Error::other)?;
    match printer.columns() {
        Some(columns) if text.lines().any(|line| line.trim_end().chars().count() > columns) => {
            below_each_other(&header, &rows, printer)
        }
        Some(_) | None => printer.document(&text),
    }
}

/// On a terminal that is too narrow for the table, a line for each cell.
fn below_each_other(header: &[&str], rows: &[Vec<String>], printer: &Printer<'_>) -> io::Result<()> {
    let width = header.iter().map(|name| name.len()).max().unwrap_or_default() + 3;
    for (number, cells) in rows.iter().enumerate() {
        if number > 0 {
            printer.line("")?;
        }
        for (name, cell) in header.iter().zip(cells) {
            printer.print(&Line::bold(
                *name,
                format!("{:width$}{}", "", cell.trim(), width = width - name.len()),
                Fold::Below(width),
            ))?;
        }
    }
    Ok(())
}

/// The cells of a row, padded where kubeadm pads.
fn cells(token: &BootstrapToken, listing: &Listing, now: Timestamp) -> [String; 6] {
    let or_none = |text: String| if text.is_empty() { "<none>".to_owned() } else { text };
    let (ttl, expires) = match &token.expires {
        None => ("<forever>".to_owned(), "<never>".to_owned()),
        Some(expires) => (short_duration(expires.time, now), expires.text.clone()),
    };
    [
        token.token.written(listing.halves).to_string(),
        format!("{ttl:<9}"),
        expires,
        format!("{:<22}", or_none(token.usages.join(","))),
        format!("{:<56}", or_none(token.description.clone())),
        or_none(token.groups.join(",")),
    ]
}

#[cfg(test)]
mod tests {
    use super::{BootstrapToken, Document, Halves, ListedToken, pretty};
    use kubephase_core::bootstrap_token::Token;

    #[test]
    fn json_stays_json_whatever_a_description_has() {
        let description = "a\u{202e}b\u{200b}\u{2028}<c>".to_owned();
        let token = Token::parse("abcdef.0123456789abcdef").unwrap();
        let token = BootstrapToken { token, description, expires: None, usages: Vec::new(), groups: Vec::new(), created: None };
        let token = ListedToken { cluster: None, token };
        let json = pretty(&Document::of(&token, Halves::Masked)).unwrap();
        assert!(json.is_ascii(), "{json}");
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(read["description"], token.token.description);
    }
}
