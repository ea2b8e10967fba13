"""Pages that cross applications: today, the board, the ledger, search and what stands at the foot of every page."""

from luoshi.desk.views.board import board, board_list
from luoshi.desk.views.footing import complaint, how, system, tour
from luoshi.desk.views.records import entry, ledger
from luoshi.desk.views.searching import quick, search
from luoshi.desk.views.today import today

__all__ = ["board", "board_list", "complaint", "entry", "how", "ledger", "quick", "search", "system", "today", "tour"]
