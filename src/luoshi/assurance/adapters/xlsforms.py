"""The visit form as XLSForm（走访表单导出）, for ODK Collect, KoboToolbox and whatever else reads it.

Three sheets as https://xlsform.org describes them: ``survey``, ``choices``, ``settings``. The visits that wait are the
choices of the first question and carry their criteria with them, so that one form serves them all. No question asks
where the telephone is, for a photo, or for a name, and no device or user is recorded.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

ZH, EN = "label::中文 (zh)", "label::English (en)"
SURVEY = ("type", "name", ZH, EN, "required", "relevant", "constraint", "calculation")
FORM_ID = "luoshi_visits"


@dataclass(frozen=True, slots=True)
class Choice:
    """A visit that waits: its key, its version, what it is called, what is to be seen, its criteria."""

    key: str
    version: int
    label: str
    title: str
    criteria: tuple[str, ...]


def build(choices: Sequence[Choice], *, version: str) -> bytes:
    """The workbook.

    Args:
        choices: the visits that wait, at least one.
        version: of the form, growing with time.
    """
    import xlsxwriter  # only now: few requests write Excel, and every process would carry it

    most = max(len(one.criteria) for one in choices)
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options) as book:
        _sheet(book, "survey", [SURVEY, *_survey(most)])
        heads = ("list_name", "name", ZH, EN, "title", "version", *(f"text_{at}" for at in range(1, most + 1)))
        rows: list[Sequence[str]] = [heads]
        for one in choices:
            texts = [*one.criteria, *[""] * (most - len(one.criteria))]
            rows.append(("visits", one.key, one.label, one.label, one.title, str(one.version), *texts))
        rows += [
            ("outcome", "done", "到了现场", "I was there"),
            ("outcome", "unreachable", "未能到访", "Could not be reached"),
            ("yes_no", "yes", "是", "Yes"),
            ("yes_no", "no", "否", "No"),
        ]
        _sheet(book, "choices", rows)
        settings = ("form_title", "form_id", "version", "default_language", "instance_name")
        _sheet(book, "settings", [settings, ("落实 走访", FORM_ID, version, "中文 (zh)", "${visit}")])
    return stream.getvalue()


def _survey(most: int) -> list[tuple[str, ...]]:
    def of(column: str) -> str:
        return f"instance('visits')/root/item[name=${{visit}}]/{column}"

    seen = "${outcome}='done'"
    rows: list[tuple[str, ...]] = [
        ("end", "end"),
        ("select_one visits", "visit", "走访哪一处", "Which place", "yes"),
        ("calculate", "version", "", "", "", "", "", of("version")),
        ("calculate", "title", "", "", "", "", "", of("title")),
        ("note", "what", "要看的事：${title}", "What to look at: ${title}"),
        ("select_one outcome", "outcome", "到了现场吗", "Were you there", "yes"),
    ]
    for at in range(1, most + 1):
        asked = f"{seen} and ${{text_{at}}} != ''"
        rows += [
            ("calculate", f"text_{at}", "", "", "", "", "", of(f"text_{at}")),
            (
                "select_one yes_no",
                f"holds_{at}",
                f"${{text_{at}}}：属实吗",
                f"${{text_{at}}}: does it hold",
                "yes",
                asked,
            ),
            ("text", f"words_{at}", f"{at}. 看到了什么", f"{at}. What was seen", "", asked),
        ]
    every = " and ".join(["true()", *(f"${{holds_{at}}} != 'no'" for at in range(1, most + 1))])
    rows += [
        (
            *("select_one yes_no", "holds", "上报的情况属实吗", "Does what was reported hold", "yes", seen),
            f". = 'no' or ({every})",
        ),
        ("text", "words", "看到了什么；未能到访的写明原因", "What was seen, or why nobody was reached", "yes"),
    ]
    return rows


def _sheet(book: object, name: str, rows: Sequence[Sequence[str]]) -> None:
    sheet = book.add_worksheet(name)  # type: ignore[attr-defined]
    for line, row in enumerate(rows):
        for column, value in enumerate(row):
            if value:
                sheet.write_string(line, column, value)
    sheet.set_column(0, 12, 24)
    sheet.freeze_panes(1, 0)
