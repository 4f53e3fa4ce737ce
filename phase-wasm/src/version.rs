//! The Kubernetes version that the phase works for.

/// The oldest minor release whose objects this phase writes.
pub const OLDEST: Minor = Minor(22);
/// The newest minor release that this phase knows; newer clusters get its objects.
pub const NEWEST: Minor = Minor(37);

/// A minor release of Kubernetes 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Minor(pub u32);

impl core::fmt::Display for Minor {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "v1.{}", self.0)
    }
}

/// What a `kubernetesVersion` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// This release.
    Release(Minor),
    /// A label like `stable-1`, which kubeadm looks up in the internet; we take the server's version.
    Label,
    /// A release older than the phase supports, or another major version.
    TooOld,
}

impl Wanted {
    /// Reads a `kubernetesVersion` by kubeadm's patterns (`app/util/version.go`). Returns `None` if it matches none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix("release/").or_else(|| text.strip_prefix("ci/")).unwrap_or(text);
        if is_label(text) {
            return Some(Self::Label);
        }
        let mut parts = text.strip_prefix('v').unwrap_or(text).splitn(3, '.');
        let (major, minor) = (number(parts.next()?)?, number(parts.next()?)?);
        let patch = parts.next()?;
        let digits = patch.find(|c: char| !c.is_ascii_digit()).unwrap_or(patch.len());
        let (patch, suffix) = patch.split_at(digits);
        number(patch)?;
        if !suffix.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.+".contains(&b)) {
            return None;
        }
        Some(if major == 1 && Minor(minor) >= OLDEST { Self::Release(Minor(minor)) } else { Self::TooOld })
    }
}

/// A number without leading zeros.
fn number(text: &str) -> Option<u32> {
    if text.is_empty() || (text.len() > 1 && text.starts_with('0')) {
        return None;
    }
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// `stable`, `latest`, `stable-1`, `stable-1.37`.
fn is_label(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("stable").or_else(|| text.strip_prefix("latest")) else {
        return false;
    };
    let Some(rest) = rest.strip_prefix('-') else { return rest.is_empty() };
    let (major, minor) = rest.split_once('.').unwrap_or((rest, "1"));
    let is_positive = |text: &str| number(text).is_some_and(|n| n > 0);
    major.len() == 1 && is_positive(major) && minor.len() <= 2 && is_positive(minor)
}

#[cfg(test)]
mod tests {
    use super::{Minor, Wanted};

    #[test]
    fn reads_kubeadms_version_patterns() {
        for (text, expected) in [
            ("v1.37.2", Some(Wanted::Release(Minor(37)))),
            ("1.22.17", Some(Wanted::Release(Minor(22)))),
            ("v1.38.0-alpha.1+abc", Some(Wanted::Release(Minor(38)))),
            ("ci/v1.30.0", Some(Wanted::Release(Minor(30)))),
            ("v1.21.9", Some(Wanted::TooOld)),
            ("v2.0.0", Some(Wanted::TooOld)),
            ("stable-1", Some(Wanted::Label)),
            ("stable", Some(Wanted::Label)),
            ("latest-1.37", Some(Wanted::Label)),
            ("stable-1.370", None),
            ("stable-", None),
            ("v1.37", None),
            ("v1.037.0", None),
            ("v1.37.0 ", None),
            ("newest", None),
            ("", None),
        ] {
            assert_eq!(Wanted::parse(text), expected, "{text:?}");
        }
    }
}
