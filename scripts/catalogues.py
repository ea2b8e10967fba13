"""Message catalogues（译文）: collect the sentences of the source, merge them, compile them.

python scripts/catalogues.py compile    .po → .mo (needs polib only)
python scripts/catalogues.py update     merge new sentences, drop gone ones (needs Babel and Django too)
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polib

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "luoshi"
CATALOGUE = PACKAGE / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
LAZY = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
ALIAS = re.compile(
    r"\b(?P<word>n?p?gettext(?:_lazy|_noop)?) as (?P<name>\w+)|^(?P<given>\w+) = (?P<other>gettext_noop)$",
    re.MULTILINE,
)
"""How a module calls a marking function by another name: ``gettext_noop as _N``, ``_ = gettext_noop``."""

Key = tuple[str, str, str]
"""Context, sentence, plural; the first and the last may be empty."""
BORROWED: dict[Key, str] = {
    (
        "",
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
    ): "django",
}
"""Sentences a library shows to our users and leaves out of its own Chinese catalogue, with the library."""


def of_template(text: str) -> str:
    """A Django template as pseudo-source whose calls of gettext a Python tokenizer finds."""
    from django.utils.translation.template import templatize

    return "\n".join(line.strip() for line in templatize(text).splitlines())


def calls(text: str) -> dict[str, Any]:
    """The names under which a module marks its sentences, with the places of sentence, plural and context."""
    names: dict[str, Any] = dict(LAZY)
    for found in ALIAS.finditer(text):
        names[found["name"] or found["given"]] = LAZY.get(found["word"] or found["other"])
    return names


def sources() -> Iterator[tuple[Path, str, bytes]]:
    """Every file that may hold sentences, with Babel's method and its content."""
    for path in sorted(PACKAGE.rglob("*")):
        parts = path.relative_to(PACKAGE).parts
        if not path.is_file() or "migrations" in parts:
            continue
        if path.suffix == ".py":
            yield path, "python", path.read_bytes()
        elif "jinja2" in parts:
            yield path, "jinja2.ext:babel_extract", path.read_bytes()
        elif "templates" in parts and path.suffix in {".html", ".txt"}:
            yield path, "python", of_template(path.read_text()).encode()


def extract() -> dict[Key, list[str]]:
    """Every sentence of the source with the files that say it."""
    from babel.messages.extract import extract as babel

    found: dict[Key, list[str]] = {key: [library] for key, library in BORROWED.items()}
    for path, method, content in sources():
        options: dict[str, Any] = {
            "encoding": "utf-8",
            "extensions": "jinja2.ext.i18n,jinja2.ext.do",
            "silent": "false",
        }
        keywords = calls(content.decode()) if path.suffix == ".py" else LAZY
        for _line, message, _notes, context in babel(method, io.BytesIO(content), keywords, options=options):
            single, plural = message if isinstance(message, tuple) else (message, "")
            if single:
                places = found.setdefault((context or "", single, plural or ""), [])
                if (place := str(path.relative_to(PACKAGE))) not in places:
                    places.append(place)
    return found


def compile_all() -> None:
    """Write a .mo beside every .po that is younger than it."""
    for po in PACKAGE.rglob("locale/*/LC_MESSAGES/*.po"):
        mo = po.with_suffix(".mo")
        if not mo.exists() or mo.stat().st_mtime < po.stat().st_mtime:
            polib.pofile(str(po)).save_as_mofile(str(mo))


def update() -> None:
    """Merge the sentences of the source into the catalogue: new ones empty, gone ones dropped, the rest kept."""
    old = {}
    if CATALOGUE.exists():
        old = {(entry.msgctxt or "", entry.msgid, entry.msgid_plural or ""): entry for entry in polib.pofile(CATALOGUE)}
    new = polib.POFile(wrapwidth=110)
    new.metadata = {
        "Language": "zh_Hans",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=1; plural=0;",
    }
    for key, places in sorted(extract().items(), key=lambda item: (item[1][0], item[0])):
        context, single, plural = key
        kept = old.get(key)
        entry = polib.POEntry(msgid=single, msgctxt=context or None, occurrences=[(place, "") for place in places])
        entry.flags = ["python-format"] if "%(" in single else []
        if plural:
            entry.msgid_plural = plural
            entry.msgstr_plural = {0: kept.msgstr_plural.get(0, "") if kept else ""}
        else:
            entry.msgstr = kept.msgstr if kept else ""
        new.append(entry)
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    new.save(str(CATALOGUE))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "luoshi.config.settings")
    os.environ.setdefault("LUOSHI_DEBUG", "1")
    if sys.argv[1:] == ["compile"]:
        compile_all()
    elif sys.argv[1:] == ["update"]:
        update()
        compile_all()
    else:
        sys.exit(__doc__)
