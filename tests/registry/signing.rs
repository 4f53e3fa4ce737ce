//! Signatures by the real cosign, without the internet: with a key, no transparency log and no timestamp authority.

use crate::bench::{Bench, Said, text};
use crate::registry::Registry;
use crate::wire;
use std::path::{Path, PathBuf};

/// A pair of keys in files.
pub(crate) struct Keys {
    pub(crate) private: PathBuf,
    pub(crate) public: PathBuf,
}

/// How cosign keeps a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// A Sigstore bundle, found by the referrers API or the tag `sha256-HEX`: cosign 3.
    Bundle,
    /// A simple signing payload in the tag `sha256-HEX.sig`: cosign 2, and 3 when told so.
    Sig,
}

impl Format {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::Bundle, Self::Sig];

    /// The tag under which a registry without the referrers API keeps the signatures of a digest.
    pub(crate) fn tag(self, digest: &str) -> String {
        let end = if self == Self::Sig { ".sig" } else { "" };
        digest.replace(':', "-") + end
    }
}

impl Registry {
    /// Lays the signatures of one artifact beside another one, as anybody may who can push.
    pub(crate) fn move_signatures(&self, repository: &str, from: &str, to: &str, format: Format) {
        let found = wire::manifest(self.address(), repository, &format.tag(from)).unwrap();
        assert_eq!(found.status, 200, "{from} has signatures of {format:?}");
        let media = found.head.header("content-type").unwrap();
        wire::put_manifest(self.address(), repository, &format.tag(to), media, &found.body);
    }
}

impl Bench {
    /// Signs an artifact, of which the reference must have the digest.
    pub(crate) fn sign(&self, keys: &Keys, reference: &str, format: Format) {
        let old = ["--new-bundle-format=false", "--use-signing-config=false", "--tlog-upload=false"].map(str::to_owned);
        let how = match format {
            Format::Bundle => self.offline(),
            Format::Sig => old.to_vec(),
        };
        self.sign_by(keys, reference, &how).ok();
    }

    /// As [`Bench::sign`], by cosign with other arguments.
    pub(crate) fn sign_by(&self, keys: &Keys, reference: &str, how: &[String]) -> Said {
        assert!(reference.contains("@sha256:"), "a signature is for a digest");
        let mut args = vec!["sign", "--yes", "--key", text(&keys.private), reference];
        args.extend(how.iter().map(String::as_str));
        self.cosign(&args)
    }

    /// Attests something of an artifact, which is no signature of it: whoever attests has not said that it may be run.
    pub(crate) fn attest(&self, keys: &Keys, reference: &str) {
        let predicate = self.file("predicate.json", r#"{"reviewed": "no"}"#);
        let how = self.offline();
        let key = text(&keys.private);
        let mut args = vec!["attest", "--yes", "--key", key, "--type", "custom", "--predicate", text(&predicate), reference];
        args.extend(how.iter().map(String::as_str));
        self.cosign(&args).ok();
    }

    /// Signs a statement of in-toto as it stands there, and returns the bundle.
    pub(crate) fn state(&self, keys: &Keys, statement: &str) -> PathBuf {
        let (file, bundle) = (self.file("statement.json", statement), self.work().join("statement.sigstore.json"));
        let (how, key) = (self.offline(), text(&keys.private));
        let mut args = vec!["attest-blob", "--yes", "--key", key, "--statement", text(&file), "--bundle", text(&bundle)];
        args.extend(how.iter().map(String::as_str));
        self.cosign(&args).ok();
        bundle
    }

    /// Signs a file and returns the bundle, which is beside it.
    pub(crate) fn sign_blob(&self, keys: &Keys, file: &Path) -> PathBuf {
        let bundle = PathBuf::from(format!("{}.sigstore.json", text(file)));
        let how = self.offline();
        let mut args = vec!["sign-blob", "--yes", "--key", text(&keys.private), "--bundle", text(&bundle), text(file)];
        args.extend(how.iter().map(String::as_str));
        self.cosign(&args).ok();
        bundle
    }

    /// What cosign says of an artifact.
    pub(crate) fn cosign_verify(&self, keys: &Keys, reference: &str, format: Format) -> Said {
        let format = format!("--new-bundle-format={}", format == Format::Bundle);
        self.cosign(&["verify", "--key", text(&keys.public), "--insecure-ignore-tlog=true", &format, reference])
    }

    /// Arguments that name services: none.
    fn offline(&self) -> Vec<String> {
        let (services, roots) = (self.work().join("signing-config.json"), self.work().join("trusted-root.json"));
        if !roots.exists() {
            self.cosign(&["signing-config", "create", "--out", text(&services)]).ok();
            self.cosign(&["trusted-root", "create", "--out", text(&roots)]).ok();
        }
        vec![format!("--signing-config={}", text(&services)), format!("--trusted-root={}", text(&roots))]
    }
}
