"""The phase `example.contract`: uses every type and case of the contract 0.1.0. The same phase in other languages is beside it."""

import json

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports.types import (
    Access,
    Action_Apply,
    Action_Create,
    Action_Delete,
    Action_Keep,
    Action_MergePatch,
    Action_Replace,
    ApiResource,
    Description,
    Failure_InvalidInput,
    Failure_Other,
    Failure_Unsupported,
    Finding,
    ListRef,
    Moment,
    Needs,
    ObjectRef,
    Operation,
    Output,
    Part_Secret,
    Part_Text,
    Permission,
    Plan,
    Precondition,
    Problem,
    RandomRequest,
    Request,
    Selector,
    Selector_Many,
    Selector_One,
    Severity,
    Task,
)

MAPS = ApiResource(group="", version="v1", plural="configmaps", kind="ConfigMap")
SECRETS = ApiResource(group="", version="v1", plural="secrets", kind="Secret")
RBAC = "rbac.authorization.k8s.io"
BINDINGS = ApiResource(group=RBAC, version="v1", plural="rolebindings", kind="RoleBinding")
CLUSTER_BINDINGS = ApiResource(group=RBAC, version="v1", plural="clusterrolebindings", kind="ClusterRoleBinding")


class Phase(exports.Phase):
    def describe(self) -> Description:
        def permission(access, of, namespace, name, reveal, reason):
            return Permission(access=access, of=of, namespace=namespace, names=[name], reveal=reveal, reason=reason)

        def task(name, summary, permissions):
            return Task(name=name, summary=summary, parameters='{"type":"object"}', permissions=permissions)

        every = [Access.READ, Access.CREATE, Access.UPDATE, Access.DELETE]
        some = [Access.READ, Access.CREATE]
        apply = [
            permission(every, MAPS, "kube-public", "contract-*", [], "one for each action"),
            permission(some, SECRETS, "kube-system", "bootstrap-token-*", ["token-id"], "creates a token"),
            permission([Access.READ, Access.REVOKE], CLUSTER_BINDINGS, None, "*", [], "takes subjects away"),
        ]
        audit = [
            permission([Access.READ], CLUSTER_BINDINGS, None, "*", [], "finds them"),
            permission([Access.READ], BINDINGS, "*", "*", [], "finds them, too"),
        ]
        return Description(
            id="example.contract",
            version="0.1.0",
            summary="use every type of the contract",
            tasks=[task("apply", "propose every action", apply), task("audit", "find every severity", audit)],
        )

    def need(self, request: Request) -> Needs:
        def many(of, namespace, labels, fields):
            return Selector_Many(ListRef(of=of, namespace=namespace, label_selector=labels, field_selector=fields))

        def random(name, length, secret):
            return RandomRequest(name=name, alphabet="0123456789abcdefghijklmnopqrstuvwxyz", length=length, secret=secret)

        every = many(CLUSTER_BINDINGS, None, "", "")
        if request.task == "audit":
            return Needs(reads=[every, many(BINDINGS, None, "", "")], random=[])
        reads = [
            Selector_One(config_map("contract-kept")),
            many(MAPS, "kube-public", "part=contract", "metadata.name!=contract-other"),
            every,
        ]
        # Known in the second round.
        following = [found["data"]["next"] for found in objects(request, "ConfigMap") if "next" in found.get("data", {})]
        reads += [Selector_One(config_map(name)) for name in following[:1]]
        return Needs(reads=reads, random=[random("id", 6, False), random("secret", 16, True)])

    def plan_for(self, request: Request) -> Plan:
        parameters = json.loads(request.parameters)
        match parameters.get("refuse"):
            case "invalid-input":
                problems = [Problem("refuse", "is set"), Problem("documents[0].kind", "is not known")]
                raise Err(Failure_InvalidInput(problems))
            case "unsupported":
                raise Err(Failure_Unsupported("version `v9` is not supported"))
            case "other":
                raise Err(Failure_Other("something else"))
        notes = notes_of(request, parameters)
        if request.task == "audit":
            return Plan(operations=[], findings=findings(request), notes=notes, outputs=[])
        token_id, secret = token(request, parameters)
        return Plan(
            operations=operations(request, parameters) + [creation(token_id, secret)],
            findings=[finding("contract-cure", Severity.LOW, None, ["create", "token"])],
            notes=notes,
            outputs=[
                Output("first", Moment.BEFORE, [Part_Text("before the first operation")]),
                Output("last", Moment.AFTER, [Part_Text(token_id), Part_Text("."), Part_Secret(secret)]),
            ],
        )


def notes_of(request: Request, parameters: dict) -> list[str]:
    """What the request says, line by line."""
    server = request.server
    pins = ",".join(server.certificate_authority_pins)
    notes = [
        f"now: {request.now}",
        f"endpoint: {parameters.get('endpoint', '')}",
        f"server: {server.version} {server.url} {len(server.certificate_authority)} {pins}",
    ]
    notes += [f"document: {json.loads(text)['kind']}" for text in request.documents]
    for answer in request.observed:
        names = ",".join(json.loads(text)["metadata"]["name"] for text in answer.objects)
        notes.append(f"{told(answer.to)}: {names}")
    # The secret one is the id of a handle, which is the host's business.
    notes += ["secret: drawn" if drawn.name == "secret" else f"{drawn.name}: {drawn.value}" for drawn in request.random]
    return notes


def told(selector: Selector) -> str:
    of, namespace = selector.value.of, selector.value.namespace
    place = f"{of.group} {of.version} {of.plural} {of.kind} {'none' if namespace is None else namespace}"
    if isinstance(selector, Selector_One):
        return f"one: {place} {selector.value.name}"
    return f"many: {place} {selector.value.label_selector} {selector.value.field_selector}"


def operations(request: Request, parameters: dict) -> list[Operation]:
    data = {"endpoint": parameters.get("endpoint", ""), "now": request.now}

    def body(name):
        metadata = {"name": name, "namespace": "kube-public", "labels": {"part": "contract"}}
        return json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data})

    def operation(name, target, action, when, after):
        return Operation(id=name, target=target, action=action, when=when, after=after, reason=f"to {name}")

    actions = {
        "contract-kept": (Action_Keep(), []),
        "contract-replaced": (Action_Replace(body("contract-replaced")), ["create"]),
        "contract-patched": (Action_MergePatch(json.dumps({"data": data})), ["create", "contract-replaced"]),
        "contract-deleted": (Action_Delete(), []),
    }
    new, applied = config_map("contract-new"), config_map("contract-applied")
    planned = [operation("create", new, Action_Create(body("contract-new")), Precondition.ABSENT, [])]
    for found in objects(request, "ConfigMap"):
        name = found["metadata"]["name"]
        if name in actions:
            action, after = actions[name]
            planned.append(operation(name, config_map(name), action, Precondition.AS_OBSERVED, after))
    planned.append(operation("apply", applied, Action_Apply(body("contract-applied")), Precondition.ANY, []))
    for found in objects(request, "ClusterRoleBinding"):
        target = ObjectRef(of=CLUSTER_BINDINGS, namespace=None, name=found["metadata"]["name"])
        planned.append(operation("revoke", target, Action_MergePatch('{"subjects":[]}'), Precondition.AS_OBSERVED, []))
    return planned


def token(request: Request, parameters: dict) -> tuple[str, str]:
    """The token of the parameters, else the drawn one: its id, and the id of the handle of its secret."""
    match parameters.get("token"):
        case {"id": str(given), "secret": {"$secret": secret}}:
            return given, secret
    drawn = {drawn.name: drawn.value for drawn in request.random}
    return drawn["id"], drawn["secret"]


def creation(token_id: str, secret: str) -> Operation:
    name = f"bootstrap-token-{token_id}"
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": "kube-system"},
        "type": "bootstrap.kubernetes.io/token",
        "data": {"token-secret": {"$secret": secret}},
        "stringData": {"token-id": token_id},
    }
    return Operation(
        id="token",
        target=ObjectRef(of=SECRETS, namespace="kube-system", name=name),
        action=Action_Create(json.dumps(body)),
        when=Precondition.ABSENT,
        after=["create"],
        reason="to create a token",
    )


def findings(request: Request) -> list[Finding]:
    def first(of, namespace):
        found = objects(request, of.kind)
        return ObjectRef(of=of, namespace=namespace, name=found[0]["metadata"]["name"]) if found else None

    return [
        finding("contract-info", Severity.INFO, None, []),
        finding("contract-low", Severity.LOW, None, []),
        finding("contract-medium", Severity.MEDIUM, None, []),
        finding("contract-high", Severity.HIGH, first(BINDINGS, "kube-public"), []),
        finding("contract-critical", Severity.CRITICAL, first(CLUSTER_BINDINGS, None), []),
    ]


def finding(rule: str, severity: Severity, target: ObjectRef | None, remedy: list[str]) -> Finding:
    return Finding(
        rule=rule,
        severity=severity,
        title=f"rule `{rule}`",
        detail="quotes: \"'`; other letters: äöü, 名前, 🦀",
        target=target,
        remedy=remedy,
        references=["https://example.com/a", "https://example.com/b"],
    )


def objects(request: Request, kind: str) -> list[dict]:
    """All observed objects of a kind; one that was found twice is one."""
    texts = dict.fromkeys(text for answer in request.observed for text in answer.objects)
    return [found for found in map(json.loads, texts) if found["kind"] == kind]


def config_map(name: str) -> ObjectRef:
    return ObjectRef(of=MAPS, namespace="kube-public", name=name)
