"""Answers become models: instants, ids, and the words that say whether access lives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drempel.resivo import AnswerBroken, Liveness, load_profile
from drempel.resivo.reading import Reader, parse_instant
from drempel.resivo.writing import format_instant
from tests.resivo.factories import answer, written_client

AT = datetime(2026, 3, 14, 8, 45, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-14T08:45:00Z", AT),
        ("2026-03-14T08:45:00.0Z", AT),
        ("2026-03-14T08:45:00.000Z", AT),
        ("2026-03-14T08:45:00.000000Z", AT),
        ("2026-03-14T08:45:00.000000000Z", AT),
        ("2026-03-14T08:45:00.5Z", AT + timedelta(milliseconds=500)),
        ("2026-03-14T08:45:00.123456789Z", AT + timedelta(microseconds=123_456)),
        ("2026-03-14T09:45:00+01:00", AT),
        ("2026-03-14T09:45:00.000+0100", AT),
        ("2026-03-14T08:45:00-00:00", AT),
    ],
)
def test_an_instant_has_any_number_of_decimals_and_z_or_an_offset(text: str, expected: datetime) -> None:
    assert parse_instant(text) == expected
    assert parse_instant(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-14T08:45:00",
        "2026-03-14 08:45:00Z",
        "2026-03-14",
        "2026-02-30T08:45:00Z",
        "2026-03-14T24:45:00Z",
        "2026-03-14T08:45:60Z",
        "2026-03-14T08:45:00.0000000000Z",
        "2026-03-14T08:45:00.Z",
        "٢٠٢٦-03-14T08:45:00Z",
        "0001-01-01T00:00:00+10:00",
        "9999-12-31T23:59:59-10:00",
        "2026-03-14T08:45:00+99:99",
        "",
    ],
)
def test_what_is_no_instant_is_not_guessed(text: str) -> None:
    with pytest.raises(ValueError):
        parse_instant(text)


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2900, 1, 1)), st.integers(-14 * 60, 14 * 60))
def test_an_instant_survives_the_way_there_and_back(naive: datetime, offset_minutes: int) -> None:
    at = naive.replace(tzinfo=timezone(timedelta(minutes=offset_minutes)))
    assert parse_instant(format_instant(at, decimals=6)) == at


@pytest.mark.parametrize(
    ("decimals", "text"), [(0, "2026-03-14T08:45:00Z"), (3, "2026-03-14T08:45:00.000Z"), (9, "2026-03-14T08:45:00.000000000Z")]
)
def test_instants_are_written_with_the_decimals_of_the_profile(decimals: int, text: str) -> None:
    assert format_instant(AT, decimals=decimals) == text


ACTIVE = {"status": "active", "isExpired": False}
EXPIRED = {"status": "active", "isExpired": True}
REVOKED = {"status": "revoked", "isExpired": False}


@pytest.mark.parametrize(
    ("status", "credentials", "liveness"),
    [
        ("active", [ACTIVE, ACTIVE], Liveness.LIVE),
        ("active", [EXPIRED, ACTIVE], Liveness.LIVE),
        ("active", [{"status": "active"}], Liveness.LIVE),
        ("active", [], Liveness.LIVE),
        ("active", None, Liveness.LIVE),
        ("active", [EXPIRED, EXPIRED], Liveness.NOT_LIVE),
        ("active", [REVOKED, EXPIRED], Liveness.NOT_LIVE),
        ("revoked", [ACTIVE], Liveness.NOT_LIVE),
        ("revoked", [], Liveness.NOT_LIVE),
        ("paused", [ACTIVE], Liveness.UNKNOWN_WORD),
        ("Active", [ACTIVE], Liveness.UNKNOWN_WORD),
        (None, [ACTIVE], Liveness.UNKNOWN_WORD),
        ("active", [{"status": "paused"}], Liveness.UNKNOWN_WORD),
        ("active", [{"status": "paused", "isExpired": True}], Liveness.NOT_LIVE),
        ("active", [{}], Liveness.UNKNOWN_WORD),
        ("active", "all", Liveness.UNKNOWN_WORD),
    ],
)
def test_liveness_follows_the_words(status: str | None, credentials: Any, liveness: Liveness) -> None:
    row = {"id": "1", "displayName": "x", "status": status, "credentials": credentials}
    assert Reader(load_profile("assumed-v8")).listed_authorization(row).liveness is liveness


async def test_a_component_without_online_is_not_known_to_be_offline() -> None:
    rows = [{"id": 1, "displayName": "A"}, {"id": "b", "displayName": "B", "online": False}, {"id": "c", "online": "yes"}]
    client, _, _ = written_client(lambda _: answer(200, rows))
    assert [(one.id, one.display_name, one.online) for one in await client.list_components("s")] == [
        ("1", "A", None),
        ("b", "B", False),
        ("c", "", None),
    ]


async def test_text_that_no_database_can_hold_is_replaced() -> None:
    client, _, _ = written_client(lambda _: answer(200, [{"id": "a", "displayName": "x\ud800y\x00z"}]))
    (component,) = await client.list_components("s")
    assert component.display_name == "x\N{REPLACEMENT CHARACTER}y\N{REPLACEMENT CHARACTER}z"


@pytest.mark.parametrize("identity", ["", ".", "..", "a\x00b", "\ud800", "x" * 257, None, True, 1.5, [], {}])
async def test_an_id_that_cannot_be_used_breaks_the_answer(identity: object) -> None:
    client, _, _ = written_client(lambda _: answer(200, [{"id": identity, "displayName": "A"}]))
    with pytest.raises(AnswerBroken):
        await client.list_components("s")


@pytest.mark.parametrize("changed", [{"restrictions": {"validTo": "tomorrow"}}, {"componentIds": "all"}, {"credentials": 7}])
async def test_a_row_of_ours_that_cannot_be_read_whole_breaks_the_search_but_not_the_listing(changed: dict[str, Any]) -> None:
    row = {"id": "1", "displayName": "ours", "status": "active", **changed}
    client, _, _ = written_client(lambda request: answer(200, [row] if "page=1&" in request.url else []))
    with pytest.raises(AnswerBroken):
        await client.find_authorizations("s", display_name="ours")
    assert await client.find_authorizations("s", display_name="other") == []
    (listed,) = [one async for one in client.list_authorizations("s")]
    assert len(listed.unreadable) == 1
    single, _, _ = written_client(lambda _: answer(200, row))
    with pytest.raises(AnswerBroken):
        await single.read_authorization("s", "1")


async def test_an_answer_about_another_authorization_is_broken() -> None:
    client, _, _ = written_client(lambda _: answer(200, {"id": "2", "status": "active"}))
    with pytest.raises(AnswerBroken):
        await client.read_authorization("s", "1")


async def test_any_other_object_in_the_place_of_an_authorization_is_not_taken_for_one() -> None:
    client, _, _ = written_client(lambda _: answer(200, {"message": "Accepted"}))
    with pytest.raises(AnswerBroken):
        await client.read_authorization("s", "1")


async def test_an_authorization_without_id_is_the_one_that_was_asked_for() -> None:
    client, _, _ = written_client(lambda _: answer(200, {"status": "active", "credentials": [ACTIVE]}))
    found = await client.read_authorization("s", "1")
    assert found.id == "1"
    assert found.liveness is Liveness.LIVE
    assert found.is_remote_access is None
