from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from drempel.domain.access import SetState
from drempel.domain.comparison import FoundSet, Life, after_drift, compare
from drempel.domain.verdict import Field
from drempel.domain.window import AccessWindow
from tests.factories import END, HALL, MAIN, NOW, START, STORAGE, make_intent, make_set

HOUR = timedelta(hours=1)
WINDOW = make_intent().window
NARROW = AccessWindow(valid_from=START, valid_to=END)
WIDE = AccessWindow(valid_from=WINDOW.valid_from, valid_to=END + HOUR)


def row(**changes: object) -> FoundSet:
    values: dict[str, object] = {
        "id": "id-1",
        "display_name": make_set().display_name,
        "is_remote_access": True,
        "component_ids": frozenset({MAIN, HALL}),
        "window": WINDOW,
        "life": Life.LIVE,
    }
    return FoundSet(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "fields", "opens_more", "as_asked"),
    [
        ({}, (), False, True),
        ({"window": NARROW}, (Field.WINDOW,), False, False),
        ({"window": WIDE}, (Field.WINDOW,), True, False),
        ({"window": None}, (Field.WINDOW,), True, False),
        ({"component_ids": frozenset({MAIN})}, (Field.DOORS,), False, True),
        ({"component_ids": frozenset({MAIN, HALL, STORAGE})}, (Field.DOORS,), True, False),
        ({"component_ids": frozenset({HALL, STORAGE})}, (Field.DOORS,), True, False),
        ({"component_ids": frozenset()}, (Field.DOORS,), False, False),
        ({"component_ids": frozenset(), "tells_doors": False}, (), False, False),
        ({"id": "id-2"}, (Field.ID,), False, True),
        ({"display_name": "other"}, (Field.NAME,), False, True),
        ({"display_name": ""}, (), False, True),
        ({"life": Life.NOT_LIVE}, (Field.STATUS,), False, True),
        ({"life": Life.UNCLEAR}, (), False, True),
    ],
)
def test_a_row_is_compared_with_what_its_set_was_made_for(changes, fields, opens_more, as_asked):
    found = compare(make_set(), row(**changes))
    assert (found.fields, found.opens_more, found.is_as_asked) == (fields, opens_more, as_asked)


def test_a_door_that_was_left_out_makes_a_row_no_other_than_the_one_asked_for_and_is_named_all_the_same():
    found = compare(make_set(), row(component_ids=frozenset({MAIN})))
    assert (found.is_as_asked, found.missing_ids, found.fields) == (True, frozenset({HALL}), (Field.DOORS,))


@pytest.mark.parametrize(
    ("shown", "state", "reason"),
    [
        (row(), None, None),
        (row(window=NARROW), None, None),
        (row(life=Life.UNCLEAR), None, None),
        (row(window=WIDE), SetState.REVOKING, "access.changed_elsewhere"),
        (row(window=WIDE, life=Life.UNCLEAR), SetState.REVOKING, "access.changed_elsewhere"),
        (None, SetState.REVOKING, "access.changed_elsewhere"),
        (row(life=Life.NOT_LIVE), SetState.REVOKED, "access.ended_elsewhere"),
        (row(life=Life.NOT_LIVE, window=WIDE), SetState.REVOKED, "access.ended_elsewhere"),
    ],
)
def test_only_a_set_that_ended_vanished_or_opens_more_has_drifted(shown, state, reason):
    after = after_drift(make_set(), shown, now=NOW)
    assert (after and after.state, after and after.revoke_reason) == (state, reason)


def test_before_its_id_is_known_any_id_will_do():
    assert compare(replace(make_set(), authorization_id=None), row(id="another")).fields == ()
