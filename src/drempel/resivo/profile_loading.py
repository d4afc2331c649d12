"""Loads a profile: a shipped one by its name, or a TOML file laid over `assumed-v8` key by key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from drempel.resivo.profile import Profile, ProfileError
from drempel.resivo.profile_checks import Misfit

__all__ = ["BASE_PROFILE", "load_profile", "shipped_profiles"]

BASE_PROFILE: Final = "assumed-v8"
PROFILE_BYTES_MAX: Final = 256 * 1024
HEADER: Final = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?")
KEY: Final = re.compile(r"\s*((?:[\w-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[\w-]+|\"[^\"]*\"|'[^']*'))*)\s*=")


def shipped_profiles() -> list[str]:
    """The names that `load_profile` knows without a file."""
    return sorted(entry.name.removesuffix(".toml") for entry in _folder().iterdir() if entry.name.endswith(".toml"))


def load_profile(name_or_path: str | Path) -> Profile:
    """A shipped profile by its name, or the file at a path. Raises `ProfileError` with a sentence that says what to mend."""
    if isinstance(name_or_path, str) and name_or_path in shipped_profiles():
        file = f"{name_or_path}.toml"
        text = _shipped(name_or_path)
        overlay = _parse(text, file)
    else:
        path = Path(name_or_path)
        file = str(path)
        text = _read(path)
        overlay = _parse(text, file)
        overlay.setdefault("name", path.stem)
    base = tomllib.loads(_shipped(BASE_PROFILE))
    try:
        return Profile.model_validate(_laid_over(base, overlay))
    except ValidationError as error:
        raise ProfileError("\n".join(_sentences(error, text=text, file=file))) from error


def _folder() -> Traversable:
    return resources.files("drempel.resivo") / "profiles"


def _shipped(name: str) -> str:
    return (_folder() / f"{name}.toml").read_text(encoding="utf-8")


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(PROFILE_BYTES_MAX + 1)
    except (OSError, ValueError) as error:
        known = ", ".join(shipped_profiles())
        raise ProfileError(f"{path}: no such profile; shipped are {known}, anything else is the path of a TOML file") from error
    if len(raw) > PROFILE_BYTES_MAX:
        raise ProfileError(f"{path}: longer than {PROFILE_BYTES_MAX} bytes, that is no profile")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ProfileError(f"{path}: not written in UTF-8") from error


def _parse(text: str, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ProfileError(f"{file}: not TOML: {error}") from error


def _laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Tables merge key by key; anything else is replaced."""
    merged = dict(below)
    for key, value in above.items():
        here = merged.get(key)
        merged[key] = _laid_over(here, value) if isinstance(here, dict) and isinstance(value, dict) else value
    return merged


def _sentences(error: ValidationError, *, text: str, file: str) -> list[str]:
    lines = _lines_of_keys(text)
    sentences = []
    for one in error.errors():
        cause = one.get("ctx", {}).get("error")
        if isinstance(cause, Misfit):
            key, reason = cause.key, cause.reason
        else:
            key = ".".join(str(part) for part in one["loc"])
            reason = _reason(one["type"], one["msg"])
        line = _line(lines, key)
        where = file if line is None else f"{file}, line {line}"
        sentences.append(f"{where}: {key or 'profile'}: {reason}")
    return sentences


def _reason(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return "unknown key"
    if kind == "missing":
        return "is missing"
    return message.removeprefix("Value error, ")


def _lines_of_keys(text: str) -> dict[tuple[str, ...], int]:
    """Where each key of the text stands. A guess for people: multi-line values may hide a key."""
    found: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := HEADER.fullmatch(line):
            table = _parts(header[1])
            found.setdefault(table, number)
        elif key := KEY.match(line):
            found.setdefault((*table, *_parts(key[1])), number)
    return found


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def _line(lines: Mapping[tuple[str, ...], int], key: str) -> int | None:
    wanted: Sequence[str] = key.split(".") if key else ()
    for length in range(len(wanted), 0, -1):
        line = lines.get(tuple(wanted[:length]))
        if line is not None:
            return line
    return None
