"""Templates to answers. Everything is escaped; what a page may load and send is said in its headers."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import quote
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from drempel.domain.failures import Failure
from drempel.domain.help import HELP
from drempel.engine.booking_object import utc_text
from drempel.engine.sentences import Sentence
from drempel.engine.trail import TrailEntry
from drempel.web.pages.ahead import Names, ahead, in_markup
from drempel.web.pages.assets import STATIC, Assets
from drempel.web.pages.kept_sentences import Told, told
from drempel.web.pages.language import LANGUAGES, Speech, speech
from drempel.web.pages.navigation import entries
from drempel.web.pages.reader import Reader, ReaderOf, reader_of
from drempel.web.pages.said import in_words, is_ours
from drempel.web.pages.waiting import Beside
from drempel.web.sign_in.visit import VISIT

__all__ = ["TEMPLATES", "PageLink", "Renderer", "environment", "see_other", "segment"]

TEMPLATES: Final = Path(__file__).parent.parent / "templates"
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    # With `no-referrer` a browser says `Origin: null` of its own forms, and they could not be told from a stranger's.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Vary": "Accept-Language, Cookie",
}

_TURNS: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Characters that set the direction of what follows."""


class PageLink(NamedTuple):
    """A page elsewhere that the header leads to. `url` is ours, never taken from a booking."""

    label: str
    url: str


class Renderer:
    """Renders the pages: one for all requests. What depends on the request comes from its `Reader`."""

    def __init__(
        self,
        *,
        zone: str,
        links: Sequence[PageLink],
        now: Callable[[], datetime],
        assets: Assets,
        needy: Callable[[], Awaitable[int]],
        orphans: Callable[[], Awaitable[int]],
        beside: Callable[[], Awaitable[Beside]],
        zone_of_now: Callable[[], Awaitable[str]] | None = None,
        reader_of: ReaderOf = reader_of,
    ) -> None:
        self._now = now
        self._zone = zone
        self._links = tuple(links)
        self._assets = assets
        self._needy = needy
        self._orphans = orphans
        self._beside = beside
        self._zone_of_now = zone_of_now
        self._reader_of = reader_of
        self._addresses: frozenset[str] = frozenset()
        self._environments: dict[str, Environment] = {}

    def lead_to(self, addresses: Collection[str]) -> None:
        """The paths that are served: the header and the pages lead to no other."""
        self._addresses = frozenset(addresses)

    @property
    def zone(self) -> str:
        """Times are told in this zone where a page names no other."""
        return self._zone

    def reader(self, request: Request) -> Reader:
        return self._reader_of(request)

    def speech(self, request: Request) -> Speech:
        """The language of this reader, for what is said outside of templates."""
        return speech(self._reader_of(request).language)

    async def page(self, request: Request, name: str, context: Mapping[str, Any], *, status: int = 200) -> Response:
        # Who is not signed in is told nothing, not even how many bookings wait.
        counts: dict[str, Any] = {"needs_count": 0, "orphan_count": 0, "beside": Beside()}
        if VISIT.get() is not None:
            counts = {"needs_count": await self._needy(), "orphan_count": await self._orphans(), "beside": await self._beside()}
        # The first source may have been set up since the program began.
        if VISIT.get() is not None and self._zone_of_now is not None:
            self._zone = await self._zone_of_now()
        html = self.text(request, name, {**counts, **context})
        return HTMLResponse(html, status_code=status, headers=HEADERS)

    def text(self, request: Request, name: str, context: Mapping[str, Any]) -> str:
        """The rendered template."""
        reader = self._reader_of(request)
        given = {
            "now": self._now(),
            "zone": self._zone,
            "links": self._links,
            "done": None,
            "reader": reader,
            "visit": VISIT.get(),
            "languages": LANGUAGES,
            "entries": entries(self._addresses, reader.rights),
            "addresses": self._addresses,
            "this_address": _address(request),
        }
        return self._environment(reader.language).get_template(name).render({**given, **context})

    def _environment(self, language: str) -> Environment:
        if language not in self._environments:
            made = environment(speech(language))
            made.globals["asset"] = self._assets.address
            self._environments[language] = made
        return self._environments[language]


def environment(tongue: Speech) -> Environment:
    """The templates in one language. A translated sentence is ours and may hold markup; what is filled into it is escaped."""
    # The logo stands in the page itself, so its file is a template too.
    made = Environment(
        loader=FileSystemLoader([TEMPLATES, STATIC]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_callables(tongue.gettext, tongue.ngettext, newstyle=True)  # type: ignore[attr-defined]  # of the extension

    def said(text: str) -> str:
        # What is no word of ours may stand in the middle of a sentence of ours: it must not turn the rest of it round.
        return _TURNS.sub("", in_words(text, tongue.gettext)) if text else text

    rules: Names = {
        "default country": dict(tongue.countries()),
        "default language": {code: tongue.language(code) for code in LANGUAGES},
    }

    def kept(entry: TrailEntry, names: Names) -> Told:
        return told(entry, {**rules, **names}, tongue.gettext)

    def failure_title(code: str) -> str:
        return tongue.gettext(HELP[code].title) if code in HELP else code

    def in_language(sentence: Sentence) -> str:
        return sentence.in_language(tongue.gettext)

    def with_names(sentence: Sentence, names: Names) -> Markup:
        return in_markup(sentence, {**rules, **names}, said)

    def said_ahead(sentence: Sentence, names: Names) -> Markup:
        return in_markup(ahead(sentence), {**rules, **names}, said)

    def message(failure: Failure) -> str:
        return failure.plain_message_in(said)

    def remedy(failure: Failure) -> str:
        return failure.remedy_on_pages_in(said)

    made.globals.update(tongue=tongue, bdi=_bdi, code=_code)
    made.filters.update(local=_local, utc_text=utc_text, segment=segment, message=message, remedy=remedy, said=said)
    made.filters.update(in_language=in_language, with_names=with_names, said_ahead=said_ahead)
    made.tests.update(ours=is_ours)
    made.filters.update(kept=kept, failure_title=failure_title, figure=tongue.figure)
    return made


def see_other(path: str) -> Response:
    """The redirect after a POST, so that a reload repeats nothing."""
    return RedirectResponse(path, status_code=303, headers={"Cache-Control": "no-store"})


@cache
def _zone_info(zone: str) -> ZoneInfo:
    return ZoneInfo(zone)


def _local(at: datetime, zone: str) -> datetime:
    """The moment on the wall clock of the zone."""
    return at.astimezone(_zone_info(zone))


def segment(text: str) -> str:
    """Text as one segment of a path."""
    return quote(text, safe="")


def _address(request: Request) -> str:
    """The page that is shown, to come back to. The note of what was just done belongs to its moment."""
    query = request.url.include_query_params().remove_query_params("done").query
    return request.url.path + (f"?{query}" if query else "")


def _bdi(text: object) -> Markup:
    """Text of another system, whatever its direction."""
    return Markup("<bdi>{}</bdi>").format(text)


def _code(text: object) -> Markup:
    return Markup("<code><bdi>{}</bdi></code>").format(text)
