"""The pages and the interface of the news: who sees what, who may do what, and what is refused."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from tests.intake.feed_server import serving

from luoshi.delivery.models import Instruction
from luoshi.intake.models import Article, Document, NewsDismissal, NewsSource
from luoshi.intake.services import news
from luoshi.office.jobs import run_job
from luoshi.office.models import Job

Enter = Callable[..., Client]


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    from tests.delivery.world import build

    made = build()
    cache.set("luoshi.demo", False, None)
    monkeypatch.setattr("django.utils.timezone.now", lambda: made.at)
    return made


@pytest.fixture
def enter(world: Any) -> Enter:
    def sign_in(name: str, language: str = "en") -> Client:
        client = Client(headers={"accept-language": language})
        client.force_login(world.users[name])
        return client

    return sign_in


@pytest.fixture
def told(world: Any) -> Any:
    """The province's source with an article that bears on Yuxi's commitment, and one that bears on nothing."""
    commitment = world.do("issue_commitment", "office", world.draft())
    source = news.add_source(actor=world.who("office"), name="省级要闻", at=world.at)
    article = news.paste_page(
        actor=world.who("office"),
        source_id=source.pk,
        title="星云湖治污管网现场会在玉溪市召开",
        text="会议要求 <b>补齐</b> 短板。",
        published_on=world.at.date(),
        link="https://news.example/a?x=1",
        at=world.at,
    )
    news.paste_page(
        actor=world.who("office"),
        source_id=source.pk,
        title="某地书画展",
        text="",
        published_on=world.at.date(),
        at=world.at,
    )
    return source, article, commitment


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


# --- the digest ---


def test_the_digest_says_why_each_article_is_there(enter: Enter, told: Any) -> None:
    _source, article, commitment = told
    page = text_of(enter("a_head").get("/intake/news/"))
    assert "1 article bears on your work" in page
    assert "2 articles of this day were looked through" in page
    assert '<mark lang="zh-Hans">治污</mark>' in page
    assert '<mark lang="zh-Hans">管网</mark>' in page
    assert f'href="/c/{commitment.ref}/"' in page
    assert "matter 1, " in page or "matter 3, " in page
    assert "书画展" not in page
    assert "&lt;b&gt;" in page
    assert "<b>补齐" not in page
    assert "书画展" in text_of(enter("a_head").get("/intake/news/all/"))
    link = f'href="/intake/news/{article.pk}/"'
    assert link in page
    navigation = 'href="/intake/news/"'
    assert navigation in text_of(enter("a_head").get("/"))
    assert navigation not in text_of(enter("a_handler").get("/"))


def test_another_area_is_told_nothing_of_this_one(enter: Enter, told: Any) -> None:
    for path in ("/intake/news/", f"/intake/news/{told[1].pk}/", "/intake/news/all/"):
        page = text_of(enter("b_head").get(path))
        assert told[2].ref not in page
        assert 'lang="zh-Hans">玉溪市</mark>' not in page


def test_days_before_are_reached_and_a_silly_day_is_today(world: Any, enter: Enter, told: Any) -> None:
    client = enter("head")
    yesterday = world.at.date() - dt.timedelta(days=1)
    news.paste_page(
        actor=world.who("office"),
        source_id=told[0].pk,
        title="昨天星云湖治污管网的一条",
        text="",
        published_on=yesterday,
        at=world.at,
    )
    assert f"?day={yesterday}" in text_of(client.get("/intake/news/"))
    page = text_of(client.get(f"/intake/news/?day={yesterday}"))
    assert "昨天" in page
    assert 'rel="next" href="?day=2026-03-02"' in page
    for silly in ("2999-01-01", "x", "2026-13-40", "", "0001-01-01"):
        assert client.get("/intake/news/", {"day": silly}).status_code == 200
    assert "星云湖" in text_of(client.get("/intake/news/?day=2999-01-01"))


def test_empty_states_say_what_to_do(world: Any, enter: Enter) -> None:
    assert "/intake/news/sources/add/" in text_of(enter("head").get("/intake/news/"))
    handler = text_of(enter("a_handler").get("/intake/news/"))
    assert "/intake/news/sources/add/" not in handler
    assert "ask it to add one" in handler
    news.add_source(actor=world.who("office"), name="空", at=world.at)
    assert "Nothing was published on this day" in text_of(enter("a_handler").get("/intake/news/"))
    assert "No articles" in text_of(enter("head").get("/intake/news/all/?matter=99999"))


def test_what_was_told_in_the_morning_stands_first(world: Any, enter: Enter, told: Any) -> None:
    assert news.make_digests(world.at)
    news.paste_page(
        actor=world.who("office"),
        source_id=told[0].pk,
        title="玉溪市星云湖治污管网、星云湖治污管网再部署",
        text="",
        published_on=world.at.date(),
        at=world.at,
    )
    page = text_of(enter("a_head").get("/intake/news/"))
    assert "1 was told to you in the morning" in page
    assert page.index("现场会") < page.index("再部署")


def test_the_pages_ask_no_more_with_more_articles(
    world: Any, enter: Enter, told: Any, django_assert_max_num_queries: Any
) -> None:
    client = enter("head")

    def count(path: str) -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        client.get(path)
        with CaptureQueriesContext(connection) as caught:
            assert client.get(path).status_code == 200
        return len(caught)

    paths = ("/intake/news/", "/intake/news/all/", "/intake/news/sources/")
    before = [count(path) for path in paths]
    for number in range(15):
        source = news.add_source(actor=world.who("office"), name=f"来源{number}", at=world.at)
        news.paste_page(
            actor=world.who("office"),
            source_id=source.pk,
            title=f"第{number}次星云湖治污管网推进会在玉溪市",
            text="",
            published_on=world.at.date(),
            at=world.at,
        )
    assert [count(path) for path in paths] == before


# --- acting ---


def test_a_draft_in_one_click_then_not_again(world: Any, enter: Enter, told: Any) -> None:
    client, path = enter("office"), f"/intake/news/{told[1].pk}/draft/"
    answer = client.post(path, {"idempotency_key": "one-key-for-this"})
    document = Document.objects.get()
    assert answer["Location"] == f"/intake/{document.pk}/"
    assert client.post(path, {"idempotency_key": "one-key-for-this"})["Location"] == answer["Location"]
    assert Document.objects.count() == 1
    assert "星云湖" in text_of(client.get(answer["Location"]))
    again = client.post(path, {"idempotency_key": "another-key-for-it"})
    assert again.status_code == 409
    assert "news_drafted" in text_of(again)
    assert f'href="/intake/{document.pk}/"' in text_of(client.get(f"/intake/news/{told[1].pk}/"))
    refused = enter("a_handler").post(path)
    assert (refused.status_code, Document.objects.count()) == (403, 1)
    assert "news_draft" not in text_of(enter("a_handler").get(f"/intake/news/{told[1].pk}/"))


def test_an_instruction_names_the_article(enter: Enter, told: Any) -> None:
    client, path = enter("head"), f"/intake/news/{told[1].pk}/instruct/"
    page = text_of(client.get(f"/intake/news/{told[1].pk}/"))
    assert f'<option value="{told[2].ref}">' in page
    answer = client.post(path, {"ref": told[2].ref, "words": "请玉溪市研究。"})
    assert answer["Location"] == f"/c/{told[2].ref}/"
    assert told[1].title in Instruction.objects.get().words
    assert client.post(path, {"ref": told[2].ref, "words": ""}).status_code == 422
    assert client.post(path, {"ref": "none-such", "words": "请研究"}).status_code == 404
    own = enter("a_head").post(path, {"ref": told[2].ref, "words": "自己批自己"})
    assert own.status_code == 403
    assert "not_your_act" in text_of(own)
    assert Instruction.objects.count() == 1


def test_not_relevant_and_back(enter: Enter, told: Any) -> None:
    client = enter("a_head")
    answer = client.post(f"/intake/news/{told[1].pk}/aside/", {"next": "/intake/news/?day=2026-03-02"})
    assert answer["Location"] == "/intake/news/?day=2026-03-02"
    page = text_of(client.get("/intake/news/"))
    assert "No news bears on your work" in page
    assert "1 article put aside by your post" in page
    away = client.post(f"/intake/news/{told[1].pk}/aside/", {"back": "1", "next": "https://evil.example/"})
    assert away["Location"] == "/intake/news/"
    assert not NewsDismissal.objects.exists()


# --- sources ---


def test_sources_are_kept_by_those_who_may(world: Any, enter: Enter) -> None:
    client = enter("office")
    values = {"name": "演示要闻", "address": "https://news.example/rss", "interval_minutes": 60}
    assert client.post("/intake/news/sources/add/", values)["Location"] == "/intake/news/sources/"
    source = NewsSource.objects.get()
    for bad, code in (
        ({"name": "另", "address": "file:///etc/passwd"}, "feed_address"),
        ({"name": "演示要闻", "address": ""}, "news_name_taken"),
    ):
        answer = client.post("/intake/news/sources/add/", {**values, **bad})
        assert answer.status_code in (409, 422)
        assert code in text_of(answer)
    assert client.post("/intake/news/sources/add/", {**values, "interval_minutes": 1}).status_code == 422
    page = text_of(client.get("/intake/news/sources/"))
    assert "https://news.example/rss" in page
    changed = client.post(
        f"/intake/news/sources/{source.pk}/", {**values, "name": "改名", "active": "on", "version": source.version}
    )
    assert changed.status_code == 302
    stale = client.post(f"/intake/news/sources/{source.pk}/", {**values, "active": "on", "version": source.version})
    assert (stale.status_code, "stale_version" in text_of(stale)) == (409, True)
    off = client.post(f"/intake/news/sources/{source.pk}/use/", {"active": "0", "version": source.version + 1})
    assert off.status_code == 302
    source.refresh_from_db()
    assert (source.name, source.active, source.next_at) == ("改名", False, None)
    for who in ("a_office", "a_handler"):
        other = enter(who)
        assert "改名" in text_of(other.get("/intake/news/sources/"))
        assert f"/intake/news/sources/{source.pk}/" not in text_of(other.get("/intake/news/sources/"))
        assert other.get(f"/intake/news/sources/{source.pk}/").status_code == 404
        assert other.post(f"/intake/news/sources/{source.pk}/use/", {"version": 3}).status_code == 404
    assert enter("a_handler").get("/intake/news/sources/add/").status_code == 403
    assert enter("a_handler").get("/intake/news/paste/").status_code == 403


def test_asking_now_is_a_job_with_progress(world: Any, enter: Enter, settings: Any) -> None:
    settings.NEWS_INTRANET_HOSTS = frozenset({"127.0.0.1"})
    client = enter("office")
    with serving() as site:
        news.add_source(actor=world.who("office"), name="好", address=f"{site}/good", at=world.at)
        news.add_source(actor=world.who("office"), name="坏", address=f"{site}/nowhere", at=world.at)
        answer = client.post("/intake/news/sources/ask/")
        job = Job.objects.get(kind="intake.ask_sources")
        assert answer["Location"] == f"/office/jobs/{job.pk}/"
        run_job.func(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == ("done", 2, 2)
    assert (job.result["kept"], job.result["link"]) == (2, "/intake/news/sources/")
    page = text_of(client.get(answer["Location"]))
    assert "/intake/news/sources/" in page
    assert "500" in page
    state = text_of(client.get("/intake/news/sources/"))
    assert "&quot;v1&quot;" in state
    assert "The source answered with status 500." in state
    assert client.post("/intake/news/sources/ask/").status_code == 409


def test_a_page_is_pasted_on_its_page(enter: Enter, told: Any) -> None:
    client = enter("office")
    values = {
        "source_id": told[0].pk,
        "title": "洱海治污新进展",
        "text": "联系电话13812345678",
        "published_on": "2026-03-02",
    }
    answer = client.post("/intake/news/paste/", values)
    article = Article.objects.get(title="洱海治污新进展")
    assert answer["Location"] == f"/intake/news/{article.pk}/"
    assert "138****5678" in article.summary
    known = client.post("/intake/news/paste/", values)
    assert known.status_code == 409
    assert "13812345678" in text_of(known), "what was typed is not lost"
    assert client.post("/intake/news/paste/", {**values, "source_id": 999_999}).status_code == 422


def test_nobody_signed_in_reads_nothing(world: Any, told: Any) -> None:
    for path in ("", "all/", "sources/", f"{told[1].pk}/", "paste/", "sources/add/"):
        assert Client().get(f"/intake/news/{path}").status_code == 302
    assert Client().get("/api/v1/news/digest").status_code == 401


# --- the interface ---


def call(client: Client, path: str, body: Any = None, version: int | None = None) -> Any:
    headers = {"If-Match": f'"{version}"'} if version else {}
    if body is None:
        return client.get(f"/api/v1/news{path}")
    return client.post(f"/api/v1/news{path}", body, content_type="application/json", headers=headers)


def test_the_interface_does_what_the_pages_do(world: Any, enter: Enter, told: Any) -> None:
    _source, article, commitment = told
    office = enter("office")
    digest = call(enter("a_head"), "/digest").json()
    assert (digest["looked"], len(digest["items"])) == (2, 1)
    [why, *_rest] = digest["items"][0]["why"]
    assert why["commitments"][0]["ref"] == commitment.ref
    assert {"治污", "管网"} <= {word for one in digest["items"][0]["why"] for word in one["words"]}
    assert digest["items"][0]["units"][0]["called"] == "玉溪市"
    assert len(call(office, "/articles").json()["items"]) == 2
    first = call(office, "/articles?limit=1").json()
    second = call(office, f"/articles?limit=1&before={first['next']}").json()
    assert second["next"] is None
    assert call(office, f"/articles/{article.pk}").json()["article"]["link"] == "https://news.example/a?x=1"

    made = call(office, "/sources", {"name": "接口加的"}).json()
    assert (made["own"], made["version"]) == (True, 1)
    page = {"title": "接口粘贴的一条", "text": "短", "published_on": "2026-03-02"}
    assert call(office, f"/sources/{made['id']}/articles", page).json()["source"] == made["id"]
    change = {"name": "接口改的", "active": False}
    assert call(office, f"/sources/{made['id']}", change).status_code == 428
    assert call(office, f"/sources/{made['id']}", change, 1).json()["version"] == 2
    assert call(office, f"/sources/{made['id']}", change, 1).status_code == 412

    draft = call(office, f"/articles/{article.pk}/draft", {}).json()
    assert (draft["kind"], draft["state"]) == ("news", "read")
    note = call(
        enter("head"),
        f"/articles/{article.pk}/instruction",
        {"ref": commitment.ref, "words": "请研究"},
        commitment.version,
    )
    assert article.title in note.json()["words"]
    assert call(enter("a_head"), f"/articles/{article.pk}/aside", {"aside": True}).json()["aside"]
    assert call(enter("a_head"), "/digest").json()["items"] == []
    assert [one["name"] for one in call(office, "/sources").json()["items"]] == ["接口改的", "省级要闻"]


def test_the_interface_refuses_what_the_pages_refuse(world: Any, enter: Enter, told: Any) -> None:
    source, article, commitment = told
    own = news.add_source(actor=world.who("a_office"), name="玉溪", at=world.at)
    hidden = news.paste_page(
        actor=world.who("a_office"),
        source_id=own.pk,
        title="只到玉溪",
        text="",
        published_on=world.at.date(),
        at=world.at,
    )
    page = {"title": "一条", "published_on": "2026-03-02"}
    asked = [
        ("a_handler", "/sources", {"name": "不许"}, None, "not_news_keeper"),
        ("a_handler", "/ask", {}, None, "not_news_keeper"),
        ("auditor", f"/sources/{source.pk}", {"name": "不许", "active": True}, 1, "not_found"),
        ("a_office", f"/sources/{source.pk}/articles", page, None, "not_found"),
        ("b_head", f"/articles/{hidden.pk}", None, None, "not_found"),
        ("b_head", f"/articles/{hidden.pk}/aside", {}, None, "not_found"),
        ("a_handler", f"/articles/{article.pk}/draft", {}, None, "not_intake"),
        ("b_head", f"/articles/{article.pk}/draft", {"text": "密级：机密\n内容"}, None, "secrecy_mark"),
        ("office", "/sources", {"name": "内网", "address": "gopher://x/"}, None, "feed_address"),
        ("office", "/sources", {"name": "省级要闻"}, None, "news_name_taken"),
        ("office", "/ask", {"source": source.pk}, None, "news_no_feed"),
        ("office", f"/sources/{source.pk}/articles", {**page, "published_on": "2999-01-01"}, None, "news_date"),
        ("office", f"/sources/{source.pk}/articles", {**page, "link": "javascript:1"}, None, "news_link"),
        ("office", f"/sources/{source.pk}/articles", {**page, "title": "密级：机密"}, None, "secrecy_mark"),
    ]

    for who, path, body, version, code in asked:
        answer = call(enter(who), path, body, version)
        assert answer.json().get("code") == code, (who, path, answer.content)
        assert answer.json()["detail"]
    assert not Document.objects.exists()
    seen = call(enter("b_head"), f"/articles/{article.pk}").json()
    assert (seen["units"], [why["commitments"] for why in seen["why"]]) in (([], []), ([], [[]])), commitment.ref
