"""Acting on an article（由要闻起草、批示）: a draft, an instruction, or putting it aside."""

from __future__ import annotations

from datetime import datetime

from django.core.files.base import ContentFile
from django.db import transaction

from luoshi.delivery import services as delivery
from luoshi.delivery.services import Done
from luoshi.intake import events
from luoshi.intake import queries as desk
from luoshi.intake.models import Article, ArticleDraft, ArticleInstruction, Document, NewsDismissal
from luoshi.intake.queries import news as queries
from luoshi.intake.services import editing, receiving
from luoshi.ledger import services as ledger
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop
declare(
    409,
    news_drafted=_(
        "Your area has made a draft of this article already. The article's page leads to it once its post shares it."
    ),
)


def cited(article: Article) -> str:
    """Where an article stands: source, day, link; at most 200 characters."""
    told = f"{article.source.name}，{article.published_on.isoformat()}"
    whole = f"{told}，{article.link}"
    return whole if article.link and len(whole) <= 200 else told


@transaction.atomic
def draft_from_article(*, actor: Actor, article_id: int, text: str = "", at: datetime) -> tuple[Document, ArticleDraft]:
    """Make a draft of an article（由要闻起草）: a document of the intake that quotes it, read at once.

    Who leads and by when stays empty unless the words say so. Where the reader finds nothing to be done, the title is
    the one item: a person asked for a draft of it.

    Args:
        actor: who drafts, at the desk of intake of its area.
        article_id: the article.
        text: the words of the page, when more is to be read than the kept quotation.
        at: now.

    Raises:
        Refused: ``not_intake``, ``not_found``, ``news_drafted``, and those of
            :func:`luoshi.intake.services.receive_document`.
    """
    desk.require_desk(actor)
    article = queries.article_for(actor, article_id)
    area = actor.effective.area_path
    drafted = ArticleDraft.objects.filter(article__story=article.story, document__owner_path=area)
    if drafted.filter(document__removed=False).exists():
        raise Refused("news_drafted")
    body = text.strip() or article.summary
    paper = "\n".join(filter(None, [article.title, body, f"（{cited(article)}）"]))
    document, _entry = receiving.receive_document(
        actor=actor,
        upload=ContentFile(paper.encode(), f"{article.title[:60].replace('/', '／')}.txt"),
        title=article.title,
        doc_on=article.published_on,
        kind=Document.Kind.NEWS,
        at=at,
    )
    document = receiving.read_document(actor=actor, document=document.pk, at=at)
    draft = document.draft
    if not any(line.task for line in desk.lines(desk.items_of(draft))):
        start = document.text.find(article.title)
        start, end = (start, start + len(article.title)) if start >= 0 else (0, len(document.text))
        editing.add_item(actor=actor, draft=draft.pk, version=draft.version, start=start, end=end, at=at)
    made = ArticleDraft.objects.create(article=article, document=document)
    ledger.append(events.ArticleDrafted(article.pk, document.pk), actor=actor, at=at, after={}, subjects=())
    return document, made


@transaction.atomic
def instruct_on_article(*, actor: Actor, article_id: int, ref: str, version: int, words: str, at: datetime) -> Done:
    """Write an instruction（批示） on a commitment, with the article named below it; the lead is told.

    Raises:
        Refused: ``not_found`` and those of :func:`luoshi.delivery.services.instruct_commitment`.
    """
    article = queries.article_for(actor, article_id)
    said = f"{words.strip()}\n——{article.title}（{cited(article)}）" if words.strip() else ""
    done = delivery.instruct_commitment(actor=actor, ref=ref, version=version, words=said, at=at)
    ArticleInstruction.objects.create(article=article, commitment=done.commitment, at=at)
    return done


@transaction.atomic
def put_aside(*, actor: Actor, article_id: int, aside: bool = True, at: datetime) -> Article:
    """Put an article's story aside for one's post（与我无关）, or take it back; nobody else's digest changes.

    Raises:
        Refused: ``not_found``.
    """
    article = queries.article_for(actor, article_id)
    rows = NewsDismissal.objects.filter(post=actor.effective.post_id, story=article.story)
    if rows.exists() == aside:
        return article
    if aside:
        NewsDismissal.objects.create(post_id=actor.effective.post_id, story=article.story, at=at)
    else:
        rows.delete()
    ledger.append(events.ArticlePutAside(article.pk, aside), actor=actor, at=at, after={}, subjects=())
    return article
