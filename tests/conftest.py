"""What every test stands on."""

from __future__ import annotations

import os

os.environ.setdefault("LUOSHI_DEBUG", "1")
