"""Word 转 PDF by LibreOffice without a window, for offices that keep a template of their own（保留本单位模板）.

Every conversion has a profile of its own: two at once in one profile wait for each other for ever. A private
configuration of fonts puts the free faces where a paper names proprietary ones that the machine has not.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from html import escape
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
        (place / "paper.docx").write_bytes(docx)
        (place / "fonts.conf").write_text(font_rules(str(place / "cache")), encoding="utf-8")
        subprocess.run(
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
