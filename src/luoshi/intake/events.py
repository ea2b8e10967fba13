"""What happened at the desk of intake（事件）: one frozen, versioned dataclass for each act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from luoshi.rules.refusals import gettext_noop as _


@dataclass(frozen=True, slots=True)
class DocumentReceived:
    """来文 was handed in; ``digest`` is empty while an old Word file waits to be converted."""

    TYPE: ClassVar[str] = "intake.DocumentReceived"
    V: ClassVar[int] = 1
    document: int
    title: str
    number: str
    digest: str
    revision_of: int | None


@dataclass(frozen=True, slots=True)
class DocumentConverted:
    """The text of an old Word file was taken out; ``digest`` is the text's."""

    TYPE: ClassVar[str] = "intake.DocumentConverted"
    V: ClassVar[int] = 1
    document: int
    digest: str


@dataclass(frozen=True, slots=True)
class DocumentRead:
    """来文 was read; a draft was made unless it corrects another document."""

    TYPE: ClassVar[str] = "intake.DocumentRead"
    V: ClassVar[int] = 1
    document: int
    draft: int | None
    items: int


@dataclass(frozen=True, slots=True)
class ReadingRefused:
    """来文 could not be read; ``code`` is the refusal's."""

    TYPE: ClassVar[str] = "intake.ReadingRefused"
    V: ClassVar[int] = 1
    document: int
    code: str


@dataclass(frozen=True, slots=True)
class ReadingAsked:
    """Somebody asked for 来文 to be read once more."""

    TYPE: ClassVar[str] = "intake.ReadingAsked"
    V: ClassVar[int] = 1
    document: int


@dataclass(frozen=True, slots=True)
class DocumentRemoved:
    """来文 was taken off the list, or put back."""

    TYPE: ClassVar[str] = "intake.DocumentRemoved"
    V: ClassVar[int] = 1
    document: int
    removed: bool


@dataclass(frozen=True, slots=True)
class DraftShared:
    """草案 was shared with the unit, or taken back."""

    TYPE: ClassVar[str] = "intake.DraftShared"
    V: ClassVar[int] = 1
    draft: int
    shared: bool


@dataclass(frozen=True, slots=True)
class ItemEdited:
    """An item of a draft was edited."""

    TYPE: ClassVar[str] = "intake.ItemEdited"
    V: ClassVar[int] = 1
    draft: int
    item: int
    fields: list[str]


@dataclass(frozen=True, slots=True)
class ItemsEdited:
    """Several items of a draft were given the same unit, day or rhythm."""

    TYPE: ClassVar[str] = "intake.ItemsEdited"
    V: ClassVar[int] = 1
    draft: int
    items: list[int]
    fields: list[str]


@dataclass(frozen=True, slots=True)
class ItemsMerged:
    """Items of a draft were made one."""

    TYPE: ClassVar[str] = "intake.ItemsMerged"
    V: ClassVar[int] = 1
    draft: int
    into: int
    items: list[int]


@dataclass(frozen=True, slots=True)
class ItemSplit:
    """An item of a draft was made two."""

    TYPE: ClassVar[str] = "intake.ItemSplit"
    V: ClassVar[int] = 1
    draft: int
    item: int
    new: int


@dataclass(frozen=True, slots=True)
class ItemDropped:
    """An item of a draft was dropped, or taken back."""

    TYPE: ClassVar[str] = "intake.ItemDropped"
    V: ClassVar[int] = 1
    draft: int
    item: int
    dropped: bool


@dataclass(frozen=True, slots=True)
class ItemAdded:
    """Words of the document were made an item."""

    TYPE: ClassVar[str] = "intake.ItemAdded"
    V: ClassVar[int] = 1
    draft: int
    item: int


@dataclass(frozen=True, slots=True)
class UnitsNamed:
    """A person said which units the words of a document mean: pairs of words and a unit, None for no unit."""

    TYPE: ClassVar[str] = "intake.UnitsNamed"
    V: ClassVar[int] = 1
    draft: int
    names: list[list[str | int | None]]
    items: int


@dataclass(frozen=True, slots=True)
class ChangeTaken:
    """A change of a corrected document was taken into the draft."""

    TYPE: ClassVar[str] = "intake.ChangeTaken"
    V: ClassVar[int] = 1
    draft: int
    revision: int
    kind: str
    item: int


@dataclass(frozen=True, slots=True)
class DraftIssued:
    """草案 became commitments of a programme."""

    TYPE: ClassVar[str] = "intake.DraftIssued"
    V: ClassVar[int] = 1
    draft: int
    programme: str
    matters: int
    commitments: int


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


@dataclass(frozen=True, slots=True)
class ArticleDrafted:
    """A draft was made of an article（由要闻起草）."""

    TYPE: ClassVar[str] = "intake.ArticleDrafted"
    V: ClassVar[int] = 1
    article: int
    document: int


@dataclass(frozen=True, slots=True)
class ArticlePutAside:
    """A post put an article aside, or took it back（与我无关、取消）."""

    TYPE: ClassVar[str] = "intake.ArticlePutAside"
    V: ClassVar[int] = 1
    article: int
    aside: bool


@dataclass(frozen=True, slots=True)
class NewsForgotten:
    """Articles found before a day, on which nobody drew, were deleted（清理要闻）."""

    TYPE: ClassVar[str] = "intake.NewsForgotten"
    V: ClassVar[int] = 1
    before: str
    articles: int


@dataclass(frozen=True, slots=True)
class SourcesAsked:
    """Somebody had sources of news asked at once（立即询问）."""

    TYPE: ClassVar[str] = "intake.SourcesAsked"
    V: ClassVar[int] = 1
    sources: tuple[int, ...]


EVENT_NAMES: dict[str, str] = {
    DocumentReceived.TYPE: _("Document received"),
    DocumentConverted.TYPE: _("Document converted"),
    DocumentRead.TYPE: _("Document read"),
    ReadingRefused.TYPE: _("Document not read"),
    ReadingAsked.TYPE: _("Document to be read again"),
    DocumentRemoved.TYPE: _("Document removed or put back"),
    DraftShared.TYPE: _("Draft shared or taken back"),
    ItemEdited.TYPE: _("Item of a draft edited"),
    ItemsEdited.TYPE: _("Several items of a draft edited"),
    ItemsMerged.TYPE: _("Items of a draft made one"),
    ItemSplit.TYPE: _("Item of a draft made two"),
    ItemDropped.TYPE: _("Item of a draft dropped or taken back"),
    ItemAdded.TYPE: _("Item added to a draft"),
    UnitsNamed.TYPE: _("Units named for words of a document"),
    ChangeTaken.TYPE: _("Change of a corrected document taken"),
    DraftIssued.TYPE: _("Draft issued"),
    NewsSourceAdded.TYPE: _("News source added"),
    NewsSourceChanged.TYPE: _("News source changed"),
    PagePasted.TYPE: _("Page pasted as news"),
    ArticleDrafted.TYPE: _("Draft made of an article"),
    ArticlePutAside.TYPE: _("Article put aside or taken back"),
    NewsForgotten.TYPE: _("Old news deleted"),
    SourcesAsked.TYPE: _("News sources asked at once"),
}
"""How each event is called in a timeline; every event has a name."""
