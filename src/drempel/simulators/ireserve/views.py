"""What the panel's pages show, as plain values in the environment's own time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from drempel.simulators.ireserve.booking_json import field_key
from drempel.simulators.ireserve.deliveries import Delivery
from drempel.simulators.ireserve.environment import ACCOUNT, Environment
from drempel.simulators.ireserve.records import BookingRecord
from drempel.simulators.ireserve.statuses import COLORS, CUSTOMER_CANCELS_BELOW, CUSTOMER_CHANGES_BELOW, NEW
from drempel.simulators.ireserve.webhooks import EVENTS

__all__ = ["Views"]

ROWS_PER_PAGE: Final = 50
DELIVERIES_SHOWN: Final = 100
EMPTY_BOOKING: Final = {
    "object": "",
    "from": "10:00",
    "till": "12:00",
    "initials": "",
    "lastname": "",
    "email": "",
    "tel_mob": "",
    "remarks": "",
    "status": NEW,
}
EMPTY_WEBHOOK: Final = {"url": "", "event": "", "json": "yes", "note": ""}


class Views:
    """Gathers what a template needs; changes nothing."""

    def __init__(self, sim: Environment) -> None:
        self._sim = sim

    def overview(
        self, *, page: int = 1, past: bool = False, error: str = "", form: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """The bookings from yesterday on, soonest first; with `past` those before, latest first."""
        now = self._sim.clock.now()
        line = now - timedelta(days=1)
        rows = [one for one in self._sim.state.bookings.values() if (one.end < line) is past]
        rows.sort(key=lambda one: (one.start, int(one.id)), reverse=past)
        pages = max(1, -(-len(rows) // ROWS_PER_PAGE))
        page = min(max(page, 1), pages)
        shown = rows[(page - 1) * ROWS_PER_PAGE : page * ROWS_PER_PAGE]
        return self._common(error) | {
            "bookings": [self._booking(one) for one in shown],
            "count": len(rows),
            "page": page,
            "pages": pages,
            "past": past,
            "form": EMPTY_BOOKING | {"day": self._sim.state.today(now).isoformat()} | (form or {}),
            "objects": list(self._sim.state.objects.values()),
        }

    def booking(self, booking_id: str, *, error: str = "") -> dict[str, Any]:
        """One booking, with what may be done to it. Raises `KeyError`."""
        booking = self._sim.state.booking(booking_id)
        customer = self._sim.state.customers.get(booking.customer_id)
        return self._common(error) | {
            "booking": self._booking(booking),
            "customer": customer,
            "fields": [
                {"number": one, "key": field_key(one, padded=True), "value": booking.fields.get(one, "")}
                for one in self._sim.switches.field_numbers
            ],
            "may_change": int(booking.status) < CUSTOMER_CHANGES_BELOW,
            "may_cancel": int(booking.status) < CUSTOMER_CANCELS_BELOW,
            "objects": list(self._sim.state.objects.values()),
            "deliveries": [self._delivery(one) for one in self._sim.deliveries.of_booking(booking_id)[:DELIVERIES_SHOWN]],
        }

    def webhooks(self, *, error: str = "", form: dict[str, str] | None = None) -> dict[str, Any]:
        """The registered webhooks and the last deliveries."""
        return self._common(error) | {
            "hooks": list(self._sim.state.hooks.values()),
            "events": EVENTS,
            "deliveries": [self._delivery(one) for one in self._sim.deliveries.log()[:DELIVERIES_SHOWN]],
            "waiting": self._sim.deliveries.waiting(),
            "form": EMPTY_WEBHOOK | (form or {}),
        }

    def setup(self, *, error: str = "") -> dict[str, Any]:
        """Statuses, objects and the account of the API."""
        return self._common(error) | {
            "objects": list(self._sim.state.objects.values()),
            "colors": COLORS,
            "account": ACCOUNT if ACCOUNT in self._sim.accounts else "",
            "password": self._sim.accounts.get(ACCOUNT, ""),
            "oauth_clients": self._sim.oauth_clients,
        }

    def message(self, title: str, text: str) -> dict[str, Any]:
        return self._common(text) | {"title": title}

    def _common(self, error: str) -> dict[str, Any]:
        statuses = sorted(self._sim.state.statuses.values(), key=lambda one: int(one.code))
        return {
            "error": error,
            "statuses": statuses,
            "zone": self._sim.state.zone.key,
            "now": self._moment(self._sim.clock.now()),
        }

    def _booking(self, booking: BookingRecord) -> dict[str, Any]:
        state = self._sim.state
        start, end = state.local(booking.start), state.local(booking.end)
        customer, booked = state.customers.get(booking.customer_id), state.objects.get(booking.object_id)
        return {
            "id": booking.id,
            "object_id": booking.object_id,
            "object": booked.name if booked else f"object {booking.object_id}",
            "day": start.strftime("%Y-%m-%d"),
            "weekday": start.strftime("%a"),
            "from": start.strftime("%H:%M"),
            "till": end.strftime("%H:%M"),
            "till_day": "" if end.date() == start.date() else end.strftime("%a %Y-%m-%d"),
            "customer": customer.name if customer else "",
            "remarks": booking.remarks,
            "status": state.statuses.get(booking.status),
            "status_code": booking.status,
            "fields": [f"{field_key(one, padded=True)}: {value}" for one, value in booking.fields.items() if value],
        }

    def _delivery(self, delivery: Delivery) -> dict[str, Any]:
        return {
            "number": delivery.number,
            "event": delivery.event,
            "booking_id": delivery.booking_id,
            "url": delivery.url,
            "state": delivery.state,
            "word": {"delivered": "good", "failed": "bad", "dropped": "bad"}.get(delivery.state, "idle"),
            "made_at": self._moment(delivery.made_at),
            "next_at": self._moment(delivery.next_at) if delivery.state == "waiting" else "",
            "tries": [{"at": self._moment(one.at), "outcome": one.outcome, "ok": one.ok} for one in delivery.tries],
        }

    def _moment(self, at: datetime) -> str:
        return self._sim.state.local(at).strftime("%Y-%m-%d %H:%M:%S")
