"""What holds a secret or a visitor's data does not show it when it is written out, as a trace, a log or an assertion would."""

from __future__ import annotations

from datetime import UTC, datetime

from drempel.domain.rights import Role
from drempel.engine.invitations import Invitation
from drempel.engine.people import KnownPerson, Person, Session
from drempel.engine.sign_in import SignedIn
from drempel.transport import Request, Response
from drempel.web.sign_in.visit import Visit

SECRET = "hunter2-hunter2"
NOW = datetime(2026, 3, 14, 8, 0, tzinfo=UTC)
ANNA = Person(id=1, name="Anna", role=Role.RECEPTION, created_at=NOW)
SESSION = Session(id=1, person=ANNA, browser="", started_at=NOW, seen_at=NOW)


def test_no_secret_is_written_out() -> None:
    holding = [
        Request(method="POST", url="https://club.test/x", headers={"authorization": SECRET}, body=SECRET.encode()),
        Response(status=200, headers={"set-cookie": SECRET}, body=SECRET.encode()),
        Invitation(ANNA, SECRET),
        KnownPerson(person=ANNA, password_hash=SECRET),
        SignedIn(SESSION, SECRET, SECRET),
        Visit(session=SESSION, form_token=SECRET),
    ]
    for one in holding:
        assert SECRET not in repr(one)
        assert SECRET not in str(one)
