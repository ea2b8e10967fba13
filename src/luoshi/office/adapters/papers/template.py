"""公文模板: the Word files that papers are put into, made here from the measures of the standard.

``luoshi papers templates`` writes them out for an office that wants its own; what it changes in Word stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from luoshi.rules.papers import Form, lettering, measures

PLACES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "stamp": "{{标记}}",
        "mark": "{{发文机关标志}}",
        "number": "{{发文字号}}",
        "title": "{{标题}}",
        "to": "{{主送机关}}",
        "blocks": "{{正文}}",
        "attached": "{{附件说明}}",
        "signature": "{{署名和日期}}",
        "note": "{{附注}}",
        "annexes": "{{附件}}",
        "imprint": "{{版记}}",
    }
)
"""What stands in a template where a part of the paper belongs, alone in its paragraph."""
BODY, TITLE, HEI, KAI, SONG = "仿宋_GB2312", "方正小标宋简体", "黑体", "楷体_GB2312", "宋体"
LATIN: Final = "Times New Roman"


@dataclass(frozen=True, slots=True)
class Style:
    """A style of paragraphs: face, size in points, and how its paragraphs stand."""

    name: str
    face: str = BODY
    size: float = measures.SIZE_BODY
    align: str = "both"
    first: float = 0
    """Characters before the first line."""
    bold: bool = False
    keep: bool = False
    before: float = 0
    """Points."""
    after: float = 0
    line: float = measures.LINE_PITCH
    red: bool = False


_PITCH: Final = measures.LINE_PITCH
STYLES: Final[Mapping[str, Style]] = MappingProxyType(
    {
        "body": Style("公文正文", first=2),
        "title": Style("公文标题", TITLE, measures.SIZE_TITLE, "center", keep=True),
        "level1": Style("公文一级标题", HEI, first=2, keep=True),
        "level2": Style("公文二级标题", KAI, first=2, keep=True),
        "level3": Style("公文三级标题", first=2, keep=True),
        "level4": Style("公文四级标题", first=2, keep=True),
        "to": Style("公文主送机关", align="left", before=_PITCH, keep=True),
        "mark": Style("公文发文机关标志", TITLE, measures.MARK_SIZES[0], "center", red=True),
        "number": Style("公文发文字号", align="center", before=2 * _PITCH),
        "named": Style("公文人员名单", HEI),
        "caption": Style("公文表题", HEI, align="center", keep=True),
        "head": Style("公文表头", HEI, measures.SIZE_TABLE, "center", line=17),
        "cell": Style("公文表格", size=measures.SIZE_TABLE, align="left", line=17),
        "attached": Style("公文附件说明", align="left"),
        "signature": Style("公文署名和日期", align="right"),
        "annex": Style("公文附件", HEI, align="left", keep=True),
        "copies": Style("公文抄送", size=measures.SIZE_SMALL, align="left"),
        "imprint": Style("公文印发", size=measures.SIZE_SMALL, align="left"),
        "page": Style("公文页码", SONG, measures.SIZE_SMALL, "right", line=14),
        "stamp": Style("公文标记", HEI, 10.5, "left", line=13),
    }
)
"""The styles of a Chinese paper by what they are for; an office changes them in Word by these names."""
_EN: Final = Style(
    "Paper text", "Noto Serif CJK SC", measures.ENGLISH_BODY, "left", after=6, line=measures.ENGLISH_PITCH
)
_EN_SMALL: Final = replace(_EN, size=9.5, line=13, after=0)
ENGLISH: Final[Mapping[str, Style]] = MappingProxyType(
    {
        "body": _EN,
        "title": replace(_EN, name="Paper title", size=measures.ENGLISH_TITLE, bold=True, keep=True, line=22, after=10),
        **{f"level{n}": replace(_EN, name=f"Paper heading {n}", bold=True, keep=True, before=6) for n in range(1, 5)},
        **{
            key: replace(_EN, name=f"Paper {name}")
            for key, name in (
                ("to", "addressee"),
                ("mark", "issuing body"),
                ("number", "number"),
                ("named", "names"),
                ("attached", "attachments"),
                ("signature", "signature"),
                ("annex", "attachment"),
                ("copies", "copies"),
                ("imprint", "imprint"),
            )
        },
        "caption": replace(_EN, name="Paper caption", bold=True, keep=True),
        "head": replace(_EN_SMALL, name="Paper table head", bold=True, align="center"),
        "cell": replace(_EN_SMALL, name="Paper table"),
        "page": replace(_EN_SMALL, name="Paper page number", size=10, align="right"),
        "stamp": replace(_EN_SMALL, name="Paper mark", face="Noto Sans CJK SC"),
    }
)


def styles_of(chinese: bool) -> Mapping[str, Style]:
    """The styles of a paper in Chinese or in English."""
    return STYLES if chinese else ENGLISH


# --- Small pieces of the file format ----------------------------------------------------------------------------------


def element(name: str, **values: object) -> Any:
    """An element of WordprocessingML with its values; ``name`` without prefix, as ``pBdr``."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    made = OxmlElement(f"w:{name}")
    for key, value in values.items():
        made.set(qn(f"w:{key}"), str(value))
    return made


def _twips(points: float) -> int:
    return round(points * 20)


def _border(side: str, millimetres: float, *, space: float = 0, colour: str = "auto") -> Any:
    size = max(2, round(millimetres * measures.POINTS_IN_MM * 8))
    return element(side, val="single", sz=size, space=round(space), color=colour)


def _put(parent: Any, child: Any) -> None:
    """Put a child in, instead of one of the same name."""
    for old in parent.findall(child.tag):
        parent.remove(old)
    parent.append(child)


def set_fonts(properties: Any, face: str) -> None:
    """The faces of a run or style: the Latin one for letters and digits, the Chinese one for the rest."""
    from docx.oxml.ns import qn

    fonts = properties.get_or_add_rFonts()
    for key in list(fonts.attrib):
        del fonts.attrib[key]
    for key, value in (("ascii", LATIN), ("hAnsi", LATIN), ("eastAsia", face), ("cs", LATIN)):
        fonts.set(qn(f"w:{key}"), value)


def set_size(run: Any, points: float) -> None:
    """The size of a run, and of its line."""
    from docx.shared import Pt

    run.font.size = Pt(points)
    run._parent.paragraph_format.line_spacing = Pt(round(points * 1.1, 1))


def _frame(paragraph: Any, *borders: Any) -> None:
    properties = paragraph._p.get_or_add_pPr()
    group = element("pBdr")
    for one in borders:
        group.append(one)
    for old in properties.findall(group.tag):
        properties.remove(old)
    properties.insert_element_before(
        group, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def _indent(paragraph: Any, **values: int) -> None:
    _put_indent(paragraph._p.get_or_add_pPr(), **values)


def _put_indent(properties: Any, **values: int) -> None:
    from docx.oxml.ns import qn

    found = properties.get_or_add_ind()
    for key in list(found.attrib):
        del found.attrib[key]
    for key, value in values.items():
        found.set(qn(f"w:{key}"), str(value))


CHAR: Final = _twips(measures.SIZE_BODY + measures.TRACKING)
"""One character of 3号 on the grid, in twentieths of a point."""


def indent_right(paragraph: Any, characters: float) -> None:
    """Keep a line a number of characters away from the right edge."""
    _indent(paragraph, right=round(characters * CHAR))


def keep_with_next(place: Any) -> None:
    """Let the paragraph before a place go over the page with it: a signature never stands alone."""
    from docx.oxml.ns import qn
    from docx.text.paragraph import Paragraph

    before = place._p.getprevious()
    if before is not None and before.tag == qn("w:p"):
        Paragraph(before, place._parent).paragraph_format.keep_with_next = True


def hang(paragraph: Any, *, first: bool, numbered: bool, chinese: bool) -> None:
    """A line of the list of attachments, turned over under its first character (7.3.4)."""
    char = CHAR if chinese else _twips(measures.ENGLISH_BODY * 0.9)
    start = 5 * char
    number = round(1.25 * char) if numbered else 0
    _indent(paragraph, left=start + number, hanging=number + (3 * char if first else 0))


class Paragraphs:
    """Makes paragraphs of one document: texts in runs of one face each."""

    def __init__(self, document: Any, *, chinese: bool) -> None:
        self.document, self.styles = document, styles_of(chinese)
        named = {style.name: style.style_id for style in document.styles}
        self.ids = {key: named[style.name] for key, style in self.styles.items()}

    def before(self, place: Any, text: str, style: str) -> Any:
        """A new paragraph before another."""
        made = place.insert_paragraph_before()
        made._p.style = self.ids[style]
        self._runs(made, text)
        return made

    def append(self, paragraph: Any, text: str, style: str) -> None:
        """More text in the same paragraph, in the face of another style."""
        wanted = self.styles[style]
        for run in self._runs(paragraph, text):
            set_fonts(run._r.get_or_add_rPr(), wanted.face)
            run.bold = wanted.bold

    def rewrite(self, place: Any, text: str) -> None:
        """Another text in a place; what the office gave its first run stays."""
        first = place.runs[0] if place.runs else None
        kept = first._r.rPr if first is not None else None
        for run in place.runs:
            place._p.remove(run._r)
        for run in self._runs(place, text):
            if kept is not None:
                from copy import deepcopy

                if run._r.rPr is not None:
                    run._r.remove(run._r.rPr)
                run._r.insert(0, deepcopy(kept))

    def cell(self, cell: Any, text: str, style: str, align: str) -> None:
        """The text of a cell; a line break begins a new line in it."""
        place = cell.paragraphs[0]
        place._p.style = self.ids[style]
        place.alignment = _alignment(align)
        self._runs(place, text)

    def _runs(self, paragraph: Any, text: str) -> list[Any]:
        found = []
        for at, line in enumerate(text.split("\n")):
            if at:
                paragraph.add_run().add_break()
            for piece in lettering.runs(line):
                run = paragraph.add_run(piece.text)
                if not piece.latin:  # quotation marks and dashes are Chinese, too
                    from docx.oxml.ns import qn

                    fonts = run._r.get_or_add_rPr().get_or_add_rFonts()
                    fonts.set(qn("w:hint"), "eastAsia")
                found.append(run)
        return found


def _alignment(align: str) -> Any:
    from docx.enum.text import WD_ALIGN_PARAGRAPH as JUSTIFY

    return {"left": JUSTIFY.LEFT, "center": JUSTIFY.CENTER, "right": JUSTIFY.RIGHT, "both": JUSTIFY.JUSTIFY}[align]


# --- Tables -----------------------------------------------------------------------------------------------------------


def set_table(table: Any, widths: Sequence[float]) -> None:
    """Thin lines all around, fixed widths in millimetres, no row torn over a page."""
    properties = table._tbl.tblPr
    borders = element("tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        borders.append(_border(side, 0.18))
    _put(properties, borders)
    _widths(table, widths)
    _margins(properties, 80)
    for cell in (cell for row in table._tbl.tr_lst for cell in row.tc_lst):
        cell.get_or_add_tcPr().append(element("vAlign", val="center"))


def _widths(table: Any, widths: Sequence[float]) -> None:
    """Fixed widths in millimetres; no row is torn."""
    from docx.shared import Mm

    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    for row in table._tbl.tr_lst:
        row.get_or_add_trPr().append(element("cantSplit"))
        for cell, width in zip(row.tc_lst, widths, strict=True):
            cell.width = Mm(width)


def repeat_head(table: Any) -> None:
    """Repeat the first row on every page."""
    table._tbl.tr_lst[0].get_or_add_trPr().append(element("tblHeader"))


def _margins(properties: Any, sides: int) -> None:
    margins = element("tblCellMar")
    for side in ("left", "right"):
        margins.append(element(side, w=sides, type="dxa"))
    _put(properties, margins)


def set_imprint(table: Any, *, ruled: bool) -> None:
    """At the foot of the last page, its last rule on the foot of the text block (7.4.1).

    Placed from the edge of the page: LibreOffice lets no other table float that is as wide as the text.
    """
    properties = table._tbl.tblPr
    place = element(
        "tblpPr",
        leftFromText=0,
        rightFromText=0,
        vertAnchor="margin",
        horzAnchor="page",
        tblpX=_twips(measures.MARGIN_LEFT * measures.POINTS_IN_MM),
        tblpYSpec="bottom",
    )
    properties.insert(0 if properties.find(element("tblStyle").tag) is None else 1, place)
    borders = element("tblBorders")
    if ruled:
        borders.append(_border("top", measures.IMPRINT_RULE))
        borders.append(_border("bottom", measures.IMPRINT_RULE))
        borders.append(_border("insideH", measures.IMPRINT_RULE_INNER))
    _put(properties, borders)
    _widths(table, (measures.TEXT_WIDTH * 0.6, measures.TEXT_WIDTH * 0.4))
    _margins(properties, 0)  # its lines are indented instead: programs disagree where a table with margins begins


def shrink(paragraph: Any) -> None:
    """An empty paragraph that takes no room: Word wants one after a table."""
    from docx.shared import Pt

    for run in list(paragraph.runs):
        paragraph._p.remove(run._r)
    paragraph.paragraph_format.line_spacing = Pt(1)
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(0)


# --- The house's own templates ----------------------------------------------------------------------------------------


def build(form: Form, *, chinese: bool = True) -> Any:
    """The house's template for a form of papers."""
    import docx

    document = docx.Document()
    for paragraph in list(document.paragraphs):
        paragraph._p.getparent().remove(paragraph._p)
    _only_needed(document)
    add_missing_styles(document, chinese=chinese)
    _page(document, form, chinese)
    lines: Iterable[str]
    if form in (Form.DOCUMENT, Form.MINUTES):
        lines = ("mark", "number", "title", "to")
    elif form is Form.LETTER:
        lines = ("number", "title", "to")
    else:
        lines = ("title", "to") if chinese else ("mark", "number", "title", "to")
    styles = styles_of(chinese)
    for key in (*lines, "blocks", "attached", "signature", "note", "annexes", "imprint"):
        place = document.add_paragraph(PLACES[key], style=styles[key if key in styles else "body"].name)
        _head_line(place, key, form, chinese)
    return document


_NEEDED: Final = frozenset({"Normal", "Default Paragraph Font", "Normal Table", "No List", "Header", "Footer"})


def _only_needed(document: Any) -> None:
    """Take out the styles, and the spacing, that python-docx brings for other papers."""
    from docx.oxml.ns import qn

    styles = document.styles.element
    for style in list(document.styles):
        if style.name not in _NEEDED:
            styles.remove(style.element)
    for old in styles.findall(qn("w:latentStyles")):
        styles.remove(old)
    for spacing in styles.find(qn("w:docDefaults")).iter(qn("w:spacing")):
        spacing.getparent().remove(spacing)
        break


def _head_line(place: Any, key: str, form: Form, chinese: bool) -> None:
    """What the lines of the head have beside their style."""
    from docx.shared import Pt

    if not chinese:
        return
    mm = measures.POINTS_IN_MM
    if key == "mark":
        place.paragraph_format.space_before = Pt(measures.MARK_TOP * mm)
    elif key == "number" and form is Form.LETTER:
        place.alignment = _alignment("right")
        place.paragraph_format.space_before = Pt(0)
    elif key == "number":
        # The rule hangs below the line, whose type ends some points above its foot.
        space = measures.RULE_BELOW_NUMBER * mm - (measures.LINE_PITCH - measures.SIZE_BODY) / 2
        _frame(place, _border("bottom", measures.RULE_HEIGHT, space=space, colour=measures.RED))
    elif key == "title":
        above = 0 if form is Form.PLAIN else measures.TITLE_BELOW_RULE
        place.paragraph_format.space_before = Pt(above * measures.LINE_PITCH)
    elif key == "blocks" and form in (Form.MINUTES, Form.PLAIN):
        place.paragraph_format.space_before = Pt(0)


def add_missing_styles(document: Any, *, chinese: bool) -> None:
    """The styles that papers are written in, where the template has them not."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Pt, RGBColor

    normal = document.styles["Normal"]
    edge = _twips(measures.SIZE_SMALL)
    there = {style.name for style in document.styles}
    wanted = styles_of(chinese)
    if wanted["body"].name not in there:
        set_fonts(normal.element.get_or_add_rPr(), wanted["body"].face)
        normal.font.size = Pt(wanted["body"].size)
    for style in wanted.values():
        if style.name in there:
            continue
        made = document.styles.add_style(style.name, WD_STYLE_TYPE.PARAGRAPH)
        made.base_style = normal
        made.quick_style = True
        set_fonts(made.element.get_or_add_rPr(), style.face)
        made.font.size = Pt(style.size)
        made.font.bold = style.bold
        if style.red:
            made.font.color.rgb = RGBColor.from_string(measures.RED)
        form = made.paragraph_format
        form.alignment = _alignment(style.align)
        form.line_spacing = Pt(style.line)
        form.space_before, form.space_after = Pt(style.before), Pt(style.after)
        form.keep_with_next = style.keep
        form.widow_control = not chinese
        properties = made.element.get_or_add_pPr()
        free = ("snapToGrid",) if style.line != measures.LINE_PITCH else ()
        for name in ("autoSpaceDE", "autoSpaceDN", *free):
            properties.insert_element_before(element(name, val=0), "w:spacing", "w:ind", "w:jc", "w:rPr")
        if style.first:
            _put_indent(properties, firstLineChars=round(style.first * 100), firstLine=round(style.first * CHAR))
        if style.name == STYLES["named"].name:
            _put_indent(properties, left=5 * CHAR, hanging=3 * CHAR)
        if style.name == STYLES["copies"].name:
            _put_indent(properties, left=4 * edge, right=edge, hanging=3 * edge)
        if style.name == STYLES["imprint"].name:
            _put_indent(properties, left=edge, right=edge)


def _page(document: Any, form: Form, chinese: bool) -> None:
    """Paper, margins, grid, heads and feet."""
    from docx.oxml.ns import qn
    from docx.shared import Mm

    section = document.sections[0]
    section.page_width, section.page_height = Mm(measures.PAGE_WIDTH), Mm(measures.PAGE_HEIGHT)
    section.top_margin, section.bottom_margin = Mm(measures.MARGIN_TOP), Mm(measures.MARGIN_BOTTOM)
    section.left_margin, section.right_margin = Mm(measures.MARGIN_LEFT), Mm(measures.MARGIN_RIGHT)
    section.header_distance = Mm(_HEAD)
    half = measures.SIZE_SMALL / 2 / measures.POINTS_IN_MM
    section.footer_distance = Mm(measures.MARGIN_BOTTOM - measures.PAGE_NUMBER_BELOW - half)
    properties = section._sectPr
    for old in properties.findall(qn("w:docGrid")):
        properties.remove(old)
    if chinese:
        properties.append(
            element(
                "docGrid",
                type="linesAndChars",
                linePitch=_twips(measures.LINE_PITCH),
                charSpace=round(measures.TRACKING * 4096),
            )
        )
    _language(document, chinese)
    document.settings.odd_and_even_pages_header_footer = True
    _as_of_today(document)
    styles = styles_of(chinese)
    for head in (section.header, section.even_page_header):
        _boxed(_only(head, PLACES["stamp"], styles["stamp"].name))
    edge = _twips(measures.SIZE_SMALL * measures.PAGE_NUMBER_INDENT)
    for foot, align in ((section.footer, "right"), (section.even_page_footer, "left")):
        place = _only(foot, "", styles["page"].name)
        place.alignment = _alignment(align)
        _indent(place, **{align: edge})
        _page_number(place, chinese)
    if form is Form.LETTER and chinese:
        _letter(section, styles)


def _as_of_today(document: Any) -> None:
    """Say that the file is no old one, so that no program sets its tables as Word did in 2007."""
    from docx.oxml.ns import qn

    for found in document.settings.element.iter(qn("w:compatSetting")):
        if found.get(qn("w:name")) == "compatibilityMode":
            found.set(qn("w:val"), "15")


_HEAD: Final = 14.0
"""Millimetres from the edge of the sheet to the mark that pages carry."""


def _only(part: Any, text: str, style: str) -> Any:
    part.is_linked_to_previous = False
    place = part.paragraphs[0]
    place.style = style
    if text:
        place.add_run(text)
    return place


def _boxed(place: Any) -> None:
    place.runs[0]._r.get_or_add_rPr().append(element("bdr", val="single", sz=4, space=0, color="595959"))


def _page_number(place: Any, chinese: bool) -> None:
    place.add_run("— " if chinese else "")
    for kind, text in (("begin", ""), ("", "PAGE"), ("separate", ""), ("", "1"), ("end", "")):
        run = place.add_run()
        if kind:
            run._r.append(element("fldChar", fldCharType=kind))
        elif text == "PAGE":
            code = element("instrText")
            code.text = " PAGE "
            run._r.append(code)
        else:
            run.text = text
    place.add_run(" —" if chinese else "")


def _letter(section: Any, styles: Mapping[str, Style]) -> None:
    """The first page of a letter (10.1): the mark 30 mm below the edge, double rules above and below, no number."""
    from docx.shared import Mm, Pt

    section.different_first_page_header_footer = True
    head = section.first_page_header
    stamp = _only(head, PLACES["stamp"], styles["stamp"].name)
    _boxed(stamp)
    mark = head.add_paragraph(PLACES["mark"], style=styles["mark"].name)
    mark.paragraph_format.space_before = Pt((measures.LETTER_MARK_TOP - _HEAD) * measures.POINTS_IN_MM - 13)
    # Centred on the sheet, and so not on the text, whose margins differ.
    edge = (measures.PAGE_WIDTH - measures.LETTER_RULE_WIDTH) / 2
    over = {
        "left": _twips((edge - measures.MARGIN_LEFT) * measures.POINTS_IN_MM),
        "right": _twips((edge - measures.MARGIN_RIGHT) * measures.POINTS_IN_MM),
    }
    thick, thin = measures.LETTER_RULES
    gap = measures.LETTER_RULES_GAP * measures.POINTS_IN_MM
    _indent(mark, **over)
    space = measures.LETTER_RULE_BELOW_MARK * measures.POINTS_IN_MM
    _frame(mark, _border("bottom", thick, space=space, colour=measures.RED))
    below = head.add_paragraph(style=styles["stamp"].name)
    _indent(below, **over)
    below.paragraph_format.line_spacing = Pt(gap)
    _frame(below, _border("bottom", thin, colour=measures.RED))
    last = head.add_paragraph(style=styles["stamp"].name)
    last.paragraph_format.line_spacing = Pt(measures.LETTER_NUMBER_BELOW - 6)
    foot = section.first_page_footer
    upper = _only(foot, "", styles["stamp"].name)
    _indent(upper, **over)
    upper.paragraph_format.line_spacing = Pt(gap)
    _frame(upper, _border("top", thin, colour=measures.RED))
    lower = foot.add_paragraph(style=styles["stamp"].name)
    _indent(lower, **over)
    # The foot of the footer lies where page numbers need it; the rule belongs 20 mm above the edge of the sheet.
    lower.paragraph_format.line_spacing = Pt(1)
    _frame(lower, _border("top", thick, colour=measures.RED))
    section.footer_distance = Mm(measures.LETTER_RULE_FOOT)
    half = measures.SIZE_SMALL / 2 / measures.POINTS_IN_MM
    up = (
        measures.MARGIN_BOTTOM - measures.PAGE_NUMBER_BELOW - half - measures.LETTER_RULE_FOOT
    ) * measures.POINTS_IN_MM
    for part in (section.footer, section.even_page_footer):
        part.paragraphs[0].paragraph_format.space_after = Pt(up)


def _language(document: Any, chinese: bool) -> None:
    """The language of proofing, and the faces of whatever has no style."""
    from docx.oxml.ns import qn

    properties = document.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for old in properties.findall(qn("w:lang")):
        properties.remove(old)
    properties.append(element("lang", val="en-US" if chinese else "en-GB", eastAsia="zh-CN", bidi="ar-SA"))
