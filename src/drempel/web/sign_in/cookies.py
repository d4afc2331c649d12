"""The two cookies: the session, and the mark of a browser from which somebody has signed in before."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from drempel.engine.sign_in import SignedIn

__all__ = ["Cookies"]

KNOWN_FOR: Final = timedelta(days=180)


class Cookies:
    """By the scheme of PUBLIC_URL: on https the `__Host-` prefix, so that no other host or port can set them; else plain names."""

    def __init__(self, public_url: str) -> None:
        self._secure = urlsplit(public_url).scheme == "https"
        prefix = "__Host-" if self._secure else ""
        self.session: Final = f"{prefix}drempel"
        self.known: Final = f"{prefix}drempel-known"

    def token(self, request: Request) -> str:
        return request.cookies.get(self.session, "")

    def known_browser(self, request: Request) -> str:
        return request.cookies.get(self.known, "")

    def put(self, response: Response, begun: SignedIn) -> Response:
        """The session ends with the browser, or on the server; the mark stays."""
        self._set(response, self.known, begun.known_browser, int(KNOWN_FOR.total_seconds()))
        self._set(response, self.session, begun.token, None)
        return response

    def clear(self, response: Response) -> Response:
        self._set(response, self.session, "", 0)
        return response

    def _set(self, response: Response, name: str, value: str, max_age: int | None) -> None:
        response.set_cookie(name, value, max_age=max_age, path="/", secure=self._secure, httponly=True, samesite="lax")
