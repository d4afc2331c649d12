"""`[[sources]]`: a booking system that we listen to."""

from __future__ import annotations

from typing import Final

from drempel.engine.setup import DesiredSource
from drempel.setup_file import values
from drempel.setup_file.table import Table

__all__ = ["SOURCE_KEYS", "read_source", "refuse_plain_http"]

SOURCE_KEYS: Final = ("name", "kind", "base_url", "username", "password", "time_zone", "poll_seconds", "allow_insecure")
POLL_SECONDS_DEFAULT: Final = 300
POLL_SECONDS_MAX: Final = 2**31 - 1
"""What a database column holds; longer than anybody waits."""


def read_source(table: Table) -> DesiredSource:
    """The source, with stand-ins where a problem was noted."""
    allow_insecure = table.flag("allow_insecure", default=False)
    base_url = values.checked(table, "base_url", values.address, table.text("base_url"))
    refuse_plain_http(table, "base_url", base_url, allow_insecure=allow_insecure)
    return DesiredSource(
        name=values.checked(table, "name", values.name, table.text("name")),
        kind=table.one_of("kind", ["ireserve"]),
        base_url=base_url,
        username=table.text("username"),
        password=table.secret("password"),
        time_zone=values.checked(table, "time_zone", values.time_zone, table.text("time_zone")),
        poll_seconds=table.whole_number(
            "poll_seconds",
            default=POLL_SECONDS_DEFAULT,
            low=0,
            high=POLL_SECONDS_MAX,
            meaning="a whole number of seconds, 0 (off) or more",
        ),
        allow_insecure=allow_insecure,
    )


def refuse_plain_http(table: Table, key: str, url: str, *, allow_insecure: bool, whose: str = "") -> None:
    """Passwords and visitor data go only over https, unless it is this machine or the file says so."""
    if not allow_insecure and values.is_plain_http(url):
        table.wrong(
            key,
            f"{whose}is an http:// address of another machine: passwords and visitor data could be read on the way. "
            "Use https://, or write allow_insecure = true here.",
        )
