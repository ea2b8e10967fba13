"""要闻: invented sources and articles, so that the digest of the demonstration has something to show."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time

from luoshi.intake.adapters.feeds import Item
from luoshi.intake.services import news
from luoshi.intake.services.news.keeping import keep
from luoshi.packs.demo.script import SHANGHAI, Script
from luoshi.packs.schema.story import StorySource


def tell_news(script: Script, sources: Iterable[StorySource], at: datetime) -> int:
    """Add the sources and keep what they published, all at ``at``; returns how many articles.

    They have no address, so nothing is ever asked for: a demonstration works without a network.
    """
    told = 0
    for source in sources:
        actor = script.stage.actor(script.stage.persons[source.by], at)
        made = news.add_source(actor=actor, name=source.name, is_demo=True, at=at)
        items = [
            Item(one.title, "", one.text, datetime.combine(script.day(one.day), time(0, 5), tzinfo=SHANGHAI))
            for one in source.articles
        ]
        kept, _withheld = keep(made, items, at)
        told += kept
    return told
