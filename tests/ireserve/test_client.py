"""What goes over the wire, and what each answer means."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drempel.ireserve import (
    BookingUnreadable,
    CredentialRefused,
    IReserveClient,
    IReserveError,
    NotFound,
    NotSent,
    OutcomeUnknown,
    PreconditionFailed,
    Refused,
    RetryLater,
    Sent,
    Unreadable,
)
from drempel.transport import NeverSent, Request, Response
from drempel.transport import OutcomeUnknown as TransportOutcomeUnknown
from tests.ireserve.answers import PlayedTransport, client_of, field_list, ok, unhurried

READS: dict[str, Callable[[IReserveClient], Awaitable[Any]]] = {
    "read_booking": lambda client: client.read_booking("3691"),
    "read_booking_fields": lambda client: client.read_booking_fields("3691"),
    "read_customer": lambda client: client.read_customer("123"),
    "read_object": lambda client: client.read_object("81"),
    "filter_bookings": lambda client: client.filter_bookings(search="BOOKING_ID > 1"),
}
WRITES: dict[str, Callable[[IReserveClient], Awaitable[Any]]] = {
    "write_booking_field": lambda client: client.write_booking_field("3691", field_number=5, value="x"),
    "subscribe": lambda client: client.subscribe("booking_updated", "https://a.example.com/hooks/secret-part"),
    "unsubscribe": lambda client: client.unsubscribe("2"),
}


async def failure(call: Callable[[IReserveClient], Awaitable[Any]], outcome: Response | Exception) -> IReserveError:
    with pytest.raises(IReserveError) as raised:
        await call(client_of(PlayedTransport([outcome])))
    return raised.value


async def test_a_read_carries_the_account_and_asks_for_json() -> None:
    transport = PlayedTransport([ok(field_list())])
    booking = await client_of(transport).read_booking("3691")
    [request] = transport.sent
    assert booking.id == "3691"
    assert (request.method, request.url, request.body) == ("GET", "https://club.i-reserve.net/api/rest/booking/3691", b"")
    assert request.headers == {
        "Authorization": "Basic " + base64.b64encode(b"drempel:geheim").decode(),
        "Content-Type": "application/json",
        "Accept": "application/json",
    }


async def test_a_customer_is_asked_for_with_raw_values() -> None:
    transport = PlayedTransport([ok({"customer_id": "123", "tel_mob_raw": "+31612345678"})])
    assert (await client_of(transport).read_customer("123")).tel_mob == "+31612345678"
    assert transport.sent[0].url == "https://club.i-reserve.net/api/rest/customer/123?admin=1&raw=1"


async def test_an_object_is_asked_for_by_its_id() -> None:
    transport = PlayedTransport([ok({"id": 81, "desc": "Hall 1"})])
    assert (await client_of(transport).read_object("81")).name == "Hall 1"
    assert transport.sent[0].url == "https://club.i-reserve.net/api/rest/object/81"


@pytest.mark.parametrize("base", ["https://x.example", "https://x.example/", "https://x.example//"])
async def test_the_address_is_joined_once(base: str) -> None:
    transport = PlayedTransport([ok(field_list())])
    await client_of(transport, base_url=base).read_booking("3691")
    assert transport.sent[0].url == "https://x.example/api/rest/booking/3691"


@pytest.mark.parametrize(
    "base",
    [
        "",
        "x.example",
        "ftp://x",
        "https://",
        "https://x/?a=1",
        "https://x/#a",
        "https://u:p@x",
        "https://x:99999",
        "https://x/\n",
        "https://x/ä",
    ],
)
def test_an_address_that_is_none_is_refused_at_once(base: str) -> None:
    with pytest.raises(ValueError, match="The address of i-Reserve looks like"):
        client_of(PlayedTransport([]), base_url=base)


@pytest.mark.parametrize("account", [{"username": "a:b"}, {"username": "a\n"}, {"password": "a\r\nX: y"}])
def test_an_account_that_cannot_be_sent_is_refused_at_once(account: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="A user name has no colon"):
        client_of(PlayedTransport([]), **account)


@pytest.mark.parametrize("hostile", ["", "..", ".", "a/b", "1?x", "1#", "1 2", "1\n", "%2e%2e", "x" * 65])
@pytest.mark.parametrize("call", ["read_booking", "read_booking_fields", "read_customer", "read_object", "unsubscribe"])
async def test_only_an_id_gets_into_an_address(call: str, hostile: str) -> None:
    transport = PlayedTransport([])
    with pytest.raises(ValueError, match="An id has"):
        await getattr(client_of(transport), call)(hostile)
    assert transport.sent == []


# Failures


@pytest.mark.parametrize("call", READS.values(), ids=READS.keys())
@pytest.mark.parametrize(
    ("outcome", "kind", "sent"),
    [
        (NeverSent("refused"), NotSent, Sent.NO),
        (TransportOutcomeUnknown("time-out"), RetryLater, Sent.UNKNOWN),
        (Response(status=429), RetryLater, Sent.YES),
        (Response(status=500), RetryLater, Sent.YES),
        (Response(status=502, body=b"<html>"), RetryLater, Sent.YES),
        (Response(status=599), RetryLater, Sent.YES),
        (Response(status=408), RetryLater, Sent.YES),
        (Response(status=401), CredentialRefused, Sent.YES),
        (Response(status=403), CredentialRefused, Sent.YES),
        (Response(status=404), NotFound, Sent.YES),
        (Response(status=400), Refused, Sent.YES),
        (Response(status=410), Refused, Sent.YES),
        (Response(status=412), PreconditionFailed, Sent.YES),
        (Response(status=302, headers={"location": "/login"}), Refused, Sent.YES),
        (Response(status=200, body=b"<html>sign in</html>"), Unreadable, Sent.YES),
        (Response(status=204), Unreadable, Sent.YES),
    ],
)
async def test_a_read_fails_by_what_was_seen(call: Any, outcome: Any, kind: type[IReserveError], sent: Sent) -> None:
    found = await failure(call, outcome)
    assert type(found) is kind or (kind is Unreadable and isinstance(found, BookingUnreadable))
    assert found.sent is sent


@pytest.mark.parametrize("call", WRITES.values(), ids=WRITES.keys())
@pytest.mark.parametrize(
    ("outcome", "kind", "sent"),
    [
        (NeverSent("refused"), NotSent, Sent.NO),
        (TransportOutcomeUnknown("time-out"), OutcomeUnknown, Sent.UNKNOWN),
        (Response(status=429), RetryLater, Sent.YES),
        (Response(status=500), OutcomeUnknown, Sent.UNKNOWN),
        (Response(status=503), OutcomeUnknown, Sent.UNKNOWN),
        (Response(status=302), OutcomeUnknown, Sent.UNKNOWN),
        (Response(status=408), OutcomeUnknown, Sent.UNKNOWN),
        (Response(status=401), CredentialRefused, Sent.YES),
        (Response(status=403), CredentialRefused, Sent.YES),
        (Response(status=400), Refused, Sent.YES),
        (Response(status=412), PreconditionFailed, Sent.YES),
    ],
)
async def test_a_write_fails_by_what_was_seen(call: Any, outcome: Any, kind: type[IReserveError], sent: Sent) -> None:
    found = await failure(call, outcome)
    assert type(found) is kind
    assert found.sent is sent


async def test_a_write_to_what_is_not_there_is_not_found() -> None:
    assert type(await failure(WRITES["write_booking_field"], Response(status=404))) is NotFound


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("120", timedelta(seconds=120)),
        ("Sun, 01 Mar 2026 12:02:00 GMT", timedelta(minutes=2)),
        ("soon", None),
    ],
)
async def test_a_pause_that_is_asked_for_is_heard(header: str, expected: timedelta | None) -> None:
    for call, status in ((READS["read_booking"], 503), (READS["read_booking"], 429), (WRITES["write_booking_field"], 503)):
        found = await failure(call, Response(status=status, headers={"retry-after": header}))
        assert isinstance(found, RetryLater | OutcomeUnknown)
        assert found.retry_after == expected


@unhurried
@given(st.text())
async def test_any_pause_header_is_read_or_ignored(header: str) -> None:
    found = await failure(READS["read_booking"], Response(status=429, headers={"retry-after": header}))
    assert isinstance(found, RetryLater)
    assert found.retry_after is None or timedelta(0) <= found.retry_after <= timedelta(days=1)


async def test_no_failure_tells_a_secret() -> None:
    told = b'{"message": "no rights for ada@example.com, password geheim, door-id"}'
    for call in (READS | WRITES).values():
        for outcome in (
            TransportOutcomeUnknown("https://drempel:geheim@club ada@example.com secret-part"),
            NeverSent("geheim"),
            *(Response(status=status, body=told) for status in (400, 401, 404, 412, 429, 500, 302)),
        ):
            if call is WRITES["unsubscribe"] and isinstance(outcome, Response) and outcome.status == 404:
                continue
            error = await failure(call, outcome)
            assert error.__suppress_context__ or error.__context__ is None
            assert len(str(error)) < 100
            shown = f"{error!s} {error!r} {error.__cause__} {vars(error)}"
            assert not [secret for secret in ("geheim", "ada@", "door-id", "secret-part") if secret in shown]


# Filter


def pages(*answers: Any) -> PlayedTransport:
    return PlayedTransport([ok(answer) for answer in answers])


def rows(*ids: int) -> list[dict[str, Any]]:
    return [{"RES_ID_raw": str(one), "id": number} for number, one in enumerate(ids, start=1)]


async def test_a_filter_is_walked_until_an_empty_page() -> None:
    transport = pages(rows(*range(1, 101)), rows(*range(101, 131)), [])
    result = await client_of(transport).filter_bookings(search="BOOKING_ID > 0", columns=("RES_FROMDATE",))
    assert result.complete
    assert [row.booking_id for row in result.rows] == [str(one) for one in range(1, 131)]
    queries = [parse_qs(urlsplit(request.url).query) for request in transport.sent]
    assert [query["start"] for query in queries] == [["0"], ["100"], ["130"]]
    assert all(query["length"] == ["100"] for query in queries)
    assert all(query["columns"] == ["RES_ID,RES_FROMDATE"] for query in queries)
    assert all(query["search"] == ["BOOKING_ID > 0"] for query in queries)
    assert "%20" in transport.sent[0].url
    assert "+" not in transport.sent[0].url


async def test_nothing_found_is_a_complete_result() -> None:
    result = await client_of(pages([])).filter_bookings(search="x")
    assert (result.rows, result.complete) == ((), True)


@pytest.mark.parametrize("wrapper", ["data", "results"])
async def test_wrapped_rows_are_rows(wrapper: str) -> None:
    result = await client_of(pages({wrapper: rows(1)}, {wrapper: []})).filter_bookings(search="x")
    assert [row.booking_id for row in result.rows] == ["1"]
    assert result.complete


async def test_a_page_with_nothing_new_ends_the_walk_as_not_complete() -> None:
    transport = PlayedTransport(lambda _: ok(rows(1, 2, 3)))
    result = await client_of(transport).filter_bookings(search="x")
    assert [row.booking_id for row in result.rows] == ["1", "2", "3"]
    assert not result.complete
    assert len(transport.sent) == 2


async def test_a_row_that_names_no_booking_makes_the_result_not_complete() -> None:
    result = await client_of(pages([*rows(1), {"id": 2}], [])).filter_bookings(search="x")
    assert [row.booking_id for row in result.rows] == ["1"]
    assert not result.complete


async def test_the_number_of_pages_is_bounded() -> None:
    def endless(request: Request) -> Response:
        return ok(rows(int(parse_qs(urlsplit(request.url).query)["start"][0]) + 1))

    transport = PlayedTransport(endless)
    result = await client_of(transport).filter_bookings(search="x", pages_max=7)
    assert (len(transport.sent), len(result.rows), result.complete) == (7, 7, False)


async def test_a_failure_on_a_later_page_is_a_failure_of_the_whole() -> None:
    transport = PlayedTransport([ok(rows(1)), Response(status=500)])
    with pytest.raises(RetryLater):
        await client_of(transport).filter_bookings(search="x")


@pytest.mark.parametrize("column", ["", "res_id", "RES_ID,X", "RES ID", "RES_ID&x=1"])
async def test_a_column_is_a_name(column: str) -> None:
    with pytest.raises(ValueError, match="is no column"):
        await client_of(PlayedTransport([])).filter_bookings(search="x", columns=(column,))


# Writing back


@pytest.mark.parametrize(("key", "expected"), [(None, "custom05"), ("custom05", "custom05"), ("custom5", "custom5")])
async def test_a_write_holds_only_the_id_and_the_field_in_the_form_last_read(key: str | None, expected: str) -> None:
    transport = PlayedTransport([ok(field_list() | {expected: "set-1"})])
    shown = await client_of(transport).write_booking_field("3691", field_number=5, value="set-1", key=key)
    [request] = transport.sent
    assert (request.method, request.url) == ("POST", "https://club.i-reserve.net/api/rest/hook/booking/")
    assert json.loads(request.body) == {"id": "3691", expected: "set-1"}
    assert shown == ("set-1" if expected == "custom05" else None)  # custom05 "" and custom5 "set-1" contradict each other


async def test_a_write_by_put_has_the_same_body() -> None:
    transport = PlayedTransport([ok(field_list(custom05="set-1"))])
    await client_of(transport, write_with_put=True).write_booking_field("3691", field_number=5, value="set-1")
    [request] = transport.sent
    assert (request.method, request.url) == ("PUT", "https://club.i-reserve.net/api/rest/booking/3691")
    assert json.loads(request.body) == {"id": "3691", "custom05": "set-1"}


async def test_clearing_writes_an_empty_text() -> None:
    transport = PlayedTransport([ok(field_list())])
    assert await client_of(transport).write_booking_field("3691", field_number=5, value="") == ""
    assert json.loads(transport.sent[0].body) == {"id": "3691", "custom05": ""}


@pytest.mark.parametrize("answer", [None, {}, [], {"id": "9999", "custom05": "set-1"}, field_list(without=("custom05",))])
async def test_an_answer_that_does_not_show_the_field_says_nothing(answer: Any) -> None:
    assert await client_of(pages(answer)).write_booking_field("3691", field_number=5, value="set-1") is None


@pytest.mark.parametrize("key", ["custom06", "custom005", "status_code", "email", "custom", "custom05 "])
async def test_a_key_of_anything_else_is_never_written(key: str) -> None:
    transport = PlayedTransport([])
    with pytest.raises(ValueError, match="booking field"):
        await client_of(transport).write_booking_field("3691", field_number=5, value="x", key=key)
    assert transport.sent == []


async def test_reading_back_shows_what_was_cut() -> None:
    transport = pages(field_list(custom05="0123456789"), field_list(custom05="01234", date_from="unreadable"))
    written = await client_of(transport).write_and_read_back("3691", field_number=5, value="0123456789")
    assert (written.answered, written.stored, written.key, written.kept) == ("0123456789", "01234", "custom05", False)
    assert [request.method for request in transport.sent] == ["POST", "GET"]


async def test_reading_back_shows_what_was_kept() -> None:
    transport = pages({}, field_list(without=("custom05",), custom5="set-1"))
    written = await client_of(transport).write_and_read_back("3691", field_number=5, value="set-1", key="custom5")
    assert (written.answered, written.stored, written.key, written.kept) == (None, "set-1", "custom5", True)


# Webhooks


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"id": "2", "Location": "https://demo/api/rest/hook/3"}, "2"),
        ({"id": 2}, "2"),
        ({"Location": "https://demo/api/rest/hook/3"}, "3"),
    ],
)
async def test_registering_a_webhook_gives_its_id(answer: Any, expected: str) -> None:
    transport = pages(answer)
    assert await client_of(transport).subscribe("booking_updated", "https://a.example.com/h/x") == expected
    [request] = transport.sent
    assert (request.method, request.url) == ("POST", "https://club.i-reserve.net/api/rest/hook/subscribe/booking_updated")
    assert json.loads(request.body) == {"target_url": "https://a.example.com/h/x"}


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"id": true}', b"<html>"])
async def test_registering_without_an_id_in_the_answer_is_unknown(body: bytes) -> None:
    assert type(await failure(WRITES["subscribe"], Response(status=200, body=body))) is OutcomeUnknown


@pytest.mark.parametrize("event", ["", "booking/updated", "Booking", "a b"])
async def test_an_event_is_a_word(event: str) -> None:
    with pytest.raises(ValueError, match="is no event"):
        await client_of(PlayedTransport([])).subscribe(event, "https://a.example.com")


@pytest.mark.parametrize("status", [200, 204, 404])
async def test_removing_a_webhook_succeeds_also_if_it_is_gone(status: int) -> None:
    transport = PlayedTransport([Response(status=status)])
    await client_of(transport).unsubscribe("2")
    assert (transport.sent[0].method, transport.sent[0].url) == ("DELETE", "https://club.i-reserve.net/api/rest/hook/2")
