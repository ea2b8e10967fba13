"""Acts offered over the API（办理接口）: one operation each, made out of what the act asks."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router

from luoshi.delivery.api.doors import NEEDS_VERSION, needed_version, tagged
from luoshi.delivery.schemas.inputs import ActInput
from luoshi.delivery.schemas.performing import Acts, AnyAct, Outcome
from luoshi.units.queries import actor_for_request

View = TypeVar("View", bound=Callable[..., Any])


class Versioned(Protocol):
    """An answer that tells the version that stands now."""

    version: int


Answer = TypeVar("Answer", bound=Versioned)


def signed(
    view: View, name: str, about: str, asked: Mapping[str, Any], defaults: Mapping[str, Any] | None = None
) -> View:
    """A view made at run time, with the name, the words and the parameters that the framework reads of it.

    Args:
        view: it takes the request first.
        name: what it is called in code.
        about: its docstring, which describes the operation.
        asked: its other parameters with what each is read as.
        defaults: what a parameter is when it is not sent; without, it must be.
    """
    found = {"request": HttpRequest, **asked}
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    default = defaults or {}
    view.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(one, kind, annotation=read, default=default.get(one, inspect.Parameter.empty))
            for one, read in found.items()
        ]
    )
    view.__name__, view.__doc__ = name, about
    return view


def offer_acts(
    router: Router,
    path: str,
    acts: Acts[AnyAct, Outcome],
    *,
    key: tuple[str, Any],
    answer: type[Answer],
    tell: Callable[[Outcome], Answer],
    by_input: bool = False,
    tags: Sequence[str] | None = None,
) -> None:
    """Offer every act on a kind of record as ``POST path/ACT``; the clock is read here.

    Args:
        router: where they hang.
        path: the address of one record, with its key in braces.
        acts: which there are.
        key: the name of the key in ``path`` and how it is read.
        answer: what an act is answered with.
        tell: makes the answer of what the act led to.
        by_input: each is described by the words of its input rather than by those of its service.
        tags: headings in the description, where they are not the router's own.
    """
    for act, (model, service) in acts.table.items():
        versioned = act not in acts.unversioned
        name = f"{act.name.lower()}_{acts.noun}"
        about = ((model if by_input else service).__doc__ or "").partition("\n")[0]
        router.post(
            f"{path}/{act.value}",
            response=answer,
            operation_id=name,
            tags=list(tags) if tags else None,
            openapi_extra=NEEDS_VERSION if versioned else None,
        )(
            signed(
                _view(act, acts, key[0], tell, versioned=versioned),
                name,
                about,
                {"response": HttpResponse, key[0]: key[1], "body": model},
            )
        )


def _view(
    act: AnyAct, acts: Acts[AnyAct, Outcome], key: str, tell: Callable[[Outcome], Answer], *, versioned: bool
) -> Callable[..., Answer]:
    """The view of one act."""

    def view(request: HttpRequest, response: HttpResponse, body: ActInput, **path: Any) -> Answer:
        at = timezone.now()
        done = acts.perform(
            act,
            path[key],
            actor=actor_for_request(request, at),
            version=needed_version(request) if versioned else None,
            data=body.model_dump(exclude_unset=True),
            at=at,
        )
        told = tell(done)
        tagged(response, told.version)
        return told

    return view
