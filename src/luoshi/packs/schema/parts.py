"""What every part of a pack is made of（方案包公用）: keys, lines, levels, labels in both languages."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Line = Annotated[str, StringConstraints(min_length=1, max_length=400, strip_whitespace=True)]
Level = Literal["province", "prefecture", "county", "township", "village"]
Code = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}(?:[0-9]{3}(?:[0-9]{3})?)?$")]


class Part(BaseModel):
    """Any part of a pack: unknown fields are refused, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class Text(Part):
    """A label in both languages, side by side."""

    zh: Line
    en: Line
