from __future__ import annotations

from pathlib import Path

import pytest

from drempel.engine import setup_plan
from drempel.engine.sentences import Sentence
from drempel.web.pages.ahead import AHEAD, ahead, in_markup
from tests.web.pages.browser import HOSTILE

NAMES = {"object": {"81": "Large hall"}, "site": {"site-1": "Sports hall"}}
MAPPED = "object {object} at site {site} mapped to {doors}"
RULE, SITE, NONE = "{what} {before} -> {after}", "site {site_before} -> {site}", Sentence("none")


@pytest.mark.parametrize("template", AHEAD)
def test_what_is_said_ahead_is_a_sentence_of_the_plan_with_the_same_blanks(template: str) -> None:
    assert f'"{template}"' in Path(setup_plan.__file__).read_text(encoding="utf-8")
    blanks = {
        "name",
        "kind",
        "url",
        "source",
        "objects",
        "how",
        "count",
        "what",
        "before",
        "after",
        "object",
        "site",
        "site_before",
    }
    assert AHEAD[template].format(**dict.fromkeys({*blanks, "change", "doors"}, "x"))


def test_nothing_is_said_of_what_will_be_as_if_it_were_done() -> None:
    line = Sentence("changed integration {name}: {change}", name="doors", change=Sentence("now active"))
    assert ahead(line) == "the integration will be active"


def test_what_the_form_says_in_words_is_not_said_in_codes() -> None:
    line = Sentence("{what} {before} -> {after}", what=Sentence("follow changes"), before="any", after="trigger")
    assert ahead(line) == "follow changes: at a trigger status only instead of at any status that is not a revoke status"


def test_a_country_is_said_by_its_name() -> None:
    line = ahead(Sentence("{what} {before} -> {after}", what=Sentence("default country"), before="BE", after="NL"))
    told = in_markup(line, {"default country": {"NL": "Netherlands"}}, str)
    assert told == "Default country: <bdi>Netherlands</bdi> (NL) instead of <bdi>BE</bdi>"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            Sentence(RULE, what=Sentence("booking field"), before=NONE, after="custom05"),
            "booking field: custom05; so far not set",
        ),
        (
            Sentence(RULE, what=Sentence("booking field"), before="custom05", after=NONE),
            "booking field: not set any more; so far custom05",
        ),
        (Sentence(SITE, site_before=NONE, site="site-1"), "site: site-1; so far not set"),
        (Sentence(SITE, site_before="site-1", site=NONE), "site: not set any more; so far site-1"),
        (Sentence(SITE, site_before="none", site="site-1"), "site: site-1 instead of none"),
    ],
)
def test_nothing_before_or_after_is_said_without_a_word_that_has_a_gender(line: Sentence, told: str) -> None:
    assert ahead(line) == told


def test_an_id_gives_way_to_its_name_and_stands_small_without_one() -> None:
    named = in_markup(Sentence(MAPPED, object="81", site="site-1", doors="Gate"), NAMES, str)
    assert named == "Object <bdi>Large hall</bdi> at site <bdi>Sports hall</bdi> mapped to <bdi>Gate</bdi>"
    unnamed = in_markup(Sentence(MAPPED, object="82", site="site-2", doors="Gate"), NAMES, str)
    assert unnamed.startswith('Object <small class="quiet"><bdi>82</bdi></small> at')


def test_whatever_others_call_their_things_stays_text() -> None:
    told = in_markup(Sentence(MAPPED, object="81", site=HOSTILE, doors=HOSTILE), {"object": {"81": HOSTILE}}, str)
    assert "<script" not in told
    assert "<img" not in told
