//! The answer to a list, parsed by a thread of its own while it arrives: its text is never in memory as a whole, and the last
//! object is known soon after the server has written it.

mod found;

use super::answer::{no_object, other_kind, text};
use super::budget::{Budget, More, Sort};
use super::failure::Failure;
use crate::cluster::{ClusterError, Sink};
use found::{Found, ITEMS};
use hyper::body::{Buf as _, Bytes};
use kube::client::Body;
use kubephase_core::request::Request;
use kubephase_core::selector::ListRef;
use serde_json::Map;
use std::io::{BufReader, Read};
use std::sync::{Mutex, PoisonError};
use std::thread::{Builder, Scope};
use tokio::sync::mpsc::{Receiver, channel};

/// How many pieces of an answer wait for the parser, each of at most a frame of HTTP/2.
const WAITING: usize = 32;
/// How many bytes the parser takes at once.
const BUFFER: usize = 16 << 10;

/// Whether `metadata.managedFields` of the objects is kept. It is half of a small object, and only a writer needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owners {
    /// It is kept.
    Kept,
    /// It is skipped.
    Skipped,
}

/// Where the objects of a list go.
#[derive(Clone, Copy)]
pub(super) struct Items<'scope, 'env> {
    /// Where the parser runs.
    pub(super) threads: &'scope Scope<'scope, 'env>,
    /// The list.
    pub(super) list: &'env ListRef,
    /// What is kept of the objects.
    pub(super) owners: Owners,
    /// Who takes them; locked while an attempt lasts.
    pub(super) sink: &'env Mutex<dyn Sink + 'env>,
}

/// Why an answer gives no list.
pub(super) enum Unfit {
    /// It is not JSON.
    Syntax(serde_json::Error),
    /// It is something else.
    Other(ClusterError),
}

impl Items<'_, '_> {
    /// Reads an answer.
    ///
    /// # Errors
    /// [`Failure`] if it does not arrive.
    pub(super) async fn read(
        self,
        body: Body,
        request: &Request,
        budget: &Budget,
        host: &str,
    ) -> Result<Result<(), Unfit>, Failure> {
        let (pieces, from) = channel(WAITING);
        let Self { threads, list, owners, sink } = self;
        let work = move || {
            let mut sink = sink.lock().unwrap_or_else(PoisonError::into_inner);
            parse(BufReader::with_capacity(BUFFER, Pieces { from, now: Bytes::new() }), list, owners, &mut *sink)
        };
        // A phase may ask for many lists at once, and a system has few threads: that is an error and no crash.
        let parser = match Builder::new().spawn_scoped(threads, work) {
            Ok(parser) => parser,
            Err(error) => return Ok(Err(Unfit::Other(ClusterError::unavailable(format!("cannot start a thread: {error}"))))),
        };
        // A parser that has stopped takes no more.
        let mut pass = async |piece| if pieces.send(piece).await.is_ok() { More::Wanted } else { More::Unwanted };
        let came = budget.pass(body, Sort::Good, request, host, &mut pass).await;
        drop(pieces);
        let parsed = parser.join();
        came?;
        Ok(parsed.unwrap_or_else(|_| Err(Unfit::Other(ClusterError::unavailable("the server's answer cannot be read")))))
    }
}

/// The pieces of an answer as they arrive.
struct Pieces {
    from: Receiver<Bytes>,
    now: Bytes,
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.now.is_empty() {
            match self.from.blocking_recv() {
                Some(piece) => self.now = piece,
                None => return Ok(0),
            }
        }
        (&mut self.now).reader().read(buffer)
    }
}

/// Parses a list, and checks that it and its items have the requested kind.
fn parse(from: impl Read, list: &ListRef, owners: Owners, sink: &mut (dyn Sink + '_)) -> Result<(), Unfit> {
    let of = &list.of;
    let mut found = Found::new(of, owners, sink);
    let head = found.read(from);
    let Found { version, has_bare, unfit, .. } = found;
    let head = match (unfit, head) {
        (Some(error), _) => return Err(Unfit::Other(error)),
        (None, Err(error)) if error.is_data() => return Err(Unfit::Other(no_object())),
        (None, Err(error)) => return Err(Unfit::Syntax(error)),
        (None, Ok(head)) => head,
    };
    // A custom resource may name its list freely (`spec.names.listKind`), but its items have their own kind.
    let is_named = text(&head, "kind") == Some(format!("{}List", of.kind()).as_str());
    let is_list = head.contains_key(ITEMS) && text(&head, "apiVersion") == Some(version.as_str());
    if !is_list || !(is_named || of.scope().is_none()) {
        return Err(Unfit::Other(other_kind(of, &head)));
    }
    if has_bare && !is_named {
        return Err(Unfit::Other(other_kind(of, &Map::new())));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Owners, Unfit, parse};
    use crate::cluster::Sink;
    use kubephase_core::object::{ApiResource, Object};
    use kubephase_core::selector::ListRef;
    use serde_json::{Value, json};

    fn parsed(of: &ApiResource, owners: Owners, answer: &str) -> Result<Vec<Value>, String> {
        let list = ListRef { of: of.clone(), namespace: None, labels: String::new(), fields: String::new() };
        let mut taken: Vec<Object> = Vec::new();
        let sink: &mut dyn Sink = &mut taken;
        match parse(answer.as_bytes(), &list, owners, sink) {
            Ok(()) => Ok(taken.into_iter().map(|object| Value::Object(object.into_fields())).collect()),
            Err(Unfit::Other(error)) => Err(error.to_string()),
            Err(Unfit::Syntax(error)) => Err(format!("syntax: {error}")),
        }
    }

    fn node() -> ApiResource {
        ApiResource::parse("", "v1", "nodes", "Node").unwrap()
    }

    fn thing() -> ApiResource {
        ApiResource::parse("example.com", "v1", "things", "Thing").unwrap()
    }

    fn head(version: &str, kind: &str) -> Value {
        json!({ "apiVersion": version, "kind": kind, "metadata": { "name": "a" } })
    }

    #[test]
    fn each_item_of_a_list_is_of_the_kind_that_was_asked_for() {
        let list = |version: &str, kind: &str, items: Value| json!({ "apiVersion": version, "kind": kind, "items": items });
        let (crd, bare) = ("example.com/v1", json!({ "metadata": { "name": "a" } }));
        let (item, other) = (head(crd, "Thing"), head(crd, "Gadget"));
        for (of, answer, expected) in [
            (
                node(),
                list("v1", "NodeList", json!([bare, head("v1", "Node")])),
                Ok([head("v1", "Node"), head("v1", "Node")].to_vec()),
            ),
            (node(), list("v1", "NodeList", json!(null)), Ok(vec![])),
            (node(), list("v1", "NodeList", json!([bare, head("v1", "Pod")])), Err("`v1, Pod`")),
            (node(), list("v1", "SecretList", json!([bare])), Err("`v1, SecretList`")),
            (node(), list("v1", "SecretList", json!([])), Err("`v1, SecretList`")),
            (node(), list("v1", "List", json!([head("v1", "Node")])), Err("`v1, List`")),
            (node(), list("v2", "NodeList", json!([bare])), Err("`v2, NodeList`")),
            (node(), head("v1", "Node"), Err("`v1, Node`")),
            (node(), json!({ "kind": "NodeList", "apiVersion": "v1" }), Err("`v1, NodeList`")),
            (node(), list("v1", "NodeList", json!([1])), Err("is not an object")),
            (node(), list("v1", "NodeList", json!({})), Err("is not an object")),
            (node(), json!([]), Err("is not an object")),
            (node(), json!(null), Err("is not an object")),
            (thing(), list(crd, "ThingList", json!([item, bare])), Ok([item.clone(), item.clone()].to_vec())),
            (thing(), list(crd, "ThingList", json!([item, other])), Err("`example.com/v1, Gadget`")),
            // As a CustomResourceDefinition may name it.
            (thing(), list(crd, "ManyThings", json!([item])), Ok(vec![item.clone()])),
            (thing(), list(crd, "ManyThings", json!([bare])), Err("`nothing, nothing`")),
            (thing(), list(crd, "GadgetList", json!([other])), Err("`example.com/v1, Gadget`")),
        ] {
            match (parsed(&of, Owners::Kept, &answer.to_string()), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{answer}"),
                (Err(error), Err(part)) => assert!(error.contains(part), "{answer}: {error}"),
                (found, expected) => panic!("{answer}: {found:?}, not {expected:?}"),
            }
        }
    }

    #[test]
    fn the_kind_may_follow_the_items_and_the_last_items_count() {
        let answer = r#"{"items":[{"metadata":{"name":"x"}}],"metadata":{"a":[{}]},"items":[{"metadata":{"name":"y"}}],"apiVersion":"v1","kind":"NodeList"}"#;
        let found = parsed(&node(), Owners::Kept, answer).unwrap();
        assert_eq!(found, [json!({ "apiVersion": "v1", "kind": "Node", "metadata": { "name": "y" } })]);
    }

    #[test]
    fn owners_are_kept_for_a_writer_only() {
        let item =
            json!({ "metadata": { "managedFields": [{ "manager": "x" }], "name": "a" }, "spec": { "managedFields": [1] } });
        let answer = json!({ "kind": "NodeList", "apiVersion": "v1", "items": [item] }).to_string();
        for (owners, expected) in [(Owners::Kept, json!([{ "manager": "x" }])), (Owners::Skipped, Value::Null)] {
            let found = parsed(&node(), owners, &answer).unwrap();
            assert_eq!((&found[0]["metadata"]["managedFields"], &found[0]["spec"]["managedFields"]), (&expected, &json!([1])));
        }
    }

    #[test]
    fn what_is_no_json_or_not_whole_is_no_list() {
        let whole = json!({ "kind": "NodeList", "apiVersion": "v1", "items": [{ "metadata": { "name": "a" } }] }).to_string();
        for answer in (0..whole.len()).map(|end| whole[..end].to_owned()).chain([format!("{whole}x"), "<html>".to_owned()]) {
            assert!(parsed(&node(), Owners::Skipped, &answer).unwrap_err().starts_with("syntax: "), "{answer}");
        }
    }
}
