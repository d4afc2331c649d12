"""The search language of `booking/filter`: `term (AND|OR term)*`, where `AND` binds tighter.

STARTDATUM >= "-1d" AND STARTDATUM <= "30d" AND STATUS IN (20,30)
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

__all__ = ["Criterion", "Facts", "Predicate", "SearchRefused", "criteria", "parse_search"]

SEARCH_LENGTH_MAX: Final = 20_000
DAYS_MAX: Final = 99_999
_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<word>[A-Za-z_][A-Za-z0-9_]*)|(?P<number>-?[0-9]{1,18})|"(?P<quoted>[^"]*)"|(?P<sign>>=|<=|[=<>(),]))"""
)
_DAYS: Final = re.compile(r"(?P<days>[+-]?[0-9]{1,5})d")
_COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


class SearchRefused(ValueError):
    """A text that is no search; the answer to it is 412."""


class Facts(NamedTuple):
    """What a booking can be searched by."""

    booking_id: int
    product: int
    start_day: date
    status: int


Predicate = Callable[[Facts], bool]


class Criterion(NamedTuple):
    """A name in the language: which fact it looks at, and whether its values are days."""

    fact: str
    of_days: bool = False


def criteria(*, status_name: str | None) -> Mapping[str, Criterion]:
    """The names that this environment knows, in upper case. Without `status_name` no search by status is known."""
    known = {
        "BOOKING_ID": Criterion("booking_id"),
        "PRODUCT": Criterion("product"),
        "STARTDATUM": Criterion("start_day", of_days=True),
    }
    return known if status_name is None else known | {status_name.upper(): Criterion("status")}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


class _Term(NamedTuple):
    criterion: Criterion
    operator: str
    values: tuple[str, ...]


def parse_search(text: str, *, known: Mapping[str, Criterion], today: date) -> Predicate:
    """The condition that the text stands for, on that day. Raises `SearchRefused`."""
    if len(text) > SEARCH_LENGTH_MAX:
        raise SearchRefused("too long")
    alternatives = _Parser(_tokens(text), known).alternatives()
    tests = [[_test(term, today=today) for term in terms] for terms in alternatives]
    return lambda facts: any(all(test(facts) for test in group) for group in tests)


def _tokens(text: str) -> list[_Token]:
    found, position, text = [], 0, text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise SearchRefused("unknown character")
        kind = match.lastgroup
        assert kind is not None
        found.append(_Token(kind, match[kind]))
        position = match.end()
    return found


class _Parser:
    """Reads tokens from left to right, once."""

    def __init__(self, tokens: list[_Token], known: Mapping[str, Criterion]) -> None:
        self._tokens = tokens
        self._known = known
        self._at = 0

    def alternatives(self) -> list[list[_Term]]:
        """Groups joined by `OR`, each of terms joined by `AND`."""
        groups = [[self._term()]]
        while self._at < len(self._tokens):
            word = self._take("word").upper()
            if word == "AND":
                groups[-1].append(self._term())
            elif word == "OR":
                groups.append([self._term()])
            else:
                raise SearchRefused("AND or OR expected")
        return groups

    def _term(self) -> _Term:
        name = self._take("word").upper()
        criterion = self._known.get(name)
        if criterion is None:
            raise SearchRefused("unknown name")
        token = self._next()
        if token.kind == "word" and token.text.upper() == "IN":
            return _Term(criterion, "IN", self._list())
        if token.kind == "sign" and token.text in _COMPARE:
            return _Term(criterion, token.text, (self._value(),))
        raise SearchRefused("operator expected")

    def _list(self) -> tuple[str, ...]:
        self._expect("(")
        values = [self._value()]
        while (sign := self._take("sign")) == ",":
            values.append(self._value())
        if sign != ")":
            raise SearchRefused("list not closed")
        return tuple(values)

    def _value(self) -> str:
        token = self._next()
        if token.kind not in {"number", "quoted"}:
            raise SearchRefused("value expected")
        return token.text

    def _expect(self, sign: str) -> None:
        if self._take("sign") != sign:
            raise SearchRefused(f"{sign} expected")

    def _take(self, kind: str) -> str:
        token = self._next()
        if token.kind != kind:
            raise SearchRefused(f"{kind} expected")
        return token.text

    def _next(self) -> _Token:
        if self._at >= len(self._tokens):
            raise SearchRefused("more expected")
        self._at += 1
        return self._tokens[self._at - 1]


def _test(term: _Term, *, today: date) -> Predicate:
    values = tuple(_day(one, today=today) if term.criterion.of_days else _number(one) for one in term.values)
    fact = operator.attrgetter(term.criterion.fact)
    if term.operator == "IN":
        wanted = frozenset(values)
        return lambda facts: fact(facts) in wanted
    compare, [value] = _COMPARE[term.operator], values
    return lambda facts: compare(fact(facts), value)


def _number(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,18}", text):
        raise SearchRefused("number expected")
    return int(text)


def _day(text: str, *, today: date) -> date:
    relative = _DAYS.fullmatch(text)
    try:
        if relative is not None:
            return today + timedelta(days=int(relative["days"]))
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    except (ValueError, OverflowError):
        pass
    raise SearchRefused("day expected")
