//! Output formats of commands (`-o`).

use std::convert::Infallible;

/// An output format: text, a structured document, or a format that only some commands have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format<Own = Infallible> {
    /// Plain text.
    Text,
    /// One document, with a version.
    Document(Syntax),
    /// A format specific to the command.
    Own(Own),
}

/// The syntax of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// JSON, indented.
    Json,
    /// YAML.
    Yaml,
}

/// The formats of a command in addition to text and documents.
pub trait OwnFormat: Copy + Send + Sync + 'static {
    /// Each format, with its name on the command line and a description.
    const ALL: &'static [(&'static str, &'static str, Self)];
}

impl OwnFormat for Infallible {
    const ALL: &'static [(&'static str, &'static str, Self)] = &[];
}

impl<Own: OwnFormat> Format<Own> {
    const SHARED: [(&'static str, &'static str, Self); 3] = [
        ("text", "Plain text", Self::Text),
        ("json", "JSON", Self::Document(Syntax::Json)),
        ("yaml", "YAML", Self::Document(Syntax::Yaml)),
    ];

    /// All formats of the command: name, description and format.
    pub fn all() -> impl Iterator<Item = (&'static str, &'static str, Self)> {
        let own = Own::ALL.iter().map(|(name, help, own)| (*name, *help, Self::Own(*own)));
        Self::SHARED.into_iter().chain(own)
    }

    /// The name of the format.
    #[must_use]
    pub fn name(self) -> &'static str
    where
        Own: PartialEq,
    {
        Self::all().find(|(.., format)| *format == self).map_or("text", |(name, ..)| name)
    }

    /// The format with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::all().find_map(|(known, _, format)| (known == name).then_some(format))
    }

    /// One of the formats that every command has.
    ///
    /// # Errors
    /// The command's own format, if it is one of these.
    pub fn shared(self) -> Result<Format, Own> {
        match self {
            Self::Text => Ok(Format::Text),
            Self::Document(syntax) => Ok(Format::Document(syntax)),
            Self::Own(own) => Err(own),
        }
    }
}

/// `-o name`: the name of each object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Names;

impl OwnFormat for Names {
    const ALL: &'static [(&'static str, &'static str, Self)] = &[("name", "The names of the objects", Self)];
}

/// The formats specific to `plan`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanFormat {
    /// The name of each object.
    Names,
    /// The changed lines.
    Diff,
    /// The objects after the plan.
    Manifests,
    /// Markdown.
    Markdown,
}

impl OwnFormat for PlanFormat {
    const ALL: &'static [(&'static str, &'static str, Self)] = &[
        ("name", "The names of the objects", Self::Names),
        ("diff", "The changed lines, as `kubectl diff` shows them", Self::Diff),
        ("manifests", "The objects as YAML, for `kubectl apply`", Self::Manifests),
        ("markdown", "Markdown with the changed lines, for a pull request", Self::Markdown),
    ];
}

/// What a new node is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinForm {
    /// A `JoinConfiguration` of kubeadm.
    JoinConfig,
    /// A kubeconfig without a login, for discovery.
    DiscoveryFile,
    /// The kubeconfig that a kubelet begins with.
    BootstrapKubeconfig,
    /// User data for cloud-init.
    CloudInit,
    /// A configuration for Ignition.
    Ignition,
}

impl JoinForm {
    /// The form with a name of `create -o`.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        CreateFormat::ALL.iter().find_map(|(name, _, format)| match format {
            CreateFormat::Form(form) if *name == text => Some(*form),
            _ => None,
        })
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        let is_this = |format: &CreateFormat| *format == CreateFormat::Form(self);
        CreateFormat::ALL.iter().find(|(_, _, format)| is_this(format)).map_or("", |(name, ..)| name)
    }
}

/// The formats specific to `create`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreateFormat {
    /// The name of each object.
    Names,
    /// The `kubeadm join` line.
    JoinCommand,
    /// What a node is given.
    Form(JoinForm),
}

impl OwnFormat for CreateFormat {
    const ALL: &'static [(&'static str, &'static str, Self)] = &[
        ("name", "The names of the objects", Self::Names),
        ("join-command", "The `kubeadm join` line, like --print-join-command", Self::JoinCommand),
        ("join-config", "A JoinConfiguration, for `kubeadm join --config`", Self::Form(JoinForm::JoinConfig)),
        ("discovery-file", "For `kubeadm join --discovery-file`; without the token", Self::Form(JoinForm::DiscoveryFile)),
        (
            "bootstrap-kubeconfig",
            "For a kubelet without kubeadm (--bootstrap-kubeconfig)",
            Self::Form(JoinForm::BootstrapKubeconfig),
        ),
        ("cloud-init", "User data that joins a machine with kubeadm", Self::Form(JoinForm::CloudInit)),
        ("ignition", "The same for Ignition (Flatcar, Fedora CoreOS)", Self::Form(JoinForm::Ignition)),
    ];
}

/// The formats specific to `plan show` and `undo show`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShowFormat {
    /// The changed lines.
    Diff,
    /// Markdown.
    Markdown,
}

impl OwnFormat for ShowFormat {
    const ALL: &'static [(&'static str, &'static str, Self)] = &[
        ("diff", "The changed lines, as `kubectl diff` shows them", Self::Diff),
        ("markdown", "Markdown with the changed lines, for a pull request", Self::Markdown),
    ];
}

/// The formats specific to `audit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditFormat {
    /// SARIF 2.1.0.
    Sarif,
    /// `JUnit` XML.
    Junit,
    /// `OpenMetrics` text.
    OpenMetrics,
    /// A page for a browser.
    Html,
    /// `ClusterReport`s of openreports.io.
    OpenReports,
}

impl OwnFormat for AuditFormat {
    const ALL: &'static [(&'static str, &'static str, Self)] = &[
        ("sarif", "SARIF 2.1.0, for code scanning", Self::Sarif),
        ("junit", "JUnit XML, for CI", Self::Junit),
        ("openmetrics", "Metrics for Prometheus", Self::OpenMetrics),
        ("html", "One page for a browser, without scripts", Self::Html),
        ("openreports", "ClusterReports of openreports.io, for `kubectl apply`", Self::OpenReports),
    ];
}

/// The format specific to `phase inspect`: a grant for everything that the phase requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GrantFormat;

impl OwnFormat for GrantFormat {
    const ALL: &'static [(&'static str, &'static str, Self)] = &[("grant", "A grant for everything the phase requests", Self)];
}

/// The format specific to `phase test`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JunitFormat;

impl OwnFormat for JunitFormat {
    const ALL: &'static [(&'static str, &'static str, Self)] = &[("junit", "JUnit XML", Self)];
}

#[cfg(test)]
mod tests {
    use super::{AuditFormat, Format, GrantFormat, JunitFormat, Names, OwnFormat, PlanFormat, ShowFormat, Syntax};
    use std::collections::BTreeSet;
    use std::convert::Infallible;

    fn names<Own: OwnFormat>() -> Vec<&'static str> {
        let names: Vec<_> = Format::<Own>::all().map(|(name, ..)| name).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
        assert!(names.iter().all(|name| Format::<Own>::parse(name).is_some()), "{names:?}");
        names
    }

    #[test]
    fn each_format_has_one_name() {
        assert_eq!(names::<Infallible>(), ["text", "json", "yaml"]);
        assert_eq!(names::<Names>(), ["text", "json", "yaml", "name"]);
        assert_eq!(names::<PlanFormat>(), ["text", "json", "yaml", "name", "diff", "manifests", "markdown"]);
        assert_eq!(names::<ShowFormat>(), ["text", "json", "yaml", "diff", "markdown"]);
        assert_eq!(names::<AuditFormat>(), ["text", "json", "yaml", "sarif", "junit", "openmetrics", "html", "openreports"]);
        assert_eq!(names::<GrantFormat>(), ["text", "json", "yaml", "grant"]);
        assert_eq!(names::<JunitFormat>(), ["text", "json", "yaml", "junit"]);
        assert_eq!(Format::<Names>::parse("yaml"), Some(Format::Document(Syntax::Yaml)));
        assert_eq!(Format::<Names>::parse("diff"), None);
    }
}
