"""记录走访: once for one key, however often it is sent; two records that differ are both shown and chosen between."""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from tests.assurance.visiting import campaign_of, failing, handed, holding, later

from luoshi.assurance import services
from luoshi.assurance.models import Visit
from luoshi.delivery.models import Commitment
from luoshi.ledger import queries as ledger_reads
from luoshi.ledger.models import Entry
from luoshi.office import services as office
from luoshi.rules.refusals import Refused
from luoshi.rules.visiting import Nearness, Outcome

if TYPE_CHECKING:
    from tests.delivery.world import World


@pytest.fixture
def world(db: None) -> World:
    from tests.delivery.world import build

    return build()


def record(world: World, visit: Visit, said: services.Said, by: str = "verifier", **more: Any) -> services.Recorded:
    told = {"version": visit.version, "at": later(world, hours=1)} | more
    return services.record_visit(actor=world.who(by), key=visit.key, said=said, **told)


def refuses(code: str, world: World, visit: Visit, said: services.Said, **more: Any) -> Refused:
    before = everything()
    with pytest.raises(Refused) as refused:
        record(world, visit, said, **more)
    assert refused.value.code == code
    assert str(refused.value)
    assert everything() == before
    return refused.value


def everything() -> list[Any]:
    rows = [list(one.objects.order_by("pk").values()) for one in apps.get_app_config("assurance").get_models()]
    return [rows, list(Commitment.objects.order_by("pk").values()), Entry.objects.count()]


def test_a_visit_that_holds_verifies(world: World) -> None:
    commitment = world.applied()
    visit = handed(world, commitment)
    done = record(world, visit, holding())
    visit.refresh_from_db()
    commitment.refresh_from_db()
    assert (visit.state, visit.holds, visit.version, visit.not_carried) == ("done", True, 2, "")
    assert [one["words"] for one in visit.criteria] == ["五县都通了", "试水一小时"]
    assert (commitment.state, commitment.verified, commitment.verified_how) == ("verified", 100, "visited")
    assert done.entry is not None
    assert done.entry.type == "assurance.VisitRecorded"
    world.audit()


def test_what_does_not_hold_goes_back(world: World) -> None:
    commitment = world.applied()
    visit = handed(world, commitment)
    record(world, visit, failing())
    visit.refresh_from_db()
    commitment.refresh_from_db()
    assert (visit.holds, commitment.state, commitment.verified) == (False, "accepted", 50)
    assert commitment.verifications.get().words == "有一处渗水"
    world.audit()


def test_sent_twice_counts_once(world: World) -> None:
    visit = handed(world, world.applied())
    first = record(world, visit, holding())
    before = everything()
    again = record(world, visit, holding(), at=later(world, hours=5))
    assert (first.repeated, again.repeated, again.visit.version) == (False, True, 2)
    assert everything() == before


def test_sent_twice_counts_once_with_photos_and_a_masked_number(world: World) -> None:
    visit = handed(world, world.applied())
    stored = store(world, world.who("verifier"))
    said = holding(words="负责人电话 13812345678", photos=[(stored.digest, "门口.jpg"), (stored.digest, "门口.jpg")])
    record(world, visit, said)
    assert record(world, visit, said).repeated
    visit.refresh_from_db()
    assert "13812345678" not in visit.words
    assert visit.photos == [{"digest": stored.digest, "name": "门口.jpg"}]


def test_another_record_of_the_same_visit_is_answered_with_both(world: World) -> None:
    visit = handed(world, world.applied())
    record(world, visit, holding())
    refused = refuses("visit_recorded", world, visit, failing())
    assert refused.status == 409
    recorded: Any = refused.params["recorded"]
    sent: Any = refused.params["sent"]
    assert (recorded["holds"], sent["holds"], recorded["version"]) == (True, False, 2)
    assert (recorded["words"], sent["words"]) == ("现场看过", "有一处渗水")


def test_a_correction_says_why_and_keeps_what_it_replaces(world: World) -> None:
    commitment = world.reported()
    visit = handed(world, commitment)
    record(world, visit, holding())
    refuses("stale_version", world, visit, failing(), corrects="记错了地方")
    visit.refresh_from_db()
    done = record(world, visit, failing(), corrects="记错了地方", at=later(world, hours=2))
    visit.refresh_from_db()
    assert done.entry is not None
    assert done.entry.type == "assurance.VisitCorrected"
    assert (visit.holds, visit.version) == (False, 3)
    assert [(one["holds"], one["why"]) for one in visit.earlier] == [(True, "记错了地方")]
    commitment.refresh_from_db()
    assert commitment.verified == 50
    world.audit()


def test_nothing_is_corrected_after_the_conclusion(world: World) -> None:
    commitment = world.reported()
    place = campaign_of(world, commitment)
    visit = handed(world, commitment, place=place)
    record(world, visit, holding())
    place.campaign.stage, place.campaign.outcome, place.campaign.concluded_at = "concluded", "undecided", world.at
    place.campaign.save()
    visit.refresh_from_db()
    refuses("visit_concluded", world, visit, failing(), corrects="记错了")


def test_unreachable_says_why_and_is_unknown(world: World) -> None:
    commitment = world.applied()
    visit = handed(world, commitment)
    nobody = services.Said(outcome=Outcome.UNREACHABLE, words="塌方断路")
    refuses("visit_words_missing", world, visit, services.Said(outcome=Outcome.UNREACHABLE))
    refuses("visit_unreachable_empty", world, visit, services.Said(outcome=Outcome.UNREACHABLE, holds=False, words="x"))
    record(world, visit, nobody)
    visit.refresh_from_db()
    commitment.refresh_from_db()
    assert (visit.state, visit.holds, commitment.state, commitment.verified) == ("unreachable", None, "applied", 0)
    record(world, visit, holding(), corrects="第二天路通了")
    commitment.refresh_from_db()
    assert commitment.state == "verified"


def test_what_does_not_fit_is_refused(world: World) -> None:
    visit = handed(world, world.applied())
    refuses("visit_verdict_missing", world, visit, holding(holds=None))
    refuses("visit_criteria", world, visit, holding(criteria=()))
    refuses("visit_contradicts", world, visit, failing(holds=True))
    refuses("visit_words_missing", world, visit, holding("", "", words=""))
    refuses("stale_version", world, visit, holding(), version=7)
    refuses("unknown_file", world, visit, holding(photos=[("0" * 64, "x.jpg")]))
    refuses("visit_not_recorded", world, visit, holding(), corrects="没有可改的")
    refuses("identity_number", world, visit, holding(words="身份证 11010519491231002X"))
    changed = holding().criteria
    refuses("visit_criteria_changed", world, visit, holding(criteria=[changed[1], changed[0]]))
    Visit.objects.filter(pk=visit.pk).update(state="withdrawn", reason="已由他人走访")
    refuses("visit_withdrawn", world, visit, holding())


def test_only_pictures_and_only_a_few(world: World) -> None:
    visit = handed(world, world.applied())
    actor = world.who("verifier")
    text = office.store_file(SimpleUploadedFile("a.txt", "看过".encode()), actor=actor, at=world.at)
    refuses("visit_photo_kind", world, visit, holding(photos=[(text.digest, "a.txt")]))
    shots = [(store(world, actor, shade).digest, f"{shade}.jpg") for shade in range(5)]
    refuses("visit_photos_many", world, visit, holding(photos=shots))


def test_tomorrow_is_not_revealed_and_others_are_not_seen(world: World) -> None:
    commitment = world.applied()
    tomorrow = handed(world, commitment, day=world.at.date() + dt.timedelta(days=1))
    refuses("not_found", world, tomorrow, holding())
    record(world, tomorrow, holding(), at=later(world, days=1))
    other = handed(world, commitment, by="a_verifier")
    refuses("not_found", world, other, holding())


def test_sent_from_elsewhere_by_lot(world: World) -> None:
    """A verifier of another prefecture sees nothing there; the visit handed out is the permission."""
    from luoshi.rules.permissions import SYSTEM
    from luoshi.units import services as units

    units.create_post(
        actor=SYSTEM, at=world.at, unit_id=world.units["532901"].pk, title="核查员", role="verifier", ref="P-b"
    )
    user = world.users["b_handler"]
    units.seat_holder(actor=SYSTEM, at=world.at, post_ref="P-b", user_id=user.pk, from_on=dt.date(2026, 1, 1))
    from luoshi.units import queries

    actor = queries.actor_for(user, at=world.at, post_ref="P-b")
    commitment = world.applied()
    visit = handed(world, commitment, verifier_post_id=actor.seat.post_id)
    services.record_visit(actor=actor, key=visit.key, version=1, said=holding(), at=later(world, hours=1))
    visit.refresh_from_db()
    commitment.refresh_from_db()
    assert (visit.not_carried, commitment.state) == ("", "verified")


def test_a_blind_second_visit_touches_nothing(world: World) -> None:
    commitment = world.applied()
    place = campaign_of(world, commitment)
    first = handed(world, commitment, place=place)
    record(world, first, holding())
    second = handed(world, commitment, by="verifier2", place=place, kind="blind", first=first)
    done = record(world, second, failing(), by="verifier2")
    commitment.refresh_from_db()
    assert commitment.state == "verified"
    assert done.entry is not None
    about = [entry.pk for entry in ledger_reads.entries_for(commitment.ref)]
    assert done.entry.pk not in about


def test_a_state_that_takes_no_verdict_keeps_the_visit(world: World) -> None:
    commitment = world.issued()
    visit = handed(world, commitment)
    done = record(world, visit, holding())
    assert done.visit.not_carried == "wrong_state"
    commitment.refresh_from_db()
    assert commitment.verified == 0
    world.audit()


def test_a_report_made_since_is_not_verified_by_an_older_visit(world: World) -> None:
    commitment = world.reported(60)
    visit = handed(world, commitment)
    at = later(world, hours=4)
    seen = at - dt.timedelta(hours=5)
    done = record(world, visit, failing(occurred_at=seen, sent_at=at), at=at)
    assert done.visit.not_carried == "visit_before_report"


def test_a_look_back_reopens(world: World) -> None:
    commitment = world.closed()
    visit = handed(world, commitment, by="verifier2", kind="look_back", reason="")
    record(world, visit, failing(), by="verifier2", at=later(world, days=95))
    commitment.refresh_from_db()
    assert commitment.state == "accepted"
    assert commitment.look_backs.get().passed is False


def test_the_telephones_clock_is_believed_for_what_it_tells(world: World) -> None:
    commitment = world.issued()
    wrong = dt.datetime(2031, 1, 1, 8, tzinfo=dt.UTC)
    visit = handed(world, commitment)
    done = record(world, visit, holding(occurred_at=wrong, sent_at=wrong + dt.timedelta(minutes=20)))
    assert done.visit.occurred_at == later(world, minutes=40)
    other = handed(world, commitment)
    assert record(world, other, holding(occurred_at=wrong)).visit.occurred_at is None


def test_only_near_or_far_is_kept(world: World) -> None:
    visit = handed(world, world.applied())
    done = record(world, visit, holding(place=Nearness.NEAR))
    assert done.visit.place_said == "near"


def store(world: World, actor: Any, shade: int = 0) -> Any:
    """A picture with what a camera adds."""
    picture = Image.new("RGB", (32, 24), (shade * 40, 90, 90))
    exif = Image.Exif()
    exif[0x010F] = "Camera"
    stream = io.BytesIO()
    picture.save(stream, "JPEG", exif=exif)
    stored = office.store_file(SimpleUploadedFile(f"{shade}.jpg", stream.getvalue()), actor=actor, at=world.at)
    assert stored.changes == ("metadata",)
    return stored
