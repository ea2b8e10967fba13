"""Numbers are asked for whole, never by how they begin: the second index on them served nothing and cost every act."""

from typing import Any

from django.db import migrations

INDEX = "delivery_commitment_ref_591b1e1c_like"


def drop(_apps: Any, schema_editor: Any) -> None:
    """PostgreSQL alone has it."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX IF EXISTS {INDEX}")


def put_back(_apps: Any, schema_editor: Any) -> None:
    """As Django makes it."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"CREATE INDEX {INDEX} ON delivery_commitment (ref varchar_pattern_ops)")


class Migration(migrations.Migration):
    dependencies = [("delivery", "0008_decisions")]
    operations = [migrations.RunPython(drop, put_back)]
