//! How much of a server's answers is read. The announced size is ignored.

use super::failure::{Again, Failure, Heard};
use super::translate::connect_error;
use crate::cluster::ClusterError;
use hyper::body::{Body as _, Bytes};
use kube::client::Body;
use kubephase_core::request::Request;
use std::cell::Cell;
use std::pin::Pin;

/// How many bytes of a refusal are read: a message of an API server, or the page of a proxy.
const REFUSAL_BYTES: u64 = 1 << 20;

/// The remaining bytes for the answers to concurrent requests.
pub(super) struct Budget {
    limit: u64,
    left: Cell<u64>,
}

/// The sort of an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// A successful answer.
    Good,
    /// A refusal.
    Refusal,
}

impl Budget {
    /// A budget for answers of at most `limit` bytes in total.
    pub(super) const fn new(limit: u64) -> Self {
        Self { limit, left: Cell::new(limit) }
    }

    /// Reads an answer. If it is refused or truncated, its bytes no longer count.
    ///
    /// # Errors
    /// [`Failure`] if it is too large, which a retry would not change, or if the connection breaks.
    pub(super) async fn read(&self, body: Body, sort: Sort, request: &Request, host: &str) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        let mut keep = async |piece: Bytes| {
            bytes.extend_from_slice(&piece);
            More::Wanted
        };
        self.pass(body, sort, request, host, &mut keep).await?;
        Ok(bytes)
    }

    /// Like [`Budget::read`], and passes the answer on piece by piece.
    pub(super) async fn pass(
        &self,
        mut body: Body,
        sort: Sort,
        request: &Request,
        host: &str,
        take: &mut impl AsyncFnMut(Bytes) -> More,
    ) -> Result<(), Failure> {
        let mut taken = 0;
        let failed = |error: ClusterError, again: Again, taken: u64| {
            self.left.set(self.left.get() + taken);
            Failure { error, again, heard: Heard::Answer, retry_after: None }
        };
        while let Some(frame) = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
            let frame = match frame {
                Ok(frame) => frame,
                Err(error) => return Err(failed(connect_error(&error, host), Again::Doubtful, taken)),
            };
            // Other frames are trailers, which are ignored.
            let Ok(piece) = frame.into_data() else { continue };
            let size = piece.len() as u64;
            let is_long = sort == Sort::Refusal && taken + size > REFUSAL_BYTES;
            if is_long || size > self.left.get() {
                let limit = if is_long { REFUSAL_BYTES } else { self.limit };
                return Err(failed(too_much(request, limit, sort), Again::Never, taken));
            }
            self.left.set(self.left.get() - size);
            taken += size;
            if take(piece).await == More::Unwanted {
                break;
            }
        }
        if sort == Sort::Refusal {
            self.left.set(self.left.get() + taken);
        }
        Ok(())
    }
}

/// Whether more of an answer is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum More {
    /// It is.
    Wanted,
    /// It is not: what came is enough to refuse it.
    Unwanted,
}

fn too_much(request: &Request, limit: u64, sort: Sort) -> ClusterError {
    let (path, most) = (&request.path, limit >> 10);
    ClusterError::too_long(match sort {
        Sort::Refusal => format!("the server refuses `{path}` with more than {most} KiB of text"),
        Sort::Good => format!("the server's answers, most recently to `{path}`, are larger than {most} KiB in total"),
    })
}
