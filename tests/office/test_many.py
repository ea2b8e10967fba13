"""成批写入: rows written many at a time are stored as Django would store them one by one."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.db import connection, models, transaction

from luoshi.office.models import Message, many
from luoshi.units.models import Unit

from .world import AT, World

SHANGHAI = ZoneInfo("Asia/Shanghai")
VALUES: dict[type, list[Any]] = {
    models.TextField: ["", "督办", "it's \\ \x7f", None, 7, "%s"],
    models.CharField: ["", "督办", "ａ", None, 7],
    models.IntegerField: [0, -1, 2**31 - 1, None, True, "12"],
    models.BooleanField: [True, False, None, 1, "true"],
    models.DateField: [dt.date(2026, 2, 28), None, "2026-03-01", dt.date(1, 1, 1)],
    models.DateTimeField: [
        AT,
        AT.astimezone(dt.UTC),
        dt.datetime(2026, 1, 1, tzinfo=SHANGHAI),
        dt.datetime(2026, 1, 1, 0, 0, 0, 5, tzinfo=dt.UTC),
        None,
    ],
    models.JSONField: [{}, {"名": [1, None, "x"]}, [], "text", None],
    models.ForeignKey: [1, None, "3", ""],
}


def values_for(field: models.Field[Any, Any]) -> list[Any]:
    kinds = (models.BooleanField, models.DateTimeField, models.DateField, models.JSONField, models.ForeignKey)
    for kind in (*kinds, models.IntegerField, models.TextField):
        if isinstance(field, kind):
            return VALUES[kind]
    return VALUES[models.CharField]


def stores(field: models.Field[Any, Any], value: Any) -> bool:
    """Whether Django itself takes the value for this field."""
    try:
        field.get_db_prep_save(value, connection)
    except (TypeError, ValueError):
        return False
    except Exception as error:
        return type(error).__name__ not in ("ValidationError",) and not isinstance(error, (LookupError, AttributeError))
    return True


@pytest.mark.django_db
def test_every_column_of_every_model_is_stored_as_django_stores_it() -> None:
    looked = 0
    for model in apps.get_models():
        if not model.__module__.startswith("luoshi"):
            continue
        for field in model._meta.concrete_fields:
            values = [value for value in values_for(field) if stores(field, value)]
            for column in (values, [one for one in values if one is not None], [None], values * 2):
                if not all(stores(field, value) for value in column):
                    continue
                mine = list(many.prepared(field, column))
                django = [field.get_db_prep_save(value, connection) for value in column]
                if isinstance(field, models.JSONField | models.BinaryField):  # the driver wraps each
                    mine, django = [repr(one) for one in mine], [repr(one) for one in django]
                assert mine == django, (model, field)
                assert list(map(type, mine)) == list(map(type, django)), (model, field)
                looked += 1
    assert looked > 500


@pytest.mark.django_db
def test_rows_get_the_ids_the_table_would_give_them(world: World) -> None:
    post = world.posts["handler"].pk

    def rows(start: int, count: int) -> list[Message]:
        return [
            Message(key=f"k{n}", post_id=post, kind="t", subject="s", params={"n": n, "名": "督"}, created_at=AT)
            for n in range(start, start + count)
        ]

    first = rows(0, many.FEW)
    with transaction.atomic():
        many.add_rows(first)
    [one] = rows(1000, 1)
    one.save()
    with transaction.atomic():
        second = many.add_numbered(
            Message,
            ("key", "post", "kind", "subject", "body", "params", "link", "created_at", "spread", "urgent", "prompt"),
            [(f"p{n}", post, "t", "s", "", {"n": n}, "", AT, True, False, False) for n in range(3)],
        )
    ids = [*(row.pk for row in first), one.pk, *second]
    assert ids == sorted(set(ids))
    assert ids[-1] - ids[0] == len(ids) - 1
    kept = {row.pk: row for row in Message.objects.all()}
    for row in first:
        stored = kept[row.pk]
        for field in Message._meta.concrete_fields:
            assert getattr(stored, field.attname) == getattr(row, field.attname), field
    assert kept[second[2]].params == {"n": 2}
    assert kept[second[0]].created_at == AT
    after = rows(2000, 1)[0]
    after.save()
    assert after.pk == ids[-1] + 1


@pytest.mark.django_db
def test_values_are_set_for_many_rows_at_once(world: World) -> None:
    posts = list(world.posts.values())
    units = list(Unit.objects.order_by("pk")[:2])
    many.set_values(Unit, ("name", "short_name"), [(unit.pk, f"名{unit.pk}", "") for unit in units])
    for unit in units:
        unit.refresh_from_db()
        assert (unit.name, unit.short_name) == (f"名{unit.pk}", "")
    many.set_rows(posts, ["title"])
    many.add_rows([])
    assert many.add_numbered(Message, (), []) == ()


@pytest.mark.django_db
def test_rows_that_are_there_already_are_passed_over(world: World) -> None:
    post = world.posts["handler"].pk
    names = ("key", "post", "kind", "subject", "body", "params", "link", "created_at", "spread", "urgent", "prompt")

    def rows(kind: str, count: int) -> list[tuple[Any, ...]]:
        return [(f"m{n}", post, kind, "s", "", {"n": n, "名": "督"}, "", AT, True, False, False) for n in range(count)]

    many.add_missing(Message, names, rows("first", 2))
    many.add_missing(Message, names, rows("second", 3))
    many.add_missing(Message, names, [])
    assert list(Message.objects.order_by("key").values_list("key", "kind", "created_at")) == [
        ("m0", "first", AT),
        ("m1", "first", AT),
        ("m2", "second", AT),
    ]
    assert [row.params for row in Message.objects.order_by("key")] == [{"n": n, "名": "督"} for n in range(3)]
