"""Which operation a path means, by the profile's templates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from drempel.resivo.profile import Profile
from drempel.resivo.profile_names import OperationName

__all__ = ["Match", "Routes"]

PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")


@dataclass(slots=True)
class Match:
    operation: OperationName
    parameters: dict[str, str]


class Routes:
    """Literal parts win over placeholders, as in `/authorizations/remote-access` beside `/authorizations/{authorization_id}`."""

    def __init__(self, profile: Profile) -> None:
        self._by_shape: dict[tuple[str, int], list[tuple[OperationName, list[str | re.Pattern[str]]]]] = {}
        for name in OperationName:
            operation = profile.operation(name)
            if operation.supported:
                parts = [_part(text) for text in operation.path.split("/")[1:]]
                self._by_shape.setdefault((operation.method, len(parts)), []).append((name, parts))
        for routes in self._by_shape.values():
            routes.sort(key=lambda route: sum(not isinstance(part, str) for part in route[1]))

    def find(self, method: str, path: str) -> Match | None:
        """The operation of an address whose parts are still percent-encoded."""
        texts = path.split("/")[1:]
        for name, parts in self._by_shape.get((method, len(texts)), ()):
            parameters = _matched(parts, texts)
            if parameters is not None:
                return Match(name, parameters)
        return None

    def other_method(self, path: str) -> bool:
        """Whether another method would find something here."""
        return any(self.find(method, path) for method in {method for method, _ in self._by_shape})


def _part(text: str) -> str | re.Pattern[str]:
    pieces = PLACEHOLDER.split(text)
    if len(pieces) == 1:
        return unquote(text)
    literal, names = pieces[::2], pieces[1::2]
    pattern = re.escape(literal[0])
    for name, after in zip(names, literal[1:], strict=True):
        pattern += f"(?P<{name}>.+){re.escape(after)}"
    return re.compile(pattern, re.DOTALL)


def _matched(parts: list[str | re.Pattern[str]], texts: list[str]) -> dict[str, str] | None:
    parameters: dict[str, str] = {}
    for part, text in zip(parts, texts, strict=True):
        plain = unquote(text) if "%" in text else text
        if isinstance(part, str):
            if part != plain:
                return None
        else:
            found = part.fullmatch(plain)
            if found is None:
                return None
            parameters.update(found.groupdict())
    return parameters
