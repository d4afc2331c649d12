"""What the web takes and refuses, and from whom."""

from __future__ import annotations

import json

import pytest

from tests.processes.programs import eventually
from tests.processes.world import World

pytestmark = [pytest.mark.processes, pytest.mark.asyncio(loop_scope="session")]


async def test_a_delivery_that_cannot_be_understood_is_refused_with_its_reason(club: World) -> None:
    hook = f"/hooks/club/{club.hook_tokens['club']}"
    refusals = {
        (hook, b"not JSON"): (400, "hook.no_booking_id"),
        (hook, b'{"name": "no id"}'): (400, "hook.no_booking_id"),
        (hook, b"[]"): (400, "hook.no_booking_id"),
        (hook, json.dumps({"id": "x" * 70_000}).encode()): (413, "body.too_long"),
        (f"{hook}x", b'{"id": "1"}'): (404, "hook.unknown"),
        ("/hooks/nowhere/token", b'{"id": "1"}'): (404, "hook.unknown"),
        ("/hooks/club", b'{"id": "1"}'): (404, "address.unknown"),
    }
    before = {one["booking_id"] for one in (await club.ask("/bookings?limit=500"))["items"]}
    for (path, body), (status, code) in refusals.items():
        answer = await club.call("POST", path, body)
        assert (answer.status, json.loads(answer.body)["code"]) == (status, code)
    assert (await club.call("GET", hook)).status == 405
    assert before == {one["booking_id"] for one in (await club.ask("/bookings?limit=500"))["items"]}
    # Not the header says what a body is.
    visit = club.book(status="20")
    await club.hint(visit)
    await club.granted(visit)


async def test_a_key_that_may_read_may_not_order(club: World) -> None:
    visit = club.confirmed()
    await club.granted(visit)
    key = (await club.say("api-key", "add", "dashboard", "--scope", "read")).out.strip()
    club.keep_secret(key, "an API key")
    club.programs.all[-1].may_show = (key,)
    one = f"/api/v1/bookings/club/{visit.id}"
    assert (await club.call("GET", one, key=key)).status == 200
    refusals = {
        ("POST", f"{one}/revoke", key): (403, "key.scope"),
        ("POST", "/api/v1/integrations/doors/pause", key): (403, "key.scope"),
        ("GET", one, None): (401, "key.missing"),
        ("GET", one, f"{key}x"): (401, "key.unknown"),
        ("POST", f"{one}/revoke", None): (401, "key.missing"),
        ("GET", "/api/v1/bookings/club/424242", key): (404, "booking.unknown"),
        ("GET", "/api/v1/bookings/nowhere/1", key): (404, "source.unknown"),
        ("GET", "/api/v1/bookings?limit=501", key): (400, "input.wrong"),
        ("GET", "/api/v1/bookings?state=happy", key): (400, "input.wrong"),
        ("GET", "/api/v1/bookings?after=nonsense", key): (400, "input.wrong"),
    }
    for (method, path, with_key), (status, code) in refusals.items():
        answer = await club.call(method, path, key=with_key)
        assert (answer.status, json.loads(answer.body)["code"]) == (status, code), path
        assert answer.headers["content-type"] == "application/problem+json"
    wrong_word = await club.call_as_person("POST", f"/bookings/club/{visit.id}/resolve", {"created": "x", "not_created": True})
    assert wrong_word.status == 400
    await club.granted(visit)

    assert "revoked" in (await club.say("api-key", "revoke", "dashboard")).out
    assert (await club.call("GET", one, key=key)).status == 401
    assert visit.id in await club.order(f"/bookings/club/{visit.id}/revoke")
    await club.revoked(visit)


async def test_a_rotated_hook_address_works_at_once_and_the_old_one_still(club: World) -> None:
    address = (await club.say("hook-url", "club", "--rotate")).out.strip()
    token = address.rpartition("/")[2]
    club.keep_secret(token, "a hook's address")
    assert len(club.programs.told({token: "a hook's address"})) == 1, "the search finds no secret"
    club.programs.all[-1].may_show = (token,)
    assert token != club.hook_tokens["club"]
    for one in (token, club.hook_tokens["club"]):
        visit = club.book(status="20")
        assert (await club.call("POST", f"/hooks/club/{one}", {"id": visit.id})).status == 202
        await club.granted(visit)


async def test_health_and_figures_tell_of_the_work_and_nothing_of_visitors(club: World) -> None:
    visit = club.confirmed()
    await club.granted(visit)
    assert (await club.call("GET", "/healthz")).status == 200
    assert (await club.call("GET", "/readyz")).status == 200
    figures = await eventually(lambda: _figures(club))
    assert 'drempel_facts_total{fact="access.created"}' in figures
    assert 'drempel_hints_total{result="stored"}' in figures
    # Without the figures themselves: the digits of a moment may hold those of a booking.
    said = "\n".join(line.rpartition(" ")[0] for line in figures.splitlines())
    for secret in (visit.email, visit.phone, visit.id, club.hook_tokens["club"], club.credential.client_secret):
        assert secret not in said


async def _figures(club: World) -> str:
    return (await club.call("GET", "/metrics")).body.decode()
