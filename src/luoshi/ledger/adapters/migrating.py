"""Migrations that draw only what they change（轻步建库）: for those with many operations.

Django keeps a model of every table while it migrates, and draws all that hang together anew after each operation; with
a hundred tables that hang together a new database took half a minute, nine tenths of it for models that nobody asked.
Here the tables that a migration changes are drawn whole, those they point to with their key alone, and all others once
at the end. The statements are the same, one for one.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState
from django.db.migrations.utils import resolve_relation
from django.db.models import Field

_Key = tuple[str, str]
_UNEQUAL = (migrations.RunSQL, migrations.SeparateDatabaseAndState)
"""What may say of any table that it is now another: a migration with one of these goes Django's way."""
_KEPT_OPTIONS = ("db_table", "managed", "swappable")


class Migration(migrations.Migration):
    """A migration whose operations change the models they name and no others, none of which inherits from another."""

    def apply(
        self, project_state: ProjectState, schema_editor: BaseDatabaseSchemaEditor, collect_sql: bool = False
    ) -> ProjectState:
        """As Django's, with the same statements; code that is run sees all models."""
        unequal = any(isinstance(operation, _UNEQUAL) for operation in self.operations)
        if collect_sql or unequal or not schema_editor.atomic_migration:
            return super().apply(project_state, schema_editor, collect_sql)
        for operation in self.operations:
            project_state.__dict__.pop("apps", None)  # drawn anew when next looked at
            if isinstance(operation, migrations.RunPython):
                operation.database_forwards(self.app_label, schema_editor, project_state, project_state)
                continue
            before = nearby(project_state, self.app_label, operation)
            _ = before.apps  # drawn before what comes after it: SQLite puts columns in the order they were drawn
            after = before.clone()
            operation.state_forwards(self.app_label, after)
            operation.database_forwards(self.app_label, schema_editor, before, after)
            operation.state_forwards(self.app_label, project_state)
        return project_state


def nearby(state: ProjectState, app_label: str, operation: Operation) -> ProjectState:
    """The part of a state that an operation needs: the model it changes, and the keys of what that points to.

    Args:
        state: before it; nothing in it is changed.
        app_label: of the application whose model it changes.
        operation: it names one model, as all but those that run code or SQL do.
    """
    told: Any = operation
    changed = (app_label, str(getattr(told, "model_name", "") or told.name).lower())
    found = {changed: state.models[changed].clone()} if changed in state.models else {}
    new = [field for _name, field in getattr(told, "fields", ())] or [getattr(told, "field", None)]
    old = [field for model in found.values() for field in model.fields.values()]
    pointing = [(changed, field) for field in (*old, *new) if field is not None]
    while pointing:
        for key in _targets(*pointing.pop()):
            if key not in found and key in state.models:
                found[key] = _key_alone(state.models[key])
                pointing += [(key, field) for field in found[key].fields.values()]
    return ProjectState(found)


def _targets(key: _Key, field: Field[Any, Any]) -> list[_Key]:
    remote: Any = field.remote_field
    wanted = [one for one in (getattr(remote, "model", None), getattr(remote, "through", None)) if one]
    return [resolve_relation(one, *key) for one in wanted]


def _key_alone(model: ModelState) -> ModelState:
    """A model as those that point to it need it: its table, its key, and what else may be pointed to."""
    fields = {name: field for name, field in model.fields.items() if field.primary_key or field.unique}
    options = {name: value for name, value in model.options.items() if name in _KEPT_OPTIONS}
    return ModelState(model.app_label, model.name, fields, options, model.bases)
