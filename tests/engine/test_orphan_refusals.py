"""Why an order about one access is refused: for the command line with its commands, for pages with their buttons."""

from __future__ import annotations

import re
import string

import pytest

from drempel.engine.orphan_refusals import ON_PAGES, ORPHAN_REFUSALS, refusal

PARAMS = {"id": "auth-1", "booking": "1363", "source": "club", "name": "Hall 1"}


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", ORPHAN_REFUSALS)
def test_on_pages_a_refusal_names_buttons_and_pages_and_no_command(code: str) -> None:
    said = refusal(code, **PARAMS).sentence_on_pages_in(str)
    assert not re.search(r"`|\bdrempel [a-z]|--[a-z]", said)
    assert said.endswith(".")
    assert "{" not in said


@pytest.mark.parametrize("code", ON_PAGES)
def test_on_pages_the_same_is_told_of_the_same_booking(code: str) -> None:
    assert blanks(ON_PAGES[code]) == blanks(ORPHAN_REFUSALS[code])
    assert "`" in ORPHAN_REFUSALS[code]


def test_elsewhere_the_command_stays() -> None:
    assert "`drempel audit --revoke auth-1`" in refusal("one_too_many", **PARAMS).sentence
