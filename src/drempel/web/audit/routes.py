"""The addresses of the audit, with the right that each needs."""

from __future__ import annotations

from typing import Final

from starlette.routing import Route

from drempel.domain.rights import Right
from drempel.web.audit.pages import AuditPages
from drempel.web.sign_in.guard import Guard

__all__ = ["audit_routes"]

ONE: Final = "/needs/orphans/{id}"


def audit_routes(pages: AuditPages, *, guard: Guard) -> list[Route]:
    """GET changes nothing anywhere."""
    return [
        Route("/needs/look", guard.order(Right.RETRY, pages.look), methods=["POST"]),
        Route(ONE + "/adopt", guard.look(Right.BOOKINGS, pages.ask_adopt), methods=["GET"]),
        Route(ONE + "/adopt", guard.order(Right.BOOKINGS, pages.adopt), methods=["POST"]),
        Route(ONE + "/revoke", guard.look(Right.BOOKINGS, pages.ask_revoke), methods=["GET"]),
        Route(ONE + "/revoke", guard.order(Right.BOOKINGS, pages.revoke), methods=["POST"]),
    ]
