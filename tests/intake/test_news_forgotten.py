"""Old news on which nobody drew is deleted; what a draft or an instruction stands on, and the titles told, stay."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from luoshi.delivery.models import Commitment
from luoshi.intake.models import Article, NewsDigest, NewsDismissal, NewsSource
from luoshi.intake.queries import news as queries
from luoshi.intake.services import news
from luoshi.intake.services.news import forgetting
from luoshi.ledger.models import Entry
from luoshi.office import jobs
from luoshi.rules.calendar import local_day


@pytest.fixture
def world(db: None) -> Any:
    from tests.delivery.world import build

    return build()


@pytest.fixture
def source(world: Any) -> NewsSource:
    return news.add_source(actor=world.who("office"), name="演示来源", address="", interval_minutes=60, at=world.at)


def put(source: NewsSource, name: str, at: dt.datetime) -> Article:
    return Article.objects.create(
        source=source, key=name, story=name, title=f"{name}要闻", summary="", published_on=local_day(at), found_at=at
    )


def test_only_old_news_that_nobody_drew_on_goes(world: Any, source: NewsSource, settings: Any) -> None:
    at = world.at
    old = at - dt.timedelta(days=181)
    gone, drafted, instructed, fresh = (
        put(source, name, when) for name, when in (("旧", old), ("拟", old), ("批", old), ("新", at))
    )
    pasted = put(source, "补", at)
    Article.objects.filter(pk=pasted.pk).update(published_on=local_day(old))
    news.put_aside(actor=world.who("office"), article_id=gone.pk, at=at)
    news.draft_from_article(actor=world.who("office"), article_id=drafted.pk, text="要推进管网改造。", at=at)
    commitment = world.issued()
    news.instruct_on_article(
        actor=world.who("office"), article_id=instructed.pk, ref=commitment.ref, version=commitment.version,
        words="请研究。", at=at,
    )  # fmt: skip
    assert news.forget_news(at) == 1
    assert set(Article.objects.values_list("pk", flat=True)) == {drafted.pk, instructed.pk, fresh.pk, pasted.pk}
    assert not NewsDismissal.objects.exists()
    entry = Entry.objects.get(type="intake.NewsForgotten")
    assert entry.payload.text.count('"articles":1') == 1
    assert news.forget_news(at) == 0
    assert Entry.objects.filter(type="intake.NewsForgotten").count() == 1
    assert queries.instructed_on(world.who("office"), instructed) == [Commitment.objects.get(pk=commitment.pk)]
    world.audit()


def test_nothing_goes_when_news_is_kept_for_ever(world: Any, source: NewsSource, settings: Any) -> None:
    settings.NEWS_DAYS = 0
    put(source, "旧", world.at - dt.timedelta(days=4000))
    assert news.forget_news(world.at) == 0
    settings.NEWS_DAYS = 4001
    assert news.forget_news(world.at) == 0
    settings.NEWS_DAYS = 3999
    assert news.forget_news(world.at) == 1


def test_many_go_in_several_transactions(world: Any, source: NewsSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "AT_ONCE", 3)
    for number in range(7):
        put(source, f"旧{number}", world.at - dt.timedelta(days=200))
    assert news.forget_news(world.at) == 7
    assert Entry.objects.filter(type="intake.NewsForgotten").count() == 3


def test_what_was_told_keeps_its_title(world: Any, source: NewsSource, client: Client) -> None:
    at = world.at
    on = local_day(at)
    post = world.who("office").effective.post_id
    left, gone = put(source, "在", at), put(source, "去", at)
    told = [
        {"article": one.pk, "story": one.story, "title": one.title, "source": source.name, "matter": 1,
         "words": ["治水", "管网"], "commitment": ""}
        for one in (left, gone)
    ]  # fmt: skip
    told.append({"article": 10**9, "story": "x", "matter": 1, "words": [], "commitment": ""})
    NewsDigest.objects.create(post_id=post, on=on, items=told, made_at=at)
    gone.delete()
    found = queries.day(world.who("office"), on, on)
    assert [(one.title, one.source, one.words) for one in found.gone] == [
        ("去要闻", "演示来源", ("治水", "管网")),
        ("", "", ()),
    ]
    assert found.told == 3
    client.force_login(world.users["office"])
    page = client.get(f"{reverse('intake:news')}?day={on}", headers={"accept-language": "en"}).content.decode()
    assert "Told in the morning and kept no more" in page
    assert "去要闻" in page
    assert "An article whose title was not kept" in page
    day = client.get(f"/api/v1/news/digest?day={on}").json()
    assert day["gone"][0] == {"title": "去要闻", "source": "演示来源", "words": ["治水", "管网"]}


def test_the_clock_does_it(world: Any, source: NewsSource) -> None:
    from django.utils import timezone

    put(source, "旧", timezone.now() - dt.timedelta(days=400))
    assert "intake.forget" in {job.kind for job in jobs.start_periodic(timezone.now())}
    jobs.run_ready(timezone.now(), limit=50)
    assert not Article.objects.exists()
