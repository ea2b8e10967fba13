"""The commander's board in a browser: the worst in three clicks, by keyboard alone, to the evidence and back again."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.e2e.conftest import Visit
from tests.e2e.site import LUOSHI, Site, Visitor, environment
from tests.e2e.test_chain import picture
from tests.e2e.test_keyboard import SEEN, tab_to

LIVE = "c.state not in ('draft', 'withdrawn', 'declined') and c.kind <> 'period'"


class Clicks:
    """A mouse that counts."""

    def __init__(self, page: Page) -> None:
        self.page, self.done = page, 0

    def __call__(self, target: Locator) -> None:
        with self.page.expect_navigation():
            target.click()
        self.done += 1


def worst(site: Site, area: str = "") -> str:
    """The number of what is overdue longest in an area, or anywhere: read from the rows, not from any page."""
    path = str(site.one("select path from units_unit where name = ? and kind = 'area'", area)) if area else ""
    found = site.one(
        f"select c.ref from delivery_commitment c where {LIVE} and c.light = 'red' and substr(c.lead_path, 1, ?) = ?"
        " order by c.due_on, c.id limit 1",
        len(path),
        path,
    )
    assert found
    return str(found)


def test_a_head_finds_the_worst_commitment_in_three_clicks(visit: Visit) -> None:
    """From the first page of the board: the red ones of the worst unit, the first of them, and there it stands."""
    one = visit("zh", as_person="prov-head")
    page = one.page
    one.go("/board/")
    click = Clicks(page)
    click(page.locator(".heat-part nav.order a", has_text="按逾期多少排序"))
    first = page.locator("table.heat tbody tr").first
    unit = first.locator("th").inner_text()
    counts = one.site.one(
        "select u.name from units_unit u join delivery_commitment c on c.lead_path >= u.path"
        " and substr(c.lead_path, 1, length(u.path)) = u.path"
        f" where u.level = 'prefecture' and u.kind = 'area' and {LIVE} and c.light = 'red'"
        " group by u.id order by count(*) desc limit 1"
    )
    assert unit == counts, "the unit with most overdue comes first"
    expect(first.locator("td").first).to_have_class(re.compile(r"\bred\b"))
    click(first.locator("td a").first)
    click(page.locator("table.reg tbody tr").first.locator('a[href^="/c/"]').first)
    assert click.done == 3
    assert page.url.endswith(f"/c/{worst(one.site, unit)}/")
    expect(page.locator("main .l.red").first).to_contain_text("逾期")


def test_what_needs_the_head_names_the_worst_of_all_first(visit: Visit) -> None:
    """The same in one click: the list beside the board begins with what is overdue longest, and with its reason."""
    one = visit("en", as_person="prov-head")
    one.go("/board/")
    line = one.page.locator(".needs-part li:not(.ours)").first  # what we owe others stands before it
    expect(line).to_contain_text("Overdue by")
    click = Clicks(one.page)
    click(line.locator('a[href^="/c/"]').first)
    assert one.page.url.endswith(f"/c/{worst(one.site)}/")


def focused(page: Page) -> str:
    """The name of what has the focus, as it is read out; it must be seen to have it."""
    assert page.evaluate(SEEN), f"the focus cannot be seen on {page.url}"
    return str(page.evaluate("document.activeElement.textContent.trim()"))


def test_the_heat_map_by_keyboard_alone(visit: Visit) -> None:
    one = visit("zh", as_person="prov-head")
    page = one.page
    one.go("/board/")
    tab_to(page, "table.heat tbody th a")
    top = focused(page)
    page.keyboard.press("ArrowDown")
    assert focused(page) != top
    page.keyboard.press("ArrowUp")
    assert focused(page) == top
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.closest('td').cellIndex") == 1
    assert page.evaluate(SEEN)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    row, column = page.evaluate("(e => [e.parentElement.rowIndex, e.cellIndex])(document.activeElement.closest('td'))")
    assert (row, column) == (2, 2)
    assert page.evaluate(SEEN)
    listed = page.evaluate("document.activeElement.getAttribute('href')")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url == f"{one.site.base}{listed}"
    page.go_back()
    tab_to(page, "table.heat tbody th a")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator(".crumbs")).to_contain_text(top)


def test_the_map_by_keyboard_alone(visit: Visit) -> None:
    one = visit("zh", as_person="yuxi-head")
    page = one.page
    one.go("/board/")
    assert page.locator("#map svg a").count() > 3
    tab_to(page, "#map svg a", limit=400)
    began = page.evaluate("document.activeElement.getAttribute('href')")
    seen, moved = {began}, set()
    for key in ("ArrowDown", "ArrowRight", "ArrowUp", "ArrowLeft"):
        before = page.evaluate("(b => [b.x + scrollX, b.y + scrollY])(document.activeElement.getBoundingClientRect())")
        was = page.evaluate("document.activeElement.getAttribute('href')")
        page.keyboard.press(key)
        after = page.evaluate("(b => [b.x + scrollX, b.y + scrollY])(document.activeElement.getBoundingClientRect())")
        now = page.evaluate("document.activeElement.getAttribute('href')")
        assert page.evaluate("document.activeElement.matches('#map svg a')")
        assert page.evaluate(SEEN), f"the focus cannot be seen on the map after {key}"
        if now != was:
            moved.add(key)
            across, down = after[0] - before[0], after[1] - before[1]
            assert {"ArrowRight": across, "ArrowLeft": -across, "ArrowDown": down, "ArrowUp": -down}[key] > 0
        seen.add(now)
    assert moved & {"ArrowLeft", "ArrowRight"}, "to the side"
    assert moved & {"ArrowUp", "ArrowDown"}, "up and down"
    assert len(seen) > 2, "the arrows lead from place to place"
    name = focused(page).split("：")[0].split(":")[0]
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator(".crumbs")).to_contain_text(name)


def state(page: Page) -> tuple[str, str, str]:
    """What a page says and where it stands."""
    page.wait_for_load_state("load")
    return page.url, page.title(), page.locator("main").inner_text()


def reported(one: Visitor) -> str:
    """A commitment of a village, answered for by its township with a picture; its number."""
    ref = str(
        one.site.one(
            "select c.ref from delivery_commitment c join units_unit u on u.id = c.lead_id where u.level = 'village'"
            " and c.state = 'accepted' and c.kind <> 'period' and c.reports_count > 0 order by c.id limit 1"
        )
    )
    one.open_act(ref, "report")
    one.fill(percent="80", words="沟口照片附后。")
    one.page.locator('[name="files"]').set_input_files(
        {"name": "沟口.png", "mimeType": "image/png", "buffer": picture()}
    )
    one.send()
    return ref


def test_from_the_province_to_the_evidence_and_back(visit: Visit) -> None:
    """一竿子插到底: one click a step; the address alone holds each step, and “back” goes through them as they were."""
    ref = reported(visit("zh", as_person="town-handler"))
    one = visit("zh", as_person="prov-head")
    page, site = one.page, one.site
    line = "玉溪市", "江川区", "江城镇"
    village = site.one(
        "select u.name from units_unit u join delivery_commitment c on c.lead_id = u.id where c.ref = ?", ref
    )
    one.go("/board/")
    click = Clicks(page)
    seen = [state(page)]
    for name in (*line, str(village)):
        click(page.locator("table.heat tbody th").get_by_role("link", name=name, exact=True))
        expect(page.locator(".crumbs")).to_contain_text(name)
        seen.append(state(page))
    click(page.locator(f'.list-part a[href="/c/{ref}/"]'))
    seen.append(state(page))
    said = page.locator("main .sub a[href$='#reports']")
    said.click()
    click.done += 1
    expect(page).to_have_url(f"{site.base}/c/{ref}/#reports")
    expect(page.locator("#reports")).to_be_in_viewport()
    seen.append(state(page))
    click(page.locator("#reports li").first.get_by_role("link", name="沟口.png"))
    expect(page.locator("h1")).to_have_text("沟口.png")
    expect(page.locator("#look img")).to_be_visible()
    assert click.done == 7, "province → prefecture → county → township → village → commitment → report → evidence"

    for was in reversed(seen):
        page.go_back()
        expect(page).to_have_url(was[0])
        assert state(page) == was
    # the address is all there is: another visitor of the same seat sees the same step from it
    other = visit("zh", as_person="prov-head")
    for address, title, words in seen:
        other.page.goto(address)
        assert state(other.page) == (address, title, words)


def test_the_board_without_script(visit: Visit) -> None:
    """Order, matter, map, drill, list and back: links only."""
    one = visit("zh", as_person="prov-head", java_script_enabled=False)
    page = one.page
    one.go("/board/")
    click = Clicks(page)
    expect(page.locator("#map svg a").first).to_be_visible()
    total = page.locator("h1").inner_text()
    click(page.locator(".heat-part nav.order a", has_text="按逾期多少排序"))
    expect(page).to_have_url(re.compile(r"sort=late"))
    click(page.locator("table.heat thead th a").nth(3))
    one.see("此处只计")
    assert page.locator("h1").inner_text() != total
    click(page.locator("table.heat tbody th a").first)
    expect(page).to_have_url(re.compile(r"matter=\d+"))
    click(page.locator("table.heat td.c a").first)
    expect(page.locator("table.reg tbody tr").first).to_be_visible()
    page.go_back()
    page.go_back()
    page.go_back()
    page.go_back()
    expect(page).to_have_url(f"{one.site.base}/board/")
    expect(page.locator("h1")).to_have_text(total)
    click(page.locator("#map svg a").first)
    expect(page.locator("table.heat, .list-part").first).to_be_visible()
    one.go("/board/")
    page.locator(".needs-part > details > summary").click()
    expect(page.locator(".needs-part ol.more li").first).to_be_visible()


def square(code: str, east: float, north: float) -> dict[str, object]:
    """One area as a square of a quarter of a degree."""
    ring = [[east, north], [east + 0.25, north], [east + 0.25, north + 0.25], [east, north + 0.25], [east, north]]
    return {
        "type": "Feature",
        "properties": {"code": code},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def command(site: Site, *words: str) -> str:
    """What the command line says."""
    done = subprocess.run(
        [*LUOSHI, *words], cwd=site.state, env=environment(site.state), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def approved(site: Site, tmp_path: Path) -> Iterator[str]:
    """An approved map of two counties, taken away afterwards; the approval number shown with it."""
    number = "云S（2026）000号"
    file = tmp_path / "map.geojson"
    features = [square("530402", 102.5, 24.2), square("530403", 102.75, 24.2)]
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    told = ("--source", "演示制图（方格）", "--licence", "演示用途", "--approval", number)
    command(site, "maps", "import", str(file), *told)
    kept = site.one("select id from units_areamap where approval_no = ?", number)
    yield number
    command(site, "maps", "remove", str(kept))


def test_an_approved_map_takes_the_place_of_the_schematic_one(visit: Visit, approved: str) -> None:
    one = visit("zh", as_person="yuxi-head")
    page = one.page
    one.go("/board/")
    part = page.locator("#map")
    for words in ("审定地图", "演示制图（方格）", "演示用途", approved):
        expect(part).to_contain_text(words)
    expect(part.locator("svg.shapes a")).to_have_count(2)
    expect(part).to_contain_text("图上未绘")
    one.fits()
    with page.expect_navigation():
        part.locator("svg.shapes a").last.click(position={"x": 12, "y": 12})
    expect(page.locator(".crumbs")).to_contain_text(re.compile("江川区|红塔区"))
    phone = visit("en", phone=True)
    phone.sign_in("yuxi-head")
    phone.go("/board/")
    phone.see("Map approval number", within="#map")
    phone.fits()


def test_something_is_found_by_two_words_by_initials_and_by_number(visit: Visit) -> None:
    """The box at the top finds a place by two characters and by the first letters of its pinyin, and a file number."""
    one = visit("zh", as_person="yuxi-office")
    page, ref = one.page, one.site.made["covered"]

    def ask(text: str) -> None:
        box = page.locator('header input[name="q"]')
        box.fill(text)
        with page.expect_navigation():
            box.press("Enter")

    one.go("/")
    for text, first in (("江川", "江川区"), ("jcq", "江川区"), ("管护", "管护"), (ref, "江川区沟渠管护")):
        ask(text)
        expect(page.locator("main li a").first).to_contain_text(first)
    page.locator(f'main a[href="/c/{ref}/"]').first.click()
    expect(page.locator("h1")).to_contain_text(ref)
    ask("没有这样的话")
    one.see("没有查到")
    # what lies outside one's scope is not found, whatever is typed
    other = visit("zh", as_person="hongta-handler")
    other.go(f"/search/?q={ref}")
    other.see("没有查到")
