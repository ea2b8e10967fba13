"""The only writers of assurance, one act a function."""

from luoshi.assurance.services.results import Results, ResultRow, import_results
from luoshi.assurance.services.visiting import Recorded, Said, record_visit

__all__ = ["Recorded", "ResultRow", "Results", "Said", "import_results", "record_visit"]
