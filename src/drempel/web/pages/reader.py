"""Who reads a page: language, the person, and the token of the person's forms. One object for each request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from drempel.domain.rights import RIGHTS, Right
from drempel.web.pages.language import chosen_language
from drempel.web.sign_in.visit import VISIT

__all__ = ["LANGUAGE_COOKIE", "Reader", "ReaderOf", "reader_of"]

LANGUAGE_COOKIE: Final = "drempel_language"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """What the frame of a page depends on."""

    language: str
    name: str = ""
    """The signed-in person; empty before sign-in."""
    rights: frozenset[Right] = frozenset()
    form_token: str = ""
    """Stands in every form of ours; empty before sign-in."""


ReaderOf = Callable[[Request], Reader]


def reader_of(request: Request) -> Reader:
    """The reader of this request: a language, and whom the guard found."""
    accepted = request.headers.get("accept-language", "")
    language = chosen_language(own=request.cookies.get(LANGUAGE_COOKIE), accepted=accepted)
    visit = VISIT.get()
    if visit is None:
        return Reader(language=language)
    person = visit.person
    return Reader(language=language, name=person.name, rights=RIGHTS[person.role], form_token=visit.form_token)
