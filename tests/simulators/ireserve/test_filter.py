"""The search language and the rows of `booking/filter`: i-Reserve contract, section 12.7."""

from __future__ import annotations

import contextlib
import json
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drempel.ireserve import search
from drempel.simulators.ireserve import IReserveSimulator
from drempel.simulators.ireserve.filter_language import Facts, SearchRefused, criteria, parse_search
from tests.ireserve.answers import unhurried
from tests.simulators.ireserve.environment import NOW, START, Caller, book, new_simulator

TODAY = date(2026, 3, 1)
KNOWN = criteria(status_name="STATUS")


def matches(text: str, facts: Facts) -> bool:
    return parse_search(text, known=KNOWN, today=TODAY)(facts)


def facts(booking_id: int = 3691, product: int = 81, start_day: date = TODAY, status: int = 20) -> Facts:
    return Facts(booking_id, product, start_day, status)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("BOOKING_ID = 3691", True),
        ("booking_id=3691", True),
        ("BOOKING_ID > 3691", False),
        ("BOOKING_ID >= 3691", True),
        ("BOOKING_ID < 3692", True),
        ("BOOKING_ID <= 3690", False),
        ("BOOKING_ID IN (1, 3691)", True),
        ("product in (1,14)", False),
        ("STATUS IN (20,30)", True),
        ('startdatum >= "0d" AND startdatum <= "0d"', True),
        ('startdatum >= "-1d" AND startdatum <= "7d"', True),
        ('startdatum > "0d"', False),
        ('startdatum = "2026-03-01"', True),
        ('startdatum IN ("1d","0d")', True),
        ("BOOKING_ID = 1 OR PRODUCT = 81 AND STATUS = 20", True),
        ("PRODUCT = 81 OR BOOKING_ID = 1 AND STATUS = 30", True),
        ("BOOKING_ID = 1 AND STATUS = 20 OR PRODUCT = 82", False),
        ("BOOKING_ID = 1 or PRODUCT = 82 Or STATUS = 20", True),
    ],
)
def test_a_search_means_what_it_says(text: str, expected: bool) -> None:
    assert matches(text, facts()) is expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "BOOKING_ID",
        "BOOKING_ID =",
        "BOOKING_ID = x",
        'BOOKING_ID = "x"',
        "NAME = 1",
        "BOOKING_ID IN 3691",
        "BOOKING_ID IN ()",
        "BOOKING_ID IN (1,)",
        "BOOKING_ID IN (1",
        "BOOKING_ID == 1",
        "BOOKING_ID != 1",
        "BOOKING_ID = 1 AND",
        "BOOKING_ID = 1 XOR STATUS = 1",
        "BOOKING_ID = 1 STATUS = 1",
        "AND BOOKING_ID = 1",
        "(BOOKING_ID = 1)",
        "BOOKING_ID = 1; DROP TABLE",
        "startdatum = 5",
        'startdatum = "tomorrow"',
        'startdatum = "99999d"' + " AND " + 'startdatum = "9999999d"',
        'startdatum = "2026-02-30"',
        'startdatum = "0d',
        "BOOKING_ID = 1" + " OR BOOKING_ID = 1" * 5000,
    ],
)
def test_a_broken_search_is_refused(text: str) -> None:
    with pytest.raises(SearchRefused):
        parse_search(text, known=KNOWN, today=TODAY)


@unhurried
@given(st.text(st.sampled_from('BOOKING_ID STATUS IN AND OR >=<(),"0123456789d-\n\x00é'), max_size=60) | st.text())
def test_any_text_is_a_search_or_refused(text: str) -> None:
    with contextlib.suppress(SearchRefused):
        assert matches(text, facts()) in {True, False}


ids = st.integers(0, 20)


@unhurried
@given(st.lists(ids, min_size=1, max_size=4), ids, st.integers(-5, 5), st.integers(-5, 5), st.lists(ids, min_size=1), st.data())
def test_what_the_client_builds_is_understood(
    wanted: list[int], above: int, first: int, last: int, codes: list[int], data: Any
) -> None:
    one = facts(data.draw(ids), data.draw(ids), TODAY + timedelta(days=data.draw(st.integers(-6, 6))), data.draw(ids))
    day = (one.start_day - TODAY).days
    assert matches(search.bookings(wanted), one) is (one.booking_id in wanted)
    assert matches(search.booking_above(above), one) is (one.booking_id > above)
    assert matches(search.objects(wanted), one) is (one.product in wanted)
    together = search.all_of(search.start_between(first, last), search.statuses(codes))
    assert matches(together, one) is (first <= day <= last and one.status in codes)


async def rows(sim: IReserveSimulator, text: str = "", **query: Any) -> Any:
    parameters = "&".join(f"{key}={quote(str(value))}" for key, value in ({"search": text} | query).items())
    answer = await Caller(sim).send("GET", f"/api/rest/booking/filter?{parameters}")
    return json.loads(answer.body) if answer.status == 200 else answer.status


async def test_a_row_is_exactly_as_the_contract_shows_it() -> None:
    sim = new_simulator()
    book(sim)
    columns = "RES_ID,RES_FROMDATE,RES_FROMTIME,RES_TILTIME,OBJ_NAME,RES_CUSTOM05"
    assert await rows(sim, "BOOKING_ID IN (3691)", columns=columns) == [
        {
            "RES_ID": "3691",
            "RES_FROMDATE": "14-03-2026",
            "RES_FROMTIME": "10:00 am",
            "RES_TILTIME": "12:00 pm",
            "OBJ_NAME": "HALL1",
            "RES_CUSTOM05": "",
            "RES_CUST_ID": 123,
            "res_id": "3691",
            "res_cust_id": "123",
            "id": 1,
            "RES_ID_raw": "3691",
            "RES_FROMDATE_raw": "2026-03-14",
            "RES_FROMTIME_raw": 36000,
            "RES_TILTIME_raw": 43200,
            "OBJ_NAME_raw": "HALL1",
            "RES_CUSTOM05_raw": "",
            "RES_CUST_ID_raw": "123",
        }
    ]


async def test_pages_are_in_the_order_of_ids_and_end_empty() -> None:
    sim = new_simulator()
    made = [book(sim, start=START - timedelta(days=index)) for index in range(5)]
    assert [row["RES_ID"] for row in await rows(sim, start=0, length=3)] == made[:3]
    second = await rows(sim, start=3, length=3)
    assert [(row["RES_ID"], row["id"]) for row in second] == [(made[3], 4), (made[4], 5)]
    assert await rows(sim, start=5, length=3) == []


async def test_without_a_search_there_are_at_most_a_hundred_rows() -> None:
    sim = new_simulator()
    for _ in range(103):
        book(sim)
    assert len(await rows(sim, length=1000)) == 100
    assert len(await rows(sim, "BOOKING_ID > 0", length=1000)) == 103


async def test_rows_follow_what_changes_between_pages() -> None:
    sim = new_simulator()
    one = book(sim)
    assert len(await rows(sim, "STATUS IN (20)")) == 1
    sim.set_status(one, 30)
    assert await rows(sim, "STATUS IN (20)") == []
    book(sim)
    assert len(await rows(sim, "STATUS IN (20)")) == 1


async def test_days_are_those_of_the_environment() -> None:
    sim = new_simulator()
    sim.clock.set(NOW.replace(hour=23, minute=30))  # half past midnight of the second, in Amsterdam
    book(sim, start=NOW.replace(hour=23, minute=45), end=NOW + timedelta(days=1))
    assert len(await rows(sim, 'startdatum = "0d"')) == 1
    assert len(await rows(sim, 'startdatum = "2026-03-02"')) == 1


async def test_an_environment_can_refuse_the_status_criterion_or_name_it_otherwise() -> None:
    sim = new_simulator()
    book(sim)
    sim.switches.filter_status_name = "Res_Status"
    assert await rows(sim, "STATUS IN (20)") == 412
    assert len(await rows(sim, "RES_STATUS IN (20)")) == 1
    sim.switches.filter_status = False
    assert await rows(sim, "RES_STATUS IN (20)") == 412
    assert len(await rows(sim, 'startdatum >= "0d"')) == 1


@pytest.mark.parametrize("query", [{"columns": "NOTHING"}, {"start": "-1"}, {"length": "x"}, {"columns": "RES_ID,"}])
async def test_a_query_that_makes_no_sense_is_refused(query: dict[str, str]) -> None:
    assert await rows(new_simulator(), **query) == 412
