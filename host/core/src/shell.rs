//! Who completes command lines.

/// Who asks for the candidates of a command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// kubectl, for any shell.
    Kubectl,
    /// bash.
    Bash,
    /// zsh.
    Zsh,
    /// fish.
    Fish,
    /// PowerShell.
    Powershell,
}

impl Shell {
    /// All, each with its name and what it is.
    pub const ALL: [(&str, &str, Self); 5] = [
        ("kubectl", "kubectl's own completion, in any shell", Self::Kubectl),
        ("bash", "bash", Self::Bash),
        ("zsh", "zsh", Self::Zsh),
        ("fish", "fish", Self::Fish),
        ("powershell", "PowerShell", Self::Powershell),
    ];

    /// The shell with this name; `None` if there is none.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(known, ..)| *known == name).map(|(.., shell)| shell)
    }
}
