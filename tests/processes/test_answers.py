"""What becomes of an answer that is lost, late, or a refusal: one set, one message, and no access that outlives its right."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.processes.programs import eventually
from tests.processes.world import World

pytestmark = [pytest.mark.processes, pytest.mark.asyncio(loop_scope="session")]

ANSWERS_OF_A_CREATE = (
    ("lost_before", {}),
    ("lost_after", {}),
    ("status", {"status": 500, "done": True}),
    ("status", {"status": 502, "body": "html", "done": True}),
    ("status", {"status": 503, "retry_after": 1, "done": True}),
    ("status", {"status": 500, "body": "empty"}),
    ("slow", {"seconds": 1.4, "work": "after"}),
)
ANSWERS_OF_A_REVOKE = (
    ("lost_before", {}),
    ("lost_after", {}),
    ("status", {"status": 500, "done": True}),
    ("status", {"status": 503, "retry_after": 1}),
    ("slow", {"seconds": 1.4, "work": "after"}),
)


async def test_whatever_became_of_the_answer_to_a_create_there_is_one_set_and_one_message(club: World) -> None:
    visits = []
    for kind, options in ANSWERS_OF_A_CREATE:
        fault = club.resivo_fault("create_remote_access", kind, **options)
        visits.append(club.confirmed())
        await club.taken(fault)
    await club.granted(*visits)
    assert [len(club.sets(visit)) for visit in visits] == [1] * len(visits)


async def test_whatever_became_of_the_answer_to_a_revoke_nothing_stays_open(club: World) -> None:
    visits = [club.confirmed() for _ in ANSWERS_OF_A_REVOKE]
    ended_in_the_portal = club.confirmed()
    await club.granted(*visits, ended_in_the_portal)
    club.resivo.portal_revoke(club.live(ended_in_the_portal)[0].id)
    club.cancel(ended_in_the_portal)
    for visit, (kind, options) in zip(visits, ANSWERS_OF_A_REVOKE, strict=True):
        fault = club.resivo_fault("revoke_authorization", kind, **options)
        club.cancel(visit)
        await club.taken(fault)
    await club.revoked(*visits, ended_in_the_portal)


async def test_whatever_became_of_the_write_back_the_field_holds_the_id(club: World) -> None:
    visits = []
    for kind, options in (("lost_before", {}), ("lost_after", {}), ("status", {"status": 500}), ("status", {"status": 412})):
        fault = club.ireserve_fault("write_booking_field", kind, **options)
        visits.append(club.confirmed())
        await club.taken(fault)
    await club.granted(*visits)


async def test_a_late_twin_is_found_by_its_name_and_revoked(club: World) -> None:
    """The create is lost, looked for twice, and sent again; then the first one arrives after all."""
    club.resivo_fault("create_remote_access", "late", late_seconds=6)
    visit = club.confirmed()
    await club.granted(visit)
    kept = club.field(visit)
    await eventually(lambda: len(club.live(visit)) == 2)
    await club.make_older(timedelta(seconds=61))
    await eventually(lambda: len(club.live(visit)) == 1, saying=club.told)
    await club.granted(visit, messages=2)
    assert club.field(visit) == kept
    assert (await club.history(visit))["access.twin_revoked"] == 1


async def test_a_pause_that_resivo_asks_for_is_kept_by_everybody_with_that_credential(club: World) -> None:
    club.resivo_fault("create_remote_access", "status", status=429, retry_after=2)
    began = club.resivo.clock.now()
    first = club.confirmed()
    await club.until(first, "pending", "resivo.busy")
    second = club.confirmed()
    await club.granted(first, second)
    [refused] = [call.at for call in club.resivo.calls.of("create_remote_access") if call.status == 429 and call.at > began]
    made = [one.created_at for visit in (first, second) for one in club.sets(visit)]
    assert min(made) - refused >= timedelta(seconds=2)


async def test_a_token_that_ends_early_is_renewed_without_a_word(club: World) -> None:
    first = club.confirmed()
    await club.granted(first)
    club.resivo.end_tokens()
    second = club.confirmed()
    await club.granted(second)
    club.resivo.end_tokens()
    club.cancel(first)
    await club.revoked(first)
    assert [(await club.history(visit))["failure"] for visit in (first, second)] == [0, 0]


async def test_a_wrong_client_secret_asks_for_a_person_and_apply_with_the_right_one_heals_it(club: World) -> None:
    had = club.confirmed()
    await club.granted(had)
    club.keep_secret(club.credential.client_secret, "a former client secret")
    club.credential.client_secret = "another-secret-that-nobody-told-drempel"
    club.resivo.end_tokens()
    visit = club.confirmed()
    seen = await club.until(visit, "needs_person", "credential.refused")
    assert "drempel apply" in seen["failure"]["remedy"]
    assert club.live(had)
    assert club.sets(visit) == []
    said = await club.say("apply", str(club.write_set_up()))
    assert any("doors" in line for line in said.lines)
    await club.granted(had, visit)
