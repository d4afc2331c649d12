from __future__ import annotations

import pytest

from drempel.domain.access import BookingState, SetState
from drempel.domain.readiness import readiness
from drempel.domain.verdict import Field, ReadBack, Verdict
from tests.factories import HALL, NOW, make_set

READY, NOT_READY, CANNOT_KNOW = Verdict.READY, Verdict.NOT_READY, Verdict.CANNOT_KNOW
GRANTED, PENDING, NEEDS_PERSON, REVOKING = (
    BookingState.GRANTED,
    BookingState.PENDING,
    BookingState.NEEDS_PERSON,
    BookingState.REVOKING,
)


def live(verdict=READY, *fields: Field, **more):
    read = ReadBack(
        verdict=verdict, fields=fields, missing_ids=frozenset({HALL}) if Field.DOORS in fields else frozenset(), at=NOW
    )
    return make_set(read_back=read, **more)


@pytest.mark.parametrize(
    ("sets", "state", "reason", "failure", "verdict", "cause"),
    [
        ([live()], GRANTED, "access.fits", "", READY, ""),
        ([make_set()], GRANTED, "access.fits", "", CANNOT_KNOW, ""),
        ([live(), live(CANNOT_KNOW, Field.STATUS)], GRANTED, "", "", CANNOT_KNOW, "status"),
        ([live(CANNOT_KNOW), live(NOT_READY, Field.DOORS, Field.WINDOW)], GRANTED, "", "", NOT_READY, "window,doors"),
        # One site has its access, another has not.
        ([live()], NEEDS_PERSON, "", "component.missing", NOT_READY, "component.missing"),
        # What says nothing against access that is there.
        ([live()], NEEDS_PERSON, "", "authorization.not_found", READY, ""),
        ([live()], REVOKING, "", "resivo.unreachable", READY, ""),
        ([live()], GRANTED, "", "writeback.failed", READY, ""),
        ([live()], NEEDS_PERSON, "", "source.refused", READY, ""),
        # Access that the visitor is not to have any more is no access.
        ([live(right_ended_at=NOW)], PENDING, "", "resivo.unreachable", NOT_READY, "resivo.unreachable"),
        ([live(right_ended_at=NOW)], NEEDS_PERSON, "booking.gone", "brake.tripped", None, None),
        # None there.
        ([], PENDING, "", "resivo.unreachable", NOT_READY, "resivo.unreachable"),
        ([], NEEDS_PERSON, "", "visitor.unreachable", NOT_READY, "visitor.unreachable"),
        ([make_set(state=SetState.REVOKING)], REVOKING, "revoke.unfinished", "", NOT_READY, "revoking"),
        # And none wanted.
        ([], BookingState.NONE, "object.unmapped", "", None, None),
        ([make_set(state=SetState.REVOKING)], REVOKING, "status.revoke", "resivo.unreachable", None, None),
        ([make_set(state=SetState.REVOKING)], NEEDS_PERSON, "status.revoke", "authorization.not_found", None, None),
        ([make_set(state=SetState.REVOKED)], BookingState.REVOKED, "status.revoke", "", None, None),
        ([make_set(state=SetState.ENDED)], BookingState.ENDED, "booking.over", "", None, None),
    ],
)
def test_the_worst_set_decides_and_a_booking_that_wants_no_access_has_no_verdict(sets, state, reason, failure, verdict, cause):
    found = readiness(sets, state=state, reason=reason, failure_code=failure)
    if found is None:
        assert verdict is None
        return
    told = ",".join(sorted(found.cause.split(","))), ",".join(sorted(cause.split(",")))
    assert (found.verdict, told[0]) == (verdict, told[1])


def test_missing_doors_are_told_by_name():
    found = readiness([live(NOT_READY, Field.DOORS)], state=GRANTED, reason="", failure_code="")
    assert found is not None
    assert [(one.field, one.names) for one in found.differs] == [("doors", ("Hall 1",))]
