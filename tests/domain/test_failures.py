from __future__ import annotations

import string

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
