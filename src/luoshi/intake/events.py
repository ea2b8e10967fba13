"""What can happen in the intake（收文事件）: frozen, versioned, plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from luoshi.rules.refusals import gettext_noop as _


@dataclass(frozen=True, slots=True)
class NewsSourceAdded:
    """A source of news was added（增加要闻来源）."""

    TYPE: ClassVar[str] = "intake.NewsSourceAdded"
    V: ClassVar[int] = 1
    source: int
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class NewsSourceChanged:
    """A source of news was changed, put out of use or taken back into use（修改要闻来源）."""

    TYPE: ClassVar[str] = "intake.NewsSourceChanged"
    V: ClassVar[int] = 1
    source: int
    name: str
    address: str
    active: bool


@dataclass(frozen=True, slots=True)
class PagePasted:
    """A page was pasted as news（粘贴要闻）; the quotation is kept, never the page."""

    TYPE: ClassVar[str] = "intake.PagePasted"
    V: ClassVar[int] = 1
    source: int
    article: int


EVENT_NAMES: dict[str, str] = {
    NewsSourceAdded.TYPE: _("News source added"),
    NewsSourceChanged.TYPE: _("News source changed"),
    PagePasted.TYPE: _("Page pasted as news"),
}
"""How each event is called in a timeline; every event has a name."""
