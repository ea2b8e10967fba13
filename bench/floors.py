"""Addresses of the product and, beside them, the floors that pages are measured against."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.urls import path

from luoshi.assurance.models import Campaign
from luoshi.config import urls as product
from luoshi.delivery import queries as delivery
from luoshi.delivery.models import Programme
from luoshi.units import queries as units
from luoshi.units.models import Unit


@login_required
def cells(request: HttpRequest) -> HttpResponse:
    """A bare signed-in page: reads the stored cells of the units a board shows and joins strings, nothing else."""
    programme = Programme.objects.get(key=request.GET["programme"])
    matters = list(programme.matters.all())
    top = Unit.objects.get(pk=request.GET["unit"])
    if request.GET.get("view") == "counties":
        low, high = top.range
        below = list(units.standing().filter(level="county", kind="area", path__gte=low, path__lt=high))
    else:
        below = list(units.areas_below(top))
    found = delivery.cells([top.pk, *(unit.pk for unit in below)], matters)
    rows = []
    for unit in below:
        parts = [f"<tr><th>{unit.name}</th>"]
        for matter in matters:
            one = found.get((unit.pk, matter.pk))
            parts.append(f"<td>{one.said_percent}/{one.verified_percent}</td>" if one else "<td></td>")
        parts.append("</tr>")
        rows.append("".join(parts))
    return HttpResponse("<!doctype html><table>" + "".join(rows) + "</table>")


@login_required
def bare(_request: HttpRequest) -> HttpResponse:
    """A view that asks for a sign-in and says “ok”: the floor of the register, too."""
    return HttpResponse("ok")


@login_required
def campaign(request: HttpRequest) -> HttpResponse:
    """A bare signed-in page: reads the verdicts and the sizes of the strata of a campaign and joins strings."""
    found = Campaign.objects.get(ref=request.GET["ref"])
    verdicts = list(
        found.visits.filter(kind="drawn", state__in=("done", "unreachable"))
        .order_by("place__position")
        .values_list("place__position", "place__stratum", "holds")
    )
    sizes = list(found.places.order_by().values_list("stratum__name").annotate(n=Count("pk")))
    rows = "".join(f"<tr><th>{name}</th><td>{n}</td></tr>" for name, n in sizes)
    return HttpResponse(f"<!doctype html><p>{len(verdicts)}</p><table>{rows}</table>")


urlpatterns = [
    path("floor/bare/", bare),
    path("floor/cells/", cells),
    path("floor/campaign/", campaign),
    *product.urlpatterns,
]
