//! The Kubernetes version that the phase works for.

/// The oldest release whose objects this phase writes.
pub const OLDEST: Release = Release { major: 1, minor: 22 };
/// The newest release that this phase knows; newer clusters get its objects.
pub const NEWEST: Release = Release { major: 1, minor: if cfg!(feature = "kubeadm-1-22") { 22 } else { 37 } };

/// A minor release of Kubernetes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release {
    /// The major version, 1 so far.
    pub major: u32,
    /// The minor version.
    pub minor: u32,
}

impl core::fmt::Display for Release {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "v{}.{}", self.major, self.minor)
    }
}

/// What a `kubernetesVersion` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// This release.
    Release(Release),
    /// A label like `stable-1`, which kubeadm looks up in the internet; we take the server's version.
    Label,
}

impl Wanted {
    /// Reads a `kubernetesVersion` by kubeadm's patterns (`app/util/version.go`), of which versions must be semantic versions too.
    /// Returns `None` if it matches none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix("release/").or_else(|| text.strip_prefix("ci/")).unwrap_or(text);
        if is_label(text) {
            return Some(Self::Label);
        }
        let text = text.strip_prefix('v').unwrap_or(text);
        let (version, build) = text.split_once('+').map_or((text, None), |(version, build)| (version, Some(build)));
        let (core, pre_release) = version.split_once('-').map_or((version, None), |(core, pre)| (core, Some(pre)));
        let mut numbers = core.split('.');
        let (major, minor, patch) = (numbers.next()?, numbers.next()?, numbers.next()?);
        let is_semantic = numbers.next().is_none()
            && is_number(patch)
            && pre_release.is_none_or(|text| text.split('.').all(|part| is_identifier(part) && !is_zero_padded(part)))
            && build.is_none_or(|text| text.split('.').all(is_identifier));
        is_semantic.then_some(Self::Release(Release { major: number(major)?, minor: number(minor)? }))
    }
}

/// Digits without leading zeros.
fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) && !is_zero_padded(text)
}

fn number(text: &str) -> Option<u32> {
    is_number(text).then(|| text.parse().ok()).flatten()
}

fn is_zero_padded(text: &str) -> bool {
    text.len() > 1 && text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
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
    use super::{Release, Wanted};

    #[test]
    fn reads_kubeadms_version_patterns() {
        let release = |major, minor| Some(Wanted::Release(Release { major, minor }));
        for (text, expected) in [
            ("v1.37.2", release(1, 37)),
            ("1.22.17", release(1, 22)),
            ("v1.38.0-alpha.1+abc", release(1, 38)),
            ("v1.37.99999999999999", release(1, 37)),
            ("ci/v1.30.0", release(1, 30)),
            ("v1.21.9", release(1, 21)),
            ("v2.0.0", release(2, 0)),
            ("stable-1", Some(Wanted::Label)),
            ("stable", Some(Wanted::Label)),
            ("latest-1.37", Some(Wanted::Label)),
            ("stable-1.370", None),
            ("stable-", None),
            ("v1.37", None),
            ("v1.037.0", None),
            ("v1.37.0.1", None),
            ("v1.37.0a", None),
            ("v1.37.0-", None),
            ("v1.37.0-rc.01", None),
            ("v1.37.0-a..b", None),
            ("v1.37.0+", None),
            ("v1.37.0 ", None),
            ("newest", None),
            ("", None),
        ] {
            assert_eq!(Wanted::parse(text), expected, "{text:?}");
        }
    }
}
