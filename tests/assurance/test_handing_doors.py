"""Pages, interface and commands of the pool and of handing out; and that no figure about one verifier is on any."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import zipfile
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, reverse
from tests.assurance.pool_world import PoolWorld, build, record

from luoshi.assurance.models import SealedLot, Verifier, Visit, VisitApproval
from luoshi.assurance.services import handing
from luoshi.assurance.urls import urlpatterns

pytestmark = pytest.mark.django_db


@pytest.fixture
def p(monkeypatch: pytest.MonkeyPatch) -> PoolWorld:
    found = build()
    monkeypatch.setattr("django.utils.timezone.now", lambda: found.w.at)
    return found


def page(client: Client, p: PoolWorld, who: str, path: str, **post: object):  # type: ignore[no-untyped-def]
    client.force_login(p.w.users[who])
    return client.post(path, post) if post else client.get(path)


def api(client: Client, p: PoolWorld, who: str, path: str, body: object = None, version: int | None = None):  # type: ignore[no-untyped-def]
    client.force_login(p.w.users[who])
    headers = {"If-Match": f'"{version}"'} if version else {}
    path = f"/api/v1{path}"
    if body is None:
        return client.get(path, headers=headers)
    return client.post(path, json.dumps(body), content_type="application/json", headers=headers)


DAYS = "/assurance/YN-2026-CC-001/days/"


def test_the_pool_on_its_page(p: PoolWorld, client: Client) -> None:
    path = reverse("assurance:verifiers", args=["ten"])
    seen = page(client, p, "office", path)
    assert seen.status_code == 200
    assert "云南省审计厅" in seen.content.decode()
    assert page(client, p, "office", path, posts=["P-verifier"]).status_code == 302
    assert Verifier.objects.filter(post__ref="P-verifier").exists()
    assert page(client, p, "office", path, posts=[]).status_code in (200, 422)
    assert page(client, p, "a_office", path, posts=["P-verifier2"]).status_code == 403
    out = reverse("assurance:leave_pool", args=["ten", "P-v_a"])
    assert page(client, p, "office", out).status_code == 200
    assert page(client, p, "office", out, reason="").status_code == 422
    assert page(client, p, "v_b", out).status_code == 403
    assert page(client, p, "v_a", out, reason="本人申请").status_code == 302
    assert page(client, p, "office", out).status_code == 404


def test_a_day_on_the_page(p: PoolWorld, client: Client) -> None:
    seen = page(client, p, "office", DAYS)
    assert seen.status_code == 200, seen.content.decode()[:3000]
    assert page(client, p, "a_office", DAYS).status_code in (403, 404)
    assert page(client, p, "v_audit1", DAYS).status_code in (403, 404)
    day = p.w.at.date()
    done = page(client, p, "office", DAYS, day=day, count=3, version=1)
    assert (done.status_code, done["Location"]) == (302, DAYS)
    assert Visit.objects.count() == 3
    text = page(client, p, "office", DAYS).content.decode()
    assert SealedLot.objects.get().digest in text
    assert SealedLot.objects.get().secret not in text
    assert page(client, p, "office", DAYS, day=day, count=3, version=1).status_code == 409
    assert page(client, p, "office", DAYS, day=day, count="x", version=2).status_code == 422
    visit = Visit.objects.order_by("pk")[0]
    back = reverse("assurance:withdraw_visit", args=[visit.key])
    assert page(client, p, "office", back).status_code == 200
    assert page(client, p, "office", back, reason="封路", version=1).status_code == 302
    assert page(client, p, "b_head", back, reason="封路", version=2).status_code in (403, 404)


def test_the_head_approves_on_the_page_what_the_office_sees(p: PoolWorld, client: Client) -> None:
    day = p.w.at.date() + dt.timedelta(days=3)
    handing.assign_visit(
        actor=p.w.who("office"), kind="directed", commitment=p.commitments[0], day=p.w.at.date(), reason="x", at=p.w.at
    )
    asked = {"day": day, "count": 2, "version": 1}
    refused = page(client, p, "office", DAYS, **asked)
    assert refused.status_code == 409
    assert p.villages[0].name in refused.content.decode()
    assert page(client, p, "office", DAYS, **asked, reason="x").status_code == 403
    form = page(client, p, "head", f"{DAYS}?day={day}&count=2").content.decode()
    assert p.villages[0].name in form
    assert page(client, p, "head", DAYS, **asked, reason="群众来信集中", seconds="on").status_code == 302
    assert VisitApproval.objects.count() == 2
    assert page(client, p, "office", DAYS, **{**asked, "version": 2}).status_code == 302
    assert "群众来信集中" in page(client, p, "office", DAYS).content.decode()


def test_the_same_over_the_interface(p: PoolWorld, client: Client) -> None:
    day = str(p.w.at.date())
    base = "/campaigns/YN-2026-CC-001"
    assert api(client, p, "office", f"{base}/days", {"day": day, "count": 2}).status_code == 428
    done = api(client, p, "office", f"{base}/days", {"day": day, "count": 2}, version=1)
    assert (done.status_code, done.json()["visits"], done.json()["minutes"]) == (200, 2, 120)
    again = api(client, p, "office", f"{base}/days", {"day": day, "count": 2}, version=1)
    assert (again.status_code, again.json()["code"]) in {(409, "stale_version"), (412, "stale_version")}
    told = api(client, p, "office", f"{base}/days").json()
    assert (told["handed_out"], told["left"], told["secret"]) == (2, 10, "")
    assert api(client, p, "office", f"{base}/days/look", {"day": day, "count": 5}).json() == []
    body = {"day": day, "count": 0, "seconds": True, "reason": "一成盲复核"}
    assert api(client, p, "office", f"{base}/approvals", body, version=2).status_code == 403
    assert api(client, p, "head", f"{base}/approvals", body, version=2).status_code == 200
    visit = Visit.objects.order_by("pk")[0]
    took = api(client, p, "office", f"/visits/{visit.key}/withdraw", {"reason": "封路"}, version=1)
    assert (took.status_code, took.json()["state"]) == (200, "withdrawn")
    unit = {"unit": visit.unit_id, "day": day, "reason": "x"}
    assert api(client, p, "head", "/visits/approvals", unit).json()["code"] == "nothing_to_approve"
    joined = api(client, p, "office", "/programmes/ten/verifiers", {"posts": ["P-verifier"]})
    assert len(joined.json()["members"]) == 7
    left = api(client, p, "office", "/programmes/ten/verifiers/leave", {"post": "P-verifier", "reason": "调离"})
    assert len(left.json()["members"]) == 6
    assert api(client, p, "office", "/programmes/ten/verifiers").json()["found"]["mean_bp"] == 9500
    assert api(client, p, "v_a", "/visits/mine").json()["visits"] == 0


def test_the_same_from_the_command_line(p: PoolWorld) -> None:
    def run(*words: str) -> str:
        out = StringIO()
        call_command(*words, "--as", "office", stdout=out)
        return out.getvalue()

    assert len(run("pool", "list", "ten").splitlines()) == 6
    assert "1" in run("pool", "join", "ten", "P-verifier")
    assert "1" in run("pool", "leave", "ten", "P-verifier", "--data", '{"reason": "调离"}')
    with pytest.raises(CommandError) as refused:
        run("pool", "leave", "ten", "P-verifier", "--data", '{"reason": "调离"}')
    assert refused.value.returncode == 1
    data = json.dumps({"day": str(p.w.at.date()), "count": 2})
    assert "YN-2026-CC-001：2 处" in run("visits", "hand-out", "YN-2026-CC-001", "--version", "1", "--data", data)
    assert "2/12" in run("visits", "days", "YN-2026-CC-001")
    with pytest.raises(CommandError) as wrong:
        run("visits", "hand-out", "YN-2026-CC-001", "--version", "2", "--data", '{"day": "x", "count": 2}')
    assert wrong.value.returncode == 2


def test_pages_do_not_ask_more_with_more_rows(p: PoolWorld, client: Client) -> None:
    def asked(path: str) -> int:
        client.force_login(p.w.users["office"])
        with CaptureQueriesContext(connection) as found:
            assert client.get(path).status_code == 200
        return len(found)

    paths = [DAYS, reverse("assurance:verifiers", args=["ten"])]
    p.hand_out(count=2)
    for path in paths:
        asked(path)  # what is remembered from the first time on
    few = [asked(path) for path in paths]
    p.hand_out(count=8)
    from luoshi.assurance.services import pool

    pool.join_pool(actor=p.w.who("office"), programme="ten", posts=["P-verifier", "P-verifier2"], at=p.w.at)
    assert [asked(path) for path in paths] == few


def test_visits_count_in_the_burden(p: PoolWorld, client: Client) -> None:
    before = api(client, p, "office", "/burden").json()
    p.hand_out(count=6)
    p.hand_out(days=4, count=3)  # to come: nobody's knowledge yet
    after = api(client, p, "office", "/burden").json()
    assert (before["visits"], after["visits"]) == (0, 6)
    assert after["weekly"] - before["weekly"] == pytest.approx(6 * 60 * 7 / 30, abs=0.05)
    text = page(client, p, "office", "/burden/").content.decode()
    assert "60" in text


# --- Nobody's figures -------------------------------------------------------------------------------------------------

WATCHERS = ("office", "head", "auditor", "a_head", "b_head", "v_audit2", "admin")


def _addresses(p: PoolWorld) -> Iterator[str]:
    """Every address of assurance that can be read, filled in with what there is."""
    visit = Visit.objects.order_by("pk")[0]
    certificate = "YN-2026-CC-001"
    values = {"key": {"uuid": str(visit.key), "slug": "ten"}, "ref": "YN-2026-CC-001", "post": "P-v_stats"}
    for one in urlpatterns:
        assert isinstance(one, URLPattern)
        path = "/" + str(one.pattern)
        path = path.replace("<uuid:key>", values["key"]["uuid"]).replace("<slug:key>", "ten")  # type: ignore[index]
        path = path.replace("<str:ref>", certificate).replace("<str:post>", "P-v_stats").replace("<slug:act>", "stop")
        yield re.sub(r"<[^>]+>", "1", path)


def _read_api(p: PoolWorld, client: Client) -> Iterator[str]:
    """Every address of the interface of assurance that can be read."""
    client.force_login(p.w.users["office"])
    described = client.get("/api/v1/openapi.json").json()["paths"]
    visit = str(Visit.objects.order_by("pk")[0].key)
    for path, acts in described.items():
        noun = path.removeprefix("/api/v1").split("/")[1]
        if "get" in acts and (noun in {"visits", "campaigns", "certificates", "assurance"} or "verifiers" in path):
            known = {"{key}": "ten" if "programmes" in path else visit, "{ref}": "YN-2026-CC-001"}
            for name, value in known.items():
                path = path.replace(name, value)
            yield re.sub(r"\{[^}]+\}", "1", path)


def _sheets(body: bytes) -> str:
    """What a workbook says, without the moment it was made."""
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        return "".join(book.read(name).decode() for name in sorted(book.namelist()) if "docProps" not in name)


def _shown(client: Client, p: PoolWorld, paths: list[str]) -> dict[tuple[str, str], str]:
    found = {}
    for who in WATCHERS:
        client.force_login(p.w.users[who])
        for path in paths:
            answer = client.get(path)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
            text = (
                _sheets(body)
                if path.endswith(".xlsx") and answer.status_code == 200
                else body.decode("utf-8", "replace")
            )
            text = re.sub(r'nonce="[^"]*"|name="(csrfmiddlewaretoken|idempotency_key)" value="[^"]*"', "", text)
            found[who, path] = re.sub(r'"X-CSRFToken": "[^"]*"', "", text)
    return found


def test_no_page_and_no_interface_tells_of_one_verifier_to_anybody_else(p: PoolWorld, client: Client) -> None:
    """Verdicts change hands between two verifiers: nothing that anybody else can read changes by it.

    If a page named a verifier beside what he found, or a figure of his, it would.
    """
    p.hand_out(count=12)
    visits = list(Visit.objects.order_by("pk"))
    for number, visit in enumerate(visits[:-1]):  # the last stays open
        record(visit, holds=number % 3 > 0)
    paths = [*_addresses(p), *_read_api(p, client)]
    assert len(paths) > 12, paths
    before = _shown(client, p, paths)
    posts = [p.w.who(name).effective.post_id for name in ("v_a", "v_audit1", "v_stats", "v_county", "v_b")]
    turn = dict(zip(posts, posts[1:] + posts[:1], strict=True))
    for visit in visits:
        Visit.objects.filter(pk=visit.pk).update(
            verifier_post_id=turn.get(visit.verifier_post_id, visit.verifier_post_id)
        )
    after = _shown(client, p, paths)
    differs = {key for key in before if before[key] != after[key]}
    assert not differs, differs


def test_a_verifier_reads_his_own(p: PoolWorld, client: Client) -> None:
    p.hand_out(count=12)
    visit = Visit.objects.select_related("verifier_post").order_by("pk")[0]
    record(visit, holds=False)
    who = visit.verifier_post.ref.removeprefix("P-")
    assert api(client, p, who, "/visits/mine").json()["found"] == 1
    assert page(client, p, who, reverse("assurance:own_figures")).status_code == 200
    assert api(client, p, "office", "/visits/mine").json()["found"] == 0
