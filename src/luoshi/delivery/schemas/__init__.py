"""What each act needs to be told, in one place for every door: page, API, command, import, job."""

from luoshi.delivery.schemas.batches import MOST_ROWS, OUTCOME_NAMES, ActRow, Outcome, RowOutcome, bounded, perform_rows
from luoshi.delivery.schemas.inputs import INPUTS, ActInput
from luoshi.delivery.schemas.performing import SERVICES, perform, read_input

__all__ = [
    "INPUTS",
    "MOST_ROWS",
    "OUTCOME_NAMES",
    "SERVICES",
    "ActInput",
    "ActRow",
    "Outcome",
    "RowOutcome",
    "bounded",
    "perform",
    "perform_rows",
    "read_input",
]
