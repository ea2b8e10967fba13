"""The form leaves the house（走访表单导出）: the visits that wait, as XLSForm."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from luoshi.assurance.adapters import xlsforms
from luoshi.assurance.queries import visits as reads
from luoshi.office.adapters.contents import XLSX
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.units.queries import actor_for_request

_ = gettext_noop
declare(
    404,
    visits_none_open=_("No visit of yours waits today, so there is no form to fill in."),
)


def form_response(request: HttpRequest) -> HttpResponse:
    """The workbook to download, with the reader's own visits revealed by today.

    Raises:
        Refused: ``visits_none_open`` when there are none.
    """
    at = timezone.now()
    visits = reads.open_visits(actor_for_request(request, at), at)
    if not visits:
        raise Refused("visits_none_open")
    choices = [
        xlsforms.Choice(
            key=str(one.key),
            version=one.version,
            label=f"{one.route or at_}. {one.unit.name}",
            title=one.commitment.title,
            criteria=tuple(reads.criteria_of(one)),
        )
        for at_, one in enumerate(visits, start=1)
    ]
    local = timezone.localtime(at)
    response = HttpResponse(xlsforms.build(choices, version=f"{local:%Y%m%d%H%M}"), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="luoshi-visits-{local:%Y%m%d}.xlsx"'
    response["Cache-Control"] = "no-store"
    return response
