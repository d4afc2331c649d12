"""Every failure has its help, and what is told can be read and translated."""

from __future__ import annotations

import pytest

from drempel.domain.failures import CATALOGUE
from drempel.domain.help import HELP, SITUATIONS, Help, HelpPage, at_resivo, booking_system, docs_page, doors

EVERY = {**HELP, **SITUATIONS}


def test_what_is_no_failure_has_no_code_of_one() -> None:
    assert not set(SITUATIONS) & set(CATALOGUE)


def test_every_failure_has_help_and_there_is_no_other() -> None:
    written = [*booking_system.BOOKING_SYSTEM, *doors.DOORS, *at_resivo.AT_RESIVO]
    assert sorted(written) == sorted(CATALOGUE)
    assert list(HELP) == list(CATALOGUE)


@pytest.mark.parametrize("helps", EVERY.values(), ids=EVERY)
def test_help_is_whole_sentences_without_blanks(helps: Help) -> None:
    assert 2 <= len(helps.steps) <= 5
    assert helps.meanwhile
    for sentence in helps.sentences:
        assert "{" not in sentence
        assert sentence == sentence.strip()
    assert not helps.title.endswith(".")
    assert all(sentence.endswith((".", "?")) for sentence in helps.sentences[1:])


@pytest.mark.parametrize("helps", EVERY.values(), ids=EVERY)
def test_help_names_a_page_once_and_one_at_least(helps: Help) -> None:
    assert 0 < len(helps.pages) == len(set(helps.pages))


def test_every_page_of_repair_is_used() -> None:
    assert {page for helps in HELP.values() for page in helps.pages} == set(HelpPage)


def test_the_docs_page_is_named_like_the_code() -> None:
    assert docs_page("source.refused") == "docs/troubleshooting/source.refused.md"
