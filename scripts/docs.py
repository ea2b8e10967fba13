"""Write what can be read out of the code into the documentation（文档的生成部分）.

python scripts/docs.py            fill the generated parts of docs/en and docs/zh
python scripts/docs.py --check    change nothing; exit 1 and name the pages that are not up to date

A generated part stands between ``<!-- generated: NAME -->`` and ``<!-- end -->``; the words around it are written by
hand. What the code cannot say of itself in two languages (what a setting is for, what to do about a kind of refusal)
stands in ``docs/reference.yaml``; a setting that is missing there, or stands there without being read, is an error.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import importlib.util
import os
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PACKAGE = ROOT / "src" / "luoshi"
LANGUAGES = {"en": "en", "zh": "zh-hans"}
PART = re.compile(r"(<!-- generated: (?P<name>\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
VARIABLE = re.compile(r'["\'](LUOSHI_[A-Z_]+)["\']')
BASE_OPTIONS = {
    "help", "version", "verbosity", "traceback", "settings", "pythonpath", "no_color", "force_color", "skip_checks",
}  # fmt: skip


def words() -> dict[str, Any]:
    """What people wrote about things that the code names."""
    found: dict[str, Any] = yaml.safe_load((DOCS / "reference.yaml").read_text(encoding="utf-8"))
    return found


def load_everything() -> None:
    """Import every module of the product, so that every refusal and event is known."""
    import luoshi

    for module in pkgutil.walk_packages(luoshi.__path__, "luoshi."):
        if not re.search(r"\.(migrations|asgi|wsgi|__main__)\b", module.name):
            importlib.import_module(module.name)


def cell(text: object) -> str:
    """Text that stands in a table."""
    return " ".join(str(text).replace("|", "\\|").split())


def table(heads: list[str], rows: list[list[object]]) -> str:
    """A table in Markdown."""
    lines = [heads, ["---"] * len(heads), *[[cell(one) for one in row] for row in rows]]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def say(language: str, en: str, zh: str) -> str:
    """One of two."""
    return zh if language == "zh" else en


# --- Commands ---------------------------------------------------------------------------------------------------------


def options_of(parser: argparse.ArgumentParser) -> Iterator[tuple[str, str, argparse.Action]]:
    """Subcommand (or nothing), how it is written, and the action, for everything that is the command's own."""
    for action in parser._actions:
        if action.dest in BASE_OPTIONS:
            continue
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action.choices.items():
                for _inner, written, one in options_of(below):
                    yield name, written, one
        elif action.option_strings:
            takes = "" if action.nargs == 0 else f" {shown(action)}"
            yield "", action.option_strings[-1] + takes, action
        else:
            yield "", shown(action) + ("?" if action.nargs == "?" else ""), action


def shown(action: argparse.Action) -> str:
    """What stands for the value."""
    if action.metavar:
        return str(action.metavar)
    choices = list(action.choices or [])
    return "|".join(map(str, choices)) if 0 < len(choices) < 6 else action.dest.upper()


def commands(language: str) -> str:
    """Every command with its arguments."""
    from django.core.management import load_command_class
    from django.utils.translation import gettext

    from luoshi.config.command import BORROWED, ours

    told = words()["commands"]
    parts = []
    for name, app in ours().items():
        if name in BORROWED:
            continue
        command = load_command_class(app, name)
        mine = told.get(name, {})
        text = (mine.get("zh") if language == "zh" else "") or gettext(str(command.help))
        parser = command.create_parser("luoshi", name)
        rows: list[list[object]] = []
        for act, written, action in options_of(parser):
            key = f"{act} {action.dest}".strip()
            en = str(action.help or mine.get("options_en", {}).get(key, "")).replace("%(default)s", str(action.default))
            zh = mine.get("options", {}).get(key, "")
            rows.append([f"`{(act + ' ' + written).strip()}`", say(language, en, zh or en)])
        subs = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
        for act in [name_ for a in subs for name_ in a.choices]:
            if not any(str(row[0]).strip("`").split()[0] == act for row in rows):
                about = next((c.help for a in subs for c in a._choices_actions if c.dest == act), "")
                rows.append(
                    [f"`{act}`", say(language, str(about or ""), mine.get("options", {}).get(act) or about or "")]
                )
        parts.append(f"### `luoshi {name}`\n\n{text.strip()}")
        if rows:
            parts.append(table([say(language, "argument", "参数"), say(language, "meaning", "含义")], rows))
    borrowed = [
        [f"`luoshi {name}`", told.get(name, {}).get(language, "")] for name in sorted(BORROWED) if name in ours()
    ]
    parts.append(say(language, "### Django's own, passed through", "### Django 自带、直接转用的命令"))
    parts.append(table([say(language, "command", "命令"), say(language, "what it does", "作用")], borrowed))
    return "\n\n".join(parts)


# --- Settings ---------------------------------------------------------------------------------------------------------


def variables() -> set[str]:
    """The environment variables that the product reads."""
    return {name for path in PACKAGE.rglob("*.py") for name in VARIABLE.findall(path.read_text(encoding="utf-8"))}


def settings(language: str) -> str:
    """Every environment variable with its default and its meaning."""
    told = words()["settings"]
    if variables() != set(told):
        raise SystemExit(f"docs/reference.yaml and the code differ in settings: {sorted(variables() ^ set(told))}")
    rows: list[list[object]] = [[f"`{name}`", one["default"], one[language]] for name, one in told.items()]
    heads = ["variable", "default", "meaning"] if language == "en" else ["变量", "默认值", "含义"]
    return table(heads, rows)


# --- Refusals ---------------------------------------------------------------------------------------------------------


def refusals(language: str) -> str:
    """Every refusal by status, its sentence, and what to do about that kind."""
    from django.utils.translation import gettext

    from luoshi.rules.refusals import SENTENCES, STATUS

    advice = words()["statuses"]
    by_status: dict[int, list[str]] = {}
    for code in SENTENCES:
        by_status.setdefault(STATUS.get(code, 409), []).append(code)
    parts = []
    for status in sorted(by_status):
        one = advice.get(status, advice[409])
        rows: list[list[object]] = []
        for code in sorted(by_status[status]):
            sentence = re.sub(r"%\((\w+)\)[sd]", r"‹\1›", gettext(SENTENCES[code])).replace("%%", "%")
            rows.append([f"`{code}`", sentence])
        parts.append(f"## {status} · {one[language]['title']}\n\n{one[language]['do']}")
        parts.append(table([say(language, "code", "理由码"), say(language, "sentence", "说法")], rows))
    return "\n\n".join(parts)


# --- Events -----------------------------------------------------------------------------------------------------------


def event_classes() -> list[type[Any]]:
    """Every event, by type."""
    from django.apps import apps

    found: dict[str, type[Any]] = {}
    for config in apps.get_app_configs():
        if config.name.startswith("luoshi.") and importlib.util.find_spec(f"{config.name}.events"):
            for thing in vars(importlib.import_module(f"{config.name}.events")).values():
                if isinstance(thing, type) and getattr(thing, "TYPE", ""):
                    found[thing.TYPE] = thing
    return [found[name] for name in sorted(found)]


def event_name(kind: type[Any], language: str) -> str:
    """What an event is called: by the timeline's name where there is one, else by its docstring."""
    from django.utils.translation import gettext

    room = kind.__module__.partition(".events")[0] + ".events"
    names = getattr(sys.modules[room], "EVENT_NAMES", {})
    if kind.TYPE in names:
        return gettext(names[kind.TYPE])
    line = (kind.__doc__ or "").strip().splitlines()[0].replace("``", "`")
    if language == "zh" and (term := re.search(r"（([^）]+)）", line)):
        return term[1]
    return re.sub(r"（[^）]+）", "", line).rstrip(".")


def type_name(annotation: Any) -> str:
    """A field's type as it is written in the code."""
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))
    return text.replace("typing.", "")


def events(language: str) -> str:
    """Every type of event with its fields."""
    heads = ["type", "v", "what happened", "fields"] if language == "en" else ["类型", "版本", "发生了什么", "字段"]
    parts = []
    by_app: dict[str, list[list[object]]] = {}
    for kind in event_classes():
        fields = ", ".join(f"`{one.name}`: {type_name(one.type)}" for one in dataclasses.fields(kind))
        row: list[object] = [f"`{kind.TYPE}`", kind.V, event_name(kind, language), fields or "–"]
        by_app.setdefault(kind.TYPE.split(".")[0], []).append(row)
    for app, rows in by_app.items():
        parts.append(f"## {app}\n\n{table(heads, rows)}")
    return "\n\n".join(parts)


# --- The API ----------------------------------------------------------------------------------------------------------


def acts(language: str) -> str:
    """Every act on a commitment with the fields of its input."""
    from django.utils.translation import gettext

    from luoshi.delivery.schemas.inputs import INPUTS
    from luoshi.rules.lifecycle import ACT_NAMES, Act

    rows: list[list[object]] = []
    for act in Act:
        if act not in INPUTS:
            continue
        fields = []
        for name, field in INPUTS[act].model_fields.items():
            label = gettext(field.title) if field.title else ""
            mark = "" if field.is_required() else say(language, ", optional", "，可省")
            fields.append(f"`{name}` ({label}{mark})" if language == "en" else f"`{name}`（{label}{mark}）")
        rows.append([f"`{act.value}`", gettext(ACT_NAMES[act]), say(language, ", ", "、").join(fields) or "–"])
    return table(["act", "name", "fields"] if language == "en" else ["动作", "名称", "字段"], rows)


def api_objects(patterns: list[Any]) -> Iterator[Any]:
    """The API objects that addresses are bound to."""
    for pattern in patterns:
        yield from api_objects(getattr(pattern, "url_patterns", []))
        bound = getattr(getattr(pattern, "callback", None), "keywords", None) or {}
        if "api" in bound:
            yield bound["api"]


def operations(language: str) -> str:
    """Every operation of the API."""
    from django.urls import get_resolver

    from luoshi.rules.lifecycle import Act

    words_of_acts = {act.value for act in Act}
    rows: list[list[object]] = []
    for api in {id(one): one for one in api_objects(list(get_resolver().url_patterns))}.values():
        for path, methods in api.get_openapi_schema()["paths"].items():
            if path.rpartition("{ref}/")[2] in words_of_acts and "/commitments/" in path:
                continue  # told above, act by act
            for method, one in methods.items():
                about = (one.get("description") or one.get("summary") or "").split("\n\n")[0].replace("``", "`")
                rows.append([f"`{method.upper()} {path}`", about])
    heads = ["operation", "what it does"] if language == "en" else ["操作", "作用（英文，与 OpenAPI 页一致）"]
    return table(heads, rows)


GENERATORS: dict[str, Callable[[str], str]] = {
    "commands": commands,
    "settings": settings,
    "refusals": refusals,
    "events": events,
    "acts": acts,
    "operations": operations,
}


def pages() -> Iterator[tuple[Path, str]]:
    """Every page with a generated part, and what it should say."""
    from django.utils import translation

    for short, language in LANGUAGES.items():
        with translation.override(language):
            for path in sorted((DOCS / short).rglob("*.md")):
                text = path.read_text(encoding="utf-8")
                if not PART.search(text):
                    continue
                yield (
                    path,
                    PART.sub(
                        lambda m, short=short: f"{m[1]}\n{GENERATORS[m['name']](short)}\n\n{m[3]}",  # type: ignore[misc]
                        text,
                    ),
                )


def lifecycle_pages() -> Iterator[tuple[Path, str]]:
    """The page of the life-cycle, which is generated as a whole."""
    from luoshi.delivery.management.commands.lifecycle import pages as whole

    for short, text in whole().items():
        yield DOCS / short / "lifecycle.md", text


def main() -> int:
    """Write or check; returns the exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "luoshi.config.settings")
    os.environ.setdefault("LUOSHI_DEBUG", "1")
    import django

    django.setup()
    load_everything()
    every = [*pages(), *lifecycle_pages()]
    stale = [(path, text) for path, text in every if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv[1:]:
        for path, _text in stale:
            print(f"{path.relative_to(ROOT)} is not up to date: make docs")
        return 1 if stale else 0
    for path, text in stale:
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
