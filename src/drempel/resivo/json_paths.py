"""Dotted paths into JSON: `restrictions.0.validFrom` is the key of the first entry of an array. Reads and writes."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

__all__ = ["PathConflict", "read_path", "segments", "write_path"]

SEGMENTS_MAX: Final = 12
INDEX_MAX: Final = 9


class PathConflict(ValueError):
    """Two paths need the same place for different things."""


@lru_cache(maxsize=1024)
def segments(path: str) -> tuple[str | int, ...]:
    """The parts of a path; a part of digits only is an index. Raises `PathConflict` for a path that cannot be."""
    parts = path.split(".")
    if not all(parts) or len(parts) > SEGMENTS_MAX:
        raise PathConflict(f"{path!r} is no dotted path")
    if parts[0].isdecimal():
        raise PathConflict(f"{path!r} begins with an index")
    found: list[str | int] = []
    for part in parts:
        if not (part.isascii() and part.isdecimal()):
            found.append(part)
        elif int(part) > INDEX_MAX:
            raise PathConflict(f"{path!r} has an index above {INDEX_MAX}")
        else:
            found.append(int(part))
    return tuple(found)


def read_path(value: Any, path: str) -> Any:
    """What stands at `path`; None if nothing does. The empty path is the value itself."""
    if not path:
        return value
    for segment in segments(path):
        if isinstance(segment, str):
            value = value.get(segment) if isinstance(value, dict) else None
        else:
            value = value[segment] if isinstance(value, list) and segment < len(value) else None
        if value is None:
            return None
    return value


def write_path(target: dict[str, Any], path: str, value: Any) -> None:
    """Put `value` at `path`, making the objects and arrays on the way. Raises `PathConflict` if something stands in the way."""
    here: Any = target
    parts = segments(path)
    for segment, following in pairwise(parts):
        there = _at(here, segment, path)
        if there is None:
            there = {} if isinstance(following, str) else []
            _put(here, segment, there, path)
        here = there
    if _at(here, parts[-1], path) is not None:
        raise PathConflict(f"{path!r} is written twice")
    _put(here, parts[-1], value, path)


def _at(here: Any, segment: str | int, path: str) -> Any:
    if isinstance(segment, str) and isinstance(here, dict):
        return here.get(segment)
    if isinstance(segment, int) and isinstance(here, list):
        return here[segment] if segment < len(here) else None
    raise PathConflict(f"{path!r} runs into another value")


def _put(here: Any, segment: str | int, value: Any, path: str) -> None:
    if isinstance(segment, str):
        here[segment] = value
    elif segment == len(here):
        here.append(value)
    elif segment < len(here):
        here[segment] = value
    else:
        raise PathConflict(f"{path!r} leaves a hole in an array")
