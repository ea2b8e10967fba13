"""Addresses of programmes, commitments, their acts, evidence and short links."""

from __future__ import annotations

from django.urls import path

from luoshi.delivery.views import (
    acts,
    bulk,
    burden,
    commitments,
    coverage,
    evidence,
    imports,
    ladders,
    links,
    moving,
    notes,
    programmes,
    slips,
)

app_name = "delivery"
urlpatterns = [
    path("p/", programmes.programmes, name="programmes"),
    path("p/<slug:key>/", programmes.programme, name="programme"),
    path("p/<slug:key>/authority/", programmes.authority, name="authority"),
    path("p/<slug:key>/issue/", programmes.issue, name="issue_programme"),
    path("p/<slug:key>/settings/", programmes.settings, name="settings"),
    path("p/<slug:key>/ladder/", ladders.ladder, name="ladder"),
    path("p/<slug:key>/draft/", programmes.draft, name="draft"),
    path("p/<slug:key>/ledger/", imports.ledger, name="ledger"),
    path("p/<slug:key>/ledger/<str:token>/", imports.ledger_columns, name="ledger_columns"),
    path("c/<str:ref>/", commitments.commitment, name="commitment"),
    path("c/<str:ref>/text/", commitments.text, name="text"),
    path("c/<str:ref>/evidence/", evidence.desk, name="evidence_list"),
    path("c/<str:ref>/evidence/<int:evidence_id>/", evidence.download, name="evidence"),
    path("c/<str:ref>/evidence/<int:evidence_id>/look/", evidence.look, name="evidence_look"),
    path("c/<str:ref>/evidence/<int:evidence_id>/picture/", evidence.picture, name="evidence_picture"),
    path("c/<str:ref>/coverage/", coverage.of_commitment, name="coverage"),
    path("c/<str:ref>/coverage/<slug:step>/", coverage.holes_of_commitment, name="coverage_holes"),
    path("calendar/moving/", moving.moving_deadlines, name="moving"),
    path("burden/", burden.burden, name="burden"),
    path("p/<slug:key>/note/", notes.note, name="note"),
    path("coverage/", coverage.of_programme, name="programme_coverage"),
    path("coverage/<slug:step>/", coverage.holes_of_programme, name="programme_holes"),
    path("coverage/<slug:step>/remind/", coverage.remind, name="remind_units"),
    path("c/<str:ref>/<slug:act>/", acts.act, name="act"),
    path("slips/", slips.slip_list, name="slips"),
    path("slips/plans/", slips.plans, name="plans"),
    path("slips/<int:slip_id>/", slips.slip, name="slip"),
    path("slips/<int:slip_id>/<slug:act>/", slips.slip_act, name="slip_act"),
    path("bulk/", bulk.bulks, name="bulks"),
    path("bulk/<int:bulk_id>/", bulk.bulk, name="bulk"),
    path("bulk/<int:bulk_id>/confirm/", bulk.confirm, name="bulk_confirm"),
    path("bulk/<int:bulk_id>/cancel/", bulk.cancel, name="bulk_cancel"),
    path("bulk/<int:bulk_id>/refused.csv", bulk.refusals, name="bulk_refusals"),
    path("bulk/<slug:act>/", bulk.start, name="bulk_start"),
    path("imports/", imports.imports, name="imports"),
    path("imports/<int:job_id>/", imports.outcome, name="import"),
    path("imports/<int:job_id>/do/", imports.do, name="import_do"),
    path("imports/<int:job_id>/sheet/", imports.sheet, name="import_sheet"),
    path("l/<str:token>/", links.link, name="link"),
]
