//! Why a server's certificate is not trusted.

/// What is wrong with a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Distrust {
    /// It is valid only for these other names.
    Name(Vec<String>),
    /// It expired at this time.
    Expired(String),
    /// It is not valid until this time.
    NotYet(String),
    /// It is valid by the server's clock, but not by this machine's.
    Clock {
        /// The time on this machine.
        ours: String,
        /// The time on the server.
        theirs: String,
    },
    /// Its issuer, named here, is not in cluster-info.
    Foreign(String),
    /// Its issuer has the same name as the authority in cluster-info, but another key.
    Namesake(String),
    /// The same, and it is older than that authority.
    Predecessor(String),
    /// The authority in cluster-info itself expired at this time.
    Authority(String),
}
