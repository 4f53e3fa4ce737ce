//! The rules: their ids, which never change, how bad what they find is, and why.

use crate::exports::kubephase::phase::types::{Finding, ObjectRef, Severity};

const UPLOAD: &str =
    "https://kubernetes.io/docs/reference/setup-tools/kubeadm/kubeadm-init/#uploading-control-plane-certificates-to-the-cluster";
const OWNERS: &str = "https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/";
const COLLECTOR: &str = "https://kubernetes.io/docs/concepts/architecture/garbage-collection/#owners-dependents";
const TOKENS: &str = "https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/";
const CIS_SECRETS: &str = "CIS Kubernetes Benchmark 5.1.2";
const CIS_WILDCARDS: &str = "CIS Kubernetes Benchmark 5.1.3";

/// A rule.
pub struct Rule {
    id: &'static str,
    severity: Severity,
    why: &'static str,
    references: &'static [&'static str],
}

pub const UNOWNED: Rule = Rule {
    id: "certs-unowned",
    severity: Severity::High,
    why: "It contains the encrypted keys of the cluster's authorities. kubeadm sets a token that expires after two hours as its owner, \
          so that Kubernetes removes both; without an owner it remains available to anyone who obtains the certificate key, which was \
          printed.",
    references: &[UPLOAD, OWNERS],
};
pub const OWNER_GONE: Rule = Rule {
    id: "certs-owner-gone",
    severity: Severity::Medium,
    why: "The garbage collector removes objects without an owner; if it remains, the collector is not running.",
    references: &[UPLOAD, COLLECTOR],
};
pub const OWNER_ENDLESS: Rule = Rule {
    id: "certs-owner-endless",
    severity: Severity::High,
    why: "Kubernetes removes the certificates with the token that owns them, and this one never expires.",
    references: &[UPLOAD, TOKENS],
};
pub const OWNER_LIFETIME: Rule = Rule {
    id: "certs-owner-lifetime",
    severity: Severity::Low,
    why: "Kubernetes removes the certificates with the token that owns them; kubeadm gives it two hours.",
    references: &[UPLOAD],
};
pub const OUTLIVED: Rule = Rule {
    id: "certs-outlived",
    severity: Severity::Medium,
    why: "kubeadm promises that they are gone after two hours. Anyone with a bootstrap token can read them, and with the \
     certificate key also has the keys of the cluster's authorities.",
    references: &[UPLOAD, TOKENS],
};
pub const RIGHTS_UNUSED: Rule = Rule {
    id: "certs-rights-unused",
    severity: Severity::Info,
    why: "kubeadm does not remove it with the certificates, and recreates it with the next ones. Until then nodes do not need it: \
          it lets tokens read whatever is stored under this name.",
    references: &[UPLOAD],
};
pub const RIGHTS_SUBJECTS: Rule = Rule {
    id: "certs-rights-subjects",
    severity: Severity::High,
    why: "Only control planes that join need the certificates, and they come with a bootstrap token.",
    references: &[CIS_SECRETS, UPLOAD],
};
pub const RIGHTS_WIDENED: Rule = Rule {
    id: "certs-rights-widened",
    severity: Severity::High,
    why: "kubeadm lets bootstrap tokens get this one Secret; everything else is open to anyone who finds a token.",
    references: &[CIS_SECRETS, CIS_WILDCARDS],
};

impl Rule {
    /// What this rule says of an object: what is wrong, and by what that was seen.
    pub fn finding(&self, target: &ObjectRef, title: String, evidence: &str) -> Finding {
        Finding {
            rule: self.id.into(),
            severity: self.severity,
            title,
            detail: format!("{evidence}. {}", self.why),
            target: Some(target.clone()),
            remedy: vec![],
            references: self.references.iter().map(|text| (*text).into()).collect(),
        }
    }
}
