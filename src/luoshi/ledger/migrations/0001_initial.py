"""Tables of the ledger and the triggers that let them only grow."""

from typing import Any

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


TABLES = {
    "ledger_entry": (("id",),),
    "ledger_entrypayload": (("entry_id",),),
    "ledger_entrysubject": (("entry_id", "ref"),),
    "ledger_sequence": (("number",), ("entry_id",)),
    "ledger_node": (("level", "index"),),
    "ledger_checkpoint": (("id",), ("size",)),
}


def install(apps: Any, editor: Any) -> None:
    """Let the tables only grow. ALWAYS: on PostgreSQL also under session_replication_role = replica."""
    if editor.connection.vendor == "postgresql":
        editor.execute(
            """
            CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'the ledger only grows: % on % is refused', TG_OP, TG_TABLE_NAME
                    USING ERRCODE = 'restrict_violation';
            END $$
            """,
            params=None,
        )
    only_grows(editor, TABLES)


def only_grows(editor: Any, tables: dict[str, tuple[tuple[str, ...], ...]]) -> None:
    """Triggers of such tables: each with the keys that may stand in it once."""
    if editor.connection.vendor == "postgresql":
        for table in tables:
            editor.execute(
                f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()"
            )
            editor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_only_grows")
        return
    for table, keys in tables.items():
        for act in ("UPDATE", "DELETE"):
            editor.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'the ledger only grows: {act} on {table} is refused'); END"
            )
        # INSERT OR REPLACE deletes without firing DELETE triggers.
        taken = " OR ".join(
            f"EXISTS (SELECT 1 FROM {table} WHERE " + " AND ".join(f'"{name}" = NEW."{name}"' for name in key) + ")"
            for key in keys
        )
        editor.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} "
            f"BEGIN SELECT RAISE(ABORT, 'the ledger only grows: a second row in {table} under the same key is refused'); "
            "END"
        )


def remove(apps: Any, editor: Any) -> None:
    """Only for going back to nothing: the tables are dropped next."""
    released(editor, TABLES)
    if editor.connection.vendor == "postgresql":
        editor.execute("DROP FUNCTION ledger_refuse()")


def released(editor: Any, tables: dict[str, tuple[tuple[str, ...], ...]]) -> None:
    """Take the triggers of such tables away."""
    if editor.connection.vendor == "postgresql":
        for table in tables:
            editor.execute(f"DROP TRIGGER {table}_only_grows ON {table}")
        return
    for table in tables:
        for name in ("update", "delete", "replace"):
            editor.execute(f"DROP TRIGGER {table}_no_{name}")


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Checkpoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('size', models.BigIntegerField(unique=True, verbose_name='Entries')),
                ('root', models.CharField(max_length=64, verbose_name='Root')),
                ('chain', models.CharField(max_length=64, verbose_name='Chain')),
                ('at', models.DateTimeField(verbose_name='Time')),
            ],
            options={
                'verbose_name': 'checkpoint',
                'verbose_name_plural': 'checkpoints',
            },
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ts', models.DateTimeField(verbose_name='Time')),
                ('occurred_at', models.DateTimeField(null=True, verbose_name='Happened')),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='Recorded')),
                ('type', models.CharField(db_index=True, max_length=100, verbose_name='Act')),
                ('v', models.PositiveSmallIntegerField(verbose_name="Version of the act's form")),
                ('actor_post', models.CharField(max_length=200, verbose_name='Post')),
                ('on_behalf_of', models.CharField(max_length=200, null=True, verbose_name='On behalf of')),
                ('actor_user', models.BigIntegerField(verbose_name='User')),
                ('person_salt', models.CharField(max_length=32)),
                ('salt', models.CharField(max_length=32)),
                ('subjects_digest', models.CharField(max_length=64)),
                ('payload_sha256', models.CharField(max_length=64)),
                ('leaf', models.TextField(verbose_name='Leaf')),
                ('leaf_digest', models.CharField(max_length=64)),
            ],
            options={
                'verbose_name': 'ledger entry',
                'verbose_name_plural': 'ledger entries',
            },
        ),
        migrations.CreateModel(
            name='EntrySubject',
            fields=[
                ('pk', models.CompositePrimaryKey('entry_id', 'ref', blank=True, editable=False, primary_key=True, serialize=False)),
                ('ref', models.CharField(max_length=200)),
                ('entry', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='subjects', to='ledger.entry')),
            ],
            options={
                'verbose_name': 'subject of a ledger entry',
                'verbose_name_plural': 'subjects of ledger entries',
            },
        ),
        migrations.CreateModel(
            name='Node',
            fields=[
                ('pk', models.CompositePrimaryKey('level', 'index', blank=True, editable=False, primary_key=True, serialize=False)),
                ('level', models.PositiveSmallIntegerField()),
                ('index', models.BigIntegerField()),
                ('hash', models.CharField(max_length=64)),
            ],
            options={
                'verbose_name': "node of the ledger's tree",
                'verbose_name_plural': "nodes of the ledger's tree",
            },
        ),
        migrations.CreateModel(
            name='Sequence',
            fields=[
                ('number', models.BigIntegerField(primary_key=True, serialize=False, verbose_name='Number')),
                ('leaf', models.CharField(max_length=64)),
                ('chain', models.CharField(max_length=64)),
                ('at', models.DateTimeField(verbose_name='Numbered')),
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='sequence', to='ledger.entry')),
            ],
            options={
                'verbose_name': 'number of a ledger entry',
                'verbose_name_plural': 'numbers of ledger entries',
            },
        ),
        migrations.CreateModel(
            name='EntryPayload',
            fields=[
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='payload', serialize=False, to='ledger.entry')),
                ('text', models.TextField()),
            ],
            options={
                'verbose_name': 'content of a ledger entry',
                'verbose_name_plural': 'contents of ledger entries',
            },
        ),
        migrations.CreateModel(
            name='Pending',
            fields=[
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='pending', serialize=False, to='ledger.entry')),
            ],
            options={
                'verbose_name': 'unnumbered ledger entry',
                'verbose_name_plural': 'unnumbered ledger entries',
            },
        ),
        migrations.AddIndex(
            model_name='entry',
            index=models.Index(fields=['ts'], name='ledger_entry_ts'),
        ),
        migrations.AddIndex(
            model_name='entrysubject',
            index=models.Index(fields=['ref', 'entry'], name='ledger_subject_ref'),
        ),
        migrations.RunPython(install, remove),
    ]
