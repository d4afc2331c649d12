"""Names, passwords, the life of a session, and the pauses after wrong tries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from drempel.domain.sign_in import by_address, by_name, name_key, password_problem, person_name, session_over

NOW = datetime(2026, 3, 14, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("age", "unused", "over"),
    [
        (HOUR, HOUR, False),
        (12 * HOUR, 12 * HOUR - TICK, False),
        (12 * HOUR, 12 * HOUR, True),
        (7 * 24 * HOUR - TICK, HOUR, False),
        (7 * 24 * HOUR, timedelta(), True),
    ],
)
def test_a_session_ends_after_twelve_idle_hours_or_seven_days(age: timedelta, unused: timedelta, over: bool) -> None:
    assert session_over(started_at=NOW - age, seen_at=NOW - unused, now=NOW) is over


def test_pauses_grow_and_stay_short_enough_for_the_rightful() -> None:
    seconds = [by_name.pause_after(tries).total_seconds() for tries in (0, 1, 4, 5, 6, 7, 13, 14, 10_000)]
    assert seconds == [0, 0, 0, 2, 4, 8, 512, 900, 900]
    assert [by_address.pause_after(tries).total_seconds() for tries in (19, 20, 24, 25, 10_000)] == [0, 2, 32, 60, 60]


@pytest.mark.parametrize("name", ["anna", "Anna de Vries", "José", "Łukasz", "李", "a.b-c_d@e.nl", "O'Brien", "1", "x" * 64])
def test_a_name_may_be_of_any_script(name: str) -> None:
    assert person_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["", " ", "x" * 65, "<script>", "a\nb", "a\u200bb", "a\u202eb", "a  b", "-a", "a/b", "a\x00", "a\ud800", "\N{GRINNING FACE}"],
)
def test_an_odd_name_is_refused(name: str) -> None:
    assert person_name(name) is None


def test_two_names_that_look_alike_are_one() -> None:
    assert person_name(" Anna ") == "Anna"
    assert {name_key(name) for name in ("Anna", "ANNA", "\uff21nna", " anna")} == {"anna"}
    assert person_name("\uff21nna") == "Anna"


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("x" * 11, "password.short"),
        ("x" * 12, None),
        ("x" * 256, None),
        ("x" * 257, "password.long"),
        ("anna de vries", "password.is_name"),
        ("correct horse battery", None),
        ("            ", None),
    ],
)
def test_a_password_is_judged_by_its_length_alone(password: str, problem: str | None) -> None:
    assert password_problem(password, name="Anna de Vries") == problem
