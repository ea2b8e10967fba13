"""The generated parts of the documentation say what the code says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_generated_pages_are_up_to_date(tmp_path: Path) -> None:
    """In a process of its own: tests declare refusals and events that no installation knows."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "docs.py"), "--check"],
        cwd=ROOT,
        env={**os.environ, "LUOSHI_DEBUG": "1", "LUOSHI_STATE": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
