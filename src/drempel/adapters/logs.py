"""Log lines: one fact a line on standard error, for a person at a terminal or as JSON.

Whoever logs gives ids and codes only. `scrub` is the net beneath: what looks like a secret or like visitor data is masked whatever its key.
"""

from __future__ import annotations

import contextlib
import json
import logging
import re
import sys
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, TextIO

import structlog
from structlog.typing import EventDict, Processor

__all__ = ["configure_logging", "scrub"]

MASK: Final = "[masked]"
SECRET_KEYS: Final = re.compile(
    r"(?i)pass(word|wd)?$|secret|token|authorization$|api_?key|cookie|e?mail|phone|mobile|database_url"
)
SECRET_TEXTS: Final = (
    re.compile(r"[^\s@<>\"',;:=/]+@[^\s@<>\"',;:=/]+\.[^\s@<>\"',;:=/]+"),  # an e-mail address
    re.compile(r"(?<![\w.])\+[1-9][0-9 ()-]{7,18}[0-9]"),  # a phone number
    re.compile(r"(?<![\w.-])00[1-9][0-9 ()]{7,18}[0-9](?![\w-])"),  # the same with 00; not the beginning of an id
    re.compile(r"(?i)\b(?:bearer|basic)\s+[A-Za-z0-9._~+/=-]+"),
    re.compile(r"\bdrk_[A-Za-z0-9_-]+"),
    re.compile(r"\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"),  # a JSON web token
    re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"),  # user:password in an address
    re.compile(r"(?<=/hooks/)[^\s\"'?#]+"),
)
PLAIN_TEXT: Final = re.compile(r"[a-z_.]{1,64}|[1-9][0-9]{0,7}")
"""Dotted names and short numbers: nothing of the above can be in them, so nothing needs to be looked for."""
FIRST_KEYS: Final = ("at", "level", "event")


_encode: Final = json.JSONEncoder(ensure_ascii=False, default=str).encode


def configure_logging(*, log_format: str, log_level: str, stream: TextIO) -> None:
    """From now on everything in this process logs to `stream`, libraries included; theirs from warnings on, unless debugging."""
    level = logging.getLevelName(log_level.upper())
    assert isinstance(level, int), log_level
    debugging = level <= logging.DEBUG
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.ExceptionRenderer() if debugging else _name_the_error,
        scrub,
        _in_order,
    ]
    renderer: Processor
    if log_format == "json":
        renderer = structlog.processors.JSONRenderer(serializer=_one_line)
    else:
        renderer = structlog.dev.ConsoleRenderer(colors=stream.isatty(), timestamp_key="at")
    structlog.configure(
        processors=[*shared, renderer],
        logger_factory=structlog.WriteLoggerFactory(_LosingLines(stream)),  # type: ignore[arg-type]  # it writes and flushes, no more
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=level if debugging else max(level, logging.WARNING), force=True)
    # It tells every statement with all its values, which `scrub` could only guess about.
    logging.getLogger("aiosqlite").setLevel(logging.WARNING)


class _LosingLines:
    """A stream that loses a line rather than raise: on a full disk, or with nobody left to read, the work that is logged must go on.

    Handlers of the standard library do so by themselves.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError):
            self._stream.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self._stream.flush()


def scrub(_logger: Any, _method: str, event_dict: EventDict) -> EventDict:
    """Mask what must never be in a log."""
    return {key: _scrubbed(key, value) for key, value in event_dict.items()}


@lru_cache(maxsize=256)
def _is_secret(key: str) -> bool:
    return SECRET_KEYS.search(key) is not None


def _scrubbed(key: str, value: Any) -> Any:
    if key in FIRST_KEYS[:2] or key.startswith("_"):
        return value
    if _is_secret(key):
        return MASK
    if isinstance(value, str):
        if PLAIN_TEXT.fullmatch(value) and "drk_" not in value:
            return value
        for pattern in SECRET_TEXTS:
            value = pattern.sub(MASK, value)
        return value
    if isinstance(value, Mapping):
        return {str(inner): _scrubbed(str(inner), content) for inner, content in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_scrubbed("", content) for content in value]
    return value if value is None or isinstance(value, bool | int | float) else _scrubbed("", str(value))


def _name_the_error(_logger: Any, _method: str, event_dict: EventDict) -> EventDict:
    """An error goes to the log by its kind and place: its text can quote addresses, answers and visitors."""
    info = event_dict.pop("exc_info", None)
    error = sys.exc_info()[1] if info is True else info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event_dict["error"] = type(error).__name__
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        if trace is not None:
            event_dict["where"] = f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"
    event_dict.pop("stack_info", None)
    return event_dict


def _in_order(_logger: Any, _method: str, event_dict: EventDict) -> EventDict:
    """Time, level and fact first."""
    return {key: event_dict[key] for key in FIRST_KEYS if key in event_dict} | dict(event_dict)


def _one_line(value: Any, **_options: Any) -> str:
    return _encode(value)
