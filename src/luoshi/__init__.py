"""Luoshi（落实）: from a meeting's words to results that someone else has checked."""

__version__ = "0.1.0"
