"""From a folder of YAML files to a checked pack（方案包读入）; a bad one is refused with every reason."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from luoshi.packs.schema.checking import check_pack
from luoshi.packs.schema.pack import Pack, PackInvalid, Problem
from luoshi.packs.schema.parts import Part
from luoshi.packs.schema.programme import Department, Ladder, Matter, Programme, Source
from luoshi.packs.schema.story import Story
from luoshi.packs.schema.telling import check_story
from luoshi.rules.refusals import gettext_noop as _

MAX_BYTES: Final = 2 * 1024 * 1024
"""The largest file of a pack, in bytes."""

_MISSING: Final = _("the file is missing")
_NOT_YAML: Final = _("this is not YAML that a pack may hold: %(problem)s")
_TOO_BIG: Final = _("the file is larger than %(most)s bytes")
_ABSENT: Final = _("this field is missing")
_UNKNOWN: Final = _("a pack has no such field")
_WRONG: Final = _("%(problem)s")
_FILES: Final = ("programme", "matters", "ladders", "departments", "sources")


class _Loader(yaml.SafeLoader):
    """Plain YAML: no tags beyond the safe ones, no aliases, no key twice."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Refuse aliases (they can blow up a small file)."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.constructor.ConstructorError(None, None, "aliases (*) are not allowed")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        """Refuse a key that stands twice."""
        seen: set[str] = set()
        for key, _value in node.value:
            if not isinstance(key.value, str):
                raise yaml.constructor.ConstructorError(None, None, "a key must be a word", key.start_mark)
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} stands twice", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


class _Lists(Part):
    """The shape of the files that are a list under their own name."""

    matters: tuple[Matter, ...] = ()
    ladders: tuple[Ladder, ...] = ()
    departments: tuple[Department, ...] = ()
    sources: tuple[Source, ...] = ()
    programme: Programme | None = None
    story: Story | None = None


def read_pack(folder: Path) -> Pack:
    """Read and check the pack in ``folder``.

    Raises:
        PackInvalid: with every problem found.
    """
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    for name in (*_FILES, "story"):
        path = folder / f"{name}.yaml"
        if not path.is_file():
            continue
        if path.stat().st_size > MAX_BYTES:
            problems.append(Problem(path.name, "", _TOO_BIG, {"most": MAX_BYTES}))
            continue
        try:
            texts[name] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            problems.append(Problem(path.name, "", _NOT_YAML, {"problem": str(error.reason)}))
    if problems:
        raise PackInvalid(problems)
    return parse_pack(texts)


def parse_pack(texts: Mapping[str, str]) -> Pack:
    """Check a pack given as YAML texts by the file's name without its ending; ``story`` may be left out.

    Raises:
        PackInvalid: with every problem found.
    """
    problems: list[Problem] = []
    parts: dict[str, _Lists] = {}
    for name in (*_FILES, "story"):
        if name not in texts:
            if name != "story":
                problems.append(Problem(f"{name}.yaml", "", _MISSING, {}))
            continue
        try:
            data = yaml.load(texts[name], Loader=_Loader)  # noqa: S506 - a SafeLoader, narrowed
            if not isinstance(data, dict) or set(data) != {name}:
                problems.append(Problem(f"{name}.yaml", name, _ABSENT, {}))
                continue
            parts[name] = _Lists.model_validate(data)
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            problems.extend(_read_problems(f"{name}.yaml", error))
    if problems:
        raise PackInvalid(problems)
    programme = parts["programme"].programme
    if programme is None:
        raise PackInvalid([Problem("programme.yaml", "programme", _ABSENT, {})])
    pack = Pack(
        programme=programme,
        matters=parts["matters"].matters,
        ladders=parts["ladders"].ladders,
        departments=parts["departments"].departments,
        sources=parts["sources"].sources,
        story=parts["story"].story if "story" in parts else None,
    )
    problems = [*check_pack(pack), *(check_story(pack, pack.story) if pack.story else ())]
    if problems:
        raise PackInvalid(problems)
    return pack


def _read_problems(file: str, error: Exception) -> Iterator[Problem]:
    if not isinstance(error, ValidationError):
        text = " ".join(str(error).split()) or type(error).__name__
        yield Problem(file, "", _NOT_YAML, {"problem": text[:300]})
        return
    for detail in error.errors(include_url=False, include_input=False):
        place = " › ".join(str(step + 1) if isinstance(step, int) else step for step in detail["loc"])
        template = {"missing": _ABSENT, "extra_forbidden": _UNKNOWN}.get(detail["type"], _WRONG)
        yield Problem(file, place, template, {"problem": detail["msg"]})
