from __future__ import annotations

import re
import string
from datetime import UTC, datetime

import pytest

from drempel.domain.failures import CATALOGUE, Failure


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_failure_is_a_sentence_with_a_remedy(code):
    failure = Failure(code)
    assert failure.message.strip()
    assert failure.remedy.strip().endswith((".", "`.", "?"))
    assert code.count(".") == 1
    assert set(code) <= set(string.ascii_lowercase + "._")


def test_blanks_are_filled_and_a_missing_one_is_a_question_mark():
    assert "'" not in Failure("component.missing", {"names": "Hall 1"}).message
    assert "Hall 1" in Failure("component.missing", {"names": "Hall 1"}).message
    assert "?" in Failure("component.missing").message


def test_an_unknown_code_cannot_be_made():
    with pytest.raises(AssertionError):
        Failure("no.such")


@pytest.mark.parametrize("code", CATALOGUE)
def test_on_pages_a_remedy_names_buttons_and_pages_and_no_command(code):
    remedy = Failure(code).remedy_on_pages_in(str)
    assert not re.search(r"`|\bdrempel [a-z]|--[a-z]|base_url", remedy)
    assert remedy.endswith((".", "?"))


def test_on_pages_the_words_of_the_other_side_stand_apart():
    refused = Failure("credential.refused", {"integration": "doors", "detail": "token answered 401"})
    assert refused.plain_message_in(str) == "Resivo refuses the credential of integration doors."
    assert refused.quoted == "token answered 401"
    named = Failure("access.refused", {"detail": "Component not found"})
    assert named.plain_message_in(str) == named.message
    assert named.quoted == ""


def test_a_failure_says_since_when_if_that_was_noted():
    assert Failure("internal.error").since is None
    assert Failure("internal.error", {"since": "2026-03-14T08:00:00+00:00"}).since == datetime(2026, 3, 14, 8, tzinfo=UTC)
