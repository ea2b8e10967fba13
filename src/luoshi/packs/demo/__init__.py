"""演示世界: the invented world a newcomer walks through; deterministic, relative to today, built through services."""

from luoshi.packs.demo.building import SCALES, Built, Progress, build, is_there
from luoshi.packs.demo.people import PASSWORD

__all__ = ["PASSWORD", "SCALES", "Built", "Progress", "build", "is_there"]
