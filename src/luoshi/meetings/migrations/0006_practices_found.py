"""Write-ups that are in the library already are entered into the search at the next turn of the clock."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def leave_notes(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """One note for each; entering one twice changes nothing."""
    practices = apps.get_model("meetings", "Practice").objects.filter(state="shown")
    later = apps.get_model("office", "SearchLater")
    later.objects.bulk_create(
        [later(kind="practice", key=key) for key in practices.values_list("pk", flat=True)], batch_size=1000
    )


class Migration(migrations.Migration):
    dependencies = [
        ("meetings", "0005_practices"),
        ("office", "0006_fewer_indexes"),
    ]

    operations = [migrations.RunPython(leave_notes, migrations.RunPython.noop)]
