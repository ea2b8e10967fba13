"""News: asked politely from a real server, kept as short quotations, matched, told once a day, acted upon."""

from __future__ import annotations

import datetime as dt
import io
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from tests.intake.feed_server import GOOD, Handler, serving

from luoshi.delivery.models import Commitment
from luoshi.intake import services
from luoshi.intake.adapters import feeds
from luoshi.intake.models import Article, ArticleDraft, ArticleMatch, NewsDigest, NewsSource
from luoshi.intake.queries import news as queries
from luoshi.intake.services import news
from luoshi.ledger.models import Entry
from luoshi.office.jobs import start_periodic
from luoshi.office.models import Message
from luoshi.rules.refusals import Refused


@pytest.fixture
def world(db: None) -> Any:
    from tests.delivery.world import build

    return build()


@pytest.fixture
def site(settings: Any) -> Iterator[str]:
    settings.NEWS_INTRANET_HOSTS = frozenset({"127.0.0.1"})
    with serving() as address:
        yield address


def code_of(address: str) -> str:
    with pytest.raises(Refused) as refused:
        feeds.ask(address)
    assert str(refused.value)
    return refused.value.code


def add(world: Any, address: str, name: str = "演示来源", who: str = "office") -> NewsSource:
    return news.add_source(actor=world.who(who), name=name, address=address, interval_minutes=60, at=world.at)


# --- asking ---


def test_what_has_not_changed_is_not_sent_again(site: str) -> None:
    first = feeds.ask(f"{site}/good")
    assert [item.title for item in first.items] == [GOOD[0][0], GOOD[1][0]]
    assert (first.fresh, first.etag, first.modified) == (True, '"v1"', "Mon, 02 Mar 2026 00:00:00 GMT")
    again = feeds.ask(f"{site}/good", etag=first.etag, modified=first.modified)
    assert (again.fresh, again.items, again.etag) == (False, (), '"v1"')
    assert Handler.asked == [("/good", ""), ("/good", '"v1"')]


def test_packed_moved_and_wrongly_labelled_feeds_are_read(site: str) -> None:
    for path in ("/packed", "/moved", "/wrong-charset", "/gbk"):
        assert feeds.ask(site + path).items[0].title == GOOD[0][0], path


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/bomb", "feed_too_large"),
        ("/broken-gzip", "feed_unreadable"),
        ("/loop", "feed_redirects"),
        ("/inside", "feed_private"),
        ("/file", "feed_address"),
        ("/entities", "feed_dangerous"),
        ("/outside", "feed_dangerous"),
        ("/page", "feed_unreadable"),
        ("/nowhere", "feed_status"),
    ],
)
def test_what_could_harm_is_refused(site: str, path: str, code: str) -> None:
    assert code_of(site + path) == code


def test_ten_thousand_items_are_bounded(site: str) -> None:
    assert len(feeds.ask(f"{site}/many").items) == feeds.ITEMS


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/",
        "http://localhost:1/",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://[64:ff9b::a00:1]/",
        "http://[2002:a00:1::]/",
        "http://0.0.0.0/",
    ],
)
def test_nothing_inside_the_network_is_asked(address: str) -> None:
    assert code_of(address) == "feed_private"


@pytest.mark.parametrize("address", ["ftp://a.example/", "file:///etc/passwd", "http://", "http://u:p@a.example/", "x"])
def test_only_web_addresses_are_taken(address: str) -> None:
    assert code_of(address) == "feed_address"


def test_nobody_there(site: str, settings: Any) -> None:
    assert code_of("http://127.0.0.1:1/") == "feed_unreachable"


def test_a_source_that_drips_is_cut_off(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "WHOLE", 0.6)
    began = time.monotonic()
    assert code_of(f"{site}/drips") == "feed_unreachable"
    assert time.monotonic() - began < 5


def test_what_is_not_a_feed_is_refused_whatever_it_calls_itself(site: str) -> None:
    for path in ("/picture", "/json", "/empty"):
        assert code_of(site + path) == "feed_unreadable", path


def test_a_large_answer_is_not_read_to_its_end(site: str) -> None:
    assert code_of(f"{site}/large") == "feed_too_large"


# --- keeping ---


def test_short_quotations_are_kept_and_matched(world: Any, site: str) -> None:
    source = add(world, f"{site}/good")
    told = news.poll(world.at)
    assert (told.asked, told.kept, told.failed) == (1, 2, 0)
    article = Article.objects.get(title=GOOD[0][0])
    assert len(article.summary) == 200
    assert "<" not in article.summary
    assert article.published_on == dt.date(2026, 3, 2)
    assert news.poll(world.at).asked == 0, "not before its time"
    later = world.at + dt.timedelta(hours=2)
    told = news.poll(later)
    assert (told.asked, told.unchanged, told.kept) == (1, 1, 0)
    source.refresh_from_db()
    assert (source.etag, source.failures, source.next_at) == ('"v1"', 0, later + dt.timedelta(hours=1))


def test_the_same_story_shows_once(world: Any, site: str) -> None:
    add(world, f"{site}/good", "甲")
    news.poll(world.at)
    add(world, f"{site}/other", "乙")
    news.poll(world.at)
    assert Article.objects.count() == 4
    assert Article.objects.values("story").distinct().count() == 2
    found, _next = queries.page(world.who("head"))
    lines = queries.lines(world.who("head"), found)
    assert sorted(line.article.title for line in lines) == sorted(title for title, _link, _text in GOOD)
    assert {line.also for line in lines} == {("乙",)}


def test_a_failing_source_is_asked_less_and_less_often_and_shown(world: Any, site: str) -> None:
    source = add(world, f"{site}/nowhere")
    at = world.at
    waits = []
    for _turn in range(8):
        assert news.poll(at).failed == 1
        source.refresh_from_db()
        waits.append(source.next_at - at)
        at = source.next_at
    assert waits[:3] == [dt.timedelta(hours=hours) for hours in (2, 4, 8)]
    assert waits[-1] == dt.timedelta(days=1)
    assert (source.failures, source.problem["code"]) == (8, "feed_status")
    assert "500" in source.problem_text


def test_a_busy_source_is_left_alone_as_long_as_it_asks(world: Any, site: str) -> None:
    source = add(world, f"{site}/busy")
    assert news.poll(world.at).failed == 1
    source.refresh_from_db()
    assert source.problem["code"] == "feed_busy"
    assert source.next_at == world.at + dt.timedelta(minutes=120)
    assert "120" in source.problem_text


def test_a_turn_ends_in_time_and_the_rest_waits_for_the_next(world: Any, site: str) -> None:
    for number in range(3):
        add(world, f"{site}/good?{number}", f"来源{number}")
    assert news.poll(world.at, seconds=-1).asked == 0
    assert news.poll(world.at).asked == 3


def test_sources_are_asked_at_once_but_not_again_and_again(world: Any, site: str) -> None:
    mine = add(world, f"{site}/good")
    add(world, f"{site}/nowhere", "坏")
    add(world, "", "粘贴")
    job = news.ask_at_once(actor=world.who("office"), at=world.at)
    assert job.args["sources"] == [
        *NewsSource.objects.exclude(address="").order_by("name").values_list("pk", flat=True)
    ]
    told, wrong = news.ask_each(job.args["sources"], world.at, lambda _done, _name: None)
    assert (told.asked, told.kept, told.failed, [(name, one.code) for name, one in wrong]) == (
        2,
        2,
        1,
        [("坏", "feed_status")],
    )
    codes = []
    for who, source in (("office", mine.pk), ("office", None), ("a_office", None), ("a_office", mine.pk)):
        with pytest.raises(Refused) as refused:
            news.ask_at_once(actor=world.who(who), source_id=source, at=world.at + dt.timedelta(minutes=4))
        codes.append(refused.value.code)
    assert codes == ["news_just_asked", "news_just_asked", "news_no_feed", "not_found"]
    for who in ("a_handler", "auditor"):
        with pytest.raises(Refused) as refused:
            news.ask_at_once(actor=world.who(who), at=world.at)
        assert refused.value.code == "not_news_keeper"
    assert news.ask_at_once(actor=world.who("head"), source_id=mine.pk, at=world.at + dt.timedelta(minutes=6))


def test_secrecy_marks_and_numbers_of_persons_are_withheld(world: Any, site: str) -> None:
    add(world, f"{site}/screened")
    told = news.poll(world.at)
    assert (told.kept, told.withheld) == (1, 2)
    assert "138****5678" in Article.objects.get().summary


def test_sources_belong_to_the_area_and_reach_those_below(world: Any, site: str) -> None:
    mine = add(world, f"{site}/good", who="a_office")
    news.poll(world.at)
    assert mine.unit == world.units["530400"]
    sees = {who: queries.articles(world.who(who)).count() for who in ("a_head", "th_head", "head", "b_head")}
    assert sees == {"a_head": 2, "th_head": 2, "head": 0, "b_head": 0}
    values = {"source_id": mine.pk, "version": 1, "name": "新", "address": "", "interval_minutes": 60, "active": True}
    for who in ("office", "b_head", "th_head", "a_handler"):
        with pytest.raises(Refused) as refused:
            news.change_source(actor=world.who(who), at=world.at, **values)
        assert refused.value.code == "not_found"
    with pytest.raises(Refused) as refused:
        add(world, "", who="a_handler")
    assert refused.value.code == "not_news_keeper"
    before = Entry.objects.count()
    changed = news.change_source(actor=world.who("a_head"), at=world.at, **{**values, "active": False})
    assert (changed.version, changed.next_at, Entry.objects.count()) == (2, None, before + 1)
    with pytest.raises(Refused) as refused:
        news.change_source(actor=world.who("a_head"), at=world.at, **values)
    assert refused.value.code == "stale_version"


def paste(world: Any, source: NewsSource, who: str = "office", **changes: Any) -> Article:
    values = {
        "title": "星云湖治污管网现场会在玉溪市召开",
        "text": "会议要求补齐短板。",
        "published_on": world.at.date(),
    }
    return news.paste_page(actor=world.who(who), source_id=source.pk, at=world.at, **{**values, **changes})


def test_a_page_is_pasted(world: Any) -> None:
    source = add(world, "")
    article = paste(world, source, text="长文" * 500)
    assert len(article.summary) == 200
    for changes, code in (
        ({}, "news_known"),
        ({"title": " "}, "news_words"),
        ({"title": "又一篇", "link": "javascript:alert(1)"}, "news_link"),
        ({"title": "又一篇", "published_on": world.at.date() + dt.timedelta(days=1)}, "news_date"),
        ({"title": "又一篇", "text": "秘密★1年\n内容"}, "secrecy_mark"),
    ):
        with pytest.raises(Refused) as refused:
            paste(world, source, **changes)
        assert refused.value.code == code
    assert Article.objects.count() == 1


# --- the digest, and acting ---


@pytest.fixture
def told(world: Any) -> Any:
    """A commitment of Yuxi, and an article that bears on it."""
    commitment = world.do("issue_commitment", "office", world.draft())
    article = paste(world, add(world, ""))
    matter = world.matter
    if not article.matches.exists():
        ArticleMatch.objects.create(article=article, matter=matter, weight=2000, words=["治污", "管网"])
    return article, commitment


def test_the_digest_names_the_words_and_the_commitment(world: Any, told: Any) -> None:
    article, commitment = told
    [line] = queries.digest(world.who("a_head"), world.at.date())
    assert line.article == article
    assert line.commitment == commitment
    assert line.why[0].words
    assert [unit for unit, _name in line.units] == [world.units["530400"]]
    [other] = queries.digest(world.who("b_head"), world.at.date())
    assert (other.commitment, other.units) == (None, ()), "nothing of another area is told"


def test_the_digest_is_told_once_a_day(world: Any, told: Any) -> None:
    assert news.make_digests(world.at.replace(hour=5)) == 0
    heads = news.make_digests(world.at)
    assert heads > 0
    assert news.make_digests(world.at + dt.timedelta(hours=1)) == 0
    assert NewsDigest.objects.count() == Message.objects.filter(kind="intake.news").count() == heads
    message = Message.objects.get(kind="intake.news", post=world.who("a_head").seat.post_id)
    assert told[1].ref in message.body_text
    assert message.link == "/intake/news/?day=2026-03-02"
    assert "→" in message.body_text
    assert news.make_digests(world.at + dt.timedelta(days=1)) == 0, "yesterday's news was told yesterday"


def test_a_page_of_news_asks_no_more_with_more_articles(
    world: Any, told: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        article = paste(world, told[0].source, title=f"第{number}次星云湖治污管网推进会")
        ArticleMatch.objects.get_or_create(
            article=article, matter=world.matter, defaults={"weight": 1, "words": ["管网"]}
        )
    with django_assert_max_num_queries(6):
        assert len(queries.digest(world.who("head"), world.at.date())) == 10


def test_an_article_becomes_a_draft_of_the_intake(world: Any, told: Any) -> None:
    article = told[0]
    before = Commitment.objects.count()
    document, made = news.draft_from_article(actor=world.who("office"), article_id=article.pk, at=world.at)
    assert (document.kind, document.doc_on, document.state) == ("news", article.published_on, "read")
    assert made.article == article
    [item] = document.draft.items.all()
    assert document.text[item.source_start : item.source_end] == item.source_text
    assert item.source_text in f"{article.title}\n{article.summary}"
    assert "演示来源" in document.text
    assert (item.units, item.due_on, item.targets) == ([], None, []), "nothing is invented"
    assert Commitment.objects.count() == before, "nothing is issued"
    assert document.state == services.read_document(actor=world.who("office"), document=document.pk, at=world.at).state
    with pytest.raises(Refused) as refused:
        news.draft_from_article(actor=world.who("head"), article_id=article.pk, at=world.at)
    assert refused.value.code == "news_drafted"
    for who in ("a_handler", "auditor", "a_epb_head", "verifier"):
        with pytest.raises(Refused) as refused:
            news.draft_from_article(actor=world.who(who), article_id=article.pk, at=world.at)
        assert refused.value.code == "not_intake", who
    another = news.draft_from_article(actor=world.who("a_head"), article_id=article.pk, at=world.at)[0]
    assert another.owner == world.units["530400"], "each area drafts for itself"
    assert queries.drafts_of(world.who("a_head"), article) == [another]


def test_where_nothing_is_to_be_done_the_title_is_the_one_item(world: Any) -> None:
    article = paste(world, add(world, ""), title="咖啡节在某地开幕", text="")
    document, _made = news.draft_from_article(actor=world.who("office"), article_id=article.pk, at=world.at)
    [item] = document.draft.items.all()
    assert (item.kind, item.source_text) == ("added", "咖啡节在某地开幕")


def test_a_draft_reads_the_whole_page_when_it_is_pasted(world: Any, told: Any) -> None:
    text = "一、省生态环境厅牵头，2026年6月底前完成星云湖治污管网建设。\n二、各州（市）要每季度排查入湖河道。"
    document, _made = news.draft_from_article(actor=world.who("office"), article_id=told[0].pk, text=text, at=world.at)
    items = list(document.draft.items.all())
    assert dt.date(2026, 6, 30) in [item.due_on for item in items]
    assert "quarterly" in [item.frequency for item in items]
    other = paste(world, NewsSource.objects.get(), title="另一件与管网有关的事")
    with pytest.raises(Refused) as refused:
        news.draft_from_article(actor=world.who("office"), article_id=other.pk, text="密级：机密\n内容", at=world.at)
    assert refused.value.code == "secrecy_mark"
    assert not ArticleDraft.objects.filter(article=other).exists()


def test_what_is_put_aside_leaves_the_digest_of_that_post_alone(world: Any, told: Any) -> None:
    article, _commitment = told
    twin = paste(world, add(world, "", "乙"), title=article.title + "（图）")
    assert twin.story == article.story
    before = Entry.objects.count()
    news.put_aside(actor=world.who("a_head"), article_id=twin.pk, at=world.at)
    news.put_aside(actor=world.who("a_head"), article_id=article.pk, at=world.at)
    assert Entry.objects.count() == before + 1, "the second time nothing is left to do"
    assert queries.digest(world.who("a_head"), world.at.date()) == []
    assert len(queries.digest(world.who("head"), world.at.date())) == 1
    found = queries.day(world.who("a_head"), world.at.date(), world.at.date())
    assert (found.lines, [one.story for one in found.aside]) == ((), [article.story])
    news.make_digests(world.at)
    assert not NewsDigest.objects.filter(post=world.who("a_head").seat.post_id).exists()
    assert NewsDigest.objects.filter(post=world.who("head").seat.post_id).exists()
    news.put_aside(actor=world.who("a_head"), article_id=article.pk, aside=False, at=world.at)
    assert len(queries.digest(world.who("a_head"), world.at.date())) == 1
    mine = add(world, "", "玉溪自己的", who="a_office")
    hidden = paste(world, mine, who="a_office", title="只到玉溪的一条")
    with pytest.raises(Refused) as refused:
        news.put_aside(actor=world.who("b_head"), article_id=hidden.pk, at=world.at)
    assert refused.value.code == "not_found"


def test_an_article_becomes_an_instruction(world: Any, told: Any) -> None:
    article, commitment = told
    values = {"article_id": article.pk, "ref": commitment.ref, "version": commitment.version, "at": world.at}
    with pytest.raises(Refused) as refused:
        news.instruct_on_article(actor=world.who("b_head"), words="请研究", **values)
    assert refused.value.code == "not_found"
    done = news.instruct_on_article(actor=world.who("head"), words="请玉溪研究落实。", **values)
    assert done.extra.words.startswith("请玉溪研究落实。")
    assert article.title in done.extra.words


# --- the clock and the command ---


def test_the_clock_starts_the_asking_and_the_telling(world: Any) -> None:
    started = {job.kind for job in start_periodic(world.at)}
    assert {"intake.poll_news", "intake.tell_news"} <= started
    again = {job.kind for job in start_periodic(world.at + dt.timedelta(minutes=1))}
    assert not {"intake.poll_news", "intake.tell_news"} & again


def test_the_command_asks_and_says_what_failed(world: Any, site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: world.at)
    out = io.StringIO()
    add(world, f"{site}/good")
    call_command("news", "poll", "--json", stdout=out)
    assert json.loads(out.getvalue())["kept"] == 2
    add(world, f"{site}/nowhere", "坏")
    with pytest.raises(SystemExit) as ended:
        call_command("news", "poll", stdout=out)
    assert ended.value.code == 1
    assert "1" in out.getvalue().splitlines()[-1]
