//! Releases of Kubernetes, and what a configuration may say in place of one.

/// The oldest release whose objects this phase writes.
pub const OLDEST: Release = Release { major: 1, minor: 22, patch: 0 };

/// The releases of kubeadm whose end states the tests compare with ours, one per line, the oldest first.
const RECORDED: &str = include_str!("../../tests/releases/versions");

/// A release of Kubernetes. The patch version matters: a cherry-pick changes what kubeadm does from one patch release to the
/// next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release {
    /// 1 so far.
    pub major: u32,
    /// The release line, to which changes are cherry-picked.
    pub minor: u32,
    /// `u32::MAX` if the number is larger than that.
    pub patch: u32,
}

impl Release {
    /// The release `v1.MINOR.PATCH`.
    #[must_use]
    pub const fn v1(minor: u32, patch: u32) -> Self {
        Self { major: 1, minor, patch }
    }

    const fn line(self) -> (u32, u32) {
        (self.major, self.minor)
    }

    /// The newest recorded release before this one, if this one is newer than all recorded releases of its line: kubeadm may have
    /// changed since. None otherwise.
    #[must_use]
    pub fn follows(self) -> Option<Self> {
        let is_known = recorded().any(|release| release.line() == self.line() && release >= self);
        if is_known { None } else { recorded().take_while(|release| *release < self).last() }
    }
}

impl core::fmt::Display for Release {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "v{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// The releases whose end states are recorded, the oldest first.
pub fn recorded() -> impl Iterator<Item = Release> {
    RECORDED.lines().filter_map(|line| match Wanted::parse(line) {
        Some(Wanted::Release(release)) => Some(release),
        _ => None,
    })
}

/// The newest recorded release.
#[must_use]
pub fn newest() -> Release {
    recorded().last().unwrap_or(OLDEST)
}

/// Since when kubeadm does something: the first release that does, and for a cherry-picked change the first of each release line,
/// the oldest first. Empty: never.
#[derive(Debug, Clone, Copy)]
pub struct Since(pub &'static [Release]);

impl Since {
    /// Whether a release does it.
    #[must_use]
    pub fn includes(self, release: Release) -> bool {
        let of_its_line = self.0.iter().find(|first| first.line() == release.line());
        of_its_line.or(self.0.last()).is_some_and(|first| *first <= release)
    }
}

/// The meaning of a `kubernetesVersion`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// A release.
    Release(Release),
    /// A label such as `stable-1`. kubeadm looks it up on the internet; we take the server's version.
    Label,
}

impl Wanted {
    /// Reads a `kubernetesVersion` by kubeadm's patterns (`app/util/version.go`); versions must be semantic versions as well.
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
        // A number that is too large is a patch release newer than all others.
        let patch = number(patch).unwrap_or(u32::MAX);
        is_semantic.then_some(Self::Release(Release { major: number(major)?, minor: number(minor)?, patch }))
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
    use super::{OLDEST, Release, Since, Wanted, newest, recorded};

    #[test]
    fn reads_kubeadms_version_patterns() {
        let release = |major, minor, patch| Some(Wanted::Release(Release { major, minor, patch }));
        for (text, expected) in [
            ("v1.37.2", release(1, 37, 2)),
            ("1.22.17", release(1, 22, 17)),
            ("v1.38.0-alpha.1+abc", release(1, 38, 0)),
            ("v1.37.99999999999999", release(1, 37, u32::MAX)),
            ("ci/v1.30.0", release(1, 30, 0)),
            ("v1.21.9", release(1, 21, 9)),
            ("v2.0.0", release(2, 0, 0)),
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

    #[test]
    fn a_cherry_pick_has_a_first_release_in_each_line() {
        const SINCE: Since = Since(&[Release::v1(33, 12), Release::v1(35, 5), Release::v1(36, 1)]);
        for (minor, patch, expected) in [
            (32, 99, false),
            (33, 11, false),
            (33, 12, true),
            // This line ended before the change, and nothing was cherry-picked into it.
            (34, 99, false),
            (35, 4, false),
            (35, 5, true),
            (36, 0, false),
            (36, 2, true),
            (37, 0, true),
            (99, 0, true),
        ] {
            assert_eq!(SINCE.includes(Release::v1(minor, patch)), expected, "1.{minor}.{patch}");
        }
        assert!(!Since(&[]).includes(newest()));
    }

    #[test]
    fn only_a_release_that_is_newer_than_all_of_its_line_follows_another() {
        assert!(recorded().is_sorted() && recorded().next().is_some_and(|first| first >= OLDEST));
        for release in recorded() {
            assert_eq!(release.follows(), None, "{release}");
        }
        let last_of_36 = recorded().filter(|release| release.minor == 36).last().unwrap();
        assert_eq!(Release { patch: last_of_36.patch + 1, ..last_of_36 }.follows(), Some(last_of_36));
        assert_eq!(Release::v1(36, 0).follows(), None);
        assert_eq!(Release::v1(29, 1).follows(), None);
        assert_eq!(Release::v1(newest().minor + 1, 0).follows(), Some(newest()));
    }
}
