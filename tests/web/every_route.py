"""Every address of the application, taken from the application itself, with what it needs. A route that does not stand here fails the tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from starlette.routing import Mount, Route

from drempel.domain.rights import Right, Role, may

__all__ = ["EVERYBODY", "NEEDS", "READ", "SESSION", "WRITE", "filled", "roles_of", "routes_of"]

EVERYBODY: Final = "everybody"
SESSION: Final = "session"
READ: Final = "read"
WRITE: Final = "write"

_BOOKING: Final = "/bookings/{source}/{booking_id}"
_API: Final = "/api/v1" + _BOOKING
_INTEGRATION: Final = "/integrations/{name}"
_SOURCE: Final = "/sources/{source}"

NEEDS: Final[dict[tuple[str, str], Right | str]] = {
    # for machines
    ("GET", "/healthz"): EVERYBODY,
    ("GET", "/readyz"): EVERYBODY,
    ("GET", "/metrics"): EVERYBODY,
    ("GET", "/api/v1/openapi.json"): EVERYBODY,
    ("GET", "/api/v1/bookings"): READ,
    ("GET", _API): READ,
    ("POST", _API + "/retry"): WRITE,
    ("POST", _API + "/revoke"): WRITE,
    ("POST", _API + "/erase"): WRITE,
    ("POST", _API + "/issue-again"): WRITE,
    ("POST", _API + "/resolve"): WRITE,
    ("GET", "/api/v1/receipts"): READ,
    ("GET", "/api/v1/sources/{source}/brake"): READ,
    ("POST", "/api/v1/sources/{source}/brake/release"): WRITE,
    ("POST", "/api/v1/integrations/{name}/pause"): WRITE,
    ("POST", "/api/v1/integrations/{name}/resume"): WRITE,
    ("GET", "/api/v1/audit"): READ,
    ("POST", "/api/v1/audit/adopt"): WRITE,
    ("POST", "/api/v1/audit/revoke"): WRITE,
    # before any session
    ("GET", "/sign-in"): EVERYBODY,
    ("POST", "/sign-in"): EVERYBODY,
    ("POST", "/language"): EVERYBODY,
    ("GET", "/link/{token}"): EVERYBODY,
    ("POST", "/link/{token}"): EVERYBODY,
    ("GET", "/static/{name}"): EVERYBODY,
    # one's own account
    ("POST", "/sign-out"): SESSION,
    ("GET", "/account"): SESSION,
    ("POST", "/account/password"): SESSION,
    ("POST", "/account/sessions/end-others"): SESSION,
    ("POST", "/account/sessions/{number}/end"): SESSION,
    # bookings
    ("GET", "/"): Right.SEE,
    ("GET", "/today"): Right.SEE,
    ("GET", "/today/pack"): Right.SEE,
    ("GET", "/bookings"): Right.SEE,
    ("GET", "/needs"): Right.SEE,
    ("GET", "/setup"): Right.SEE,
    ("GET", "/help/failures"): SESSION,
    ("GET", "/help/failures/{code}"): SESSION,
    ("POST", "/pauses/probe"): Right.RETRY,
    ("POST", "/needs/resume"): Right.EMERGENCY,
    ("POST", "/needs/look"): Right.RETRY,
    ("GET", "/needs/orphans/{id}/adopt"): Right.BOOKINGS,
    ("POST", "/needs/orphans/{id}/adopt"): Right.BOOKINGS,
    ("GET", "/needs/orphans/{id}/revoke"): Right.BOOKINGS,
    ("POST", "/needs/orphans/{id}/revoke"): Right.BOOKINGS,
    ("GET", _BOOKING): Right.SEE,
    ("POST", _BOOKING + "/retry"): Right.RETRY,
    ("GET", _BOOKING + "/give"): Right.BOOKINGS,
    ("POST", _BOOKING + "/give"): Right.BOOKINGS,
    ("GET", _BOOKING + "/revoke"): Right.BOOKINGS,
    ("POST", _BOOKING + "/revoke"): Right.BOOKINGS,
    ("GET", _BOOKING + "/issue-again"): Right.BOOKINGS,
    ("POST", _BOOKING + "/issue-again"): Right.BOOKINGS,
    ("GET", _BOOKING + "/resolve"): Right.BOOKINGS,
    ("POST", _BOOKING + "/resolve"): Right.BOOKINGS,
    ("GET", _BOOKING + "/erase"): Right.PEOPLE,
    ("POST", _BOOKING + "/erase"): Right.PEOPLE,
    ("GET", "/brakes/{source}/release"): Right.EMERGENCY,
    ("POST", "/brakes/{source}/release"): Right.EMERGENCY,
    # people
    ("GET", "/people"): Right.PEOPLE,
    ("POST", "/people/invite"): Right.PEOPLE,
    ("POST", "/people/{number}/link"): Right.PEOPLE,
    ("POST", "/people/{number}/role"): Right.PEOPLE,
    ("GET", "/people/{number}/remove"): Right.PEOPLE,
    ("POST", "/people/{number}/remove"): Right.PEOPLE,
    ("GET", "/trail"): Right.PEOPLE,
    ("GET", "/api-keys"): Right.PEOPLE,
    ("POST", "/api-keys"): Right.PEOPLE,
    ("GET", "/api-keys/{name}/revoke"): Right.PEOPLE,
    ("POST", "/api-keys/{name}/revoke"): Right.PEOPLE,
    # integrations
    ("GET", "/integrations"): Right.MAPPING,
    ("GET", "/integrations/new"): Right.SECRETS,
    ("POST", "/integrations/new"): Right.SECRETS,
    ("GET", "/integrations/review/{token}"): Right.MAPPING,
    ("POST", "/integrations/review/{token}"): Right.MAPPING,
    ("GET", _INTEGRATION): Right.MAPPING,
    ("GET", _INTEGRATION + "/authentication"): Right.SECRETS,
    ("POST", _INTEGRATION + "/authentication"): Right.SECRETS,
    ("GET", _INTEGRATION + "/details"): Right.MAPPING,
    ("POST", _INTEGRATION + "/details"): Right.MAPPING,
    ("GET", _INTEGRATION + "/mapping"): Right.MAPPING,
    ("GET", _INTEGRATION + "/mapping/edit"): Right.MAPPING,
    ("POST", _INTEGRATION + "/mapping/edit"): Right.MAPPING,
    ("POST", _INTEGRATION + "/mapping/rename"): Right.MAPPING,
    ("GET", _INTEGRATION + "/activity"): Right.MAPPING,
    ("GET", _INTEGRATION + "/checklist"): Right.MAPPING,
    ("POST", _INTEGRATION + "/checklist"): Right.MAPPING,
    ("GET", _INTEGRATION + "/active"): Right.MAPPING,
    ("POST", _INTEGRATION + "/active"): Right.MAPPING,
    ("GET", _INTEGRATION + "/existing"): Right.MAPPING,
    ("POST", _INTEGRATION + "/existing"): Right.MAPPING,
    ("GET", _INTEGRATION + "/pause"): Right.EMERGENCY,
    ("POST", _INTEGRATION + "/pause"): Right.EMERGENCY,
    ("GET", _INTEGRATION + "/replace"): Right.MAPPING,
    ("POST", _INTEGRATION + "/replace"): Right.MAPPING,
    ("POST", _INTEGRATION + "/replace/rehearse"): Right.MAPPING,
    # sources
    ("GET", "/sources"): Right.SECRETS,
    ("GET", "/sources/new"): Right.SECRETS,
    ("POST", "/sources/new"): Right.SECRETS,
    ("GET", "/sources/review/{token}"): Right.SECRETS,
    ("POST", "/sources/review/{token}"): Right.SECRETS,
    ("GET", _SOURCE): Right.SECRETS,
    ("POST", _SOURCE): Right.SECRETS,
    ("GET", _SOURCE + "/activity"): Right.SECRETS,
    ("POST", _SOURCE + "/hook/register"): Right.SECRETS,
    ("GET", _SOURCE + "/hook/rotate"): Right.SECRETS,
    ("POST", _SOURCE + "/hook/rotate"): Right.SECRETS,
}
"""Pages need a right, or only a session; REST a key of a scope."""


def routes_of(app: Any) -> set[tuple[str, str]]:
    """Method and path of everything that the application routes to, whatever it is made of."""
    return set(_walk(app.routes, ""))


def _walk(routes: Iterable[Any], prefix: str) -> Iterator[tuple[str, str]]:
    for route in routes:
        if isinstance(route, Mount):
            yield from _walk(route.routes, prefix + route.path)
        elif hasattr(route, "original_router"):  # of FastAPI, for what is included
            yield from _walk(route.original_router.routes, prefix)
        else:
            # Anything else could answer what nobody sees here.
            assert isinstance(route, Route) or hasattr(route, "dependant"), route
            yield from ((method, prefix + route.path) for method in route.methods or {"?"} if method != "HEAD")


def filled(path: str, **more: str) -> str:
    """An address of that path, with names that a set-up in these tests has."""
    values = {
        "source": "club",
        "booking_id": "1363",
        "number": "9999",
        "name": "doors",
        "token": "x",
        "id": "auth-1",
        "code": "source.refused",
        **more,
    }
    for part, value in values.items():
        path = path.replace("{" + part + "}", value)
    return path


def roles_of(needed: Right | str) -> set[Role]:
    """Who may, of people who are signed in."""
    return {role for role in Role if needed in {EVERYBODY, SESSION} or (isinstance(needed, Right) and may(role, needed))}
