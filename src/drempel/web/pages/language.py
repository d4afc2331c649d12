"""The languages of the pages: which one a reader gets, its words, and how it says days and zones.

English sentences are the keys. The catalogues in `locale/` are read once, at the first use of a language; there is no build step.
"""

from __future__ import annotations

import gettext
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from decimal import InvalidOperation
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final, NamedTuple

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import format_date, format_skeleton, get_timezone_name
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from drempel.domain.phone import REGIONS

__all__ = ["DEFAULT_LANGUAGE", "LANGUAGES", "LOCALE", "Speech", "chosen_language", "country_of_zone", "speech"]

LOCALE: Final = Path(__file__).parent.parent / "locale"
DEFAULT_LANGUAGE: Final = "en"
LANGUAGE_CODE_MAX: Final = 35
ACCEPTED_MAX: Final = 20
"""A longer list of wishes is cut off."""


class _Language(NamedTuple):
    name: str
    """As its own speakers call it."""
    locale: str
    zone: str
    """The time zone in which most booking systems of its readers are."""


LANGUAGES: Final[Mapping[str, _Language]] = {
    "nl": _Language("Nederlands", "nl_NL", "Europe/Amsterdam"),
    "en": _Language("English", "en_GB", "Europe/Amsterdam"),
    "de": _Language("Deutsch", "de_DE", "Europe/Berlin"),
    "fr": _Language("Français", "fr_FR", "Europe/Paris"),
}


class Speech:
    """One language."""

    def __init__(self, code: str, translations: gettext.NullTranslations) -> None:
        self.code = code
        self.name = LANGUAGES[code].name
        self.usual_zone = LANGUAGES[code].zone
        self._locale = Locale.parse(LANGUAGES[code].locale)
        self.gettext = translations.gettext
        self.ngettext = translations.ngettext

    def day(self, wall: datetime | date, today: date) -> str:
        """`Sat 14 Mar`, with the year if it is another one."""
        skeleton = "MMMEd" if wall.year == today.year else "yMMMEd"
        at = wall if isinstance(wall, datetime) else datetime(wall.year, wall.month, wall.day)  # noqa: DTZ001  # a day has no zone
        return str(format_skeleton(skeleton, at, tzinfo=at.tzinfo, locale=self._locale))

    def whole_day(self, day: date) -> str:
        """`Saturday, 14 March 2026`."""
        return str(format_date(day, "full", locale=self._locale))

    def figure(self, text: str) -> str:
        """`0,057`: a number of ours, with the comma or point of the language. What is no number stays as it is."""
        try:
            return str(format_decimal(text, format="#,##0.###", locale=self._locale))
        except InvalidOperation:
            return text

    def language(self, code: str) -> str:
        """`Dutch` for `nl`. What is no language that is known stays as it is."""
        if len(code) > LANGUAGE_CODE_MAX:
            return code
        try:
            return Locale.parse(code.replace("-", "_")).get_display_name(self._locale) or code
        except (UnknownLocaleError, ValueError):
            return code

    def country(self, code: str) -> str:
        """`Netherlands` for `NL`."""
        return str(self._locale.territories.get(code, code))

    def countries(self) -> list[tuple[str, str]]:
        """Code and name of every country that a number can be of, by name as readers look for it."""
        named = [(code, self.country(code)) for code in REGIONS]
        return sorted(named, key=lambda each: (_without_accents(each[1]), each[0]))

    def zone(self, wall: datetime) -> str:
        """`CET`, `MEZ`: the abbreviation that readers know, else the offset."""
        name = get_timezone_name(wall, "short", locale=self._locale)
        return name if name.isalpha() else wall.tzname() or "UTC"


def _without_accents(text: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each)).casefold()


def country_of_zone(zone: str) -> str:
    """The country that a time zone belongs to, if numbers can be of it; else empty."""
    code = get_global("zone_territories").get(zone, "")
    return code if code in REGIONS else ""


@cache
def speech(code: str) -> Speech:
    """The language of this code, read from its catalogue. English is what the code says."""
    if code == DEFAULT_LANGUAGE:
        return Speech(code, gettext.NullTranslations())
    with (LOCALE / f"{code}.po").open("rb") as file:
        catalogue = read_po(file, locale=code)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Speech(code, gettext.GNUTranslations(compiled))


def chosen_language(*, own: str | None, accepted: str) -> str:
    """The reader's own choice if it is one of ours, else the first of the browser's wishes (`Accept-Language`) that is, else English."""
    if own is not None and own in LANGUAGES:
        return own
    wishes = [_wish(part, place) for place, part in enumerate(accepted.split(",")[:ACCEPTED_MAX])]
    for weight, _, code in sorted(wishes):
        if weight < 0 and code in LANGUAGES:
            return code
    return DEFAULT_LANGUAGE


def _wish(part: str, place: int) -> tuple[float, int, str]:
    """Heavier wishes first, then in their order."""
    tag, _, weight = part.partition(";")
    try:
        heavy = float(weight.strip().removeprefix("q=")) if weight else 1.0
    except ValueError:
        heavy = 0.0
    return (-heavy if 0.0 <= heavy <= 1.0 else 0.0, place, tag.strip().partition("-")[0].casefold())
