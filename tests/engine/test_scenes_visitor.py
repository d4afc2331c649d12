"""Whom an access reaches when the customer's record is there, is not, or comes back. In process, as the other scenes."""

from __future__ import annotations

import pytest

from drempel.domain.access import BookingState
from tests.simulation.stage import HOUR, Stage
from tests.simulation.world import BEGIN

NUMBER = "+31612345678"
OTHER = "+31687654321"


def addresses(stage: Stage, booking: str) -> set[str]:
    (live,) = stage.live(booking)
    return {recipient.address for recipient in live.recipients}


@pytest.mark.parametrize(("status", "body"), [(404, "empty"), (200, "html"), (200, "json"), (200, "empty")])
async def test_one_answer_that_is_no_customer_costs_nobody_his_sms(stage: Stage, status: int, body: str):
    stage.ireserve.faults.add(operation="read_customer", kind="status", status=status, body=body, times=2)
    booking = stage.book(start=BEGIN + 20 * HOUR)
    await stage.pass_time(60)
    assert NUMBER in addresses(stage, booking)
    assert stage.made(booking) == 1


@pytest.mark.parametrize(("status", "body"), [(404, "empty"), (200, "html"), (401, "empty")])
async def test_who_cannot_be_read_is_told_by_email_and_a_number_that_changes_later_is_followed(
    stage: Stage, status: int, body: str
):
    stage.ireserve.faults.add(operation="read_customer", kind="status", status=status, body=body, times=None)
    booking = stage.book(start=BEGIN + 20 * HOUR)
    await stage.pass_time(120)
    assert NUMBER not in addresses(stage, booking)
    stage.ireserve.faults.clear()
    await stage.pass_time(400, sweep=True)
    assert stage.made(booking) == 1, "that the number can be read now is no change"
    stage.ireserve.change_customer(stage.ireserve.booking(booking).customer_id, tel_mob=OTHER)
    await stage.pass_time(400, sweep=True)
    assert OTHER in addresses(stage, booking)
    assert stage.made(booking) == 2


async def test_who_needs_a_person_stays_on_the_list_though_his_customer_cannot_be_read(stage: Stage):
    """He is decided anew each hour: to insist then would take him off the list for a while, and it would say *since* that moment."""
    stage.ireserve.faults.add(operation="read_customer", kind="status", status=404, times=None)
    booking = stage.book(start=BEGIN + 20 * HOUR, email="")
    await stage.pass_time(120)
    since = (await stage.view(booking)).record.failure
    assert since is not None
    assert since.code == "visitor.unreachable"
    for _ in range(3):
        await stage.pass_time(3601)
        record = (await stage.view(booking)).record
        assert (record.state, record.failure) == (BookingState.NEEDS_PERSON, since)
    told = [event.data["code"] for event in (await stage.view(booking)).history if event.type == "failure"]
    assert told == ["source.broken", "visitor.unreachable"]
