from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.saying import Desk, logging_as_it_was


@pytest.fixture
def desk(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Desk]:
    with logging_as_it_was():
        yield Desk(capsys, tmp_path)
