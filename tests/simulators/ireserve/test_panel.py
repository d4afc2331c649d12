"""The panel for people: every form does what it says, nothing that people typed in ever becomes markup."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest

from drempel.simulators.ireserve import IReserveSimulator, seed_demo
from tests.simulators.ireserve.environment import END, START, Caller, book, new_simulator

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7*7 }}'
PAGES = ("/", "/?past=1", "/bookings/3691", "/webhooks", "/setup", "/_sim/")


@pytest.fixture
def sim() -> IReserveSimulator:
    return new_simulator()


@pytest.fixture
def caller(sim: IReserveSimulator) -> Caller:
    return Caller(sim, account=None)


class Markup(HTMLParser):
    """Collects elements, labels and fields, and checks that what opens is closed."""

    VOID = frozenset({"meta", "link", "input", "br", "img"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.elements if name == tag]


async def html(caller: Caller, path: str, status: int = 200) -> str:
    answer = await caller.send("GET", path)
    assert answer.status == status
    return answer.body.decode()


NEW = {"object": "81", "day": "2026-03-14", "from": "10:00", "till": "12:00", "lastname": "Lovelace", "status": "10"}


async def test_a_booking_is_made_and_the_page_moves_on(sim: IReserveSimulator, caller: Caller) -> None:
    answer = await caller.form("/bookings", **NEW, email="ada@example.com", tel_mob="0612345678", initials="A")
    assert (answer.status, answer.headers["location"]) == (303, "/bookings/3691")
    booking = sim.booking(3691)
    assert (booking.start, booking.end, booking.status) == (START, END, "10")
    customer = sim.customer(booking.customer_id)
    assert (customer.name, customer.email, customer.tel_mob) == ("A Lovelace", "ada@example.com", "0612345678")
    page = await html(caller, "/")
    assert 'href="/bookings/3691"' in page
    assert 'class="badge status-dark-blue">10 NEW' in page


async def test_an_end_that_is_not_later_is_on_the_next_day(sim: IReserveSimulator, caller: Caller) -> None:
    await caller.form("/bookings", **(NEW | {"from": "22:00", "till": "01:00"}))
    assert sim.booking(3691).end - sim.booking(3691).start == timedelta(hours=3)
    assert "Sun 2026-03-15" in await html(caller, "/bookings/3691")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"lastname": " "}, "Last name is missing."),
        ({"day": "14-03-2026"}, "Day looks like 2026-08-26."),
        ({"day": "0001-01-01"}, "Day lies between 1971 and 2998."),
        ({"from": "ten"}, "From looks like 10:00."),
        ({"object": "99"}, "There is no object 99."),
        ({"status": "21"}, "There is no status 21."),
        ({"day": "2026-03-29", "from": "02:30", "till": "04:00"}, "There is no 02:30 on 2026-03-29"),
        ({"remarks": "x" * 201}, "remarks: at most 200 characters."),
    ],
)
async def test_a_form_that_makes_no_sense_is_shown_again_with_the_reason(
    sim: IReserveSimulator, caller: Caller, changes: dict[str, str], sentence: str
) -> None:
    answer = await caller.form("/bookings", **(NEW | {"email": "ada@example.com"} | changes))
    page = answer.body.decode()
    assert answer.status == 400
    assert sentence in page
    assert 'role="alert"' in page
    assert 'value="ada@example.com"' in page
    assert not sim.state.bookings
    assert not sim.state.customers


@pytest.mark.parametrize(
    ("action", "values", "expected"),
    [
        ("status", {"status": "30"}, ("30", START, "81")),
        ("reschedule", {"day": "2026-03-15", "from": "10:00", "till": "12:00"}, ("20", START + timedelta(days=1), "81")),
        (
            "reschedule-as-customer",
            {"day": "2026-03-15", "from": "10:00", "till": "12:00"},
            ("40", START + timedelta(days=1), "81"),
        ),
        ("cancel", {}, ("70", START, "81")),
        ("object", {"object": "82"}, ("20", START, "82")),
    ],
)
async def test_each_action_changes_the_booking(
    sim: IReserveSimulator, caller: Caller, action: str, values: dict[str, str], expected: tuple[str, datetime, str]
) -> None:
    one = book(sim)
    answer = await caller.form(f"/bookings/{one}/{action}", **values)
    assert (answer.status, answer.headers["location"]) == (303, f"/bookings/{one}")
    booking = sim.booking(one)
    assert (booking.status, booking.start, booking.object_id) == expected


async def test_field_customer_and_delete(sim: IReserveSimulator, caller: Caller) -> None:
    one = book(sim)
    await caller.form(f"/bookings/{one}/field", number="5", value="set-1")
    assert sim.booking(one).fields[5] == "set-1"
    await caller.form(f"/bookings/{one}/customer", lastname="Hopper", initials="G", email="g@example.com", tel_mob="")
    assert sim.customer(sim.booking(one).customer_id).name == "G Hopper"
    answer = await caller.form(f"/bookings/{one}/delete")
    assert (answer.status, answer.headers["location"]) == (303, "/")
    assert not sim.state.bookings


async def test_what_a_customer_may_not_do_is_not_offered_and_is_refused(sim: IReserveSimulator, caller: Caller) -> None:
    one = book(sim, status="90")
    page = await html(caller, f"/bookings/{one}")
    assert "/cancel" not in page
    assert "/reschedule-as-customer" not in page
    for action, values in (("cancel", {}), ("reschedule-as-customer", {"day": "2026-03-15", "from": "10:00", "till": "12:00"})):
        answer = await caller.form(f"/bookings/{one}/{action}", **values)
        assert (answer.status, "A customer cannot" in answer.body.decode()) == (400, True)
    assert sim.booking(one).status == "90"


@pytest.mark.parametrize("path", ["/bookings/9999", "/bookings/%3Cscript%3E"])
async def test_an_unknown_booking_is_a_page_that_says_so(caller: Caller, path: str) -> None:
    page = await html(caller, path, status=404)
    assert "There is no booking" in page
    assert "<script" not in page


async def test_unknown_actions_and_ids_are_not_found(sim: IReserveSimulator, caller: Caller) -> None:
    book(sim)
    for path in (
        "/bookings/3691/nothing",
        "/bookings/9999/status",
        "/webhooks/9/delete",
        "/deliveries/9/again",
        "/setup/nothing",
    ):
        assert (await caller.form(path, status="30")).status == 404


async def test_webhooks_are_added_and_removed_and_their_deliveries_are_shown(sim: IReserveSimulator, caller: Caller) -> None:
    values = {"url": "http://receiver.test/hooks/x", "event": "booking_created", "json": "no", "note": "Drempel"}
    assert (await caller.form("/webhooks", **values)).status == 303
    [hook] = sim.state.hooks.values()
    assert (hook.json, hook.note) == (False, "Drempel")
    book(sim)
    [delivery] = sim.deliveries.due(sim.clock.now())
    sim.deliveries.done(delivery, ok=False, outcome="503")
    for path in ("/webhooks", "/bookings/3691"):
        page = await html(caller, path)
        assert "503" in page
        assert "next 2026-03-01 13:01:00" in page
    await caller.form(f"/deliveries/{delivery.number}/again")
    assert len(sim.deliveries.due(sim.clock.now())) == 1
    long = "http://receiver.test/" + "x" * 500
    await caller.form("/webhooks", **(values | {"url": long}))
    assert long in {one.target_url for one in sim.state.hooks.values()}
    for one in list(sim.state.hooks):
        await caller.form(f"/webhooks/{one}/delete")
    assert not sim.state.hooks
    answer = await caller.form("/webhooks", **(values | {"url": "javascript:alert(1)"}))
    assert (answer.status, "begins with http:// or https://" in answer.body.decode()) == (400, True)


async def test_statuses_and_objects_are_edited(sim: IReserveSimulator, caller: Caller) -> None:
    await caller.form("/setup/statuses", code="21", name="CONFIRMED", color="green")
    await caller.form("/setup/statuses", code="10", name="FRESH", color="purple")
    await caller.form("/setup/objects", id="90", name="Theater De Brug")
    page = await html(caller, "/setup")
    assert "21 CONFIRMED" in page
    assert "10 FRESH" in page
    assert "Theater De Brug" in page
    for path, values in (
        ("statuses", {"code": "x", "name": "N", "color": "red"}),
        ("statuses", {"code": "22", "name": "N", "color": "pink"}),
        ("objects", {"id": "x", "name": "N"}),
    ):
        assert (await caller.form(f"/setup/{path}", **values)).status == 400


async def test_what_people_type_in_never_becomes_markup(sim: IReserveSimulator, caller: Caller) -> None:
    sim.add_object(81, HOSTILE)
    sim.set_status_name("20", HOSTILE)
    one = book(sim, lastname=HOSTILE, initials=HOSTILE, email=HOSTILE, tel_mob=HOSTILE, remarks=HOSTILE, fields={5: HOSTILE})
    sim.add_hook("booking_updated", "http://receiver.test/?<script>")
    sim.webhooks.add("booking_created", "http://receiver.test/", note=HOSTILE)
    sim.set_status(one, 30)
    [delivery] = sim.deliveries.due(sim.clock.now())
    sim.deliveries.done(delivery, ok=False, outcome=HOSTILE)
    wrong = await caller.form("/bookings", **(NEW | {"lastname": HOSTILE, "object": HOSTILE}))
    for page in [*[await html(caller, path) for path in PAGES], wrong.body.decode()]:
        markup = Markup(page)
        assert markup.of("script") == []
        assert markup.of("img") == []
        assert "49" not in re.findall(r"\{\{.*?\}\}", page)
    assert "&lt;script&gt;" in await html(caller, "/")


@pytest.fixture
def seeded(sim: IReserveSimulator) -> IReserveSimulator:
    sim.state.clear()
    seed_demo(sim)
    sim.add_hook("booking_updated", "http://receiver.test/hooks/x")
    sim.set_status(3691, 20)
    return sim


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_is_sound_and_needs_no_script(seeded: IReserveSimulator, path: str) -> None:
    answer = await Caller(seeded, account=None).send("GET", path)
    page = answer.body.decode()
    markup = Markup(page)
    assert answer.status == 200
    assert "script" not in answer.headers["content-security-policy"]
    assert "style=" not in page
    assert len(markup.of("h1")) == 1
    ids = [attrs["id"] for _, attrs in markup.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    labelled = {attrs.get("for") for attrs in markup.of("label")}
    for field in [*markup.of("input"), *markup.of("select")]:
        assert field.get("type") == "hidden" or field.get("id") in labelled or field.get("aria-label")
    for link in markup.of("link"):
        href = link["href"] or ""
        if href.startswith("/"):
            assert (await Caller(seeded).send("GET", href)).status == 200
    for form in markup.of("form"):
        assert form["method"] == "post"


async def test_many_bookings_are_shown_page_by_page(sim: IReserveSimulator, caller: Caller) -> None:
    for index in range(120):
        book(sim, start=START + timedelta(hours=index), end=END + timedelta(hours=index))
    book(sim, start=datetime(2026, 1, 1, tzinfo=UTC), end=datetime(2026, 1, 2, tzinfo=UTC))
    shown = [
        len(re.findall(r'<td class="whole" data-label="Booking">', await html(caller, f"/?page={page}")))
        for page in (1, 2, 3, 99)
    ]
    assert shown == [50, 50, 20, 20]
    assert 'href="/bookings/3811"' in await html(caller, "/?past=1")
    assert "No bookings here" not in await html(caller, "/?page=x")


def test_the_demo_starts_with_a_booking_within_the_hour(sim: IReserveSimulator) -> None:
    sim.state.clear()
    first, *_ = seed_demo(sim)
    assert timedelta(0) < sim.booking(first).start - sim.clock.now() < timedelta(hours=1)
    assert sim.booking(first).status == "10"
    assert {one.name for one in sim.state.objects.values()} >= {"Hall 1", "Hall 2", "Theater De Brug"}
    assert len({one.status for one in sim.state.bookings.values()}) >= 5
