"""Every row of the i-Reserve contract, section 12.5: what is accepted, and what is named instead of guessed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drempel.ireserve.errors import BookingUnreadable, IReserveError, Reason, Unreadable
from drempel.ireserve.models import Booking
from drempel.ireserve.reading import ReadingRules, read_booking, read_booking_fields, read_customer, read_filter_rows, read_object
from drempel.ireserve.times import zone_named
from tests.ireserve.answers import encoded, field_list, legacy, unhurried

AMSTERDAM = ReadingRules(zone=zone_named("Europe/Amsterdam"))
NAMED = ReadingRules(
    zone=zone_named("Europe/Amsterdam"),
    status_codes_by_name={"OPEN": "20", "Paid": "30"},
    object_ids_by_name={"Cursus Schrijven": "7"},
)
START = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)
END = datetime(2026, 3, 14, 11, 0, tzinfo=UTC)


def read(answer: Any, *, booking_id: str = "3691", rules: ReadingRules = AMSTERDAM) -> Booking:
    return read_booking(encoded(answer), booking_id=booking_id, rules=rules)


def problem_of(answer: Any, *, booking_id: str = "3691", rules: ReadingRules = AMSTERDAM) -> tuple[str, str]:
    with pytest.raises(BookingUnreadable) as raised:
        read(answer, booking_id=booking_id, rules=rules)
    return raised.value.field, raised.value.reason


def test_the_field_list_shape_is_read_whole() -> None:
    booking = read(field_list(custom05="an-id"))
    assert (booking.id, booking.object_id, booking.object_name) == ("3691", "81", "Hall 1")
    assert (booking.status_code, booking.status_name) == ("20", "OPEN")
    assert (booking.start, booking.end) == (START, END)
    assert booking.start.tzinfo is UTC
    assert (booking.customer_id, booking.customer_name, booking.email) == ("123", "Mrs. A. Lovelace", "ada@example.com")
    assert booking.field(5) == ("an-id", "custom05")


def test_the_legacy_shape_is_read_if_names_are_configured() -> None:
    booking = read(legacy(), booking_id="1363", rules=NAMED)
    assert (booking.id, booking.object_id, booking.status_code) == ("1363", "7", "20")
    assert (booking.start, booking.end) == (datetime(2026, 3, 14, 8, 0, tzinfo=UTC), END)
    assert booking.field(5) == ("", None)
    assert booking.customer_id is None


@pytest.mark.parametrize("wrapper", ["booking", "data", "reservation"])
def test_a_wrapped_booking_reads_as_a_bare_one(wrapper: str) -> None:
    assert read({wrapper: field_list()}) == read(field_list())


def test_numbers_as_strings_and_strings_as_numbers_read_the_same() -> None:
    assert read(field_list(id=3691, object_id="81", status_code=20, customer_id=123)) == read(field_list())


def test_a_byte_order_mark_is_no_obstacle() -> None:
    body = b"\xef\xbb\xbf" + encoded(field_list())
    assert read_booking(body, booking_id="3691", rules=AMSTERDAM) == read(field_list())


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (field_list(without=("id",)), ("id", "missing")),
        (field_list(id=""), ("id", "missing")),
        (field_list(id=3691.0), ("id", "not_an_id")),
        (field_list(id=True), ("id", "not_an_id")),
        (field_list(id="3691/../1"), ("id", "not_an_id")),
        (field_list(id="3692"), ("id", "other_id")),
        (field_list(id="03691"), ("id", "other_id")),
        (field_list(id="3692", booking_id="3691"), ("id", "other_id")),
        ([field_list()], ("answer", "not_an_object")),
        (None, ("answer", "not_an_object")),
        ({}, ("id", "missing")),
        ({"message": "no"}, ("id", "missing")),
    ],
)
def test_an_id_is_the_one_that_was_asked_for(answer: Any, expected: tuple[str, str]) -> None:
    assert problem_of(answer) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"date_from": "2026-03-14T10:00:00+01:00"}, START),
        ({"date_from": "2026-03-14T10:00+01"}, START),
        ({"date_from": "2026-03-14T09:00:00Z"}, START),
        ({"date_from": "2026-03-14T09:00:00.999Z"}, START),
        ({"date_from": "2026-03-14T10:00:00"}, START),  # no offset: the zone of the source
        ({"date_from": "2026-03-14T04:00:00-0500"}, START),
        ({"date_from": " 2026-03-14T10:00:00+0100 "}, START),
        ({"date_from": "", "fromdate": "2026-03-14", "fromtime": "10:00"}, START),
        ({"date_from": None, "fromdate": "2026-03-14", "fromtime": "10:00:00"}, START),
    ],
)
def test_a_start_is_read_into_utc(changes: dict[str, Any], expected: datetime) -> None:
    assert read(field_list(**changes)).start == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (field_list(without=("date_from",)), ("fromdate", "missing")),
        (field_list(without=("date_from", "fromtime"), fromdate="2026-03-14"), ("fromtime", "missing")),
        (field_list(date_from="", fromdate="Sat Jul 09, 2011"), ("fromdate", "not_a_time")),
        (field_list(date_from="", fromdate="090000"), ("fromdate", "not_a_time")),
        (field_list(date_from="", fromdate="2026-03-14", fromtime="090000"), ("fromdate", "not_a_time")),
        (field_list(date_from="", fromdate="14-03-2026"), ("fromdate", "not_a_time")),
        (field_list(date_from="14-03-2026 10:00", fromdate="2026-03-14"), ("date_from", "not_a_time")),
        (field_list(date_from="2026-03-14"), ("date_from", "not_a_time")),
        (field_list(date_from="2026-W11-6T10:00:00"), ("date_from", "not_a_time")),
        (field_list(date_from="2026-02-30T10:00:00+0100"), ("date_from", "not_a_time")),
        (field_list(date_from="2026-03-14T24:00:00+0100"), ("date_from", "not_a_time")),
        (field_list(date_from="2026-03-14T10:00:00+2500"), ("date_from", "not_a_time")),
        (field_list(date_from="2026-03-14T10:00:00+0175"), ("date_from", "not_a_time")),
        (field_list(date_from="0000-00-00T00:00:00+0000"), ("date_from", "not_a_time")),
        (field_list(date_from="0001-01-01T00:00:00+1400"), ("date_from", "not_a_time")),
        (field_list(date_till="9999-12-31T23:59:59-1200"), ("date_till", "not_a_time")),
        (field_list(date_from="\uff12026-03-14T10:00:00+0100"), ("date_from", "not_a_time")),
        (field_list(date_from=1773478800), ("date_from", "not_a_time")),
        (field_list(date_from="2026-03-29T02:30:00"), ("date_from", "no_zone_gap")),
        (field_list(date_till="2026-10-25T02:30:00"), ("date_till", "no_zone_overlap")),
        (field_list(date_till="", tilldate="2026-10-25", tilltime="02:00"), ("tilldate", "no_zone_overlap")),
        (field_list(date_till="2026-03-14T10:00:00+0100"), ("date_till", "ends_before_start")),
        (field_list(date_till="2026-03-14T10:30:00+0200"), ("date_till", "ends_before_start")),
    ],
)
def test_a_time_that_is_not_one_instant_is_named(answer: dict[str, Any], expected: tuple[str, str]) -> None:
    assert problem_of(answer) == expected


def test_a_wall_time_in_an_overlap_is_fine_with_its_offset() -> None:
    answer = field_list(date_from="2026-10-25T02:30:00+0100", date_till="2026-10-25T03:30:00+0100")
    assert read(answer).start == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "rules", "expected"),
    [
        ({"status_code": 20}, AMSTERDAM, "20"),
        ({"status_code": " 20 "}, AMSTERDAM, "20"),
        ({"status_code": "", "status": "open"}, NAMED, "20"),
        ({"status_code": None, "status": "PAID"}, NAMED, "30"),
        ({"status_code": "70", "status": "Open"}, NAMED, "70"),  # the code wins
    ],
)
def test_a_status_is_its_code(changes: dict[str, Any], rules: ReadingRules, expected: str) -> None:
    assert read(field_list(**changes), rules=rules).status_code == expected


@pytest.mark.parametrize(
    ("answer", "rules", "expected"),
    [
        (field_list(without=("status_code",)), AMSTERDAM, ("status_code", "missing")),
        (field_list(status_code="", status="Elsewhere"), NAMED, ("status_code", "name_not_configured")),
        (field_list(status_code=20.0), AMSTERDAM, ("status_code", "not_an_id")),
        (field_list(status_code=["20"]), AMSTERDAM, ("status_code", "not_an_id")),
        (field_list(without=("object_id",)), AMSTERDAM, ("object_id", "missing")),
        (field_list(object_id=None), NAMED, ("object_id", "name_not_configured")),
        (field_list(object_id={"id": 81}), AMSTERDAM, ("object_id", "not_an_id")),
    ],
)
def test_a_status_or_object_that_is_not_given_is_named(answer: Any, rules: ReadingRules, expected: tuple[str, str]) -> None:
    assert problem_of(answer, rules=rules) == expected


def test_a_readable_status_is_known_even_where_the_times_are_not() -> None:
    with pytest.raises(BookingUnreadable) as raised:
        read(field_list(status_code="70", date_from="2026-03-29T02:30:00"))
    assert raised.value.status_code == "70"


def test_an_answer_about_another_booking_says_nothing_about_a_status() -> None:
    with pytest.raises(BookingUnreadable) as raised:
        read(field_list(id="3692", status_code="70"))
    assert raised.value.status_code is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"object_desc": "Hall 1", "object": "HALL1"}, "Hall 1"),
        ({"object_desc": "", "object": "HALL1"}, "HALL1"),
        ({"object_desc": None, "object": None}, ""),
        ({"object_desc": ["x"], "object": True}, ""),
        ({"object_desc": "a\x00b\ud800c"}, "a�b�c"),
        ({"object_desc": "x" * 5000}, "x" * 500),
    ],
)
def test_an_object_name_can_always_be_shown_and_stored(changes: dict[str, Any], expected: str) -> None:
    assert read(field_list(**changes)).object_name == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ("", None)),
        ({"custom05": ""}, ("", "custom05")),
        ({"custom5": ""}, ("", "custom5")),
        ({"custom05": None}, ("", "custom05")),
        ({"custom05": "x"}, ("x", "custom05")),
        ({"custom5": "x"}, ("x", "custom5")),
        ({"custom05": " x "}, ("x", "custom05")),
        ({"custom5": 12}, ("12", "custom5")),
        ({"custom05": "x", "custom5": "x"}, ("x", "custom05")),
        ({"custom05": None, "custom5": ""}, ("", "custom05")),
        ({"custom0005": "x", "custom50": "y"}, ("", None)),
    ],
)
def test_a_booking_field_is_read_under_either_key(fields: dict[str, Any], expected: tuple[str, str | None]) -> None:
    assert read(field_list(without=("custom01", "custom05")) | fields).field(5) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"custom05": "x", "custom5": "y"}, ("custom05", "custom_keys_differ")),
        ({"custom05": "x", "custom5": ""}, ("custom05", "custom_keys_differ")),
        ({"custom05": ["x"]}, ("custom05", "not_text")),
        ({"custom05": True}, ("custom05", "not_text")),
    ],
)
def test_a_booking_field_that_is_not_one_text_is_named_when_it_is_asked_for(fields: Any, expected: tuple[str, str]) -> None:
    booking = read(field_list(**fields))
    with pytest.raises(BookingUnreadable) as raised:
        booking.field(5)
    assert (raised.value.field, raised.value.reason, raised.value.status_code) == (*expected, "20")
    assert booking.field(6) == ("", None)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("123", "123"), (123, "123"), ("", None), (None, None), (0, None), ("0", None), ("a b", None), (1.5, None), (True, None)],
)
def test_a_customer_id_is_an_id_or_absent(value: Any, expected: str | None) -> None:
    assert read(field_list(customer_id=value)).customer_id == expected


@pytest.mark.parametrize(("value", "expected"), [(" ada@example.com ", "ada@example.com"), (None, ""), (5, ""), ("a" * 321, "")])
def test_an_email_is_text_or_absent(value: Any, expected: str) -> None:
    assert read(field_list(email=value)).email == expected


def test_no_repr_shows_a_visitor() -> None:
    booking = read(field_list(custom05="secret-id"))
    customer = read_customer(encoded({"customer_id": "1", "lastname": "Lovelace", "tel_mob": "0612"}), customer_id="1")
    for shown in (repr(booking), repr(customer)):
        for hidden in ("Lovelace", "ada@", "0612", "secret-id"):
            assert hidden not in shown


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"customer_id": "123", "tel_mob": "06 1", "tel_mob_raw": "0031 6 1234 5678"}, "0031 6 1234 5678"),
        ({"customer_id": 123, "tel_mob": "+31612345678"}, "+31612345678"),
        ({"customer_id": "123", "tel_mob": "+31612345678", "tel_mob_raw": ""}, "+31612345678"),
        ({"customer_id": "123", "tel_mob": None}, ""),
        ({"customer_id": "123"}, ""),
        ({"id": 123, "tel_mob": 31612345678}, "31612345678"),
        ({"tel_mob": "+31612345678"}, "+31612345678"),  # which keys come depends on the environment
        ({"customer": {"customer_id": "123", "tel_mob": "+31612345678"}}, "+31612345678"),
    ],
)
def test_a_mobile_number_is_the_raw_one_if_there_is_one(answer: Any, expected: str) -> None:
    assert read_customer(encoded(answer), customer_id="123").tel_mob == expected


@pytest.mark.parametrize("answer", [{"customer_id": "124"}, {"customer_id": True}, {"id": 124}])
def test_the_number_of_another_customer_is_never_taken(answer: Any) -> None:
    with pytest.raises(Unreadable) as raised:
        read_customer(encoded(answer), customer_id="123")
    assert raised.value.reason == Reason.OTHER_ID


def test_a_customer_has_a_name_from_initials_and_last_name() -> None:
    answer = {"customer_id": "1", "initials": "A", "lastname": "Lovelace"}
    assert read_customer(encoded(answer), customer_id="1").name == "A Lovelace"
    assert read_customer(b'{"customer_id": "1"}', customer_id="1").name == ""


@pytest.mark.parametrize("answer", [{}, {"message": "Try again later"}, {"status": "ok", "data": {}}])
def test_an_answer_without_one_key_of_a_customer_says_nothing_of_how_a_visitor_can_be_reached(answer: Any) -> None:
    with pytest.raises(Unreadable) as raised:
        read_customer(encoded(answer), customer_id="1")
    assert raised.value.reason == Reason.MISSING


def test_an_object_has_the_name_that_people_know() -> None:
    assert read_object(encoded({"id": 81, "desc": "Hall 1", "long_desc": "Long"}), object_id="81").name == "Hall 1"
    assert read_object(encoded({"id": "81", "desc": "", "long_desc": "Long"}), object_id="81").name == "Long"
    with pytest.raises(Unreadable):
        read_object(encoded({"id": 82, "desc": "Hall 1"}), object_id="81")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"RES_ID_raw": "1", "RES_ID": "2", "res_id": "3"}, "1"),
        ({"RES_ID": 2, "res_id": "3", "id": 9}, "2"),
        ({"res_id": "3", "id": 9}, "3"),
        ({"RES_ID_raw": None, "res_id": "3"}, "3"),
        ({"id": 9}, None),  # a row counter, not a booking
        (["1"], None),
    ],
)
def test_a_row_names_its_booking(row: Any, expected: str | None) -> None:
    [found] = read_filter_rows(encoded([row]), columns=())
    assert (found.booking_id if found else None) == expected


def test_a_row_gives_the_asked_columns_raw_where_it_can() -> None:
    row = {"RES_ID": "1", "RES_FROMTIME": "10:00 am", "RES_FROMTIME_raw": 36000, "OBJ_NAME": "HALL1", "id": 4}
    [found] = read_filter_rows(encoded([row]), columns=("RES_FROMTIME", "OBJ_NAME", "RES_CUSTOM05"))
    assert found is not None
    assert found.values == ("36000", "HALL1", "")


@pytest.mark.parametrize("answer", [{}, {"data": None}, {"data": {"0": {}}}, {"rows": []}, None, "x", 5])
def test_an_answer_that_is_no_list_of_rows_is_not_an_empty_list(answer: Any) -> None:
    with pytest.raises(Unreadable) as raised:
        read_filter_rows(encoded(answer), columns=())
    assert raised.value.reason == Reason.NOT_ROWS


# Whatever comes: a value or a typed error.

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)
some_booking = st.fixed_dictionaries(
    {}, optional=dict.fromkeys([*field_list(), "custom5", "booking_id", "fromdate", "tilldate"], json_values)
)
almost_a_booking = st.builds(lambda changes: field_list(**changes), some_booking)


def read_in_every_way(body: bytes) -> None:
    for reading in (
        lambda: read_booking(body, booking_id="3691", rules=NAMED).field(5),
        lambda: read_booking_fields(body, booking_id="3691").read(5),
        lambda: read_customer(body, customer_id="123"),
        lambda: read_object(body, object_id="81"),
        lambda: read_filter_rows(body, columns=("RES_ID",)),
    ):
        try:
            str(reading()).encode()  # whatever is read can be stored
        except IReserveError as error:
            str(error).encode()


@unhurried
@given(st.binary(max_size=200))
def test_any_bytes_give_a_value_or_a_typed_error(body: bytes) -> None:
    read_in_every_way(body)


@unhurried
@given(json_values | some_booking | almost_a_booking | st.builds(lambda one: {"booking": one}, almost_a_booking))
def test_any_json_gives_a_value_or_a_typed_error(answer: Any) -> None:
    read_in_every_way(json.dumps(answer).encode())


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"booking":' * 100_000,
        b'{"id": ' + b"9" * 5000 + b"}",
        b"\xff\xfe",
        b"",
        b"\x00" * 9,
        b'{"id": NaN}',
        b'"\\ud800"',
    ],
)
def test_hostile_documents_give_a_typed_error(body: bytes) -> None:
    read_in_every_way(body)
