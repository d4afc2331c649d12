"""The switch in the header: a form, so that it works without JavaScript; the choice is a cookie that says nothing else."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from drempel.web.pages.language import LANGUAGES
from drempel.web.pages.reader import LANGUAGE_COOKIE
from drempel.web.pages.rendering import see_other

__all__ = ["choose_language"]

YEAR_SECONDS: Final = 365 * 24 * 3600
BACK_CHARACTERS_MAX: Final = 2000


async def choose_language(request: Request) -> Response:
    """Remember the choice, and go back to the page where it was made."""
    form = await request.form(max_files=0, max_fields=4)
    language, back = form.get("language"), form.get("back")
    answer = see_other(_path_of_ours(back if isinstance(back, str) else ""))
    if isinstance(language, str) and language in LANGUAGES:
        answer.set_cookie(LANGUAGE_COOKIE, language, max_age=YEAR_SECONDS, path="/", httponly=True, samesite="lax")
    return answer


def _path_of_ours(back: str) -> str:
    """A path of this site, never another host: browsers take `//` and a backslash for one."""
    is_path = back.startswith("/") and not back.startswith("//") and "\\" not in back
    return back if is_path and back.isascii() and back.isprintable() and len(back) <= BACK_CHARACTERS_MAX else "/"
