"""Word documents（Word）: paragraphs as lines, tables with tabs; the old format through LibreOffice where it stands."""

from __future__ import annotations

import io
import os
import re
import shutil
import signal
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import ParseError

from luoshi.rules.refusals import Refused, declare
from luoshi.rules.refusals import gettext_noop as _

if TYPE_CHECKING:
    from docx.document import Document

declare(
    422,
    paper_old_word=_(
        "“%(name)s” is in the old format of Word, which this computer cannot read: save it as .docx and hand that in."
    ),
    paper_not_converted=_(
        "“%(name)s” is in the old format of Word and could not be converted: open it in Word, save it as .docx and "
        "hand that in."
    ),
    paper_word_slow=_(
        "“%(name)s” was not converted within %(seconds)s seconds: open it in Word, save it as .docx and hand that in."
    ),
    paper_damaged=_("“%(name)s” cannot be read: open it, save it again and hand that in."),
)

SECONDS: Final = 90
_GAP: Final = re.compile(r"\s+")


def words(content: bytes, name: str) -> str:
    """The words of a .docx in their order; identified before, so that its size and parts are within bounds.

    Raises:
        Refused: ``paper_damaged``.
    """
    import docx  # only now: few requests read Word, and every process would carry its library
    from docx.opc.exceptions import PackageNotFoundError
    from docx.oxml.exceptions import InvalidXmlError
    from lxml.etree import XMLSyntaxError

    try:
        return "\n".join(_lines(docx.Document(io.BytesIO(content))))
    except (
        PackageNotFoundError,
        InvalidXmlError,
        XMLSyntaxError,
        ParseError,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        AttributeError,
        IndexError,
    ) as error:
        raise Refused("paper_damaged", name=name) from error


def _lines(document: Document) -> Iterator[str]:
    from docx.table import Table
    from docx.text.paragraph import Paragraph

    for block in document.iter_inner_content():
        if isinstance(block, Paragraph):
            yield block.text
        elif isinstance(block, Table):
            for row in block.rows:
                yield "\t".join(_GAP.sub(" ", cell.text).strip() for cell in row.cells)


def require_office(name: str) -> str:
    """The program that converts old files（LibreOffice）.

    Raises:
        Refused: ``paper_old_word`` where it is missing.
    """
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        raise Refused("paper_old_word", name=name)
    return office


def modern(content: bytes, name: str) -> bytes:
    """An old .doc as .docx, made by LibreOffice in a folder of its own, without macros and without the network.

    Raises:
        Refused: ``paper_old_word`` where LibreOffice is missing, ``paper_not_converted`` where it cannot read the file,
            ``paper_word_slow`` where it is not done in :data:`SECONDS`.
    """
    office = require_office(name)
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder) / "paper.doc", Path(folder) / "paper.docx"
        source.write_bytes(content)
        command = [
            office,
            f"-env:UserInstallation=file://{folder}/profile",
            "--headless",
            "--norestore",
            "--convert-to",
            "docx",
            "--outdir",
            folder,
            str(source),
        ]
        try:
            _run(command)
            return made.read_bytes()
        except subprocess.TimeoutExpired as error:
            raise Refused("paper_word_slow", name=name, seconds=SECONDS) from error
        except (OSError, subprocess.SubprocessError) as error:
            raise Refused("paper_not_converted", name=name) from error


def _run(command: list[str]) -> None:
    """Run a program to its end; one that takes too long is ended with everything it started.

    LibreOffice is started by a script: ending that alone would leave the program itself running.
    """
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True) as program:  # noqa: S603 - fixed words only
        try:
            code = program.wait(timeout=SECONDS)
        except BaseException:
            os.killpg(program.pid, signal.SIGKILL)
            raise
    if code:
        raise subprocess.CalledProcessError(code, command)
