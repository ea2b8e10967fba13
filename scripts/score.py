"""Score the reader against hand-made gold: the corpus of the tests, and samples that lie beside the project.

The samples (``../shared/intake-samples``, or ``LUOSHI_SAMPLES``) are kept for evaluation only and do not ship; where
they are missing that is said, and the exit code stays 0. Their scorer is run as it is.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

from luoshi.rules.documents import reader

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT / "tests" / "rules" / "reader_corpus"


def predict(folder: Path, out: Path) -> None:
    """Write one draft a document of ``folder``, which lists its documents in ``docs.json``."""
    for document in json.loads((folder / "docs.json").read_text(encoding="utf-8")):
        text = (folder / f"{document['id']}.txt").read_text(encoding="utf-8")
        day = date.fromisoformat(document["doc_date"])
        form = reader.as_form(reader.read(text, date=day), document["id"], text=text, date=day)
        (out / f"{document['id']}.json").write_text(json.dumps(form, ensure_ascii=False), encoding="utf-8")


def main() -> int:
    """Score every corpus there is; 1 when the scorer itself fails."""
    samples = Path(os.environ.get("LUOSHI_SAMPLES", ROOT.parent / "shared" / "intake-samples"))
    scorer = samples / "score.py"
    if not scorer.exists():
        print(f"No samples and no scorer at {samples}: nothing to score.")
        return 0
    worst = 0
    for folder in (samples, CORPUS / "dev", CORPUS / "held"):
        if not (folder / "docs.json").exists():
            continue
        with tempfile.TemporaryDirectory() as out:
            predict(folder, Path(out))
            print(f"\n== {folder.name}", flush=True)
            command = [sys.executable, str(scorer), out, str(folder / "gold"), "--errors"]
            worst = max(worst, subprocess.run(command, check=False).returncode)  # noqa: S603 - fixed words only
    return worst


if __name__ == "__main__":
    sys.exit(main())
