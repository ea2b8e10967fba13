"""Whatever is sent to any operation of the API, it answers, and never with an error of ours (schemathesis)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import schemathesis
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.api.conftest import Program
from tests.delivery.world import World

from luoshi.config.api import api
from luoshi.delivery.models import Commitment

EXAMPLES = 6


def send(client: Any, case: Any, path: str, version: int | None) -> Any:
    headers = {str(name): str(value) for name, value in (case.headers or {}).items()}
    headers = {name: value for name, value in headers.items() if name.lower() != "authorization"}
    if version is not None:
        headers["If-Match"] = f'"{version}"'
    extra: dict[str, Any] = {}
    if not isinstance(case.body, type(schemathesis.core.NOT_SET)):
        if case.media_type == "multipart/form-data":
            return client.post(path, {"file": "no file"}, headers=headers)
        extra = {"data": json.dumps(case.body), "content_type": "application/json"}
    return client.generic(case.method, path, headers=headers, query_params=case.query or {}, **extra)


def test_no_operation_breaks(world: World, program: Callable[[str], Program]) -> None:
    refs = [
        world.draft().ref,
        world.issued().ref,
        world.accepted().ref,
        world.applied().ref,
        world.verified().ref,
        world.closed().ref,
        world.accepted(kind="duty", frequency="monthly", due_days=None).ref,
    ]
    people = [program(name).client for name in ("office", "a_head", "verifier", "admin", "auditor")]
    schema = schemathesis.openapi.from_dict(json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"))))
    broken: list[str] = []
    seen: dict[int, int] = {}
    operations = [result.ok() for result in schema.get_all_operations()]
    for operation in operations:

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(), ref=st.sampled_from(refs), who=st.sampled_from(people), now=st.booleans())
        def walk(case: Any, ref: str, who: Any, now: bool) -> None:
            version = None
            if now and "ref" in (case.path_parameters or {}) and "/commitments/" in case.operation.path:
                case.path_parameters["ref"] = ref
                version = Commitment.objects.get(ref=ref).version
            with transaction.atomic():
                answer = send(who, case, "/api/v1" + case.formatted_path.removeprefix("/api/v1"), version)
                transaction.set_rollback(True)
            seen[answer.status_code] = seen.get(answer.status_code, 0) + 1
            if answer.status_code >= 500:
                broken.append(f"{case.method} {case.formatted_path} {case.query} {case.body!r}: {answer.content!r}")
            if answer.status_code >= 400:
                assert answer["Content-Type"] == "application/problem+json", answer.content

        walk()
    assert not broken, "\n".join(broken[:20])
    assert len(operations) > 80
    assert seen.get(200, 0) > len(operations) // 2, seen  # it gets through to the acts, not only to refusals
