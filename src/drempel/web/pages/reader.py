"""Who reads a page: language, and, with sign-in, the person and the token of the person's forms. One object for each request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from drempel.web.pages.language import chosen_language

__all__ = ["LANGUAGE_COOKIE", "Reader", "ReaderOf", "anybody"]

LANGUAGE_COOKIE: Final = "drempel_language"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """What the frame of a page depends on."""

    language: str
    name: str = ""
    """The signed-in person; empty where there is no sign-in."""
    is_administrator: bool = False
    form_token: str = ""
    """Stands in every form of ours; empty where there is no sign-in."""


ReaderOf = Callable[[Request], Reader]


def anybody(request: Request) -> Reader:
    """The reader where there is no sign-in: a language, and nothing else is known."""
    accepted = request.headers.get("accept-language", "")
    return Reader(language=chosen_language(own=request.cookies.get(LANGUAGE_COOKIE), accepted=accepted))
