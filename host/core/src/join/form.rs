//! What a new node is given (`create -o`), and why that cannot be made.

/// Why a form cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JoinFormError {
    /// There is not one token.
    #[error("this form is for one token, and {0} join commands were made")]
    Tokens(usize),
    /// The token is for a control plane.
    #[error("this form is for a worker; a control plane joins with --print-join-command --certificate-key")]
    ControlPlane,
    /// The authority is not known, and the form must have it.
    #[error("the certificate authority is not known, and a node could not verify the server; add it to the kubeconfig")]
    NoAuthority,
}
