"""Every code that the domain and the engine can say has its word on the pages."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest

from drempel.domain import access, decision
from drempel.domain.access import BookingState, SetState
from drempel.domain.events import EVENT_TYPES
from drempel.domain.failures import CATALOGUE
from drempel.domain.policy import FollowChanges, StatusMeaning
from drempel.domain.verdict import Field, Verdict
from drempel.engine import converge, reconcile
from drempel.web.pages.language import speech
from drempel.web.pages.offers import Button, Question
from drempel.web.pages.rendering import TEMPLATES, environment

REASON = re.compile(r'"((?:access|booking|integration|object|status)\.[a-z_]+)"')
WORDS: Any = environment(speech("en")).get_template("pages/words.html").module


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (WORDS.STATE, BookingState),
        (WORDS.STATE_SENTENCE, BookingState),
        (WORDS.SET_STATE, SetState),
        (WORDS.FOLLOW, FollowChanges),
        (WORDS.VERDICT, Verdict),
        (WORDS.DIFFERS, Field),
    ],
)
def test_each_has_its_word(words: dict[str, str], codes: Any) -> None:
    assert set(words) == {code.value for code in codes}


@pytest.mark.parametrize("meaning", StatusMeaning)
def test_each_meaning_of_a_status_is_told(meaning: StatusMeaning) -> None:
    assert "status of <bdi>doors</bdi>" in WORDS.meaning(meaning.value, "doors")


def test_each_reason_has_its_sentence() -> None:
    said = {reason for module in (access, decision, converge, reconcile) for reason in REASON.findall(inspect.getsource(module))}
    logged = {"booking.failure"}
    assert said - set(EVENT_TYPES) - set(CATALOGUE) - logged <= set(WORDS.REASON)


def test_each_reason_for_which_there_is_no_access_has_few_words_too() -> None:
    with_access = {"access.fits", "access.fits.offline", "access.superseded"}
    assert set(WORDS.SHORT_REASON) == {reason for reason in WORDS.REASON if not reason.endswith(".noted")} - with_access
    assert all(len(words.split()) <= 5 for words in WORDS.SHORT_REASON.values())


def test_each_failure_of_a_test_has_a_remedy_that_needs_no_saved_page() -> None:
    text = (TEMPLATES / "integrations" / "words.html").read_text(encoding="utf-8")
    told = set(re.findall(r'"((?:source|resivo|credential|site|setup)\.[a-z_]+)": _\(', text))
    outside = ("source.", "resivo.", "credential.", "site.", "setup.")
    assert told == {code for code in CATALOGUE if code.startswith(outside)}


def test_no_template_marks_text_as_safe() -> None:
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*safe|autoescape|Markup", text), path.name


def test_each_button_and_question_is_drawn() -> None:
    parts = (TEMPLATES / "pages" / "parts.html").read_text(encoding="utf-8")
    assert all(f'"{button.value}"' in parts for button in Button)
    assert all(f'"{question.value}": _("' in parts for question in Question)
    assert all(f'"{state.value}": "M' in parts for state in BookingState)
