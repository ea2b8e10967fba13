"""Write-ups in the search of the site: found by what they say, by whoever may read them, while they are there."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.delivery.world import World
from tests.meetings.test_practices import WORDS, do, write

from luoshi.delivery.models import Programme
from luoshi.desk.queries import finding
from luoshi.meetings.queries import findable
from luoshi.meetings.queries.practices import practices_seen
from luoshi.office import services as office
from luoshi.office.models import SearchEntry


def found(world: World, who: str, text: str) -> list[str]:
    """The numbers of the write-ups somebody finds; what is counted is what is shown."""
    page = finding.find(world.who(who), text, kind=findable.PRACTICE)
    refs = [line.entry.ref for line in page.lines]
    assert page.counts[findable.PRACTICE].found == len(refs)
    return refs


def test_a_write_up_is_found_by_what_it_says_until_it_is_withdrawn(world: World) -> None:
    office.rebuild_search()  # the places, so that one of them can be asked for
    made = write(world, world.closed(), failed="先做了蓝藻打捞，没有用。")
    for words in (made.ref, WORDS["title"], "蓝藻打捞", "玉溪 蓝藻"):
        assert found(world, "a_handler", words) == [made.ref], words
    do(world, "amend_practice", made, "a_handler", **{**WORDS, "failed": "先做了底泥疏浚，没有用。"})
    assert found(world, "a_handler", "蓝藻打捞") == []
    assert found(world, "a_handler", "底泥疏浚") == [made.ref]
    entries = SearchEntry.objects.filter(kind=findable.PRACTICE).values_list("ref", "path", "url", "subject")
    before = list(entries)
    office.rebuild_search()
    assert list(entries.all()) == before
    do(world, "withdraw_practice", made, "a_handler", reason="失效")
    assert found(world, "a_handler", "底泥疏浚") == []
    office.rebuild_search()
    assert found(world, "a_handler", made.ref) == []


@pytest.mark.parametrize("visibility", Programme.Visibility.values)
def test_nothing_is_found_that_may_not_be_read(world: World, visibility: str) -> None:
    made = write(world, world.closed())
    Programme.objects.update(visibility=visibility)
    for who in ("head", "office", "a_head", "a_handler", "a_epb_head", "b_head", "b_handler", "ht_handler", "th_head"):
        readable = list(practices_seen(world.who(who)).values_list("ref", flat=True))
        assert found(world, who, WORDS["title"]) == readable, who
        assert found(world, who, made.ref) == readable, who
    assert found(world, "a_handler", made.ref) == [made.ref]
    assert found(world, "b_handler", made.ref) == ([] if visibility == Programme.Visibility.OWN else [made.ref])


def test_a_stale_entry_shows_nothing(world: World) -> None:
    made = write(world, world.closed())
    Programme.objects.update(visibility=Programme.Visibility.OWN)
    SearchEntry.objects.filter(kind=findable.PRACTICE).update(path=world.units["532900"].path)
    assert found(world, "b_handler", made.ref) == []


def test_page_and_api_say_whose_it_is_and_whether_it_stands(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: world.at)
    made = write(world, world.closed())
    client = Client(headers={"accept-language": "en"})
    client.force_login(world.users["b_handler"])
    page = client.get("/search/", {"q": WORDS["title"], "kind": "practice"}).content.decode()
    assert f"/meetings/practices/{made.ref}/" in page
    assert "Practice library" in page
    [told] = client.get("/api/v1/search", {"q": WORDS["title"], "kind": "practice"}).json()["items"]
    assert (told["ref"], told["unit"], told["url"]) == (made.ref, "玉溪市", f"/meetings/practices/{made.ref}/")
    assert "no longer verified" not in page
    type(made.commitment).objects.filter(pk=made.commitment_id).update(state="accepted")
    assert "no longer verified" in client.get("/search/", {"q": WORDS["title"]}).content.decode()
