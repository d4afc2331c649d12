"""The faults of both other sides, as the contracts list them (Resivo contract, section 11; i-Reserve contract, section 12.11)."""

from __future__ import annotations

import random
from typing import Any, Final

__all__ = ["RESIVO", "SOURCE", "plant", "plant_at_resivo"]

RESIVO: Final = {
    "create_remote_access": 8,
    "revoke_authorization": 4,
    "read_authorization": 2,
    "list_authorizations": 3,
    "list_components": 1,
    "token": 1,
}
SOURCE: Final = {"read_booking": 3, "read_customer": 2, "write_booking_field": 2, "filter_bookings": 1}
OPTIONAL: Final = frozenset({"read_customer", "write_booking_field", "filter_bookings"})
LATE_SECONDS: Final = (5, 15, 15, 25, 45, 90, 400, 700)
"""The first are found by the two looks; the others leave a twin."""


def plant(world: Any, draw: random.Random) -> str:
    """Script one fault; what it is."""
    at_resivo = draw.random() < 0.75
    operations = RESIVO if at_resivo else SOURCE
    operation = draw.choices(list(operations), list(operations.values()))[0]
    sim = world.resivo if at_resivo else world.ireserve
    kind, options = _fault(draw, operation, at_resivo=at_resivo)
    times = draw.choice([1, 1, 1, 2, 4])
    if options.get("status") == 404 and operation == "read_booking":
        times = 1
    if options.get("status") == 200 and operation == "write_booking_field":
        times = min(times, 2)  # after three it is told as a field that keeps nothing
    if operation == "read_customer" and options.get("status") in {200, 201, 401, 403, 404}:
        world.customers_unreadable = True
    world.refused |= _refuses(operation, options.get("status"), at_resivo=at_resivo)
    if kind == "late":
        world.late_seconds.add(float(options["late_seconds"]))
    sim.faults.add(operation=operation, kind=kind, times=times, after=draw.choice([0, 0, 0, 1]), **options)
    name = f"{operation}: {kind} {options.get('status', '')}".strip()
    world.played[name] = world.played.get(name, 0) + times
    return f"fault {operation} {kind} {options} x{times}"


def _refuses(operation: str, status: int | None, *, at_resivo: bool) -> set[str]:
    """What such an answer pauses. A right that is missing for one call alone pauses nothing."""
    if operation in OPTIONAL or status not in {401, 403}:
        return set()
    if not at_resivo:
        return {"source"}
    return {"credential", "site"} if status == 403 and operation == "token" else {"credential" if status == 401 else "site"}


def plant_at_resivo(world: Any, draw: random.Random) -> str:
    """Something goes wrong with the next create, or with the next revoke; what it is."""
    operation = draw.choice(("create_remote_access", "create_remote_access", "create_remote_access", "revoke_authorization"))
    kind, options = draw.choice(
        (
            ("lost_after", {}),
            ("lost_after", {}),
            ("lost_before", {}),
            ("late", {"late_seconds": draw.choice((5, 15))}),
            ("late", {"late_seconds": draw.choice((25, 45, 90, 400, 700))}),
            ("status", {"status": 500, "done": True}),
            ("status", {"status": draw.choice((408, 409, 425)), "done": draw.random() < 0.7}),
            ("status", {"status": 503, "retry_after": 3}),
            ("status", {"status": 429, "retry_after": 60}),
            ("status", {"status": 201, "body": draw.choice(("html", "empty")), "done": True}),
            ("status", {"status": 403}),
            ("refuse", {}),
        )
    )
    times = draw.choice((1, 1, 2))
    if operation == "revoke_authorization" and options.get("status") == 403:
        # Both the revoke and the read after it say that there is no such access, as for the credential of another Site Owner.
        for unknown in ("revoke_authorization", "read_authorization"):
            world.resivo.faults.add(operation=unknown, kind="status", status=404, times=1)
            world.played[f"{unknown}: status 404"] = world.played.get(f"{unknown}: status 404", 0) + 1
        return "revoke_authorization and read_authorization status 404"
    if kind == "late":
        world.late_seconds.add(float(options["late_seconds"]))
    world.refused |= _refuses(operation, options.get("status"), at_resivo=True)
    world.resivo.faults.add(operation=operation, kind=kind, times=times, **options)
    name = f"{operation}: {kind} {options.get('status', '')}".strip()
    world.played[name] = world.played.get(name, 0) + times
    said = f"{operation} {kind} {options} x{times}"
    if kind == "late" and draw.random() < 0.5:
        # The repeat is done at once, and its answer is lost too: two of one name.
        world.resivo.faults.add(operation=operation, kind="lost_after", times=1)
        world.played[f"{operation}: lost_after"] = world.played.get(f"{operation}: lost_after", 0) + 1
        said += ", then lost_after"
    return said


def _fault(draw: random.Random, operation: str, *, at_resivo: bool) -> tuple[str, dict[str, Any]]:
    body = draw.choice(["html", "empty", "json"])
    choices: list[tuple[str, dict[str, Any]]] = [
        ("lost_after", {}),
        ("lost_after", {}),
        ("lost_before", {}),
        ("refuse", {}),
        ("late", {"late_seconds": draw.choice(LATE_SECONDS)}),
        ("late", {"late_seconds": draw.choice(LATE_SECONDS)}),
        ("status", {"status": draw.choice([500, 502, 503, 504]), "body": body}),
        ("status", {"status": 503, "done": True, "retry_after": 3}),
        ("status", {"status": 500, "done": True, "body": body}),
        ("status", {"status": 429, "retry_after": draw.choice([1, 7, 60]), "retry_after_as": draw.choice(["seconds", "date"])}),
        ("status", {"status": 429}),
        ("status", {"status": draw.choice([200, 201]), "body": draw.choice(["html", "empty", "json"]), "done": True}),
        ("status", {"status": draw.choice([401, 403]), "body": body}),
        ("status", {"status": 302}),
    ]
    if operation == "create_remote_access":
        choices.append(("status", {"status": draw.choice([408, 409, 425]), "done": draw.random() < 0.7, "body": body}))
    if operation != "create_remote_access":
        choices.append(("status", {"status": 404, "body": body}))
    if operation in {"write_booking_field", "revoke_authorization"}:
        choices.append(("status", {"status": 200, "body": body}))  # answered well, and nothing done
    if operation in {"create_remote_access", "write_booking_field"}:
        choices.append(("status", {"status": draw.choice([400, 412, 422]), "body": body}))
    if not at_resivo:
        choices.append(("status", {"status": 412, "body": body}))
    return draw.choice(choices)
