"""Stylesheet, script and icon under names that change with their content: browsers may keep them for a year."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final, NamedTuple

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

__all__ = ["STATIC", "Assets"]

STATIC: Final = Path(__file__).parent.parent / "static"
MEDIA_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
HASH_CHARACTERS: Final = 12


class _Asset(NamedTuple):
    body: bytes
    media_type: str


class Assets:
    """Every file of the folder, read once. Nothing else can be asked for."""

    def __init__(self, folder: Path = STATIC) -> None:
        self._by_address: dict[str, _Asset] = {}
        self._addresses: dict[str, str] = {}
        for path in sorted(folder.iterdir()):
            if path.suffix not in MEDIA_TYPES:
                continue
            body = path.read_bytes()
            name = f"{path.stem}.{hashlib.sha256(body).hexdigest()[:HASH_CHARACTERS]}{path.suffix}"
            self._by_address[name] = _Asset(body, MEDIA_TYPES[path.suffix])
            self._addresses[path.name] = f"/static/{name}"

    def address(self, name: str) -> str:
        """Where the file of this name is served today."""
        return self._addresses[name]

    def route(self) -> Route:
        return Route("/static/{name}", self._answer, methods=["GET"])

    async def _answer(self, request: Request) -> Response:
        asset = self._by_address.get(request.path_params["name"])
        if asset is None:
            return PlainTextResponse("There is no such file.", status_code=404)
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
        return Response(asset.body, media_type=asset.media_type, headers=headers)
