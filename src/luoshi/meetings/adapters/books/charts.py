"""图: what shows and nothing else, said beside verified, and their line since the meeting; the same bytes each time."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

import matplotlib as mpl

mpl.use("svg")
from matplotlib import font_manager, pyplot

FACES = ("Noto Sans CJK SC", "Noto Sans SC", "FandolHei", "Noto Sans CJK JP", "DejaVu Sans")
"""Faces tried in turn; a collection of Noto tells its Japanese name alone."""
SAID, VERIFIED, INK = "#9BB6D3", "#1F5A99", "#3A3A3A"
mpl.rcParams.update(
    {
        "font.family": [face for face in FACES if face in font_manager.get_font_names()],
        "font.size": 8,
        "svg.fonttype": "path",
        "svg.hashsalt": "luoshi",
        "axes.edgecolor": "#BBBBBB",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "text.color": INK,
        "axes.labelcolor": INK,
        "xtick.color": INK,
        "ytick.color": INK,
    }
)


def _svg(figure: Any) -> str:
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None}, bbox_inches="tight", pad_inches=0.03)
    pyplot.close(figure)
    return out.getvalue()


def bars(rows: Sequence[Sequence[Any]], said: str, verified: str, *, width: float = 7.1) -> str:
    """Said beside verified for each row of name, said, verified, as SVG; width in inches."""
    figure, axes = pyplot.subplots(figsize=(width, 1.75))
    places = range(len(rows))
    axes.bar([place - 0.2 for place in places], [row[1] for row in rows], 0.38, color=SAID, label=said)
    axes.bar([place + 0.2 for place in places], [row[2] or 0 for row in rows], 0.38, color=VERIFIED, label=verified)
    for place, row in zip(places, rows, strict=True):
        axes.text(place - 0.2, row[1] + 2, str(row[1]), ha="center", fontsize=6.5)
        axes.text(place + 0.2, (row[2] or 0) + 2, str(row[2] or 0), ha="center", fontsize=6.5)
    names = [row[0] if len(row[0]) <= 6 else f"{row[0][:6]}\n{row[0][6:12]}" for row in rows]
    axes.set_xticks(list(places), names, fontsize=6.5)
    axes.set_xlim(-0.6, max(len(rows), 4) - 0.4)
    axes.set_ylim(0, 119)
    axes.set_yticks([0, 50, 100])
    axes.legend(loc="upper right", ncols=2, frameon=False, fontsize=7, bbox_to_anchor=(1, 1.14))
    return _svg(figure)


def line(points: Sequence[Sequence[Any]], said: str, verified: str, *, width: float = 7.1) -> str:
    """The line of day, said, verified, as SVG; width in inches."""
    figure, axes = pyplot.subplots(figsize=(width, 1.35))
    days: Any = [date.fromisoformat(point[0]) for point in points]
    axes.plot(days, [point[1] for point in points], "--o", color=SAID, markersize=3, label=said)
    axes.plot(days, [point[2] for point in points], "-o", color=VERIFIED, markersize=3, label=verified)
    axes.set_ylim(0, 108)
    axes.set_yticks([0, 50, 100])
    axes.set_xticks([days[0], days[-1]], [days[0].isoformat(), days[-1].isoformat()])
    for column, shift in ((1, 4), (2, -9)):
        if points[-1][column] is not None:
            axes.annotate(
                str(points[-1][column]),
                (days[-1], points[-1][column]),
                (4, shift),
                textcoords="offset points",
                fontsize=7,
            )
    axes.legend(loc="upper left", ncols=2, frameon=False, fontsize=7, bbox_to_anchor=(0, 1.22))
    return _svg(figure)


def drawn(part: dict[str, Any], said: str, verified: str) -> dict[str, Any]:
    """A printed part with its pictures in the place of their figures; empty text where there is nothing to show."""
    trend = [point for point in part["trend"] if point[1] is not None]
    return {
        **part,
        "bars": bars(part["bars"], said, verified) if part["bars"] else "",
        "trend": line(trend, said, verified) if len(trend) > 1 else "",
    }
