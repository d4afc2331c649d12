"""Everything that a person reads on the pages is there in four languages, and nothing in a template goes past the catalogues."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter

import pytest
from jinja2 import Environment, nodes

from drempel.web.pages.language import LANGUAGES, chosen_language, speech
from drempel.web.pages.rendering import TEMPLATES
from tests.web.words import TRANSLATED, catalogue, sentences, translations, untranslated

SENTENCES = sentences()
NAMES = {"Drempel", "min"}
"""What is the same in every language."""
READ_ATTRIBUTES = {"aria-label", "title", "placeholder", "alt", "data-label"}
WORDS = re.compile(r"[A-Za-zÀ-ÿ]{2,}")
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
HOLE = "\ufffc"
"""Stands where a template fills something in."""


def ids(catalog: object) -> set[str]:
    return {message.id if isinstance(message.id, str) else message.id[0] for message in catalog if message.id}  # type: ignore[attr-defined]


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_is_translated_and_no_other(language: str) -> None:
    catalog = catalogue(language)
    assert untranslated(catalog) == [], "run `make words` and translate what it lists"
    assert ids(catalog) == ids(SENTENCES), "run `make words`"
    assert not catalog.obsolete


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_translation_fills_in_the_same(language: str) -> None:
    for message in catalogue(language):
        if not message.id:
            continue
        english = message.id if isinstance(message.id, str) else message.id[1]
        for text in translations(message):
            assert placeholders(text) - {"num"} == placeholders(english) - {"num"}, text
            assert text.count("`") == english.count("`"), text
            assert "<" not in text, text


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_has_the_plurals_of_its_language(language: str) -> None:
    for message in catalogue(language):
        assert isinstance(message.id, str) or len(translations(message)) == 2


def placeholders(text: str) -> set[str]:
    braces = {name for _, name, _, _ in Formatter().parse(text) if name} if "{" in text else set()
    return set(PLACEHOLDER.findall(text)) | braces


# ------------------------------------------------------------------------------------------------------------------ templates


class Readable(HTMLParser):
    """The texts of a template that a person reads or hears. One that begins with a slash is an address."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.feed(text)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.texts.extend(value or "" for name, value in attrs if name in READ_ATTRIBUTES)


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.stem)
def test_no_text_of_a_template_goes_past_the_catalogues(path: Path) -> None:
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    tree = environment.parse(path.read_text(encoding="utf-8"))
    bare = HOLE.join(text_of(output) for output in tree.find_all(nodes.Output))
    texts = [*Readable(bare).texts, *sentences_in_code(tree)]
    said = {
        word for text in texts if not text.strip(f" \n{HOLE}").startswith("/") for word in WORDS.findall(text.replace(HOLE, " "))
    }
    assert said - NAMES == set(), f"{path.name}: write it with _()"


def text_of(output: nodes.Output) -> str:
    return "".join(each.data if isinstance(each, nodes.TemplateData) else HOLE for each in output.nodes)


def sentences_in_code(tree: nodes.Template) -> list[str]:
    """Constants of expressions that look like a sentence and are not handed to `_`."""
    handed = {
        id(constant)
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in {"_", "ngettext", "gettext", "code"}
        for constant in call.find_all(nodes.Const)
    }
    constants = [each for each in tree.find_all(nodes.Const) if isinstance(each.value, str) and id(each) not in handed]
    return [each.value for each in constants if re.match(r"\s*[A-Z]?[a-z]+ [a-z]+[ .,]", each.value)]


# ------------------------------------------------------------------------------------------------------------------- languages


@pytest.mark.parametrize(
    ("own", "accepted", "expected"),
    [
        ("de", "fr", "de"),
        ("xx", "fr", "fr"),
        (None, "", "en"),
        (None, "fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", "fr"),
        (None, "pt, de;q=0.1, nl;q=0.3", "nl"),
        (None, "NL-be", "nl"),
        (None, "de;q=0, en;q=0.1", "en"),
        (None, "de;q=nonsense", "en"),
        (None, ",;=,q;;" + "x," * 5000, "en"),
    ],
)
def test_a_reader_gets_the_own_choice_then_the_first_wish_then_english(own: str | None, accepted: str, expected: str) -> None:
    assert chosen_language(own=own, accepted=accepted) == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_can_be_spoken(language: str) -> None:
    said = speech(language)
    assert said.gettext("Needs a person")
    assert (said.gettext("Needs a person") == "Needs a person") == (language == "en")
