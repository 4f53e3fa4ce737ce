//! The names of causes, each with what it means for a joining node and what cures it in general. The diagnosis has the sentence and the
//! commands for the case at hand.

/// The authentication of tokens, and what controllers do with them.
const TOKENS: &str = "https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/";
/// Requests for certificates.
const CERTIFICATES: &str = "https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/";
/// What a joining node does.
const JOIN: &str = "https://kubernetes.io/docs/reference/setup-tools/kubeadm/kubeadm-join/";
/// Requests without a login.
const ANONYMOUS: &str = "https://kubernetes.io/docs/reference/access-authn-authz/authentication/#anonymous-requests";
/// The certificates of a cluster by kubeadm.
const PKI: &str = "https://kubernetes.io/docs/setup/best-practices/certificates/";
/// A new certificate authority.
const ROTATION: &str = "https://kubernetes.io/docs/tasks/tls/manual-rotation-of-ca-certificates/";
/// Certificates that expire.
const RENEWAL: &str = "https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/";

/// Why a step failed, by name: what a cause says in a sentence of its own, for programs and for `explain`.
macro_rules! reasons {
    ($($reason:ident, $name:literal, $source:ident: $meaning:literal, $cure:literal;)+) => {
        /// The name of a cause.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
        pub enum Reason {
            $(
                #[doc = $meaning]
                #[cfg_attr(feature = "schemas", schemars(rename = $name))]
                $reason,
            )+
        }

        impl Reason {
            /// All, in the order of a join.
            pub const ALL: &[Self] = &[$(Self::$reason),+];

            /// The printed name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$reason => $name,)+ }
            }

            /// What it means, and what the node has to do with it.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$reason => $meaning,)+ }
            }

            /// What cures it; `check` prints the commands.
            #[must_use]
            pub const fn cure(self) -> &'static str {
                match self { $(Self::$reason => $cure,)+ }
            }

            /// Where the documentation of Kubernetes tells more.
            #[must_use]
            pub const fn source(self) -> &'static str {
                match self { $(Self::$reason => $source,)+ }
            }
        }
    };
}

reasons! {
    NameNotResolved, "name-not-resolved", JOIN:
        "The name in the join command has no address, neither in DNS nor in /etc/hosts. The node cannot connect.",
        "Add the name to DNS or to /etc/hosts of the node, or join with an address.";
    ConnectionRefused, "connection-refused", JOIN:
        "The host answers, and nothing listens on the port: the API server is not running there, or it uses another port.",
        "Start the API server, or get a join command with the right address from somebody who has a kubeconfig.";
    ConnectionTimesOut, "connection-times-out", JOIN:
        "No packet comes back: a firewall drops the connection, or no host has the address.",
        "Open the port for the node in the firewall or security group.";
    NoRoute, "no-route", JOIN:
        "The operating system has no route to the address. With IPv6 it often means that the machine has only IPv4.",
        "Give the node a route, or join with an address of the family that it has.";
    ProxyFails, "proxy-fails", JOIN:
        "HTTPS_PROXY is set, and the proxy does not connect to the API server. kubeadm uses the same variable.",
        "Add the API server to NO_PROXY before `kubeadm join`.";
    ConnectionClosed, "connection-closed", JOIN:
        "The connection is accepted and then closed without an answer: a load balancer does that when no API server behind it is healthy.",
        "Look at the health checks of the load balancer, and at the API servers behind it.";
    ServerSilent, "server-silent", JOIN:
        "The connection is accepted and nothing is sent: the program there hangs, or it expects something other than TLS.",
        "Restart that program, or join at the address of the API server.";
    NotAnApiServer, "not-an-api-server", JOIN:
        "Another program answers at the address: SSH, etcd, a kubelet, a web server, the login page of a network.",
        "Get a join command with the right address from somebody who has a kubeconfig.";
    TlsRefused, "tls-refused", JOIN:
        "The server ends the TLS handshake with an alert: it accepts only certain names, versions or ciphers. Load balancers that route by \
         name do that.",
        "Let TLS pass through to the API server.";
    BackendUnavailable, "backend-unavailable", JOIN:
        "A load balancer or proxy answers in place of the API server and reports that it reaches none.",
        "Look at the health checks of the load balancer, and at the API servers behind it.";
    Unreachable, "unreachable", JOIN:
        "No TLS connection could be opened from this machine. A node in another network may reach the address.",
        "Try the address on the node itself.";
    ServerNotReady, "server-not-ready", JOIN:
        "The API server gives no usable answer; it may be overloaded or still starting.",
        "Look at its /readyz, and try again.";
    AnonymousDisabled, "anonymous-disabled", ANONYMOUS:
        "The API server refuses every request without a login. A node has no login before it has read cluster-info, so it cannot begin.",
        "Allow anonymous requests for the path of cluster-info in the AuthenticationConfiguration, or for all; or join with a discovery \
         file instead of a token.";
    AnonymousLimited, "anonymous-limited", ANONYMOUS:
        "The API server allows requests without a login on certain paths only, and cluster-info is not one of them.",
        "Add the path of cluster-info to the conditions under `anonymous` in the AuthenticationConfiguration.";
    ClusterInfoForbidden, "cluster-info-forbidden", TOKENS:
        "Requests without a login may not read the ConfigMap cluster-info in kube-public: the Role or the RoleBinding \
         kubeadm:bootstrap-signer-clusterinfo is missing or changed.",
        "`kubectl bootstrap-token apply --no-token` makes both.";
    ClusterInfoMissing, "cluster-info-missing", TOKENS:
        "There is no ConfigMap cluster-info in kube-public. It tells a node the address and the authority of the cluster.",
        "`kubectl bootstrap-token apply --no-token` makes it.";
    ClusterInfoWithoutKubeconfig, "cluster-info-without-kubeconfig", TOKENS:
        "cluster-info has no kubeconfig, or one that kubeadm cannot use: it takes the cluster named \"\", or that of the current context.",
        "`kubectl bootstrap-token apply --no-token` puts it right.";
    ClusterInfoDiffers, "cluster-info-differs", JOIN:
        "cluster-info read over verified TLS differs from what was read before. Another server answers in place of the cluster, or cluster-info has \
         just changed.",
        "Try again. If it still differs, find out who answers at the address.";
    ClusterInfoFull, "cluster-info-full", TOKENS:
        "A ConfigMap holds 1 MiB, and cluster-info has no room for further signatures. The signer has stopped, for all tokens.",
        "Delete the tokens that are not needed.";
    ClusterInfoOtherServer, "cluster-info-other-server", TOKENS:
        "cluster-info sends nodes to another address than the join command does, and no API server of this cluster answers there.",
        "`kubectl bootstrap-token apply --no-token --control-plane-endpoint HOST:PORT` with the address that nodes reach.";
    ClusterInfoServerUnreachable, "cluster-info-server-unreachable", TOKENS:
        "cluster-info sends nodes to an address that cannot be reached from this machine. Only a node can tell whether it is right.",
        "Try the address on the node itself.";
    ClusterInfoWithoutAuthority, "cluster-info-without-authority", TOKENS:
        "The kubeconfig in cluster-info has no certificate authority, or one that cannot be read completely.",
        "`kubectl bootstrap-token apply --no-token` puts it right.";
    ClusterInfoOtherAuthority, "cluster-info-other-authority", TOKENS:
        "The authority in cluster-info is not that of the cluster. Nodes would trust the wrong servers.",
        "`kubectl bootstrap-token apply --no-token` puts it right.";
    TokenUnknown, "token-unknown", TOKENS:
        "The cluster has no such token: it expired and was removed, it was deleted, or it belongs to another cluster.",
        "`kubectl bootstrap-token create --print-join-command` makes another one.";
    TokenDeleting, "token-deleting", TOKENS:
        "The Secret of the token is being deleted. The API server no longer accepts it.",
        "`kubectl bootstrap-token create --print-join-command` makes another one.";
    TokenType, "token-type", TOKENS:
        "The Secret has the name of a token and another type. The type of a Secret cannot be changed.",
        "`kubectl bootstrap-token create --print-join-command` makes another one.";
    TokenIdDiffers, "token-id-differs", TOKENS:
        "`token-id` in the Secret is not the one in its name. Neither the signer nor the API server accepts such a Secret.",
        "Set `token-id` to the six characters in the name.";
    TokenWithoutSecret, "token-without-secret", TOKENS:
        "The Secret has no `token-secret`, the second half of the token.",
        "`kubectl bootstrap-token create --print-join-command` makes another one.";
    TokenSecretDiffers, "token-secret-differs", TOKENS:
        "The second half of the token is not the one in the cluster: it was mistyped, or a token of the same id was created again.",
        "Look at the join command again, or make another one: `kubectl bootstrap-token create --print-join-command`.";
    TokenExpired, "token-expired", TOKENS:
        "The time in `expiration` has passed, or it is not a valid time. The API server no longer accepts the token, and the controller \
         tokencleaner removes it.",
        "`kubectl bootstrap-token create --print-join-command` makes another one.";
    TokenWithoutSigning, "token-without-signing", TOKENS:
        "The token does not have the usage `signing`, so cluster-info is not signed with it, and no node trusts it.",
        "Set `usage-bootstrap-signing` to \"true\".";
    TokenWithoutAuthentication, "token-without-authentication", TOKENS:
        "The token does not have the usage `authentication`, so nobody can log in with it.",
        "Set `usage-bootstrap-authentication` to \"true\".";
    TokenGroupInvalid, "token-group-invalid", TOKENS:
        "`auth-extra-groups` has a group that tokens may not have. The API server refuses the whole token for that.",
        "Keep only groups that begin with `system:bootstrappers:`.";
    TokenRefused, "token-refused", TOKENS:
        "The token does not work, and without a kubeconfig it cannot be told why: it is unknown or has expired, lacks a usage, or its second \
         half is wrong; or the API server accepts no bootstrap tokens.",
        "`kubectl bootstrap-token check ID` with a kubeconfig of the cluster says which; `create --print-join-command` makes another token.";
    TokenUnsigned, "token-unsigned", TOKENS:
        "cluster-info has no signature for the token, and without a kubeconfig it cannot be told why: it is unknown or has expired, lacks the \
         usage `signing`, or the signer is not running.",
        "Check it with a kubeconfig of the cluster.";
    TokenNew, "token-new", TOKENS:
        "The token was created a moment ago, and the signer has not seen it yet.",
        "Wait for it: `kubectl bootstrap-token check ID --wait`.";
    TokenGroupsCached, "token-groups-cached", TOKENS:
        "The groups of the token have just changed. The API server keeps a login for ten seconds.",
        "Wait for it: `kubectl bootstrap-token check ID --wait`.";
    TokenNotInGroup, "token-not-in-group", TOKENS:
        "The token is not in the group that kubeadm's RBAC gives the rights to join.",
        "Create a token with the group `system:bootstrappers:kubeadm:default-node-token`.";
    SignerNotRunning, "signer-not-running", TOKENS:
        "The token is right and has no signature: the controller bootstrapsigner of kube-controller-manager is not running. It runs only \
         where --controllers lists it.",
        "Add `bootstrapsigner` and `tokencleaner` to --controllers of kube-controller-manager.";
    ControllerManagerNotRunning, "controller-manager-not-running", TOKENS:
        "kube-controller-manager does not renew its lease. Nothing signs tokens or certificates.",
        "Look at its Pod and its log.";
    SignatureStale, "signature-stale", TOKENS:
        "The signature was made with another secret or for another cluster-info, and the signer does not renew it.",
        "Let the controller bootstrapsigner run, as for `signer-not-running`.";
    BootstrapTokensDisabled, "bootstrap-tokens-disabled", TOKENS:
        "The token is right, and the API server accepts no bootstrap tokens.",
        "Start kube-apiserver with --enable-bootstrap-token-auth=true.";
    HashMissing, "hash-missing", JOIN:
        "The join command has no --discovery-token-ca-cert-hash and does not say that it goes without. kubeadm refuses to start.",
        "Get a complete join command; the hash proves that the node talks to the right cluster.";
    HashDiffers, "hash-differs", JOIN:
        "The hash in the join command is not that of the cluster's authority: it was mistyped, or it belongs to another or an earlier cluster.",
        "Get a new join command from somebody who has a kubeconfig. Do not skip the verification: this is what the hash is for.";
    HashOfAnotherCluster, "hash-of-another-cluster", JOIN:
        "The hash in the join command and the authority in cluster-info belong to different clusters. Which one is right cannot be told \
         from here.",
        "Get a new join command from somebody who has a kubeconfig, and check the address.";
    ServerCertificateName, "server-certificate-name", PKI:
        "The certificate of the API server is not valid for the name or address that nodes use.",
        "Issue a certificate with that name, or join at a name that it has.";
    ServerCertificateExpired, "server-certificate-expired", RENEWAL:
        "The certificate of the API server has expired. kubeadm's are valid for a year.",
        "`kubeadm certs renew apiserver` on each control plane node.";
    ServerCertificateNotYet, "server-certificate-not-yet", RENEWAL:
        "The certificate of the API server is not valid yet: a clock is wrong, here or where it was issued.",
        "Set the clock, with NTP.";
    ClockWrong, "clock-wrong", RENEWAL:
        "The certificate of the API server is valid by its clock and not by the clock of this machine.",
        "Set the clock of this machine, with NTP.";
    TlsTerminated, "tls-terminated", PKI:
        "Something in front of the API server, such as a load balancer, presents a certificate of its own. Nodes cannot trust it, and client \
         certificates do not get through it.",
        "Pass TLS through to the API servers (layer 4).";
    AuthorityRenewed, "authority-renewed", ROTATION:
        "The cluster has a new certificate authority, and cluster-info still has the old one.",
        "`kubectl bootstrap-token apply --no-token`, and then new join commands, with the new hash.";
    ServerCertificateOld, "server-certificate-old", ROTATION:
        "cluster-info has the new certificate authority, and the API server still presents a certificate that the old one issued.",
        "`kubeadm certs renew apiserver` on each control plane node.";
    AuthorityExpired, "authority-expired", ROTATION:
        "The certificate authority of the cluster has expired, and with it everything that it signed. kubeadm's are valid for ten years.",
        "Replace it.";
    ServerCertificateUntrusted, "server-certificate-untrusted", PKI:
        "The certificate of the server was not issued by the authority in cluster-info: a load balancer terminates TLS, or the authority was \
         replaced.",
        "Check it with a kubeconfig of the cluster, which shows which of the two it is.";
    LoginForbidden, "login-forbidden", TOKENS:
        "The API server knows the token and does not let it ask who it is: the ClusterRoleBinding system:basic-user is missing or changed.",
        "Restart the API server: it makes this binding when it starts, unless the binding says otherwise.";
    RbacMissing, "rbac-missing", TOKENS:
        "A Role or a binding that kubeadm creates is missing or changed. Without it the token may not do what a joining node needs.",
        "`kubectl bootstrap-token apply --no-token`; for the two ConfigMaps in kube-system `check` prints the kubectl commands.";
    ConfigurationMissing, "configuration-missing", JOIN:
        "The ConfigMap kubeadm-config or kubelet-config in kube-system is missing or incomplete. Clusters that were not made by kubeadm have \
         neither, and `kubeadm join` does not work there.",
        "`kubeadm init phase upload-config` on a control plane node.";
    CsrDenied, "csr-denied", CERTIFICATES:
        "Something denies the certificate requests of nodes: an approver, or an admission controller.",
        "Look at the conditions of the requests: `kubectl get csr -o wide`.";
    CsrNotApproved, "csr-not-approved", CERTIFICATES:
        "The certificate request is not approved: the controller csrapproving of kube-controller-manager is not running.",
        "Add `csrapproving` to --controllers of kube-controller-manager, or approve requests by hand.";
    CsrNotSigned, "csr-not-signed", CERTIFICATES:
        "The certificate request is approved and not signed: the controller csrsigning is not running, or it has no key.",
        "Start kube-controller-manager with csrsigning in --controllers and with --cluster-signing-cert-file and --cluster-signing-key-file.";
    CsrLeftBehind, "csr-left-behind", CERTIFICATES:
        "`check --csr` could not delete its certificate request. Nodes are not affected.",
        "`kubectl delete csr -l bootstrap-token.kubectl/check`.";
    CertificateNotTrusted, "certificate-not-trusted", CERTIFICATES:
        "A node cannot log in with the certificate that it gets: kube-controller-manager signs with an authority that kube-apiserver does not \
         trust.",
        "Give kube-controller-manager the authority of --client-ca-file to sign with.";
    CsrRefused, "csr-refused", CERTIFICATES:
        "The API server refuses the certificate request.",
        "Look at what it says in the line of the step.";
}

/// Why a step failed, in the case at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    /// The name of the cause.
    pub(super) reason: Reason,
    /// The explanation.
    pub(super) text: String,
    /// The commands to run.
    pub(super) cure: String,
}

impl Reason {
    /// This, in a sentence about the case at hand, and its cure.
    pub(super) fn said(self, text: impl Into<String>, cure: impl Into<String>) -> Said {
        Said { reason: self, text: text.into(), cure: cure.into() }
    }
}
