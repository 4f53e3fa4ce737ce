"""The phase `example.token-cleaner`: deletes bootstrap tokens that have expired, as kube-controller-manager does where one runs."""

import json

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports.types import (
    Access,
    Action_Delete,
    ApiResource,
    Description,
    Failure_Other,
    Failure_Unsupported,
    Finding,
    ListRef,
    Needs,
    ObjectRef,
    Operation,
    Permission,
    Plan,
    Precondition,
    Request,
    Selector_Many,
    Severity,
    Task,
)

import rfc3339

NAMESPACE = "kube-system"
PREFIX = "bootstrap-token-"
TOKEN_TYPE = "bootstrap.kubernetes.io/token"
SECRETS = ApiResource(group="", version="v1", plural="secrets", kind="Secret")


class Phase(exports.Phase):
    def describe(self) -> Description:
        permission = Permission(
            access=[Access.READ, Access.DELETE],
            of=SECRETS,
            namespace=NAMESPACE,
            names=[f"{PREFIX}*"],
            reveal=["expiration"],
            reason="finds the expired tokens and deletes them",
        )
        apply = Task(
            name="apply",
            summary="delete the expired tokens",
            parameters='{"type":"object"}',
            permissions=[permission],
        )
        return Description(
            id="example.token-cleaner",
            version="0.1.0",
            summary="delete bootstrap tokens that have expired",
            tasks=[apply],
        )

    def need(self, request: Request) -> Needs:
        check_task(request)
        every = ListRef(of=SECRETS, namespace=NAMESPACE, label_selector="", field_selector="")
        return Needs(reads=[Selector_Many(every)], random=[])

    def plan_for(self, request: Request) -> Plan:
        check_task(request)
        now = rfc3339.parse(request.now)
        if now is None:
            raise Err(Failure_Other(f"now is not a time: `{request.now}`"))
        objects = [parse(text) for answer in request.observed for text in answer.objects]
        tokens = [secret for secret in objects if secret.get("type") == TOKEN_TYPE]
        operations, findings = [], []
        for token in tokens:
            name = token["metadata"]["name"]
            expiration = token.get("stringData", {}).get("expiration")
            if not expiration:
                findings.append(never_expires(name))
            elif reason := reason_to_delete(expiration, now):
                operations.append(deletion(name, reason))
        notes = [f"[token-cleaner] {len(operations)} of {len(tokens)} tokens have expired"] if operations else []
        return Plan(operations=operations, findings=findings, notes=notes, outputs=[])


def check_task(request: Request) -> None:
    if request.task != "apply":
        raise Err(Failure_Unsupported(f"task `{request.task}` is not known"))


def parse(text: str) -> dict:
    try:
        return json.loads(text)
    except ValueError:
        raise Err(Failure_Other("an observed object is not JSON"))


def reason_to_delete(expiration: str, now: rfc3339.Instant) -> str | None:
    """Why a token with this expiration has to go, if it has. Kubernetes too takes what it cannot read as expired."""
    time = rfc3339.parse(expiration)
    if time is None:
        return "its expiration is not a time"
    return f"expired at {expiration}" if time <= now else None


def deletion(name: str, reason: str) -> Operation:
    return Operation(
        id=f"delete-{name}",
        target=secret(name),
        action=Action_Delete(),
        when=Precondition.AS_OBSERVED,
        after=[],
        reason=reason,
    )


def never_expires(name: str) -> Finding:
    return Finding(
        rule="no-expiration",
        severity=Severity.MEDIUM,
        title=f"token `{name.removeprefix(PREFIX)}` never expires",
        detail="",
        target=secret(name),
        remedy=[],
        references=[],
    )


def secret(name: str) -> ObjectRef:
    return ObjectRef(of=SECRETS, namespace=NAMESPACE, name=name)
