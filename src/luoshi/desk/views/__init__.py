"""Pages that cross applications: today, the board, the ledger, search and what stands at the foot of every page."""

from luoshi.desk.views.board import board, board_list, foreseen
from luoshi.desk.views.footing import complaint, how, system, tour
from luoshi.desk.views.grid import grid
from luoshi.desk.views.records import entry, ledger
from luoshi.desk.views.register import register
from luoshi.desk.views.saving import change_view, save_view, saved_views
from luoshi.desk.views.searching import quick, search
from luoshi.desk.views.today import today

__all__ = [
    "board",
    "board_list",
    "change_view",
    "complaint",
    "entry",
    "foreseen",
    "grid",
    "how",
    "ledger",
    "quick",
    "register",
    "save_view",
    "saved_views",
    "search",
    "system",
    "today",
    "tour",
]
