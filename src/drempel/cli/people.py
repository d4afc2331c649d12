"""`drempel invite` and `drempel people`: who may sign in to the pages. On the machine itself nobody can be locked out."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from drempel.cli.machine import OpenStore
from drempel.cli.running import CommandFailed, examples, with_store

if TYPE_CHECKING:
    from drempel.engine.invitations import Invitations
    from drempel.settings import Settings

__all__ = ["add_to"]

PersonName = Annotated[str, typer.Argument(metavar="NAME", help="The name to sign in with.", show_default=False)]


class RoleChoice(StrEnum):
    RECEPTION = "reception"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"


def add_to(app: typer.Typer) -> None:
    app.command("invite", epilog=examples("drempel invite anna --role administrator", "drempel invite anna"))(invite)
    group = typer.Typer(
        name="people",
        help="Who may sign in to the pages.\n\nWithout a command: list them.",
        invoke_without_command=True,
        rich_markup_mode=None,
    )
    group.callback()(list_people)
    group.command("remove", epilog=examples("drempel people remove anna"))(remove)
    app.add_typer(group)


def invite(
    context: typer.Context,
    name: PersonName,
    role: Annotated[
        RoleChoice | None,
        typer.Option(
            "--role", help="What NAME may do. The very first is administrator if not told, others reception.", show_default=False
        ),
    ] = None,
) -> None:
    """Print a one-time link, with which NAME chooses a password.

    For somebody who is here already it is a new link, for a forgotten password. It works once, for 24 hours: treat it as a password.
    """

    async def work(opened: OpenStore, settings: Settings) -> str:
        from drempel.domain.rights import Role  # noqa: PLC0415  # the command line starts fast
        from drempel.engine.invitations import InviteRefused, link_of  # noqa: PLC0415
        from drempel.engine.trail import COMMAND_LINE  # noqa: PLC0415

        wanted = None if role is None else Role(role.value)
        try:
            invitation = await _invitations(opened).invite_or_link(name, wanted, actor=COMMAND_LINE)
        except InviteRefused as refused:
            raise CommandFailed(str(refused)) from refused
        return link_of(settings.public_url, invitation)

    typer.echo(with_store(context, work))


def list_people(context: typer.Context) -> None:
    """Who may sign in to the pages.

    Without a command: list them, with role and when they last signed in.
    """
    if context.invoked_subcommand is not None:
        return

    async def work(opened: OpenStore, _settings: Settings) -> None:
        for person in await opened.people.people():
            last = "invited" if person.signed_in_at is None else f"{person.signed_in_at:%Y-%m-%dT%H:%M:%SZ}"
            typer.echo(f"{person.name}\t{person.role.value}\t{last}")

    with_store(context, work)


def remove(context: typer.Context, name: PersonName) -> None:
    """Remove NAME: every session and one-time link ends at once. The last administrator stays."""

    async def work(opened: OpenStore, _settings: Settings) -> str:
        from drempel.domain.sign_in import name_key  # noqa: PLC0415  # the command line starts fast
        from drempel.engine.people import LastAdministrator, UnknownPerson  # noqa: PLC0415
        from drempel.engine.trail import COMMAND_LINE  # noqa: PLC0415

        known = await opened.people.known(name_key(name))
        try:
            if known is None:
                raise UnknownPerson
            person = await _invitations(opened).remove(known.person.id, actor=COMMAND_LINE)
        except UnknownPerson as error:
            raise CommandFailed(f"Nobody is called {name!r} here. See `drempel people`.") from error
        except LastAdministrator as error:
            raise CommandFailed(
                f"{known.person.name if known else name} is the last administrator. Say `drempel invite NAME --role administrator` and let "
                "that person come in first."
            ) from error
        return f"{person.name} is removed."

    typer.echo(with_store(context, work))


def _invitations(opened: OpenStore) -> Invitations:
    from drempel.adapters.passwords import draw_token  # noqa: PLC0415  # the command line starts fast
    from drempel.engine.invitations import Invitations  # noqa: PLC0415

    return Invitations(opened.people, clock=opened.clock, draw_token=draw_token)
