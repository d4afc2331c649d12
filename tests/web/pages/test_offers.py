"""Which buttons a booking gets; the one that the remedy speaks of comes first."""

from __future__ import annotations

from typing import Any

import pytest

from drempel.domain.access import BookingState, SetState
from drempel.domain.failures import Failure
from drempel.domain.phone import NoSms
from drempel.web.pages.offers import Button, Question, buttons, open_question
from tests.engine.stand_in import NOW, a_set, a_view

NEEDS = BookingState.NEEDS_PERSON
RETRY, REVOKE, RESOLVE, RELEASE = Button.RETRY, Button.REVOKE, Button.RESOLVE, Button.RELEASE_BRAKE
CHOOSE, COUNTRY, AGAIN = Button.CHOOSE_DOOR, Button.SET_COUNTRY, Button.ISSUE_AGAIN


@pytest.mark.parametrize(
    ("record", "states", "question", "expected"),
    [
        ({}, [], None, (RETRY,)),
        ({"state": BookingState.GRANTED}, [SetState.LIVE], None, (RETRY, AGAIN, REVOKE)),
        ({"state": BookingState.GRANTED, "withheld": True}, [SetState.LIVE], None, (Button.GIVE_AGAIN,)),
        ({"state": BookingState.REVOKING, "withheld": True}, [SetState.REVOKING], None, (RETRY, Button.GIVE_AGAIN)),
        ({"state": BookingState.NONE, "existing": " doors "}, [], None, (Button.GIVE,)),
        ({"state": NEEDS, "withheld": True, "erase_ordered_at": NOW}, [], None, (RETRY,)),
        ({"state": BookingState.REVOKED}, [SetState.REVOKED], None, (RETRY,)),
        ({"state": BookingState.PENDING}, [SetState.INTENDED], None, (RETRY, REVOKE)),
        ({"reason": "object.unmapped", "object_id": "81"}, [], None, (Button.MAP_OBJECT, RETRY)),
        ({"reason": "object.unmapped"}, [], None, (RETRY,)),
        ({"state": NEEDS, "failure": Failure("source.refused")}, [], None, (Button.TO_ACCOUNT, RETRY)),
        ({"state": NEEDS, "failure": Failure("credential.refused")}, [], None, (Button.TO_CREDENTIAL, RETRY)),
        ({"state": NEEDS, "failure": Failure("setup.refused")}, [], None, (Button.TO_CREDENTIAL, RETRY)),
        ({"state": NEEDS, "failure": Failure("component.missing")}, [], None, (CHOOSE, RETRY)),
        ({"state": NEEDS, "failure": Failure("component.none_online")}, [], None, (Button.LOOK_AT_DOORS, RETRY)),
        (
            {"state": NEEDS, "failure": Failure("revoke.refused")},
            [SetState.REVOKING],
            Question.GONE,
            (RESOLVE, RETRY, REVOKE),
        ),
        (
            {"state": NEEDS, "failure": Failure("authorization.foreign")},
            [SetState.UNKNOWN],
            Question.OUTCOME,
            (RESOLVE, RETRY, REVOKE),
        ),
        (
            {"state": NEEDS, "failure": Failure("visitor.unreachable", {"reason": NoSms.NO_COUNTRY_CODE})},
            [],
            None,
            (COUNTRY, RETRY),
        ),
        ({"state": NEEDS, "failure": Failure("visitor.unreachable", {"reason": NoSms.NOT_VALID})}, [], None, (RETRY, COUNTRY)),
        ({"state": NEEDS, "failure": Failure("visitor.unreachable", {"reason": NoSms.EMPTY})}, [], None, (RETRY,)),
        ({"state": NEEDS, "failure": Failure("brake.tripped")}, [SetState.LIVE], None, (RELEASE, RETRY, AGAIN, REVOKE)),
        ({"state": NEEDS, "failure": Failure("field.foreign")}, [], Question.FIELD, (RESOLVE, RETRY)),
        (
            {"state": NEEDS, "failure": Failure("access.outcome_unknown_no_list")},
            [SetState.UNKNOWN],
            Question.OUTCOME,
            (RESOLVE, RETRY, REVOKE),
        ),
        (
            {"state": NEEDS, "failure": Failure("access.id_unknown")},
            [SetState.UNKNOWN, SetState.REVOKING],
            Question.OUTCOME,
            (RESOLVE, RETRY, REVOKE),
        ),
        (
            {"state": BookingState.PENDING, "failure": Failure("access.outcome_unknown")},
            [SetState.UNKNOWN],
            Question.OUTCOME,
            (RETRY, REVOKE),
        ),
        (
            {"state": NEEDS, "failure": Failure("authorization.not_found")},
            [SetState.REVOKING],
            Question.GONE,
            (RESOLVE, RETRY, REVOKE),
        ),
        ({"state": NEEDS, "failure": Failure("access.unclear")}, [SetState.REVOKING], Question.GONE, (RESOLVE, RETRY, REVOKE)),
        ({"state": NEEDS, "failure": Failure("access.unclear")}, [SetState.UNKNOWN], Question.OUTCOME, (RESOLVE, RETRY, REVOKE)),
    ],
)
def test_buttons_fit_what_stands_open(
    record: dict[str, Any], states: list[SetState], question: Question | None, expected: tuple[Button, ...]
) -> None:
    view = a_view(sets=[a_set(number, state=state) for number, state in enumerate(states, start=1)], **record)
    assert open_question(view) is question
    assert buttons(view) == expected
