"""Every refusal says a sentence that can be said."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest

import luoshi
from luoshi.rules.refusals import SENTENCES, STATUS, Refused, declare

for module in pkgutil.walk_packages(luoshi.__path__, "luoshi."):
    if re.search(r"\.(rules|services|queries)(\.|$)", module.name):
        importlib.import_module(module.name)


@pytest.mark.principle(9)
@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_every_refusal_renders_with_its_places(code: str) -> None:
    places = dict.fromkeys(re.findall(r"%\((\w+)\)", SENTENCES[code]), "X")
    said = str(Refused(code, **places))
    assert "%(" not in said
    assert said.strip().endswith((".", "!", "?", ":", "X", "…"))
    assert Refused(code).status in {400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 423, 428, 429, 500, 503}


def test_an_unknown_code_is_an_error_of_the_programmer() -> None:
    with pytest.raises(KeyError, match="unknown"):
        Refused("never_declared")
    with pytest.raises(KeyError, match="twice"):
        declare(409, not_found="again")
    assert set(STATUS) <= set(SENTENCES)
