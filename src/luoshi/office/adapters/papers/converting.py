"""Word 转 PDF by LibreOffice without a window, for offices that keep a template of their own（保留本单位模板）.

Every conversion has a profile of its own: two at once in one profile wait for each other for ever. A private
configuration of fonts puts the free faces where a paper names proprietary ones that the machine has not.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from html import escape
from math import floor
from pathlib import Path

from luoshi.office.adapters.papers import fonts

SECONDS = 120


def program() -> str:
    """Where LibreOffice is; empty when it is not installed or has no Writer."""
    found = shutil.which("soffice") or shutil.which("libreoffice") or ""
    if not found:
        return ""
    writer = Path(found).resolve().parent / "libswlo.so"
    return found if writer.exists() else ""


def to_pdf(docx: bytes) -> bytes:
    """A Word file as PDF.

    Raises:
        OSError: LibreOffice Writer is not installed, or made no file.
        subprocess.SubprocessError: it failed or took longer than two minutes.
    """
    found = program()
    if not found:
        raise OSError("LibreOffice Writer is not installed: apt-get install libreoffice-writer-nogui")
    with tempfile.TemporaryDirectory(prefix="luoshi-paper-") as room:
        place = Path(room)
        (place / "paper.docx").write_bytes(without_narrow_grid(docx))
        (place / "fonts.conf").write_text(font_rules(str(place / "cache")), encoding="utf-8")
        subprocess.run(  # noqa: S603
            [
                found,
                f"-env:UserInstallation={(place / 'profile').as_uri()}",
                "--headless",
                "--norestore",
                "--convert-to",
                "pdf:writer_pdf_Export",
                "--outdir",
                room,
                str(place / "paper.docx"),
            ],
            env={**os.environ, "FONTCONFIG_FILE": str(place / "fonts.conf"), "HOME": room},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            check=True,
        )
        made = place / "paper.pdf"
        if not made.exists():
            raise OSError("LibreOffice made no file")
        return made.read_bytes()


_GRID = re.compile(rb'<w:docGrid [^>]*w:charSpace="(-\d+)"[^>]*/>')
_DEFAULTS = re.compile(rb"(<w:rPrDefault>\s*<w:rPr>)")


def without_narrow_grid(docx: bytes) -> bytes:
    """The file with the narrowing of its grid written as spacing of its characters instead（字符网格）.

    LibreOffice reads a grid that narrows characters as a large positive number and sets 16 of them in a line where
    Word sets 28. The lines of the grid stay.
    """
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        parts = {name: old.read(name) for name in old.namelist()}
        found = _GRID.search(parts.get("word/document.xml", b""))
        if found:
            twips = floor(int(found[1]) * 20 / 4096)
            told = re.sub(rb' w:charSpace="-\d+"', b"", found[0]).replace(b"linesAndChars", b"lines")
            parts["word/document.xml"] = parts["word/document.xml"].replace(found[0], told)
            spacing = b'\\1<w:spacing w:val="%d"/>' % twips
            parts["word/styles.xml"] = _DEFAULTS.sub(spacing, parts["word/styles.xml"], count=1)
        for name, content in parts.items():
            new.writestr(name, content)
    return made.getvalue()


def font_rules(cache: str) -> str:
    """A configuration for fontconfig: the system's, our folders, and a free face for every proprietary one."""
    folders = "".join(f"<dir>{escape(place)}</dir>" for place in fonts.folders())
    rules = []
    for name, free in fonts.STANDS_FOR.items():
        edits = "".join(f"<string>{escape(one)}</string>" for one in (name, *free))
        rules.append(
            f'<match target="pattern"><test name="family" qual="any"><string>{escape(name)}</string></test>'
            f'<edit name="family" mode="assign" binding="strong">{edits}</edit></match>'
        )
    return (
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f'<include ignore_missing="yes">/etc/fonts/fonts.conf</include>{folders}'
        f"<cachedir>{escape(cache)}</cachedir>{''.join(rules)}</fontconfig>"
    )
