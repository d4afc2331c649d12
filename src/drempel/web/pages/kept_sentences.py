"""What the trail keeps as English text, found again as the sentence that it was made of, so that a page can say it in the reader's language.

Text that fits no sentence, or several, is shown as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Final, NamedTuple

from markupsafe import Markup

from drempel.engine.sentences import Sentence
from drempel.engine.trail import TrailEntry
from drempel.web.pages.ahead import CODES, Names, coded, in_markup, markup_of
from drempel.web.pages.said import TRAIL_WORDS

__all__ = ["AS_KEPT", "OF_ORDERS", "OUTCOMES", "Told", "found_again", "told"]

_WORDS: Final = (
    "kind",
    "base url",
    "user name",
    "time zone",
    "poll seconds",
    "allow insecure",
    "source",
    "site owner id",
    "client id",
    "target mobile app",
    "trigger statuses",
    "revoke statuses",
    "time before",
    "booking field",
    "default language",
    "default country",
    "follow changes",
)
"""What a rule is called."""
_VALUES: Final = ("none", "yes", "no", "that of the profile")
_TURN: Final = "{what} {before} -> {after}"
_CHANGES: Final = (
    "password changed",
    "client secret changed",
    "now active",
    "no longer active",
    "mappings in another order",
    "object {object} at site {site} no longer mapped",
    "object {object} at site {site} mapped to {doors}",
    "object {object} at site {site}: {before} -> {after}",
    "site {site_before} -> {site}",
    "profile {after}: its content changed",
    "profile {before} -> {after}",
    _TURN,
)
_LINES: Final = (
    "created source {name} ({kind} at {url})",
    "created integration {name} (source {source}, {objects}, {how})",
    "changed source {name}: {change}",
    "changed integration {name}: {change}",
    "removed {what} {name}",
    "integration {name}: bookings that stood at a trigger status before it began get access too",
)
OF_ORDERS: Final = ("booking {booking} of {source}", "access {id} of booking {booking} of {source}")
"""What an order was about."""
OUTCOMES: Final = ("created as {id}",)
"""What a person said."""
_WITHIN: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("changed source {name}: {change}", "change"): _CHANGES,
    ("changed integration {name}: {change}", "change"): _CHANGES,
    ("created integration {name} (source {source}, {objects}, {how})", "objects"): ("1 object mapped", "{count} objects mapped"),
    ("created integration {name} (source {source}, {objects}, {how})", "how"): ("active", "not active"),
    ("removed {what} {name}", "what"): ("source", "integration"),
    (_TURN, "what"): _WORDS,
}
"""By template and blank: the sentences of which one stands there."""
_PERHAPS: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    (_TURN, "before"): _VALUES,
    (_TURN, "after"): _VALUES,
    ("site {site_before} -> {site}", "site_before"): ("none",),
    ("site {site_before} -> {site}", "site"): ("none",),
}
"""The same where something else may stand as well: a name, a figure."""
_ONE_WORD: Final = frozenset({"name", "object", "site", "site_before", "booking", "id", "count"})
"""Blanks that hold no space."""
AS_KEPT: Final[Mapping[str, str]] = {
    # What was done stands beside it, and from what to what in a column of its own.
    "changed source {name}: {change}": "source {name}: {change}",
    "changed integration {name}: {change}": "integration {name}: {change}",
    _TURN: "{what}",
    "profile {before} -> {after}": "profile",
    "site {site_before} -> {site}": "site",
    # A blank called `object` says itself that it is one, where no name is known.
    "object {object} at site {site}: {before} -> {after}": "doors of {object} at site {site}",
    "object {object} at site {site} mapped to {doors}": "bookings of {object} open: {doors} (site {site})",
    "object {object} at site {site} no longer mapped": "bookings of {object} open no door any more (site {site})",
}
"""By template: what the trail says of it."""
_BEFORE: Final = ("before", "site_before")


class Told(NamedTuple):
    """A line of the trail as it is shown."""

    about: Markup
    before: Markup
    after: Markup
    item: str
    """The code of an item of the checklist, where `about` is only the integration."""


def found_again(text: str) -> Sentence | None:
    """The sentence that was kept as this text."""
    return _one_of((*_LINES, *OF_ORDERS), text)


def told(entry: TrailEntry, names: Names, said: Callable[[str], str]) -> Told:
    """In the language of `said`."""
    name, _, item = entry.about.rpartition(": ") if entry.type == "setup.tick" else (entry.about, "", "")
    sentence = found_again(name)
    about = _as_it_is(name) if sentence is None else in_markup(_short(sentence), names, said)
    before, after = _word(entry.before, said), _word(entry.after, said)
    if sentence is not None and not (before or after):
        before, after = _from_to(sentence, names, said)
    return Told(about, before, after, item)


def _one_of(templates: Iterable[str], text: str) -> Sentence | None:
    """Of which of these the text was made: the first that fits, because the plainer ones stand first."""
    return next((found for template in templates if (found := _made_of(template, text)) is not None), None)


def _made_of(template: str, text: str) -> Sentence | None:
    fits = _pattern(template).fullmatch(text)
    # A name may hold an arrow as well: where two could be meant, nobody guesses.
    if fits is None or text.count(" -> ") > 1:
        return None
    blanks: dict[str, str] = {}
    for key, value in fits.groupdict().items():
        within = _WITHIN.get((template, key))
        inner = _one_of(within or _PERHAPS.get((template, key), ()), value)
        if within and inner is None:
            return None
        blanks[key] = value if inner is None else inner
    return Sentence(template, **blanks)


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile("".join(_blank(template, part[1:-1]) if part[:1] == "{" else re.escape(part) for part in _parts(template)))


def _parts(template: str) -> list[str]:
    return re.split(r"(\{\w+\})", template)


def _blank(template: str, key: str) -> str:
    words = _WITHIN.get((template, key), ())
    if words and not any("{" in word for word in words):
        return f"(?P<{key}>{'|'.join(map(re.escape, words))})"
    return rf"(?P<{key}>\S+)" if key in _ONE_WORD else f"(?P<{key}>.*)"


def _short(sentence: Sentence) -> Sentence:
    template = AS_KEPT.get(sentence.template, sentence.template)
    return Sentence(
        template, **{key: _short(value) if isinstance(value, Sentence) else value for key, value in sentence.blanks.items()}
    )


def _from_to(sentence: Sentence, names: Names, said: Callable[[str], str]) -> tuple[Markup, Markup]:
    """What was and what is, if the sentence or one within it says both."""
    inner = sentence.blanks.get("change", sentence)
    if not isinstance(inner, Sentence) or " -> " not in inner.template:
        return Markup(), Markup()
    was = next(key for key in _BEFORE if key in inner.blanks)
    will = "site" if was == "site_before" else "after"
    what = inner.blanks.get("what", "")
    codes = CODES.get(what, {})

    def one(key: str) -> Markup:
        value = inner.blanks[key]
        if value in names.get(what, {}):
            return coded(what, value, names)
        return markup_of(Sentence(f"{{{key}}}", **{key: Sentence(codes[value]) if value in codes else value}), names, said)

    return one(was), one(will)


def _word(text: str, said: Callable[[str], str]) -> Markup:
    if text in TRAIL_WORDS:
        return _as_it_is(said(TRAIL_WORDS[text]))
    outcome = _one_of(OUTCOMES, text)
    return _as_it_is(text) if outcome is None else markup_of(outcome, {}, said)


def _as_it_is(text: str) -> Markup:
    return Markup("<bdi>{}</bdi>").format(text) if text else Markup()
