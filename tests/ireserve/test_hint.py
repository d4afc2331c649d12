"""A delivery gives a booking id or nothing: i-Reserve contract, section 12.3."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drempel.ireserve import HINT_BODY_BYTES_MAX, booking_id_of
from tests.ireserve.answers import encoded, field_list, unhurried
from tests.ireserve.test_reading import json_values


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (field_list(), "3691"),
        ({"id": 3691}, "3691"),
        ({"booking_id": "3691"}, "3691"),
        ({"RES_ID": "3691"}, "3691"),
        ({"res_id": 3691}, "3691"),
        ({"booking": {"id": "3691"}}, "3691"),
        ({"data": {"booking_id": 3691}}, "3691"),
        ({"reservation": {"RES_ID": "3691"}}, "3691"),
        ({"id": "1", "booking_id": "2"}, "1"),
        ({"data": {"id": "2"}, "booking": {"id": "1"}}, "1"),
        ({"data": {"id": "2"}, "res_id": "1"}, "1"),
        ({"id": None, "booking": {"id": "3691"}}, "3691"),
        ({"id": "A-1_b.c:d"}, "A-1_b.c:d"),
        ({"id": "x" * 64}, "x" * 64),
        ({"id": 0}, "0"),
        ({"id": 3691.0}, None),
        ({"id": True}, None),
        ({"id": -5}, None),
        ({"id": "x" * 65}, None),
        ({"id": 10**64}, None),
        ({"id": ""}, None),
        ({"id": " 3691"}, None),
        ({"id": "3691\n"}, None),
        ({"id": "3691/../../user"}, None),
        ({"id": ".."}, None),
        ({"id": "."}, None),
        ({"id": "\uff13691"}, None),
        ({"id": ["3691"]}, None),
        ({"id": {"id": "3691"}}, None),
        ({"booking": {"data": {"id": "3691"}}}, None),
        ({"booking": [{"id": "3691"}]}, None),
        ({"event": {"id": "3691"}}, None),
        ([{"id": "3691"}], None),
        ("3691", None),
        (3691, None),
        (None, None),
        ({}, None),
    ],
)
def test_the_first_usable_id_is_taken_and_nothing_else_is_believed(document: object, expected: str | None) -> None:
    assert booking_id_of(encoded(document)) == expected


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"id=3691",
        b"\xff\xfe\x00",
        b'{"id": "3691"',
        b"[" * 60_000,
        b'{"booking":' * 5_000,
        b'{"id":' + b"9" * 5_000 + b"}",
        b'{"id": "3691", "remarks": "' + b"x" * HINT_BODY_BYTES_MAX + b'"}',
    ],
)
def test_a_body_that_is_no_delivery_gives_nothing(body: bytes) -> None:
    assert booking_id_of(body) is None


@unhurried
@given(st.binary(max_size=300) | json_values.map(lambda value: json.dumps(value).encode()))
def test_anything_gives_a_safe_id_or_nothing(body: bytes) -> None:
    found = booking_id_of(body)
    assert found is None or (re.fullmatch(r"[A-Za-z0-9_.:-]{1,64}", found) and found not in {".", ".."})
