//! A plan is verified and executed on a cluster that answers as it is told: what is sent together, where it stops, and what the
//! report says.

use super::execute::execute;
use super::verify::{Unverified, verify};
use crate::cluster::error::ClusterErrorKind;
use crate::cluster::{Cluster, ClusterError, Observation, Written};
use crate::interrupt::Interrupt;
use kubephase_core::name::{Namespace, ObjectName};
use kubephase_core::object::{ApiResource, Object, ObjectRef};
use kubephase_core::operation::{Action, Operation, OperationId, Precondition};
use kubephase_core::permission::{Access, Pattern, Permission, PermissionScope, Permissions};
use kubephase_core::plan::{Content, Permitted, Plan};
use kubephase_core::policy::{PermittedReads, Policy};
use kubephase_core::question::Server;
use kubephase_core::report::EntryResult;
use kubephase_core::request::Request;
use kubephase_core::secret::Secrets;
use kubephase_core::selector::Selector;
use kubephase_core::snapshot::Snapshot;
use kubephase_core::write::{Write, WriteMode};
use serde_json::{Value, json};
use std::cell::RefCell;

use ClusterErrorKind::{Conflict, Forbidden, Unavailable, Unknown};

/// Stores everything, but for the objects that it is told about.
struct Told<'a> {
    server: Server,
    answers: &'a [(&'a str, Answer)],
    /// The requests, those that were sent together on one line.
    sent: RefCell<Vec<String>>,
    interrupt: Interrupt,
}

/// What the cluster does with a write.
#[derive(Clone, Copy)]
enum Answer {
    Refuse(ClusterErrorKind),
    /// Returns the version that was read.
    Unchanged,
    /// Returns no object.
    Nothing,
    /// Returns the deleted object, as some kinds do.
    Deleted,
    /// Stores it, and the user interrupts.
    Interrupt,
    /// Gives no answer, nor to the writes after it.
    Silence,
}

impl Cluster for Told<'_> {
    fn observe(&self, _reads: &PermittedReads<'_>) -> Result<Observation, Vec<ClusterError>> {
        Ok(Observation::default())
    }

    fn server(&self) -> &Server {
        &self.server
    }

    fn uid(&self) -> Result<Option<String>, Vec<ClusterError>> {
        Ok(None)
    }

    fn write(&self, writes: &[&Write], mode: WriteMode) -> Vec<Result<Written, ClusterError>> {
        let word = |write: &&Write| {
            let request = Request::write(write, mode);
            format!("{} {}{}", request.method.as_str(), write.target.name, if mode == WriteMode::DryRun { "?" } else { "" })
        };
        self.sent.borrow_mut().push(writes.iter().map(word).collect::<Vec<_>>().join(", "));
        let mut answers = Vec::new();
        for write in writes {
            let name = write.target.name.to_string();
            let stored = |version: &str| Ok(Written::Object(object(&name, version)));
            answers.push(match self.answers.iter().find(|(told, _)| *told == name).map(|(_, answer)| *answer) {
                None => stored("2"),
                Some(Answer::Refuse(kind)) => Err(ClusterError::new(kind, format!("{kind:?}"))),
                Some(Answer::Unchanged | Answer::Deleted) => stored("1"),
                Some(Answer::Nothing) => Ok(Written::Nothing),
                Some(Answer::Interrupt) => {
                    self.interrupt.raise();
                    stored("2")
                }
                Some(Answer::Silence) => break,
            });
        }
        answers
    }
}

fn maps() -> ApiResource {
    ApiResource::parse("", "v1", "configmaps", "ConfigMap").unwrap()
}

fn target(name: &str) -> ObjectRef {
    ObjectRef { of: maps(), namespace: Some(Namespace::parse("n").unwrap()), name: ObjectName::parse(name).unwrap() }
}

fn object(name: &str, version: &str) -> Object {
    let metadata = json!({ "name": name, "namespace": "n", "uid": name, "resourceVersion": version });
    match json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata }) {
        Value::Object(fields) => Object::new(fields),
        _ => unreachable!("it is an object"),
    }
}

/// A plan from lines `VERB NAME [after NAME…]`; all objects but those to create were read.
fn plan(lines: &[&str]) -> Plan<Permitted> {
    let mut snapshot = Snapshot::default();
    let operations = lines.iter().map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (verb, name) = (words[0], words[1]);
        let fields = object(name, "0").into_fields();
        let body = || {
            let mut body = fields.clone();
            body.insert("metadata".to_owned(), json!({ "name": name, "namespace": "n" }));
            body
        };
        let found = if verb == "create" { Vec::new() } else { vec![object(name, "1")] };
        snapshot.insert(Selector::One(target(name)), found);
        Operation {
            id: OperationId::parse(name).unwrap(),
            target: target(name),
            action: match verb {
                "create" => Action::Create(body()),
                "patch" => Action::MergePatch([("data".to_owned(), json!({ "a": "b" }))].into_iter().collect()),
                "replace" => Action::Replace(body()),
                "delete" => Action::Delete,
                _ => Action::Keep,
            },
            when: if verb == "create" { Precondition::Absent } else { Precondition::AsObserved },
            after: words.iter().skip(3).map(|name| OperationId::parse(name).unwrap()).collect(),
            reason: String::new(),
        }
    });
    let content = Content { operations: operations.collect(), findings: Vec::new(), notes: Vec::new(), outputs: Vec::new() };
    let permission = Permission {
        access: vec![Access::Read, Access::Create, Access::Update, Access::Delete],
        of: maps(),
        place: PermissionScope::Namespace(Namespace::parse("n").unwrap()),
        names: ["a", "b", "c", "d", "e"].map(|name| Pattern::parse(name).unwrap()).to_vec(),
        reveal: Vec::new(),
        reason: String::new(),
    };
    let all = Permissions(vec![permission]);
    let policy = Policy { declared: &all, granted: &all, of_phase: &all };
    policy.permit_plan(Plan::propose(content, 100).unwrap(), &snapshot, &Secrets::default()).unwrap()
}

fn told<'a>(answers: &'a [(&'a str, Answer)]) -> Told<'a> {
    Told { server: Server::default(), answers, sent: RefCell::new(Vec::new()), interrupt: Interrupt::default() }
}

/// The operations, what the cluster does, what is sent, what is reported, and the objects that an undo knows of afterwards.
type Executed = (&'static [&'static str], &'static [(&'static str, Answer)], &'static [&'static str], &'static str, &'static str);

const CHAIN: &[&str] = &["create a", "create b after a", "create c after b"];

const EXECUTED: [Executed; 14] = [
    // Operations that do not wait for each other are sent together.
    (
        &["create a", "patch b", "replace c", "delete d", "keep e"],
        &[],
        &["POST a, PATCH b, PUT c, DELETE d"],
        "a created, b updated, c updated, d deleted, e unchanged",
        "a b c -d",
    ),
    (CHAIN, &[], &["POST a", "POST b", "POST c"], "a created, b created, c created", "a b c"),
    // Nothing to write: nothing is sent.
    (&["keep a", "keep b after a"], &[], &[], "a unchanged, b unchanged", ""),
    // The object as it was: the server changed nothing.
    (&["patch a", "replace b"], &[("a", Answer::Unchanged)], &["PATCH a, PUT b"], "a unchanged, b updated", "a b"),
    (&["patch a"], &[("a", Answer::Nothing)], &["PATCH a"], "a updated", "-a"),
    (&["delete a"], &[("a", Answer::Nothing)], &["DELETE a"], "a deleted", "-a"),
    (&["delete a"], &[("a", Answer::Deleted)], &["DELETE a"], "a deleted", "-a"),
    // A failure stops what has not been sent, and nothing else.
    (
        &["create a", "create b", "create c after a"],
        &[("a", Answer::Refuse(Forbidden))],
        &["POST a, POST b"],
        "a failed: Forbidden, b created, c not done",
        "b",
    ),
    (
        &["create a", "create b", "create c after b"],
        &[("a", Answer::Refuse(Forbidden))],
        &["POST a, POST b"],
        "a failed: Forbidden, b created, c not done",
        "b",
    ),
    (CHAIN, &[("b", Answer::Refuse(Conflict))], &["POST a", "POST b"], "a created, b stale: Conflict, c not done", "a"),
    (CHAIN, &[("b", Answer::Refuse(Unknown))], &["POST a", "POST b"], "a created, b unknown: Unknown, c not done", "a"),
    // What needs no write is unchanged even if it comes after a failure.
    (&["create a", "keep b after a"], &[("a", Answer::Refuse(Forbidden))], &["POST a"], "a failed: Forbidden, b unchanged", ""),
    // An interrupt lets the requests in flight end, and sends no others.
    (CHAIN, &[("a", Answer::Interrupt)], &["POST a"], "a created, b not done, c not done", "a"),
    (
        &["create a", "create b", "create c after b"],
        &[("a", Answer::Interrupt)],
        &["POST a, POST b"],
        "a created, b created, c not done",
        "a b",
    ),
];

#[test]
fn a_plan_is_executed() {
    for (lines, answers, sent, reported, written) in EXECUTED {
        let cluster = told(answers);
        let executed = execute(&plan(lines).unchecked(), &cluster, &cluster.interrupt);
        assert_eq!(*cluster.sent.borrow(), sent, "{lines:?}");
        let entries = executed.report.entries.iter().map(|entry| {
            let result = match &entry.result {
                EntryResult::Done(effect) => effect.as_str().to_owned(),
                EntryResult::Failed(why) => format!("failed: {why}"),
                EntryResult::Stale(why) => format!("stale: {why}"),
                EntryResult::Unknown(why) => format!("unknown: {why}"),
                EntryResult::NotDone => "not done".to_owned(),
            };
            format!("{} {result}", entry.target.name)
        });
        assert_eq!(entries.collect::<Vec<_>>().join(", "), reported, "{lines:?}");
        let left = executed.written.iter().map(|(target, object)| {
            let gone = if object.is_none() { "-" } else { "" };
            format!("{gone}{}", target.name)
        });
        assert_eq!(left.collect::<Vec<_>>().join(" "), written, "{lines:?}");
    }
}

#[test]
fn an_interrupt_before_the_first_write_sends_nothing() {
    let cluster = told(&[]);
    cluster.interrupt.raise();
    let executed = execute(&plan(&["create a", "keep b"]).unchecked(), &cluster, &cluster.interrupt);
    assert!(cluster.sent.borrow().is_empty());
    assert_eq!(executed.report.entries[0].result, EntryResult::NotDone);
}

/// The dry run sends all writes at once, whatever their order, and says whether planning again may help.
#[test]
fn a_plan_is_verified() {
    let lines = ["create a", "patch b after a", "delete c after b", "keep d"];
    let sent = ["POST a?, PATCH b?, DELETE c?"];
    for (answers, expected) in [
        (&[][..], "verified"),
        (&[("b", Answer::Refuse(Conflict))], "stale: Conflict"),
        (&[("a", Answer::Refuse(Conflict)), ("c", Answer::Refuse(Conflict))], "stale: Conflict, Conflict"),
        (&[("a", Answer::Refuse(Forbidden))], "refused: Forbidden"),
        // With another plan it would be refused again.
        (&[("a", Answer::Refuse(Conflict)), ("b", Answer::Refuse(Forbidden))], "refused: Conflict, Forbidden"),
        (&[("c", Answer::Refuse(Unavailable))], "refused: Unavailable"),
        (
            &[("b", Answer::Silence)],
            "refused: error: the server did not answer every write, error: the server did not answer every write",
        ),
    ] {
        let cluster = told(answers);
        let words = |errors: &[ClusterError]| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let result = match verify(plan(&lines), &cluster) {
            Ok(_) => "verified".to_owned(),
            Err(Unverified::Stale(errors)) => format!("stale: {}", words(&errors)),
            Err(Unverified::Refused(errors)) => format!("refused: {}", words(&errors)),
        };
        assert_eq!(result, expected);
        assert_eq!(*cluster.sent.borrow(), sent, "{expected}");
    }
    let cluster = told(&[]);
    assert!(verify(plan(&["keep a"]), &cluster).is_ok() && cluster.sent.borrow().is_empty(), "nothing to write, nothing sent");
}
