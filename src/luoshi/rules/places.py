"""Names and codes of places（地名与区划代码）: short forms people use, and which areas are only statistical."""

from __future__ import annotations

import re

PEOPLES = (
    "蒙古族|回族|藏族|维吾尔|苗族|彝族|壮族|布依族|朝鲜族|满族|侗族|瑶族|白族|土家族|哈尼族|哈萨克|傣族|黎族|傈僳族|佤族|畲族|拉祜族|水族|"
    "东乡族|纳西族|景颇族|柯尔克孜|土族|达斡尔族|仫佬族|羌族|布朗族|撒拉族|毛南族|仡佬族|锡伯|阿昌族|普米族|塔吉克|怒族|鄂温克族|德昂族|保安族|"
    "裕固族|独龙族|鄂伦春|各族|蒙古"
)
"""Parts of the official names of autonomous places that everyday short forms leave out; about names of places only."""

_AUTONOMOUS = re.compile(rf"^(?P<core>.+?)(?:{PEOPLES})+自治(?P<rank>州|县|旗|区)$")
_PLAIN = re.compile(r"^(?P<core>.{2,}?)(?P<rank>省|市|州|县|区|旗|街道办事处|街道|镇|乡)$")
_ETHNIC_TOWNSHIP = re.compile(rf"^(?P<core>.+?)(?:{PEOPLES})+乡$")
_VILLAGE = re.compile(
    r"^(?P<core>.+?)(?:村村民委员会|社区村民委员会|社区居民委员会|村民委员会|居民委员会|村委会|居委会|社区居委会)(?:（农村社区）)?$"
)


def short_forms(name: str, level: str) -> tuple[str, tuple[str, ...]]:
    """The short name of a place and the other forms people write, without the name itself.

    ``玉溪市`` → ``玉溪``; ``大理白族自治州`` → ``大理`` and ``大理州``; ``X村民委员会`` → ``X`` and ``X村``.

    Args:
        name: the official name.
        level: ``province`` … ``village``.
    """
    if level == "village":
        found = _VILLAGE.match(name)
        core = found["core"] if found else name.removesuffix("社区")
        tail = "社区" if "居" in name or name.endswith("社区") or "社区" in name else "村"
        core = core.removesuffix("社区") if tail == "社区" else core
        others = (core + tail,) if core and core + tail != name else ()
        return (core if core != name else ""), others
    if found := _AUTONOMOUS.match(name):
        return found["core"], (found["core"] + found["rank"],)
    if level == "township" and (found := _ETHNIC_TOWNSHIP.match(name)):
        return found["core"], (found["core"] + "乡",)
    if found := _PLAIN.match(name):
        core = found["core"]
        return core, ((core + "街道",) if found["rank"] == "街道办事处" else ())
    return "", ()


def is_statistical(code: str, name: str, level: str) -> bool:
    """Whether an area exists for statistics only（统计区）: farms, prisons, zones, virtual living areas.

    A township-level area is one when its name is no 街道, 镇 or 乡; a village-level one when its name says so or its
    code lies in 400–599 of the last three digits ("similar to" a residents' or villagers' committee). Source:
    coding rules for statistical division codes（统计用区划代码编制规则，国家统计局）.
    """
    if level == "township":
        return not re.search(r"(街道办事处|街道|镇|乡|苏木|区公所)$", name)
    if level == "village":
        if re.search(r"虚拟|生活区$", name):
            return True
        return len(code) == 12 and code.isdigit() and code[9] in "45"
    return False
