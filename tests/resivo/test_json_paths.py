"""Dotted paths, for reading and for writing."""

from __future__ import annotations

from typing import Any

import pytest

from drempel.resivo.json_paths import PathConflict, read_path, segments, write_path


@pytest.mark.parametrize(
    ("value", "path", "found"),
    [
        ({"a": 1}, "", {"a": 1}),
        ({"a": {"b": 2}}, "a.b", 2),
        ({"a": [{"b": 2}]}, "a.0.b", 2),
        ({"a": [{"b": 2}]}, "a.1.b", None),
        ({"a": {"0": 2}}, "a.0", None),
        ({"a": None}, "a.b", None),
        ({"a": "text"}, "a.b", None),
        ([1], "a", None),
        (None, "a", None),
        ({"a": False}, "a", False),
    ],
)
def test_reading_finds_the_value_or_none(value: Any, path: str, found: Any) -> None:
    assert read_path(value, path) == found


def test_writing_makes_the_way() -> None:
    target: dict[str, Any] = {}
    write_path(target, "restrictions.0.validFrom", "from")
    write_path(target, "restrictions.0.validTo", "to")
    write_path(target, "restrictions.1.validFrom", "from")
    write_path(target, "a.b.c", 1)
    assert target == {
        "restrictions": [{"validFrom": "from", "validTo": "to"}, {"validFrom": "from"}],
        "a": {"b": {"c": 1}},
    }


@pytest.mark.parametrize(
    ("first", "second"), [("a", "a"), ("a", "a.b"), ("a.b", "a"), ("a.0", "a.b"), ("a.b", "a.0"), ("x", "a.1"), ("a.0.b", "a.0")]
)
def test_paths_in_each_others_way_are_refused(first: str, second: str) -> None:
    target: dict[str, Any] = {}
    write_path(target, first, True)
    with pytest.raises(PathConflict):
        write_path(target, second, True)


@pytest.mark.parametrize("path", ["", ".", "a.", ".a", "a..b", "0", "0.a", "a.10", ".".join("abcdefghijklm")])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(PathConflict):
        segments(path)
