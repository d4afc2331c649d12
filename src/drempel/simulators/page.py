"""The look that both simulators share: a terminal of the other side, so that nobody takes it for Drempel's own pages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

__all__ = ["Pages", "back_to", "style_route"]

HERE: Final = Path(__file__).parent
STYLE_PATH: Final = "/_sim/style.css"
SAFE_HEADERS: Final = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}


class Pages:
    """Renders a simulator's own templates, which extend the shared `base.html`. Everything is escaped; nothing needs JavaScript.

    `brand` stands in the bar of every page; `accent` is a class of the stylesheet (`accent-resivo`, `accent-ireserve`).
    """

    def __init__(self, templates: Path, *, brand: str, accent: str) -> None:
        self._environment = Environment(
            loader=FileSystemLoader([templates, HERE / "templates"]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(brand=brand, accent=accent, style_path=STYLE_PATH)

    def render(self, name: str, context: Mapping[str, Any], *, status: int = 200) -> Response:
        html = self._environment.get_template(name).render(context)
        return HTMLResponse(html, status_code=status, headers=SAFE_HEADERS)


def back_to(path: str) -> Response:
    """The redirect after a POST, so that a reload repeats nothing."""
    return RedirectResponse(path, status_code=303)


def style_route() -> Route:
    """Serves the shared stylesheet."""
    style = (HERE / "templates" / "style.css").read_text(encoding="utf-8")

    async def answer(_: Request) -> Response:
        return Response(style, media_type="text/css", headers={"cache-control": "max-age=300"})

    return Route(STYLE_PATH, answer, methods=["GET"])
