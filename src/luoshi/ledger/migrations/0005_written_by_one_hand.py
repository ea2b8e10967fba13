"""An entry's rows are written by one hand, in one statement: the proof that they belong together cost every act five
lookups, and nobody looks entries up by their kind alone.

Contents, briefs and places in the index and in the queue come with their entry; triggers refuse to take the entry away
again, and the audit looks for rows without one. On SQLite a reference cannot be dropped without making the table anew,
which would lose its triggers, and checking it there costs little.
"""

from typing import Any

from django.db import migrations, models

WITH_THEIR_ENTRY = ("EntryPayload", "EntryBrief", "EntrySubject", "Pending")
INDEX = "ledger_entry_type_8ff27e01"


def let_go(apps: Any, schema_editor: Any) -> None:
    """The references, on PostgreSQL; the index everywhere."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for name in WITH_THEIR_ENTRY:
            model = apps.get_model("ledger", name)
            for constraint in schema_editor._constraint_names(model, ["entry_id"], foreign_key=True):
                schema_editor.execute(schema_editor._delete_fk_sql(model, constraint))
    schema_editor.execute(f"DROP INDEX IF EXISTS {INDEX}")


def put_back(apps: Any, schema_editor: Any) -> None:
    """As Django makes them."""
    if schema_editor.connection.vendor == "postgresql":
        for name in WITH_THEIR_ENTRY:
            field = apps.get_model("ledger", name)._meta.get_field("entry")
            schema_editor.execute(schema_editor._create_fk_sql(field.model, field, "_fk_%(to_table)s_%(to_column)s"))
    schema_editor.execute(f"CREATE INDEX {INDEX} ON ledger_entry (type)")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_what_a_post_did")]
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="entry", name="type", field=models.CharField("Act", max_length=100)
                ),
            ],
            database_operations=[migrations.RunPython(let_go, put_back)],
        )
    ]
