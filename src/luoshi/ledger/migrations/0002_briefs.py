"""What long acts said, apart from their contents, so that lists need not read these."""

import json
from importlib import import_module
from typing import Any

import django.db.models.deletion
from django.db import migrations, models

LONG = 8_000
TABLE = {"ledger_entrybrief": (("entry_id",),)}


def guard(apps: Any, editor: Any) -> None:
    """Let the table only grow, as its neighbours do."""
    import_module("luoshi.ledger.migrations.0001_initial").only_grows(editor, TABLE)


def fill(apps: Any, editor: Any) -> None:
    """Briefs of the long entries there are; the entries and their contents stay as they are."""
    payloads, briefs = apps.get_model("ledger", "EntryPayload"), apps.get_model("ledger", "EntryBrief")
    long = payloads.objects.annotate(length=models.functions.Length("text")).filter(length__gt=LONG).order_by("pk")
    for pk in long.values_list("pk", flat=True):
        data = json.loads(payloads.objects.get(pk=pk).text)["data"]
        text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        briefs.objects.create(entry_id=pk, data=text)


def release(apps: Any, editor: Any) -> None:
    """Only for going back: the table is dropped next."""
    import_module("luoshi.ledger.migrations.0001_initial").released(editor, TABLE)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="EntryBrief",
            fields=[
                ("entry", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name="brief", serialize=False, to="ledger.entry")),
                ("data", models.TextField()),
            ],
            options={
                "verbose_name": "brief of a long ledger entry",
                "verbose_name_plural": "briefs of long ledger entries",
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunPython(guard, release),
    ]
