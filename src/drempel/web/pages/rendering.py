"""Templates to answers. Everything is escaped; what a page may load and send is said in its headers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import quote
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from drempel.engine.booking_object import utc_text
from drempel.web.pages.assets import STATIC, Assets
from drempel.web.sign_in.visit import VISIT

__all__ = ["PageLink", "Renderer", "see_other"]

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
}


class PageLink(NamedTuple):
    """A page elsewhere that the header leads to. `url` is ours, never taken from a booking."""

    label: str
    url: str


class Renderer:
    """Renders the pages in one time zone."""

    def __init__(self, *, zone: str, links: Sequence[PageLink], now: Callable[[], datetime], assets: Assets) -> None:
        self._now = now
        self._zone = ZoneInfo(zone)
        # The logo stands in the page itself, so its file is a template too.
        self._environment = Environment(
            loader=FileSystemLoader([TEMPLATES, STATIC]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(zone=zone, links=tuple(links), asset=assets.address, _=_as_written)
        self._environment.filters.update(local=self.local, utc_text=utc_text, segment=_segment)

    def local(self, at: datetime) -> datetime:
        """The moment on the wall clock of the pages' zone."""
        return at.astimezone(self._zone)

    def page(self, name: str, context: Mapping[str, Any], *, status: int = 200) -> Response:
        html = self._environment.get_template(name).render({"now": self._now(), "done": None, "visit": VISIT.get(), **context})
        return HTMLResponse(html, status_code=status, headers=HEADERS)


def see_other(path: str) -> Response:
    """The redirect after a POST, so that a reload repeats nothing."""
    return RedirectResponse(path, status_code=303, headers={"Cache-Control": "no-store"})


def _as_written(sentence: str, **values: object) -> str:
    """Stands where a translation will: the sentence itself, with its values put in."""
    return sentence % values if values else sentence


def _segment(text: str) -> str:
    """Text as one segment of a path."""
    return quote(text, safe="")
