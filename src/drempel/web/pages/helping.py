"""What helps with a failure, step by step, and where it is repaired: one page for each code, drawn out of the domain's table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from drempel.domain.help import HELP, SITUATIONS, HelpPage
from drempel.domain.rights import Right, Role, roles_with
from drempel.engine.setup import Setup
from drempel.web.pages.rendering import Renderer, segment
from drempel.web.problems import PROBLEMS

__all__ = ["HelpPages", "Repair"]

NAMED_MAX: Final = 8
"""So many sources or integrations get a link each; of more, the list is the link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """A page on which it is repaired. `route`: as it is served; `name`: of the source or integration."""

    page: HelpPage
    route: str
    address: str
    right: Right
    name: str = ""

    @property
    def roles(self) -> tuple[Role, ...]:
        return roles_with(self.right)


_PLAIN: Final = {HelpPage.NEEDS: "/needs", HelpPage.BOOKINGS: "/bookings"}
_OF_SOURCE: Final = {HelpPage.SOURCE: ("/sources/{source}", Right.SECRETS)}
_OF_INTEGRATION: Final = {
    HelpPage.MAPPING: ("/integrations/{name}/mapping", Right.MAPPING),
    HelpPage.DETAILS: ("/integrations/{name}/details", Right.MAPPING),
    HelpPage.CONNECTION: ("/integrations/{name}/authentication", Right.SECRETS),
}


class HelpPages:
    """For everybody who is signed in: whoever sees a failure may read what helps."""

    def __init__(self, setup: Callable[[], Awaitable[Setup]], renderer: Renderer) -> None:
        self._setup = setup
        self._renderer = renderer

    async def show_all(self, request: Request) -> Response:
        # A code of both is one of ours: its page is that of the failure.
        problems = [kind for kind in PROBLEMS.values() if kind.code not in HELP]
        context = {"all": HELP.items(), "situations": SITUATIONS.items(), "problems": problems}
        return await self._renderer.page(request, "pages/help_index.html", context)

    async def show(self, request: Request) -> Response:
        code = request.path_params["code"]
        helps, problem = HELP.get(code) or SITUATIONS.get(code), PROBLEMS.get(code)
        if helps is None and problem is None:
            return await self._renderer.page(request, "pages/problem.html", {"problem": "help"}, status=404)
        repairs = list(_repairs(helps.pages, await self._setup())) if helps is not None else []
        context = {"shown_code": code, "helps": helps, "problem": problem, "repairs": repairs}
        return await self._renderer.page(request, "pages/help.html", context)


def _repairs(pages: Sequence[HelpPage], setup: Setup) -> Iterator[Repair]:
    for page in pages:
        if page in _PLAIN:
            yield Repair(page=page, route=_PLAIN[page], address=_PLAIN[page], right=Right.SEE)
        elif page in _OF_SOURCE:
            yield from _named(page, *_OF_SOURCE[page], names=sorted(setup.sources))
        else:
            yield from _named(page, *_OF_INTEGRATION[page], names=sorted(setup.integrations))


def _named(page: HelpPage, route: str, right: Right, *, names: Sequence[str]) -> Iterator[Repair]:
    before, after = route.partition("{")[0], route.partition("}")[2]
    if len(names) > NAMED_MAX:
        every = before.rstrip("/")
        yield Repair(page=page, route=every, address=every, right=right)
        return
    for name in names:
        yield Repair(page=page, route=route, address=before + segment(name) + after, right=right, name=name)
