"""Every sentence that the pages can say, out of templates and code, and the catalogues that translate them.

    python -m tests.web.words        # `make words`: brings the catalogues up to date and lists what is missing

After adding a page: write its sentences in English with `_("...")`, run this, translate what it lists in `src/drempel/web/locale/*.po`.
A sentence that changed stands there as fuzzy with its old translation: correct it and take the line `#, fuzzy` away.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.pofile import read_po, write_po

from drempel.domain.events import EVENT_TYPES
from drempel.domain.failures import CATALOGUE
from drempel.domain.help import HELP, SITUATIONS
from drempel.engine import orphan_refusals, setup_plan
from drempel.engine.resolving import ON_PAGES, REFUSALS
from drempel.engine.trail import TRAIL_TYPES
from drempel.web.pages.ahead import AHEAD, FROM_NOTHING, OBJECT, TO_NOTHING
from drempel.web.pages.kept_sentences import AS_KEPT, OF_ORDERS, OUTCOMES
from drempel.web.pages.language import DEFAULT_LANGUAGE, LANGUAGES, LOCALE
from drempel.web.pages.said import ANSWERED, SAID, TRAIL_WORDS
from drempel.web.problems import PROBLEMS

WEB: Final = LOCALE.parent
TRANSLATED: Final = tuple(code for code in LANGUAGES if code != DEFAULT_LANGUAGE)
METHODS: Final = [("templates/**.html", "jinja2"), ("**.py", "python")]
OPTIONS: Final = {"templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}}
LINE_CHARACTERS: Final = 140
KEYWORDS: Final = {"_": None, "gettext": None, "ngettext": (1, 2)}


def sentences() -> Catalog:
    """Everything that can be said, in English."""
    said = Catalog(fuzzy=False)
    found = extract_from_dir(str(WEB), METHODS, OPTIONS, keywords=KEYWORDS)  # type: ignore[arg-type]
    for _file, _line, message, _comments, _context in found:
        said.add(message)
    for text in _in_tables():
        said.add(text)
    return said


def _in_tables() -> Iterator[str]:
    """What the code says by tables of codes."""
    for advice in CATALOGUE.values():
        yield advice.message
        yield advice.remedy_on_pages
    for helps in (*HELP.values(), *SITUATIONS.values()):
        yield from helps.sentences
    for kind in PROBLEMS.values():
        yield kind.detail_on_pages
        yield kind.remedy
    yield from EVENT_TYPES.values()
    yield from (ON_PAGES.get(code, text) for code, text in REFUSALS.items())
    yield from (orphan_refusals.ON_PAGES.get(code, text) for code, text in orphan_refusals.ORPHAN_REFUSALS.items())
    yield from TRAIL_TYPES.values()
    yield from SAID.values()
    yield ANSWERED
    yield from TRAIL_WORDS.values()
    yield from AHEAD.values()
    yield from FROM_NOTHING.values()
    yield from TO_NOTHING.values()
    yield OBJECT
    yield from AS_KEPT.values()
    yield from OF_ORDERS
    yield from OUTCOMES
    # Templates of a plan stand where they are filled in, some in a name of their own.
    source = Path(setup_plan.__file__)
    yield from (found[1] for found in extract_from_file("python", source, keywords={"Sentence": None, "template": None}))  # type: ignore[misc]


def path_of(language: str) -> Path:
    return LOCALE / f"{language}.po"


def catalogue(language: str) -> Catalog:
    """What is translated; empty if there is nothing yet."""
    if not path_of(language).exists():
        return Catalog(locale=language, fuzzy=False)
    with path_of(language).open("rb") as file:
        return read_po(file, locale=language)


def translations(message: Message) -> tuple[str, ...]:
    """The sentence, or each of its plural forms."""
    return tuple(message.string) if isinstance(message.string, (tuple, list)) else (message.string,)


def untranslated(catalog: Catalog) -> list[str]:
    """What has no translation, or one that nobody has looked at since the English changed."""
    return [
        message.id if isinstance(message.id, str) else message.id[0]
        for message in catalog
        if message.id and (message.fuzzy or not all(translations(message)))
    ]


def bring_up_to_date(language: str) -> list[str]:
    """Take in what is new and leave out what nobody says any more; what is missing now."""
    catalog = catalogue(language)
    catalog.update(sentences(), no_fuzzy_matching=False, update_header_comment=False)
    catalog.obsolete.clear()
    catalog.header_comment = f"# Drempel in {LANGUAGES[language].name}. The English sentences are the keys; see CONTRIBUTING.md."
    catalog.fuzzy = False
    with path_of(language).open("wb") as file:
        # By sentence and without line numbers: two branches that add pages meet in few places.
        write_po(file, catalog, width=LINE_CHARACTERS, no_location=True, omit_header=False, sort_output=True)
    _without_dates(path_of(language))
    return untranslated(catalog)


def _without_dates(path: Path) -> None:
    """Dates and names of tools in the header would differ at each run."""
    kept = ("Content-Type", "Content-Transfer-Encoding", "MIME-Version", "Language:", "Plural-Forms")
    lines = path.read_text(encoding="utf-8").splitlines()
    header_end = lines.index("")
    header = [
        line for line in lines[:header_end] if not line.startswith('"') or line.startswith(tuple(f'"{key}' for key in kept))
    ]
    path.write_text("\n".join([*header, *lines[header_end:]]) + "\n", encoding="utf-8")


def main() -> int:
    missing = {language: bring_up_to_date(language) for language in TRANSLATED}
    for language, texts in missing.items():
        for text in texts:
            print(f"{path_of(language).name}: not translated: {text}")
    print(f"{len(sentences())} sentences in {len(LANGUAGES)} languages.")
    return 1 if any(missing.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
