"""Words of the product left in the wrong language on a page: whatever stands in a catalogue is chrome, not data."""

from __future__ import annotations

import re
from functools import cache

import polib
from playwright.sync_api import Page
from tests.e2e.site import ROOT

CATALOGUE = ROOT / "src/luoshi/locale/zh_Hans/LC_MESSAGES/django.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")
HAN = re.compile(r"[\u4e00-\u9fff]")
TEXTS = """() => {
  const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const parent = walk.currentNode.parentElement, text = walk.currentNode.textContent.replace(/\\s+/g, ' ').trim();
    const own = parent.closest('[lang]');
    if (text && !parent.closest('script, style, textarea, pre, option') && own === document.documentElement)
      found.push(text);
  }
  for (const e of document.querySelectorAll('[aria-label], [title], [placeholder]'))
    if (e.closest('[lang]') === document.documentElement)
      for (const name of ['aria-label', 'title', 'placeholder'])
        if (e.hasAttribute(name)) found.push(e.getAttribute(name).trim());
  return [...new Set(found)];
}"""


def pattern(text: str) -> re.Pattern[str] | None:
    """What a sentence of a catalogue looks like on a page; None when too little of it is fixed to be known by."""
    fixed = PLACEHOLDER.sub("", text)
    if len(HAN.findall(fixed)) < 2:
        return None
    pieces = PLACEHOLDER.split(" ".join(text.split()))
    return re.compile(".*".join(re.escape(piece.strip()) for piece in pieces))


@cache
def chinese() -> tuple[list[re.Pattern[str]], frozenset[str]]:
    """Every Chinese sentence of the catalogue: those with places to fill, and the plain ones."""
    plain, filled = set(), []
    for entry in polib.pofile(str(CATALOGUE)):
        for text in [entry.msgstr, *entry.msgstr_plural.values()]:
            if not text:
                continue
            if not PLACEHOLDER.search(text):
                plain.add(" ".join(text.split()))
            elif made := pattern(text):
                filled.append(made)
    return filled, frozenset(plain)


def left_in_chinese(page: Page) -> list[str]:
    """Texts of the page that the product says in Chinese although the page is English."""
    filled, plain = chinese()
    texts = [text for text in page.evaluate(TEXTS) if HAN.search(text)]
    return [text for text in texts if text in plain or any(one.fullmatch(text) for one in filled)]
