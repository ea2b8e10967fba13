"""The desk of intake: a document becomes a draft, people mend it, and it is issued in one act."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from tests.delivery.world import World
from tests.intake.conftest import Receive
from tests.intake.ten import LIST

from luoshi.delivery.models import Commitment, Programme
from luoshi.intake import queries, services
from luoshi.intake.models import Document, Draft, DraftItem, Outcome
from luoshi.intake.services.issuing import NewProgramme
from luoshi.ledger.models import Entry
from luoshi.office.jobs import run_ready
from luoshi.office.models import StoredFile
from luoshi.rules.refusals import Refused

NEW = NewProgramme(
    key="ten-2026",
    prefix="YNS-2026",
    name_zh="十件事任务清单",
    who="省委",
    document="关于抓好十件事的任务清单",
    scope="十件事",
    from_on=dt.date(2026, 1, 1),
    until_on=dt.date(2026, 12, 31),
)


class Desk:
    """Acts of the office of the province on the newest version of one draft."""

    def __init__(self, world: World, document: Document) -> None:
        self.world = world
        self.pk = document.draft.pk

    @property
    def draft(self) -> Draft:
        return Draft.objects.get(pk=self.pk)

    def do(self, act: str, *, by: str = "office", **values: Any) -> Any:
        version = values.pop("version", self.draft.version)
        base = {"actor": self.world.who(by), "draft": self.pk, "version": version, "at": self.world.at}
        return getattr(services, act)(**base, **values)[0]

    def refuses(self, code: str, act: str, **values: Any) -> Refused:
        """Refused with that code, and nothing has changed."""
        before = self.state()
        with pytest.raises(Refused) as refused:
            self.do(act, **values)
        assert refused.value.code == code
        assert self.state() == before
        return refused.value

    def state(self) -> list[Any]:
        rows = [list(model.objects.order_by("pk").values()) for model in (Document, Draft, DraftItem, Outcome)]
        return [*rows, Entry.objects.count(), Programme.objects.count(), Commitment.objects.count()]

    def item(self, words: str) -> DraftItem:
        found = [item for item in DraftItem.objects.filter(draft=self.pk) if words in item.name]
        assert len(found) == 1, (words, found)
        return found[0]

    def ready(self) -> None:
        """Say which office is meant, and drop the closing sentence, which is no matter."""
        self.do("name_unit", words="省委办公厅", unit="中共云南省委办公厅")
        self.do("drop_item", item=self.item("以上任务完成情况").pk)


def test_ten_matters_from_the_paper_to_commitments(desk: World, receive: Receive) -> None:
    document = receive(LIST)
    mine = Desk(desk, document)
    mine.ready()
    entries = Entry.objects.count()
    draft = mine.do("issue_draft", new=NEW)
    assert Entry.objects.filter(type="intake.DraftIssued").count() == 1
    assert Entry.objects.count() > entries
    programme = Programme.objects.get(key="ten-2026")
    assert draft.programme == programme
    assert programme.state == "issued"
    assert [(one.number, one.name_zh) for one in programme.matters.all()][:3] == [
        (1, "促进农民增收"),
        (2, "耕地保护和粮食安全"),
        (3, "生态环境保护"),
    ]
    assert programme.matters.count() == 10
    assert [one.sub_matters.count() for one in programme.matters.all()] == [2] * 10
    made = Commitment.objects.filter(programme=programme)
    assert set(made.values_list("state", flat=True)) == {"issued"}
    below = made.filter(sub_matter__name_zh__contains="补齐")
    assert {one.lead.name for one in below} == {"玉溪市", "大理白族自治州"}
    assert made.count() == 19 + 2
    one = made.get(title__startswith="抬高防止返贫的收入底线")
    assert one.due_on == dt.date(2026, 12, 31)
    assert one.lead.name == "云南省农业农村厅"
    assert [support.unit.name for support in one.supports.all()] == ["云南省人力资源和社会保障厅"]
    item = one.came_of.item
    assert one.source_quote == document.text[item.source_start : item.source_end]
    assert "（一）" in one.source_place or "(一)" in one.source_place
    duty = made.get(title__startswith="落实防汛抗旱")
    assert (duty.kind, duty.frequency, duty.due_on) == ("duty", "quarterly", None)
    desk.audit()
    mine.refuses("draft_issued", "share_draft", shared=True)


def test_nothing_is_issued_that_is_not_whole(desk: World, receive: Receive) -> None:
    mine = Desk(desk, receive(LIST))
    refused = mine.refuses("items_without_lead", "issue_draft", new=NEW)
    assert "以上任务完成情况" in str(refused.params["items"])
    mine.do("drop_item", item=mine.item("以上任务完成情况").pk)
    mine.refuses("items_out_of_reach", "issue_draft", new=NEW)
    mine.do("name_unit", words="省委办公厅", unit="中共云南省委办公厅")
    mine.do("edit_item", item=mine.item("公开办事流程").pk, changes={"due_on": None})
    mine.refuses("items_without_date", "issue_draft", new=NEW)
    mine.do("edit_item", item=mine.item("公开办事流程").pk, changes={"due_on": dt.date(2026, 9, 30)})
    without = NewProgramme(**{**{name: getattr(NEW, name) for name in NEW.__slots__}, "who": " "})
    mine.refuses("authority_missing", "issue_draft", new=without)
    taken = NewProgramme(**{**{name: getattr(NEW, name) for name in NEW.__slots__}, "key": "ten"})
    mine.refuses("programme_taken", "issue_draft", new=taken)
    mine.refuses("stale_version", "issue_draft", new=NEW, version=1)
    mine.refuses("not_intake", "issue_draft", new=NEW, by="verifier")
    mine.refuses("not_intake", "share_draft", shared=True, by="a_handler")
    mine.refuses("not_found", "share_draft", shared=True, by="a_office")


def test_add_to_an_existing_programme(desk: World, receive: Receive) -> None:
    mine = Desk(desk, receive(LIST))
    mine.ready()
    mine.refuses("not_found", "issue_draft", programme="nothing")
    mine.do("issue_draft", programme="ten")
    assert [one.number for one in desk.programme.matters.all()] == [3, *range(4, 14)]
    desk.audit()


def test_edit_merge_split_drop_add(desk: World, receive: Receive) -> None:
    document = receive(LIST)
    mine = Desk(desk, document)
    first, second = mine.item("抬高防止返贫"), mine.item("发展特色产业")
    place = (first.source_start, first.source_end, first.source_text)
    changed = mine.do(
        "edit_item",
        item=first.pk,
        changes={
            "title": "抬高收入底线",
            "units": [{"role": "lead", "words": "省民政厅"}, {"role": "support", "words": "玉溪市"}],
        },
    )
    assert [one["unit"] for one in changed.units] == [
        desk.units["民政厅"].pk if "民政厅" in desk.units else changed.units[0]["unit"],
        desk.units["530400"].pk,
    ]
    assert (changed.source_start, changed.source_end, changed.source_text) == place
    mine.refuses("item_empty", "edit_item", item=first.pk, changes={"title": "", "requirement": " "})
    mine.refuses("frequency_word", "edit_item", item=first.pk, changes={"frequency": "daily"})
    mine.refuses("unit_unknown", "edit_item", item=first.pk, changes={"units": [{"role": "lead", "words": "无此单位"}]})
    mine.refuses("items_few", "merge_items", items=[first.pk])
    one = mine.do("merge_items", items=[second.pk, first.pk])
    assert one.pk == first.pk
    assert "发展特色产业" in one.requirement
    assert one.due_on == dt.date(2026, 11, 30)
    assert DraftItem.objects.get(pk=second.pk).dropped
    mine.refuses("item_split", "split_item", item=first.pk, after=0)
    new = mine.do("split_item", item=first.pk, after=one.requirement.index("\n"))
    assert new.requirement.startswith("发展特色产业")
    assert new.place > one.place
    mine.do("drop_item", item=second.pk, dropped=False)
    start = document.text.index("各州（市）党委")
    added = mine.do("add_item", start=start, end=start + 7)
    assert (added.source_text, added.units, added.due_on) == ("各州（市）党委", [], None)
    mine.refuses("item_span", "add_item", start=5, end=5)
    mine.refuses("item_unknown", "add_item", start=start, end=start + 3, parent=10**9)
    desk.audit()


def test_a_draft_is_its_post_s_until_it_is_shared(desk: World, receive: Receive) -> None:
    document = receive(LIST)
    mine = Desk(desk, document)
    assert list(queries.documents(desk.who("office2"))) == []
    assert list(queries.documents(desk.who("a_office"))) == []
    mine.do("share_draft", shared=True)
    assert list(queries.documents(desk.who("office2"))) == [document]
    assert list(queries.documents(desk.who("head"))) == [document]
    assert list(queries.documents(desk.who("a_office"))) == []
    mine.do("edit_item", by="office2", item=mine.item("公开办事流程").pk, changes={"title": "公开流程"})
    with pytest.raises(Refused, match="supervision office and the head"):
        queries.documents(desk.who("verifier"))


def test_a_corrected_document_is_taken_change_by_change(desk: World, receive: Receive) -> None:
    document = receive(LIST)
    mine = Desk(desk, document)
    text = LIST.replace("2026年11月30日前提交方案", "2026年10月31日前提交实施方案")
    text = text.replace("（二）增加普惠托位，2026年12月底前完成。（牵头单位：省民政厅；配合单位：省教育厅）\n", "")
    text = text.replace("十、抓好", "（三）建立内控清单，2026年8月底前完成。（牵头单位：省民政厅）\n十、抓好")
    corrected = receive(text, revision_of=document.pk)
    assert not Draft.objects.filter(document=corrected).exists()
    told = queries.difference(mine.draft, queries.items_of(mine.draft), corrected)
    changed, gone = mine.item("发展特色产业"), mine.item("增加普惠托位")
    assert [key for key, _at in told.changed] == [changed.pk]
    assert told.gone == (gone.pk,)
    [added] = told.added
    row = mine.do("take_change", revision=corrected.pk, change=f"words-{changed.pk}")
    assert (row.due_on, row.source_id) == (dt.date(2026, 10, 31), corrected.pk)
    mine.do("take_change", revision=corrected.pk, change=f"gone-{gone.pk}")
    new = mine.do("take_change", revision=corrected.pk, change=f"added-{added}")
    assert new.parent.title == "党风廉政"
    mine.refuses("change_unknown", "take_change", revision=corrected.pk, change=f"added-{added}")
    left = queries.difference(mine.draft, queries.items_of(mine.draft), corrected)
    assert (left.added, left.gone, left.changed) == ((), (), ())
    desk.audit()


@pytest.mark.principle(10)
def test_what_is_secret_is_not_kept(desk: World) -> None:
    files = StoredFile.objects.count()
    with pytest.raises(Refused) as refused:
        services.receive_document(
            actor=desk.who("office"),
            upload=SimpleUploadedFile("a.txt", "机密★1年\n\n一、做好工作。（牵头单位：玉溪市）".encode()),
            title="某文",
            doc_on=desk.at.date(),
            at=desk.at,
        )
    assert refused.value.code == "secrecy_mark"
    assert (StoredFile.objects.count(), Document.objects.count()) == (files, 0)


def test_names_that_can_mean_several_are_asked(desk: World, receive: Receive) -> None:
    document = receive(
        "一、推进管网改造，2026年6月底前完成。（市水务局牵头）\n二、清淤，2026年6月底前完成。（省生态厅牵头）\n"
    )
    states = [one["state"] for item in queries.items_of(document.draft) for one in item.units]
    assert states == ["unknown", "found"]


def test_pages_from_upload_to_trace(desk: World, client: Client) -> None:
    client.force_login(desk.users["office"])
    assert client.get(reverse("intake:documents")).status_code == 200
    sent = client.post(
        reverse("intake:receive"),
        {
            "file": SimpleUploadedFile("十件事.txt", LIST.encode()),
            "title": "十件事清单",
            "doc_on": "2026-03-01",
            "kind": "notice",
        },
    )
    assert sent.status_code == 302, sent.content.decode()
    document = Document.objects.get()
    assert client.get(sent["Location"]).status_code == 200
    run_ready(timezone.now())
    document.refresh_from_db()
    assert document.state == "read"
    mine = Desk(desk, document)
    page = client.get(sent["Location"]).content.decode()
    assert "省委办公厅" in page
    assert f'id="s-requirement-{mine.item("公开办事流程").pk}"' in page
    act = lambda name, **values: client.post(  # noqa: E731
        reverse("intake:act", args=[document.pk, name]), {"version": mine.draft.version, **values}
    )
    assert act("name-unit", words="省委办公厅", other="中共云南省委办公厅").status_code == 302
    assert act("drop", item=mine.item("以上任务完成情况").pk).status_code == 302
    assert act("share", shared="1").status_code == 302
    item = mine.item("公开办事流程")
    edit = reverse("intake:item", args=[document.pk, item.pk])
    shown = client.get(edit).context["form"].initial
    told = {name: value for name, value in shown.items() if value}
    done = client.post(edit, {**told, "title": "公开流程", "version": mine.draft.version})
    assert done.status_code == 302, done.content.decode()
    assert DraftItem.objects.get(pk=item.pk).units == item.units
    issue = reverse("intake:issue", args=[document.pk])
    assert client.get(issue).status_code == 200
    assert client.get(issue + "?to=existing").status_code == 200
    values = {name: getattr(NEW, name) for name in NEW.__slots__}
    done = client.post(issue, {**values, "number_prefix": NEW.prefix, "version": mine.draft.version})
    assert done.status_code == 302, done.content.decode()
    trace = client.get(done["Location"]).content.decode()
    assert "YNS-2026-01-0001" in trace
    assert "各州（市）党委，省直有关部门" in trace
    assert client.get(reverse("intake:file", args=[document.pk])).status_code == 200
    client.force_login(desk.users["verifier"])
    assert client.get(sent["Location"]).status_code == 403
    client.force_login(desk.users["a_office"])
    assert client.get(sent["Location"]).status_code == 404


def test_pages_cost_no_more_with_more_rows(desk: World, receive: Receive, client: Client) -> None:
    client.force_login(desk.users["office"])
    short = receive("\n".join(LIST.splitlines()[:8]))
    long = receive(LIST)
    for page in ("document", "trace"):
        costs = []
        for one in (short, long):
            client.get(reverse(f"intake:{page}", args=[one.pk]))
            with CaptureQueriesContext(
                connection,
            ) as told:
                client.get(reverse(f"intake:{page}", args=[one.pk]))
            costs.append(len(told))
        assert costs[0] == costs[1], page


def test_api_from_upload_to_trace(desk: World, client: Client) -> None:
    client.force_login(desk.users["office"])
    sent = client.post(
        "/api/v1/intake/documents",
        {"file": SimpleUploadedFile("十件事.txt", LIST.encode()), "title": "十件事清单", "doc_on": "2026-03-01"},
    )
    assert sent.status_code == 200, sent.content.decode()
    home = f"/api/v1/intake/documents/{sent.json()['id']}"
    run_ready(timezone.now())
    assert client.get(home).json()["state"] == "read"
    assert len(client.get("/api/v1/intake/documents").json()["items"]) == 1
    draft = client.get(f"{home}/draft")
    closing = next(one for one in draft.json()["items"] if one["kind"] == "closing")
    assert closing["concerns"] == ["no_lead"]
    tag = {"content_type": "application/json", "headers": {"If-Match": draft["ETag"]}}
    assert (
        client.post(f"{home}/items/{closing['id']}", {"dropped": True}, content_type="application/json").status_code
        == 428
    )
    done = client.post(f"{home}/items/{closing['id']}", {"dropped": True}, **tag)
    assert done.status_code == 200, done.content.decode()
    version = done["ETag"]
    for one in done.json()["items"]:
        if any(unit["state"] == "unknown" for unit in one["units"]) and not one["dropped"]:
            changes = {"units": [{"role": "lead", "words": "中共云南省委办公厅"}]}
            done = client.post(
                f"{home}/items/{one['id']}", changes, content_type="application/json", headers={"If-Match": version}
            )
            assert done.status_code == 200, done.content.decode()
            version = done["ETag"]
    values = {name: str(getattr(NEW, name)) for name in NEW.__slots__}
    done = client.post(f"{home}/issue", values, content_type="application/json", headers={"If-Match": version})
    assert done.status_code == 200, done.content.decode()
    assert done.json()["programme"] == "ten-2026"
    trace = client.get(f"{home}/trace").json()
    assert sum(len(one["commitments"]) for one in trace["clauses"]) == 21
    assert trace["left"] == 4
