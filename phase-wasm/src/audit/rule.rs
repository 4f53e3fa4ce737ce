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
const GRANTS: &str = "{object} grants {role} to {subjects}";

const CIS_CLUSTER_ADMIN: &str = "CIS Kubernetes Benchmark v1.8 to v1.11, 5.1.1: cluster-admin only where required";
const CIS_WILDCARDS: &str = "CIS Kubernetes Benchmark v1.8 to v1.11, 5.1.3: no wildcards in roles";
const CIS_APPROVAL: &str = "CIS Kubernetes Benchmark v1.8 to v1.11, 5.1.11: who may approve certificate requests";
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
        says "token `{token}` never expires",
        "A token that never expires lets anyone who finds it in a script or a log add nodes forever; tokens of kubeadm expire after a day.",
        [ABOUT_KUBEADM];
    TOKEN_LIFETIME = "token-lifetime", Low, "a token that is valid for longer than the limit",
        says "token `{token}` is valid for too long",
        "The longer a token is valid, the longer anyone who finds it can add nodes.",
        [ABOUT_KUBEADM];
    TOKEN_EXPIRED = "token-expired", Low, "an expired token that is still there",
        says "token `{token}` has expired and is still there",
        "The controller `tokencleaner` removes expired tokens; if they remain, it is not running.",
        [ABOUT_TOKENS];
    TOKEN_MALFORMED = "token-malformed", Medium, "a token that the API server ignores",
        says "Secret `{secret}` is ignored as a token",
        "A Secret that is not a well-formed token gives no access, although it looks as if it did.",
        [ABOUT_TOKENS];
    TOKEN_MISNAMED = "token-misnamed", Medium, "a Secret whose name does not match its token",
        says "the name of Secret `{secret}` does not match its token",
        "The API server looks up a token by the name `bootstrap-token-` and its id, and ignores it under any other name.",
        [ABOUT_TOKENS];
    TOKEN_WRONG_TYPE = "token-wrong-type", Medium, "a token in a Secret of another type",
        says "Secret `{secret}` does not have the bootstrap token type",
        "The API server ignores tokens in Secrets that are not of the type `bootstrap.kubernetes.io/token`, and nothing removes them.",
        [ABOUT_TOKENS];
    TOKEN_WEAK_SECRET = "token-weak-secret", High, "a token whose secret half can be guessed",
        says "the secret half of token `{token}` can be guessed",
        "Anyone can read the signatures in cluster-info and try secrets on them offline: with the right one they can add \
         nodes, and forge what other nodes are told.",
        [ABOUT_TOKENS];
    TOKEN_WELL_KNOWN = "token-well-known", High, "a token that looks like one from documentation",
        says "token `{token}` looks like one from documentation",
        "Its id is in the Kubernetes documentation, and its secret half has the length and the number of different characters \
         of the one given there: anyone may know it.",
        [ABOUT_TOKENS];
    TOKEN_SHARED_SECRET = "token-shared-secret", Medium, "tokens with the same secret half",
        says "token `{token}` has the secret half of another token",
        "Anyone who knows one of them knows all of them; revoking one of them is not enough.",
        [ABOUT_TOKENS];
    TOKEN_GROUPS = "token-groups", Info, "a token in groups other than kubeadm's",
        says "token `{token}` is in groups other than kubeadm's",
        "A token has the rights of its groups in addition to those of a joining node.",
        [ABOUT_TOKENS];
    TOKEN_USAGE_UNKNOWN = "token-usage-unknown", Low, "a token with a usage that Kubernetes does not know",
        says "token `{token}` has a usage that Kubernetes does not know",
        "Only `usage-bootstrap-signing` and `usage-bootstrap-authentication` with the value `true` count.",
        [ABOUT_TOKENS];
    TOKEN_SIGNING_ALONE = "token-signing-alone", Info, "a token that signs but cannot log in",
        says "token `{token}` signs but cannot log in",
        "Nodes can find the API server with it, but need another token to log in.",
        [ABOUT_TOKENS];
    CLUSTER_INFO_MISSING = "cluster-info-missing", High, "cluster-info is missing",
        says "ConfigMap `cluster-info` has no kubeconfig",
        "Nodes cannot join with a token: they read the address of the API server from cluster-info.",
        [ABOUT_PHASE, ABOUT_TOKENS];
    CLUSTER_INFO_MALFORMED = "cluster-info-malformed", High, "cluster-info cannot be read",
        says "a joining node cannot read ConfigMap `cluster-info`",
        "Nodes cannot join with a token: they read the address of the API server from cluster-info.",
        [ABOUT_PHASE, ABOUT_TOKENS];
    CLUSTER_INFO_CREDENTIALS = "cluster-info-credentials", Critical, "cluster-info contains credentials",
        says "ConfigMap `cluster-info` gives credentials to anyone",
        "Anyone can read cluster-info without logging in. Remove the credentials and revoke them: they may have been read.",
        [ABOUT_PHASE];
    CLUSTER_INFO_INSECURE = "cluster-info-insecure", High, "cluster-info disables the verification of the server",
        says "ConfigMap `cluster-info` tells nodes not to verify the server",
        "A node that does not verify the server gives its token to any server that answers.",
        [ABOUT_TLS];
    CLUSTER_INFO_HTTP = "cluster-info-http", High, "cluster-info points to a server without TLS",
        says "ConfigMap `cluster-info` points to `{server}`, which does not use TLS",
        "A token that is sent without TLS can be intercepted.",
        [ABOUT_TLS];
    CLUSTER_INFO_LOOPBACK = "cluster-info-loopback", High, "cluster-info points nodes to themselves",
        says "ConfigMap `cluster-info` points to `{server}`, which other machines cannot reach",
        "A node looks for the API server on its own machine, and does not find it.",
        [ABOUT_PHASE];
    CLUSTER_INFO_AUTHORITY = "cluster-info-authority", High, "cluster-info names a certificate authority other than the cluster's",
        says "ConfigMap `cluster-info` names a certificate authority other than the cluster's",
        or CLUSTER_INFO_NO_AUTHORITY "ConfigMap `cluster-info` does not name a certificate authority",
        or CLUSTER_INFO_FURTHER_AUTHORITY "ConfigMap `cluster-info` names additional certificate authorities",
        "Nodes trust any server with a certificate of this authority, or fail to verify their own.",
        [ABOUT_TLS];
    CLUSTER_INFO_SETTINGS = "cluster-info-settings", Low, "cluster-info has settings that nodes use",
        says "ConfigMap `cluster-info` has settings that kubeadm does not set",
        "A node uses them to reach the API server, for example through a proxy. kubeadm copies them from the kubeconfig of the \
         administrator, where they may be right; check whether they are meant for nodes, and who can intercept the traffic.",
        [ABOUT_PHASE];
    CLUSTER_INFO_NEARLY_FULL = "cluster-info-nearly-full", High, "cluster-info has almost no room for signatures",
        says "ConfigMap `cluster-info` has almost no room for signatures",
        "cluster-info contains a signature for each signing token, and the values of a ConfigMap may not exceed 1 MiB. Beyond \
         that, new tokens are silently not signed, and every join with a new token fails.",
        [ABOUT_CONFIG_MAPS];
    CLUSTER_INFO_UNSIGNED = "cluster-info-unsigned", Medium, "cluster-info lacks signatures",
        says "ConfigMap `cluster-info` has no signature for {tokens}",
        "Nodes cannot join with a token whose signature is missing. The controller `bootstrapsigner` writes signatures; if \
         they are missing, it is not running.",
        NO_SIGNATURE;
    CLUSTER_INFO_STALE = "cluster-info-stale", Low, "cluster-info has signatures for tokens that do not sign",
        says "ConfigMap `cluster-info` has signatures for {tokens}",
        "A node accepts such a signature even if the token has expired. The controller `bootstrapsigner` removes them; if \
         they remain, it is not running.",
        [ABOUT_TOKENS];
    RBAC_ANONYMOUS = "rbac-anonymous", High, "rights for anyone, without logging in",
        says GRANTS,
        "kubeadm lets anyone read cluster-info, and Kubernetes its version and health. Whatever else this role allows, it allows to \
         anyone who reaches the API server.",
        [ABOUT_ROLES];
    RBAC_AUTHENTICATED = "rbac-authenticated", Medium, "rights for everyone who logs in",
        says GRANTS,
        "All users, all service accounts and all bootstrap tokens are in `system:authenticated`.",
        [ABOUT_ROLES];
    RBAC_BOOTSTRAP = "rbac-bootstrap", High, "rights for bootstrap tokens beyond joining",
        says GRANTS,
        "A bootstrap token is only for joining, and is often stored where many can read it.",
        [ABOUT_TLS];
    RBAC_CLUSTER_ADMIN = "rbac-cluster-admin", Critical, "anonymous users or bootstrap tokens may do everything",
        says GRANTS,
        "Anyone who reaches the API server, or finds a token, owns the cluster: the role allows everything, or allows \
         escalating rights or impersonating others, which amounts to the same.",
        [CIS_CLUSTER_ADMIN, CIS_WILDCARDS];
    RBAC_SELF_APPROVAL = "rbac-self-approval", High, "node certificates are renewed for subjects other than nodes",
        says GRANTS,
        "The renewal of a node's certificate is approved automatically; it is only for nodes.",
        [CIS_APPROVAL, ABOUT_TLS];
    RBAC_NODE_APPROVAL = "rbac-node-approval", High, "node certificates are approved for subjects other than bootstrap tokens",
        says GRANTS,
        "A node's certificate request is approved automatically, for any node name: anyone who may send one can become any \
         node, and read the Secrets of its pods.",
        [CIS_APPROVAL, ABOUT_TLS];
    RBAC_ROLE_WIDENED = "rbac-role-widened", High, "a kubeadm role for bootstrap tokens allows more than kubeadm grants",
        says "{object} allows bootstrap tokens more than kubeadm grants",
        "A joining node reads one object with this role; everything else is open to anyone with a token.",
        [CIS_WILDCARDS];
    RBAC_CLUSTER_INFO_WIDENED = "rbac-cluster-info-widened", High, "the role for cluster-info allows more than reading it",
        says "{object} allows more than kubeadm grants",
        "Everyone has this role, even without logging in.",
        [ABOUT_ROLES];
    RBAC_GET_NODES_WIDENED = "rbac-get-nodes-widened", Medium, "the role `kubeadm:get-nodes` allows more than getting nodes",
        says "{object} allows more than kubeadm grants",
        "Anyone with a bootstrap token has this role.",
        [CIS_WILDCARDS];
    RBAC_MISSING = "rbac-missing", Medium, "a role or binding of kubeadm is missing",
        says "{object} is missing",
        "Without it a node cannot join, or, if it is the binding for the rotation of certificates, drops out when its certificate \
         expires.",
        [ABOUT_PHASE, ABOUT_TLS];
    RBAC_DRIFTED = "rbac-drifted", Medium, "a role or binding of kubeadm differs from what kubeadm makes",
        says "{object} differs from what kubeadm makes",
        or RBAC_NARROWED "{object} allows less than in kubeadm",
        "A node is denied something it needs, to join or to renew its certificate, or others have its rights.",
        [ABOUT_PHASE, ABOUT_TLS];
    RBAC_KUBELET_CLIENT = "rbac-kubelet-client", High, "the API server's kubelet client has no binding",
        says "{object} is missing",
        or RBAC_KUBELET_CLIENT_DRIFTED "{object} differs from what kubeadm makes",
        "This release of kubeadm issues the certificate `apiserver-kubelet-client` without an administrator group. After its \
         next renewal, for example by `kubeadm upgrade` or `kubeadm certs renew`, `kubectl logs`, `exec` and `port-forward` \
         fail on all nodes.",
        [KUBELET_CLIENT_CHANGE, KUBELET_CLIENT_INCIDENT];
    RBAC_ANONYMOUS_UNUSED = "rbac-anonymous-unused", Info, "anyone can read cluster-info, but no signing token is valid",
        says "{object} lets anyone read cluster-info, but no signing token is valid",
        "This is harmless, and the next token needs it.",
        [ABOUT_TOKENS];
    CLUSTER_MAKER = "cluster-maker", Info, "a cluster that kubeadm did not make",
        says "{maker} made this cluster, which is judged accordingly",
        "Nodes of other distributions may not need what kubeadm's nodes need: findings about that are only `info` here, and \
         nothing is fixed unless you ask for it with --fix.",
        [ABOUT_TLS];
}
