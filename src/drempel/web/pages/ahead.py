"""The sentences of a plan before it is saved: what will be, with the names of objects and sites in place of their ids.

A plan is written as the trail keeps it, when it is done; ids stand there, because names change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from markupsafe import Markup

from drempel.engine.sentences import Sentence

__all__ = ["AHEAD", "CODES", "FROM_NOTHING", "OBJECT", "TO_NOTHING", "Names", "ahead", "coded", "in_markup", "markup_of"]

Names = Mapping[str, Mapping[str, str]]
"""By `object` and `site`: id → name, as far as they are known. By what a rule is called: code → name, for those whose codes have names."""

AHEAD: Final[Mapping[str, str]] = {
    "created source {name} ({kind} at {url})": "source {name} will be added ({kind} at {url})",
    "created integration {name} (source {source}, {objects}, {how})": (
        "integration {name} will be added (source {source}, {objects}, {how})"
    ),
    # The page says at its head what is changed.
    "changed source {name}: {change}": "{change}",
    "changed integration {name}: {change}": "{change}",
    "integration {name}: bookings that stood at a trigger status before it began get access too": (
        "bookings that stood at a trigger status before integration {name} began will get access too"
    ),
    "integration {name}: {count} live access was made under the old rules and stays as it is": (
        "{count} live access was made under the present rules and will stay as it is"
    ),
    "integration {name}: {count} live accesses were made under the old rules and stay as they are": (
        "{count} live accesses were made under the present rules and will stay as they are"
    ),
    "{what} {before} -> {after}": "{what}: {after} instead of {before}",
    "password changed": "the password will be replaced",
    "client secret changed": "the client secret will be replaced",
    "profile {before} -> {after}": "profile: {after} instead of {before}",
    "profile {after}: its content changed": "the content of profile {after} will be replaced",
    "now active": "the integration will be active",
    "no longer active": "the integration will no longer be active",
    "site {site_before} -> {site}": "site: {site} instead of {site_before}",
    "object {object} at site {site} mapped to {doors}": "bookings of {object} will open: {doors} (site {site})",
    "object {object} at site {site} no longer mapped": "bookings of {object} will open no door any more (site {site})",
    "object {object} at site {site}: {before} -> {after}": (
        "bookings of {object} will open: {after}; so far: {before} (site {site})"
    ),
    "mappings in another order": "the mappings will stand in another order",
}
"""By the template of what was done. What is not listed says the same before and after."""

FROM_NOTHING: Final[Mapping[str, str]] = {
    "{what} {before} -> {after}": "{what}: {after}; so far not set",
    "site {site_before} -> {site}": "site: {site}; so far not set",
}
"""The same where nothing was set. *None* as a word by itself would have to fit the gender of what is not set."""
TO_NOTHING: Final[Mapping[str, str]] = {
    "{what} {before} -> {after}": "{what}: not set any more; so far {before}",
    "site {site_before} -> {site}": "site: not set any more; so far {site_before}",
}

CODES: Final[Mapping[str, Mapping[str, str]]] = {
    "follow changes": {"any": "at any status that is not a revoke status", "trigger": "at a trigger status only"},
}
"""By what is changed: the words of a form in place of the codes that the trail keeps."""
OBJECT: Final = "object {id}"
"""One whose name is not known."""
_KIND: Final = {"object": "object", "site": "site", "site_before": "site"}
"""Blanks that hold an id, with what has it."""


def ahead(sentence: Sentence) -> Sentence:
    """What will be, as long as it is not."""
    blanks = {key: ahead(value) if isinstance(value, Sentence) else value for key, value in sentence.blanks.items()}
    words = CODES.get(blanks.get("what", ""), {})
    in_words = {key: Sentence(words[value]) if value in words else value for key, value in blanks.items()}
    return Sentence(_ahead_of(sentence), **in_words)


def _ahead_of(sentence: Sentence) -> str:
    template, blanks = sentence.template, sentence.blanks
    if template in FROM_NOTHING and _is_nothing(blanks.get("before", blanks.get("site_before", ""))):
        return FROM_NOTHING[template]
    if template in TO_NOTHING and _is_nothing(blanks.get("after", blanks.get("site", ""))):
        return TO_NOTHING[template]
    return AHEAD.get(template, template)


def _is_nothing(value: str) -> bool:
    return isinstance(value, Sentence) and value.template == "none"


def in_markup(sentence: Sentence, names: Names, said: Callable[[str], str]) -> Markup:
    """The sentence in a reader's language, beginning with a capital. An id without a name stands in small type."""
    text = markup_of(sentence, names, said)
    return Markup(text[:1].upper()) + text[1:]  # noqa: S704  # a letter of a sentence that is escaped already


def markup_of(sentence: Sentence, names: Names, said: Callable[[str], str]) -> Markup:
    """The same in the middle of a line."""
    blanks: dict[str, Markup] = {}
    for key, value in sentence.blanks.items():
        if isinstance(value, Sentence):
            blanks[key] = markup_of(value, names, said)
        elif value in names.get(sentence.blanks.get("what", ""), {}):
            blanks[key] = coded(sentence.blanks["what"], value, names)
        elif key in _KIND:
            is_said = f"{_KIND[key]} {{{key}}}" in sentence.template
            blanks[key] = _called(_KIND[key], value, names, said, is_said=is_said)
        else:
            blanks[key] = _text(value)
    # A translated sentence is ours; what is filled into it is escaped.
    return Markup(said(sentence.template)).format(**blanks)  # noqa: S704


def coded(what: str, code: str, names: Names) -> Markup:
    """A code of that rule with its name before it."""
    return Markup("<bdi>{}</bdi> ({})").format(names[what][code], code)


def _called(kind: str, some_id: str, names: Names, said: Callable[[str], str], *, is_said: bool) -> Markup:
    """`is_said`: the sentence says already what the id is of."""
    name = names.get(kind, {}).get(some_id)
    if name:
        return _text(name)
    small = Markup('<small class="quiet"><bdi>{}</bdi></small>').format(some_id)
    return Markup(said(OBJECT)).format(id=small) if kind == "object" and not is_said else small  # noqa: S704


def _text(value: str) -> Markup:
    return Markup("<bdi>{}</bdi>").format(value)
