"""Kinds of acts are asked for whole, never by how they begin: the second index on them cost every act."""

from typing import Any

from django.db import migrations

INDEX = "ledger_entry_type_8ff27e01_like"


def drop(_apps: Any, schema_editor: Any) -> None:
    """PostgreSQL alone has it."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX IF EXISTS {INDEX}")


def put_back(_apps: Any, schema_editor: Any) -> None:
    """As Django makes it."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"CREATE INDEX {INDEX} ON ledger_entry (type varchar_pattern_ops)")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_briefs")]
    operations = [migrations.RunPython(drop, put_back)]
