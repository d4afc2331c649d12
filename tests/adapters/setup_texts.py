"""A set-up file that is right, to be spoiled line by line."""

from __future__ import annotations

from pathlib import Path

from drempel.engine.setup import Setup
from drempel.engine.setup_plan import DesiredSetup
from drempel.setup_file import SetupFileError
from drempel.setup_file.file import read_setup_text

ENVIRON = {"IRESERVE_PASSWORD": "hunter2", "RESIVO_CLIENT_SECRET": "s3cret"}
RIGHT = """\
[[sources]]
name = "club"
kind = "ireserve"
base_url = "https://club.i-reserve.net"
username = "drempel"
password = { env = "IRESERVE_PASSWORD" }
time_zone = "Europe/Amsterdam"
poll_seconds = 300

[[integrations]]
name = "doors"
kind = "resivo"
source = "club"
active = true
profile = "assumed-v8"
base_url = "https://api.resivo.io"
site_owner_id = "owner-1"
client_id = "client-1"
client_secret = { env = "RESIVO_CLIENT_SECRET" }
site_id = "site-1"
target_mobile_app_id = ""
trigger_statuses = ["20", "30"]
revoke_statuses = ["70", "80"]
time_before_minutes = 15
authorization_field = "custom05"
default_language = "nl"
default_country = ""
follow_changes = "any"

[[integrations.mappings]]
object = "81"
components = ["Main entrance", "Hall 1"]

[[integrations.mappings]]
object = "81"
components = ["Gate"]
site_id = "site-2"
"""
EMPTY = Setup(version=0)


def read(text: str, *, folder: Path = Path("/nowhere"), present: Setup = EMPTY, prune: bool = False) -> DesiredSetup:
    return read_setup_text(text, file="setup.toml", folder=folder, environ=ENVIRON, present=present, prune=prune)


def spoiled(old: str, new: str) -> str:
    assert RIGHT.count(old) >= 1, old
    return RIGHT.replace(old, new, 1)


def problems(text: str, **how: object) -> list[str]:
    try:
        read(text, **how)
    except SetupFileError as error:
        return str(error).splitlines()
    return []


def line_of_text(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1
