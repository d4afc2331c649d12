from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
from babel.messages.extract import extract_from_file

from drempel.engine import setup_plan
from drempel.engine.sentences import Sentence
from drempel.engine.trail import COMMAND_LINE, TrailEntry
from drempel.web.pages.kept_sentences import AS_KEPT, Told, found_again, told
from tests.web.pages.browser import HOSTILE

NOT_KEPT: Final = (
    "{first}; {second}",
    " live access",
    " accesses that are live",
    " access that is live",
    "Source",
    "Integration",
)
"""Refusals and notes: they are shown and not written down."""
SAMPLE: Final = {
    "name": "doors",
    "source": "club",
    "kind": "ireserve",
    "url": "https://club.i-reserve.net",
    "object": "81",
    "site": "b6f0c9d2-7f",
    "site_before": "site-1",
    "doors": "Main entrance, Hall 1",
    "before": "15 min",
    "after": "30 min",
    "count": "2",
    "objects": Sentence("{count} objects mapped", count="2"),
    "how": Sentence("not active"),
}


def templates() -> list[str]:
    found = extract_from_file("python", Path(setup_plan.__file__), keywords={"Sentence": None, "template": None})
    return sorted({str(each[1]) for each in found if not any(part in str(each[1]) for part in NOT_KEPT)})


def filled(template: str, **others: str) -> Sentence:
    """With a sample in each of its blanks."""
    return Sentence(template, **{key: value for key, value in {**SAMPLE, **others}.items() if f"{{{key}}}" in template})


def kept(template: str) -> Sentence:
    """A line of the trail in which the template stands."""
    change = filled("{what} {before} -> {after}", what=Sentence("time before"))
    if template in {"1 object mapped", "{count} objects mapped", "active", "not active"}:
        line = "created integration {name} (source {source}, {objects}, {how})"
        return filled(line, **{"objects" if "mapped" in template else "how": filled(template)})
    if template == "integration":
        return filled("removed {what} {name}", what=Sentence(template))
    if template.startswith(("created", "removed", "integration {name}")):
        return filled(template, what=Sentence("source"))
    if template in {"yes", "no", "none", "that of the profile"}:
        change = filled("{what} {before} -> {after}", what=Sentence("base url"), before=Sentence(template))
    elif "{change}" in template:
        return filled(template, change=change)
    elif "{what}" not in template:
        rule = "{" not in template and not template.endswith(("changed", "active", "order"))
        change = filled("{what} {before} -> {after}", what=Sentence(template)) if rule else filled(template)
    return filled("changed integration {name}: {change}", change=change)


def parts(sentence: str | None) -> object:
    if not isinstance(sentence, Sentence):
        return sentence
    return sentence.template, {key: parts(value) for key, value in sentence.blanks.items()}


@pytest.mark.parametrize("template", templates())
def test_every_sentence_of_a_plan_is_found_again_in_the_text_that_the_trail_keeps(template: str) -> None:
    line = kept(template)
    assert template in repr(parts(line))
    assert parts(found_again(str(line))) == parts(line)


def test_what_fits_no_sentence_stays_as_it_is() -> None:
    for text in ("Anna", "", "changed integration doors: something else", "created source"):
        assert found_again(text) is None
        assert told(TrailEntry(actor=COMMAND_LINE, type="setup.change", about=text), {}, str).about == (
            f"<bdi>{text}</bdi>" if text else ""
        )


def test_a_door_with_an_arrow_in_its_name_is_not_guessed_at() -> None:
    assert found_again("changed integration doors: object 81 at site s: Hall -> Gate -> Hall") is None


def shown(about: str, *, type_: str = "setup.change", before: str = "", after: str = "") -> Told:
    entry = TrailEntry(actor=COMMAND_LINE, type=type_, about=about, before=before, after=after)
    return told(entry, {"site": {"site-1": "Sports hall"}, "default country": {"DE": "Germany"}}, str)


def test_what_was_and_what_is_stand_in_a_column_of_their_own() -> None:
    line = shown("changed integration doors: object 81 at site site-1: Main entrance, Hall 1 -> Gate")
    assert line.about.striptags() == "Integration doors: doors of object 81 at site Sports hall"
    assert (line.before, line.after) == ("<bdi>Main entrance, Hall 1</bdi>", "<bdi>Gate</bdi>")
    rule = shown("changed integration doors: default country none -> NL")
    assert (rule.about.striptags(), rule.before, rule.after) == ("Integration doors: default country", "none", "<bdi>NL</bdi>")
    named = shown("changed integration doors: default country NL -> DE")
    assert (named.before, named.after) == ("<bdi>NL</bdi>", "<bdi>Germany</bdi> (DE)")
    moved = shown("changed integration doors: site none -> site-1")
    assert (moved.about.striptags(), moved.before, moved.after) == ("Integration doors: site", "none", "<bdi>Sports hall</bdi>")
    followed = shown("changed integration doors: follow changes any -> trigger")
    assert followed.after == "at a trigger status only"
    done = shown("changed source club: password changed")
    assert (done.about.striptags(), done.before, done.after) == ("Source club: password changed", "", "")


def test_an_order_and_an_item_of_the_checklist_are_told_too() -> None:
    assert shown("booking 3701 of club", type_="booking.retry").about.striptags() == "Booking 3701 of club"
    ticked = shown("doors: rollback", type_="setup.tick", before="open", after="done")
    assert (ticked.about, ticked.item, ticked.before, ticked.after) == (
        "<bdi>doors</bdi>",
        "rollback",
        "<bdi>open</bdi>",
        "<bdi>done</bdi>",
    )


def test_what_a_person_said_is_told_too() -> None:
    said = shown("booking 3691 of club", type_="booking.resolve", after="created as 2551")
    assert said.after == "created as <bdi>2551</bdi>"


def test_names_of_others_stay_text() -> None:
    told_of = shown(f"changed integration doors: object 81 at site s: {HOSTILE} -> {HOSTILE}")
    assert "<script" not in "".join(map(str, told_of))
    assert "<img" not in "".join(map(str, told_of))


@pytest.mark.parametrize("template", AS_KEPT)
def test_what_the_trail_says_is_of_a_sentence_of_the_plan_and_has_no_other_blanks(template: str) -> None:
    assert template in templates()
    assert set(re.findall(r"{\w+}", AS_KEPT[template])) <= set(re.findall(r"{\w+}", template))
