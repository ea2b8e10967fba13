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
        self.do("name_units", names={"省委办公厅": "中共云南省委办公厅"})
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
    mine.do("name_units", names={"省委办公厅": "中共云南省委办公厅"})
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
    mine.refuses("matter_unknown", "issue_draft", programme="ten", matters={mine.item("安全生产").pk: 77})
    [known] = desk.programme.matters.all()
    assert (known.number, known.name_zh) == (3, "生态环境保护")
    before = known.sub_matters.count()
    mine.do("issue_draft", programme="ten", matters={mine.item("安全生产").pk: 3})
    # 生态环境保护 goes to the matter of that name, 安全生产 to where it was put, the other eight are new.
    assert [one.number for one in desk.programme.matters.all()] == [3, *range(4, 12)]
    under = Commitment.objects.filter(matter=known, came_of__isnull=False)
    assert {one.title[:4] for one in under} == {"抓实高原", "补齐“两", "排查燃气", "开展建筑"}
    assert known.sub_matters.count() == before + 4
    desk.audit()


def test_a_part_of_the_same_name_is_used_again(desk: World, receive: Receive) -> None:
    text = "三、生态环境 保护\n（一）治理湖泊，2026年10月底前完成。（牵头单位：省水利厅）\n"
    first, again = Desk(desk, receive(text)), Desk(desk, receive(text, name="b.txt"))
    second = Desk(desk, receive(text.replace("省水利厅", "省生态环境厅"), name="c.txt"))
    first.do("edit_item", item=first.item("治理湖泊").pk, changes={"title": "治理湖泊"})
    first.do("issue_draft", programme="ten")
    again.do("edit_item", item=again.item("治理湖泊").pk, changes={"title": "治理湖泊"})
    again.refuses("asked_already", "issue_draft", programme="ten")  # the same unit is asked the same
    again.do("issue_draft", programme="ten", different="第二期工程，另有资金")
    second.do("edit_item", item=second.item("治理湖泊").pk, changes={"title": "治理湖泊"})
    second.do("issue_draft", programme="ten")
    made = Commitment.objects.filter(title="治理湖泊")
    assert {(one.matter.number, one.sub_matter.name_zh) for one in made} == {(3, "治理湖泊")}
    assert len({one.sub_matter_id for one in made}) == 1
    assert made.count() == 3


def test_a_list_without_headings_can_have_one_matter(desk: World, receive: Receive) -> None:
    text = "\n".join(
        f"{number}、修订第{number}号办法，2026年10月底前完成。（牵头单位：省水利厅）" for number in "一二三四"
    )
    mine = Desk(desk, receive(text))
    told = {name: getattr(NEW, name) for name in NEW.__slots__}
    mine.do("issue_draft", new=NewProgramme(**{**told, "matter": "制度建设"}))
    programme = Programme.objects.get(key="ten-2026")
    assert [one.name_zh for one in programme.matters.all()] == ["制度建设"]
    assert Commitment.objects.filter(programme=programme).count() == 4
    assert programme.matters.get().sub_matters.count() == 4


def test_all_areas_below_lead_or_support(desk: World, receive: Receive) -> None:
    """One commitment for each where 各州（市） leads; where it helps, each of them has a share in the one."""
    mine = Desk(
        desk,
        receive(
            "一、治污\n（一）建管网，2026年9月底前完成。（牵头单位：各州（市））\n"
            "（二）治湖，2026年9月底前完成。（牵头单位：省水利厅；配合单位：各州（市）、有关部门）\n"
        ),
    )
    mine.do("name_units", names={"有关部门": None})
    assert "unit_unknown" not in [
        code for line in queries.lines(queries.items_of(mine.draft)) for code in line.concerns
    ]
    mine.do("issue_draft", new=NEW)
    each = Commitment.objects.filter(title__startswith="建管网")
    assert {one.lead.name for one in each} == {"玉溪市", "大理白族自治州"}
    [one] = Commitment.objects.filter(title__startswith="治湖")
    assert one.lead.name == "云南省水利厅"
    assert {support.unit.name for support in one.supports.all()} == {"玉溪市", "大理白族自治州"}


def test_what_a_part_above_is_asked_itself_becomes_a_task_too(desk: World, receive: Receive) -> None:
    document = receive("一、治污\n（一）建管网，2026年9月底前完成。（牵头单位：省水利厅）\n")
    mine = Desk(desk, document)
    mine.do("add_item", words="建管网", parent=mine.item("建管网").pk)
    added = DraftItem.objects.get(kind="added")
    mine.refuses("items_without_lead", "issue_draft", new=NEW)
    mine.do("edit_items", items=[added.pk], lead="玉溪市", due_on=dt.date(2026, 8, 1))
    mine.do("issue_draft", new=NEW)
    made = Commitment.objects.filter(programme__key="ten-2026").order_by("due_on")
    assert [(one.lead.name, one.due_on.isoformat()) for one in made] == [
        ("玉溪市", "2026-08-01"),
        ("云南省水利厅", "2026-09-30"),
    ]


def test_many_items_are_filled_in_at_once(desk: World, receive: Receive) -> None:
    mine = Desk(
        desk,
        receive(
            "一、修订办法，2026年10月底前完成。（牵头单位：省水利厅、省应急厅；配合单位：玉溪市）\n"
            "二、开展演练。（牵头单位：省水利厅）\n三、公开结果。\n"
        ),
    )
    first, second, third = queries.items_of(mine.draft)
    chosen = [first.pk, second.pk, third.pk]
    mine.refuses("items_none", "edit_items", items=[], lead="玉溪市")
    mine.refuses("edit_nothing", "edit_items", items=chosen)
    mine.refuses("item_unknown", "edit_items", items=[*chosen, 10**9], lead="玉溪市")
    mine.refuses("frequency_word", "edit_items", items=chosen, frequency="daily")
    mine.refuses("unit_unknown", "edit_items", items=chosen, lead="无此单位")
    mine.do("edit_items", items=chosen, lead="云南省应急管理厅", frequency="quarterly")
    first, second, third = queries.items_of(mine.draft)
    assert [(one["role"], one["words"]) for one in first.units] == [
        ("lead", "省应急厅"),
        ("responsible", "省水利厅"),
        ("support", "玉溪市"),
    ]
    assert first.units[0]["start"] > 0, "the words in the document stay marked"
    assert [(one["role"], one["words"]) for one in third.units] == [("lead", "云南省应急管理厅")]
    assert (first.due_on, third.due_on, third.frequency) == (dt.date(2026, 10, 31), None, "quarterly")
    desk.audit()


def test_words_are_added_where_they_stand(desk: World, receive: Receive) -> None:
    document = receive(LIST)
    mine = Desk(desk, document)
    row = mine.do("add_item", words="现将十件具体的事拆解如下，\n请逐项抓好落实。")
    assert row.source_text == "现将十件具体的事拆解如下，请逐项抓好落实。"
    assert document.text[row.source_start : row.source_end] == row.source_text
    below = mine.do("add_item", words="各州（市）党委，", parent=mine.item("促进农民增收").pk)
    line = next(line for line in queries.lines(queries.items_of(mine.draft)) if line.item.pk == below.pk)
    assert line.depth == 1, "below its part, though its words stand before it"
    mine.refuses("item_words", "add_item", words="文中没有的话")
    mine.refuses("item_words", "add_item", words=" ")
    refused = mine.refuses("item_words_often", "add_item", words="牵头单位")
    assert refused.params["count"] == 20
    where = document.text.rindex("牵头单位")
    assert mine.do("add_item", words="牵头单位", near=where + 3).source_start == where


def test_every_task_leads_back_to_its_words(desk: World, receive: Receive, client: Client) -> None:
    """Also after a merge: the words of both items stand behind the one commitment, and both clauses were taken up."""
    document = receive(LIST)
    mine = Desk(desk, document)
    mine.ready()
    first, second = mine.item("抬高防止返贫"), mine.item("发展特色产业")
    mine.do("merge_items", items=[first.pk, second.pk])
    mine.do("edit_items", items=[first.pk], lead="云南省农业农村厅")
    mine.do("issue_draft", new=NEW)
    made = Commitment.objects.get(title__startswith="抬高防止返贫的收入底线")
    assert made.source_quote == f"{first.source_text}\n{second.source_text}"
    told = queries.origins(desk.who("office"), made)
    assert [one.item.pk for one in told] == [first.pk, second.pk]
    whole = "".join(words for words, _own in told[0].pieces)
    assert whole in document.text
    assert whole.startswith("（一）抬高防止返贫")
    assert [words for words, own in told[0].pieces if own][1:] == [
        "2026年12月底前",
        "省农业农村厅",
        "省人力资源社会保障厅",
    ] or ("省农业农村厅" in [words for words, own in told[0].pieces if own])
    draft = queries.with_outcomes(desk.who("office"), mine.draft)
    taken = {clause.words[:9]: clause for clause in queries.clauses(document, draft)}
    assert [one.ref for one in taken["（二）发展特色产业"].commitments] == [made.ref]
    assert taken["一、促进农民增收"].below == 1
    left = [clause.words for clause in taken.values() if not clause.taken_up]
    assert [words[:6] for words in left] == ["关于抓好十件", "各州（市）党", "现将十件具体", "以上任务完成"]
    page = reverse("intake:origin", args=[made.ref])
    client.force_login(desk.users["office"])
    assert page in client.get(reverse("delivery:commitment", args=[made.ref])).content.decode()
    assert "<mark>发展特色产业带动增收" in client.get(page).content.decode()
    api = client.get(f"/api/v1/intake/commitments/{made.ref}/words").json()
    assert [one["start"] for one in api] == [first.source_start, second.source_start]
    # Who sees the task sees its words, not the whole document; who does not see the task sees nothing.
    below = Commitment.objects.get(title__startswith="补齐", lead__name="玉溪市", programme__key="ten-2026")
    client.force_login(desk.users["a_office"])
    shown = client.get(reverse("intake:origin", args=[below.ref])).content.decode()
    assert "补齐“两污”治理短板" in shown
    assert reverse("intake:document", args=[document.pk]) not in shown
    assert client.get(page).status_code == 404
    # What came of no document here has no such page.
    assert client.get(reverse("intake:origin", args=["nothing"])).status_code == 404


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
    assert act("name-units", words="省委办公厅", unit="", other="中共云南省委办公厅").status_code == 302
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
    costs: dict[str, list[int]] = {}
    for one in (short, long):
        issue = reverse("intake:issue", args=[one.pk])
        pages = {
            "document": reverse("intake:document", args=[one.pk]),
            "chosen": reverse("intake:document", args=[one.pk]) + "?choose=no_lead",
            "trace": reverse("intake:trace", args=[one.pk]),
            "issue": issue,
            "add": f"{issue}?to=existing&programme=ten",
            "api": f"/api/v1/intake/documents/{one.pk}/draft",
            "api trace": f"/api/v1/intake/documents/{one.pk}/trace",
        }
        for name, address in pages.items():
            assert client.get(address).status_code == 200, name
            looks = []
            for _look in range(3):  # a frame kept for a while may run out between two of them
                with CaptureQueriesContext(connection) as told:
                    client.get(address)
                looks.append(len(told))
            costs.setdefault(name, []).append(min(looks))
    assert all(first == second for first, second in costs.values()), costs


def test_the_list_costs_no_more_with_more_documents(desk: World, receive: Receive, client: Client) -> None:
    client.force_login(desk.users["office"])
    counts = []
    for _round in range(2):
        receive("\n".join(LIST.splitlines()[:8]))
        client.get(reverse("intake:documents"))
        with CaptureQueriesContext(connection) as told:
            client.get(reverse("intake:documents"))
        counts.append(len(told))
    assert counts[0] == counts[1]


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
