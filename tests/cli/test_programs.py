"""What `serve` makes of its options before it begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from drempel.cli.programs import _found_at
from drempel.settings import read_settings


@pytest.mark.parametrize(
    ("said", "port", "found"),
    [
        ({}, 9500, "http://127.0.0.1:9500"),
        ({}, 8080, "http://127.0.0.1:8080"),
        ({}, 0, "http://127.0.0.1:8080"),
        ({"DREMPEL_PUBLIC_URL": "https://drempel.example.com"}, 9500, "https://drempel.example.com"),
    ],
)
def test_without_a_public_address_the_first_link_leads_to_the_port_that_is_listened_on(
    tmp_path: Path, said: dict[str, str], port: int, found: str
) -> None:
    environ = {"DREMPEL_DATA_DIR": str(tmp_path), **said}
    assert _found_at(read_settings(environ, terminal=False), environ, port).public_url == found
