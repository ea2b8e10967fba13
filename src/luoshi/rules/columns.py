"""Columns that hold people are refused（拒收涉及个人的列）.

Principle 1: the house keeps promises of posts, never data about citizens. Importers and forms ask here before they
read a single value. Source: Personal Information Protection Law of the PRC（个人信息保护法）, Articles 28 and 34.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop

declare(
    422,
    columns_hold_people=_(
        "The column “%(column)s” would hold data about people (%(what)s). "
        "Take it out of the file: only posts, units and what they undertook belong here."
    ),
)

KINDS: tuple[tuple[str, str, str], ...] = (
    (
        _("identity-card numbers"),
        r"身份证|公民身份号码|证件号|idcard|identity(card|number|no)|nationalid|passport|护照",
        "",
    ),
    (_("bank cards"), r"银行卡|银行账号|bankcard|bankaccount", ""),
    (_("private telephone numbers"), r"手机|移动电话|家庭电话|微信|mobile|cellphone|wechat", ""),
    (_("ethnicity"), r"民族|族别|ethnic", r"民族乡|民族自治"),
    (_("belief"), r"宗教|信仰|教派|religio|belief", ""),
    (_("households"), r"户主|户籍|户口|家庭成员|household|与户主关系", ""),
    (
        _("lists of persons"),
        r"姓名|人员名单|花名册|村民名|居民名|曾用名|^personname|^fullname|^firstname|^lastname|surname",
        "",
    ),
    (
        _("personal traits"),
        r"性别|出生(日期|年月)|籍贯|政治面貌|婚姻|健康状况|病史|gender|birthda|dateofbirth|marital",
        "",
    ),
    (_("border crossings"), r"出入境|出境|入境|bordercrossing", ""),
    (_("home addresses"), r"家庭住址|家庭地址|住址|homeaddress", ""),
)
"""What a column would hold, the headings that say so, and headings that only look like it."""


def _plain(heading: str) -> str:
    return re.sub(r"[\s_\-./（）()：:*]+", "", heading).lower()


def about_people(heading: str) -> str | None:
    """What data about people a column headed ``heading`` would hold, or None; an English message id."""
    plain = _plain(heading)
    for what, pattern, innocent in KINDS:
        if innocent:
            plain = re.sub(innocent, "", plain)
        if re.search(pattern, plain):
            return what
    return None


def refuse_people(headings: Iterable[str]) -> None:
    """Refuse a table whose headings name data about people.

    Raises:
        Refused: ``columns_hold_people``, naming the first such column.
    """
    for heading in headings:
        what = about_people(heading)
        if what:
            raise Refused("columns_hold_people", column=heading.strip(), what=what)
