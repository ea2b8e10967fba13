"""The cursor of prepared statements; imported on PostgreSQL only, because its driver may be absent elsewhere."""

from __future__ import annotations

from typing import Any

from psycopg import Cursor


class Prepared(Cursor[Any]):
    """Binds on the server and keeps the plan."""

    def execute(self, query: Any, params: Any = None, **more: Any) -> Prepared:
        """Run a statement that is prepared once."""
        super().execute(query, params, prepare=True, **more)
        return self
