"""`/` as long as there are no pages: says so, and where to go instead."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

__all__ = ["front_routes"]

FRONT: Final = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Drempel</title></head>
<body>
<h1>Drempel</h1>
<p>Drempel turns bookings into open doors. It is running.</p>
<p>The pages for people come with sign-in, which is not built yet. Until then:</p>
<ul>
<li>on the command line: <code>drempel bookings</code>, <code>drempel why SOURCE BOOKING</code>, <code>drempel --help</code></li>
<li>by REST with an API key: <code>/api/v1/bookings</code>, described in <a href="/api/v1/openapi.json">/api/v1/openapi.json</a></li>
<li>for machines: <a href="/healthz">/healthz</a>, <a href="/readyz">/readyz</a>, <a href="/metrics">/metrics</a></li>
<li>to see everything at work on one machine, with pages: <code>drempel demo</code></li>
</ul>
</body>
</html>
"""


def front_routes() -> list[Route]:
    """The one page."""

    async def front(_request: Request) -> Response:
        return HTMLResponse(FRONT)

    return [Route("/", front, methods=["GET"])]
