//! The table of rules. Ids never change; a finding takes its texts from here.

use crate::abi::Severity;
use alloc::{format, string::String};

/// A kind of fault, and what a finding says about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditRule {
    /// The area and the fault.
    pub id: &'static str,
    /// The fault in a few words, as in `docs/audit.md`.
    pub title: &'static str,
    /// The severity of a finding; circumstances may lower it.
    pub severity: Severity,
    /// The title of a finding: one sentence. A word in braces stands for a text that is known only once something is found.
    pub sentence: &'static str,
    /// Why it matters, one or two sentences.
    pub description: &'static str,
    /// Where to read more.
    pub references: &'static [&'static str],
}

impl AuditRule {
    /// The sentence, with a text in place of each word in braces. A word without a text stays, braces included, and a test fails.
    pub(super) fn says(&self, text: impl Fn(&str) -> Option<String>) -> String {
        let mut said = String::new();
        let mut rest = self.sentence;
        while let Some((before, word, after)) = split_at_word(rest) {
            said.push_str(before);
            said.push_str(&text(word).unwrap_or_else(|| format!("{{{word}}}")));
            rest = after;
        }
        said.push_str(rest);
        said
    }
}

fn split_at_word(sentence: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = sentence.split_once('{')?;
    rest.split_once('}').map(|(word, after)| (before, word, after))
}

/// The sentence of all rules about bindings.
const GIVES: &str = "{object} gives {subjects} {role}";

const CIS_TOKENS: &str = "CIS Kubernetes Benchmark 3.1.3";
const CIS_CLUSTER_ADMIN: &str = "CIS Kubernetes Benchmark 5.1.1";
const CIS_WILDCARDS: &str = "CIS Kubernetes Benchmark 5.1.3";
const CIS_APPROVAL: &str = "CIS Kubernetes Benchmark 5.1.11";
const ABOUT_TOKENS: &str = "https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/";
const ABOUT_TLS: &str = "https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/";
const ABOUT_ROLES: &str = "https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings";
const ABOUT_KUBEADM: &str = "https://kubernetes.io/docs/reference/setup-tools/kubeadm/kubeadm-token/";
const ABOUT_PHASE: &str = "https://kubernetes.io/docs/reference/setup-tools/kubeadm/kubeadm-init-phase/";
const ABOUT_CONFIG_MAPS: &str = "https://kubernetes.io/docs/concepts/configuration/configmap/";
const NO_SIGNATURE: [&str; 2] =
    ["https://github.com/kubernetes/kubeadm/issues/335", "https://github.com/kubernetes/kubeadm/issues/668"];
const KUBELET_CLIENT_CHANGE: &str = "https://github.com/kubernetes/kubernetes/pull/138957";
const KUBELET_CLIENT_INCIDENT: &str = "https://github.com/kubernetes/kubeadm/issues/3310";
const ANONYMOUS_CVES: [&str; 2] = ["CVE-2018-1002105", "CVE-2019-11253"];

macro_rules! rules {
    ($(
        $name:ident = $id:literal, $severity:ident, $title:literal,
        says $sentence:expr $(, or $variant:ident $other:expr)*,
        $description:literal, $references:expr;
    )*) => {
        $(
            #[doc = $title]
            pub const $name: AuditRule = AuditRule {
                id: $id,
                title: $title,
                severity: Severity::$severity,
                sentence: $sentence,
                description: $description,
                references: &$references,
            };
            $(
                #[doc = concat!("[`", stringify!($name), "`], found in another way.")]
                pub const $variant: AuditRule = AuditRule { sentence: $other, ..$name };
            )*
        )*
        /// All rules, by area.
        pub const RULES: &[AuditRule] = &[$($name),*];
        /// Rules with another sentence, for faults that one rule finds in several ways. Each has the id of a rule in [`RULES`].
        pub const VARIANTS: &[AuditRule] = &[$($($variant,)*)*];
    };
}

rules! {
    TOKEN_NO_EXPIRY = "token-no-expiry", Medium, "a token without expiry",
        says "token `{token}` never ends",
        "A token that never expires lets anyone who finds it in a script or a log add nodes forever; kubeadm gives tokens a day.",
        [CIS_TOKENS, ABOUT_KUBEADM];
    TOKEN_LIFETIME = "token-lifetime", Low, "a token that lives longer than the limit",
        says "token `{token}` lives too long",
        "The longer a token lives, the longer anyone who finds it can add nodes.",
        [CIS_TOKENS, ABOUT_KUBEADM];
    TOKEN_EXPIRED = "token-expired", Low, "an expired token that is still there",
        says "token `{token}` has expired and is still there",
        "The controller `tokencleaner` removes expired tokens; where they stay, it does not run.",
        [ABOUT_TOKENS];
    TOKEN_MALFORMED = "token-malformed", Medium, "a token that the API server ignores",
        says "Secret `{secret}` is ignored as a token",
        "A Secret that does not have the form of a token gives no access, and only seems to do something.",
        [ABOUT_TOKENS];
    TOKEN_MISNAMED = "token-misnamed", Medium, "a token under a name that is not its own",
        says "Secret `{secret}` is not named as its token",
        "The API server looks for a token under `bootstrap-token-` and its id, and ignores one under any other name.",
        [ABOUT_TOKENS];
    TOKEN_WRONG_TYPE = "token-wrong-type", Medium, "a token in a Secret of another type",
        says "Secret `{secret}` does not have the bootstrap token type",
        "The API server ignores tokens in Secrets that are not of the type `bootstrap.kubernetes.io/token`, and nothing removes them.",
        [ABOUT_TOKENS];
    TOKEN_WEAK_SECRET = "token-weak-secret", High, "a token whose secret half can be guessed",
        says "the secret half of token `{token}` can be guessed",
        "Everybody can read the signatures in cluster-info, and can try secrets on them without asking the API server: who finds the \
         right one adds nodes, and can forge what other nodes are told.",
        [CIS_TOKENS, ABOUT_TOKENS];
    TOKEN_WELL_KNOWN = "token-well-known", High, "a token that looks like one from documentation",
        says "token `{token}` looks like one from documentation",
        "Its id is one from the documentation of Kubernetes, and its secret half has the length and as many different characters as \
         the one beside it there: everybody may know it.",
        [CIS_TOKENS, ABOUT_TOKENS];
    TOKEN_SHARED_SECRET = "token-shared-secret", Medium, "tokens with the same secret half",
        says "token `{token}` has the secret half of another token",
        "Who knows one of them knows all of them; ending one of them ends nothing.",
        [CIS_TOKENS];
    TOKEN_GROUPS = "token-groups", Info, "a token in groups that kubeadm's tokens are not in",
        says "token `{token}` is in groups that kubeadm's tokens are not in",
        "A token has the rights of its groups besides those of a joining node.",
        [CIS_TOKENS, ABOUT_TOKENS];
    TOKEN_USAGE_UNKNOWN = "token-usage-unknown", Low, "a token with a usage that Kubernetes does not know",
        says "token `{token}` has a usage that Kubernetes does not know",
        "Only `usage-bootstrap-signing` and `usage-bootstrap-authentication` with the value `true` count.",
        [ABOUT_TOKENS];
    TOKEN_SIGNING_ALONE = "token-signing-alone", Info, "a token that signs and cannot log in",
        says "token `{token}` signs and cannot log in",
        "Nodes can be told by it where the API server is, and need another token to log in.",
        [ABOUT_TOKENS];
    CLUSTER_INFO_MISSING = "cluster-info-missing", High, "cluster-info is missing",
        says "ConfigMap `cluster-info` has no kubeconfig",
        "No node can join by a token: it asks cluster-info where the API server is.",
        [ABOUT_PHASE, ABOUT_TOKENS];
    CLUSTER_INFO_MALFORMED = "cluster-info-malformed", High, "cluster-info cannot be read",
        says "a joining node cannot read ConfigMap `cluster-info`",
        "No node can join by a token: it asks cluster-info where the API server is.",
        [ABOUT_PHASE, ABOUT_TOKENS];
    CLUSTER_INFO_CREDENTIALS = "cluster-info-credentials", Critical, "cluster-info holds credentials",
        says "ConfigMap `cluster-info` gives credentials to everybody",
        "Everybody can read cluster-info, without logging in. Take the credentials out, and make them worthless: somebody may have \
         read them.",
        [ABOUT_PHASE];
    CLUSTER_INFO_INSECURE = "cluster-info-insecure", High, "cluster-info turns the verification of the server off",
        says "ConfigMap `cluster-info` tells nodes not to verify the server",
        "A node that does not verify the server gives its token to any server that answers.",
        [ABOUT_TLS];
    CLUSTER_INFO_HTTP = "cluster-info-http", High, "cluster-info leads to a server without TLS",
        says "ConfigMap `cluster-info` leads to `{server}`, which has no TLS",
        "A token that is sent without TLS can be read on its way.",
        [ABOUT_TLS];
    CLUSTER_INFO_LOOPBACK = "cluster-info-loopback", High, "cluster-info leads nodes to themselves",
        says "ConfigMap `cluster-info` leads to `{server}`, which other machines cannot reach",
        "A node looks for the API server on the machine that it runs on, and does not find it.",
        [ABOUT_PHASE];
    CLUSTER_INFO_AUTHORITY = "cluster-info-authority", High, "cluster-info names another certificate authority than the cluster's",
        says "ConfigMap `cluster-info` names another certificate authority than the cluster's",
        or CLUSTER_INFO_NO_AUTHORITY "ConfigMap `cluster-info` names no certificate authority",
        or CLUSTER_INFO_FURTHER_AUTHORITY "ConfigMap `cluster-info` names further certificate authorities",
        "Nodes trust the server that this authority vouches for, or fail because it is not theirs.",
        [ABOUT_TLS];
    CLUSTER_INFO_SETTINGS = "cluster-info-settings", Low, "cluster-info has settings that a node follows",
        says "ConfigMap `cluster-info` has settings that kubeadm does not make",
        "A node reaches the API server as they say, like by a proxy. kubeadm copies them from the kubeconfig of whoever ran it, where they \
         may be right; look whether they are for nodes, and who can read along.",
        [ABOUT_PHASE];
    CLUSTER_INFO_NEARLY_FULL = "cluster-info-nearly-full", High, "cluster-info has hardly any room for signatures",
        says "ConfigMap `cluster-info` has hardly any room for signatures",
        "cluster-info holds a signature for each signing token, and the values of a ConfigMap may not exceed 1 MiB. Beyond that no new \
         token is signed, nothing says so, and every join with a new token fails.",
        [ABOUT_CONFIG_MAPS];
    CLUSTER_INFO_UNSIGNED = "cluster-info-unsigned", Medium, "cluster-info lacks signatures",
        says "ConfigMap `cluster-info` has no signature of {tokens}",
        "No node can join by a token whose signature is missing. The controller `bootstrapsigner` writes signatures; where they are \
         missing, it does not run.",
        NO_SIGNATURE;
    CLUSTER_INFO_STALE = "cluster-info-stale", Low, "cluster-info holds signatures of tokens that do not sign",
        says "ConfigMap `cluster-info` has signatures of {tokens}",
        "A node believes such a signature although the token has ended. The controller `bootstrapsigner` removes them; where they \
         stay, it does not run.",
        [ABOUT_TOKENS];
    RBAC_ANONYMOUS = "rbac-anonymous", High, "rights for everybody, without logging in",
        says GIVES,
        "kubeadm lets everybody read cluster-info, and Kubernetes its version and health. Everything else is open to whoever reaches \
         the API server.",
        [ABOUT_ROLES, ANONYMOUS_CVES[0], ANONYMOUS_CVES[1]];
    RBAC_AUTHENTICATED = "rbac-authenticated", Medium, "rights for everybody who logs in",
        says GIVES,
        "All users, all service accounts and all bootstrap tokens are in `system:authenticated`.",
        [ABOUT_ROLES];
    RBAC_BOOTSTRAP = "rbac-bootstrap", High, "rights for bootstrap tokens beyond joining",
        says GIVES,
        "A bootstrap token is for joining alone, and is often written down where many can read it.",
        [CIS_TOKENS, ABOUT_TLS];
    RBAC_CLUSTER_ADMIN = "rbac-cluster-admin", Critical, "everything is allowed to anonymous users or bootstrap tokens",
        says GIVES,
        "Whoever reaches the API server, or finds a token, owns the cluster: the role allows everything, or to give oneself rights or be \
         somebody else, which comes to the same.",
        [CIS_CLUSTER_ADMIN, CIS_WILDCARDS];
    RBAC_SELF_APPROVAL = "rbac-self-approval", High, "certificates of nodes are renewed for others than nodes",
        says GIVES,
        "The renewal of a node's certificate is approved without a person; it is for nodes alone.",
        [CIS_APPROVAL, ABOUT_TLS];
    RBAC_NODE_APPROVAL = "rbac-node-approval", High, "certificates of nodes are approved for others than bootstrap tokens",
        says GIVES,
        "A request for a node's certificate is approved without a person, for any name of a node: who may ask can become any node, and \
         read the Secrets of its pods.",
        [CIS_APPROVAL, ABOUT_TLS];
    RBAC_ROLE_WIDENED = "rbac-role-widened", High, "a role of kubeadm's for bootstrap tokens allows more than kubeadm's",
        says "{object} allows bootstrap tokens more than kubeadm's",
        "A joining node reads one object by this role; everything else is open to anyone with a token.",
        [CIS_TOKENS, CIS_WILDCARDS];
    RBAC_CLUSTER_INFO_WIDENED = "rbac-cluster-info-widened", High, "the role for cluster-info allows more than reading it",
        says "{object} allows more than kubeadm's",
        "Everybody has this role, without logging in.",
        [ABOUT_ROLES];
    RBAC_GET_NODES_WIDENED = "rbac-get-nodes-widened", Medium, "the role `kubeadm:get-nodes` allows more than to get nodes",
        says "{object} allows more than kubeadm's",
        "Anyone with a bootstrap token has this role.",
        [CIS_TOKENS, CIS_WILDCARDS];
    RBAC_MISSING = "rbac-missing", Medium, "a role or binding of kubeadm's is missing",
        says "{object} is missing",
        "A node that joins with a living token is denied something that it needs.",
        [ABOUT_PHASE, ABOUT_TLS];
    RBAC_DRIFTED = "rbac-drifted", Medium, "a role or binding of kubeadm's is not as kubeadm makes it",
        says "{object} is not as kubeadm makes it",
        or RBAC_NARROWED "{object} allows less than kubeadm's",
        "A node that joins with a living token is denied something that it needs, or others have its rights.",
        [ABOUT_PHASE, ABOUT_TLS];
    RBAC_KUBELET_CLIENT = "rbac-kubelet-client", High, "the API server's kubelet client has no binding",
        says "{object} is missing",
        or RBAC_KUBELET_CLIENT_DRIFTED "{object} is not as kubeadm makes it",
        "kubeadm of this release makes the certificate `apiserver-kubelet-client` without a group of administrators. From its next \
         renewal on, as by `kubeadm upgrade` or `kubeadm certs renew`, `kubectl logs`, `exec` and `port-forward` fail on all nodes.",
        [KUBELET_CLIENT_CHANGE, KUBELET_CLIENT_INCIDENT];
    RBAC_ANONYMOUS_UNUSED = "rbac-anonymous-unused", Info, "everybody can read cluster-info, and no signing token lives",
        says "{object} lets everybody read cluster-info, and no signing token lives",
        "That is harmless, and the next token needs it.",
        [ABOUT_TOKENS];
    CLUSTER_MAKER = "cluster-maker", Info, "a cluster that kubeadm did not make",
        says "this is a cluster of {maker}, and judged as one",
        "What kubeadm's nodes need, nodes of others may not: what only kubeadm's clusters need is at most worth knowing here, and nothing \
         is cured unless you ask for it with --fix.",
        [ABOUT_TLS];
}
