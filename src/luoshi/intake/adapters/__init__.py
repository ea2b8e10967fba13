"""Files of documents（来文文件）: from bytes to a text that may be read."""

from luoshi.intake.adapters.papers import read_paper

__all__ = ["read_paper"]
