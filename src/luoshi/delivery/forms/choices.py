"""What a form may offer（可选项）: filled by the page from queries within permission, never by the form itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

Pairs = Sequence[tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Choices:
    """The choices of one form.

    ``units`` are (id, name) of units that may lead; when there are more than fit a list, ``find_unit`` reads a name or
    a code and answers with the id, or raises a refusal with a sentence. ``below`` are the units a breakdown may reach.
    """

    units: Pairs = ()
    units_complete: bool = True
    find_unit: Callable[[str], int] | None = None
    below: Pairs = ()
    posts: Pairs = ()
    matters: Pairs = ()
    sub_matters: Pairs = ()
    links: Pairs = ()
    criteria: Sequence[str] = ()
    cadences: Pairs = ()
    frequencies: Pairs = ()
    kinds: Pairs = ()
    methods: Pairs = ()
    steps: Pairs = ()
    reaches: Pairs = ()
    evidence: Pairs = ()
    corrects: Pairs = ()
    yes_no: Pairs = field(default_factory=tuple)
