"""The version of an act's form is a constant of its class: PostgreSQL need not prove at every act that it is not
negative, for which it reads the proof anew each time, a tenth of what an entry costs there.

On SQLite a check cannot be dropped without making the table anew, which would lose its triggers, and costs nothing.
"""

from typing import Any

from django.db import migrations, models

CHECK = "ledger_entry_v_check"


def let_go(apps: Any, schema_editor: Any) -> None:
    """The check, on PostgreSQL."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER TABLE ledger_entry DROP CONSTRAINT IF EXISTS {CHECK}")


def put_back(apps: Any, schema_editor: Any) -> None:
    """As Django makes it."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER TABLE ledger_entry ADD CONSTRAINT {CHECK} CHECK (v >= 0)")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_written_by_one_hand")]
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="entry", name="v", field=models.SmallIntegerField("Version of the act's form")
                ),
            ],
            database_operations=[migrations.RunPython(let_go, put_back)],
        )
    ]
