"""标题分词: after which characters of a title its words end, so that no word is torn."""

from __future__ import annotations


def word_ends(title: str) -> frozenset[int]:
    """Places after words, counted in characters from the start."""
    import rjieba  # 0.2 s: only when something is drawn

    found, at = set(), 0
    for word in rjieba.cut(title):
        at += len(word)
        found.add(at)
    return frozenset(found)
