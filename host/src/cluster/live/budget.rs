//! How much of a server's answers is read. What a server says of their size is not looked at.

use super::attempt::{Again, Failure, Heard};
use super::request::Prepared;
use super::translate::connect_error;
use crate::cluster::ClusterError;
use hyper::body::Body as _;
use kube::client::Body;
use std::cell::Cell;
use std::pin::Pin;

/// How much is read of an answer that refuses, bytes: the words of an API server, or the page of a proxy.
const REFUSAL_BYTES: u64 = 1 << 20;

/// What may still come in of the answers of one flight.
pub(super) struct Budget {
    limit: u64,
    left: Cell<u64>,
}

/// What sort of answer it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// What was asked for.
    Good,
    /// A refusal.
    Refusal,
}

impl Budget {
    /// For answers that have no more than `limit` bytes together.
    pub(super) const fn new(limit: u64) -> Self {
        Self { limit, left: Cell::new(limit) }
    }

    /// Reads an answer. What of it came in counts no more once it is refused or cut off.
    ///
    /// # Errors
    /// [`Failure`] if there is more of it, which it would be the next time too, and if the connection breaks.
    pub(super) async fn read(&self, mut body: Body, sort: Sort, prepared: &Prepared, host: &str) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        let failed = |error: ClusterError, again: Again, came: &[u8]| {
            self.left.set(self.left.get() + came.len() as u64);
            Failure { error, again, heard: Heard::Answer, retry_after: None }
        };
        while let Some(frame) = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
            let frame = match frame {
                Ok(frame) => frame,
                Err(error) => return Err(failed(connect_error(&error, host), Again::Doubtful, &bytes)),
            };
            // Whatever else comes is a trailer, which nobody reads.
            let Ok(piece) = frame.into_data() else { continue };
            let size = piece.len() as u64;
            let is_long = sort == Sort::Refusal && bytes.len() as u64 + size > REFUSAL_BYTES;
            if is_long || size > self.left.get() {
                let limit = if is_long { REFUSAL_BYTES } else { self.limit };
                return Err(failed(too_much(prepared, limit, sort), Again::Never, &bytes));
            }
            self.left.set(self.left.get() - size);
            bytes.extend_from_slice(&piece);
        }
        if sort == Sort::Refusal {
            self.left.set(self.left.get() + bytes.len() as u64);
        }
        Ok(bytes)
    }
}

fn too_much(prepared: &Prepared, limit: u64, sort: Sort) -> ClusterError {
    let (path, most) = (prepared.request.uri().path(), limit >> 10);
    ClusterError::too_long(match sort {
        Sort::Refusal => format!("the server refuses `{path}` with more than {most} KiB of text"),
        Sort::Good => format!("the server's answers, here to `{path}`, have more than {most} KiB together"),
    })
}
