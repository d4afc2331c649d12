"""`/api/v1/audit`: the same object as `drempel audit --json`, and its two orders."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drempel.engine.audit import Finding, Kind
from drempel.engine.auditor import PlaceAudit
from drempel.engine.levers import LeverRefused
from drempel.engine.places import Place
from drempel.engine.ports import FoundSet, Life, SetAt
from drempel.engine.records import BookingBusy
from drempel.web.api.shapes import AuditShape, OrderedShape
from tests.engine.stand_in import NOW, StandIn, a_set
from tests.web.client import READ_KEY, WRITE_KEY, Web

AUDIT = "/api/v1/audit"
ROW = FoundSet(
    id="r1",
    display_name="Hall 1 · dr-abcd2345-club-1363-9",
    is_remote_access=True,
    component_ids=frozenset({"c1"}),
    window=None,
    life=Life.LIVE,
)
AT = SetAt(source="club", booking_id="1363", set=a_set())
FOUND = PlaceAudit(
    place=Place(site_id="site-1", integrations=("doors",), connection_ids=(1,)),
    sources=frozenset({"club"}),
    findings=(
        Finding(kind=Kind.AGREES, row=ROW, at=AT),
        Finding(kind=Kind.ORPHAN, row=ROW),
        Finding(kind=Kind.MISSING, at=AT, since=NOW),
        Finding(kind=Kind.FOREIGN, row=replace(ROW, id="f1", display_name="Ada's birthday")),
    ),
)


@pytest.fixture
async def web() -> Web:
    made = await Web(StandIn()).with_keys()
    made.auditor.found = [FOUND]
    return made


async def test_an_audit_has_its_shape_and_foreign_access_is_only_counted_unless_asked_for(web: Web) -> None:
    answer = await web.ask("GET", AUDIT, key=READ_KEY)
    AuditShape.model_validate_json(answer.body)
    (site,) = answer.json["sites"]
    assert (answer.json["needs_person"], site["counts"]["foreign"], "foreign" in site) == (True, 1, False)
    assert b"Ada" not in answer.body
    orphan, missing = site["findings"]
    assert (orphan["class"], orphan["id"], orphan["booking_id"], orphan["recorded"]) == ("orphan", "r1", "1363", None)
    assert "drempel audit --adopt r1" in orphan["remedy"]
    assert (missing["class"], missing["id"], missing["recorded"]["state"]) == ("missing", "auth-1", "live")
    asked = await web.ask("GET", f"{AUDIT}?foreign=true", key=READ_KEY)
    AuditShape.model_validate_json(asked.body)
    assert asked.json["sites"][0]["foreign"] == [{"id": "f1", "display_name": "Ada's birthday"}]


@pytest.mark.parametrize("word", ["adopt", "revoke"])
async def test_an_order_needs_the_write_scope_and_is_answered_with_its_line(web: Web, word: str) -> None:
    refused = await web.ask("POST", f"{AUDIT}/{word}", key=READ_KEY, body=b'{"id": "r1"}')
    assert (refused.status, web.auditor.orphans.orders) == (403, [])
    answer = await web.ask("POST", f"{AUDIT}/{word}", key=WRITE_KEY, body=b'{"id": "r1"}')
    OrderedShape.model_validate_json(answer.body)
    assert (answer.status, web.auditor.orphans.orders) == (202, [(word, "r1")])


async def test_an_order_that_does_not_fit_is_a_problem_that_says_why(web: Web) -> None:
    assert (await web.ask("POST", f"{AUDIT}/adopt", key=WRITE_KEY, body=b'{"id": ""}')).status == 400
    web.auditor.orphans.error = LeverRefused("It is not ours.")
    answer = await web.ask("POST", f"{AUDIT}/adopt", key=WRITE_KEY, body=b'{"id": "r1"}')
    assert (answer.status, answer.json["code"], answer.json["detail"]) == (409, "order.refused", "It is not ours.")
    web.auditor.orphans.error = BookingBusy()
    assert (await web.ask("POST", f"{AUDIT}/revoke", key=WRITE_KEY, body=b'{"id": "r1"}')).json["code"] == "booking.busy"
