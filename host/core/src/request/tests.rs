//! Each request, as the API server's own documentation has it: method, path and query, and the body of a write.

use super::{Absence, Request};
use crate::name::{Namespace, ObjectName};
use crate::object::{ApiResource, ObjectRef, kube_system, secrets};
use crate::selector::{ListRef, Selector};
use crate::write::{Expected, Verb, Write, WriteMode};
use serde_json::{Map, Value, json};

fn of(group: &str, version: &str, plural: &str, kind: &str) -> ApiResource {
    ApiResource::parse(group, version, plural, kind).unwrap()
}

fn maps() -> ApiResource {
    of("", "v1", "configmaps", "ConfigMap")
}

fn roles() -> ApiResource {
    of("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole")
}

fn object(of: ApiResource, namespace: Option<&str>, name: &str) -> ObjectRef {
    let namespace = namespace.map(|namespace| Namespace::parse(namespace).unwrap());
    ObjectRef { of, namespace, name: ObjectName::parse(name).unwrap() }
}

fn list(of: ApiResource, namespace: Option<&str>, labels: &str, fields: &str) -> Selector {
    let namespace = namespace.map(|namespace| Namespace::parse(namespace).unwrap());
    Selector::Many(ListRef { of, namespace, labels: labels.to_owned(), fields: fields.to_owned() })
}

fn fields(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

#[test]
fn reads() {
    let widgets = || of("example.com", "v1beta1", "widgets", "Widget");
    for (selector, expected) in [
        (Selector::One(kube_system()), "GET /api/v1/namespaces/kube-system"),
        (Selector::One(object(maps(), Some("a"), "b")), "GET /api/v1/namespaces/a/configmaps/b"),
        (Selector::One(object(roles(), None, "b")), "GET /apis/rbac.authorization.k8s.io/v1/clusterroles/b"),
        // A colon is a character of a path segment (RFC 3986 §3.3), as in the names of the API server's own roles.
        (
            Selector::One(object(roles(), None, "system:node-bootstrapper")),
            "GET /apis/rbac.authorization.k8s.io/v1/clusterroles/system:node-bootstrapper",
        ),
        (Selector::One(object(widgets(), Some("a"), "b")), "GET /apis/example.com/v1beta1/namespaces/a/widgets/b"),
        (list(maps(), Some("a"), "", ""), "GET /api/v1/namespaces/a/configmaps"),
        (list(maps(), None, "", ""), "GET /api/v1/configmaps"),
        (list(roles(), None, "", ""), "GET /apis/rbac.authorization.k8s.io/v1/clusterroles"),
        (list(widgets(), None, "", ""), "GET /apis/example.com/v1beta1/widgets"),
        (list(maps(), Some("a"), "k=v", ""), "GET /api/v1/namespaces/a/configmaps?labelSelector=k%3Dv"),
        (list(maps(), Some("a"), "k in (v,w)", ""), "GET /api/v1/namespaces/a/configmaps?labelSelector=k+in+%28v%2Cw%29"),
        (
            list(secrets(), Some("kube-system"), "", "type=bootstrap.kubernetes.io/token"),
            "GET /api/v1/namespaces/kube-system/secrets?fieldSelector=type%3Dbootstrap.kubernetes.io%2Ftoken",
        ),
        (list(maps(), None, "a=b", "c=d"), "GET /api/v1/configmaps?labelSelector=a%3Db&fieldSelector=c%3Dd"),
        // What would start another parameter, or end the query.
        (list(maps(), None, "a=b&limit=1#x", ""), "GET /api/v1/configmaps?labelSelector=a%3Db%26limit%3D1%23x"),
        (list(maps(), None, "ä=\r\n", ""), "GET /api/v1/configmaps?labelSelector=%C3%A4%3D%0D%0A"),
    ] {
        let request = Request::read(&selector);
        assert_eq!(request.to_string(), expected);
        assert_eq!((request.body, request.content_type), (None, "application/json"), "{expected}");
        let may_be_absent = matches!(selector, Selector::One(_));
        assert_eq!(request.absence == Absence::Answer, may_be_absent, "{expected}");
    }
}

#[test]
fn a_path_and_the_version() {
    for (request, expected) in [(Request::get("/readyz"), "GET /readyz"), (Request::version(), "GET /version")] {
        assert_eq!(request.to_string(), expected);
        assert_eq!((request.body, request.absence), (None, Absence::Failure), "{expected}");
    }
}

#[test]
fn a_review_is_created_outside_of_namespaces() {
    let of = of("authorization.k8s.io", "v1", "subjectaccessreviews", "SubjectAccessReview");
    let body = fields(&json!({ "spec": { "user": "a" } }));
    let request = Request::review(&of, &body);
    assert_eq!(request.to_string(), "POST /apis/authorization.k8s.io/v1/subjectaccessreviews");
    assert_eq!((request.body, request.absence), (Some(body), Absence::Failure));
}

/// Method, path, content type and body of each verb with each precondition, for real and as a dry run.
#[test]
fn writes() {
    let body = || fields(&json!({ "metadata": { "name": "b" }, "data": { "x": "y" } }));
    let plain = json!({ "metadata": { "name": "b" }, "data": { "x": "y" } });
    let guarded = json!({ "metadata": { "name": "b", "uid": "u", "resourceVersion": "7" }, "data": { "x": "y" } });
    let by_uid = json!({ "metadata": { "name": "b", "uid": "u" }, "data": { "x": "y" } });
    let same = || Expected::Same { uid: Some("u".to_owned()), resource_version: Some("7".to_owned()) };
    let same_uid = || Expected::Same { uid: Some("u".to_owned()), resource_version: None };
    let (collection, one) = ("/api/v1/namespaces/a/configmaps", "/api/v1/namespaces/a/configmaps/b");
    let (json, merge, apply) = ("application/json", "application/merge-patch+json", "application/apply-patch+yaml");
    for (verb, expected, method, path, content_type, sent) in [
        (Verb::Create(body()), Expected::Absent, "POST", collection, json, &plain),
        (Verb::Create(body()), Expected::Deleted, "POST", collection, json, &plain),
        (Verb::Create(body()), Expected::Any, "POST", collection, json, &plain),
        (Verb::Replace(body()), same(), "PUT", one, json, &guarded),
        (Verb::Replace(body()), same_uid(), "PUT", one, json, &by_uid),
        (Verb::Replace(body()), Expected::Any, "PUT", one, json, &plain),
        (Verb::MergePatch(body()), same(), "PATCH", one, merge, &guarded),
        (Verb::MergePatch(body()), Expected::Any, "PATCH", one, merge, &plain),
        (Verb::Apply(body()), same(), "PATCH", one, apply, &guarded),
        (Verb::Apply(body()), Expected::Any, "PATCH", one, apply, &plain),
    ] {
        let write = Write { target: object(maps(), Some("a"), "b"), verb, expected };
        for (mode, query) in [
            (WriteMode::Real, "fieldManager=kubectl-bootstrap-token"),
            (WriteMode::DryRun, "dryRun=All&fieldManager=kubectl-bootstrap-token"),
        ] {
            let request = Request::write(&write, mode);
            assert_eq!(request.to_string(), format!("{method} {path}?{query}"), "{write:?} {:?}", write.expected);
            assert_eq!(request.content_type, content_type, "{write:?}");
            assert_eq!(request.body.map(Value::Object).as_ref(), Some(sent), "{write:?} {:?}", write.expected);
            assert_eq!(request.absence, Absence::Failure, "a missing object is a failed write");
        }
    }
}

/// All options of a DELETE are in its body: the API server ignores the query if there is one.
#[test]
fn deletions() {
    let same = || Expected::Same { uid: Some("u".to_owned()), resource_version: Some("7".to_owned()) };
    let held = json!({ "uid": "u", "resourceVersion": "7" });
    for (expected, mode, query, body) in [
        (Expected::Any, WriteMode::Real, "", json!({})),
        (Expected::Any, WriteMode::DryRun, "dryRun=All&", json!({ "dryRun": ["All"] })),
        (same(), WriteMode::Real, "", json!({ "preconditions": held })),
        (same(), WriteMode::DryRun, "dryRun=All&", json!({ "dryRun": ["All"], "preconditions": held })),
    ] {
        let write = Write { target: object(roles(), None, "b"), verb: Verb::Delete, expected };
        let request = Request::write(&write, mode);
        let path = "/apis/rbac.authorization.k8s.io/v1/clusterroles/b";
        assert_eq!(request.to_string(), format!("DELETE {path}?{query}fieldManager=kubectl-bootstrap-token"));
        assert_eq!(request.body.map(Value::Object), Some(body), "{mode:?} {:?}", write.expected);
    }
}

#[test]
fn a_body_without_metadata_gets_its_precondition() {
    let expected = Expected::Same { uid: None, resource_version: Some("7".to_owned()) };
    let verb = Verb::MergePatch(fields(&json!({ "data": null })));
    let request = Request::write(&Write { target: object(maps(), Some("a"), "b"), verb, expected }, WriteMode::Real);
    assert_eq!(request.body.map(Value::Object), Some(json!({ "data": null, "metadata": { "resourceVersion": "7" } })));
}

/// What is printed and logged of a request with a secret body.
#[test]
fn a_body_is_never_printed() {
    let verb = Verb::Create(fields(&json!({ "data": { "token-secret": "aHVudGVyMg==" } })));
    let write = Write { target: object(secrets(), Some("a"), "b"), verb, expected: Expected::Absent };
    let request = Request::write(&write, WriteMode::Real);
    for text in [request.to_string(), format!("{request:?}"), format!("{request:#?}")] {
        assert!(text.contains("/api/v1/namespaces/a/secrets") && !text.contains("aHVudGVyMg"), "{text}");
    }
}

/// One value for what is sent and compared: any difference that a server sees makes another request.
#[test]
fn requests_differ_in_what_a_server_sees() {
    let write = |verb, expected| Write { target: object(maps(), Some("a"), "b"), verb, expected };
    let body = |value: &str| fields(&json!({ "data": { "x": value } }));
    let version = |version: &str| Expected::Same { uid: None, resource_version: Some(version.to_owned()) };
    let all = [
        Request::write(&write(Verb::MergePatch(body("y")), Expected::Any), WriteMode::Real),
        Request::write(&write(Verb::MergePatch(body("y")), Expected::Any), WriteMode::DryRun),
        Request::write(&write(Verb::Apply(body("y")), Expected::Any), WriteMode::Real),
        Request::write(&write(Verb::Replace(body("y")), Expected::Any), WriteMode::Real),
        Request::write(&write(Verb::MergePatch(body("z")), Expected::Any), WriteMode::Real),
        Request::write(&write(Verb::MergePatch(body("y")), version("1")), WriteMode::Real),
        Request::write(&write(Verb::MergePatch(body("y")), version("2")), WriteMode::Real),
        Request::write(&write(Verb::Delete, Expected::Any), WriteMode::Real),
        Request::write(&write(Verb::Delete, version("2")), WriteMode::Real),
        Request::object(&object(maps(), Some("a"), "b")),
    ];
    for (place, one) in all.iter().enumerate() {
        assert_eq!(all.iter().filter(|other| *other == one).count(), 1, "the request {place}, {one}");
    }
}
