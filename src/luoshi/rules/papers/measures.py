"""公文的尺寸: GB/T 9704-2012 in numbers; lengths in millimetres, type in points, unless a name says otherwise."""

from __future__ import annotations

from typing import Final

POINTS_IN_MM: Final = 72 / 25.4

# 5.1, 5.2.1: the sheet and its text block（版心）.
PAGE_WIDTH: Final = 210.0
PAGE_HEIGHT: Final = 297.0
MARGIN_TOP: Final = 37.0
"""天头."""
MARGIN_LEFT: Final = 28.0
"""订口."""
TEXT_WIDTH: Final = 156.0
TEXT_HEIGHT: Final = 225.0
MARGIN_RIGHT: Final = PAGE_WIDTH - MARGIN_LEFT - TEXT_WIDTH
MARGIN_BOTTOM: Final = PAGE_HEIGHT - MARGIN_TOP - TEXT_HEIGHT

# 5.2.2: sizes of type.
SIZE_TITLE: Final = 22.0
"""2号: titles (7.3.1)."""
SIZE_BODY: Final = 16.0
"""3号: whatever nothing else is said of."""
SIZE_SMALL: Final = 14.0
"""4号: imprint (7.4) and page numbers (7.5)."""
SIZE_TABLE: Final = 12.0
"""小4号: cells of tables, for which the standard names no size."""

# 5.2.3: 22 lines of 28 characters fill the text block.
LINES: Final = 22
CHARACTERS: Final = 28
LINE_PITCH: Final = 28.95
"""Points from one line to the next: 225 mm in 22 lines, as offices set it in their word processors."""
TRACKING: Final = TEXT_WIDTH * POINTS_IN_MM / CHARACTERS - SIZE_BODY
"""Points between two characters of 3号, negative: 28 of them are 5.8 points wider than the text block."""
TITLE_CHARACTERS: Final = int(TEXT_WIDTH * POINTS_IN_MM / SIZE_TITLE)
"""Characters of 2号 in one line."""
INDENT: Final = 2
"""Characters before the first line of a paragraph (7.3.3)."""

# 7.2: the head of a paper（版头）.
MARK_TOP: Final = 35.0
"""From the top of the text block to the top of the issuing body's mark (7.2.4, 10.3)."""
MARK_SIZES: Final = (48.0, 26.0)
"""The largest and the smallest size of the mark; the standard asks only that it be conspicuous and handsome."""
NUMBER_BELOW_MARK: Final = 2
"""Empty lines between the mark and the number (7.2.5)."""
RULE_BELOW_NUMBER: Final = 4.0
"""7.2.7."""
RULE_HEIGHT: Final = 0.7
TITLE_BELOW_RULE: Final = 2
"""Empty lines between the red rule and the title (7.3.1)."""
TO_BELOW_TITLE: Final = 1
"""7.3.2."""
NOTE_BELOW_TEXT: Final = 1
"""Empty lines before the list of attachments (7.3.4) and before those present (10.3)."""
SIGNATURE_BELOW_TEXT: Final = 1
"""Empty lines before a signature without a seal (7.3.5.2)."""
SEAL_BELOW_TEXT: Final = 2
"""Empty lines before one that is sealed: the seal, of 42 mm, begins within one line of the text (7.3.5.1)."""
DATE_INDENT_SEALED: Final = 4
"""Characters right of the date of a sealed paper (7.3.5.1)."""
DATE_INDENT: Final = 2
"""Characters right of whatever is longer, body or date, of an unsealed one (7.3.5.2)."""

# 7.4: the imprint（版记）.
IMPRINT_RULE: Final = 0.35
IMPRINT_RULE_INNER: Final = 0.25

# 7.5: page numbers.
PAGE_NUMBER_BELOW: Final = 7.0
"""From the foot of the text block to the dashes beside the number."""
PAGE_NUMBER_INDENT: Final = 1
"""Characters to the outer edge."""

# 10.1: letters（信函格式）.
LETTER_MARK_TOP: Final = 30.0
"""From the top of the sheet."""
LETTER_RULE_BELOW_MARK: Final = 4.0
LETTER_RULE_WIDTH: Final = 170.0
LETTER_RULE_FOOT: Final = 20.0
"""From the foot of the sheet to the lower double rule."""
LETTER_NUMBER_BELOW: Final = SIZE_BODY * 7 / 8
"""Points from the upper double rule to the number."""
LETTER_RULES: Final = (0.7, 0.25)
"""The thick and the thin one of a double rule."""
LETTER_RULES_GAP: Final = 0.5

RED: Final = "FF0000"

# Plain papers in English: no standard, a quiet page.
ENGLISH_BODY: Final = 11.5
ENGLISH_TITLE: Final = 17.0
ENGLISH_PITCH: Final = 17.0
