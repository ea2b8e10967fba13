"""Files of documents（来文文件）: from bytes to a text that may be read."""

from luoshi.intake.adapters.papers import is_old_word, read_paper

__all__ = ["is_old_word", "read_paper"]
