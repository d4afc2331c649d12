"""The list of keys; a new one, shown once; and the end of one, said before it comes."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from drempel.engine.api_keys import ApiKeys, KeyRefused
from drempel.engine.records import ApiKey, ApiScope
from drempel.web.pages.rendering import Renderer, see_other
from drempel.web.sign_in.forms import field, read_form
from drempel.web.sign_in.visit import visit_of_now

__all__ = ["KeyPages"]


class KeyPages:
    """Every order here is one of an administrator, and goes into the trail."""

    def __init__(self, keys: ApiKeys, renderer: Renderer) -> None:
        self._keys = keys
        self._renderer = renderer

    async def show(self, request: Request) -> Response:
        return await self._list(request)

    async def add(self, request: Request) -> Response:
        """The key stands in the answer itself and is kept nowhere: there is no address at which it could be read again."""
        form = await read_form(request)
        name, scope = field(form, "name").strip(), field(form, "scope")
        if scope not in set(ApiScope):
            return await self._list(request, problem="scope", name=name, status=400)
        try:
            key = await self._keys.add(name, ApiScope(scope), actor=visit_of_now().person.actor)
        except KeyRefused as refused:
            return await self._list(request, problem=refused.code, name=name, scope=scope, status=400)
        return await self._renderer.page(request, "keys/made.html", {"name": name, "scope": scope, "key": key})

    async def confirm_revoke(self, request: Request) -> Response:
        key = await self._in_use(request)
        if key is None:
            return await self._list(request, problem="gone", status=404)
        return await self._renderer.page(request, "keys/revoke.html", {"key": key})

    async def revoke(self, request: Request) -> Response:
        if not await self._keys.revoke(request.path_params["name"], actor=visit_of_now().person.actor):
            return await self._list(request, problem="gone", status=404)
        return see_other("/api-keys?done=key_revoked")

    async def _in_use(self, request: Request) -> ApiKey | None:
        name = request.path_params["name"]
        return next((key for key in await self._keys.all() if key.name == name and key.revoked_at is None), None)

    async def _list(
        self, request: Request, *, problem: str = "", name: str = "", scope: str = "read", status: int = 200
    ) -> Response:
        keys = await self._keys.all()
        context = {
            "keys": [key for key in keys if key.revoked_at is None],
            "revoked": [key for key in reversed(keys) if key.revoked_at is not None],
            "scopes": [each.value for each in ApiScope],
            "problem": problem,
            "name": name[:100],
            "scope": scope,
            "done": request.query_params.get("done"),
        }
        return await self._renderer.page(request, "keys/list.html", context, status=status)
